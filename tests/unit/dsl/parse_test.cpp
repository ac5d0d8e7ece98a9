#include "dsl/parse.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ctime>
#include <functional>
#include <string>

#include "dsl/diagnostic_text.hpp"
#include "dsl/limits.hpp"
#include "dsl/print.hpp"
#include "tests/golden.hpp"

namespace sequitur::dsl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string rendered(const std::string& text) {
  const std::vector<SourceFile> files{{"rules.seq", text}};
  return diagnostics_text(parse(text, 0).diagnostics, files);
}

// "E002@3:10" for each diagnostic: code, line, column.
std::vector<std::string> places(const std::string& text) {
  std::vector<std::string> out;
  for (const Diagnostic& diagnostic : parse(text, 0).diagnostics) {
    const std::string_view before = std::string_view(text).substr(0, diagnostic.span.begin);
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const auto column = before.size() - (before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1) + 1;
    out.push_back(diagnostic.code + "@" + std::to_string(line) + ":" + std::to_string(column));
  }
  return out;
}

// The condition as `dump` shows it: "(> amount 5)".
std::string condition(const std::string& text) {
  const Parsed parsed = parse("rule r {\n  first a: S where " + text + "\n}\n", 0);
  if (!parsed.ok()) return parsed.diagnostics[0].code + " " + parsed.diagnostics[0].message;
  const std::string tree = dump(parsed.file);
  const std::size_t begin = tree.find("where ") + 6;
  return tree.substr(begin, tree.find('\n', begin) - begin);
}

const ast::Rule& first_rule(const Parsed& parsed) { return std::get<ast::Rule>(parsed.file.items.at(0).body); }

const ast::Step& first_step(const Parsed& parsed) { return std::get<ast::Step>(first_rule(parsed).clauses.at(0).body); }

// Of processor time, which a busy machine does not change.
double milliseconds(const std::function<void()>& work) {
  const std::clock_t begin = std::clock();
  work();
  return 1000.0 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
}

// ---- Conditions --------------------------------------------------------------------------------------------------------

TEST(ParseExpression, BindsAsDocumented) {
  EXPECT_EQ(condition("a + b * c ?? d == 1"), "(== (+ a (* b (?? c d))) 1)");
  EXPECT_EQ(condition("a - b - c > 0"), "(> (- (- a b) c) 0)");
  EXPECT_EQ(condition("a / b % c < -d"), "(< (% (/ a b) c) (negate d))");
  EXPECT_EQ(condition("-a ?? b == 1"), "(== (?? (negate a) b) 1)");
  EXPECT_EQ(condition("not a and not not b"), "(and (not a) (not (not b)))");
  EXPECT_EQ(condition("a and b and c"), "(and a b c)");
  EXPECT_EQ(condition("a or b or (c and d)"), "(or a b (and c d))");
  EXPECT_EQ(condition("not a == b"), "(not (== a b))");
  EXPECT_EQ(condition("(a - b) * (c + d) == e"), "(== (* (- a b) (+ c d)) e)");
}

TEST(ParseExpression, Comparisons) {
  EXPECT_EQ(condition("x in [1, \"a\", null]"), "(in x (list 1 \"a\" null))");
  EXPECT_EQ(condition("x not in 8000..9999.99"), "(not-in x (range 8000 9999.99f))");
  EXPECT_EQ(condition("t in 22:00..06:00"), "(in t (range (time-of-day 79200000000us) (time-of-day 21600000000us)))");
  EXPECT_EQ(condition("x in shells"), "(in x shells)");
  EXPECT_EQ(condition("x starts with \"a\" and y not ends with [\"b\"]"), "(and (starts-with x \"a\") (not-ends-with y (list \"b\")))");
  EXPECT_EQ(condition("x contains all of [\"a\", \"b\"]"), "(contains-all x (list \"a\" \"b\"))");
  EXPECT_EQ(condition("x contains any of [\"a\"]"), "(contains-any x (list \"a\"))");
  EXPECT_EQ(condition("x contains any"), "(contains x any)");
  EXPECT_EQ(condition("x matches /^a\\/b#{2}\"$/i or x like 'C:\\*'"), "(or (matches x /^a\\/b#{2}\"$/i) (like x 'C:\\*'))");
  EXPECT_EQ(condition("exists a.b and some args like [\"-e*\"] and every args != \"\""),
            "(and (exists a.b) (some (like args (list \"-e*\"))) (every (!= args \"\")))");
  EXPECT_EQ(condition("not some args == \"x\"i"), "(not (some (== args \"x\"i)))");
}

