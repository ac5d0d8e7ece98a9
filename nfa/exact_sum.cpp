#include "nfa/exact_sum.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

namespace sequitur::nfa {
namespace {

__extension__ using Wide = unsigned __int128;
__extension__ using SignedWide = __int128;

constexpr int kLowBit = -60;   // Of the 128-bit sums,
constexpr int kMaxShift = 47;  // whose values are below 2^(53 + 47 - 60) = 2^40.
constexpr int kWideLowBit = -1074;
constexpr int kWideWords = 34;  // 2,098 bits of a float, 26 of their number, the sign.
constexpr int kSquareWords = 2 * kWideWords;
constexpr int kSquareLowBit = 2 * kWideLowBit;

// A finite float that is not zero: mantissa * 2^exponent.
struct Parts {
  std::uint64_t mantissa;
  int exponent;
  bool negative;
};

Parts parts_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto field = static_cast<int>(bits >> 52 & 0x7FF);
  const std::uint64_t fraction = bits & 0xF'FFFF'FFFF'FFFFULL;
  const bool negative = (bits >> 63) != 0;
  if (field == 0) return {fraction, kWideLowBit, negative};
  return {fraction | std::uint64_t{1} << 52, field - 1075, negative};
}

// Makes it a multiple of 2^-60, if it is one and small enough: then `exponent` is 0 .. kMaxShift above it.
bool is_narrow(Parts& parts) {
  int shift = parts.exponent - kLowBit;
  if (shift < 0) {
    if (-shift > std::countr_zero(parts.mantissa)) return false;
    parts.mantissa >>= -shift;
    parts.exponent -= shift;
    shift = 0;
  }
  return shift <= kMaxShift;
}

// words (two's complement, the lowest first) += or -= magnitude * 2^position.
void add_shifted(std::uint64_t* words, int count, Wide magnitude, int position, bool negative) {
  const int bit = position % 64;
  const auto low = static_cast<std::uint64_t>(magnitude), high = static_cast<std::uint64_t>(magnitude >> 64);
  const std::uint64_t pieces[3] = {low << bit, bit == 0 ? high : high << bit | low >> (64 - bit), bit == 0 ? 0 : high >> (64 - bit)};
  std::uint64_t carry = 0;
  for (int i = position / 64, piece = 0; i < count && (piece < 3 || carry != 0); ++i, ++piece) {
    const std::uint64_t part = piece < 3 ? pieces[piece] : 0;
    std::uint64_t result = 0;
    bool over = negative ? __builtin_sub_overflow(words[i], part, &result) : __builtin_add_overflow(words[i], part, &result);
    over |= negative ? __builtin_sub_overflow(result, carry, &words[i]) : __builtin_add_overflow(result, carry, &words[i]);
    carry = over ? 1 : 0;
  }
}

// Turns a negative number into its magnitude; returns whether it was one.
bool take_sign(std::uint64_t* words, int count) {
  if (words[count - 1] >> 63 == 0) return false;
  std::uint64_t carry = 1;
  for (int i = 0; i < count; ++i) {
    words[i] = ~words[i] + carry;
    carry = carry != 0 && words[i] == 0 ? 1 : 0;
  }
  return true;
}

bool bit_at(const std::uint64_t* words, int bit) { return (words[bit / 64] >> (bit % 64) & 1) != 0; }

// mantissa * 2^exponent: also what no float holds, such as the squares of the largest and the smallest ones.
struct Rounded {
  double mantissa;
  int exponent;
  double value() const { return std::ldexp(mantissa, exponent); }
};

// magnitude * 2^low_bit, rounded to 53 bits, ties to even.
Rounded rounded(const std::uint64_t* words, int count, int low_bit) {
  int word = count - 1;
  while (word >= 0 && words[word] == 0) --word;
  if (word < 0) return {0, 0};
  const int top = 64 * word + 63 - std::countl_zero(words[word]);
  if (top < 53) return {static_cast<double>(words[0]), low_bit};
  std::uint64_t mantissa = 0;
  for (int bit = top; bit > top - 53; --bit) mantissa = mantissa << 1 | (bit_at(words, bit) ? 1 : 0);
  const int half = top - 53;
  if (bit_at(words, half)) {
    bool rest = (words[half / 64] & ((std::uint64_t{1} << (half % 64)) - 1)) != 0;
    for (int i = 0; i < half / 64 && !rest; ++i) rest = words[i] != 0;
    if (rest || (mantissa & 1) != 0) ++mantissa;
  }
  return {static_cast<double>(mantissa), low_bit + top - 52};
}

// sqrt(square / divisor): the powers of two stay apart.
double root_of(Rounded square, double divisor) {
  const int odd = square.exponent & 1;
  return std::ldexp(std::sqrt(std::ldexp(square.mantissa, odd) / divisor), (square.exponent - odd) / 2);
}

// out[0 .. a_count + b_count - 1] = a * b.
void multiply(const std::uint64_t* a, int a_count, const std::uint64_t* b, int b_count, std::uint64_t* out) {
  for (int i = 0; i < a_count + b_count; ++i) out[i] = 0;
  for (int i = 0; i < a_count; ++i) {
    std::uint64_t carry = 0;
    for (int k = 0; k < b_count; ++k) {
      const Wide sum = static_cast<Wide>(a[i]) * b[k] + out[i + k] + carry;
      out[i + k] = static_cast<std::uint64_t>(sum);
      carry = static_cast<std::uint64_t>(sum >> 64);
    }
    out[i + b_count] = carry;
  }
}

void subtract(std::uint64_t* from, const std::uint64_t* what, int count) {
  std::uint64_t borrow = 0;
  for (int i = 0; i < count; ++i) {
    std::uint64_t result = 0;
    bool under = __builtin_sub_overflow(from[i], what[i], &result);
    under |= __builtin_sub_overflow(result, borrow, &from[i]);
    borrow = under ? 1 : 0;
  }
}

// words = words * factor + 0; whatever lies above is lost.
void multiply_by(std::uint64_t* words, int count, std::uint64_t factor) {
  std::uint64_t carry = 0;
  for (int i = 0; i < count; ++i) {
    const Wide product = static_cast<Wide>(words[i]) * factor + carry;
    words[i] = static_cast<std::uint64_t>(product);
    carry = static_cast<std::uint64_t>(product >> 64);
  }
}

// The number as a float, ties to even. What does not fit into 63 bits is as good as one bit at their end.
double rounded(SignedWide number) {
  const Wide magnitude = number < 0 ? -static_cast<Wide>(number) : static_cast<Wide>(number);
  const auto high = static_cast<std::uint64_t>(magnitude >> 64);
  const int shift = high == 0 ? 1 : 65 - std::countl_zero(high);
  const bool rest = (magnitude & ((Wide{1} << shift) - 1)) != 0;
  const auto top = static_cast<std::int64_t>(magnitude >> shift) | (rest ? 1 : 0);
  const auto scale = std::bit_cast<double>(static_cast<std::uint64_t>(1023 + shift) << 52);
  const double result = static_cast<double>(top) * scale;
  return number < 0 ? -result : result;
}

}  // namespace

