#include <algorithm>
#include <vector>

#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

// In the order of the codes, errors first.
std::span<const CodeInfo> check_codes() {
  static const std::vector<CodeInfo> codes = [] {
    std::vector<CodeInfo> all;
    for (const auto& part : {stream_codes(), let_codes(), expression_codes(), rule_codes(), pattern_codes(), derived_codes(),
                             window_codes(), counting_codes(), test_codes(), reuse_codes(), warning_codes()})
      all.insert(all.end(), part.begin(), part.end());
    std::sort(all.begin(), all.end(), [](const CodeInfo& a, const CodeInfo& b) { return a.code < b.code; });
    return all;
  }();
  return codes;
}

}  // namespace sequitur::dsl
