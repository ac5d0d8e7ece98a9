// The conditions on the event alone of all loaded rules, each evaluated once per event at most.
// The result is the list of those that hold, so the cost follows the number of hits and not the number of rules.
// The only place that knows Hyperscan is predicate_set.cpp's text part.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/event.hpp"
#include "sequitur/result.hpp"

namespace sequitur::nfa {

using PredicateId = std::uint32_t;
class DecisionTable;

// Predicates that hold for each event of a batch: those of event i are ids[begin[i]] .. ids[begin[i + 1] - 1], ascending.
struct PredicateHits {
  std::vector<std::uint32_t> begin;
  std::vector<PredicateId> ids;
  std::span<const PredicateId> of(std::size_t event) const { return {ids.data() + begin[event], ids.data() + begin[event + 1]}; }
};

class PredicateSet {
 public:
  class Builder {
   public:
    Builder();
    ~Builder();
    // A null condition holds for every event of the stream. The same condition (by structure) gives the same id.
    PredicateId add(StreamId stream, const dsl::ExprPtr& condition);
    // An Error if the pattern compiler rejects something that the checker let through.
    Result<std::shared_ptr<const PredicateSet>> build(std::span<const StreamSchema> schemas) &&;

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

  // What one thread needs besides the set: pattern scratch, buffers. Make one per thread.
  class Scratch {
   public:
    explicit Scratch(const PredicateSet& set);
    ~Scratch();
    Scratch(Scratch&&) noexcept;
    struct Impl;
    Impl& impl() { return *impl_; }

   private:
    std::unique_ptr<Impl> impl_;
  };

  ~PredicateSet();
  // Replaces `hits`. Thread-safe with one scratch per thread. Events of streams without predicates have no hits.
  void evaluate(std::span<const Event* const> events, Scratch& scratch, PredicateHits& hits) const;

  // What there is to ask of the events of a stream. Where a table answers it all, as long as the set lives, an event needs no more
  // than its class, and for each class what it is to the rules can be worked out beforehand.
  struct Asked {
    bool each = false;                     // Every event must be evaluated.
    const DecisionTable* table = nullptr;  // Neither this: there are no predicates.
  };
  Asked asked(StreamId stream) const;

  std::size_t size() const;
  // For `explain`: how a predicate is evaluated ("index on field country", "Hyperscan database on field url", "expression").
  std::string describe(PredicateId id) const;
  std::size_t memory_bytes() const;

  struct Impl;

 private:
  explicit PredicateSet(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Whether the pattern compiler accepts a regular expression; the message says why not (back-references, look-around, too large).
// Used by the checker through a callback, so that dsl does not know the pattern library.
Result<void> check_pattern(std::string_view regex, bool nocase);

}  // namespace sequitur::nfa
