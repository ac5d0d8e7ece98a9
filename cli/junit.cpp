#include "cli/junit.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace sequitur::cli {
namespace {

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '&': result += "&amp;"; break;
      case '<': result += "&lt;"; break;
      case '>': result += "&gt;"; break;
      case '"': result += "&quot;"; break;
      case '\n': result += "&#10;"; break;
      default: result += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;  // XML has no other control characters.
    }
  }
  return result;
}

}  // namespace

std::string junit_suite(std::span<const TestOutcome> outcomes, std::span<const SourceFile> files) {
  if (outcomes.empty()) return {};
  const auto failures = std::count_if(outcomes.begin(), outcomes.end(), [](const TestOutcome& outcome) { return !outcome.passed(); });
  std::string text =
      fmt::format("<testsuite name=\"{}\" tests=\"{}\" failures=\"{}\">\n", escaped(files.front().name), outcomes.size(), failures);
  for (const TestOutcome& outcome : outcomes) {
    text += fmt::format("<testcase classname=\"{}\" name=\"{}\" time=\"{:.6f}\"", escaped(files[outcome.span.file].name),
                        escaped(outcome.name), outcome.seconds);
    if (outcome.passed()) {
      text += "/>\n";
      continue;
    }
    std::string problems;
    for (const std::string& problem : outcome.problems) problems += problem + '\n';
    text += fmt::format("><failure message=\"{}\">{}</failure></testcase>\n", escaped(outcome.problems.front()), escaped(problems));
  }
  return text + "</testsuite>\n";
}

std::string junit_report(std::string_view suites) {
  return fmt::format("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n{}</testsuites>\n", suites);
}

}  // namespace sequitur::cli
