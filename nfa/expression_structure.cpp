// What checked expressions are made of: equality, hash, and which part looks at the candidate only.
#include <algorithm>
#include <bit>
#include <functional>

#include "nfa/expression.hpp"

namespace sequitur::nfa {
namespace {

using dsl::Constant;
using dsl::Expr;
using dsl::ExprPtr;
using dsl::Op;

bool equal(const Constant& a, const Constant& b) {
  if (a.type != b.type || a.null != b.null) return false;
  if (a.null) return true;
  return a.i == b.i && std::bit_cast<std::uint64_t>(a.f) == std::bit_cast<std::uint64_t>(b.f) && a.s == b.s;
}

bool equal(const dsl::FieldPlace& a, const dsl::FieldPlace& b) { return a.stream == b.stream && a.slot == b.slot; }

bool equal(const ExprPtr& a, const ExprPtr& b) {
  if (a == b) return true;
  return a != nullptr && b != nullptr && nfa::equal(*a, *b);
}

template <typename T>
bool all_equal(const std::vector<T>& a, const std::vector<T>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const T& x, const T& y) { return equal(x, y); });
}

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E37'79B9'7F4A'7C15ULL;
  return hash ^ (hash >> 29);
}

std::uint64_t mixed(std::uint64_t hash, const Constant& constant) {
  hash = mixed(hash, static_cast<std::uint64_t>(constant.type) * 2 + (constant.null ? 1 : 0));
  if (constant.null) return hash;
  hash = mixed(hash, static_cast<std::uint64_t>(constant.i));
  hash = mixed(hash, std::bit_cast<std::uint64_t>(constant.f));
  return mixed(hash, std::hash<std::string>{}(constant.s));
}

void flatten_conjunction(const ExprPtr& expr, std::vector<ExprPtr>& conjuncts) {
  if (expr->op != Op::kAnd) {
    conjuncts.push_back(expr);
    return;
  }
  for (const ExprPtr& arg : expr->args) flatten_conjunction(arg, conjuncts);
}

ExprPtr conjunction(std::vector<ExprPtr> conjuncts) {
  if (conjuncts.empty()) return nullptr;
  if (conjuncts.size() == 1) return conjuncts[0];
  Expr result;
  result.op = Op::kAnd;
  result.type = Type::kBool;
  result.span = conjuncts[0]->span;
  result.args = std::move(conjuncts);
  return std::make_shared<const Expr>(std::move(result));
}

}  // namespace

bool equal(const Expr& a, const Expr& b) {
  if (&a == &b) return true;
  return a.op == b.op && a.type == b.type && a.step == b.step && a.pick == b.pick && a.guard == b.guard && a.aggregate == b.aggregate &&
         a.distinct == b.distinct && std::bit_cast<std::uint64_t>(a.percentile) == std::bit_cast<std::uint64_t>(b.percentile) &&
         a.fold == b.fold && a.list_has_null == b.list_has_null && a.text_op == b.text_op && a.all_patterns == b.all_patterns &&
         a.function == b.function && a.patterns == b.patterns && equal(a.value, b.value) && all_equal(a.places, b.places) &&
         a.file_list == b.file_list && all_equal(a.list, b.list) && all_equal(a.args, b.args);
}

std::uint64_t hash(const Expr& expr) {
  std::uint64_t result = mixed(0, static_cast<std::uint64_t>(expr.op));
  result = mixed(result, static_cast<std::uint64_t>(expr.type));
  result = mixed(result, static_cast<std::uint64_t>(expr.step));
  result = mixed(result, static_cast<std::uint64_t>(expr.pick));
  result = mixed(result, static_cast<std::uint64_t>(expr.function) * 64 + static_cast<std::uint64_t>(expr.aggregate));
  result = mixed(result, static_cast<std::uint64_t>(expr.text_op) * 2 + (expr.fold ? 1 : 0));
  result = mixed(result, expr.value);
  for (const dsl::FieldPlace& place : expr.places)
    result = mixed(result, (static_cast<std::uint64_t>(place.stream) << 32) + static_cast<std::uint32_t>(place.slot));
  for (const Constant& constant : expr.list) result = mixed(result, constant);
  result = mixed(result, reinterpret_cast<std::uintptr_t>(expr.file_list.get()));
  for (const std::string& pattern : expr.patterns) result = mixed(result, std::hash<std::string>{}(pattern));
  for (const ExprPtr& arg : expr.args) result = mixed(result, arg != nullptr ? hash(*arg) : 1);
  return result;
}

bool event_only(const Expr& expr) {
  switch (expr.op) {
    case Op::kTableField:  // The same event may be looked at again when the table has changed.
    case Op::kStepField:
    case Op::kPrevField:
    case Op::kBreakField:
    case Op::kKeyPart:
    case Op::kMatchCount:
    case Op::kAggregate:
    case Op::kPast:
    case Op::kValue:
    case Op::kStepExists: return false;
    default: return std::all_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return arg == nullptr || event_only(*arg); });
  }
}

int last_step(const Expr& expr, int steps) {
  const bool of_step = expr.op == Op::kStepField || expr.op == Op::kAggregate || expr.op == Op::kStepExists;
  int last = of_step && expr.step < steps ? expr.step : -1;
  for (const ExprPtr& arg : expr.args)
    if (arg != nullptr) last = std::max(last, last_step(*arg, steps));
  return last;
}

bool mentions_file(const Expr& expr) {
  if (expr.file_list) return true;
  return std::any_of(expr.args.begin(), expr.args.end(), [](const ExprPtr& arg) { return arg != nullptr && mentions_file(*arg); });
}

// Sound although conditions have three values: a conjunction holds exactly if each of its parts holds.
SplitCondition split(const ExprPtr& condition) {
  if (condition == nullptr) return {};
  std::vector<ExprPtr> conjuncts, event_part, run_part;
  flatten_conjunction(condition, conjuncts);
  for (ExprPtr& conjunct : conjuncts) (event_only(*conjunct) ? event_part : run_part).push_back(std::move(conjunct));
  if (run_part.empty()) return {condition, nullptr};
  if (event_part.empty()) return {nullptr, condition};
  return {conjunction(std::move(event_part)), conjunction(std::move(run_part))};
}

}  // namespace sequitur::nfa
