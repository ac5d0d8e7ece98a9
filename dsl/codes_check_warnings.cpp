// Warnings: the file loads, but probably means something else.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> warning_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"W001", "`!=` on a field that may be missing",
       "A comparison with a missing value is unknown and does not hold, also `!=`. That is easily overlooked.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where ip != "10.0.0.1"
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where (ip ?? "") != "10.0.0.1"
  emit   alert(user)
}
)seq"},
      {"W002", "`not` on a field that may be missing", "`not` of something unknown is unknown, so an event without the field does not fit.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ip like "10.*"
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where exists ip and not ip like "10.*"
  emit   alert(user)
}
)seq"},
      {"W003", "a comparison with `null`", "Nothing is equal or unequal to null: such a comparison is unknown and never holds.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where ip == null
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not exists ip
  emit   alert(user)
}
)seq"},
      {"W004", "a condition that never holds", "The step or guard can never take an event.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where ok and 1 > 2
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where ok and tries > 2
  emit   alert(user)
}
)seq"},
      {"W005", "`on timeout` that never comes", "Without `within` and without `at most` no run ever runs out of time.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within forever
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user)
  on timeout emit slow(user)
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
  on timeout emit slow(user)
}
)seq"},
      {"W006", "`on break` that never comes", "Without guards, silences and `cancel on` nothing breaks a run.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer where amount > 5
  emit   alert(user)
  on break emit broken(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  no     transfer where amount < 1
  then   b: transfer where amount > 5
  emit   alert(user)
  on break emit broken(user)
}
)seq"},
      {"W010", "a limit that never matters", "A step's limit that is not shorter than the rule's `within` changes nothing.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at most 1h after a
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login where ok
  then   b: transfer at most 1m after a
  emit   alert(user)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
