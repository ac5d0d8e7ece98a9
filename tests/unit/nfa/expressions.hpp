// Checked expressions written by hand, for the tests of this folder.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/event.hpp"

namespace sequitur::nfa::testing {

using dsl::Expr;
using dsl::ExprPtr;
using dsl::Op;

inline ExprPtr made(Expr expr) { return std::make_shared<const Expr>(std::move(expr)); }

inline ExprPtr node(Op op, Type type, std::vector<ExprPtr> args, bool fold = false) {
  Expr expr;
  expr.op = op;
  expr.type = type;
  expr.args = std::move(args);
  expr.fold = fold;
  return made(std::move(expr));
}

inline dsl::Constant null_of(Type type) {
  dsl::Constant constant;
  constant.type = type;
  constant.null = true;
  return constant;
}
inline dsl::Constant value_of(std::int64_t i, Type type = Type::kInt) {
  dsl::Constant constant;
  constant.type = type;
  constant.i = i;
  return constant;
}
inline dsl::Constant value_of(int i) { return value_of(static_cast<std::int64_t>(i)); }
inline dsl::Constant value_of(bool b) { return value_of(b ? std::int64_t{1} : std::int64_t{0}, Type::kBool); }
inline dsl::Constant value_of(double f) {
  dsl::Constant constant;
  constant.type = Type::kFloat;
  constant.f = f;
  return constant;
}
inline dsl::Constant value_of(std::string s) {
  dsl::Constant constant;
  constant.type = Type::kString;
  constant.s = std::move(s);
  return constant;
}
inline dsl::Constant value_of(const char* s) { return value_of(std::string(s)); }

inline ExprPtr constant(dsl::Constant value) {
  Expr expr;
  expr.op = Op::kConstant;
  expr.type = value.type;
  expr.value = std::move(value);
  return made(std::move(expr));
}
template <typename T>
ExprPtr lit(T value) {
  return constant(value_of(value));
}
inline ExprPtr duration(std::int64_t microseconds) { return constant(value_of(microseconds, Type::kDuration)); }
inline ExprPtr null_lit(Type type) { return constant(null_of(type)); }

inline ExprPtr field(SlotIndex slot, Type type, std::vector<StreamId> streams = {0}) {
  Expr expr;
  expr.op = Op::kCandidate;
  expr.type = type;
  for (const StreamId stream : streams) expr.places.push_back({stream, slot});
  return made(std::move(expr));
}
inline ExprPtr event_time() { return field(kTimeSlot, Type::kTime); }

inline ExprPtr step_field(int step, SlotIndex slot, Type type, std::int64_t pick = -1, std::vector<StreamId> streams = {0}) {
  Expr expr = *field(slot, type, std::move(streams));
  expr.op = Op::kStepField;
  expr.step = step;
  expr.pick = pick;
  return made(std::move(expr));
}

inline ExprPtr aggregate(dsl::Aggregate kind, Type type, int step, ExprPtr argument, ExprPtr filter = nullptr) {
  Expr expr;
  expr.op = Op::kAggregate;
  expr.type = type;
  expr.aggregate = kind;
  expr.step = step;
  expr.args = {std::move(argument), std::move(filter)};
  return made(std::move(expr));
}

inline ExprPtr call(dsl::Function function, Type type, std::vector<ExprPtr> args) {
  Expr expr;
  expr.op = Op::kCall;
  expr.type = type;
  expr.function = function;
  expr.args = std::move(args);
  return made(std::move(expr));
}

inline ExprPtr text_is(dsl::TextOp op, ExprPtr text, std::vector<std::string> patterns, bool fold = false, bool all = false) {
  Expr expr;
  expr.op = Op::kText;
  expr.type = Type::kBool;
  expr.text_op = op;
  expr.args = {std::move(text)};
  expr.patterns = std::move(patterns);
  expr.fold = fold;
  expr.all_patterns = all;
  return made(std::move(expr));
}

inline ExprPtr in_list(ExprPtr value, std::vector<dsl::Constant> list, bool fold = false, bool has_null = false) {
  Expr expr;
  expr.op = Op::kInList;
  expr.type = Type::kBool;
  expr.args = {std::move(value)};
  expr.list = std::move(list);
  expr.fold = fold;
  expr.list_has_null = has_null;
  return made(std::move(expr));
}

inline ExprPtr all_of(std::vector<ExprPtr> args) { return node(Op::kAnd, Type::kBool, std::move(args)); }
inline ExprPtr any_of(std::vector<ExprPtr> args) { return node(Op::kOr, Type::kBool, std::move(args)); }
inline ExprPtr not_(ExprPtr arg) { return node(Op::kNot, Type::kBool, {std::move(arg)}); }
inline ExprPtr is(Op op, ExprPtr a, ExprPtr b, bool fold = false) { return node(op, Type::kBool, {std::move(a), std::move(b)}, fold); }

// Streams of the tests: fields by type. 0 bool, 1 int, 2 float, 3 string, 4 duration, 5 another string.
inline StreamSchema test_schema(StreamId id = 0) {
  StreamSchema schema;
  schema.id = id;
  schema.name = "s" + std::to_string(id);
  const Type types[] = {Type::kBool, Type::kInt, Type::kFloat, Type::kString, Type::kDuration, Type::kString};
  const char* names[] = {"b", "i", "f", "s", "d", "t"};
  for (int i = 0; i < 6; ++i) schema.fields.push_back({.name = names[i], .type = types[i], .optional = true, .source = names[i]});
  return schema;
}
inline constexpr SlotIndex kB = 0, kI = 1, kF = 2, kS = 3, kD = 4, kT = 5;

inline Event& make_test_event(Arena& arena, StreamId stream = 0, std::int64_t time = 0) {
  return make_event(arena, test_schema(stream), Timestamp{Duration{time}});
}

}  // namespace sequitur::nfa::testing