TEST(ParseExpression, Values) {
  EXPECT_EQ(condition("x > 10k"), "(> x 10000)");
  EXPECT_EQ(condition("x > 1_000_000"), "(> x 1000000)");
  EXPECT_EQ(condition("x > 5%"), "(> x 0.05f)");
  EXPECT_EQ(condition("x % 5 == 1"), "(== (% x 5) 1)");
  EXPECT_EQ(condition("10%3 == x"), "(== (% 10 3) x)");
  EXPECT_EQ(condition("x > 10KB and x < 2KiB"), "(and (> x 10000) (< x 2048))");
  EXPECT_EQ(condition("x > 1.5e3"), "(> x 1500f)");
  EXPECT_EQ(condition("x > 1.5k"), "(> x 1500f)");
  EXPECT_EQ(condition("x > 1h30m"), "(> x 5400000000us)");
  EXPECT_EQ(condition("x > 2w or x < 500us"), "(or (> x 1209600000000us) (< x 500us))");
  EXPECT_EQ(condition("x == 9223372036854775807"), "(== x 9223372036854775807)");
  EXPECT_EQ(condition("x == true or y == null"), "(or (== x true) (== y null))");
  EXPECT_EQ(condition("`true` == x"), "(== `true` x)");
  EXPECT_EQ(condition("x == \"a\\\"\\\\\\n\\u00e9\\u{1F600}\""), "(== x \"a\\\"\\\\\\né😀\")");
  EXPECT_EQ(condition("x == 'it''s'"), "(== x 'it''s')");
}

TEST(ParseExpression, PathsAndCalls) {
  EXPECT_EQ(condition("probe[-1].amount > probe[1].amount"), "(> probe[(negate 1)].amount probe[1].amount)");
  EXPECT_EQ(condition("depends[a, b.c].x == `@timestamp`.`c-ip`"), "(== depends[a b.c].x `@timestamp`.`c-ip`)");
  EXPECT_EQ(condition("a.not.every == 1"), "(== a.not.every 1)");
  EXPECT_EQ(condition("count(probe) > 0"), "(> (call count probe) 0)");
  EXPECT_EQ(condition("count(distinct f.user) > percentile(x, 95)"), "(> (call count (distinct f.user)) (call percentile x 95))");
  EXPECT_EQ(condition("count(distinct) > 0"), "(> (call count distinct) 0)");
  EXPECT_EQ(condition("count(login where not ok over 1h) > avg(p.x over 90d)"),
            "(> (call count (over (where login (not ok)) 3600000000us)) (call avg (over p.x 7776000000000us)))");
  EXPECT_EQ(condition("now() > 1"), "(> (call now) 1)");
}

// Fields may be called like clauses and other words.
TEST(ParseExpression, WordsAreFreeWhereNoClauseCanBegin) {
  EXPECT_EQ(condition("key == time and first > then.next and severity in within"),
            "(and (== key time) (> first then.next) (in severity within))");
  EXPECT_EQ(condition("where == all"), "(== where all)");
  EXPECT_EQ(condition("a ==\n    key and\n    first == within"), "(and (== a key) (== first within))");
}

