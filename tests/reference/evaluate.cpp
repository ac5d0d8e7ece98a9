#include "tests/reference/evaluate.hpp"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "event/file_list.hpp"
#include "event/ip.hpp"
#include "event/list.hpp"
#include "nfa/hyper_log_log.hpp"
#include "sequitur/alert.hpp"
#include "tests/reference/exact.hpp"

namespace sequitur::reference {
namespace {

using dsl::Aggregate;
using dsl::Expr;
using dsl::Op;

Value field_of(const Row* row, const Expr& expr) {
  if (row == nullptr) return kNull;
  for (const auto& place : expr.places)
    if (place.stream == row->stream) return row->get(place.slot);
  return kNull;
}

Value integer(std::int64_t result) { return result == kNullInt ? kNull : Value{result}; }
Value finite(double value) { return std::isfinite(value) ? Value{value} : kNull; }

// The events of a step: `pick` 1 is its first, -1 its latest.
const Row* pick_from(const std::vector<const Row*>& events, std::int64_t pick) {
  const auto count = static_cast<std::int64_t>(events.size());
  const std::int64_t index = pick > 0 ? pick - 1 : count + pick;
  return index >= 0 && index < count ? events[static_cast<std::size_t>(index)] : nullptr;
}

// Both of one type, neither null. Negative, zero, positive.
int compare(const Value& a, const Value& b, bool fold) {
  if (a.index() == 3) {
    const std::string left = fold ? folded(std::get<3>(a)) : std::get<3>(a);
    const std::string right = fold ? folded(std::get<3>(b)) : std::get<3>(b);
    return left.compare(right);
  }
  return a < b ? -1 : b < a ? 1 : 0;
}

__extension__ using Wide = __int128;

// The nearest whole number, half away from zero.
Value rounded_quotient(Wide numerator, Wide denominator) {
  const bool negative = (numerator < 0) != (denominator < 0);
  const Wide a = numerator < 0 ? -numerator : numerator, b = denominator < 0 ? -denominator : denominator;
  const Wide size = (2 * a + b) / (2 * b);
  if (size > INT64_MAX) return kNull;
  return static_cast<std::int64_t>(negative ? -size : size);
}

// --- Aggregates: over the events that the step has taken so far; nulls do not count.

double as_float(const Value& value) { return value.index() == 2 ? std::get<2>(value) : static_cast<double>(std::get<1>(value)); }

// Exact, then rounded to millionths, half away from zero.
Value decimal_average(const std::vector<Value>& values) {
  if (values.empty()) return kNull;
  Wide sum = 0;
  for (const auto& value : values) sum += std::get<1>(value);
  return rounded_quotient(sum, static_cast<std::int64_t>(values.size()));
}

// Nearest rank: the value at ceil(p/100 * n) of the sorted ones, at least the first.
Value percentile_of(std::vector<Value> values, double percentile) {
  if (values.empty()) return kNull;
  std::sort(values.begin(), values.end());
  const auto rank = static_cast<std::size_t>(std::ceil(percentile / 100 * static_cast<double>(values.size())));
  return values[std::clamp<std::size_t>(rank, 1, values.size()) - 1];
}

// The first thousand; `distinct`: those that were not there before.
Value collected(const std::vector<Value>& values, bool distinct, bool fold) {
  List list;
  for (const auto& value : values) {
    const bool seen =
        std::any_of(list.items.begin(), list.items.end(), [&](const Value& other) { return compare(value, other, fold) == 0; });
    if (list.items.size() < 1000 && !(distinct && seen)) list.items.push_back(value);
  }
  return list;
}

// Of the least-squares line through (seconds, value).
Value slope_of(const std::vector<Value>& values, const std::vector<std::int64_t>& times) {
  if (values.size() < 2) return kNull;
  const auto count = static_cast<double>(values.size());
  const auto seconds = [&](std::size_t i) { return static_cast<double>(times[i] - times[0]) / 1e6; };
  double mean_time = 0, mean = 0, product = 0, square = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    mean_time += seconds(i);
    mean += as_float(values[i]);
  }
  mean_time /= count;
  mean /= count;
  for (std::size_t i = 0; i < values.size(); ++i) {
    product += (seconds(i) - mean_time) * (as_float(values[i]) - mean);
    square += (seconds(i) - mean_time) * (seconds(i) - mean_time);
  }
  return square == 0 ? kNull : finite(product / square);
}

Value extreme_of(const std::vector<Value>& values, bool least, bool fold) {
  if (values.empty()) return kNull;
  Value best = values[0];
  for (const auto& value : values)
    if (least ? compare(value, best, fold) < 0 : compare(value, best, fold) > 0) best = value;
  return best;
}

std::int64_t distinct_count(const std::vector<Value>& values, bool fold) {
  std::set<Value> seen;
  for (const auto& value : values) seen.insert(fold && value.index() == 3 ? Value{folded(std::get<3>(value))} : value);
  return static_cast<std::int64_t>(seen.size());
}

// HyperLogLog with 2048 registers: nfa/hyper_log_log.hpp says which hash and which estimate.
std::int64_t about_distinct(const std::vector<Value>& values, Type type, bool fold) {
  std::vector<int> registers(2048);
  for (const auto& value : values) {
    const std::string text = value.index() != 3 ? "" : fold ? folded(std::get<3>(value)) : std::get<3>(value);
    const Slot slot = value.index() == 3   ? Slot::of_text(text.data(), text.size())
                      : value.index() == 2 ? Slot::of_float(std::get<2>(value))
                                           : Slot::of_int(std::get<1>(value));
    const std::uint64_t hash = nfa::HyperLogLog::hash_of(slot, type);
    int rank = 1;
    for (int bit = 52; bit >= 0 && (hash >> bit & 1) == 0; --bit) ++rank;
    int& greatest = registers[hash >> 53];
    greatest = std::max(greatest, rank);
  }
  nfa::HyperLogLog::Histogram histogram{};
  for (const int rank : registers) ++histogram[static_cast<std::size_t>(rank)];
  return nfa::HyperLogLog::estimate(histogram);
}

// The k-th most frequent value and how often it is; the lesser first where two are equally frequent.
std::pair<Value, std::int64_t> top_of(const std::vector<Value>& values, std::int64_t place, bool fold) {
  const auto less = [&](const Value& a, const Value& b) { return compare(a, b, fold) < 0; };
  std::map<Value, std::int64_t, decltype(less)> counts(less);
  for (const auto& value : values) ++counts[fold && value.index() == 3 ? Value{folded(std::get<3>(value))} : value];
  std::vector<std::pair<Value, std::int64_t>> groups(counts.begin(), counts.end());
  std::stable_sort(groups.begin(), groups.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return place <= static_cast<std::int64_t>(groups.size()) ? groups[static_cast<std::size_t>(place - 1)]
                                                           : std::pair(kNull, std::int64_t{0});
}

// As the event saw the tables when it came.
void look_up_at(const Row& row, Scope& scope) {
  scope.known = scope.events.first(static_cast<std::size_t>(&row - scope.events.data()));
  scope.now = row.time;
}

// The events that a kPast is over.
std::vector<const Row*> past_events(const Expr& expr, const Scope& scope) {
  const dsl::Past& past = scope.past->at(static_cast<std::size_t>(expr.step));
  std::vector<const Row*> rows;
  for (const std::size_t position : *scope.history) {
    const Row& row = scope.events[position];
    const std::int64_t too_old = past.span.count() + (scope.past_inclusive ? 1 : 0);
    if (&row >= scope.candidate || scope.candidate->time - row.time >= too_old) continue;
    Scope inner;
    inner.candidate = &row;
    inner.events = scope.events;
    inner.tables = scope.tables;
    look_up_at(row, inner);
    const bool stream = std::find(past.filter.streams.begin(), past.filter.streams.end(), row.stream) != past.filter.streams.end();
    if (stream && holds(past.filter.condition, inner)) rows.push_back(&row);
  }
  return rows;
}

// Per second, from the first to the last: what the value grew by, or how many events came.
Value rate_of(const std::vector<Value>& values, const std::vector<std::int64_t>& times, bool of_events) {
  if (values.empty() || times.front() == times.back()) return kNull;
  const double grown = of_events ? static_cast<double>(values.size() - 1) : std::get<2>(values.back()) - std::get<2>(values.front());
  return finite(grown / (static_cast<double>(times.back() - times.front()) / 1e6));
}

// `each_when_it_came`: what is asked of an event is kept as it was then: windows, the key's past.
Value aggregate(const Expr& expr, const Scope& scope, const std::vector<const Row*>& rows, bool each_when_it_came) {
  std::vector<Value> values;
  std::vector<std::int64_t> times;  // Of the values, or of the events.
  std::int64_t events = 0;
  for (const Row* row : rows) {
    Scope inner = scope;
    inner.candidate = row;
    if (each_when_it_came) look_up_at(*row, inner);
    if (expr.args.size() > 1 && !holds(expr.args[1], inner)) continue;
    ++events;
    const Value value = expr.args.empty() || expr.args[0] == nullptr ? Value{0.0} : evaluate(*expr.args[0], inner);
    if (is_null(value)) continue;
    values.push_back(value);
    times.push_back(row->time);
  }
  const bool of_events = expr.args.empty() || expr.args[0] == nullptr;
  switch (expr.aggregate) {
    case Aggregate::kCount:
      if (of_events) return events;
      return expr.distinct ? distinct_count(values, expr.fold) : static_cast<std::int64_t>(values.size());
    case Aggregate::kSum: return exact_sum(values);
    case Aggregate::kAvg: return expr.type == Type::kDecimal ? decimal_average(values) : exact_average(values);
    case Aggregate::kMin: return extreme_of(values, true, expr.fold);
    case Aggregate::kMax: return extreme_of(values, false, expr.fold);
    case Aggregate::kFirst: return values.empty() ? kNull : values.front();
    case Aggregate::kLast: return values.empty() ? kNull : values.back();
    case Aggregate::kMedian: return percentile_of(values, 50);
    case Aggregate::kPercentile: return percentile_of(values, expr.percentile);
    case Aggregate::kStddev: return exact_deviation(values);
    case Aggregate::kApproxDistinct: return about_distinct(values, expr.args[0]->type, expr.fold);
    case Aggregate::kTop: return top_of(values, expr.pick, expr.fold).first;
    case Aggregate::kTopCount: return top_of(values, expr.pick, expr.fold).second;
    case Aggregate::kRate: return rate_of(values, times, of_events);
    case Aggregate::kValues: return collected(values, expr.distinct, expr.fold);
    case Aggregate::kSlope: return slope_of(values, times);
  }
  return kNull;
}

// --- Logic with three values: true, false and null, which is unknown.

Value logic_not(const Value& value) { return is_null(value) ? kNull : of_bool(is_false(value)); }

// `and`: false if one is false, else unknown if one is unknown. `or` is its mirror.
Value logic(const std::vector<Value>& args, bool deciding) {
  for (const auto& value : args)
    if (value == of_bool(deciding)) return of_bool(deciding);
  for (const auto& value : args)
    if (is_null(value)) return kNull;
  return of_bool(!deciding);
}

Value comparison(Op op, const Value& a, const Value& b, bool fold) {
  if (is_null(a) || is_null(b)) return kNull;
  const int order = compare(a, b, fold);
  switch (op) {
    case Op::kEqual: return of_bool(order == 0);
    case Op::kNotEqual: return of_bool(order != 0);
    case Op::kLess: return of_bool(order < 0);
    case Op::kLessEqual: return of_bool(order <= 0);
    case Op::kGreater: return of_bool(order > 0);
    default: return of_bool(order >= 0);
  }
}

Value in_list(const Expr& expr, const Value& value) {
  if (is_null(value)) return kNull;
  if (expr.file_list) {
    if (const auto* text = std::get_if<std::string>(&value)) return of_bool(expr.file_list->contains(Slot::of_short_text(*text)));
    const auto* real = std::get_if<double>(&value);
    return of_bool(expr.file_list->contains(real != nullptr ? Slot::of_float(*real) : Slot::of_int(std::get<std::int64_t>(value))));
  }
  for (const auto& constant : expr.list)
    if (compare(value, of_constant(constant), expr.fold) == 0) return of_bool(true);
  return expr.list_has_null ? kNull : of_bool(false);
}

bool text_fits(dsl::TextOp op, std::string text, std::string pattern, bool fold) {
  if (op == dsl::TextOp::kMatches) {
    RE2::Options options(RE2::Quiet);
    options.set_case_sensitive(!fold);
    options.set_dot_nl(false);
    return RE2::PartialMatch(text, RE2(pattern, options));
  }
  if (fold) {
    text = folded(text);
    pattern = folded(pattern);
  }
  switch (op) {
    case dsl::TextOp::kContains: return text.find(pattern) != std::string::npos;
    case dsl::TextOp::kStartsWith: return text.starts_with(pattern);
    case dsl::TextOp::kEndsWith: return text.ends_with(pattern);
    default: return is_like(text, pattern);
  }
}

Value text_operator(const Expr& expr, const Value& value, const std::vector<std::string>& patterns) {
  if (is_null(value)) return kNull;
  const auto fits = [&](const std::string& pattern) { return text_fits(expr.text_op, std::get<3>(value), pattern, expr.fold); };
  return of_bool(expr.all_patterns ? std::all_of(patterns.begin(), patterns.end(), fits)
                                   : std::any_of(patterns.begin(), patterns.end(), fits));
}

// --- Arithmetic: what has no result is null.

Value rounded_to_integer(double value) {
  if (!(value > -9.2e18 && value < 9.2e18)) return kNull;
  return std::llround(value);
}

Value arithmetic(const Expr& expr, const Value& a, const Value& b) {
  if (is_null(a) || is_null(b)) return kNull;
  if (expr.type == Type::kDecimal && (expr.op == Op::kMultiply || expr.op == Op::kDivide)) {
    const std::int64_t x = std::get<1>(a), y = std::get<1>(b);
    if (expr.op == Op::kMultiply) return rounded_quotient(static_cast<Wide>(x) * y, 1'000'000);
    return y == 0 ? kNull : rounded_quotient(static_cast<Wide>(x) * 1'000'000, y);
  }
  if (a.index() == 1 && b.index() == 1 && expr.op != Op::kDivide) {
    const std::int64_t x = std::get<1>(a), y = std::get<1>(b);
    std::int64_t result = 0;
    switch (expr.op) {
      case Op::kAdd: return __builtin_add_overflow(x, y, &result) ? kNull : integer(result);
      case Op::kSubtract: return __builtin_sub_overflow(x, y, &result) ? kNull : integer(result);
      case Op::kMultiply: return __builtin_mul_overflow(x, y, &result) ? kNull : integer(result);
      default: return y == 0 ? kNull : y == -1 ? Value{std::int64_t{0}} : Value{x % y};
    }
  }
  const double x = as_float(a), y = as_float(b);
  double result = 0;
  switch (expr.op) {
    case Op::kAdd: result = x + y; break;
    case Op::kSubtract: result = x - y; break;
    case Op::kMultiply: result = x * y; break;
    case Op::kDivide:
      if (y == 0) return kNull;
      result = x / y;
      break;
    default:
      if (y == 0) return kNull;
      result = std::fmod(x, y);
      break;
  }
  return expr.type == Type::kFloat ? finite(result) : rounded_to_integer(result);  // A duration times or by a number.
}

Value negated(const Value& value) {
  if (is_null(value)) return kNull;
  if (value.index() == 2) return -std::get<2>(value);
  return -std::get<1>(value);
}

// Address and network: equal as far as the prefix goes.
Value in_networks(const Expr& expr, const Value& address) {
  if (is_null(address)) return kNull;
  for (const auto& network : expr.list) {
    bool same = true;
    for (std::int64_t bit = 0; bit < network.i; ++bit) {
      const auto at = static_cast<std::size_t>(bit / 8);
      const int mask = 0x80 >> (bit % 8);
      same = same && (std::get<3>(address)[at] & mask) == (network.s[at] & mask);
    }
    if (same) return of_bool(true);
  }
  return expr.list_has_null ? kNull : of_bool(false);
}

// The condition for every element, joined by `or` or `and`. Parts of one list of records are of one length.
Value quantified(const Expr& expr, const Scope& scope) {
  std::vector<List> lists;
  std::size_t length = 0;
  for (std::size_t i = 1; i < expr.args.size(); ++i) {
    const Value list = evaluate(*expr.args[i], scope);
    if (is_null(list)) return kNull;
    lists.push_back(std::get<4>(list));
    length = std::max(length, lists.back().items.size());
  }
  std::vector<Value> results;
  for (std::size_t at = 0; at < length; ++at) {
    std::vector<Value> elements;
    for (const auto& list : lists) elements.push_back(at < list.items.size() ? list.items[at] : kNull);
    Scope inner = scope;
    inner.elements = &elements;
    results.push_back(evaluate(*expr.args[0], inner));
  }
  return logic(results, expr.op == Op::kSome);
}

Value break_field(const Expr& expr, const Scope& scope) {
  const bool meant = expr.guard == -1 || expr.guard == scope.broken_guard;
  return meant ? field_of(scope.broken_by, expr) : kNull;
}

const std::vector<const Row*>& step_events(const Expr& expr, const Scope& scope) {
  static const std::vector<const Row*> none;
  return scope.taken == nullptr ? none : scope.taken->at(static_cast<std::size_t>(expr.step));
}

// The first character of a text that is not empty: a UTF-8 sequence, or one byte where there is none.
std::size_t first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const std::size_t size = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (lead > 0xF4 || size > text.size()) return 1;
  for (std::size_t i = 1; i < size; ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80) return 1;
  const auto second = static_cast<unsigned char>(size > 1 ? text[1] : 0);
  const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
  const bool no_character = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
  return overlong || no_character ? 1 : size;
}

Value look_up(const Expr& expr, const Scope& scope) {
  const dsl::Table& table = scope.tables->at(static_cast<std::size_t>(expr.step));
  std::vector<Value> key;
  std::vector<bool> folds;
  for (const auto& arg : expr.args) {
    key.push_back(evaluate(*arg, scope));
    folds.push_back(arg->op == Op::kCall && arg->function == dsl::Function::kLower);
  }
  const Row* row = row_of(table, key, folds, scope.known, scope.now);
  return row != nullptr ? row->get(expr.places[0].slot) : kNull;
}

// The changes of a table as a list of rows, the one whose change is the longest ago in front.
struct Rows {
  std::vector<std::pair<std::vector<Value>, const Row*>> rows;

