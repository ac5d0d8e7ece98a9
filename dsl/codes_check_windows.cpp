// Codes of rules with a window and of the key's past, each with an example and the same without the mistake.
#include <vector>

#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> window_codes() {
  static const std::vector<CodeInfo> kCodes = {
      {"E250", "steps and a window",
       "A rule either takes events step by step, or looks at all events of a window. A line of a window (`over`) takes every event that "
       "fits: it has no count, no modes and no time limits.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h sliding
  first  a: login
  over   p: transfer
  when   count(p) > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h sliding
  over   p: transfer
  when   count(p) > 5
  emit   alert(user)
}
)seq"},
      {"E251", "a window of what?", "A rule with a window says how long the window is and which events go into it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  over   p: transfer
  when   count(p) > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  over   p: transfer last 1h
  when   count(p) > 5
  emit   alert(user)
}
)seq"},
      {"E252", "when a window reports",
       "`emit` reports where the condition of `when` begins to hold, `on clear emit` where it stops, `emit always` every result. Rules "
       "with steps report matches; one that ends with `hold` clears when its stretch ends.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h tumbling
  over   p: transfer
  emit   total(user, sum = sum(p.amount))
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h tumbling
  over   p: transfer
  emit   always total(user, sum = sum(p.amount))
}
)seq"},
      {"E253", "a trigger that cannot be",
       "`trigger` says when tumbling, hopping and session windows report, each kind of trigger once. Sliding windows and windows of last "
       "events report at every event.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key     user
  window  1h sliding
  over    p: transfer
  trigger early 10s
  when    sum(p.amount) > 500
  emit    alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key     user
  window  1h tumbling
  over    p: transfer
  trigger early 10s
  when    sum(p.amount) > 500
  emit    alert(user)
}
)seq"},
      {"E254", "a span of its own", "Lines with a span of their own (`last 1m`) need a sliding window.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h tumbling
  over   p: transfer
  over   q: login last 5m
  when   count(p) > count(q)
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h sliding
  over   p: transfer
  over   q: login last 5m
  when   count(p) > count(q)
  emit   alert(user)
}
)seq"},
      {"E255", "one event of a window", "A window keeps what is asked of its events, not the events. Its lines can be aggregated only.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h sliding
  over   p: transfer
  when   count(p) > 5
  emit   alert(user, amount = p[-1].amount)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1h sliding
  over   p: transfer
  when   count(p) > 5
  emit   alert(user, amount = last(p.amount))
}
)seq"},
      {"E256", "the size of a window",
       "With a zone a tumbling window is a calendar day or week. Hopping windows overlap at most 10,000 times, and a window of last events "
       "has at most 1,000,000.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 12h tumbling zone "Europe/Berlin"
  over   p: transfer
  when   count(p) > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  window 1d tumbling zone "Europe/Berlin"
  over   p: transfer
  when   count(p) > 5
  emit   alert(user)
}
)seq"},
      {"E257", "the key's past",
       "`avg(transfer.amount over 90d)` is over the events of a stream, of this key, before the event at hand. It stands in the conditions "
       "of steps and guards.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  first  a: transfer where amount > 500
  emit   alert(user, usual = avg(transfer.amount over 90d))
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  first  a: transfer where amount > 3 * avg(transfer.amount over 90d)
  emit   alert(user, amount = a.amount)
}
)seq"},
      {"E258", "late firings",
       "A window reports once about an event; what becomes of one that is late is said where its stream is declared. `late revise` issues "
       "the results "
       "that it changes again, under their `id`; `late to` makes a stream of what came too late.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key     user
  window  1h tumbling
  over    p: transfer
  trigger late 1m
  when    sum(p.amount) > 500
  emit    alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key     user
  window  1h tumbling
  over    p: transfer
  when    sum(p.amount) > 500
  emit    alert(user)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
