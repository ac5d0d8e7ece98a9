// `limit n per d`: what was let through lately, for each rule, kind of alert, limit and key. Part of the alert stage.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/alert_draft.hpp"
#include "engine/key_runs.hpp"
#include "engine/pool.hpp"
#include "engine/row_ring.hpp"
#include "engine/rule_set_impl.hpp"

namespace sequitur {

class StateReader;
class StateWriter;
struct StateMap;

class RateLimits {
 public:
  explicit RateLimits(const RuleSet::Impl& rules) : rules_(rules) {}
  ~RateLimits();
  RateLimits(const RateLimits&) = delete;
  RateLimits& operator=(const RateLimits&) = delete;

  // Whether the alert may go; if so it is told how many before it were held back. Alerts come in the order of time.
  bool let_through(AlertDraft& draft);

  void save(StateWriter& out) const;
  // Into a new object.
  void load(StateReader& in);
  // Adds what `other`, of other rules, remembers of those that are the same and of this generation.
  void take_over(const RateLimits& other, const StateMap& map, std::uint32_t generation);

 private:
  // What one sliding window is of.
  struct Name {
    std::uint32_t rule;
    std::uint16_t kind;   // AlertKind.
    std::uint16_t limit;  // Index into the rule's limits.
    std::string_view key;
  };
  // In memory it is followed by the key's bytes.
  struct Window {
    std::uint32_t rule;
    std::uint16_t kind, limit;
    std::uint32_t key_size;
    std::uint32_t hash;
    RowRing let_through;  // Times.
    std::uint64_t held;   // Since the last one let through.
    std::int64_t last_held;

    Name name() const { return {rule, kind, limit, {reinterpret_cast<const char*>(this + 1), key_size}}; }
    std::size_t bytes() const { return sizeof(Window) + key_size; }
  };

  Window& window(const Name& name);
  void destroy(std::uint32_t index);
  void forget_old(std::int64_t now);

  const RuleSet::Impl& rules_;
  Pool pool_;
  KeyTable table_;
  std::vector<Window*> windows_;  // Null pointers where one was.
  std::vector<std::uint32_t> free_;
  std::size_t live_ = 0;
  std::size_t forget_at_ = 1024;
  std::vector<Window*> passed_;  // Of the alert at hand.
};

}  // namespace sequitur