void ExactSum::change(double value, bool remove) {
  if (value == 0 || !std::isfinite(value)) return;
  Parts parts = parts_of(value);
  const bool negative = parts.negative != remove;
  if (is_narrow(parts)) {
    const Wide shifted = static_cast<Wide>(parts.mantissa) << (parts.exponent - kLowBit);
    const Wide before = static_cast<Wide>(high_) << 64 | low_;
    const Wide after = negative ? before - shifted : before + shifted;
    low_ = static_cast<std::uint64_t>(after);
    high_ = static_cast<std::uint64_t>(after >> 64);
    return;
  }
  wide_values_ += remove ? ~std::uint64_t{0} : 1;
  if (wide_ == nullptr) wide_ = new std::uint64_t[kWideWords]();
  add_shifted(wide_, kWideWords, parts.mantissa, parts.exponent - kWideLowBit, negative);
}

double ExactSum::rounded() const {
  const auto narrow = static_cast<SignedWide>(static_cast<Wide>(high_) << 64 | low_);
  if (wide_values_ == 0) return nfa::rounded(narrow) * 0x1p-60;  // A power of two: exact.
  std::array<std::uint64_t, kWideWords> all;
  for (int i = 0; i < kWideWords; ++i) all[static_cast<std::size_t>(i)] = wide_[i];
  const Wide magnitude = narrow < 0 ? -static_cast<Wide>(narrow) : static_cast<Wide>(narrow);
  add_shifted(all.data(), kWideWords, magnitude, kLowBit - kWideLowBit, narrow < 0);
  const bool negative = take_sign(all.data(), kWideWords);
  const double result = nfa::rounded(all.data(), kWideWords, kWideLowBit).value();
  return negative ? -result : result;
}

void ExactSum::append_to(std::vector<std::uint64_t>& numbers) const {
  for (const std::uint64_t number : {low_, high_, wide_values_}) numbers.push_back(number);
  if (wide_values_ > 0) numbers.insert(numbers.end(), wide_, wide_ + kWideWords);
}

