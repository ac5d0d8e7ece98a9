#include "engine/alert_stage.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "engine/key_hash.hpp"
#include "engine/state_bytes.hpp"
#include "engine/state_scope.hpp"

namespace sequitur {

namespace {

// Keys of one rule, part by part: an event may belong to several.
int compare_keys(const Alert& a, const Alert& b) {
  for (std::size_t i = 0; i < a.key.size(); ++i)
    if (const int order = compare_values(a.key[i].value, b.key[i].value, a.key[i].type); order != 0) return order;
  return 0;
}

}  // namespace

AlertStage::AlertStage(const RuleSet::Impl& rules) : rules_(rules), listing_(rules, ids_, row_), counters_(rules.rules.size()) {}

std::span<const Alert> AlertStage::collect(std::span<const std::unique_ptr<Shard>> shards) {
  drafts_.clear();
  passed_.clear();
  row_.clear();
  listing_.clear();
  for (const auto& shard : shards)
    for (AlertDraft& draft : shard->drafts()) drafts_.push_back(&draft);
  const auto before = [](const AlertDraft* a, const AlertDraft* b) {
    const auto x = a->order(), y = b->order();
    if (x != y) return x < y;
    const int keys = compare_keys(a->alert, b->alert);
    return keys != 0 ? keys < 0 : a->fork < b->fork;
  };
  if (!std::is_sorted(drafts_.begin(), drafts_.end(), before)) std::sort(drafts_.begin(), drafts_.end(), before);
  for (AlertDraft* draft : drafts_) {
    RuleCounters& counters = counters_[draft->rule];
    if (draft->report != nullptr) {
      counters.matches += listing_.list(*draft);
      continue;
    }
    if (!let_through(*draft)) {
      ++counters.held;
      continue;
    }
    ids_.make_unique(draft->alert.id, time_of(draft->at));
    passed_.push_back(draft);
    if (draft->internal) continue;
    ++(draft->alert.kind == AlertKind::kTimeout ? counters.timeouts
       : draft->alert.kind == AlertKind::kBreak ? counters.breaks
       : draft->alert.kind == AlertKind::kClear ? counters.clears
                                                : counters.matches);
    row_.add(draft->alert);
  }
  return row_.rest();
}

namespace {

// So long after the last one, alerts that were held back are not told of any more: else every key of all time would be kept.
std::int64_t held_span(const nfa::RateLimitCode& limit) {
  constexpr std::int64_t kHeldSpans = 24;
  return std::min(limit.span, kFarTime / kHeldSpans) * kHeldSpans;
}

}  // namespace

// All limits of the rule must allow it; the first that does not holds it back and counts it.
bool AlertStage::let_through(AlertDraft& draft) {
  const std::vector<nfa::RateLimitCode>& limits = rules_.automata[draft.rule]->limits;
  if (limits.empty()) return true;
  const std::int64_t now = time_of(draft.at);
  if (windows_.size() >= forget_at_) forget_old(now);
  std::vector<Window*> passed;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    std::string name = fmt::format("{} {} {} ", draft.rule, static_cast<int>(draft.alert.kind), i);
    name += draft.limit_keys[i];
    Window& window = windows_[std::move(name)];
    const auto recent = std::find_if(window.let_through.begin(), window.let_through.end(),
                                     [&](std::int64_t time) { return later(time, limits[i].span) > now; });
    window.let_through.erase(window.let_through.begin(), recent);
    if (later(window.last_held, held_span(limits[i])) <= now) window.held = 0;
    if (window.let_through.size() >= limits[i].count) {
      ++window.held;
      window.last_held = now;
      return false;
    }
    passed.push_back(&window);
  }
  for (Window* window : passed) {
    window->let_through.push_back(now);
    draft.alert.held += window->held;
    window->held = 0;
  }
  return true;
}

