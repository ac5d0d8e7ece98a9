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
  };
  return kCodes;
}

}  // namespace sequitur::dsl
