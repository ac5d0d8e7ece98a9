// Rules: steps, key, what they emit.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> rule_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E012", "an absence at the end without a time bound",
       "`no S` as the last line waits for something that does not come. Without a time it would wait forever.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   c: transfer
  no     login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   c: transfer
  no     login where ok for 15m
  emit   alert(user)
}
)seq"},
      {"E110", "a sequence without a time limit",
       "A match of several events needs a bound, or its first event is kept forever. `within forever` says that this is meant.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user)
}
)seq"},
      {"E111", "a rule without steps", "A rule says what must happen: at least one step.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
}
)seq"},
      {"E112", "`some` or `every` without a list",
       "`some` and `every` go through the elements of one list; inside them the list's name means its element. Several parts of "
       "one list of records are the parts of one element. An element is no list itself.",
       R"seq(stream login { user: string, tags: string[], groups: string[] }

rule r {
  key    user
  first  a: login where some (tags == "vpn" and groups == "admin")
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, tags: string[], groups: string[] }

rule r {
  key    user
  first  a: login where some tags == "vpn" and some groups == "admin"
  emit   alert(user)
}
)seq"},
      {"E113", "the rule does not know when to report",
       "The last step must end by itself: an exact count; or a loop that `gap`, `until` or `strict` closes; or a silence "
       "behind it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  f: login{5..}
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  f: login{5}
  emit   alert(user)
}
)seq"},
      {"E114", "all steps are optional", "Such a rule would match nothing happening at all.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  a: login optional
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  a: login
  emit   alert(user)
}
)seq"},
      {"E115", "counting from a step that may be left out", "`after a` needs the event of a; an optional step may have none.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer optional
  then   c: login where ok at most 5m after b
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer optional
  then   c: login where ok at most 5m after a
  emit   alert(user)
}
)seq"},
      {"E116", "a silence longer than the whole match",
       "A silence between two steps must be over before the next one, and the match must end before `within` does.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  no     transfer for 10m
  then   b: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  no     transfer for 10m
  then   b: login where ok
  emit   alert(user)
}
)seq"},
      {"E117", "a step hides a field",
       "The first word of a name is a step before it is a field. A step of the same name as a field would silently change what "
       "conditions mean.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   amount: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   out: transfer
  emit   alert(user)
}
)seq"},
      {"E118", "two steps or guards of one name", "Names of steps and guards are unique in a rule.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   a: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E119", "a stream without the key",
       "Every stream of the rule says which key its events belong to. Where the field is called differently, name it per "
       "stream.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream payment { owner: string }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: payment
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream payment { owner: string }

rule r {
  key    user: login.user = payment.owner
  within 5m
  first  a: login
  then   b: payment
  emit   alert(user)
}
)seq"},
      {"E120", "a key of two types", "Values of different types are never equal, so the events would never meet.",
       R"seq(stream login { id: string }
stream payment { id: int }

rule r {
  key    id
  within 5m
  first  a: login
  then   b: payment
  emit   alert(id)
}
)seq",
       R"seq(stream login { id: string }
stream payment { id: string }

rule r {
  key    id
  within 5m
  first  a: login
  then   b: payment
  emit   alert(id)
}
)seq"},
      {"E121", "`latest` opens a rule",
       "`latest` says which of several opening events waits for what comes behind. Later steps take the next event that fits.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  latest b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  latest a: login where ok
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E122", "a rule begins with `first`", "Each step but the first is `then` or `next`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  then   a: login
  then   b: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: login where ok
  emit   alert(user)
}
)seq"},
      {"E125", "a guard before the first step",
       "Before the first step there is no run to guard. Looking back needs a time: `no .. for 1h`; a guard of the whole rule "
       "is `cancel on`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  no     transfer
  first  a: login
  then   b: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  cancel on transfer
  first  a: login
  then   b: login where ok
  emit   alert(user)
}
)seq"},
      {"E126", "`no next` in the wrong place",
       "`no next` speaks of the very next event behind a step. It needs a step before and behind it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: login where ok
  no     next transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  no     next transfer
  then   b: login where ok
  emit   alert(user)
}
)seq"},
      {"E127", "unknown step behind `after`",
       "Time limits and silences count from a step of this rule. A looking-back `no` counts from the first event and takes no "
       "`after`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at most 5m after c
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at most 5m after a
  emit   alert(user)
}
)seq"},
      {"E128", "counting from a later step", "A limit counts from what has happened before.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer at most 5m after c
  then   c: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer at most 5m after a
  then   c: login where ok
  emit   alert(user)
}
)seq"},
      {"E129", "time limits that contradict each other", "No event could ever fit this step.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at least 5m after a at most 1m after a
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at least 1m after a at most 5m after a
  emit   alert(user)
}
)seq"},
      {"E130", "an impossible count", "A step is taken at least once; the upper end is not below the lower end.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  f: login{0..3}
  then   b: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  f: login{1..3}
  then   b: login where ok
  emit   alert(user)
}
)seq"},
      {"E131", "a mode of loops on a single step", "greedy, strict, until and gap say how a repeated step goes on.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer greedy
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer{2..4} greedy
  then   c: login where ok
  emit   alert(user)
}
)seq"},
      {"E132", "skip to where?", "`on match skip to` names a step of this rule.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user)
  on match skip to c
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user)
  on match skip to b
}
)seq"},
      {"E133", "a rule that emits nothing", "`emit` says what leaves when the rule matches.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
}
)seq"},
      {"E134", "a field of `emit` without a name", "Parts of the key may stand alone; everything else is `name = expression`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user, b.amount)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user, amount = b.amount)
}
)seq"},
      {"E135", "a field is given twice", "Each field of an alert, and of an event in a test, has one value.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user, n = b.amount, n = a.tries)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user, n = b.amount, m = a.tries)
}
)seq"},
      {"E136", "rules that emit one name with two types",
       "Several rules may emit one name; its fields are their union. A field has one type.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user, n = a.tries)
}

