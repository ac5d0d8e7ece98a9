#include "engine/rate_limits.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <tuple>

#include "engine/key_hash.hpp"
#include "engine/state_bytes.hpp"
#include "engine/state_scope.hpp"

namespace sequitur {
namespace {

// So long after the last one, alerts that were held back are not told of any more: else every key of all time would be kept.
std::int64_t held_span(const nfa::RateLimitCode& limit) {
  constexpr std::int64_t kHeldSpans = 24;
  return std::min(limit.span, kFarTime / kHeldSpans) * kHeldSpans;
}

}  // namespace

RateLimits::~RateLimits() {
  for (std::uint32_t index = 0; index < windows_.size(); ++index)
    if (windows_[index] != nullptr) destroy(index);
}

RateLimits::Window& RateLimits::window(const Name& name) {
  const std::uint32_t numbers[] = {name.rule, std::uint32_t{name.kind} << 16 | name.limit};
  const std::uint32_t hash = murmur2(name.key.data(), name.key.size(), murmur2(reinterpret_cast<const char*>(numbers), sizeof numbers));
  const auto same = [&](std::uint32_t index) {
    const Name other = windows_[index]->name();
    return other.rule == name.rule && other.kind == name.kind && other.limit == name.limit && other.key == name.key;
  };
  if (const std::uint32_t found = table_.find(hash, same); found != KeyTable::kNone) return *windows_[found];
  auto index = static_cast<std::uint32_t>(windows_.size());
  if (free_.empty()) {
    windows_.push_back(nullptr);
  } else {
    index = free_.back();
    free_.pop_back();
  }
  const auto key_size = static_cast<std::uint32_t>(name.key.size());
  auto* made = new (pool_.allocate(sizeof(Window) + key_size)) Window{name.rule, name.kind, name.limit, key_size, hash, {}, 0, -kFarTime};
  std::copy(name.key.begin(), name.key.end(), reinterpret_cast<char*>(made + 1));
  windows_[index] = made;
  table_.insert(hash, index);
  ++live_;
  return *made;
}

void RateLimits::destroy(std::uint32_t index) {
  Window* window = windows_[index];
  window->let_through.release(1, pool_);
  table_.erase(window->hash, index);
  pool_.deallocate(window, window->bytes());
  windows_[index] = nullptr;
  free_.push_back(index);
  --live_;
}

// All limits of the rule must allow it; the first that does not holds it back and counts it.
bool RateLimits::let_through(AlertDraft& draft) {
  const std::vector<nfa::RateLimitCode>& limits = rules_.automata[draft.rule]->limits;
  if (limits.empty()) return true;
  const std::int64_t now = time_of(draft.at);
  if (live_ >= forget_at_) forget_old(now);
  passed_.clear();
  for (std::size_t i = 0; i < limits.size(); ++i) {
    Window& one = window({draft.rule, static_cast<std::uint16_t>(draft.alert.kind), static_cast<std::uint16_t>(i), draft.limit_keys[i]});
    while (one.let_through.size() > 0 && later(one.let_through.front_time(), limits[i].span) <= now) one.let_through.pop(1, pool_);
    if (later(one.last_held, held_span(limits[i])) <= now) one.held = 0;
    if (one.let_through.size() >= limits[i].count) {
      ++one.held;
      one.last_held = now;
      return false;
    }
    passed_.push_back(&one);
  }
  for (Window* one : passed_) {
    one->let_through.push(static_cast<std::uint64_t>(now), 1, pool_);
    draft.alert.held += one->held;
    one->held = 0;
  }
  return true;
}

// A window in which nothing was let through lately allows everything, and what it held back is told for so long only: then it
// need not be remembered.
void RateLimits::forget_old(std::int64_t now) {
  std::int64_t longest = 0, longest_held = 0;
  for (const auto& automaton : rules_.automata)
    for (const nfa::RateLimitCode& limit : automaton->limits) {
      longest = std::max(longest, limit.span);
      longest_held = std::max(longest_held, held_span(limit));
    }
  for (std::uint32_t index = 0; index < windows_.size(); ++index) {
    const Window* one = windows_[index];
    if (one != nullptr && (one->held == 0 || later(one->last_held, longest_held) <= now) &&
        (one->let_through.size() == 0 || later(one->let_through.back_time(1), longest) <= now))
      destroy(index);
  }
  forget_at_ = std::max<std::size_t>(1024, live_ * 2);
}

// In the order of their names: the same run gives the same bytes.
void RateLimits::save(StateWriter& out) const {
  std::vector<const Window*> windows;
  for (const Window* one : windows_)
    if (one != nullptr) windows.push_back(one);
  const auto order = [](const Window* one) {
    const Name name = one->name();
    return std::tuple(name.rule, name.kind, name.limit, name.key);
  };
  std::sort(windows.begin(), windows.end(), [&](const Window* a, const Window* b) { return order(a) < order(b); });
  out.number(windows.size());
  for (const Window* one : windows) {
    out.number(one->rule);
    out.number(one->kind);
    out.number(one->limit);
    out.text(one->name().key);
    out.number(one->held);
    out.signed_number(one->last_held);
    out.number(one->let_through.size());
    for (std::uint32_t i = 0; i < one->let_through.size(); ++i)
      out.signed_number(static_cast<std::int64_t>(*one->let_through.row(one->let_through.first_number() + i, 1)));
  }
}

void RateLimits::load(StateReader& in) {
  constexpr std::size_t kLeastWindow = 7;
  for (std::uint64_t left = in.count(kLeastWindow); left > 0 && !in.failed(); --left) {
    const auto rule = static_cast<std::uint32_t>(in.number_below(rules_.automata.size()));
    const auto kind = static_cast<std::uint16_t>(in.number_below(std::uint64_t{1} << 16));
    if (in.failed()) return;
    const auto limit = static_cast<std::uint16_t>(in.number_below(rules_.automata[rule]->limits.size()));
    const std::string_view key = in.text();
    if (in.failed()) return;
    Window& one = window({rule, kind, limit, key});
    one.held = in.number();
    one.last_held = in.signed_number();
    for (std::uint64_t times = in.count(1); times > 0; --times)
      one.let_through.push(static_cast<std::uint64_t>(in.signed_number()), 1, pool_);
  }
  forget_at_ = std::max<std::size_t>(1024, live_ * 2);
}

void RateLimits::take_over(const RateLimits& other, const StateMap& map, std::uint32_t generation) {
  for (const Window* theirs : other.windows_) {
    if (theirs == nullptr) continue;
    const std::uint32_t rule = map.rules[theirs->rule];
    if (rule == StateMap::kGone || rules_.generations[rule] != generation) continue;
    Window& one = window({rule, theirs->kind, theirs->limit, theirs->name().key});
    one.let_through.release(1, pool_);
    for (std::uint32_t i = 0; i < theirs->let_through.size(); ++i)
      one.let_through.push(*theirs->let_through.row(theirs->let_through.first_number() + i, 1), 1, pool_);
    one.held = theirs->held;
    one.last_held = theirs->last_held;
  }
  forget_at_ = std::max<std::size_t>(1024, live_ * 2);
}

}  // namespace sequitur
