// The predicate set: one plan for each stream (predicate_plan.hpp), and the loop over a batch.
#include "nfa/predicate_set.hpp"

#include <algorithm>
#include <bit>
#include <map>
#include <unordered_map>
#include <utility>

#include "nfa/predicate_plan.hpp"

namespace sequitur::nfa {

struct PredicateSet::Impl {
  std::vector<std::unique_ptr<const Plan>> plans;  // By stream; null pointer: no predicates.
  std::vector<std::string> descriptions;           // By predicate.
};

struct PredicateSet::Builder::Impl {
  struct Predicate {
    StreamId stream = 0;
    dsl::ExprPtr condition;
  };
  std::vector<Predicate> predicates;
  std::unordered_multimap<std::uint64_t, PredicateId> index;
};

PredicateSet::Builder::Builder() : impl_(std::make_unique<Impl>()) {}
PredicateSet::Builder::~Builder() = default;

PredicateId PredicateSet::Builder::add(StreamId stream, const dsl::ExprPtr& condition) {
  const std::uint64_t key = (condition != nullptr ? hash(*condition) : 0) * 31 + stream;
  const auto [begin, end] = impl_->index.equal_range(key);
  for (auto it = begin; it != end; ++it) {
    const Impl::Predicate& other = impl_->predicates[it->second];
    const bool both = other.condition != nullptr && condition != nullptr;
    if (other.stream == stream && (both ? equal(*other.condition, *condition) : other.condition == condition)) return it->second;
  }
  const auto id = static_cast<PredicateId>(impl_->predicates.size());
  impl_->predicates.push_back({stream, condition});
  impl_->index.emplace(key, id);
  return id;
}

Result<std::shared_ptr<const PredicateSet>> PredicateSet::Builder::build(std::span<const StreamSchema> schemas) && {
  auto set = std::make_unique<PredicateSet::Impl>();
  set->descriptions.resize(impl_->predicates.size());
  std::map<StreamId, std::pair<Atoms, std::vector<PlannedPredicate>>> by_stream;
  for (PredicateId id = 0; id < impl_->predicates.size(); ++id) {
    const Impl::Predicate& predicate = impl_->predicates[id];
    auto& [atoms, planned] =
        by_stream.try_emplace(predicate.stream, Atoms(predicate.stream), std::vector<PlannedPredicate>{}).first->second;
    planned.push_back({id, atoms.normalize(predicate.condition)});
  }
  const StreamSchema unknown;
  for (auto& [stream, wanted] : by_stream) {
    const StreamSchema& schema = stream < schemas.size() ? schemas[stream] : unknown;
    auto built = build_plan(schema, std::move(wanted.first), std::move(wanted.second));
    if (!built.ok()) return built.error();
    for (auto& [id, description] : built->descriptions) set->descriptions[id] = std::move(description);
    if (set->plans.size() <= stream) set->plans.resize(stream + 1);
    set->plans[stream] = std::make_unique<const Plan>(std::move(built->plan));
  }
  return std::shared_ptr<const PredicateSet>(new PredicateSet(std::move(set)));
}

PredicateSet::PredicateSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PredicateSet::~PredicateSet() = default;

struct PredicateSet::Scratch::Impl {
  // Room for `count` ids behind the first `used`.
  PredicateId* room(std::size_t used, std::size_t count) {
    if (used + count > capacity) grow(used, count);
    return ids.get() + used;
  }
  void grow(std::size_t used, std::size_t count) {
    capacity = std::max(2 * capacity, used + count);
    auto larger = std::make_unique<PredicateId[]>(capacity);
    std::copy_n(ids.get(), used, larger.get());
    ids = std::move(larger);
  }

  // In order and each once.
  PredicateId* in_order(PredicateId* begin, PredicateId* end);

