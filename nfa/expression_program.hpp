// The compiled form of an expression: a flat list of instructions over registers. Only expression_*.cpp know it.
//
// Every operand is an address: a base (registers, constants, the candidate's row, the values of a window) and a byte offset, so `amount <
// 5` is one instruction that reads both sides in place. A comparison has a set of accepted outcomes instead of an operator. What cannot be
// decided without looking (and, or, if, ??) jumps. Registers are used like a stack; how many are needed is known when the program is made.
// tests/unit/nfa/expression_test.cpp compares all of it with a plain walk over the tree.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "dsl/checked_rule.hpp"
#include "event/ip.hpp"
#include "event/zone.hpp"
#include "nfa/expression.hpp"
#include "nfa/text_database.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur::nfa {

enum class Base : std::uint8_t { kRegister, kConstant, kCandidate, kValue };

struct Operand {
  Base base = Base::kRegister;
  std::uint32_t offset = 0;  // In bytes.
};

enum class Operation : std::uint8_t {
  kReturn,          // left
  kMove,            // result = left
  kLoadStepLatest,  // result = the field at offset `right` of the latest event of step `extra`, if of stream `left`
  kLoadField,       // result = fields[extra]
  kLoadKey,         // result = key part `extra`
  kLoadCount,       // result = the number of matches (extra 0), whether it is a remainder (extra 1)
  kStepExists,      // step `extra`
  kExists,          // is left (of type `outcomes`) not null
  kNot,
  kJumpIfFalse,  // of left, to extra
  kJumpIfTrue,
  kAnd,             // result = left and right; to extra if that is false
  kOr,              // result = left or right; to extra if that is true
  kBranch,          // if: left true: go on; false: to extra; unknown: to `right`
  kJump,            // to extra
  kJumpUnlessNull,  // of left with type `outcomes`, to extra
  kCompareInt,      // outcomes; where those say so, to extra if the result is false (or true)
  kCompareFloat,
  kCompareText,
  kCompareTextFolded,
  kInInts,  // left in lists[extra]
  kInFloats,
  kInTexts,
  kInFile,  // left in files[extra]
  kInNetworks,
  kText,         // left by texts[extra]
  kTextDynamic,  // left, pattern right; extra: TextOp * 2 + fold
  kNegateInt,
  kNegateFloat,
  kAddInt,
  kAddFloat,
  kSubtractInt,
  kSubtractFloat,
  kMultiplyInt,
  kMultiplyFloat,
  kMultiplyDecimal,  // Rounded to millionths, as the division.
  kDivideDecimal,
  kScaleDuration,  // left * right, one of them float: whole microseconds
  kDivideFloat,
  kDivideDuration,  // left / right by float: whole microseconds
  kDivideInts,      // left / right as floats: the ratio of two durations
  kModuloInt,
  kModuloFloat,
  kIntToFloat,
  kDecimalToFloat,
  kIntToDecimal,
  kCall,       // result = calls[extra] over the registers from result on
  kAggregate,  // aggregates[extra]
  kMakeList,   // result = the list of outcomes (a type), of `extra` registers from result on
  kElement,    // result = element `extra`
  kQuantify,   // result = quantifiers[extra] over the lists in the registers from result on
  kLookUp,     // result = field of lookups[extra], whose key is in the registers from result on
};

// Accepted outcomes of a comparison, and what else a small number says in an instruction.
inline constexpr std::uint8_t kBelow = 1, kSame = 2, kAbove = 4;
inline constexpr std::uint8_t kThenJumpIfFalse = 8, kThenJumpIfTrue = 16;  // Of ints and floats.
inline constexpr std::uint8_t kLeftIsFloat = 1;                            // kScaleDuration

struct Instruction {
  Operation operation = Operation::kReturn;
  std::uint8_t outcomes = 0;
  Base left_base = Base::kRegister;
  Base right_base = Base::kRegister;
  std::uint32_t result = 0;  // Byte offset into the registers.
  std::uint32_t left = 0;
  std::uint32_t right = 0;
  std::uint32_t extra = 0;
};

inline constexpr StreamId kAnyStream = 0xFFFF'FFFF;

// Where a field's value is, as a byte offset from the start of the event.
constexpr std::uint32_t offset_of(SlotIndex slot) {
  return slot == kTimeSlot ? 0 : static_cast<std::uint32_t>(sizeof(Event)) + 8 * static_cast<std::uint32_t>(slot);
}
inline Slot slot_at(const void* base, std::uint32_t offset) {
  Slot slot;
  std::memcpy(&slot, static_cast<const char*>(base) + offset, sizeof slot);
  return slot;
}

