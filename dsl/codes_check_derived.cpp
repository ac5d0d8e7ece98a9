#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

// Streams that rules emit and other rules name.
std::span<const CodeInfo> derived_codes() {
  static const CodeInfo kCodes[] = {
      {"E197", "rules that feed each other in a circle",
       "What a rule emits may be the input of another rule, but never, on whatever way, its own: nothing would say in which order "
       "things happen.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule suspicion {
  key    user
  first  a: login | confirmed
  emit   suspicious(user)
}

rule confirmation {
  key    user
  first  a: suspicious
  emit   confirmed(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule suspicion {
  key    user
  first  a: login
  emit   suspicious(user)
}

rule confirmation {
  key    user
  first  a: suspicious
  emit   confirmed(user)
}
)seq"},
      {"E230", "a chain of too many rules",
       "Rules over what rules over rules emit are evaluated one level after the other; there are at most 32 levels.", "",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r0 { key user  first a: login  emit s0(user) }
rule r1 { key user  first a: s0  emit s1(user) }
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
