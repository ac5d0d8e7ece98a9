// Identifiers of generated people and things: a letter and digits, written without allocation.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sequitur::cli {

class Id {
 public:
  // Id('u', 17, 6) is "u000017".
  Id(char letter, std::uint64_t number, int digits) {
    text_[0] = letter;
    append(number, digits);
  }
  // "t00012-1".
  Id& part(std::uint64_t number) {
    text_[size_++] = '-';
    text_[size_++] = static_cast<char>('0' + number % 10);
    return *this;
  }
  operator std::string_view() const { return {text_, size_}; }
  std::string str() const { return std::string(std::string_view(*this)); }

  // "4000123412341234": sixteen digits that look like a card number.
  static Id card(std::uint64_t number) {
    Id id('4', number * 7'919 % 1'000'000'000 * 1'000'000 + number, 15);
    return id;
  }
  static Id ip(std::uint64_t number) {
    Id id;
    id.octet(11 + number / 16'777'216 % 180);
    id.text_[id.size_++] = '.';
    id.octet(number / 65'536 % 256);
    id.text_[id.size_++] = '.';
    id.octet(number / 256 % 256);
    id.text_[id.size_++] = '.';
    id.octet(number % 256);
    return id;
  }

 private:
  Id() : size_(0) {}
  void append(std::uint64_t number, int digits) {
    for (int i = digits; i > 0; --i, number /= 10) text_[static_cast<std::size_t>(i)] = static_cast<char>('0' + number % 10);
    size_ = static_cast<std::size_t>(digits) + 1;
  }
  void octet(std::uint64_t value) {
    if (value >= 100) text_[size_++] = static_cast<char>('0' + value / 100);
    if (value >= 10) text_[size_++] = static_cast<char>('0' + value / 10 % 10);
    text_[size_++] = static_cast<char>('0' + value % 10);
  }

  char text_[24] = {};
  std::size_t size_ = 0;
};

}  // namespace sequitur::cli