// A field of an event that may be of several streams.
struct FieldLoad {
  enum class From : std::uint8_t { kCandidate, kStep, kPrevious, kBreak };
  From from = From::kCandidate;
  Type type = Type::kBool;
  int step = -1;
  std::int64_t pick = -1;
  int guard = -1;
  std::vector<dsl::FieldPlace> places;
};

struct ValueList {
  std::vector<std::int64_t> ints;                     // Sorted.
  std::vector<double> floats;                         // Sorted.
  std::vector<std::string> texts;                     // Folded where the comparison folds.
  boost::unordered_flat_set<std::string_view> index;  // Of texts.
  std::vector<IpNetwork> networks;                    // None inside another, by address.
  bool fold = false;
  bool has_null = false;
};

// A text operator with constant patterns: a few by plain search, many or regular expressions by a database.
struct TextTest {
  std::vector<TextSearch> searches;
  std::unique_ptr<const TextDatabase> database;
  std::size_t patterns = 0;
  bool all = false;
  bool fits(std::string_view text) const;
};

struct Call {
  dsl::Function function = dsl::Function::kAbs;
  Type type = Type::kBool;  // Of the result.
  std::vector<Type> arg_types;
  std::shared_ptr<const Zone> zone;  // Of a constant zone name.
};

// A field of the row of a table.
struct LookUp {
  std::uint32_t table = 0;
  SlotIndex slot = 0;
  Type type = Type::kBool;
  std::vector<Type> key_types;
};

struct Program;

struct AggregateCall {
  dsl::Aggregate aggregate = dsl::Aggregate::kCount;
  std::uint32_t step = 0;
  bool distinct = false;
  bool fold = false;
  double percentile = 50;
  std::int64_t rank = 1;
  Type type = Type::kInt;  // Of the result.
  Type arg_type = Type::kInt;
  std::unique_ptr<const Program> argument;  // Null pointer: events are counted.
  std::unique_ptr<const Program> filter;
};

// `some` and `every`: a condition on the elements of lists that go together.
struct Quantifier {
  bool every = false;
  std::vector<Type> elements;  // Of each list.
  std::unique_ptr<const Program> condition;
  std::unique_ptr<const TextTest> text;  // The condition is this test of the one list's element.
};

struct Program {
  std::vector<Instruction> instructions;
  std::vector<Slot> constants;
  Arena texts;  // What text constants refer to.
  std::uint32_t registers = 0;
  StreamId candidate_stream = kAnyStream;  // What a candidate must be of, if its fields are read in place.
  bool makes_text = false;
  Type type = Type::kBool;
  std::vector<FieldLoad> fields;
  std::vector<ValueList> lists;
  std::vector<TextTest> text_tests;
  std::vector<std::shared_ptr<const FileList>> files;
  std::vector<Call> calls;
  std::vector<AggregateCall> aggregates;
  std::vector<Quantifier> quantifiers;
  std::vector<LookUp> lookups;
};

struct Expression::Code {
  std::unique_ptr<const Program> program;
};

std::unique_ptr<const Program> compile_program(const dsl::Expr& expr);
Slot run(const Program& program, const EvaluationContext& context);

// `args` are the values, `context.arena` takes new texts.
Slot call_function(const Call& call, const Slot* args, Arena* arena);
Slot evaluate_aggregate(const AggregateCall& call, const EvaluationContext& context);

Slot quantify(const Quantifier& quantifier, const Slot* lists, const EvaluationContext& context);
Slot make_list(Type element, const Slot* items, std::size_t count, Arena& arena);

// Of the functions over texts, over lists and of conversions; the arguments are not null.
Slot call_text_function(const Call& call, const Slot* args, Arena& arena);
Slot call_list_function(const Call& call, const Slot* args, Arena& arena);
Slot call_conversion(const Call& call, const Slot* args, Arena& arena);

inline Slot finite(double value) { return std::isfinite(value) ? Slot::of_float(value) : Slot::null(Type::kFloat); }

// The nearest whole number; null where it does not fit.
inline Slot nearest_int(double value) {
  return value > -9.2e18 && value < 9.2e18 ? Slot::of_int(std::llround(value)) : Slot::null(Type::kInt);
}

inline int three_way(Slot a, Slot b, Type type, bool fold) {
  if (has_bytes(type)) return compare_texts(a.text(), b.text(), fold);
  if (type == Type::kFloat) return (a.f > b.f) - (a.f < b.f);
  return (a.i > b.i) - (a.i < b.i);
}

}  // namespace sequitur::nfa
