// Digits eight at a time, and numbers that are read with them, against going byte by byte.
#include "event/digits.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "event/number_text.hpp"

namespace sequitur {
namespace {

// The text in memory that ends with it, and in memory that goes on with other bytes.
struct Placed {
  explicit Placed(const std::string& text, std::mt19937& random) : exact(new char[text.size() + 1]), size(text.size()) {
    std::copy(text.begin(), text.end(), exact.get());
    followed = text;
    for (int i = 0; i < 16; ++i) followed += "0123456789,.\n\"e-\xFF"[random() % 17];
  }
  std::string_view text() const { return {exact.get(), size}; }
  std::string_view followed_text() const { return std::string_view(followed).substr(0, size); }
  const char* readable() const { return followed.data() + followed.size(); }

  std::unique_ptr<char[]> exact;
  std::size_t size;
  std::string followed;
};

std::string drawn(std::mt19937& random, std::string_view characters, std::size_t most) {
  std::string text(random() % (most + 1), ' ');
  for (char& c : text) c = characters[random() % characters.size()];
  return text;
}

TEST(Digits, AreCountedUpToTheFirstOtherByte) {
  for (unsigned other = 0; other < 256; ++other) {
    for (unsigned at = 0; at <= 8; ++at) {
      std::string bytes = "90817263";
      for (std::size_t i = at; i < 8; i += 3) bytes[i] = static_cast<char>(other);
      const bool digit = other >= '0' && other <= '9';
      EXPECT_EQ(count_digits(load_eight(bytes.data())), digit ? 8 : at) << other << " at " << at;
      EXPECT_EQ(read_number_of(load_eight(bytes.data()), 8).digits, digit || at == 8);
      const SpelledNumber front = read_number_of(load_eight(bytes.data()), at);
      EXPECT_TRUE(front.digits);
      EXPECT_EQ(front.value, at == 0 ? 0u : std::stoull(bytes.substr(0, at)));
    }
  }
}

TEST(Digits, BytesAreLoadedWithoutThoseBehind) {
  std::mt19937 random(3);
  for (std::size_t size = 0; size < 20; ++size) {
    const Placed placed(std::string("abcdefghijklmnopqrst").substr(0, size), random);
    std::uint64_t expected = 0;
    for (std::size_t i = 0; i < std::min<std::size_t>(size, 8); ++i)
      expected |= static_cast<std::uint64_t>(static_cast<unsigned char>(placed.text()[i])) << (8 * i);
    EXPECT_EQ(load_up_to_eight(placed.text().data(), size, placed.text().data() + size), expected) << size;
    if (size < 8) { EXPECT_EQ(first_bytes(load_up_to_eight(placed.followed.data(), size, placed.readable()), size), expected) << size; }
  }
}

TEST(ParseInt, ReadsWhatADigitAtATimeGives) {
  std::mt19937 random(1);
  int good = 0;
  for (int round = 0; round < 200'000; ++round) {
    const std::string text = drawn(random, round % 2 == 0 ? "0123456789" : "0123456789/:-+ .", 21);
    std::size_t i = !text.empty() && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    bool expected = i < text.size();
    __extension__ __int128 value = 0;
    for (; i < text.size(); ++i) {
      expected = expected && is_digit(text[i]);
      if (expected) value = value * 10 + (text[i] - '0');
    }
    expected = expected && value <= std::numeric_limits<std::int64_t>::max();
    if (text[0] == '-') value = -value;
    const Placed placed(text, random);
    std::int64_t alone = 0, followed = 0;
    ASSERT_EQ(parse_int(placed.text(), alone), expected) << text;
    ASSERT_EQ(parse_int(placed.followed_text(), followed, placed.readable()), expected) << placed.followed;
    if (!expected) continue;
    ++good;
    ASSERT_EQ(alone, static_cast<std::int64_t>(value)) << text;
    ASSERT_EQ(followed, alone) << placed.followed;
  }
  EXPECT_GT(good, 80'000);
}

TEST(ParseFloat, ReadsTheSameWhateverStandsBehind) {
  std::mt19937 random(2);
  int good = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text = drawn(random, round % 8 == 0 ? "0123456789.-+eE ," : "0123456789", 10);
    if (round % 2 == 0) text.insert(random() % (text.size() + 1), ".");
    const Placed placed(text, random);
    double alone = 0, followed = 0;
    const bool read = parse_float(placed.text(), alone);
    ASSERT_EQ(parse_float(placed.followed_text(), followed, placed.readable()), read) << placed.followed;
    const bool plain = !text.empty() && text.find_first_not_of("0123456789.") == std::string::npos;
    if (plain) { ASSERT_EQ(read, text.find_first_of("0123456789") != std::string::npos && text.find('.') == text.rfind('.')) << text; }
    if (!read) continue;
    ++good;
    ASSERT_EQ(alone, followed) << placed.followed;
    ASSERT_EQ(alone, std::strtod(text.c_str(), nullptr)) << text;
  }
  EXPECT_GT(good, 100'000);
}

}  // namespace
}  // namespace sequitur
