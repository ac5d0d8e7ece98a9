// Where in a JSON object the columns are, and what the members of objects were the last time.
//
// The idea: records of one source have the same members in the same order. So each member remembers which member came
// after it (the last two of them), and the next record's key is compared with those texts first: one or two comparisons of
// 16 bytes instead of finding the end of the key and looking it up. A key that was not expected is looked up by name.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "adapters/formats/record_plan.hpp"
#include "event/digits.hpp"

namespace sequitur {

// The dotted names of the columns as a tree: both {"a": {"b": 1}} and {"a.b": 1} are the column a.b. Immutable.
class JsonPaths {
 public:
  explicit JsonPaths(const std::vector<std::string>& columns);

  struct Target {
    std::size_t column = 0;  // The value is this column's; nobody() if it is none's.
    int node = -1;           // An object here has columns inside.
  };
  Target find(int node, std::string_view key) const;
  std::size_t node_count() const { return prefixes_.size(); }
  std::size_t nobody() const { return nobody_; }  // How many columns there are.

  static constexpr int kRoot = 0;

 private:
  std::size_t nobody_;
  std::vector<std::string> prefixes_;  // Of each node, with the dot behind it; the root's is empty.
  std::unordered_map<std::string, Target> targets_;
};

// What has been learned about the order of members. Used by one call of decode() at a time.
class JsonShape {
 public:
  explicit JsonShape(const JsonPaths& paths) : paths_(paths), nobody_(paths.nobody()), nodes_(paths.node_count()) {}

  struct Member;
  // The members that came at one place, the latest that was learned first.
  struct Expected {
    std::array<Member*, 2> members{};
    void put_first(Member* member) {
      if (members[0] != member) members = {member, members[0]};
    }
  };
  struct Member {
    // Does the quoted key begin at p? 16 bytes may be read; `end` is the end of the record.
    bool starts(const char* p, const char* end) const {
      if ((((load_eight(p) ^ head[0]) & mask[0]) | ((load_eight(p + 8) ^ head[1]) & mask[1])) != 0) return false;
      const std::size_t size = quoted.size();
      if (size > static_cast<std::size_t>(end - p)) return false;
      return size <= 16 || std::memcmp(p + 16, quoted.data() + 16, size - 16) == 0;
    }

    std::array<std::uint64_t, 2> head{};  // The first 16 bytes of the quoted key, and which of them count.
    std::array<std::uint64_t, 2> mask{};
    std::string quoted;
    JsonPaths::Target target;
    Expected next;  // Behind this one.
  };
  static constexpr std::size_t kMaxMembers = 4096;  // Records with ever new keys teach no more than this,
  static constexpr std::size_t kMaxKeyBytes = 256;  // and keys longer than this are not learned.

  // The members that may come first in an object of this node.
  Expected& first(int node) { return nodes_[static_cast<std::size_t>(node)].first; }
  // The one of those expected that begins at p; null if it is none, or if too little can be read ahead to tell.
  static Member* find(const Expected& expected, const char* p, const char* end, const char* readable) {
    if (readable - p < 16) return nullptr;
    for (Member* const member : expected.members)
      if (member != nullptr && member->starts(p, end)) return member;
    return nullptr;
  }

  bool full() const { return members_.size() >= kMaxMembers; }
  // The member of this name (a key without escapes) in the node, learned if it is new; null if it cannot be learned.
  Member* learn(int node, std::string_view key);
  JsonPaths::Target target_of(int node, std::string_view key) const { return paths_.find(node, key); }
  std::size_t nobody() const { return nobody_; }

 private:
  struct Node {
    Expected first;
    std::unordered_map<std::string, Member*> members;
  };
  const JsonPaths& paths_;
  const std::size_t nobody_;
  std::vector<Node> nodes_;
  std::deque<Member> members_;  // Which stay where they are.
};

}  // namespace sequitur