// A window in which nothing was let through lately allows everything, and what it held back is told for so long only: then it
// need not be remembered.
void AlertStage::forget_old(std::int64_t now) {
  std::int64_t longest = 0, longest_held = 0;
  for (const auto& automaton : rules_.automata)
    for (const nfa::RateLimitCode& limit : automaton->limits) {
      longest = std::max(longest, limit.span);
      longest_held = std::max(longest_held, held_span(limit));
    }
  std::erase_if(windows_, [&](const auto& entry) {
    const Window& window = entry.second;
    return (window.held == 0 || later(window.last_held, longest_held) <= now) &&
           (window.let_through.empty() || later(window.let_through.back(), longest) <= now);
  });
  forget_at_ = std::max<std::size_t>(1024, windows_.size() * 2);
}

void AlertStage::count(EngineCounters& counters) const {
  for (std::size_t i = 0; i < counters_.size(); ++i) {
    counters.rules[i].matches += counters_[i].matches;
    counters.rules[i].timeouts += counters_[i].timeouts;
    counters.rules[i].breaks += counters_[i].breaks;
    counters.rules[i].clears += counters_[i].clears;
    counters.rules[i].held += counters_[i].held;
  }
}

// Tables are written in the order of their keys: the same run gives the same bytes with every library.
void AlertStage::save(StateWriter& out) const {
  for (const RuleCounters& counters : counters_) sequitur::save(counters, out);
  std::vector<const std::pair<const std::string, Window>*> windows;
  for (const auto& entry : windows_) windows.push_back(&entry);
  std::sort(windows.begin(), windows.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  out.number(windows.size());
  for (const auto* entry : windows) {
    out.text(entry->first);
    out.number(entry->second.held);
    out.signed_number(entry->second.last_held);
    out.number(entry->second.let_through.size());
    for (const std::int64_t time : entry->second.let_through) out.signed_number(time);
  }
  ids_.save(out);
}

void AlertStage::load(StateReader& in) {
  for (RuleCounters& counters : counters_) sequitur::load(counters, in);
  constexpr std::size_t kLeastWindow = 4;
  for (std::uint64_t left = in.count(kLeastWindow); left > 0 && !in.failed(); --left) {
    Window& window = windows_[std::string(in.text())];
    window.held = in.number();
    window.last_held = in.signed_number();
    for (std::uint64_t times = in.count(1); times > 0; --times) window.let_through.push_back(in.signed_number());
  }
  ids_.load(in);
  forget_at_ = std::max<std::size_t>(1024, windows_.size() * 2);
}

void AlertStage::take_over(const AlertStage& other, const StateMap& map, std::uint32_t generation) {
  const auto is_here = [&](std::uint32_t rule) {
    return map.rules[rule] != StateMap::kGone && rules_.generations[map.rules[rule]] == generation;
  };
  for (std::uint32_t rule = 0; rule < other.counters_.size(); ++rule) {
    if (!is_here(rule)) continue;
    RuleCounters& counters = counters_[map.rules[rule]];
    counters.matches += other.counters_[rule].matches;
    counters.timeouts += other.counters_[rule].timeouts;
    counters.breaks += other.counters_[rule].breaks;
    counters.clears += other.counters_[rule].clears;
    counters.held += other.counters_[rule].held;
  }
  // The name of a window begins with the number of its rule.
  for (const auto& [name, window] : other.windows_) {
    std::uint32_t rule = 0;
    const char* end = std::from_chars(name.data(), name.data() + name.size(), rule).ptr;
    if (!is_here(rule)) continue;
    windows_[fmt::format("{}{}", map.rules[rule], name.substr(static_cast<std::size_t>(end - name.data())))] = window;
  }
  forget_at_ = std::max<std::size_t>(1024, windows_.size() * 2);
  ids_.take_over(other.ids_);
}

void AlertStage::swap(AlertStage& other) {
  windows_.swap(other.windows_);
  std::swap(forget_at_, other.forget_at_);
  std::swap(ids_, other.ids_);
  counters_.swap(other.counters_);
}

}  // namespace sequitur
