#include "dsl/print.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "dsl/diagnostic_text.hpp"
#include "dsl/parse.hpp"
#include "tests/golden.hpp"

namespace sequitur::dsl {
namespace {

// The canonical text, after asserting that it says the same and is its own canonical text.
std::string formatted(const std::string& text) {
  const Parsed parsed = parse(text, 0);
  EXPECT_TRUE(parsed.ok()) << diagnostics_text(parsed.diagnostics, {{SourceFile{"given.seq", text}}});
  const std::string printed = print(parsed.file);
  const Parsed again = parse(printed, 0);
  EXPECT_TRUE(again.ok()) << diagnostics_text(again.diagnostics, {{SourceFile{"printed.seq", printed}}});
  EXPECT_TRUE(again.file.items == parsed.file.items) << text << "\n became \n" << printed;
  EXPECT_EQ(again.file.comments.size(), parsed.file.comments.size()) << printed;
  EXPECT_EQ(print(again.file), printed);
  return printed;
}

std::string formatted_clauses(const std::string& clauses) {
  const std::string text = formatted("rule r { " + clauses + "\n}");
  EXPECT_TRUE(text.starts_with("rule r {\n"));
  return text.substr(9, text.size() - 9 - 2);
}

std::string formatted_condition(const std::string& condition) {
  const std::string text = formatted_clauses("first a: S where " + condition);
  const std::string head = "  first  a: S where ";
  EXPECT_TRUE(text.starts_with(head)) << text;
  return text.substr(head.size(), text.size() - head.size() - 1);
}

void expect_unchanged(const std::string& text) { EXPECT_EQ(formatted(text), text); }

TEST(Print, TheSixRulesAreCanonical) {
  expect_unchanged(R"(rule card_testing "Small probes, then a big purchase on the same card" {
  key    card
  within 10m
  first  probe: auth{3..} where amount < 5 and declined
  then   hit: purchase where amount > 20 * avg(probe.amount)
  emit   fraud_alert(card, probes = count(probe), amount = hit.amount)
}

rule unpaid_order "Order placed and not paid within 15 minutes" {
  key    order_id
  first  placed: order_placed
  no     payment for 15m
  emit   unpaid(order_id, since = placed.time)
}

rule impossible_travel "Two logins too far apart to fly between" {
  key    user
  within 12h
  first  a: login
  next   b: login where km(a.lat, a.lon, lat, lon) > 900 * hours(time - a.time)
  emit   travel_alert(user, from = a.city, to = b.city)
  on match skip to b
}

rule brute_force "Five failed logins, then a success" {
  key    user
  within 2m
  first  fail: login{5..} where not ok
  no     password_reset
  then   win: login where ok
  emit   account_alert(user, tries = count(fail), ip = win.ip)
}

rule heartbeat_missing "Host silent for 30 seconds" {
  key    host
  first  beat: heartbeat
  no     heartbeat for 30s
  emit   host_down(host, last_seen = beat.time)
}

rule spoofing "Large order pulled within 500 ms after the price moved" {
  key    symbol
  within 1m
  first  place: order_new where qty > 10 * typical_qty
  then   move: price_change where sign(delta) == place.side
  then   pull: order_cancel where order_id == place.order_id at most 500ms after move
  emit   spoof_alert(symbol, trader = place.trader, qty = place.qty)
}
)");
}

TEST(Print, TestsAreCanonical) {
  expect_unchanged(R"(test "a reset between failures and success clears the run" {
  0s   login user=ann ok=false {5 every 2s}
  20s  password_reset user=ann
  25s  login user=ann ok=true
  expect none
}

test "attack" {
  0s      login user=bob ok=false {6 every 1s}
  1m30s   login user=bob ok=true ip="203.0.113.9" amount=-5 note=null at=06:30 wait=5s
  1h1m1s  login process.name=cmd.exe
  expect account_alert at 9s user=bob tries=6
  expect timeout slow_alert user=bob
  expect break at 5s
}
)");
}

