// Names, `let`s and files.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> let_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E065", "a name is defined twice", "All `let`s of the loaded files share one set of names, also with the functions of the language.",
       R"seq(let limit = 5
let limit = 6
)seq",
       R"seq(let limit = 5
let upper_limit = 6
)seq"},
      {"E066", "a definition that needs itself",
       "A `let` and a named filter are written out where they are used. One that leads back to itself would never end.",
       R"seq(let a = b + 1
let b = a * 2
)seq",
       R"seq(let a = 1
let b = a * 2
)seq"},
      {"E067", "a `let` uses an unknown name",
       "The body of a `let` sees its parameters and other `let`s, nothing of the rule that uses it. So it means the same "
       "everywhere.",
       R"seq(let suspicious(a) = a > 5 and declined
)seq",
       R"seq(let suspicious(a, declined) = a > 5 and declined
)seq"},
      {"E068", "wrong number of arguments", "A `let` with brackets is called with as many arguments as it has parameters.",
       R"seq(let in_bounds(x, low, high) = x >= low and x <= high
stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where in_bounds(tries, 5)
  emit   alert(user)
}
)seq",
       R"seq(let in_bounds(x, low, high) = x >= low and x <= high
stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where in_bounds(tries, 5, 9)
  emit   alert(user)
}
)seq"},
      {"E069", "a `let` of another kind",
       "A constant is written without brackets, a function with them; a list stands behind `in` or a text operator only, a "
       "pattern behind `matches`.",
       R"seq(let bad = ["eve", "mallory"]
stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user == bad
  emit   alert(user)
}
)seq",
       R"seq(let bad = ["eve", "mallory"]
stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where user in bad
  emit   alert(user)
}
)seq"},
      {"E071", "two rules of one name",
       "The name of a rule tells its alerts apart and makes their ids, so it is unique over all loaded files.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
}

rule r {
  key    user
  first  a: login where ok
  emit   other(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
}

rule s {
  key    user
  first  a: login where ok
  emit   other(user)
}
)seq"},
      {"E072", "too large with its `let`s written out",
       "`let`s are written out where they are used. Functions of functions can grow beyond all bounds that way; this is where "
       "it stops.",
       R"seq(let f1(x) = x + x + x + x + x + x + x + x
let f2(x) = f1(x) + f1(x) + f1(x) + f1(x) + f1(x) + f1(x) + f1(x) + f1(x)
let f3(x) = f2(x) + f2(x) + f2(x) + f2(x) + f2(x) + f2(x) + f2(x) + f2(x)
let f4(x) = f3(x) + f3(x) + f3(x) + f3(x) + f3(x) + f3(x) + f3(x) + f3(x)
let f5(x) = f4(x) + f4(x) + f4(x) + f4(x) + f4(x) + f4(x) + f4(x) + f4(x)
stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where f5(tries) > 10
  emit   alert(user)
}
)seq",
       R"seq(let f1(x) = 8 * x
let f2(x) = 8 * f1(x)
stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where f2(tries) > 10
  emit   alert(user)
}
)seq"},
      {"E073", "two parameters of one name", "Each parameter of a `let` has its own name.",
       R"seq(let larger(x, x) = max(x, x)
)seq",
       R"seq(let larger(x, y) = max(x, y)
)seq"},
      {"E074", "an imported file that is not loaded",
       "`import` names a file by its path from the importing one. The tool loads it too; here it was not found.",
       R"seq(import "nowhere/streams.seq"
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
)seq"},
      {"E075", "a list file that cannot be read",
       "`let name = file \"path\"` takes the lines of a file as a list of texts. The path counts from the rule file.",
       R"seq(let bad = file "nowhere/bad_ips.txt"
)seq",
       R"seq(let bad = ["203.0.113.9"]
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
