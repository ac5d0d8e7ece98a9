// Where in a JSON object the columns are, and what the members of objects were the last time.
//
// The idea: records of one source have the same members in the same order. So each member remembers which member came
// after it (the last two of them), with all that stood between their values: comma, key, colon and spaces. The next record is
// compared with those texts first: one or two comparisons of 16 bytes instead of reading token by token and looking the key up.
// What was not expected is read and looked up by name.
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
    // Does its lead stand at p? 16 bytes may be read; `end` is the end of the record, and no lead has in it what stands there.
    bool leads(const char* p, const char* end) const {
      if ((((load_eight(p) ^ head[0]) & mask[0]) | ((load_eight(p + 8) ^ head[1]) & mask[1])) != 0) return false;
      return size <= 16 || (size <= static_cast<std::size_t>(end - p) && std::memcmp(p + 16, lead.data() + 16, size - 16) == 0);
    }

    std::array<std::uint64_t, 2> head{};  // The first 16 bytes of the lead, and which of them count.
    std::array<std::uint64_t, 2> mask{};
    std::size_t size = 0;  // Of the lead.
    JsonPaths::Target target;
    Expected next;     // Behind this one.
    std::string lead;  // All that stands between the value before (or the bracket) and this one's: `, "key": `.
  };
  static constexpr std::size_t kMaxMembers = 4096;   // Records with ever new keys teach no more than this,
  static constexpr std::size_t kMaxLeadBytes = 256;  // and leads longer than this are not learned.

  // The members that may come first in an object of this node.
  Expected& first(int node) { return nodes_[static_cast<std::size_t>(node)].first; }
  // The one of those expected whose lead stands at p, or null.
  static Member* find(const Expected& expected, const char* p, const char* end) {
    for (Member* const member : expected.members)
      if (member != nullptr && member->leads(p, end)) return member;
    return nullptr;
  }

  bool full() const { return members_.size() >= kMaxMembers; }
  // The member of this name (a key without escapes) in the node behind this lead, learned if it is new; null if it cannot be.
  Member* learn(int node, std::string_view key, std::string_view lead);
  JsonPaths::Target target_of(int node, std::string_view key) const { return paths_.find(node, key); }
  std::size_t nobody() const { return nobody_; }

 private:
  struct Node {
    Expected first;
    std::unordered_map<std::string, Member*> members;  // By their leads.
  };
  const JsonPaths& paths_;
  const std::size_t nobody_;
  std::vector<Node> nodes_;
  std::deque<Member> members_;  // Which stay where they are.
};

}  // namespace sequitur
