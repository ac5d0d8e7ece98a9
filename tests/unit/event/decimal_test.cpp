#include "event/decimal.hpp"

#include <gtest/gtest.h>

#include "sequitur/value.hpp"

namespace sequitur {
namespace {

constexpr std::int64_t kGreatest = std::numeric_limits<std::int64_t>::max();

std::string read(std::string_view text) {
  std::int64_t value = 77;
  if (!parse_decimal(text, value)) return value == 77 ? "none" : "touched";
  std::string out;
  append_decimal(value, out);
  return out;
}

TEST(Decimal, IsReadExactly) {
  EXPECT_EQ(read("0"), "0");
  EXPECT_EQ(read("-0.0"), "0");
  EXPECT_EQ(read("12.50"), "12.5");
  EXPECT_EQ(read("+007.000001"), "7.000001");
  EXPECT_EQ(read(".5"), "0.5");
  EXPECT_EQ(read("5."), "5");
  EXPECT_EQ(read("-1.5e2"), "-150");
  EXPECT_EQ(read("1E-6"), "0.000001");
  EXPECT_EQ(read("123456789e-6"), "123.456789");
  EXPECT_EQ(read("1000000000000"), "1000000000000");
  EXPECT_EQ(read("9223372036854.775807"), "9223372036854.775807");
  EXPECT_EQ(read("-9223372036854.775807"), "-9223372036854.775807");
  EXPECT_EQ(read("0.1000000000000000000000000000000000"), "0.1");
  EXPECT_EQ(read("0.00000000000000000000000001e26"), "1");
  EXPECT_EQ(read("0e999999999999999999999"), "0");
}

TEST(Decimal, WhatIsNoDecimalIsRefused) {
  for (const char* text : {"", "-", ".", "e5", "1e", "1e+", "1.2.3", " 1", "1 ", "0x10", "nan", "1,5", "--1"})
    EXPECT_EQ(read(text), "none") << text;
  EXPECT_EQ(read("0.0000001"), "none") << "seven digits behind the point";
  EXPECT_EQ(read("0.30000000000000004"), "none");
  EXPECT_EQ(read("9223372036854.775808"), "none") << "too large";
  EXPECT_EQ(read("-9223372036854.775808"), "none") << "this one stands for null";
  EXPECT_EQ(read("1e13"), "none");
  EXPECT_EQ(read("1e999999999999999999999"), "none");
  EXPECT_EQ(read("99999999999999999999999999"), "none");
}

TEST(Decimal, ProductsAndQuotientsAreRoundedHalfAwayFromZero) {
  EXPECT_EQ(decimal_multiply(1'500'000, 2'000'000), 3'000'000);
  EXPECT_EQ(decimal_multiply(1, 500'000), 1) << "0.0000005 up";
  EXPECT_EQ(decimal_multiply(-1, 500'000), -1);
  EXPECT_EQ(decimal_multiply(1, 499'999), 0);
  EXPECT_EQ(decimal_multiply(kGreatest, 1'000'001), kNullInt);
  EXPECT_EQ(decimal_divide(1'000'000, 3'000'000), 333'333);
  EXPECT_EQ(decimal_divide(2'000'000, 3'000'000), 666'667);
  EXPECT_EQ(decimal_divide(-2'000'000, 3'000'000), -666'667);
  EXPECT_EQ(decimal_divide(1'000'000, 0), kNullInt);
  EXPECT_EQ(decimal_divide(kGreatest, 1), kNullInt);
  EXPECT_EQ(decimal_of_int(9'223'372'036'854), 9'223'372'036'854'000'000);
  EXPECT_EQ(decimal_of_int(9'223'372'036'855), kNullInt);
  EXPECT_EQ(decimal_of_float(0.1), 100'000);
  EXPECT_EQ(decimal_of_float(1e300), kNullInt);
}

TEST(Decimal, Rounding) {
  EXPECT_EQ(decimal_round(2'345'000, 2, Rounding::kNearest), 2'350'000);
  EXPECT_EQ(decimal_round(-2'345'000, 2, Rounding::kNearest), -2'350'000);
  EXPECT_EQ(decimal_round(-2'345'000, 2, Rounding::kDown), -2'350'000);
  EXPECT_EQ(decimal_round(-2'345'000, 2, Rounding::kUp), -2'340'000);
  EXPECT_EQ(decimal_round(-2'345'000, 0, Rounding::kToZero), -2'000'000);
  EXPECT_EQ(decimal_round(1'250'000'000, -2, Rounding::kNearest), 1'300'000'000);
  EXPECT_EQ(decimal_round(2'345'678, 9, Rounding::kNearest), 2'345'678);
  EXPECT_EQ(decimal_round(kGreatest, -12, Rounding::kNearest), 9'000'000'000'000'000'000);
  EXPECT_EQ(decimal_round(kGreatest, -12, Rounding::kUp), kNullInt);
}

}  // namespace
}  // namespace sequitur
