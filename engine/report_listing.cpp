#include "engine/report_listing.hpp"

#include <algorithm>

#include "engine/make_draft.hpp"

namespace sequitur {
namespace {

// Tails are worth their table if each is used so often, and if it stays near, beside the row of alerts.
constexpr std::uint64_t kLeastUses = 8;
constexpr std::size_t kTailBytes = 16 * 1024;
// Memory that is used again rather than added to, once what refers to it has been taken.
constexpr std::size_t kMostContents = 64 * 1024;
constexpr std::uint64_t kManyWays = std::uint64_t{1} << 32;
constexpr std::size_t kNumberedTails = 32;

}  // namespace

void ReportListing::clear() {
  contents_.clear();
  links_.clear();
  tail_memory_.clear();
}

std::uint64_t ReportListing::list(const AlertDraft& draft) {
  draft_ = &draft;
  report_ = draft.report;
  automaton_ = rules_.automata[draft.rule].get();
  left_ = automaton_->limit_per_event;
  if (left_ == 0) return 0;
  if (tail_memory_.bytes() + contents_.bytes() > kMostContents && row_.hand_over()) clear();
  begin();
  one_by_one_ = report_->has_ragged || !repeats_;
  tail_length_ = one_by_one_ ? 1 : find_tail_length();
  make_tails();
  model_.alert.evidence = Evidence(tail_events_, tail_length_, nullptr, automaton_->stage_names);
  list_from(0, 0, static_cast<std::uint32_t>(report_->layers[0].size()));
  return automaton_->limit_per_event - left_;
}

// The model is what the first match says.
void ReportListing::begin() {
  said_ = static_cast<std::size_t>(std::max(automaton_->last_said, 0));
  says_little_ = automaton_->message.empty() && !automaton_->severity && !automaton_->score;
  said_events_.resize(automaton_->stages.size());
  said_stages_.assign(automaton_->stages.size(), {});
  std::uint32_t at = 0;
  for (std::size_t step = 0; step <= said_; ++step) {
    said_events_[step] = report_->layers[step][at].event;
    said_stages_[step] = {&said_events_[step], 1};
    at = report_->layers[step][at].first;
  }
  said_events_.back() = report_->last;
  said_stages_.back() = {&said_events_.back(), 1};
  seen_ = report_->seen;
  seen_.stages = said_stages_.data();
  seen_.arena = &contents_;
  say_all();
  steps_.resize(report_->layers.size() + 1);
  steps_[0] = {report_->last, link(report_->last, nullptr), model_.alert.id, 0, 1, false};
  repeats_ = ids_.repeats(model_.alert.id, time_of(draft_->at), *report_, left_);
}

// As long as may be.
std::uint32_t ReportListing::find_tail_length() {
  const std::size_t layers = report_->layers.size();
  if (said_ + 2 >= layers) return 1;
  counts_.clear();  // Of tails, by their length - 1.
  for (std::size_t step = layers; step-- > 0;) {
    ways_.swap(ways_behind_);
    ways_.assign(1, 0);
    for (const ChainReport::Node& node : report_->layers[step]) {
      const std::uint64_t ways = step + 1 == layers ? 1 : std::min(ways_behind_[node.behind] - ways_behind_[node.first], kManyWays);
      ways_.push_back(ways_.back() + ways);
    }
    counts_.push_back(ways_.back());
  }
  const std::uint64_t matches = std::min(counts_.back(), left_);
  std::uint32_t best = 1;
  for (std::uint32_t length = 2; length + said_ < layers; ++length) {
    const std::uint64_t count = counts_[length - 1];
    if (count * kLeastUses <= matches && count * (length * sizeof(Event*) + sizeof(AlertId)) <= kTailBytes) best = length;
  }
  return best;
}

void ReportListing::Tails::clear() {
  events.clear();
  ids.clear();
  ranks.clear();
  offsets.clear();
}

// What the next tail begins with, and the sums of all of it.
inline void ReportListing::Tails::add(const ChainReport::Node& node, const AlertId& id, const Rank& rank, bool has_twins) {
  events.push_back(node.event);
  ids.push_back(id);
  if (has_twins) ranks.push_back(rank);
}

void ReportListing::make_tails() {
  const bool has_twins = report_->has_twins;
  tails_.clear();
  for (const ChainReport::Node& node : report_->layers.back()) {
    tails_.offsets.push_back(static_cast<std::uint32_t>(tails_.ids.size()));
    tails_.add(node, node.id, {node.rank, node.twins}, has_twins);
  }
  tails_.offsets.push_back(static_cast<std::uint32_t>(tails_.ids.size()));
  for (std::uint32_t length = 2; length <= tail_length_; ++length) {
    std::swap(tails_, shorter_);
    tails_.clear();
    for (const ChainReport::Node& node : report_->layers[report_->layers.size() - length]) {
      tails_.offsets.push_back(static_cast<std::uint32_t>(tails_.ids.size()));
      for (std::uint32_t at = shorter_.offsets[node.first]; at < shorter_.offsets[node.behind]; ++at) {
        const Tails::Rank behind = has_twins ? shorter_.ranks[at] : Tails::Rank{0, 1};
        tails_.add(node, node.id + shorter_.ids[at], {node.rank * behind.twins + behind.rank, node.twins * behind.twins}, has_twins);
        for (std::uint32_t step = 0; step + 1 < length; ++step) tails_.events.push_back(shorter_.events[at * (length - 1) + step]);
      }
    }
    tails_.offsets.push_back(static_cast<std::uint32_t>(tails_.ids.size()));
  }
  tail_events_ = static_cast<const Event**>(tail_memory_.allocate(tails_.events.size() * sizeof(Event*)));
  std::copy(tails_.events.begin(), tails_.events.end(), tail_events_);
  are_numbered_ = 0;
}

// Ids of the tails where the steps before, of this report and earlier ones, have this rank among their twins, with what the number
// adds; null: there are too many.
inline const AlertId* ReportListing::tail_ids(std::uint64_t rank) {
  if (rank == 0 && !report_->has_twins) return tails_.ids.data();
  if (rank >= kNumberedTails) return nullptr;
  if ((are_numbered_ >> rank & 1) == 0) number_tails(rank);
  return numbered_tails_[rank].data();
}

void ReportListing::number_tails(std::uint64_t rank) {
  are_numbered_ |= std::uint32_t{1} << rank;
  numbered_tails_.resize(kNumberedTails);
  std::vector<AlertId>& ids = numbered_tails_[rank];
  ids.clear();
  for (std::size_t at = 0; at < tails_.ids.size(); ++at) ids.push_back(numbered_id(tails_.ids[at], number_of(rank, at)));
}

// The event is that of the step, of the match at hand.
inline void ReportListing::enter(std::size_t step, const ChainReport::Node& node) {
  const Step& before = steps_[step];
  Step& own = steps_[step + 1];
  own.event = node.event;
  own.link = link(node.event, before.link);
  own.id = before.id + node.id;
  own.rank = before.rank * node.twins + node.rank;
  own.twins = before.twins * node.twins;
  own.ragged = before.ragged || node.ragged;
  if (step <= said_) say(step, node.event);
}

// The matches whose event of the step is one of a stretch of its layer.
void ReportListing::list_from(std::size_t step, std::uint32_t first, std::uint32_t behind) {
  if (step + tail_length_ == report_->layers.size()) return list_tails(step, first, behind);
  for (std::uint32_t at = first; at < behind && left_ > 0; ++at) {
    const ChainReport::Node& node = report_->layers[step][at];
    enter(step, node);
    list_from(step + 1, node.first, node.behind);
  }
}

void ReportListing::list_tails(std::size_t step, std::uint32_t first, std::uint32_t behind) {
  const Step& before = steps_[step];
  const AlertId* const ids = one_by_one_ ? nullptr : tail_ids(*repeats_ * before.twins + before.rank);
  std::size_t at = tails_.offsets[first];
  const std::size_t end = tails_.offsets[behind];
  while (at < end && left_ > 0) {
    if (row_.is_full()) make_room(step);
    if (step == said_) say(step, tails_.events[at]);
    // The matches up to here differ in their tails alone.
    const std::size_t most = step == said_ ? 1 : std::min<std::uint64_t>({end - at, left_, row_.room()});
    left_ -= most;
    Alert* const alerts = row_.next(model_, most);
    // All in registers, as far as the compiler knows: alerts and ids are of one type.
    const AlertId common = before.id;
    const Evidence::Link* const chain = before.link;
    const Event* const* events = tail_events_ + at * tail_length_;
    const std::size_t length = tail_length_;
    const AlertId* id = (ids != nullptr ? ids : tails_.ids.data()) + at;
    for (Alert* alert = alerts; alert != alerts + most; ++alert, ++id, events += length) {
      alert->evidence.turn_to(events, chain);
      alert->id = common + *id;
    }
    if (ids == nullptr) number(before, at, {alerts, most});
    at += most;
  }
}

// One by one.
void ReportListing::number(const Step& before, std::size_t first, std::span<Alert> alerts) {
  for (std::size_t i = 0; i < alerts.size(); ++i) {
    AlertId& id = alerts[i].id;
    const bool is_known = repeats_ && !before.ragged;
    id = numbered_id(id, is_known ? number_of(*repeats_ * before.twins + before.rank, first + i) : ids_.number(id[0]));
  }
}

// The event is that of the step from now on.
void ReportListing::say(std::size_t step, const Event* event) {
  said_events_[step] = event;
  if (step < said_) return;
  if (!says_little_) return say_all();
  const nfa::EmitCode& emit = automaton_->emit;
  auto* fields = static_cast<NamedValue*>(contents_.allocate(emit.values.size() * sizeof(NamedValue)));
  for (std::size_t i = 0; i < emit.values.size(); ++i) {
    const Type type = emit.values[i].type();
    const Slot value = emit.values[i].evaluate(seen_);
    new (&fields[i]) NamedValue{emit.names[i], type, has_bytes(type) && value.bits != 0 ? contents_.text(value.text()) : value};
  }
  model_.alert.fields = {fields, emit.values.size()};
  model_.alert.first = Timestamp{Duration{said_events_.front()->time}};
  model_.number = ++last_number_;
}

void ReportListing::say_all() {
  IdHash head;
  AlertDraft draft;
  begin_draft({rules_, *automaton_, *report_->digests, seen_, contents_, text_}, AlertKind::kMatch, automaton_->emit, draft_->at,
              report_->last, head, draft);
  draft.alert.id = head.result() + report_->last_id;
  draft.alert.first = Timestamp{Duration{said_events_.front()->time}};
  draft.alert.last = draft.alert.time;
  draft.alert.evidence = model_.alert.evidence;
  model_ = {draft.alert, says_little_ ? std::uint64_t{automaton_->info.index} + 1 : ++last_base_, ++last_number_};
}

// When alerts have been taken nothing that they refer to is needed any more, but by those that come.
void ReportListing::make_room(std::size_t step) {
  if (!row_.make_room()) return;
  links_.clear();
  for (std::size_t at = 0; at <= step; ++at) steps_[at].link = link(steps_[at].event, at > 0 ? steps_[at - 1].link : nullptr);
  if (contents_.bytes() < kMostContents) return;
  contents_.clear();
  say_all();
}

}  // namespace sequitur