TEST(ParseExpression, MixedLogicShowsTheFix) {
  const std::string text = "rule r {\n  first a: S where x or y > 1 and z\n}\n";
  EXPECT_EQ(rendered(text),
            "error[E010]: `and` and `or` are mixed without brackets\n"
            " --> rules.seq:2:22\n"
            "2 |   first a: S where x or y > 1 and z\n"
            "  |                      ^^ which of them comes first?\n"
            "  = help: write `(y > 1 and z)` if that is what is meant\n");
}

// ---- Clauses -----------------------------------------------------------------------------------------------------------

TEST(ParseRule, PlacesOfClausesAndWords) {
  const std::string text = "rule r {\n  cancel on S where x\n  no next T\n  then b: U{2..} greedy\n}\n";
  const Parsed parsed = parse(text, 7);
  ASSERT_TRUE(parsed.ok()) << rendered(text);
  auto at = [&text](const Span& span) { return text.substr(span.begin, span.end - span.begin); };
  const auto& clauses = first_rule(parsed).clauses;
  EXPECT_EQ(at(clauses[0].span), "cancel on S where x");
  EXPECT_EQ(at(clauses[0].word), "cancel on");
  EXPECT_EQ(at(clauses[1].word), "no next");
  EXPECT_EQ(at(clauses[2].span), "then b: U{2..} greedy");
  EXPECT_EQ(clauses[2].span.file, 7u);
  const auto& step = std::get<ast::Step>(clauses[2].body);
  EXPECT_EQ(at(step.count->span), "{2..}");
  EXPECT_EQ(at(step.modes.greedy_span), "greedy");
  EXPECT_EQ(at(step.streams[0].span), "U");
  EXPECT_EQ(at(parsed.file.items[0].head), "rule r {");
}

TEST(ParseRule, Counts) {
  auto count = [](const std::string& text) { return *first_step(parse("rule r { first a: S" + text + " }", 0)).count; };
  EXPECT_EQ(count("{3}").min, 3u);
  EXPECT_EQ(count("{3}").max, 3u);
  EXPECT_FALSE(count("{3}").range);
  EXPECT_EQ(count("{ 3 .. }").max, std::nullopt);
  EXPECT_EQ(count("{3..5} strict").max, 5u);
  EXPECT_TRUE(count("{3..3}").range);
}

TEST(ParseRule, TailsInAnyOrder) {
  const std::string ordered = "rule r { first a: S where x except y until z gap 5s at most 1m after first(b) at least 2s }";
  const std::string shuffled = "rule r { first a: S at most 1m after first(b) gap 5s until z at least 2s except y where x }";
  EXPECT_EQ(parse(ordered, 0).file, parse(shuffled, 0).file);
  EXPECT_TRUE(parse(shuffled, 0).ok());
}

TEST(ParseRule, StreamsAndStepsMayBeCalledLikeWords) {
  for (const char* text : {"first hold: S", "first hold where x", "then all: S", "then either: S where x", "no next where x",
                           "no next for 5m", "first a: next | key | first", "emit always(x)", "on match skip to first", "then until: S"}) {
    EXPECT_THAT(rendered("rule r { " + std::string(text) + " }"), IsEmpty()) << text;
  }
  EXPECT_EQ(first_step(parse("rule r { no next where x }", 0)).streams.at(0).text, "next");
}

TEST(ParseRule, MessagesHoldExpressions) {
  const std::string text = "rule r {\n  message \"{count(fail)} of {{x}} \\u{e9}\\t{ user }!\"\n}\n";
  const Parsed parsed = parse(text, 0);
  ASSERT_TRUE(parsed.ok()) << rendered(text);
  const auto& parts = std::get<ast::Message>(first_rule(parsed).clauses[0].body).parts;
  ASSERT_EQ(parts.size(), 4u);
  EXPECT_EQ(print(*parts[0].value), "count(fail)");
  EXPECT_EQ(parts[1].text, " of {x} é\t");
  EXPECT_EQ(print(*parts[2].value), "user");
  EXPECT_EQ(text.substr(parts[2].value->span.begin, 4), "user");
  EXPECT_EQ(parts[3].text, "!");
}

