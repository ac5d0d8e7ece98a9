// Internet addresses of both versions as 16 bytes in network order; an IPv4 address a.b.c.d is ::ffff:a.b.c.d (RFC 4291), so
// both spellings are one value, and bytes compare as addresses do: by version and number.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace sequitur {

using IpBytes = std::array<char, 16>;

inline std::string_view bytes_of(const IpBytes& address) { return {address.data(), address.size()}; }

// The whole text: 192.0.2.1 (four decimal numbers without leading zeros), or IPv6 as in RFC 4291 (`::`, and a dotted IPv4
// address as the end). No zone (%eth0), no port, no brackets.
bool parse_ip(std::string_view text, IpBytes& address);

// 192.0.2.1; IPv6 as RFC 5952 wants it: lower case, no leading zeros, the longest run of zeros as `::`. `bytes` are 16.
void append_ip(std::string_view bytes, std::string& out);

struct IpNetwork {
  IpBytes address{};        // Of its first address.
  std::uint8_t prefix = 0;  // Of 128 bits: that of an IPv4 network is 96 more than written.
};

// 10.0.0.0/8, fc00::/7, or an address alone. Bits behind the prefix are cleared. False if it is none.
bool parse_network(std::string_view text, IpNetwork& network);
void append_network(const IpNetwork& network, std::string& out);

// The address with all bits behind the first `prefix` of its 128 cleared.
IpBytes network_of(std::string_view bytes, unsigned prefix);
bool contains(const IpNetwork& network, std::string_view bytes);

bool is_ipv4(std::string_view bytes);

// Not an address of the public internet: this network, loopback, link-local, private (RFC 1918, unique local RFC 4193),
// shared (RFC 6598), unspecified.
bool is_private(std::string_view bytes);

}  // namespace sequitur
