#include "dsl/check_report.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <cctype>
#include <tuple>
#include <utility>

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMaxSuggestedLength = 48;

char folded(char c) { return static_cast<char>(std::tolower(static_cast<unsigned char>(c))); }

std::size_t tolerance(std::size_t length) { return length <= 3 ? 1 : length <= 7 ? 2 : 3; }

}  // namespace

std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound) {
  const std::size_t beyond = bound + 1;
  if (std::max(a.size(), b.size()) - std::min(a.size(), b.size()) > bound) return beyond;
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = folded(a[i - 1]) == folded(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && folded(a[i - 1]) == folded(b[j - 2]) && folded(a[i - 2]) == folded(b[j - 1])) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    std::swap(before_last, last);
    std::swap(last, row);
  }
  return std::min(last[b.size()], beyond);
}

void Reporter::Closest::offer(std::string_view candidate) {
  if (name_.empty() || name_.size() > kMaxSuggestedLength || candidate.empty()) return;
  const std::size_t bound = std::min({tolerance(name_.size()), distance_ == SIZE_MAX ? SIZE_MAX : distance_ - 1, name_.size() - 1});
  if (distance_ == 0) return;
  const std::size_t distance = edit_distance(name_, candidate, bound);
  if (distance > bound) return;
  distance_ = distance;
  best_ = candidate;
}

std::string Reporter::Closest::text() const { return best_.empty() ? std::string{} : fmt::format("did you mean `{}`?", best_); }

void Reporter::error(std::string_view code, Span span, std::string message, std::string label, std::string help) {
  add(code, Severity::kError, span, std::move(message), std::move(label), std::move(help));
}

void Reporter::warning(std::string_view code, Span span, std::string message, std::string label, std::string help) {
  add(code, Severity::kWarning, span, std::move(message), std::move(label), std::move(help));
}

void Reporter::add(std::string_view code, Severity severity, Span span, std::string&& message, std::string&& label, std::string&& help) {
  if (severity == Severity::kError) ++errors_;
  std::size_t& count = per_file_[span.file];
  if (count > kMaxDiagnostics) return;
  if (!seen_.insert(fmt::format("{}:{}:{}:{}", code, span.file, span.begin, span.end)).second) return;
  if (++count > kMaxDiagnostics) {
    code = "E198";
    severity = Severity::kError;
    message = "there are more mistakes in this file";
    label = "";
    help = "mend those shown first";
  }
  diagnostics_.push_back({std::string(code), severity, span, std::move(message), std::move(label), std::move(help)});
}

std::vector<Diagnostic> Reporter::take() {
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.span.file, a.span.begin, a.span.end) < std::tie(b.span.file, b.span.begin, b.span.end);
  });
  seen_.clear();
  return std::move(diagnostics_);
}

}  // namespace sequitur::dsl
