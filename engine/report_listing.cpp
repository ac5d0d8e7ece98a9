#include "engine/report_listing.hpp"

#include <algorithm>

#include "engine/make_draft.hpp"

namespace sequitur {

void ReportListing::clear() {
  contents_.clear();
  links_.clear();
}

std::uint64_t ReportListing::list(const AlertDraft& draft) {
  draft_ = &draft;
  report_ = draft.report;
  automaton_ = rules_.automata[draft.rule].get();
  said_ = static_cast<std::size_t>(std::max(automaton_->last_said, 0));
  left_ = automaton_->limit_per_event;
  begun_ = false;
  steps_.resize(report_->layers.size() + 1);
  steps_[0] = {report_->last, link(report_->last, nullptr), {}, 0, 1, false};
  list_from(0, 0, static_cast<std::uint32_t>(report_->layers[0].size()));
  return automaton_->limit_per_event - left_;
}

// The event is that of the step, of the match at hand.
inline void ReportListing::enter(std::size_t step, const ChainReport::Node& node) {
  const Step& before = steps_[step];
  steps_[step + 1] = {node.event,
                      nullptr,
                      before.id + node.id,
                      before.rank * node.twins + node.rank,
                      before.twins * node.twins,
                      before.ragged || node.ragged};
  if (step == said_) say();
}

// The matches whose event of the step is one of a stretch of its layer.
void ReportListing::list_from(std::size_t step, std::uint32_t first, std::uint32_t behind) {
  if (step + 1 == report_->layers.size()) return list_last(first, behind);
  for (std::uint32_t at = first; at < behind && left_ > 0; ++at) {
    const ChainReport::Node& node = report_->layers[step][at];
    enter(step, node);
    steps_[step + 1].link = link(node.event, steps_[step].link);
    list_from(step + 1, node.first, node.behind);
  }
}

void ReportListing::list_last(std::uint32_t first, std::uint32_t behind) {
  const std::size_t step = report_->layers.size() - 1;
  const ChainReport::Node* layer = report_->layers[step].data();
  const std::span<const std::string> names = automaton_->stage_names;
  for (std::uint32_t at = first; at < behind && left_ > 0;) {
    if (row_.is_full()) make_room();
    if (step == said_) enter(step, layer[at]);
    // The matches up to here differ in this event alone.
    const std::uint64_t most = step == said_ ? 1 : std::min<std::uint64_t>({behind - at, left_, row_.room()});
    left_ -= most;
    const Step& before = steps_[step];
    const AlertId common = model_.alert.id + before.id;
    auto* links = static_cast<Evidence::Link*>(links_.allocate(most * sizeof(Evidence::Link)));
    for (const std::uint32_t end = at + static_cast<std::uint32_t>(most); at < end; ++at, ++links) {
      const ChainReport::Node& node = layer[at];
      Alert& alert = row_.next(model_.alert, model_number_);
      alert.evidence = Evidence(new (links) Evidence::Link{node.event, before.link}, names);
      const AlertId id = common + node.id;
      if (repeats_ && !before.ragged) {
        ids_.note(id[0]);
        alert.id = numbered_id(id, (*repeats_ * before.twins + before.rank) * node.twins + node.rank);
      } else {
        alert.id = numbered_id(id, ids_.number(id[0]));
      }
    }
  }
}

// Makes the model of the alerts to come.
void ReportListing::say() {
  const std::size_t steps = automaton_->stages.size();
  said_events_.resize(steps);
  said_stages_.assign(steps, {});
  for (std::size_t step = 0; step <= said_; ++step) {
    said_events_[step] = steps_[step + 1].event;
    said_stages_[step] = {&said_events_[step], 1};
  }
  said_events_.back() = report_->last;
  said_stages_.back() = {&said_events_.back(), 1};
  nfa::EvaluationContext seen = report_->seen;
  seen.stages = said_stages_.data();
  seen.arena = &contents_;
  IdHash head;
  model_ = AlertDraft();
  begin_draft({rules_, *automaton_, *report_->digests, seen, contents_, text_}, AlertKind::kMatch, automaton_->emit, draft_->at,
              report_->last, head, model_);
  model_.alert.id = head.result() + report_->last_id;
  model_.alert.first = Timestamp{Duration{said_events_.front()->time}};
  model_.alert.last = model_.alert.time;
  ++model_number_;
  if (begun_) return;
  begun_ = true;
  repeats_ = ids_.repeats(model_.alert.id, time_of(draft_->at), report_->stacks, report_->state_of_stacks);
}

// When alerts have been taken nothing that they refer to is needed any more, but by those that come.
void ReportListing::make_room() {
  if (!row_.make_room()) return;
  links_.clear();
  for (std::size_t step = 0; step + 1 < steps_.size(); ++step)
    steps_[step].link = link(steps_[step].event, step > 0 ? steps_[step - 1].link : nullptr);
  constexpr std::size_t kMostContents = 64 * 1024;
  if (contents_.bytes() < kMostContents) return;
  contents_.clear();
  if (begun_ && said_ + 1 < report_->layers.size()) say();
}

}  // namespace sequitur
