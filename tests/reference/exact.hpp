// Sums and deviations by arbitrary precision: nothing is rounded but the result.
#pragma once

#include <vector>

#include "tests/reference/value.hpp"

namespace sequitur::reference {

// The nearest float to the sum, ties to even; null over nothing and where it is too large. Whole numbers: the sum itself, if
// it fits.
Value exact_sum(const std::vector<Value>& values);
// The sum through the number; whole numbers (times, durations) cut to whole ones.
Value exact_average(const std::vector<Value>& values);
// sqrt((n * sum of squares - square of the sum) / (n * (n - 1))); the difference is exact, then rounded to 53 bits.
Value exact_deviation(const std::vector<Value>& values);

}  // namespace sequitur::reference
