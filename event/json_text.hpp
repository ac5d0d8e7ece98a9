// Writing JSON by hand: pieces that append to a string. Whatever bytes come in, what leaves is valid JSON.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sequitur {

// The length of the valid UTF-8 sequence at `text[0]`, 1 to 4; 0 when there is none. `text` is not empty.
std::size_t utf8_length(std::string_view text);
bool is_utf8(std::string_view text);

// A string in quotes. Bytes that are not UTF-8 become U+FFFD, one for each byte.
void append_json_string(std::string_view text, std::string& out);
// The shortest spelling that reads back as the same value; not finite: null.
void append_json_number(double value, std::string& out);
void append_json_number(std::int64_t value, std::string& out);
// With so many digits behind the point (at most 30): the shortest spelling rounded half away from zero, so that 2.675 gives
// 2.68 though the double is a little less; -0 has no sign. A value of 1e17 or more is written in its shortest spelling.
void append_fixed(double value, int decimals, std::string& out);
void append_json_number(std::uint64_t value, std::string& out);

// Standard base64 with padding, for bytes that are not text.
void append_base64(std::string_view bytes, std::string& out);

}  // namespace sequitur
