// Evaluating a plan for one event.
#include "nfa/predicate_plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include "nfa/expression_program.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur::nfa {
namespace {

class Finder {
 public:
  Finder(const Plan& plan, const Event& event, PlanState& state, TextDatabase::Scratch& scratch, PredicateId* out)
      : plan_(plan), event_(event), state_(state), scratch_(scratch), out_(out) {}

  PredicateId* find() {
    visit(plan_.buckets[0]);
    for (std::uint32_t i = 0; i < plan_.databases.size(); ++i)
      if (plan_.databases[i].always) visit_found(i);
    return out_;
  }

 private:
  void try_entries(const Entry* begin, const Entry* end) {
    PredicateId* out = out_;
    for (const Entry* entry = begin; entry != end; ++entry) {
      bool holds = passes(&event_, entry->offset, entry->is_float, entry->guard);
      if (entry->first_step != kAccept) holds = holds && accepts(entry->first_step);
      *out = entry->id;
      out += holds;
    }
    out_ = out;
  }

  [[gnu::noinline]] bool accepts(std::uint32_t at) {
    do {
      const Step& step = plan_.steps[at];
      at = holds(step.test) ? step.on_true : step.on_false;
    } while (at < kAccept);
    return at == kAccept;
  }

  bool holds(const PlanTest& test) {
    bool result = false;
    switch (test.kind) {
      case PlanTest::Kind::kInt: result = passes(&event_, test.offset, false, test.range); break;
      case PlanTest::Kind::kFloat: result = passes(&event_, test.offset, true, test.range); break;
      case PlanTest::Kind::kText: result = is_text(slot_at(&event_, test.offset), test); break;
      case PlanTest::Kind::kTextFolded: {
        const Slot value = slot_at(&event_, test.offset);
        result = value.bits != 0 && equal_folded(value.text(), test.equal.text.text());
        break;
      }
      case PlanTest::Kind::kExists: result = slot_at(&event_, test.offset).bits != 0; break;
      case PlanTest::Kind::kExpression: result = expression_value(test.index) == test.wanted; break;
      case PlanTest::Kind::kPattern: result = pattern_value(test.index) == test.wanted; break;
    }
    return result != test.negate;
  }

  static bool is_text(Slot value, const PlanTest& test) {
    if (value.bits == 0 || (value.bits >> 48) != (test.equal.text.bits >> 48)) return false;
    const std::string_view text = value.text();
    if (first_bytes(text.data(), text.size()) != test.equal.first) return false;
    return text.size() <= 8 || text == test.equal.text.text();
  }

  // 0, 1, or 2 for unknown.
  std::uint8_t expression_value(std::uint32_t index) {
    if (!plan_.shared[index]) return evaluate(index);
    std::uint64_t& known = state_.values[index];
    if (known / 4 != state_.epoch) known = state_.epoch * 4 + evaluate(index);
    return static_cast<std::uint8_t>(known % 4);
  }
  std::uint8_t evaluate(std::uint32_t index) const {
    EvaluationContext context;
    context.candidate = &event_;
    const std::int64_t value = plan_.expressions[index].evaluate(context).i;
    return value == kNullInt ? 2 : static_cast<std::uint8_t>(value);
  }

  std::uint8_t pattern_value(std::uint32_t index) {
    const PatternAtom& atom = plan_.patterns[index];
    if (slot_at(&event_, atom.offset).bits == 0) return 2;
    scan(atom.database);
    const PlanState::Count& found = state_.found[index];
    return found.epoch == state_.epoch && found.count >= atom.needed ? 1 : 0;
  }

  // Once per event and field.
  void scan(std::uint32_t index) {
    if (state_.scanned[index] == state_.epoch) return;
    state_.scanned[index] = state_.epoch;
    const FieldDatabase& field = plan_.databases[index];
    std::vector<std::uint32_t>& reached = state_.reached[index];
    reached.clear();
    const Slot value = slot_at(&event_, field.offset);
    if (value.bits == 0) return;
    field.database->scan(value.text(), scratch_, state_.patterns);
    for (const std::uint32_t pattern : state_.patterns) {
      for (std::uint32_t i = field.atoms_begin[pattern]; i < field.atoms_begin[pattern + 1]; ++i) {
        const std::uint32_t atom = field.atoms[i];
        PlanState::Count& found = state_.found[atom];
        if (found.epoch != state_.epoch) found = {state_.epoch, 0};
        if (++found.count == plan_.patterns[atom].needed) reached.push_back(atom);
      }
    }
  }

  void visit_found(std::uint32_t database) {
    scan(database);
    for (const std::uint32_t atom : state_.reached[database])
      if (plan_.patterns[atom].bucket != kNowhere) visit_below(plan_.buckets[plan_.patterns[atom].bucket]);
  }

