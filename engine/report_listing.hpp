// The alerts of all matches that one event completes (engine/chain_report.hpp), made as they are handed over. A match costs what
// it has not in common with the one before: in the row of alerts only id and evidence are written anew where the rest is the
// same, the id is a sum, and the evidence a link more of a chain.
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

  void list_from(std::size_t step, std::uint32_t first, std::uint32_t behind);
  void list_last(std::uint32_t first, std::uint32_t behind);
  void enter(std::size_t step, const ChainReport::Node& node);
  void say();
  void make_room();
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
  std::size_t said_ = 0;  // What alerts say beside their evidence is of the steps up to this one.
  std::uint64_t left_ = 0;
  bool begun_ = false;
  std::optional<std::uint64_t> repeats_;
  std::vector<Step> steps_;  // One more: the first is what all matches have in common.

  AlertDraft model_;  // Of the matches that have the steps up to said_ in common.
  std::uint64_t model_number_ = 0;
  Arena contents_, links_;
  std::vector<const Event*> said_events_;
  std::vector<nfa::StageEvents> said_stages_;
  std::string text_;
};

}  // namespace sequitur
