// Evaluating a plan for one event.
#include "nfa/predicate_plan.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "nfa/expression_program.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur::nfa {
namespace {

std::uint64_t eight_bytes(const char* at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

std::uint64_t four_bytes(const char* at) {
  std::uint32_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  return bytes;
}

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

  PredicateId* find_simple() {
    for (const Entry& entry : plan_.buckets[0].entries) try_entry(entry);
    return out_;
  }

 private:
  void try_entry(const Entry& entry) {
    *out_ = entry.id;
    if (entry.first_step == kAccept || accepts(entry.first_step)) ++out_;
  }

  bool accepts(std::uint32_t at) {
    do {
      const Step& step = plan_.steps[at];
      at = holds(step.literal) ? step.on_true : step.on_false;
    } while (at < kAccept);
    return at == kAccept;
  }

  bool holds(const Literal& literal) {
    bool result = false;
    switch (literal.kind) {
      case LiteralKind::kInt: {
        const std::int64_t value = slot_at(&event_, literal.offset).i, constant = literal.constant.i;
        result = value != kNullInt && ((literal.outcomes >> ((value > constant) - (value < constant) + 1)) & 1) != 0;
        break;
      }
      case LiteralKind::kFloat: {
        const double value = slot_at(&event_, literal.offset).f, constant = literal.constant.f;
        result = value == value && ((literal.outcomes >> ((value > constant) - (value < constant) + 1)) & 1) != 0;
        break;
      }
      case LiteralKind::kText: {
        const Slot value = slot_at(&event_, literal.offset);
        result = value.bits != 0 && ((literal.outcomes & (value.text() == literal.constant.text() ? kSame : kBelow)) != 0);
        break;
      }
      case LiteralKind::kTextFolded: {
        const Slot value = slot_at(&event_, literal.offset);
        result = value.bits != 0 && ((literal.outcomes & (equal_folded(value.text(), literal.constant.text()) ? kSame : kBelow)) != 0);
        break;
      }
      case LiteralKind::kExpression: result = expression_value(literal.index) == literal.wanted; break;
      case LiteralKind::kPattern: result = pattern_value(literal) == literal.wanted; break;
    }
    return result != literal.negate;
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

  std::uint8_t pattern_value(const Literal& literal) {
    const PatternAtom& atom = plan_.patterns[literal.index];
    if (slot_at(&event_, atom.offset).bits == 0) return 2;
    scan(atom.database);
    const PlanState::Count& found = state_.found[literal.index];
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
      if (plan_.patterns[atom].bucket != kNowhere) visit(plan_.buckets[plan_.patterns[atom].bucket]);
  }

  void visit(const Bucket& bucket) {
    for (const Entry& entry : bucket.entries) try_entry(entry);
    for (const RangeIndex& range : bucket.ranges) visit_range(range);
    for (const EqualityIndex& index : bucket.equalities) {
      const std::uint32_t next = look_up(index);
      if (next != kNowhere) visit(plan_.buckets[next]);
    }
  }

  template <typename Passes>
  void visit_prefix(const RangeIndex& range, Passes passes) {
    for (std::size_t i = 0; i < range.bounds.size() && passes(range.bounds[i]); ++i) try_entry(range.entries[i]);
  }

  void visit_range(const RangeIndex& range) {
    const Slot value = slot_at(&event_, range.offset);
    if (range.is_float) {  // NaN passes nothing.
      if (range.at_least) {
        visit_prefix(range, [&](Slot bound) { return value.f >= bound.f; });
      } else {
        visit_prefix(range, [&](Slot bound) { return value.f <= bound.f; });
      }
    } else if (value.i != kNullInt) {
      if (range.at_least) {
        visit_prefix(range, [&](Slot bound) { return value.i >= bound.i; });
      } else {
        visit_prefix(range, [&](Slot bound) { return value.i <= bound.i; });
      }
    }
  }

  std::uint32_t look_up(const EqualityIndex& index) {
    const Slot value = slot_at(&event_, index.offset);
    switch (index.kind) {
      case LiteralKind::kText: return value.bits == 0 ? kNowhere : look_up_text(index, value.text());
      case LiteralKind::kTextFolded: return value.bits == 0 ? kNowhere : look_up_folded(index, value.text());
      case LiteralKind::kFloat: return std::isnan(value.f) ? kNowhere : look_up_int(index, Slot::of_float(value.f + 0.0).i);
      default: return value.i == kNullInt ? kNowhere : look_up_int(index, value.i);
    }
  }

  static std::uint32_t look_up_int(const EqualityIndex& index, std::int64_t value) {
    for (const auto& [key, bucket] : index.few)
      if (key.i == value) return bucket;
    if (index.ints.empty()) return kNowhere;
    const auto found = index.ints.find(value);
    return found == index.ints.end() ? kNowhere : found->second;
  }

  static std::uint32_t look_up_text(const EqualityIndex& index, std::string_view text) {
    if (text.size() > index.longest) return kNowhere;
    for (const auto& [key, bucket] : index.few)
      if (key.text() == text) return bucket;
    if (index.texts.empty()) return kNowhere;
    const auto found = index.texts.find(text);
    return found == index.texts.end() ? kNowhere : found->second;
  }

  std::uint32_t look_up_folded(const EqualityIndex& index, std::string_view text) {
    if (text.size() > index.longest) return kNowhere;
    state_.folded.assign(text);
    for (char& c : state_.folded) c = static_cast<char>(fold_byte(static_cast<unsigned char>(c)));
    return look_up_text(index, state_.folded);
  }

  const Plan& plan_;
  const Event& event_;
  PlanState& state_;
  TextDatabase::Scratch& scratch_;
  PredicateId* out_;
};

}  // namespace

std::size_t KeyHash::operator()(std::string_view text) const {
  constexpr std::uint64_t kOdd1 = 0x9E37'79B9'7F4A'7C15ULL, kOdd2 = 0xC2B2'AE3D'27D4'EB4FULL;
  const std::size_t size = text.size();
  std::uint64_t a = 0, b = 0, c = 0;
  if (size >= 8) {
    a = eight_bytes(text.data());
    b = eight_bytes(text.data() + size - 8);
    c = eight_bytes(text.data() + (size - 8) / 2);
  } else if (size >= 4) {
    a = four_bytes(text.data());
    b = four_bytes(text.data() + size - 4);
  } else if (size > 0) {
    a = static_cast<unsigned char>(text[0]);
    b = static_cast<unsigned char>(text[size / 2]) * 256U + static_cast<unsigned char>(text[size - 1]);
  }
  std::uint64_t hash = (a ^ (size * kOdd2)) * kOdd1;
  hash = (hash ^ (hash >> 32) ^ b) * kOdd2;
  hash = (hash ^ (hash >> 29) ^ c) * kOdd1;
  return static_cast<std::size_t>(hash ^ (hash >> 32));
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
  Finder finder(plan, event, state, scratch, out);
  if (plan.simple) return finder.find_simple();
  ++state.epoch;
  return finder.find();
}

std::size_t memory_bytes(const Plan& plan) {
  std::size_t bytes =
      sizeof plan + plan.texts.bytes() + plan.steps.capacity() * sizeof(Step) + plan.patterns.capacity() * sizeof(PatternAtom);
  constexpr std::size_t kExpressionBytes = 256;  // Roughly.
  bytes += plan.expressions.size() * kExpressionBytes;
  for (const Bucket& bucket : plan.buckets) {
    bytes += sizeof bucket + bucket.entries.capacity() * sizeof(Entry);
    for (const RangeIndex& range : bucket.ranges) bytes += sizeof range + range.bounds.capacity() * (sizeof(Slot) + sizeof(Entry));
    for (const EqualityIndex& index : bucket.equalities)
      bytes += sizeof index + index.few.capacity() * sizeof index.few[0] + index.ints.bucket_count() * 17 + index.texts.bucket_count() * 25;
  }
  for (const FieldDatabase& field : plan.databases)
    bytes +=
        sizeof field + field.database->memory_bytes() + (field.atoms.capacity() + field.atoms_begin.capacity()) * sizeof(std::uint32_t);
  return bytes;
}

}  // namespace sequitur::nfa
