#include "event/json_text.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <iterator>

namespace sequitur {
namespace {

constexpr char kPlain = 0;      // Stands for itself.
constexpr char kHex = 1;        // A control character: \u00XX.
constexpr char kMultibyte = 2;  // Begins or continues a sequence of bytes. Any other value: the letter behind a backslash.

constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (std::size_t c = 0; c < 0x20; ++c) table[c] = kHex;
  for (std::size_t c = 0x80; c < 0x100; ++c) table[c] = kMultibyte;
  table['"'] = '"';
  table['\\'] = '\\';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  return table;
}
constexpr std::array<char, 256> kEscapes = make_escapes();

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

}  // namespace

std::size_t utf8_length(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4) return 0;
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!is_continuation(text[i])) return 0;
  const auto second = static_cast<unsigned char>(text[1]);
  if (lead == 0xE0 && second < 0xA0) return 0;  // Longer than needed.
  if (lead == 0xED && second > 0x9F) return 0;  // A surrogate.
  if (lead == 0xF0 && second < 0x90) return 0;
  if (lead == 0xF4 && second > 0x8F) return 0;  // Beyond U+10FFFF.
  return length;
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t length = utf8_length(text);
    if (length == 0) return false;
    text.remove_prefix(length);
  }
  return true;
}

void append_json_string(std::string_view text, std::string& out) {
  out += '"';
  std::size_t run = 0;  // Where the bytes begin that were not written yet.
  std::size_t i = 0;
  while (i < text.size()) {
    const char escape = kEscapes[static_cast<unsigned char>(text[i])];
    if (escape == kPlain) {
      ++i;
      continue;
    }
    if (escape == kMultibyte) {
      const std::size_t length = utf8_length(text.substr(i));
      if (length != 0) {
        i += length;
        continue;
      }
    }
    out.append(text, run, i - run);
    if (escape == kMultibyte) {
      out += "\xEF\xBF\xBD";
    } else if (escape == kHex) {
      constexpr char kDigits[] = "0123456789abcdef";
      const auto c = static_cast<unsigned char>(text[i]);
      out += "\\u00";
      out += kDigits[c >> 4];
      out += kDigits[c & 15];
    } else {
      out += '\\';
      out += escape;
    }
    run = ++i;
  }
  out.append(text, run, text.size() - run);
  out += '"';
}

void append_json_number(double value, std::string& out) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void append_json_number(std::int64_t value, std::string& out) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

void append_fixed(double value, int decimals, std::string& out) {
  if (!(std::abs(value) < 1e17)) return append_json_number(value, out);
  const std::string longer = fmt::format("{:.{}f}", value, decimals + 1);
  const bool tie = longer.back() == '5' && std::strtod(longer.c_str(), nullptr) == value;
  if (tie) value = std::nextafter(value, value < 0 ? -1e18 : 1e18);
  const std::size_t from = out.size();
  fmt::format_to(std::back_inserter(out), "{:.{}f}", value, decimals);
  if (out[from] == '-' && out.find_first_not_of("0.", from + 1) == std::string::npos) out.erase(from, 1);
}

void append_json_number(std::uint64_t value, std::string& out) {
  const fmt::format_int text(value);
  out.append(text.data(), text.size());
}

void append_base64(std::string_view bytes, std::string& out) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i])) << 16;
    if (i + 1 < bytes.size()) group |= static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[i + 1])) << 8;
    if (i + 2 < bytes.size()) group |= static_cast<unsigned char>(bytes[i + 2]);
    out += kAlphabet[group >> 18];
    out += kAlphabet[(group >> 12) & 63];
    out += i + 1 < bytes.size() ? kAlphabet[(group >> 6) & 63] : '=';
    out += i + 2 < bytes.size() ? kAlphabet[group & 63] : '=';
  }
}

}  // namespace sequitur
