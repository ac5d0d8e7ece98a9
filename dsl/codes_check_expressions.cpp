// Conditions and other expressions.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> expression_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E080", "unknown field or name",
       "The first word of a name is a step of this rule, else a field of the event that the condition is about. Nothing else "
       "is guessed.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where trys > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries > 5
  emit   alert(user)
}
)seq"},
      {"E081", "a field that not all of the streams have",
       "A step over several streams may use the fields that all of them have, with one type.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  first  a: login | transfer where amount > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  first  a: login | transfer where user != "root"
  emit   alert(user)
}
)seq"},
      {"E082", "types that cannot be compared",
       "Both sides of a comparison have one type; whole and other numbers go together. Nothing is converted behind your back.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries > "5"
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries > 5
  emit   alert(user)
}
)seq"},
      {"E083", "types that cannot be calculated with",
       "Numbers with numbers; durations with durations; a duration times or by a number; a time plus or minus a duration; the "
       "difference of two times.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries + user > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries + len(user) > 5
  emit   alert(user)
}
)seq"},
      {"E084", "a condition is needed", "`where`, `until`, `except`, `and`, `or` and `not` need something that is true or false.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries > 0
  emit   alert(user)
}
)seq"},
      {"E085", "unknown function", "The functions are listed in the language reference; your own are made with `let f(x) = ..`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where lenght(user) > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where len(user) > 5
  emit   alert(user)
}
)seq"},
      {"E086", "wrong number of arguments", "Each function takes what its description says.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where substr(user) == "x"
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where substr(user, 0, 1) == "x"
  emit   alert(user)
}
)seq"},
      {"E087", "an argument of the wrong type", "Each argument of a function has a type.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where len(tries) > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where len(user) > 5
  emit   alert(user)
}
)seq"},
      {"E088", "a step that has not happened yet",
       "A condition may look at steps before it; a loop may also look at what it has taken so far.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where b.amount > 5
  then   b: transfer where amount > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5 and a.tries > 3
  emit   alert(user)
}
)seq"},
      {"E089", "which event of a loop?",
       "A step that repeats has several events. Say which one (`f[1]` the first, `f[-1]` the latest) or aggregate over them.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer
  emit   alert(user, ip = f.ip)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer
  emit   alert(user, ip = f[-1].ip)
}
)seq"},
      {"E090", "an index that cannot be",
       "Only steps have numbered events: from 1 for the first, from -1 for the latest, and not more than the step can take.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..5}
  then   b: transfer where amount > f[0].tries
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..5}
  then   b: transfer where amount > f[1].tries
  emit   alert(user)
}
)seq"},
      {"E091", "an aggregate of what?",
       "count, sum, avg, min, max, first, last, median, percentile and stddev are over the events that one step has taken; its "
       "name says which.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer where amount > avg(tries)
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer where amount > avg(f.tries)
  emit   alert(user)
}
)seq"},
      {"E092", "an aggregate needs a field", "Only `count` counts events themselves; all others need a value of them.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer where amount > max(f)
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer where amount > max(f.tries)
  emit   alert(user)
}
)seq"},
      {"E094", "a step is not a value", "Name one of its fields, or count its events.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > a
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > a.tries
  emit   alert(user)
}
)seq"},
      {"E095", "nothing has broken the run here", "`broken_by` and the names of guards can be used in `on break emit` only.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  no     r: transfer where amount < 1
  then   b: transfer where amount > 5
  emit   alert(user, low = r.amount)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  no     r: transfer where amount < 1
  then   b: transfer where amount > 5
  emit   alert(user)
  on break emit broken(user, low = r.amount)
}
)seq"},
      {"E096", "there is no event before", "`prev` is the event that the run took last. The first event of a match has none before it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries > prev.tries
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: login where tries > prev.tries
  emit   alert(user)
}
)seq"},
      {"E098", "a list that does not fit", "The values of a list have the type of what stands before `in`; a list has at least one.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries in [3, "4"]
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries in [3, 4]
  emit   alert(user)
}
)seq"},
      {"E099", "an empty range", "The lower end of a range comes first. Only ranges of times of day may go over midnight: `22:00..06:00`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries in 9..3
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries in 3..9
  emit   alert(user)
}
)seq"},
      {"E100", "text operators are for texts", "contains, starts with, ends with, like and matches look into texts.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries like "4*"
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where text(tries) like "4*"
  emit   alert(user)
}
)seq"},
      {"E101", "a pattern that is malformed", "The pattern is not a regular expression, or it would fit every text.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user matches /(root|admin/
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user matches /(root|admin)/
  emit   alert(user)
}
)seq"},
      {"E102", "a pattern that looks back or around",
       "Patterns of all rules are matched at once, in one pass over the text and without backtracking. Back-references, look- "
       "ahead and look-behind do not go with that.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user matches /^(?!svc_).*/
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not user matches /^svc_/
  emit   alert(user)
}
)seq"},
      {"E103", "a pattern that is too large",
       "Counted repeats are written out when the pattern is compiled: at most 1000 each, 10,000 characters in all, 4 KiB of "
       "text.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user matches /x.{32767}y/
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user matches /x.*y/
  emit   alert(user)
}
)seq"},
      {"E104", "a list, range or pattern in the wrong place",
       "They are no values: lists and ranges stand behind `in`, lists and texts behind text operators, patterns behind "
       "`matches`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user == /r..t/
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user matches /r..t/
  emit   alert(user)
}
)seq"},
      {"E105", "`null` in the wrong place", "Whatever is computed from `null` is null.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where tries + null > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where (tries ?? 0) > 5
  emit   alert(user)
}
)seq"},
      {"E106", "whose field?",
       "Behind the steps several events are known, so a field needs the name of its step. Only parts of the key stand alone.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer
  emit   alert(user, sum = amount)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer
  emit   alert(user, sum = b.amount)
}
)seq"},
      {"E107", "unknown time zone", "Time zones are named as in the IANA database.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where time_of_day(time, "Berlin") in 22:00..06:00
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where time_of_day(time, "Europe/Berlin") in 22:00..06:00
  emit   alert(user)
}
)seq"},
      {"E109", "a percentile out of range", "The rank of a percentile is a constant from 0 to 100.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer where amount > percentile(f.tries, 950)
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  f: login{3..}
  then   b: transfer where amount > percentile(f.tries, 95)
  emit   alert(user)
}
)seq"},
      {"E149", "not a constant", "Metadata belongs to the rule, not to one of its matches.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  meta   size = len("abc")
  key    user
  first  a: login
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  score  0.8
  key    user
  first  a: login
  emit   alert(user)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
