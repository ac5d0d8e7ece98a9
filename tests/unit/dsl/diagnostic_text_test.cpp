#include "dsl/diagnostic_text.hpp"

#include <gtest/gtest.h>

namespace sequitur::dsl {
namespace {

Span span_of(const SourceFile& file, std::string_view part, std::size_t from = 0) {
  auto begin = static_cast<std::uint32_t>(file.text.find(part, from));
  return {0, begin, begin + static_cast<std::uint32_t>(part.size())};
}

std::string one(const SourceFile& file, Diagnostic diagnostic) { return diagnostics_text({{diagnostic}}, {{file}}); }

TEST(DiagnosticText, ShowsLineCaretLabelAndHelp) {
  SourceFile file{"rules/card.seq", "rule r {\n  key    card\n  first  c: charge\n  no     reversal where amount == c.amount\n}\n"};
  EXPECT_EQ(one(file, {"E112", Severity::kError, span_of(file, "reversal"), "an absence at the end of a rule needs a time bound",
                       "say how long to wait", "write `no reversal .. for 15m`"}),
            "error[E112]: an absence at the end of a rule needs a time bound\n"
            " --> rules/card.seq:4:10\n"
            "4 |   no     reversal where amount == c.amount\n"
            "  |          ^^^^^^^^ say how long to wait\n"
            "  = help: write `no reversal .. for 15m`\n");
}

TEST(DiagnosticText, WidensTheMarginWithTheLineNumber) {
  SourceFile file{"a.seq", std::string(99, '\n') + "let a = b\n"};
  EXPECT_EQ(one(file, {"W001", Severity::kWarning, span_of(file, "b"), "unknown", "", "leave it out"}),
            "warning[W001]: unknown\n"
            "   --> a.seq:100:9\n"
            "100 | let a = b\n"
            "    |         ^\n"
            "    = help: leave it out\n");
}

TEST(DiagnosticText, CountsCharactersNotBytesAndWidensTabs) {
  SourceFile file{"a.seq", "\tlet ä = \"žluť\" x\r\n"};
  EXPECT_EQ(one(file, {"E001", Severity::kError, span_of(file, "x"), "no", "", ""}),
            "error[E001]: no\n"
            " --> a.seq:1:17\n"
            "1 |     let ä = \"žluť\" x\n"
            "  |                    ^\n");
}

TEST(DiagnosticText, PointsBehindTheLastCharacter) {
  SourceFile file{"a.seq", "within"};
  EXPECT_EQ(one(file, {"E002", Severity::kError, {0, 6, 6}, "end", "", ""}),
            "error[E002]: end\n"
            " --> a.seq:1:7\n"
            "1 | within\n"
            "  |       ^\n");
}

TEST(DiagnosticText, MarksTheFirstLineOfALongSpan) {
  SourceFile file{"a.seq", "rule a {\n}\n"};
  EXPECT_EQ(one(file, {"E002", Severity::kError, {0, 5, 10}, "long", "", ""}),
            "error[E002]: long\n"
            " --> a.seq:1:6\n"
            "1 | rule a {\n"
            "  |      ^^^\n");
}

TEST(DiagnosticText, CutsLongLinesAndHidesControlCharacters) {
  SourceFile file{"a.seq", std::string(500, 'a') + "\x1b[31m!" + std::string(500, 'b')};
  std::string text = one(file, {"E026", Severity::kError, span_of(file, "\x1b"), "control", "", ""});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_NE(text.find("1 | .." + std::string(40, 'a') + "?[31m!b"), std::string::npos) << text;
  EXPECT_NE(text.find("\n  | " + std::string(42, ' ') + "^\n"), std::string::npos) << text;
  EXPECT_LT(text.size(), 500u);
}

TEST(DiagnosticText, SurvivesSpansOutsideTheText) {
  SourceFile file{"a.seq", "x"};
  EXPECT_NE(one(file, {"E001", Severity::kError, {0, 900, 950}, "far", "", ""}).find("a.seq:1:2"), std::string::npos);
  EXPECT_EQ(one(file, {"E001", Severity::kError, {7, 0, 1}, "no such file", "", ""}), "error[E001]: no such file\n");
  SourceFile empty{"e.seq", ""};
  EXPECT_EQ(one(empty, {"E001", Severity::kError, {0, 0, 0}, "empty", "", ""}), "error[E001]: empty\n --> e.seq:1:1\n");
}

TEST(DiagnosticText, ColorsOnlyWhenAsked) {
  SourceFile file{"a.seq", "x"};
  Diagnostic diagnostic{"E001", Severity::kError, {0, 0, 1}, "m", "", ""};
  EXPECT_NE(diagnostics_text({{diagnostic}}, {{file}}, true).find("\033[1;31merror"), std::string::npos);
  EXPECT_EQ(diagnostics_text({{diagnostic}}, {{file}}, false).find('\033'), std::string::npos);
}

TEST(DiagnosticText, Json) {
  SourceFile file{"a\"b.seq", "let ä = ?\nrule"};
  std::vector<Diagnostic> diagnostics{{"E001", Severity::kError, span_of(file, "?"), "tab\there", "label", "help\n"},
                                      {"W002", Severity::kWarning, span_of(file, "rule"), "second", "", ""}};
  EXPECT_EQ(diagnostics_json(diagnostics, {{file}}),
            "[\n"
            R"( {"code": "E001", "severity": "error", "message": "tab\there", "label": "label", "help": "help\n", "file": "a\"b.seq", )"
            R"("line": 1, "column": 9, "end_line": 1, "end_column": 10, "begin": 9, "end": 10},)"
            "\n"
            R"( {"code": "W002", "severity": "warning", "message": "second", "label": "", "help": "", "file": "a\"b.seq", )"
            R"("line": 2, "column": 1, "end_line": 2, "end_column": 5, "begin": 11, "end": 15})"
            "\n]");
  EXPECT_EQ(diagnostics_json({}, {}), "[]");
}

TEST(DiagnosticText, Total) {
  Diagnostic error{"E001", Severity::kError, {}, "", "", ""}, warning{"W001", Severity::kWarning, {}, "", "", ""};
  EXPECT_EQ(diagnostics_total({}), "no errors");
  EXPECT_EQ(diagnostics_total({{error}}), "1 error");
  EXPECT_EQ(diagnostics_total({{error, error, warning}}), "2 errors, 1 warning");
  EXPECT_EQ(diagnostics_total({{warning, warning}}), "2 warnings");
}

}  // namespace
}  // namespace sequitur::dsl