  void change(const dsl::Table& table, const std::vector<Value>& key, const Row& row) {
    std::erase_if(rows, [&](const auto& other) { return other.first == key; });
    if (is_true(row.get(table.deleted))) return;
    forget(table, row.time);
    if (table.max_rows > 0 && rows.size() == table.max_rows) rows.erase(rows.begin());
    rows.emplace_back(key, &row);
  }
  void forget(const dsl::Table& table, std::int64_t now) {
    std::erase_if(rows, [&](const auto& other) { return table.ttl && now - other.second->time > table.ttl->count(); });
  }
};

}  // namespace

namespace {

Rows all_rows_of(const dsl::Table& table, const std::vector<bool>& folds, std::span<const Row> known, std::int64_t now) {
  Rows rows;
  for (const Row& row : known) {
    if (row.stream != table.stream) continue;
    std::vector<Value> own;
    for (std::size_t i = 0; i < table.key.size(); ++i) {
      Value value = row.get(table.key[i]);
      own.push_back(folds[i] && value.index() == 3 ? Value{folded(std::get<3>(value))} : value);
    }
    if (std::none_of(own.begin(), own.end(), is_null)) rows.change(table, own, row);
  }
  rows.forget(table, now);
  return rows;
}

}  // namespace

const Row* row_of(const dsl::Table& table, const std::vector<Value>& key, const std::vector<bool>& folds, std::span<const Row> known,
                  std::int64_t now) {
  for (const auto& [own, row] : all_rows_of(table, folds, known, now).rows)
    if (own == key) return row;
  return nullptr;
}