// Clauses in one line of any shape get their own lines, words padded.
TEST(Print, Clauses) {
  EXPECT_EQ(
      formatted_clauses("severity high tags fraud,attack.t1110.003,\"two words\" meta owner=\"me\" score 5*2 disabled key a,b:c.d=e.d,"
                        "p:sorted(x,y),job from jobs within forever cancel on S|T where x no A for 5m first a:S"
                        " no next B then b:T optional emit x(a,b=1) internal message 'x' on timeout emit y() on break emit z(a)"
                        " on match skip past last limit 1 per 1h by user,ip limit 10k per event"),
      "  severity high\n"
      "  tags   fraud, attack.t1110.003, \"two words\"\n"
      "  meta   owner = \"me\"\n"
      "  score  5 * 2\n"
      "  disabled\n"
      "  key    a, b: c.d = e.d, p: sorted(x, y), job from jobs\n"
      "  within forever\n"
      "  cancel on S | T where x\n"
      "  no     A for 5m\n"
      "  first  a: S\n"
      "  no next B\n"
      "  then   b: T optional\n"
      "  emit   x(a, b = 1) internal\n"
      "  message 'x'\n"
      "  on timeout emit y()\n"
      "  on break emit z(a)\n"
      "  on match skip past last\n"
      "  limit  1 per 1h by user, ip\n"
      "  limit  10000 per event\n");
  for (const char* policy : {"consume", "keep", "skip to next", "skip to first a", "skip to last a", "skip to a"}) {
    EXPECT_EQ(formatted_clauses("on match " + std::string(policy)), "  on match " + std::string(policy) + "\n");
  }
}

TEST(Print, Steps) {
  EXPECT_EQ(formatted_clauses("first a:S{2..4}strict greedy optional where x until y gap 5s at most 1m after b at least 2s"),
            "  first  a: S{2..4} strict greedy optional where x until y gap 5s at most 1m after b at least 2s\n");
  EXPECT_EQ(formatted_clauses("first S except a except b where c then T{3} skipping every length no r:S for 5m after first(a)"),
            "  first  S where c\n"
            "         except a\n"
            "         except b\n"
            "  then   T{3} skipping every length\n"
            "  no     r: S for 5m after first(a)\n");
  EXPECT_EQ(formatted_clauses("hold h: S where x for 5m gap 1m first hold h: S for 5m"),
            "  hold   h: S where x gap 1m for 5m\n"
            "  first  hold h: S for 5m\n");
}

TEST(Print, Blocks) {
  EXPECT_EQ(formatted_clauses("then all{a:A b:B where b.x>a.x} then 2 of {a:A b:B c:C} then either{a:A then b:B}or{c:C}"
                              " then repeat{2..4}strict{up:U then down:D no X} gap 5s"),
            "  then   all { a: A  b: B where b.x > a.x }\n"
            "  then   2 of { a: A  b: B  c: C }\n"
            "  then   either { a: A  then b: B } or { c: C }\n"
            "  then   repeat{2..4} strict { up: U  then down: D  no X } gap 5s\n");
  EXPECT_EQ(formatted_clauses("then either { a: A where amount > 20 * avg(probe.amount) then b: B where amount > 20 * avg(probe.amount) }"
                              " or { # why\n all { c: C except d # c\n d: D } } at most 5m"),
            "  then   either {\n"
            "    a: A where amount > 20 * avg(probe.amount)\n"
            "    then   b: B where amount > 20 * avg(probe.amount)\n"
            "  } or {  # why\n"
            "    all {\n"
            "      c: C\n"
            "          except d  # c\n"
            "      d: D\n"
            "    }\n"
            "  } at most 5m\n");
}

TEST(Print, Windows) {
  for (const char* window : {"1h sliding", "1h tumbling", "1d tumbling zone \"Europe/Berlin\"", "1h every 5m", "session gap 30m",
                             "last 100 events", "last 100 every 10 events"}) {
    EXPECT_EQ(formatted_clauses("window " + std::string(window)), "  window " + std::string(window) + "\n");
  }
  EXPECT_EQ(
      formatted_clauses("over m: auth last 1m where x trigger every 100 events, every 10s, early 5s, late 1m, accumulating when count(m)>5 "
                        "emit always x(a) on clear emit y()"),
      "  over   m: auth last 1m where x\n"
      "  trigger every 100 events, every 10s, early 5s, late 1m, accumulating\n"
      "  when   count(m) > 5\n"
      "  emit   always x(a)\n"
      "  on clear emit y()\n");
}

