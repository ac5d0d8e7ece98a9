#include "event/ip.hpp"

#include <gtest/gtest.h>

namespace sequitur {
namespace {

std::string read(std::string_view text) {
  IpBytes address;
  if (!parse_ip(text, address)) return "none";
  std::string out;
  append_ip(bytes_of(address), out);
  return out;
}

std::string read_network(std::string_view text) {
  IpNetwork network;
  if (!parse_network(text, network)) return "none";
  std::string out;
  append_network(network, out);
  return out;
}

TEST(Ip, TextsOfBothVersions) {
  EXPECT_EQ(read("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(read("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(read("::"), "::");
  EXPECT_EQ(read("::1"), "::1");
  EXPECT_EQ(read("1::"), "1::");
  EXPECT_EQ(read("2001:DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(read("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1") << "one zero is not shortened";
  EXPECT_EQ(read("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1") << "the longest run";
  EXPECT_EQ(read("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1") << "the first of equal runs";
  EXPECT_EQ(read("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
  EXPECT_EQ(read("::ffff:192.0.2.1"), "192.0.2.1") << "one address, two spellings";
  EXPECT_EQ(read("64:ff9b::192.0.2.33"), "64:ff9b::c000:221");
  EXPECT_EQ(read("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"), "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
}

TEST(Ip, WhatIsNoAddress) {
  for (const char* text : {"",
                           "1",
                           "1.2.3",
                           "1.2.3.4.5",
                           "256.1.1.1",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           " 1.2.3.4",
                           "1.2.3.-4",
                           "1..2.3",
                           "1.2.3.4/8",
                           "1.2.3.4:80",
                           ":",
                           ":::",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           ":1:2:3:4:5:6:7",
                           "12345::",
                           "g::",
                           "fe80::1%eth0",
                           "[::1]",
                           "::1.2.3",
                           "1.2.3.4::",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::1.2.3.4:1"})
    EXPECT_EQ(read(text), "none") << text;
}

TEST(Ip, Networks) {
  EXPECT_EQ(read_network("10.1.2.3/8"), "10.0.0.0/8");
  EXPECT_EQ(read_network("10.1.2.3"), "10.1.2.3/32");
  EXPECT_EQ(read_network("0.0.0.0/0"), "0.0.0.0/0");
  EXPECT_EQ(read_network("fc00::/7"), "fc00::/7");
  EXPECT_EQ(read_network("2001:db8::ffff/33"), "2001:db8::/33");
  EXPECT_EQ(read_network("::/0"), "::/0");
  for (const char* text : {"10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/08", "::/129", "10.0.0/8", "/8", "x/8"})
    EXPECT_EQ(read_network(text), "none") << text;
}

bool in(std::string_view address, std::string_view network) {
  IpBytes bytes;
  IpNetwork parsed;
  return parse_ip(address, bytes) && parse_network(network, parsed) && contains(parsed, bytes_of(bytes));
}

TEST(Ip, Membership) {
  EXPECT_TRUE(in("10.255.255.255", "10.0.0.0/8"));
  EXPECT_FALSE(in("11.0.0.0", "10.0.0.0/8"));
  EXPECT_TRUE(in("172.31.0.1", "172.16.0.0/12"));
  EXPECT_FALSE(in("172.32.0.1", "172.16.0.0/12"));
  EXPECT_TRUE(in("fdff::1", "fc00::/7"));
  EXPECT_FALSE(in("fe00::1", "fc00::/7"));
  EXPECT_FALSE(in("::1", "0.0.0.0/0")) << "0.0.0.0/0 are all IPv4 addresses";
  EXPECT_TRUE(in("192.0.2.1", "::/0"));
  EXPECT_TRUE(in("192.0.2.1", "192.0.2.1"));
}

TEST(Ip, PrivateAddresses) {
  const auto is = [](std::string_view text) {
    IpBytes bytes;
    return parse_ip(text, bytes) && is_private(bytes_of(bytes));
  };
  for (const char* text :
       {"10.0.0.1", "127.0.0.1", "169.254.1.1", "172.16.0.0", "192.168.255.255", "100.64.0.1", "::1", "::", "fd00::1", "fe80::1"})
    EXPECT_TRUE(is(text)) << text;
  for (const char* text : {"8.8.8.8", "172.15.255.255", "192.169.0.0", "100.128.0.1", "2001:db8::1", "::2"}) EXPECT_FALSE(is(text)) << text;
}

}  // namespace
}  // namespace sequitur
