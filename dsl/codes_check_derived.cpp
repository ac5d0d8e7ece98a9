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
      {"E236", "keys from a table that do not fit",
       "`key job from jobs` watches every key that the table has a row of. Its parts are the key of that table, all of them in their "
       "order, and fields "
       "of the streams; a rule with a window has none.",
       R"seq(stream job_done time ts { job: string }
table jobs { name: string, team: string  key name, team }

rule silent {
  key    job from jobs
  no     job_done for 8h
  emit   silent(job)
}
)seq",
       R"seq(stream job_done time ts { job: string }
table jobs { name: string, team: string  key name }

rule silent {
  key    job from jobs
  no     job_done for 8h
  emit   silent(job)
}
)seq"},
      {"E237", "a joined table that does not fit",
       "A joined table looks a row of the second table up by fields of the first: `on` compares the whole key of the second with them. Its "
       "changes are a stream (`first h: held`) if both tables have rows of their own and what is compared folds letters alike.",
       R"seq(stream transfer time ts { from: string, amount: float }
table account { id: string, owner: string  key id }
table person { name: string, risk: int, town: string  key name }
table held = account join person on account.owner == person.town

rule risky {
  key    from
  first  t: transfer where held[from].risk > 3
  emit   alert(from)
}
)seq",
       R"seq(stream transfer time ts { from: string, amount: float }
table account { id: string, owner: string  key id }
table person { name: string, risk: int, town: string  key name }
table held = account join person on account.owner == person.name

rule risky {
  key    from
  first  t: transfer where held[from].risk > 3
  emit   alert(from)
}
)seq"},
      {"E238", "a bound on rows that cannot hold",
       "`rows 10k` lets the row go whose change is the longest ago. Which one that is must not depend on how events are cut into batches, "
       "so all changes of "
       "such a table come from one side: one input, or rules of one level.",
       R"seq(stream login time ts { user: string }
table seen time at rows 10k { user: string, at: time  key user }

rule remember {
  key    user
  first  l: login
  emit   seen(user) internal
}
)seq",
       R"seq(stream login time ts { user: string }
table seen rows 10k { user: string  key user }

rule remember {
  key    user
  first  l: login
  emit   seen(user) internal
}
)seq"},
      {"E239", "a rule that writes a table from a change stream",
       "A table `from debezium` holds what the other side's table holds; when that is emptied (`op` t) every row goes that is there. Rows "
       "that "
       "a rule has written would go with them, though the other side never had them.",
       R"seq(stream login time ts { user: string, at: string }
table account from debezium { id: string, seen: string  key id }

rule remember {
  key    user
  first  l: login
  emit   account(id = user, seen = l.at) internal
}
)seq",
       R"seq(stream login time ts { user: string, at: string }
table account from debezium { id: string  key id }
table seen { id: string, at: string  key id }

rule remember {
  key    user
  first  l: login
  emit   seen(id = user, at = l.at) internal
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