  std::vector<PlanState> states;  // By stream.
  TextDatabase::Scratch text;
  std::unique_ptr<PredicateId[]> ids;
  std::size_t capacity = 0;
  std::vector<std::uint64_t> bits, summary;  // Of in_order(): all zero between calls.
};

PredicateSet::Scratch::Scratch(const PredicateSet& set) : impl_(std::make_unique<Impl>()) {
  for (const auto& plan : set.impl_->plans) {
    impl_->states.push_back(plan != nullptr ? make_state(*plan) : PlanState{});
    if (plan == nullptr) continue;
    for (const FieldDatabase& field : plan->databases) impl_->text.prepare(*field.database);
  }
  impl_->bits.resize(set.size() / 64 + 1);
  impl_->summary.resize(impl_->bits.size() / 64 + 1);
}
PredicateSet::Scratch::~Scratch() = default;
PredicateSet::Scratch::Scratch(Scratch&&) noexcept = default;

PredicateId* PredicateSet::Scratch::Impl::in_order(PredicateId* begin, PredicateId* end) {
  if (std::adjacent_find(begin, end, [](PredicateId a, PredicateId b) { return a >= b; }) == end) return end;
  constexpr std::ptrdiff_t kFew = 16;
  if (end - begin <= kFew) {
    std::sort(begin, end);
    return std::unique(begin, end);
  }
  // One bit for each predicate, and one for each word that has any: as fast as there are hits.
  for (const PredicateId* id = begin; id != end; ++id) {
    bits[*id / 64] |= std::uint64_t{1} << (*id % 64);
    summary[*id / 4096] |= std::uint64_t{1} << (*id / 64 % 64);
  }
  PredicateId* out = begin;
  for (std::size_t high = 0; high < summary.size(); ++high) {
    for (; summary[high] != 0; summary[high] &= summary[high] - 1) {
      const std::size_t middle = high * 64 + static_cast<std::size_t>(std::countr_zero(summary[high]));
      for (; bits[middle] != 0; bits[middle] &= bits[middle] - 1)
        *out++ = static_cast<PredicateId>(middle * 64 + static_cast<std::size_t>(std::countr_zero(bits[middle])));
    }
  }
  return out;
}

void PredicateSet::evaluate(std::span<const Event* const> events, Scratch& scratch, PredicateHits& hits) const {
  Scratch::Impl& own = scratch.impl();
  hits.begin.resize(events.size() + 1);
  std::uint32_t* const hits_begin = hits.begin.data();
  const std::span<const std::unique_ptr<const Plan>> plans = impl_->plans;
  constexpr std::size_t kAhead = 8;
  std::size_t used = 0;
  for (std::size_t i = 0; i < events.size(); ++i) {
    hits_begin[i] = static_cast<std::uint32_t>(used);
    if (i + kAhead < events.size()) __builtin_prefetch(events[i + kAhead]);
    const Event& event = *events[i];
    if (event.stream >= plans.size() || plans[event.stream] == nullptr) continue;
    const Plan& plan = *plans[event.stream];
    PredicateId* const begin = own.room(used, plan.most_hits + 1);
    PredicateId* end = plan.only_table    ? find_tabled(*plan.table, event, begin)
                       : plan.guards_only ? find_guarded(plan, event, begin)
                                          : find_hits(plan, event, own.states[event.stream], own.text, begin);
    if (!plan.ascending) end = own.in_order(begin, end);
    used += static_cast<std::size_t>(end - begin);
  }
  hits_begin[events.size()] = static_cast<std::uint32_t>(used);
  hits.ids.assign(own.ids.get(), own.ids.get() + used);
}

PredicateSet::Asked PredicateSet::asked(StreamId stream) const {
  if (stream >= impl_->plans.size() || impl_->plans[stream] == nullptr) return {false, nullptr};
  const Plan& plan = *impl_->plans[stream];
  return {!plan.only_table, plan.only_table ? &*plan.table : nullptr};
}

std::size_t PredicateSet::size() const { return impl_->descriptions.size(); }

std::string PredicateSet::describe(PredicateId id) const { return impl_->descriptions.at(id); }

std::size_t PredicateSet::memory_bytes() const {
  std::size_t bytes = sizeof *this + sizeof(Impl);
  for (const auto& plan : impl_->plans)
    if (plan != nullptr) bytes += nfa::memory_bytes(*plan);
  for (const std::string& description : impl_->descriptions) bytes += sizeof description + description.capacity();
  return bytes;
}

}  // namespace sequitur::nfa