bool ExactSum::take_from(std::span<const std::uint64_t>& numbers) {
  if (numbers.size() < 3 || (numbers[2] > 0 && numbers.size() < 3 + kWideWords)) return false;
  release();
  low_ = numbers[0];
  high_ = numbers[1];
  wide_values_ = numbers[2];
  numbers = numbers.subspan(3);
  if (wide_values_ == 0) return true;
  wide_ = new std::uint64_t[kWideWords];
  std::copy_n(numbers.begin(), kWideWords, wide_);
  numbers = numbers.subspan(kWideWords);
  return true;
}

void ExactSum::release() {
  delete[] wide_;
  *this = ExactSum();
}

void ExactMoments::change(double value, bool remove) {
  if (value == 0 || !std::isfinite(value)) return;
  sum_.change(value, remove);
  Parts parts = parts_of(value);
  if (is_narrow(parts)) {
    add_shifted(squares_, 4, static_cast<Wide>(parts.mantissa) * parts.mantissa, 2 * (parts.exponent - kLowBit), remove);
    return;
  }
  if (wide_ == nullptr) wide_ = new std::uint64_t[kSquareWords]();
  add_shifted(wide_, kSquareWords, static_cast<Wide>(parts.mantissa) * parts.mantissa, 2 * (parts.exponent - kWideLowBit), remove);
}

double ExactMoments::deviation(std::uint64_t count) const {
  const auto narrow = static_cast<SignedWide>(static_cast<Wide>(sum_.high_) << 64 | sum_.low_);
  const Wide magnitude = narrow < 0 ? -static_cast<Wide>(narrow) : static_cast<Wide>(narrow);
  const auto pairs = static_cast<double>(count) * static_cast<double>(count - 1);
  if (sum_.wide_values_ == 0) {
    std::uint64_t difference[4] = {squares_[0], squares_[1], squares_[2], squares_[3]};
    multiply_by(difference, 4, count);
    const std::uint64_t sum[2] = {static_cast<std::uint64_t>(magnitude), static_cast<std::uint64_t>(magnitude >> 64)};
    std::uint64_t square[4];
    multiply(sum, 2, sum, 2, square);
    subtract(difference, square, 4);
    return root_of(rounded(difference, 4, 2 * kLowBit), pairs);
  }
  std::array<std::uint64_t, kSquareWords> difference;
  for (int i = 0; i < kSquareWords; ++i) difference[static_cast<std::size_t>(i)] = wide_[i];
  const int position = 2 * kLowBit - kSquareLowBit;
  add_shifted(difference.data(), kSquareWords, static_cast<Wide>(squares_[1]) << 64 | squares_[0], position, false);
  add_shifted(difference.data(), kSquareWords, static_cast<Wide>(squares_[3]) << 64 | squares_[2], position + 128, false);
  multiply_by(difference.data(), kSquareWords, count);
  std::array<std::uint64_t, kWideWords> sum;
  for (int i = 0; i < kWideWords; ++i) sum[static_cast<std::size_t>(i)] = sum_.wide_[i];
  add_shifted(sum.data(), kWideWords, magnitude, kLowBit - kWideLowBit, narrow < 0);
  take_sign(sum.data(), kWideWords);
  std::array<std::uint64_t, kSquareWords> square;
  multiply(sum.data(), kWideWords, sum.data(), kWideWords, square.data());
  subtract(difference.data(), square.data(), kSquareWords);
  return root_of(rounded(difference.data(), kSquareWords, kSquareLowBit), pairs);
}

void ExactMoments::append_to(std::vector<std::uint64_t>& numbers) const {
  sum_.append_to(numbers);
  numbers.insert(numbers.end(), squares_, squares_ + 4);
  if (sum_.wide_values_ > 0) numbers.insert(numbers.end(), wide_, wide_ + kSquareWords);
}

bool ExactMoments::take_from(std::span<const std::uint64_t>& numbers) {
  release();
  if (!sum_.take_from(numbers)) return false;
  const std::size_t wide = sum_.wide_values_ > 0 ? kSquareWords : 0;
  if (wide > 0) wide_ = new std::uint64_t[kSquareWords]();
  if (numbers.size() < 4 + wide) return false;
  std::copy_n(numbers.begin(), 4, squares_);
  std::copy_n(numbers.begin() + 4, wide, wide_);
  numbers = numbers.subspan(4 + wide);
  return true;
}

void ExactMoments::release() {
  sum_.release();
  delete[] wide_;
  *this = ExactMoments();
}

}  // namespace sequitur::nfa