rule s {
  key    user
  first  a: login where ok
  emit   alert(user, n = a.ip)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user, n = a.tries)
}

rule s {
  key    user
  first  a: login where ok
  emit   alert(user, ip = a.ip)
}
)seq"},
      {"E137", "emitting what the stream is not declared to have",
       "A stream that rules emit need not be declared. If it is, every field that is emitted must be declared, and every field that is "
       "declared without `?` must be emitted by every rule. A named filter is a part of another stream and cannot be emitted.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream alert { user: string }

rule r {
  key    user
  first  a: login
  emit   alert(user, n = a.tries)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream alert { user: string, n: int? }

rule r {
  key    user
  first  a: login
  emit   alert(user, n = a.tries)
}
)seq"},
      {"E138", "a limit that lets nothing through", "`limit 0` would hold back every alert.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
  limit  0 per 1h
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
  limit  1 per 1h
}
)seq"},
      {"E139", "a limit by something unknown", "`limit .. by` names fields of the alert, parts of the key, or `step.field`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user, ip = a.ip)
  limit  1 per 1h by host
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user, ip = a.ip)
  limit  1 per 1h by ip
}
)seq"},
      {"E140", "a severity or score that is none",
       "The severities are informational, low, medium, high and critical; the score is a number.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  severity hihg
  key    user
  first  a: login
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  severity high
  key    user
  first  a: login
  emit   alert(user)
}
)seq"},
      {"E141", "a format that is none",
       "Behind a number in a message: `.2` for so many digits behind the point, `,` for groups of three digits, `,.2` for both.",
       R"seq(stream payment { card: string, amount: float }

rule r {
  key     card
  first   a: payment where amount > 10k
  emit    alert(card)
  message "{card} paid {a.amount:0.00}"
}
)seq",
       R"seq(stream payment { card: string, amount: float }

rule r {
  key     card
  first   a: payment where amount > 10k
  emit    alert(card)
  message "{card} paid {a.amount:,.2}"
}
)seq"},
      {"E142", "two parts of the key with one name", "Each part of the key has its own name; it may be given: `key from: sender`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user, user
  first  a: login
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user, ip
  first  a: login
  emit   alert(user, ip)
}
)seq"},
      {"E143", "the same `meta` twice", "Each meta entry has one value, which may be a list.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  meta owner = "fraud"
  meta owner = "risk"
  key    user
  first  a: login
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  meta owner = ["fraud", "risk"]
  key    user
  first  a: login
  emit   alert(user)
}
)seq"},
      {"E144", "a part of the key without a name", "Where streams call the key differently the part needs a name of its own.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream payment { owner: string }

rule r {
  key    login.user = payment.owner
  within 5m
  first  a: login
  then   b: payment
  emit   alert()
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream payment { owner: string }

rule r {
  key    user: login.user = payment.owner
  within 5m
  first  a: login
  then   b: payment
  emit   alert(user)
}
)seq"},
      {"E145", "a time limit on the first step",
       "`at most` and `at least` count from an earlier step; the first one has none. A loop may count from its own first "
       "event.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok at most 5m
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at most 5m
  emit   alert(user)
}
)seq"},
      {"E146", "a duration that must be greater than zero", "Time limits, silences and gaps last.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 0s
  first  a: login where ok
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10s
  first  a: login where ok
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E147", "a key that does not fit the rule",
       "Behind the colon stand fields with their streams, `login.user = payment.owner`, each of a stream that the rule uses. A field "
       "that is a list, of whose values each is a key, is read alike by all lines.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user: login.user = transfer.user
  first  a: login
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user: login.user = transfer.user
  within 5m
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E148", "too many steps", "A rule has at most 100 steps. For the same event several times there are loops.", "", ""},
      {"E198", "too many mistakes", "Only the first mistakes of a file are shown. Mend those first.", "", ""},
      {"E199", "the rule cannot be compiled", "The rule is right, but too large for the automaton. Split it.", "", ""},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
