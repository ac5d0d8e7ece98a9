// Runs the programs of expression_program.hpp.
#include <algorithm>
#include <cassert>
#include <cmath>
#include <memory>

#include "event/decimal.hpp"
#include "event/file_list.hpp"
#include "nfa/expression_program.hpp"

namespace sequitur::nfa {
namespace {

constexpr std::size_t kInlineRegisters = 32;

constexpr Slot unknown() { return Slot::of_int(kNullInt); }

Slot compare_ints(std::int64_t a, std::int64_t b, std::uint8_t outcomes) {
  const int outcome = (a > b) - (a < b) + 1;
  return a == kNullInt || b == kNullInt ? unknown() : Slot::of_int((outcomes >> outcome) & 1);
}

Slot compare_floats(double a, double b, std::uint8_t outcomes) {
  const int outcome = (a > b) - (a < b) + 1;
  return std::isunordered(a, b) ? unknown() : Slot::of_int((outcomes >> outcome) & 1);
}

// Whether a comparison says all that there is to say, so that what stands behind it is passed over.
bool ends(Slot result, std::uint8_t outcomes) {
  return (result.i == 0 && (outcomes & kThenJumpIfFalse) != 0) || (result.i == 1 && (outcomes & kThenJumpIfTrue) != 0);
}

Slot compare_text_slots(Slot a, Slot b, std::uint8_t outcomes) {
  if (a.bits == 0 || b.bits == 0) return unknown();
  if (outcomes == kSame || outcomes == (kBelow | kAbove)) {
    const bool same = a.bits == b.bits || a.text() == b.text();
    return Slot::of_bool(same == (outcomes == kSame));
  }
  const int order = compare_texts(a.text(), b.text(), false);
  return Slot::of_int((outcomes >> ((order > 0) - (order < 0) + 1)) & 1);
}

Slot compare_folded_slots(Slot a, Slot b, std::uint8_t outcomes) {
  if (a.bits == 0 || b.bits == 0) return unknown();
  const int order = compare_texts(a.text(), b.text(), true);
  return Slot::of_int((outcomes >> ((order > 0) - (order < 0) + 1)) & 1);
}

Slot found_or(bool found, bool has_null) { return found ? Slot::of_bool(true) : (has_null ? unknown() : Slot::of_bool(false)); }

Slot in_texts(const ValueList& list, Slot value) {
  if (value.bits == 0) return unknown();
  constexpr std::size_t kFew = 4;
  const std::string_view text = value.text();
  if (list.texts.size() <= kFew) {
    const bool found = std::any_of(list.texts.begin(), list.texts.end(),
                                   [&](const std::string& member) { return list.fold ? equal_folded(text, member) : text == member; });
    return found_or(found, list.has_null);
  }
  return found_or(list.fold ? list.index.contains(folded(text)) : list.index.contains(text), list.has_null);
}

// Of networks that lie in no other, at most the last one that begins at or before the address can hold it.
Slot in_networks(const ValueList& list, Slot value) {
  if (value.bits == 0) return unknown();
  const std::string_view address = value.text();
  const auto behind = std::upper_bound(list.networks.begin(), list.networks.end(), address,
                                       [](std::string_view a, const IpNetwork& network) { return a < bytes_of(network.address); });
  return found_or(behind != list.networks.begin() && contains(*std::prev(behind), address), list.has_null);
}

const Event* event_of(const FieldLoad& field, const EvaluationContext& context) {
  switch (field.from) {
    case FieldLoad::From::kCandidate: return context.candidate;
    case FieldLoad::From::kPrevious: return context.previous;
    case FieldLoad::From::kBreak: return field.guard == -1 || field.guard == context.break_guard ? context.break_event : nullptr;
    case FieldLoad::From::kStep: break;
  }
  if (static_cast<std::uint32_t>(field.step) >= context.stage_count) return nullptr;
  const StageEvents& events = context.stages[field.step];
  const std::int64_t index = field.pick > 0 ? field.pick - 1 : static_cast<std::int64_t>(events.count) + field.pick;
  return index >= 0 && index < static_cast<std::int64_t>(events.count) ? events.data[index] : nullptr;
}

Slot load_field(const FieldLoad& field, const EvaluationContext& context) {
  const Event* event = event_of(field, context);
  if (event != nullptr) {
    for (const dsl::FieldPlace& place : field.places)
      if (place.stream == event->stream) return event->get(place.slot);
  }
  return Slot::null(field.type);
}

Slot load_step_latest(const Instruction& instruction, const EvaluationContext& context) {
  if (instruction.extra < context.stage_count) {
    const StageEvents& events = context.stages[instruction.extra];
    if (events.count > 0) {
      const Event* event = events.data[events.count - 1];
      if (event->stream == instruction.left) return slot_at(event, instruction.right);
    }
  }
  return Slot::null(static_cast<Type>(instruction.outcomes));
}

Slot look_up(const LookUp& look_up, const Slot* key, const EvaluationContext& context) {
  const Slot none = Slot::null(look_up.type);
  for (std::size_t i = 0; i < look_up.key_types.size(); ++i)
    if (key[i].is_null(look_up.key_types[i])) return none;
  if (context.tables.find == nullptr) return none;
  const Event* row = context.tables.find(context.tables.tables, look_up.table, key, context.as_of);
  return row != nullptr ? row->get(look_up.slot) : none;
}

bool any_null(Slot a, Slot b) { return (a.i == kNullInt) | (b.i == kNullInt); }

Slot add(Slot a, Slot b) {
  std::int64_t result = 0;
  return any_null(a, b) || __builtin_add_overflow(a.i, b.i, &result) ? unknown() : Slot::of_int(result);
}

Slot subtract(Slot a, Slot b) {
  std::int64_t result = 0;
  return any_null(a, b) || __builtin_sub_overflow(a.i, b.i, &result) ? unknown() : Slot::of_int(result);
}

Slot multiply(Slot a, Slot b) {
  std::int64_t result = 0;
  return any_null(a, b) || __builtin_mul_overflow(a.i, b.i, &result) ? unknown() : Slot::of_int(result);
}

Slot modulo(Slot a, Slot b) {
  if (any_null(a, b) || b.i == 0) return unknown();
  return Slot::of_int(b.i == -1 ? 0 : a.i % b.i);
}

Slot scale_duration(Slot a, Slot b, bool left_is_float) {
  const Slot duration = left_is_float ? b : a;
  const double factor = left_is_float ? a.f : b.f;
  if (duration.i == kNullInt || std::isnan(factor)) return unknown();
  return nearest_int(static_cast<double>(duration.i) * factor);
}

Slot execute(const Program& program, const EvaluationContext& context, Slot* registers) {
  const void* const bases[] = {registers, program.constants.data(), context.candidate, context.values};
  const Instruction* const begin = program.instructions.data();
  for (const Instruction* at = begin;; ++at) {
    const Instruction& in = *at;
    const auto left = [&] { return slot_at(bases[static_cast<std::size_t>(in.left_base)], in.left); };
    const auto right = [&] { return slot_at(bases[static_cast<std::size_t>(in.right_base)], in.right); };
    Slot& result = registers[in.result / sizeof(Slot)];
    switch (in.operation) {
      case Operation::kReturn: return left();
      case Operation::kMove: result = left(); break;
      case Operation::kLoadStepLatest: result = load_step_latest(in, context); break;
      case Operation::kLoadField: result = load_field(program.fields[in.extra], context); break;
      case Operation::kLoadKey: result = context.key[in.extra]; break;
      case Operation::kLoadCount: result = context.match_count[in.extra]; break;
      case Operation::kStepExists: result = Slot::of_bool(in.extra < context.stage_count && context.stages[in.extra].count > 0); break;
      case Operation::kExists: result = Slot::of_bool(!left().is_null(static_cast<Type>(in.outcomes))); break;
      case Operation::kNot: {
        const Slot value = left();
        result = value.i == kNullInt ? value : Slot::of_int(value.i ^ 1);
        break;
      }
      case Operation::kJumpIfFalse:
        if (left().i == 0) at = begin + in.extra - 1;
        break;
      case Operation::kJumpIfTrue:
        if (left().i == 1) at = begin + in.extra - 1;
        break;
      case Operation::kAnd: {  // Neither is false, or the result is: then unknown, the smallest int, wins over true.
        const std::int64_t a = left().i, b = right().i;
        result = Slot::of_int(a == 0 || b == 0 ? 0 : std::min(a, b));
        if (result.i == 0) at = begin + in.extra - 1;
        break;
      }
      case Operation::kOr: {
        const std::int64_t a = left().i, b = right().i;
        result = Slot::of_int(a == 1 || b == 1 ? 1 : std::min(a, b));
        if (result.i == 1) at = begin + in.extra - 1;
        break;
      }
      case Operation::kBranch: {
        const std::int64_t condition = left().i;
        if (condition != 1) at = begin + (condition == 0 ? in.extra : in.right) - 1;
        break;
      }
      case Operation::kJump: at = begin + in.extra - 1; break;
      case Operation::kJumpUnlessNull:
        if (!left().is_null(static_cast<Type>(in.outcomes))) at = begin + in.extra - 1;
        break;
      case Operation::kCompareInt:
        result = compare_ints(left().i, right().i, in.outcomes);
        if (ends(result, in.outcomes)) at = begin + in.extra - 1;
        break;
      case Operation::kCompareFloat:
        result = compare_floats(left().f, right().f, in.outcomes);
        if (ends(result, in.outcomes)) at = begin + in.extra - 1;
        break;
      case Operation::kCompareText: result = compare_text_slots(left(), right(), in.outcomes); break;
      case Operation::kCompareTextFolded: result = compare_folded_slots(left(), right(), in.outcomes); break;
      case Operation::kInInts: {
        const ValueList& list = program.lists[in.extra];
        const std::int64_t value = left().i;
        result = value == kNullInt ? unknown() : found_or(std::binary_search(list.ints.begin(), list.ints.end(), value), list.has_null);
        break;
      }
      case Operation::kInFloats: {
        const ValueList& list = program.lists[in.extra];
        const double value = left().f;
        result = std::isnan(value) ? unknown() : found_or(std::binary_search(list.floats.begin(), list.floats.end(), value), list.has_null);
        break;
      }
      case Operation::kInFile: {
        const FileList& file = *program.files[in.extra];
        const Slot value = left();
        result = value.is_null(file.type()) ? unknown() : Slot::of_bool(file.contains(value));
        break;
      }
      case Operation::kInTexts: result = in_texts(program.lists[in.extra], left()); break;
      case Operation::kInNetworks: result = in_networks(program.lists[in.extra], left()); break;
      case Operation::kText: {
        const Slot value = left();
        result = value.bits == 0 ? unknown() : Slot::of_bool(program.text_tests[in.extra].fits(value.text()));
        break;
      }
      case Operation::kTextDynamic: {
        const Slot text = left(), pattern = right();
        const auto op = static_cast<dsl::TextOp>(in.extra / 2);
        result = text.bits == 0 || pattern.bits == 0 ? unknown() : Slot::of_bool(fits(op, text.text(), pattern.text(), in.extra % 2 != 0));
        break;
      }
      // The null of int is its own negative, if the sign may wrap.
      case Operation::kNegateInt: result = Slot{.bits = 0 - left().bits}; break;
      case Operation::kNegateFloat: result = Slot::of_float(-left().f); break;
      case Operation::kAddInt: result = add(left(), right()); break;
      case Operation::kSubtractInt: result = subtract(left(), right()); break;
      case Operation::kMultiplyInt: result = multiply(left(), right()); break;
      case Operation::kModuloInt: result = modulo(left(), right()); break;
      case Operation::kAddFloat: result = finite(left().f + right().f); break;
      case Operation::kSubtractFloat: result = finite(left().f - right().f); break;
      case Operation::kMultiplyFloat: result = finite(left().f * right().f); break;
      case Operation::kMultiplyDecimal:
        result = any_null(left(), right()) ? unknown() : Slot::of_int(decimal_multiply(left().i, right().i));
        break;
      case Operation::kDivideDecimal:
        result = any_null(left(), right()) ? unknown() : Slot::of_int(decimal_divide(left().i, right().i));
        break;
      case Operation::kDecimalToFloat:
        result = left().i == kNullInt ? Slot::null(Type::kFloat) : Slot::of_float(decimal_to_float(left().i));
        break;
      case Operation::kIntToDecimal: result = left().i == kNullInt ? unknown() : Slot::of_int(decimal_of_int(left().i)); break;
      case Operation::kDivideFloat: result = finite(left().f / right().f); break;
      case Operation::kModuloFloat: result = finite(std::fmod(left().f, right().f)); break;
      case Operation::kScaleDuration: result = scale_duration(left(), right(), in.outcomes == kLeftIsFloat); break;
      case Operation::kDivideDuration: {
        const Slot duration = left();
        const double divisor = right().f;
        result = duration.i == kNullInt || divisor == 0 ? unknown() : nearest_int(static_cast<double>(duration.i) / divisor);
        break;
      }
      case Operation::kDivideInts:
        result =
            any_null(left(), right()) ? Slot::null(Type::kFloat) : finite(static_cast<double>(left().i) / static_cast<double>(right().i));
        break;
      case Operation::kIntToFloat:
        result = left().i == kNullInt ? Slot::null(Type::kFloat) : Slot::of_float(static_cast<double>(left().i));
        break;
      case Operation::kCall: result = call_function(program.calls[in.extra], &result, context.arena); break;
      case Operation::kMakeList: result = make_list(static_cast<Type>(in.outcomes), &result, in.extra, *context.arena); break;
      case Operation::kElement: result = context.elements[in.extra]; break;
      case Operation::kQuantify: result = quantify(program.quantifiers[in.extra], &result, context); break;
      case Operation::kLookUp: result = look_up(program.lookups[in.extra], &result, context); break;
      case Operation::kAggregate: result = evaluate_aggregate(program.aggregates[in.extra], context); break;
    }
  }
}

Slot run_with_heap(const Program& program, const EvaluationContext& context) {
  const auto registers = std::make_unique<Slot[]>(program.registers);
  return execute(program, context, registers.get());
}

// Texts that do not outlive the expression, or have nowhere else to go, live until the thread's next expression.
Slot run_with_own_arena(const Program& program, EvaluationContext context) {
  thread_local Arena arena;
  arena.clear();
  context.arena = &arena;
  return run(program, context);
}

}  // namespace

bool TextTest::fits(std::string_view text) const {
  const std::size_t enough = all ? patterns : std::min<std::size_t>(patterns, 1);
  if (database != nullptr) return all ? database->count(text, enough) >= enough : database->count(text, 1) == 1;
  if (searches.size() != patterns) return false;
  const auto one_fits = [&](const TextSearch& search) { return search.fits(text); };
  return all ? std::all_of(searches.begin(), searches.end(), one_fits) : std::any_of(searches.begin(), searches.end(), one_fits);
}

Slot run(const Program& program, const EvaluationContext& context) {
  if (program.candidate_stream != kAnyStream && context.candidate->stream != program.candidate_stream) return Slot::null(program.type);
  if (program.registers > kInlineRegisters) [[unlikely]]
    return run_with_heap(program, context);
  Slot registers[kInlineRegisters];
  return execute(program, context, registers);
}

Slot Expression::evaluate(const EvaluationContext& context) const {
  assert(code_ != nullptr);
  const Program& program = *code_->program;
  if (program.makes_text && (context.arena == nullptr || !has_bytes(program.type))) return run_with_own_arena(program, context);
  return run(program, context);
}

}  // namespace sequitur::nfa
