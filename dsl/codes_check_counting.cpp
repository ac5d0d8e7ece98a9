// Codes of `emit count`.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> counting_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E123", "`emit count` where nothing can be counted",
       "`emit count` gives, for each event on which there are matches, one alert with their number. That needs `on match keep`, a last "
       "step that takes one event or is of `every length`, and no limit on what one event may give.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: transfer
  emit   count busy(user, n = matches)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: transfer
  emit   count busy(user, n = matches)
  on     match keep
}
)seq"},
      {"E124", "a step that the counted matches do not share",
       "What `emit count` reports is said once for many matches. Only the event of the last step belongs to all of them.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: transfer
  emit   count busy(user, n = matches, from = a.ip)
  on     match keep
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 5m
  first  a: login
  then   b: transfer
  emit   count busy(user, n = matches, amount = b.amount)
  on     match keep
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
