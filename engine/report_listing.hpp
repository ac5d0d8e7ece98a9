// The alerts of all matches that one event completes (engine/chain_report.hpp), made as they are handed over. A match costs what
// it has not in common with the one before: in the row of alerts only id and evidence are written anew where the rest is the
// same. The id is a sum; the evidence is a chain through the first steps and a tail.
//
// What follows the first steps does so behind many of them. So its ids and events are laid out once for a report, the tails, and
// in the end a match is no more than to add an id to one of a list. A tail is at most as long as the tails fit into a small table
// that is used a few times; it is never of a step of which the alert says something.
//
// Matches with twins are numbered: what the number adds to the id is laid out as well, for each number that the first steps come
// to. Where numbers do not follow from ranks, matches are numbered one by one; then tails are the last layer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/alert_draft.hpp"
#include "engine/alert_ids.hpp"
#include "engine/alert_row.hpp"
#include "engine/chain_report.hpp"
#include "engine/rule_set_impl.hpp"

namespace sequitur {

class ReportListing {
 public:
  ReportListing(const RuleSet::Impl& rules, AlertIds& ids, AlertRow& row) : rules_(rules), ids_(ids), row_(row) {}

  // Forgets what was listed.
  void clear();
  // Returns how many alerts there were.
  std::uint64_t list(const AlertDraft& draft);

 private:
  struct Step {  // Of the match at hand; what is summed up is so from the first step to this one.
    const Event* event;
    const Evidence::Link* link;
    AlertId id;
    std::uint64_t rank, twins;
    bool ragged;
  };
  // Of each node of a layer those ways to the end that begin with it, in order, one node behind the other.
  struct Tails {
    struct Rank {
      std::uint64_t rank, twins;
    };
    std::vector<const Event*> events;    // Of each as many as a tail is long.
    std::vector<AlertId> ids;            // Sums.
    std::vector<Rank> ranks;             // If the report has twins.
    std::vector<std::uint32_t> offsets;  // By node, and one more.
    void clear();
    void add(const ChainReport::Node& node, const AlertId& id, const Rank& rank, bool has_twins);
  };

  void begin();
  std::uint32_t find_tail_length();
  void make_tails();
  void lengthen_tails(const std::vector<ChainReport::Node>& layer, std::size_t length);
  const AlertId* tail_ids(std::uint64_t rank);
  void number_tails(std::uint64_t rank);
  std::uint64_t number_of(std::uint64_t rank, std::size_t tail) const {
    return report_->has_twins ? rank * tails_.ranks[tail].twins + tails_.ranks[tail].rank : rank;
  }
  void list_from(std::size_t step, std::uint32_t first, std::uint32_t behind);
  void list_tails(std::size_t step, std::uint32_t first, std::uint32_t behind);
  void number(const Step& before, std::size_t first, std::span<Alert> alerts);
  void enter(std::size_t step, const ChainReport::Node& node);
  void say(std::size_t step, const Event* event);
  void say_all();
  void make_room(std::size_t step);
  const Evidence::Link* link(const Event* event, const Evidence::Link* before) {
    return new (links_.allocate(sizeof(Evidence::Link))) Evidence::Link{event, before};
  }

  const RuleSet::Impl& rules_;
  AlertIds& ids_;
  AlertRow& row_;

  // Of the report at hand.
  const AlertDraft* draft_ = nullptr;
  const ChainReport* report_ = nullptr;
  const nfa::Automaton* automaton_ = nullptr;
  std::size_t said_ = 0;      // What alerts say beside their evidence is of the steps up to this one.
  bool says_little_ = false;  // Namely the values of fields.
  std::uint64_t left_ = 0;
  std::optional<std::uint64_t> repeats_;
  bool one_by_one_ = false;  // Numbers are.
  std::vector<Step> steps_;  // One more: the first is what all matches have in common.
  std::uint32_t tail_length_ = 0;
  Tails tails_, shorter_;
  std::vector<std::vector<AlertId>> numbered_tails_;  // By rank of the steps before: ids of tails_ with what the number adds.
  std::uint32_t are_numbered_ = 0;                    // Bits: which of them are made.
  const Event** tail_events_ = nullptr;               // Of tails_, where they stay.
  std::vector<std::uint64_t> ways_, ways_behind_;     // To the end, of all nodes of a layer up to each.
  std::vector<std::uint64_t> counts_;

  AlertRow::Model model_;                             // Of the matches that have the steps up to said_ in common.
  std::uint64_t last_base_ = std::uint64_t{1} << 32;  // Rules that say little have their number, the others a new one each time.
  std::uint64_t last_number_ = 0;
  nfa::EvaluationContext seen_;
  Arena contents_, links_, tail_memory_;
  std::vector<const Event*> said_events_;
  std::vector<nfa::StageEvents> said_stages_;
  std::string text_;
};

}  // namespace sequitur
