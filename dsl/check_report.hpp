// Collects what is wrong. One place knows about order, doubles and bounds, so the checks themselves only say what they found.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dsl/limits.hpp"
#include "sequitur/diagnostic.hpp"

namespace sequitur::dsl {

class Reporter {
 public:
  // `code` is a key of all_codes(). The same code at the same place is said once, also when a `let` is used many times.
  void error(std::string_view code, Span span, std::string message, std::string label = {}, std::string help = {});
  void warning(std::string_view code, Span span, std::string message, std::string label = {}, std::string help = {});

  // Whether a suggestion for a mistake there would be seen: spares the work of collecting names in hopeless files.
  bool suggests(Span span) const {
    const auto count = per_file_.find(span.file);
    return comparisons_left_ > 0 && (count == per_file_.end() || count->second <= kMaxDiagnostics);
  }

  // In source order.
  std::vector<Diagnostic> take();
  std::size_t errors() const { return errors_; }

  // " did you mean `x`?" in `help` form, for the closest of the candidates; empty if none is close.
  // The work of all calls together is bounded: a file of nothing but mistakes gets suggestions for the first of them.
  template <typename Range>
  std::string did_you_mean(std::string_view name, const Range& candidates) {
    Closest closest(name);
    for (const auto& candidate : candidates) {
      if (comparisons_left_ == 0) break;
      --comparisons_left_;
      closest.offer(candidate);
    }
    return closest.text();
  }

  // Keeps the best of the candidates offered.
  class Closest {
   public:
    explicit Closest(std::string_view name) : name_(name) {}
    void offer(std::string_view candidate);
    std::string text() const;  // "did you mean `x`?" or empty.

   private:
    std::string_view name_;
    std::string best_;
    std::size_t distance_ = SIZE_MAX;
  };

 private:
  void add(std::string_view code, Severity severity, Span span, std::string&& message, std::string&& label, std::string&& help);

  std::vector<Diagnostic> diagnostics_;
  std::unordered_set<std::string> seen_;
  std::unordered_map<std::uint32_t, std::size_t> per_file_;
  std::size_t errors_ = 0;
  std::size_t comparisons_left_ = 1'000'000;
};

// How many letters must change to get from one word to the other (case does not count; neighbours swapped count once),
// or `bound` + 1 if more than `bound`.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t bound);

}  // namespace sequitur::dsl
