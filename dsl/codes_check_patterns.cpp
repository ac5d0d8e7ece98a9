// Mistakes in what repeats, forks and nests: modes, blocks, `hold`.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> pattern_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E170", "modes that contradict each other",
       "`strict` lets nothing lie between the events of a loop, `skipping` lets even fitting ones. `greedy` leaves a loop as late as "
       "it can, `every length` after each of its events.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login{2..4} strict skipping
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login{2..4} skipping
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E171", "`latest` with a block", "`latest` replaces the run that waits behind one step; a block has several.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  latest all { a: login  b: transfer }
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  all { a: login  b: transfer }
  emit   alert(user)
}
)seq"},
      {"E172", "a `no` at the end of a branch",
       "In a block a `no` guards the gap to the step behind it; the gap behind the block is outside.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  either { a: login  no transfer } or { b: transfer }
  then   c: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  either { a: login } or { b: transfer }
  no     transfer
  then   c: login where ok
  emit   alert(user)
}
)seq"},
      {"E173", "what blocks and their lines do not take",
       "The events of `all` come in any order, so its lines have a count but no modes. A block has no condition of its own; only `repeat` "
       "has `until` and `gap`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  all { a: login{2..} greedy  b: transfer }
  then   c: login where ok
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  all { a: login{2..}  b: transfer }
  then   c: login where ok
  emit   alert(user)
}
)seq"},
      {"E174", "more lines than there are", "`2 of {..}` waits for two of its lines.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  3 of { a: login  b: transfer }
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  2 of { a: login  b: transfer }
  emit   alert(user)
}
)seq"},
      {"E175", "a branch that begins with nothing", "What may be left out by a fork must have a step in front of it in the same braces.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   repeat{2} { b: transfer every length optional  then c: login }
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   repeat{2} { b: transfer optional  then c: login }
  emit   alert(user)
}
)seq"},
      {"E176", "what cannot stand with `hold`",
       "A stretch of samples is taken once, when it has lasted, and between events: counts, modes and forks on events say nothing of it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   hold h: transfer{2..} where amount > 5 for 1m
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   repeat{2} { hold h: transfer where amount > 5 for 1m }
  emit   alert(user)
}
)seq"},
      {"E177", "how long a `hold` must last", "A `hold` ends with `for d`, counted from the first sample of its stretch.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   hold h: transfer where amount > 5
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   hold h: transfer where amount > 5 for 1m
  emit   alert(user)
}
)seq"},
      {"E178", "a `hold` that nothing ends", "Its stretch ends with a sample that does not fit, or when samples are missing.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   hold h: transfer for 1m
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   hold h: transfer gap 10s for 1m
  emit   alert(user)
}
)seq"},
      {"E179", "what a block behind `no` does not take",
       "A block behind `no` ends the run when it comes about in the gap: whether it does is all that is asked of it. So it does not fork, "
       "nothing in it "
       "asks for the very next event, and it holds no silence of another block. It stands between steps or behind the last one, not in "
       "front of the "
       "first and not behind `cancel on`; there a rule of its own emits the block.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  no     either { b: transfer  next c: login where not ok }
  then   d: transfer where amount > 100
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  no     either { b: transfer  then c: login where not ok }
  then   d: transfer where amount > 100
  emit   alert(user)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