TEST(ParseRule, MessageMistakesAreFoundInPlace) {
  EXPECT_THAT(places("rule r {\n  message \"{user\"\n}"), ElementsAre("E034@2:12"));
  EXPECT_THAT(places("rule r {\n  message \"a } b\"\n}"), ElementsAre("E034@2:14"));
  EXPECT_THAT(places("rule r {\n  message \"{a b}\"\n}"), ElementsAre("E034@2:12"));
  EXPECT_THAT(places("rule r {\n  message \"{}\"\n}"), ElementsAre("E002@2:13"));
  EXPECT_THAT(places("rule r {\n  message \"\\{x}\"\n}"), ElementsAre("E004@2:12", "E034@2:15"));
  EXPECT_THAT(places("rule r {\n  message \"{a # b}\"\n}"), ElementsAre("E034@2:12"));
}

// ---- Errors ------------------------------------------------------------------------------------------------------------

TEST(ParseErrors, TenMistakesGiveTenErrorsInPlace) {
  const std::string text =
      "stream auth time ts lateness five { card: string }\n"  // 1
      "rule one {\n"
      "  key    card\n"
      "  within soon\n"                           // 2
      "  first  a: auth{3..} where amount = 5\n"  // 3
      "  then   b: purchase where x && y\n"       // 4
      "  followed by c: purchase\n"               // 5
      "  then   z purchase\n"                     // 6
      "  emit   alert(card, n = count(a)\n"       // 7
      "  on match skip\n"                         // 8
      "}\n"
      "let x 5\n"     // 9
      "ruel two {\n"  // 10
      "}\n"
      "let good = 1\n";
  EXPECT_THAT(places(text), ElementsAre("E002@1:30", "E002@4:10", "E011@5:36", "E013@6:30", "E001@7:3", "E001@8:12", "E014@9:34",
                                        "E002@10:16", "E002@12:7", "E015@13:1"))
      << rendered(text);
  const Parsed parsed = parse(text, 0);
  EXPECT_EQ(parsed.file.items.size(), 2u);
  EXPECT_TRUE(parsed.file.items[0].damaged);
  EXPECT_EQ(first_rule(parsed).clauses.size(), 1u);
}

TEST(ParseErrors, AClauseThatIsIncompleteDoesNotSwallowTheNext) {
  const std::string text = "rule r {\n  key\n  within 5m\n  first a: A\n  emit x(a)\n  limit 1 per\n}\n";
  EXPECT_THAT(places(text), ElementsAre("E002@2:6", "E002@6:14"));
  EXPECT_EQ(first_rule(parse(text, 0)).clauses.size(), 3u);
}

TEST(ParseErrors, BracesThatAreMissing) {
  EXPECT_THAT(places("rule a {\n  first x: A\n\nrule b {\n  first x: A\n}\n"), ElementsAre("E014@1:8"));
  EXPECT_THAT(places("rule a {\n  first x: A\n"), ElementsAre("E014@1:8"));
  EXPECT_THAT(places("rule a {\n  first x: A\n}\n}\nlet x = 1\n"), ElementsAre("E014@4:1"));
  EXPECT_THAT(places("stream s {\n  a: int\nstream t { b: int }\n"), ElementsAre("E014@1:10"));
  EXPECT_THAT(places("rule a {\n  first x: A{3.. where y\n  then z: B where = 1\n  emit c(d)\n}\nlet q = )\n"),
              ElementsAre("E014@2:18", "E011@3:19", "E002@6:9"));
}

TEST(ParseErrors, BlocksAreLeftWhole) {
  const std::string text =
      "rule r {\n  first a: A\n  then either {\n    b: B where = 2\n    then c: C\n  } or {\n    d: D\n  }\n  emit x(a)\n  within "
      "within\n}\n";
  EXPECT_THAT(places(text), ElementsAre("E011@4:16", "E002@10:10"));
}

