// Where in a JSON object the columns are, and what the members of objects were the last time.
//
// The idea: records of one source have the same members in the same order. So each member remembers which member came
// after it (the last two of them), and the next record's key is compared with those texts first: one or two comparisons of
// 16 bytes instead of finding the end of the key and looking it up. A key that was not expected is looked up by name.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/formats/record_plan.hpp"

namespace sequitur {

// The dotted names of the columns as a tree: both {"a": {"b": 1}} and {"a.b": 1} are the column a.b. Immutable.
class JsonPaths {
 public:
  explicit JsonPaths(const std::vector<std::string>& columns);

  struct Target {
    int column = -1;  // The value is this column's.
    int node = -1;    // An object here has columns inside.
  };
  Target find(int node, std::string_view key) const;
  std::size_t node_count() const { return prefixes_.size(); }

  static constexpr int kRoot = 0;

 private:
  std::vector<std::string> prefixes_;  // Of each node, with the dot behind it; the root's is empty.
  std::unordered_map<std::string, Target> targets_;
};

// What has been learned about the order of members. Used by one call of decode() at a time.
class JsonShape {
 public:
  explicit JsonShape(const JsonPaths& paths) : paths_(paths), nodes_(paths.node_count()) {}

  struct Member {
    std::array<std::uint64_t, 2> head{};  // The first 16 bytes of the quoted key, and which of them count.
    std::array<std::uint64_t, 2> mask{};
    std::string quoted;
    JsonPaths::Target target;
    std::array<int, 2> next{kNone, kNone};  // The members that came after this one, the latest first.
  };
  static constexpr int kNone = -1;
  static constexpr std::size_t kMaxMembers = 4096;  // Records with ever new keys teach no more than this,
  static constexpr std::size_t kMaxKeyBytes = 256;  // and keys longer than this are not learned.

  // The members that may come first in an object of this node, or behind `member`.
  std::array<int, 2>& expected(int node, int member) {
    return member == kNone ? nodes_[static_cast<std::size_t>(node)].first : members_[static_cast<std::size_t>(member)].next;
  }
  const Member& member(int index) const { return members_[static_cast<std::size_t>(index)]; }

  // Does `quoted key` begin at p? 16 bytes may be read; `end` is the end of the record.
  bool starts_with(int index, const char* p, const char* end) const {
    const Member& candidate = member(index);
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    std::memcpy(&first, p, 8);
    std::memcpy(&second, p + 8, 8);
    if ((((first ^ candidate.head[0]) & candidate.mask[0]) | ((second ^ candidate.head[1]) & candidate.mask[1])) != 0) return false;
    const std::size_t size = candidate.quoted.size();
    if (size > static_cast<std::size_t>(end - p)) return false;
    return size <= 16 || std::memcmp(p + 16, candidate.quoted.data() + 16, size - 16) == 0;
  }

  bool full() const { return members_.size() >= kMaxMembers; }
  // The member of this name (a key without escapes) in the node, learned if it is new; kNone if it cannot be learned.
  int learn(int node, std::string_view key);
  JsonPaths::Target find(int node, std::string_view key) const { return paths_.find(node, key); }

 private:
  struct Node {
    std::array<int, 2> first{kNone, kNone};
    std::unordered_map<std::string, int> members;
  };
  const JsonPaths& paths_;
  std::vector<Node> nodes_;
  std::vector<Member> members_;
};

}  // namespace sequitur
