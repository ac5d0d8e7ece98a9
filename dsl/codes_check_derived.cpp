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
      {"E231", "a look-up that does not fit the table",
       "A row is looked up by all parts of its key, each of its type, and gives one of its fields: `depends[a, b].since`.",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    from
  first  t: transfer where account[from, amount].tier == "gold"
  emit   alert(from)
}
)seq",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   alert(from)
}
)seq"},
      {"E232", "a key from a table", "The key of an event must not change with a table: it says where the event belongs.",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    tier: account[from].tier
  first  t: transfer where account[from].tier == "gold"
  emit   alert(tier)
}
)seq",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   alert(from)
}
)seq"},
      {"E233", "a table without a key", "A table says which of its fields a row is looked up by.",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string }

rule r {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   alert(from)
}
)seq",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   alert(from)
}
)seq"},
      {"E234", "a table file that cannot be read",
       "The file of a table is CSV (`.csv`) or TSV (`.tsv`) with a line of names, or one flat JSON object a line. Its path counts from the "
       "rule file. Every value must be of its field's type, and no part of the key may be missing.",
       R"seq(stream transfer { from: string, amount: float }
table account from file "no_such_file.csv" { id: string, tier: string  key id }

rule r {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   alert(from)
}
)seq",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   alert(from)
}
)seq"},
      {"E235", "a look-up in a window",
       "A window and the key's past look at events when they come and when they leave, so it is not clear as of when a row would be looked "
       "up. "
       "A rule with steps can look it up and emit it for a rule with a window.",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule r {
  key    from
  window 1h sliding
  over   t: transfer where account[from].tier == "gold"
  when   count(t) > 3
  emit   alert(from)
}
)seq",
       R"seq(stream transfer { from: string, amount: float }
table account { id: string, tier: string  key id }

rule gold {
  key    from
  first  t: transfer where account[from].tier == "gold"
  emit   gold(from) internal
}

rule r {
  key    from
  window 1h sliding
  over   t: gold
  when   count(t) > 3
  emit   alert(from)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