  void visit(const Bucket& bucket) {
    try_entries(plan_.entries.data() + bucket.entries_begin, plan_.entries.data() + bucket.entries_end);
    for (std::uint32_t i = bucket.ranges_begin; i < bucket.ranges_end; ++i) visit_range(plan_.ranges[i]);
    for (std::uint32_t i = bucket.equalities_begin; i < bucket.equalities_end; ++i) {
      const std::uint32_t next = look_up(plan_.equalities[i]);
      if (next == kNowhere) continue;
      if ((next & kDirect) != 0) {
        *out_++ = next & ~kDirect;
        continue;
      }
      const Bucket& below = plan_.buckets[next];
      if (passes(&event_, below.offset, below.is_float, below.guard)) visit_below(below);
    }
  }
  [[gnu::noinline]] void visit_below(const Bucket& bucket) { visit(bucket); }

  void visit_range(const RangeIndex& range) {
    const Slot slot = slot_at(&event_, range.offset);
    if (range.is_float ? std::isnan(slot.f) : slot.i == kNullInt) return;
    const std::int64_t value = ordered(slot.i, range.is_float);
    const std::int64_t* const begin = range.bounds.data();
    const std::int64_t* end = begin;
    const std::int64_t* const last = begin + range.bounds.size();
    if (range.at_least) {
      while (end != last && value >= *end) ++end;
    } else {
      while (end != last && value <= *end) ++end;
    }
    try_entries(range.entries.data(), range.entries.data() + (end - begin));
  }

  std::uint32_t look_up(const EqualityIndex& index) {
    const Slot value = slot_at(&event_, index.offset);
    switch (index.kind) {
      case LiteralKind::kText: return value.bits == 0 ? kNowhere : index.keys.find(value.text());
      case LiteralKind::kTextFolded: return value.bits == 0 ? kNowhere : look_up_folded(index, value.text());
      case LiteralKind::kFloat: return std::isnan(value.f) ? kNowhere : index.keys.find(Slot::of_float(value.f + 0.0).i);
      default: return value.i == kNullInt ? kNowhere : index.keys.find(value.i);
    }
  }

  std::uint32_t look_up_folded(const EqualityIndex& index, std::string_view text) {
    if (text.size() > index.longest) return kNowhere;
    state_.folded.assign(text);
    for (char& c : state_.folded) c = static_cast<char>(fold_byte(static_cast<unsigned char>(c)));
    return index.keys.find(state_.folded);
  }

  const Plan& plan_;
  const Event& event_;
  PlanState& state_;
  TextDatabase::Scratch& scratch_;
  PredicateId* out_;
};

}  // namespace

// At least two groups, so that there is a shift.
KeyTable::KeyTable(std::size_t keys)
    : tags_(std::bit_ceil(std::max(2 * keys, 2 * kGroup))),
      cells_(tags_.size()),
      mask_(tags_.size() / kGroup - 1),
      shift_(64 - std::countr_zero(tags_.size() / kGroup)) {}

void KeyTable::add(Slot key, bool is_text, std::uint32_t bucket) {
  const std::string_view text = is_text ? key.text() : std::string_view{};
  const TextEnds ends = is_text ? ends_of(text) : TextEnds{key.bits, 0};
  const std::uint64_t spread = KeyTable::spread(is_text ? hash(text, ends) : key.bits);
  std::size_t group = group_of(spread);
  while (zeros(tags_of(group)) == 0) group = (group + 1) & mask_;
  const std::size_t at = group * kGroup + first_byte(zeros(tags_of(group)));
  tags_[at] = tag(spread);
  cells_[at] = {ends.first, ends.last, text.data(), static_cast<std::uint32_t>(text.size()), bucket};
}

PlanState make_state(const Plan& plan) {
  PlanState state;
  state.values.resize(plan.expressions.size());
  state.found.resize(plan.patterns.size());
  state.scanned.resize(plan.databases.size());
  state.reached.resize(plan.databases.size());
  return state;
}

PredicateId* find_hits(const Plan& plan, const Event& event, PlanState& state, TextDatabase::Scratch& scratch, PredicateId* out) {
  if (plan.table) out = find_tabled(*plan.table, event, out);
  if (plan.remembers) ++state.epoch;
  return Finder(plan, event, state, scratch, out).find();
}

std::size_t memory_bytes(const Plan& plan) {
  std::size_t bytes = sizeof plan + plan.texts.bytes() + plan.steps.capacity() * sizeof(Step) + plan.entries.capacity() * sizeof(Entry) +
                      plan.patterns.capacity() * sizeof(PatternAtom) + plan.buckets.capacity() * sizeof(Bucket);
  if (plan.table) bytes += plan.table->memory_bytes();
  constexpr std::size_t kExpressionBytes = 256;  // Roughly.
  bytes += plan.expressions.size() * kExpressionBytes;
  for (const RangeIndex& range : plan.ranges) bytes += sizeof range + range.bounds.capacity() * (sizeof(Slot) + sizeof(Entry));
  for (const EqualityIndex& index : plan.equalities)
    bytes += sizeof index + index.keys.memory_bytes() + index.buckets.capacity() * sizeof(std::uint32_t);
  for (const FieldDatabase& field : plan.databases)
    bytes +=
        sizeof field + field.database->memory_bytes() + (field.atoms.capacity() + field.atoms_begin.capacity()) * sizeof(std::uint32_t);
  return bytes;
}

}  // namespace sequitur::nfa
