// The codes of syntax errors, E001..E049.
#include "dsl/codes.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> syntax_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E001", "something that continues nothing",
       "What stands here neither continues what stands before it nor begins a clause. Each clause of a rule begins with its "
       "own word; often a word is misspelled, or a sign or word between two others is missing.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  frist  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E002", "something else was expected", "The words before this place ask for something else here. The message names it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within an hour
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E003", "a text that is not closed",
       "A text in quotes ends on the line on which it begins. The closing quote is missing, or the text holds a quote: write "
       "`\\\"` inside double quotes and two single quotes inside single quotes.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where user == "ann
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where user == "ann"
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E004", "an unknown escape",
       "In double quotes a backslash begins an escape: `\\\\`, `\\\"`, `\\n`, `\\t`, `\\r`, `\\u00e9` or `\\u{1F600}`. In single quotes "
       "nothing is escaped, which suits file names and patterns.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where user like "CORP\ann*"
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where user like 'CORP\ann*'
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E005", "a regular expression that is not closed",
       "A regular expression stands between two slashes on one line. A slash inside is written `\\/`. Behind it the flag `i` "
       "may stand; other options are written inside, such as `(?s)`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where user matches /^a.*z$
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where user matches /^a.*z$/
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E006", "a name in backticks that is empty or not closed",
       "Any text is a name between two backticks on one line, such as `` `@timestamp` ``. It cannot be empty.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where `user == "ann"
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where `user` == "ann"
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E007", "a number that is too large", "Whole numbers end at 9223372036854775807, fractions at about 1.8e308.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where tries > 99999999999999999999
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where tries > 99999
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E008", "neither a number nor a duration",
       "Durations are whole numbers with a unit, `500us 10ms 30s 15m 12h 7d 2w`, or sums of them: `1h30m`. Numbers may end in "
       "`k`, `M`, `%`, `KB`, `MB`, `GB`, `TB`, `KiB`, `MiB`, `GiB` or `TiB`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10min
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 10m
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E009", "not a time of day",
       "A time of day has hours, minutes and, if need be, seconds: `06:30`, `23:59:30`. `24:00` is the end of the day.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where time_of_day(time) > 25:00
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where time_of_day(time, "UTC") in 22:00..06:00
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E010", "`and` mixed with `or`", "Which of the two binds closer differs between languages, so a rule says it with brackets.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where ok and tries > 3 or tries > 9
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where (ok and tries > 3) or tries > 9
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E011", "`=` in a condition",
       "Two values are compared with `==`; a regular expression is tried with `matches`. A single `=` gives a name to what "
       "follows: in `emit`, `let`, `meta`, and between the sides of a key.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where tries = 3
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where tries == 3
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E013", "a word or sign of another language",
       "Conditions are joined with `and`, `or` and `not`, compared with `==`, `!=`, `<`, `<=`, `>`, `>=`, `in`, `like`, "
       "`matches`, `contains`, `starts with` and `ends with`, all in small letters.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where ok && tries > 3
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where ok and tries > 3
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E014", "brackets that are not closed, or not opened",
       "Round, square and curly brackets stand in pairs. Where a `}` is missing, the next item of the file begins inside of "
       "the one before it.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where (ok or tries > 3
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where (ok or tries > 3)
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E015", "not an item of a rule file",
       "Outside of braces a file holds `rule`, `stream`, `let`, `test`, `import`, `param`, `table`, `schedule` and `tune`. A "
       "clause here often means that a `}` before it is one too many.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

ruel r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E016", "clauses in the wrong order",
       "The clauses of a rule stand in one order, so that all rules read alike: metadata, `key`, `within`, `cancel on`, the "
       "steps, `emit`, `message`, `on ..`, `limit`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  within 1h
  key    user
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E017", "given twice",
       "A rule has one `key`, one `within`, one `emit`, and a step has one `where`. Two conditions are joined with `and`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  within 2h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E018", "not a name", "The fields of an alert, and what a `let`, a stream or a step is called, have plain names.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user, a.tries = 3)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user, tries = a.tries)
}
)seq"},
      {"E019", "a comparison with three sides",
       "A comparison has two sides. A range is written `tries in 3..9`, or as two comparisons joined with `and`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where 3 < tries < 9
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where 3 < tries and tries < 9
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E020", "brackets nested too deep", "Brackets may be nested 64 deep. Whatever needs more is better named in parts, with `let`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where (((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((ok)))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))))
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where ok
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E021", "a file that is too long",
       "A rule file has at most 4 MiB. All files that are loaded together see each other, so a long one can be divided.", "", ""},
      {"E022", "too many rules",
       "A file has at most 100,000 rules. All files that are loaded together see each other, so it can be divided.", "", ""},
      {"E023", "too many clauses, fields or lines",
       "A rule has at most 1,000 clauses, a stream at most 4,000 fields, a test at most 10,000 lines.", "", ""},
      {"E024", "a name or text that is too long",
       "A name has at most 256 bytes, a text or regular expression at most 65,536. Long lists of texts stand in a file of "
       "their own: `let bad = file \"bad.txt\"`.",
       "", ""},
      {"E025", "more errors than are shown", "At most 200 errors of a file are shown. The first ones are often the cause of others.", "",
       ""},
      {"E026", "not a text file",
       "Rule files are UTF-8 without control characters. The characters that turn the direction of writing are refused as "
       "well, since what is shown would not be what is read. In double quotes every character can be written as an escape, "
       "such as `\\u{202E}`.",
       "", ""},
      {"E027", "a reserved word as a name",
       "`not`, `and`, `or`, `exists`, `some`, `every` and `except` are reserved everywhere. In backticks they are names like "
       "any other. All other words are free wherever no clause can begin.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  every: login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  `every`: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E028", "a part that belongs to another kind of step",
       "`for` belongs to `no` and `hold`; the time limits of other steps are `at most` and `at least`. `last` belongs to "
       "`over`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer for 5m
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer at most 5m after a
  emit   alert(user)
}
)seq"},
      {"E029", "a way of writing that other languages have",
       "A sequence is written as steps, one a line: `first a: A`, `then b: B`. The name of a step stands before its stream, "
       "its condition behind `where`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  login as a
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E032", "an expression that is too deep",
       "An expression has at most 256 levels; each operator of a chain such as `a + b + c` is one. Parts of it can be named "
       "with `let`.",
       "", ""},
      {"E033", "a comment of another language", "Comments begin with `#` and end with the line.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where ok  // a login
  then   b: transfer
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login where ok  # a login
  then   b: transfer
  emit   alert(user)
}
)seq"},
      {"E034", "a placeholder that is not right",
       "In a message an expression stands in braces: `{user}`, `{count(fail)}`. A brace itself is written twice: `{{`.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
  message "{user moved money"
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
  message "{user} moved money"
}
)seq"},
      {"E035", "a semicolon", "Nothing ends with a semicolon: a clause ends where the next one begins.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user);
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }
stream transfer { user: string, amount: float }

rule r {
  key    user
  within 1h
  first  a: login
  then   b: transfer
  emit   alert(user)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