TEST(Print, ConditionsKeepTheirBracketsAndGetNoMore) {
  for (const char* text : {"(a and b) or c",
                           "a - (b - c) > 0",
                           "a - b - c > 0",
                           "(a + b) * c > -(d)",
                           "not (a and b)",
                           "not not a",
                           "-(-a) > 0",
                           "(a) and (b == c)",
                           "x in (1)..5",
                           "x not in [1, 2.5, \"a\"]",
                           "a ?? b ?? c == 1",
                           "count(distinct f.user) > 1",
                           "count(p where a and b over 1h) > 1",
                           "avg(p.x over 90d) > 1",
                           "depends[a, b].x == probe[-1].`c-ip`",
                           "x contains all of [\"a\"] and not some y like \"z\"",
                           "exists a.not",
                           "x matches /a\\/b/i",
                           "x == 'C:\\''s' and y == \"a\\n\\u202e\"",
                           "x == \"A\"i",
                           "5% < x and 10KB > 1_000 and 1h30m == 90m and 15:50 == t",
                           "`and` == `a b`",
                           "every args != \"\"",
                           "(((a)))"}) {
    const std::string expected = std::string(text) == "(((a)))" ? "(a)" : text;
    EXPECT_EQ(formatted_condition(text), expected);
  }
}

TEST(Print, LongConditionsStandOnLinesOfTheirOwn) {
  EXPECT_EQ(formatted_clauses(
                "first wipe: process{2..} strict where (image ends with [\"vssadmin.exe\", \"wmic.exe\"] and command contains \"delete\")"
                " or command contains \"catalog\" gap 5s at most 5m after b except user in admins"),
            "  first  wipe: process{2..} strict\n"
            "         where (image ends with [\"vssadmin.exe\", \"wmic.exe\"] and command contains \"delete\")\n"
            "            or command contains \"catalog\"\n"
            "         gap 5s\n"
            "         at most 5m after b\n"
            "         except user in admins\n");
  EXPECT_EQ(formatted_clauses("when count(the_first_stream_of_this_rule) > 1000 and count(the_second_stream_of_this_rule) > 1000 and c"),
            "  when   count(the_first_stream_of_this_rule) > 1000\n"
            "     and count(the_second_stream_of_this_rule) > 1000\n"
            "     and c\n");
  EXPECT_EQ(
      formatted_clauses("emit a_name_that_is_rather_long(key_part, some_field = count(some_step), another_field = last(other.field))"),
      "  emit   a_name_that_is_rather_long(\n"
      "           key_part,\n"
      "           some_field = count(some_step),\n"
      "           another_field = last(other.field)\n"
      "         )\n");
}

TEST(Print, Streams) {
  expect_unchanged("stream auth time ts ms lateness 5s { card: string, amount: float, declined: bool, place: string? }\n");
  expect_unchanged(
      "stream process time ts {\n  host.id: string\n  process: { name: string nocase, parent: { name: string nocase, id: int } }\n}\n");
  expect_unchanged("stream lnx_exec = process where os == \"linux\" and action == \"exec\"\n");
  EXPECT_EQ(formatted("stream a=b where x except y"), "stream a = b where x\n  except y\n");
  EXPECT_EQ(formatted("stream s clock processing future 1d late to side late drop late revise when kind==\"T\" line /^(?<a>\\d+) #$/"
                      " time `@t` format \"%b %d\" zone \"UTC\" year 2015 { card:string nocase ? from \"cc_num\" , l:int[][]?,}"),
            "stream s clock processing future 1d late to side late drop late revise when kind == \"T\" line /^(?<a>\\d+) #$/"
            " time `@t` format \"%b %d\" year 2015 zone \"UTC\" {\n"
            "  card: string? nocase from \"cc_num\"\n"
            "  l: int[][]?\n"
            "}\n");
  EXPECT_EQ(formatted("stream s {}"), "stream s { }\n");
  EXPECT_EQ(formatted("stream s { a: int # first\n # second\n from: string\n nocase: {b: int # third\n} }"),
            "stream s {\n  a: int  # first\n  # second\n  from: string\n  nocase: {\n    b: int  # third\n  }\n}\n");
}

TEST(Print, Declarations) {
  expect_unchanged(
      "import \"a.seq\"\nimport 'b.seq'\n\nlet a = 5\n\nlet internal(a, b) = a in [\"10.0.0.0/8\"]\nlet f() = 1\nlet bad = file "
      "\"bad.txt\"\n\nparam limit = 5\n");
  expect_unchanged("table account { id: string, tier: string, opened: time  key id, tier }\n\ntable t = a join b on a.x == b.y\n");
  expect_unchanged("schedule six { daily 06:00 on mon..fri zone \"Europe/Berlin\" }\n");
  EXPECT_EQ(formatted("schedule s { daily 06:00 daily 07:00 on sat }"), "schedule s {\n  daily 06:00\n  daily 07:00 on sat\n}\n");
  EXPECT_EQ(formatted("tune r { except a.ip in office severity low limit none }"),
            "tune r {\n  except a.ip in office\n  severity low\n  limit  none\n}\n");
  EXPECT_EQ(formatted("let a = [1, # one\n 2,\n # three\n 3]"), "let a = [\n  1,  # one\n  2,\n  # three\n  3,\n]\n");
  EXPECT_EQ(formatted("let f(a)=a==1 # one\nor a==2"), "let f(a) =\n      a == 1  # one\n   or a == 2\n");
}