TEST(ParseErrors, Streams) {
  EXPECT_THAT(places("stream s {\n  a: string,\n  b float\n  c: strin g\n  d\n  e: int\n}\n"),
              ElementsAre("E002@3:5", "E001@4:12", "E002@5:4"));
  EXPECT_EQ(std::get<ast::Stream>(parse("stream s { a: int, b c, d: int }", 0).file.items.at(0).body).fields.size(), 2u);
  EXPECT_THAT(places("stream s time ts foo { a: int }"), ElementsAre("E002@1:18"));
}

TEST(ParseErrors, Tests) {
  EXPECT_THAT(places("test \"t\" {\n  0s login user=ann\n  5 login user=bob\n  6s login user ann\n  expect alert at\n}\n"),
              ElementsAre("E002@3:3", "E002@4:17", "E002@5:18"));
}

TEST(ParseErrors, OrderAndRepetition) {
  EXPECT_THAT(places("rule r {\n  within 5m\n  key a\n  within 6m\n  emit x(a)\n  first a: A\n}"),
              ElementsAre("E016@3:3", "E017@4:3", "E016@6:3"));
  EXPECT_THAT(places("rule r {\n  first a: A where b where c\n  then d: D for 5m\n}"), ElementsAre("E017@2:28", "E028@3:13"));
}

TEST(ParseErrors, GuessesWhatWasMeant) {
  auto help = [](const std::string& where) { return rendered("rule r {\n  first a: S where " + where + "\n}\n"); };
  EXPECT_THAT(help("x = 1"), HasSubstr("help: write `==` to compare"));
  EXPECT_THAT(help("x AND y"), HasSubstr("help: write `and`"));
  EXPECT_THAT(help("!x"), HasSubstr("help: write `not`"));
  EXPECT_THAT(help("1 < x < 3"), HasSubstr("join two of them with `and`"));
  EXPECT_THAT(help("x > 5min"), HasSubstr("help: write `5m`"));
  EXPECT_THAT(help("x // c"), HasSubstr("comments begin with `#`"));
  EXPECT_THAT(help("strasße == 1"), HasSubstr("backticks"));
  EXPECT_THAT(rendered("rule r {\n  first a = A\n}"), HasSubstr("is followed by `:`"));
  EXPECT_THAT(rendered("rule r {\n  emit: x(a)\n}"), HasSubstr("expected the name of what is emitted, found `:`"));
  EXPECT_THAT(rendered("rule r {\n  first a: A where not\n}"), HasSubstr("expected a condition, found the end of the line"));
  EXPECT_THAT(rendered("rule r {\n  witihn 5m\n}"), HasSubstr("did you mean `within`?"));
  EXPECT_THAT(rendered("rule r {\n  within 5\n}"), HasSubstr("a duration has a unit"));
  EXPECT_THAT(rendered("rule r title {\n}"), HasSubstr("expected `{`, found `title`"));
  EXPECT_THAT(rendered("rule 5 {\n}"), HasSubstr("a name begins with a letter"));
  EXPECT_THAT(rendered("rule r {\n  where x\n}"), HasSubstr("it belongs to a step"));
}

// ---- Texts of all kinds --------------------------------------------------------------------------------------------------

