#include "event/ip.hpp"

#include <algorithm>
#include <cstring>

#include "event/characters.hpp"

namespace sequitur {
namespace {

constexpr std::string_view kMapped{"\0\0\0\0\0\0\0\0\0\0\xFF\xFF", 12};

int hex_value(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Four numbers of at most 255, without leading zeros: what others read as octal is not guessed at.
bool parse_dotted(std::string_view text, char* bytes) {
  for (int part = 0; part < 4; ++part) {
    if (part > 0) {
      if (text.empty() || text[0] != '.') return false;
      text.remove_prefix(1);
    }
    std::size_t length = 0;
    int value = 0;
    while (length < text.size() && length < 4 && is_digit(text[length])) value = value * 10 + (text[length++] - '0');
    if (length == 0 || length > 3 || value > 255 || (length > 1 && text[0] == '0')) return false;
    bytes[part] = static_cast<char>(value);
    text.remove_prefix(length);
  }
  return text.empty();
}

bool parse_colons(std::string_view text, IpBytes& address) {
  constexpr std::size_t kNowhere = 17;
  std::array<char, 16> front{};
  std::size_t size = 0;        // Bytes read.
  std::size_t gap = kNowhere;  // Where `::` stands, in bytes.
  if (text.starts_with("::")) {
    gap = 0;
    text.remove_prefix(2);
  }
  while (!text.empty()) {
    std::size_t length = 0;
    unsigned value = 0;
    while (length < text.size() && length < 5 && hex_value(text[length]) >= 0)
      value = value * 16 + static_cast<unsigned>(hex_value(text[length++]));
    if (length < text.size() && text[length] == '.') {
      if (size > 12 || !parse_dotted(text, front.data() + size)) return false;
      size += 4;
      text = {};
      break;
    }
    if (length == 0 || length > 4 || size > 14) return false;
    front[size++] = static_cast<char>(value >> 8);
    front[size++] = static_cast<char>(value & 0xFF);
    text.remove_prefix(length);
    if (text.empty()) break;
    if (text.starts_with("::") && gap == kNowhere) {
      gap = size;
      text.remove_prefix(2);
    } else if (text[0] == ':' && text.size() > 1 && text[1] != ':') {
      text.remove_prefix(1);
    } else {
      return false;
    }
  }
  if (gap == kNowhere) {
    if (size != 16) return false;
    address = front;
    return true;
  }
  if (size > 14) return false;  // `::` stands for two bytes at least.
  address.fill(0);
  std::copy_n(front.begin(), gap, address.begin());
  std::copy_n(front.begin() + static_cast<std::ptrdiff_t>(gap), size - gap, address.end() - static_cast<std::ptrdiff_t>(size - gap));
  return true;
}

}  // namespace

bool parse_ip(std::string_view text, IpBytes& address) {
  if (text.size() > 45) return false;
  IpBytes result{};
  if (text.find(':') != std::string_view::npos) {
    if (!parse_colons(text, result)) return false;
  } else {
    std::copy(kMapped.begin(), kMapped.end(), result.begin());
    if (!parse_dotted(text, result.data() + kMapped.size())) return false;
  }
  address = result;
  return true;
}

void append_ip(std::string_view bytes, std::string& out) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(bytes[i])); };
  if (is_ipv4(bytes)) {
    for (std::size_t i = 12; i < 16; ++i) {
      if (i > 12) out += '.';
      out += std::to_string(byte(i));
    }
    return;
  }
  std::size_t best = 8, best_length = 1;  // In groups of 16 bits; one zero alone is written out.
  for (std::size_t from = 0; from < 8; ++from) {
    std::size_t length = 0;
    while (from + length < 8 && byte(2 * (from + length)) == 0 && byte(2 * (from + length) + 1) == 0) ++length;
    if (length > best_length) {
      best = from;
      best_length = length;
    }
  }
  constexpr char kDigits[] = "0123456789abcdef";
  for (std::size_t group = 0; group < 8; ++group) {
    if (group == best) {
      out += "::";
      group += best_length - 1;
      continue;
    }
    if (group > 0 && !out.ends_with("::")) out += ':';
    const unsigned value = (byte(2 * group) << 8) | byte(2 * group + 1);
    bool begun = false;
    for (int shift = 12; shift >= 0; shift -= 4) {
      const unsigned digit = (value >> shift) & 15;
      begun = begun || digit != 0 || shift == 0;
      if (begun) out += kDigits[digit];
    }
  }
}

IpBytes network_of(std::string_view bytes, unsigned prefix) {
  IpBytes result{};
  for (unsigned i = 0; i < 16; ++i) {
    const unsigned kept = prefix > 8 * i ? std::min(8U, prefix - 8 * i) : 0;
    result[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) & (0xFFU << (8 - kept)) & 0xFFU);
  }
  return result;
}

bool parse_network(std::string_view text, IpNetwork& network) {
  const std::size_t slash = text.find('/');
  IpBytes address{};
  if (!parse_ip(text.substr(0, slash), address)) return false;
  const bool v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  unsigned prefix = 128;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3 || !std::all_of(digits.begin(), digits.end(), is_digit)) return false;
    if (digits.size() > 1 && digits[0] == '0') return false;
    prefix = 0;
    for (const char c : digits) prefix = prefix * 10 + static_cast<unsigned>(c - '0');
    if (prefix > (v4 ? 32U : 128U)) return false;
    if (v4) prefix += 96;
  }
  network.address = network_of(bytes_of(address), prefix);
  network.prefix = static_cast<std::uint8_t>(prefix);
  return true;
}

void append_network(const IpNetwork& network, std::string& out) {
  append_ip(bytes_of(network.address), out);
  const bool v4 = is_ipv4(bytes_of(network.address)) && network.prefix >= 96;
  out += '/';
  out += std::to_string(network.prefix - (v4 ? 96 : 0));
}

bool contains(const IpNetwork& network, std::string_view bytes) { return network_of(bytes, network.prefix) == network.address; }

bool is_ipv4(std::string_view bytes) { return bytes.substr(0, 12) == kMapped; }

bool is_private(std::string_view bytes) {
  static const std::array<IpNetwork, 11> networks = [] {
    constexpr std::string_view kTexts[] = {"0.0.0.0/8",      "10.0.0.0/8",    "100.64.0.0/10",  "127.0.0.0/8",
                                           "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "::/128",
                                           "::1/128",        "fc00::/7",      "fe80::/10"};
    std::array<IpNetwork, 11> result;
    for (std::size_t i = 0; i < result.size(); ++i) parse_network(kTexts[i], result[i]);
    return result;
  }();
  return std::any_of(networks.begin(), networks.end(), [&](const IpNetwork& network) { return contains(network, bytes); });
}

}  // namespace sequitur