std::vector<const Row*> rows_of(const dsl::Table& table, const std::vector<bool>& folds, std::span<const Row> known, std::int64_t now) {
  std::vector<const Row*> rows;
  for (const auto& [own, row] : all_rows_of(table, folds, known, now).rows) rows.push_back(row);
  return rows;
}

std::string folded(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

Value folded_value(const Value& value) {
  if (value.index() == 3) return folded(std::get<3>(value));
  if (value.index() != 4) return value;
  List list;
  for (const auto& item : std::get<4>(value).items) list.items.push_back(folded_value(item));
  return list;
}

bool is_like(std::string_view text, std::string_view pattern) {
  if (pattern.empty()) return text.empty();
  if (pattern[0] == '*') return is_like(text, pattern.substr(1)) || (!text.empty() && is_like(text.substr(first_character(text)), pattern));
  if (text.empty()) return false;
  if (pattern[0] == '?') return is_like(text.substr(first_character(text)), pattern.substr(1));
  return pattern[0] == text[0] && is_like(text.substr(1), pattern.substr(1));
}

std::string to_text(const Value& value, Type type) {
  std::string text;
  if (is_null(value)) append_text(Slot::null(type), type, text);
  if (value.index() == 1) append_text(Slot::of_int(std::get<1>(value)), type, text);
  if (value.index() == 2) append_text(Slot::of_float(std::get<2>(value)), type, text);
  if (value.index() == 3 && type == Type::kIp) append_ip(std::get<3>(value), text);
  if (value.index() == 3 && type != Type::kIp) text = std::get<3>(value);
  if (value.index() == 4)
    for (const auto& item : std::get<4>(value).items)
      text += (&item == std::get<4>(value).items.data() ? "" : ", ") + to_text(item, element_of(type));
  return text;
}

Value of_constant(const dsl::Constant& constant) {
  if (constant.null) return kNull;
  if (constant.type == Type::kFloat) return constant.f;
  if (constant.type == Type::kString || constant.type == Type::kIp) return constant.s;
  if (!is_list(constant.type)) return constant.i;
  List list;
  const Type element = element_of(constant.type);
  for (const Slot item : ListView(constant.s, element)) {
    if (item.is_null(element))
      list.items.push_back(kNull);
    else if (has_bytes(element))
      list.items.push_back(std::string{item.text()});
    else if (element == Type::kFloat)
      list.items.push_back(item.f);
    else
      list.items.push_back(item.i);
  }
  return list;
}

bool holds(const dsl::ExprPtr& condition, const Scope& scope) { return condition == nullptr || is_true(evaluate(*condition, scope)); }

Value evaluate(const Expr& expr, const Scope& scope) {
  switch (expr.op) {
    case Op::kConstant: return of_constant(expr.value);
    case Op::kCandidate: return field_of(scope.candidate, expr);
    case Op::kStepField: return field_of(pick_from(step_events(expr, scope), expr.pick), expr);
    case Op::kPrevField: return field_of(scope.previous, expr);
    case Op::kBreakField: return break_field(expr, scope);
    case Op::kTableField: return look_up(expr, scope);
    case Op::kKeyPart: return scope.key->at(static_cast<std::size_t>(expr.step));
    case Op::kMatchCount: return expr.type == Type::kBool ? of_bool(false) : Value{scope.match_count};
    case Op::kAggregate: return aggregate(expr, scope, scope.taken->at(static_cast<std::size_t>(expr.step)), scope.window);
    case Op::kPast: return aggregate(expr, scope, past_events(expr, scope), true);
    case Op::kStepExists: return of_bool(!step_events(expr, scope).empty());
    case Op::kElement: return scope.elements->at(static_cast<std::size_t>(expr.step));
    case Op::kSome:
    case Op::kEvery: return quantified(expr, scope);
    default: break;
  }
  std::vector<Value> args;
  for (const auto& arg : expr.args) args.push_back(evaluate(*arg, scope));
  switch (expr.op) {
    case Op::kNot: return logic_not(args[0]);
    case Op::kAnd: return logic(args, false);
    case Op::kOr: return logic(args, true);
    case Op::kExists: return of_bool(!is_null(args[0]));
    case Op::kEqual:
    case Op::kNotEqual:
    case Op::kLess:
    case Op::kLessEqual:
    case Op::kGreater:
    case Op::kGreaterEqual: return comparison(expr.op, args[0], args[1], expr.fold);
    case Op::kInList: return in_list(expr, args[0]);
    case Op::kInNetworks: return in_networks(expr, args[0]);
    case Op::kText: return text_operator(expr, args[0], expr.patterns);
    case Op::kTextDynamic: return is_null(args[1]) ? kNull : text_operator(expr, args[0], {std::get<3>(args[1])});
    case Op::kNegate: return negated(args[0]);
    case Op::kAdd:
    case Op::kSubtract:
    case Op::kMultiply:
    case Op::kDivide:
    case Op::kModulo: return arithmetic(expr, args[0], args[1]);
    case Op::kToFloat:
      return is_null(args[0]) ? kNull : Value{expr.args[0]->type == Type::kDecimal ? as_float(args[0]) / 1e6 : as_float(args[0])};
    case Op::kToDecimal: {
      std::int64_t result = 0;
      return is_null(args[0]) || __builtin_mul_overflow(std::get<1>(args[0]), 1'000'000, &result) ? kNull : integer(result);
    }
    case Op::kMakeList: return List{args};
    case Op::kCoalesce: return is_null(args[0]) ? args[1] : args[0];
    case Op::kIf: return is_null(args[0]) ? kNull : is_true(args[0]) ? args[1] : args[2];
    default: return call(expr, args);
  }
}

}  // namespace sequitur::reference