TEST(ParseText, LineEndsAndByteOrderMark) {
  const std::string unix_text = "# a\nlet x = \"ä\" # b\n\nrule r {\n  first a: A\n}\n";
  std::string windows = "\xEF\xBB\xBF";
  for (char c : unix_text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_THAT(rendered(windows), IsEmpty());
  EXPECT_EQ(parse(windows, 0).file, parse(unix_text, 0).file);
  EXPECT_EQ(print(parse(windows, 0).file), print(parse(unix_text, 0).file));
  EXPECT_THAT(places("let x = 1\r\nlet y = \"a\r\n"), ElementsAre("E003@2:9"));
}

TEST(ParseText, EmptyFiles) {
  for (const char* text : {"", "\n", "# only a comment", "\xEF\xBB\xBF", " \t\r\n"}) {
    EXPECT_TRUE(parse(text, 0).ok());
    EXPECT_TRUE(parse(text, 0).file.items.empty());
  }
}

TEST(ParseText, CommentsAreKept) {
  const Parsed parsed = parse("# one\nlet x = 1 # two \"\n#three\nlet y = \"# no\" # /four", 0);
  ASSERT_EQ(parsed.file.comments.size(), 4u);
  EXPECT_EQ(parsed.file.comments[1].text, "# two \"");
  EXPECT_FALSE(parsed.file.comments[1].own_line);
  EXPECT_TRUE(parsed.file.comments[2].own_line);
  EXPECT_EQ(parsed.file.comments[3].text, "# /four");
}

TEST(ParseText, OnlyUtf8WithoutControlCharacters) {
  EXPECT_THAT(places("let x = \"\xFF\""), ElementsAre("E026@1:10"));
  EXPECT_THAT(places("let x = \"\xC0\x80\""), ElementsAre("E026@1:10"));
  EXPECT_THAT(places("let x = \"\xED\xA0\x80\""), ElementsAre("E026@1:10"));
  EXPECT_THAT(places(std::string("let x = 1\0", 10)), ElementsAre("E026@1:10"));
  EXPECT_THAT(places("# \x1b[31m"), ElementsAre("E026@1:3"));
  EXPECT_THAT(places("# \xE2\x80\xAE"), ElementsAre("E026@1:3"));
  EXPECT_THAT(places("let x = \"žluťoučký 😀 日本\" # ✓"), IsEmpty());
}

// ---- Limits ------------------------------------------------------------------------------------------------------------

std::string repeat(const std::string& part, std::size_t times) {
  std::string out;
  out.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

TEST(ParseLimits, Nesting) {
  EXPECT_THAT(condition(repeat("(", 63) + "a" + repeat(")", 63)), "a");
  for (const char* open : {"(", "[", "f(", "a[", "not (", "-(", "a + (", "x in [", "{"}) {
    const std::string text = "rule r {\n  first a: S where " + repeat(open, 100'000) + "\n}\n";
    EXPECT_LT(milliseconds([&] { EXPECT_FALSE(parse(text, 0).ok()); }), 2000) << open;
  }
  for (const char* open : {"stream s { a: ", "table t { a: "}) EXPECT_FALSE(parse(open + repeat("{ a: ", 100'000), 0).ok());
  for (const char* open : {"then all { a: A then ", "either { ", "repeat{2} { ", "2 of { "}) {
    EXPECT_FALSE(parse("rule r { first " + repeat(open, 50'000), 0).ok()) << open;
  }
  EXPECT_THAT(places("let x = " + repeat("(", 65) + "1" + repeat(")", 65)), ElementsAre("E020@1:73"));
}

TEST(ParseLimits, ChainsOfOperators) {
  EXPECT_THAT(condition("a" + repeat(" + 1", 254) + " > 0"), ::testing::StartsWith("(> (+"));
  EXPECT_THAT(condition("a" + repeat(" + 1", 100'000) + " > 0"), HasSubstr("E032"));
  EXPECT_THAT(condition(repeat("not ", 100'000) + "a"), HasSubstr("E032"));
  EXPECT_THAT(condition(repeat("- ", 100'000) + "a > 0"), HasSubstr("E032"));
  EXPECT_THAT(condition("a" + repeat(" and b", 100'000)), ::testing::StartsWith("(and a b"));
}

TEST(ParseLimits, Sizes) {
  EXPECT_THAT(places(std::string(10'000'000, ' ')), ElementsAre("E021@1:1"));
  EXPECT_LT(milliseconds([] { parse(repeat("rule r { first a: A }\n", 500'000), 0); }), 2000);
  EXPECT_THAT(places("rule r {" + repeat(" meta a = 1", kMaxClauses + 1) + "}").back(), HasSubstr("E023"));
  EXPECT_THAT(places("let " + std::string(kMaxNameBytes + 1, 'a') + " = 1"), ElementsAre("E024@1:5"));
  EXPECT_THAT(places("let a = \"" + std::string(kMaxTextBytes + 1, 'a') + "\""), ElementsAre("E024@1:9"));
  EXPECT_THAT(places(repeat("rule r {}\n", kMaxRules + 1)), ElementsAre("E022@100001:1"));
  EXPECT_THAT(condition("x > " + std::string(100'000, '9')), HasSubstr("E007"));
  EXPECT_THAT(condition("x > 1e999"), HasSubstr("E007"));
  EXPECT_THAT(condition("x > 9223372036854775808"), HasSubstr("E007"));
  EXPECT_THAT(condition("x > 99999999999w"), HasSubstr("E008"));
}

TEST(ParseLimits, ManyErrors) {
  const std::string text = repeat("rule r {\n  within soon\n}\n", 20'000);
  Parsed parsed;
  EXPECT_LT(milliseconds([&] { parsed = parse(text, 0); }), 2000);
  ASSERT_EQ(parsed.diagnostics.size(), kMaxDiagnostics + 1);
  EXPECT_EQ(parsed.diagnostics.back().code, "E025");
}

// Every error looks for the next line; an open brace makes it look through all of the file.
TEST(ParseLimits, ManyErrorsThatLookFar) {
  const std::string text = "rule r {\n" + repeat("first a: = {\n", 300'000);
  EXPECT_LT(milliseconds([&] { parse(text, 0); }), 4000);
}

TEST(ParseLimits, ManyRules) {
  const std::string rule =
      "rule r \"Five failed logins, then a success\" {\n  key    user\n  within 2m\n  first  fail: login{5..} where not ok and amount > 20 "
      "* avg(fail.amount)\n"
      "  no     password_reset\n  then   win: login where ok\n  emit   account_alert(user, tries = count(fail), ip = win.ip)\n}\n\n";
  const std::string text = repeat(rule, 10'000);
  ASSERT_LT(text.size(), kMaxFileBytes);
  Parsed parsed;
  const double elapsed = milliseconds([&] { parsed = parse(text, 0); });
  EXPECT_TRUE(parsed.ok());
  EXPECT_EQ(parsed.file.items.size(), 10'000u);
  EXPECT_LT(elapsed, 10'000);  // Far less in a release build; this one may run under sanitizers.
  RecordProperty("milliseconds", static_cast<int>(elapsed));
}

TEST(ParseLimits, EveryPrefixAndEveryMissingByteIsSurvived) {
  const std::string text = sequitur::testing::read_file(std::string(SEQUITUR_TESTS_DIR) + "/golden/parse/everything.seq");
  ASSERT_FALSE(text.empty());
  for (std::size_t i = 0; i < text.size(); i += 3) {
    parse(std::string_view(text).substr(0, i), 0);
    std::string without = text;
    without.erase(i, 1);
    print(parse(without, 0).file);
  }
}

// ---- Golden files ------------------------------------------------------------------------------------------------------

TEST(ParseGolden, Trees) {
  for (const std::string& name : sequitur::testing::golden_cases("parse", ".seq")) {
    const std::string text = sequitur::testing::read_file(sequitur::testing::golden_directory() / (name + ".seq"));
    const Parsed parsed = parse(text, 0);
    const std::vector<SourceFile> files{{name + ".seq", text}};
    const std::string errors = diagnostics_text(parsed.diagnostics, files);
    sequitur::testing::compare_golden(name + ".ast", dump(parsed.file) + (errors.empty() ? "" : "\n" + errors));
  }
}

}  // namespace
}  // namespace sequitur::dsl