TEST(Print, LongListsHaveOneValueALine) {
  std::string text = "let a = [";
  for (int i = 0; i < 40; ++i) text += (i > 0 ? ", " : "") + std::to_string(1000 + i);
  const std::string printed = formatted(text + "]");
  EXPECT_TRUE(printed.starts_with("let a = [\n  1000,\n")) << printed;
  EXPECT_TRUE(printed.ends_with("  1039,\n]\n"));
}

TEST(Print, NamesNeedBackticksOrKeepThem) {
  expect_unchanged(
      "rule `a b` {\n  key    `key`, `not`\n  first  `every`: `some stream` where `a.b`.not == `true`\n  emit   `x-y`(`z z` = 1)\n}\n");
}

TEST(Print, CommentsStayWhereTheyBelong) {
  expect_unchanged(
      "# The file.\n"
      "\n"
      "# The rule.\n"
      "rule r {  # head\n"
      "  # Before the key.\n"
      "  key    a  # behind\n"
      "  first  a: A\n"
      "         where b  # one\n"
      "           # two\n"
      "           and c\n"
      "         except d  # three\n"
      "  # last\n"
      "}  # end\n"
      "\n"
      "# At the end.\n");
}

TEST(Print, CommentsInsideALineMoveBeforeIt) {
  EXPECT_EQ(formatted("rule # a\n r # b\n { # c\n key # d\n x # e\n , y # f\n within # g\n 5m # h\n } # i\n"),
            "# a\n# b\nrule r {  # c\n  # d\n  # e\n  key    x, y  # f\n  # g\n  within 5m  # h\n}  # i\n");
  EXPECT_EQ(formatted("let # a\n x = # b\n 1 # c\n# d\nlet y = 2"), "# a\n# b\nlet x = 1  # c\n# d\nlet y = 2\n");
  EXPECT_EQ(formatted("test \"t\" { # a\n 0s # b\n s # c\n x=1 # d\n # e\n expect none # f\n}"),
            "test \"t\" {  # a\n  # b\n  # c\n  0s   s x=1  # d\n  # e\n  expect none  # f\n}\n");
}

TEST(Print, EmptyLinesBetweenItems) {
  EXPECT_EQ(formatted("let a = 1\nlet b = 2\n\n\n\nlet c = 3\nstream s = t\nrule r {}\nrule q {}"),
            "let a = 1\nlet b = 2\n\nlet c = 3\n\nstream s = t\n\nrule r {\n}\n\nrule q {\n}\n");
  EXPECT_EQ(formatted("\n\n# a\n\n\n# b\nlet a = 1\n\n\n"), "# a\n\n# b\nlet a = 1\n");
  EXPECT_EQ(formatted(""), "");
  EXPECT_EQ(formatted("# only"), "# only\n");
}

TEST(PrintGolden, Layouts) {
  for (const std::string& name : sequitur::testing::golden_cases("parse", ".seq")) {
    const std::string text = sequitur::testing::read_file(sequitur::testing::golden_directory() / (name + ".seq"));
    if (!parse(text, 0).ok()) continue;
    sequitur::testing::compare_golden(name + ".fmt", formatted(text));
  }
}

// Whatever rule files the project has: printed and read again they say the same.
TEST(Print, AllRuleFilesOfTheProject) {
  std::size_t files = 0;
  for (const char* folder : {SEQUITUR_RULES_DIR, SEQUITUR_TESTS_DIR}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().extension() != ".seq" && entry.path().extension() != ".seqtest") continue;
      const std::string text = sequitur::testing::read_file(entry.path());
      if (!parse(text, 0).ok()) continue;
      SCOPED_TRACE(entry.path());
      formatted(text);
      ++files;
    }
  }
  EXPECT_GE(files, 1u);
}

}  // namespace
}  // namespace sequitur::dsl
