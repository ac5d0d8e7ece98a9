#include "event/list.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "sequitur/alert.hpp"

namespace sequitur {
namespace {

std::string shown(Slot list, Type type) {
  std::string out;
  append_text(list, type, out);
  return out;
}

TEST(List, HoldsTextsOfAnyLengthAndNulls) {
  Arena arena;
  const std::string huge(100'000, 'x');
  ListWriter writer(Type::kString);
  writer.add(arena.text("a"));
  writer.add_null();
  writer.add(arena.text(huge));
  writer.add(arena.text(""));
  const Slot list = writer.finish(arena);
  const Slot copy = arena.text(list.text());  // It is bytes only: any copy is the list.
  const ListView view(copy, Type::kString);
  ASSERT_EQ(view.size(), 4U);
  EXPECT_EQ(view[0].text(), "a");
  EXPECT_TRUE(view[1].is_null(Type::kString));
  EXPECT_EQ(view[2].text(), huge);
  EXPECT_EQ(view[3].text(), "");
  EXPECT_FALSE(view[3].is_null(Type::kString));
  EXPECT_EQ(writer.size(), 0U) << "it begins anew";
  EXPECT_EQ(list.text(), copy.text());
}

TEST(List, AnEmptyListIsNotNull) {
  Arena arena;
  const Slot list = ListWriter(Type::kInt).finish(arena);
  EXPECT_FALSE(list.is_null(list_of(Type::kInt)));
  EXPECT_EQ(ListView(list, Type::kInt).size(), 0U);
  EXPECT_TRUE(Slot::null(list_of(Type::kInt)).is_null(list_of(Type::kInt)));
}

TEST(List, EqualListsHaveEqualBytes) {
  ListWriter a(Type::kFloat), b(Type::kFloat);
  a.add(Slot::of_float(0.0));
  a.add(Slot::of_float(std::numeric_limits<double>::quiet_NaN()));
  b.add(Slot::of_float(-0.0));
  b.add(Slot::of_float(std::nan("7")));
  EXPECT_EQ(a.bytes(), b.bytes());
}

TEST(List, TooManyElementsGiveNull) {
  Arena arena;
  ListWriter writer(Type::kBool);
  for (std::size_t i = 0; i <= kMostListElements; ++i) writer.add(Slot::of_bool(true));
  EXPECT_TRUE(writer.too_large());
  EXPECT_TRUE(writer.finish(arena).is_null(list_of(Type::kBool)));
}

TEST(List, AsTextAndJson) {
  Arena arena;
  ListWriter writer(Type::kDecimal);
  writer.add(Slot::of_int(1'500'000));
  writer.add_null();
  EXPECT_EQ(shown(writer.finish(arena), list_of(Type::kDecimal)), "1.5, null");
  EXPECT_EQ(shown(writer.finish(arena), list_of(Type::kDecimal)), "");
  EXPECT_EQ(to_string(list_of(Type::kIp)), "ip[]");
  EXPECT_EQ(element_of(list_of(Type::kTime)), Type::kTime);
}

TEST(Formatted, NumbersInMessages) {
  const auto shown = [](Slot value, Type type, int decimals, bool grouped) {
    std::string out = "x";
    append_formatted(value, type, {decimals, grouped}, out);
    return out.substr(1);
  };
  EXPECT_EQ(shown(Slot::of_float(1234567.891), Type::kFloat, 2, true), "1,234,567.89");
  EXPECT_EQ(shown(Slot::of_float(2.675), Type::kFloat, 2, false), "2.68") << "as it is spelled";
  EXPECT_EQ(shown(Slot::of_float(-2.5), Type::kFloat, 0, false), "-3");
  EXPECT_EQ(shown(Slot::of_float(-0.001), Type::kFloat, 2, false), "0.00");
  EXPECT_EQ(shown(Slot::of_float(1e300), Type::kFloat, 2, false), "1e+300");
  EXPECT_EQ(shown(Slot::of_int(-1234567), Type::kInt, -1, true), "-1,234,567");
  EXPECT_EQ(shown(Slot::of_int(123), Type::kInt, 2, true), "123.00");
  EXPECT_EQ(shown(Slot::of_int(1'005'000), Type::kDecimal, 2, false), "1.01");
  EXPECT_EQ(shown(Slot::of_int(1'000'000), Type::kDecimal, 3, false), "1.000");
  EXPECT_EQ(shown(Slot::of_int(1'500'000), Type::kDecimal, 9, false), "1.500000000");
  EXPECT_EQ(shown(Slot::null(Type::kFloat), Type::kFloat, 2, true), "null");
  EXPECT_EQ(shown(Slot::of_short_text("1234"), Type::kString, 2, true), "1234");
}

}  // namespace
}  // namespace sequitur
