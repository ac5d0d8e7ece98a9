// The functions of the language: names, arguments, results.
#include <fmt/core.h>
#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "dsl/check_typed.hpp"
#include "event/zone.hpp"

namespace sequitur::dsl {
namespace {

// What an argument may be: n number (int stays int), s number or duration, o anything ordered but text, f number as float,
// t text, c constant text, h text or whole number, T time, d duration, i whole number, a anything.
struct FunctionSpec {
  std::string_view name;
  Function function;
  std::string_view arguments;  // One letter each.
  std::size_t required;        // How many of them must be there.
  std::optional<Type> result;  // Nothing: the type of the arguments.
  std::string_view usage;
  bool keeps_case_folding = false;
};

constexpr std::size_t kMaxArguments = 16;

const std::vector<FunctionSpec>& specs() {
  static const std::vector<FunctionSpec> table = {
      {"abs", Function::kAbs, "s", 1, std::nullopt, "abs(number)"},
      {"sign", Function::kSign, "n", 1, std::nullopt, "sign(number)"},
      {"round", Function::kRound, "f", 1, Type::kFloat, "round(number)"},
      {"floor", Function::kFloor, "f", 1, Type::kFloat, "floor(number)"},
      {"ceil", Function::kCeil, "f", 1, Type::kFloat, "ceil(number)"},
      {"sqrt", Function::kSqrt, "f", 1, Type::kFloat, "sqrt(number)"},
      {"pow", Function::kPow, "ff", 2, Type::kFloat, "pow(base, exponent)"},
      {"exp", Function::kExp, "f", 1, Type::kFloat, "exp(number)"},
      {"log", Function::kLog, "f", 1, Type::kFloat, "log(number)"},
      {"log10", Function::kLog10, "f", 1, Type::kFloat, "log10(number)"},
      {"min", Function::kMin2, "oo", 2, std::nullopt, "min(a, b)"},
      {"max", Function::kMax2, "oo", 2, std::nullopt, "max(a, b)"},
      {"km", Function::kKm, "ffff", 4, Type::kFloat, "km(latitude, longitude, latitude, longitude)"},
      {"days", Function::kDays, "d", 1, Type::kFloat, "days(duration)"},
      {"hours", Function::kHours, "d", 1, Type::kFloat, "hours(duration)"},
      {"minutes", Function::kMinutes, "d", 1, Type::kFloat, "minutes(duration)"},
      {"seconds", Function::kSeconds, "d", 1, Type::kFloat, "seconds(duration)"},
      {"time_of_day", Function::kTimeOfDay, "Tc", 1, Type::kDuration, "time_of_day(time, \"Europe/Berlin\")"},
      {"weekday", Function::kWeekday, "Tc", 1, Type::kInt, "weekday(time, \"Europe/Berlin\")"},
      {"lower", Function::kLower, "t", 1, Type::kString, "lower(text)"},
      {"upper", Function::kUpper, "t", 1, Type::kString, "upper(text)"},
      {"len", Function::kLen, "t", 1, Type::kInt, "len(text)"},
      {"substr", Function::kSubstr, "tii", 2, Type::kString, "substr(text, from, count)", true},
      {"trim", Function::kTrim, "t", 1, Type::kString, "trim(text)", true},
      {"hash", Function::kHash, "h", 1, Type::kInt, "hash(text)"},
      {"text", Function::kToText, "a", 1, Type::kString, "text(value)"},
      {"concat", Function::kConcat, "a", 1, Type::kString, "concat(a, b, ..)"},
  };
  return table;
}

const std::unordered_map<std::string_view, const FunctionSpec*>& spec_by_name() {
  static const auto map = [] {
    std::unordered_map<std::string_view, const FunctionSpec*> result;
    for (const FunctionSpec& spec : specs()) result.emplace(spec.name, &spec);
    return result;
  }();
  return map;
}

// Functions of the language that this version does not have.
constexpr std::array<std::string_view, 9> kLater = {"values", "slope", "rate", "private", "windash", "base64offset", "now", "any", "all"};

// What people call functions in other languages.
const std::unordered_map<std::string_view, std::string_view>& other_names() {
  static const std::unordered_map<std::string_view, std::string_view> table = {
      {"length", "len"},       {"lenght", "len"},    {"size", "len"},          {"strlen", "len"},      {"average", "avg"},
      {"mean", "avg"},         {"total", "sum"},     {"number", "count"},      {"distance", "km"},     {"haversine", "km"},
      {"substring", "substr"}, {"toupper", "upper"}, {"tolower", "lower"},     {"lowercase", "lower"}, {"uppercase", "upper"},
      {"str", "text"},         {"string", "text"},   {"tostring", "text"},     {"ln", "log"},          {"power", "pow"},
      {"strip", "trim"},       {"iif", "if"},        {"dayofweek", "weekday"}, {"std", "stddev"},      {"quantile", "percentile"},
      {"ceiling", "ceil"},     {"join", "concat"}};
  return table;
}

bool accepts(char kind, const Typed& arg) {
  if (arg.null_literal) return false;
  const Type type = arg.type();
  switch (kind) {
    case 'n':
    case 'f': return is_number(type);
    case 's': return is_number(type) || type == Type::kDuration;
    case 'o': return is_number(type) || type == Type::kDuration || type == Type::kTime;
    case 't': return type == Type::kString;
    case 'c': return type == Type::kString && arg.constant();
    case 'h': return type == Type::kString || type == Type::kInt;
    case 'T': return type == Type::kTime;
    case 'd': return type == Type::kDuration;
    case 'i': return type == Type::kInt;
    default: return true;
  }
}

std::string_view wanted(char kind) {
  switch (kind) {
    case 'n':
    case 'f': return "a number";
    case 's': return "a number or a duration";
    case 'o': return "a number, a duration or a time";
    case 't': return "a text";
    case 'c': return "a text in quotes";
    case 'h': return "a text or a whole number";
    case 'T': return "a point in time, like `time`";
    case 'd': return "a duration, like `time - a.time`";
    case 'i': return "a whole number";
    default: return "a value";
  }
}

std::string plural(std::size_t count) { return count == 1 ? "1 argument" : fmt::format("{} arguments", count); }

}  // namespace

bool TypedBuilder::is_function(std::string_view name) {
  return spec_by_name().contains(name) || std::find(kLater.begin(), kLater.end(), name) != kLater.end() ||
         std::find(function_names().begin(), function_names().end(), name) != function_names().end();
}

std::string TypedBuilder::suggest_function(std::string_view name, std::span<const std::string> more) {
  if (const auto other = other_names().find(name); other != other_names().end()) return fmt::format("did you mean `{}`?", other->second);
  std::vector<std::string_view> names = function_names();
  names.insert(names.end(), more.begin(), more.end());
  return reporter_.did_you_mean(name, names);
}

const std::vector<std::string_view>& TypedBuilder::function_names() {
  static const auto names = [] {
    std::vector<std::string_view> result = {"if", "sorted", "count", "sum", "avg", "first", "last", "median", "percentile", "stddev"};
    for (const FunctionSpec& spec : specs()) result.push_back(spec.name);
    return result;
  }();
  return names;
}

Typed TypedBuilder::call(std::string_view name, Span name_span, std::span<const Typed> given, Span span) {
  if (name == "if") {
    if (given.size() == 3) return choose(given[0], given[1], given[2], span);
    reporter_.error("E086", span, fmt::format("`if` takes 3 arguments, not {}", given.size()), {}, "write `if(condition, then, else)`");
    return {};
  }
  const auto found = spec_by_name().find(name);
  if (found == spec_by_name().end()) {
    if (std::find(kLater.begin(), kLater.end(), name) != kLater.end()) {
      reporter_.error("E190", name_span, fmt::format("the function `{}` is not available in this version", name));
    } else {
      reporter_.error("E085", name_span, fmt::format("there is no function `{}`", name), "unknown function", suggest_function(name, {}));
    }
    return {};
  }
  const FunctionSpec& spec = *found->second;
  const bool variadic = spec.function == Function::kConcat || spec.function == Function::kMin2 || spec.function == Function::kMax2;
  const std::size_t most = variadic ? kMaxArguments : spec.arguments.size();
  if (given.size() < spec.required || given.size() > most) {
    reporter_.error("E086", span,
                    fmt::format("`{}` takes {}, not {}", name, plural(given.size() < spec.required ? spec.required : most), given.size()),
                    {}, fmt::format("write `{}`", spec.usage));
    return {};
  }
  bool good = true;
  bool nocase = false;
  std::vector<Typed> args;
  for (std::size_t i = 0; i < given.size(); ++i) {
    const char kind = spec.arguments[std::min(i, spec.arguments.size() - 1)];
    Typed arg = given[i];
    if (!arg.ok()) {
      good = false;
      continue;
    }
    if (!accepts(kind, arg)) {
      reporter_.error("E087", arg.span(), fmt::format("`{}` needs {} here, not {}", name, wanted(kind), describe(arg)), {},
                      fmt::format("write `{}`", spec.usage));
      good = false;
      continue;
    }
    if (kind == 'c' && !Zone::find(arg.expr->value.s)) {
      reporter_.error("E107", arg.span(), "this is not the name of a time zone", {}, "write it as in `\"Europe/Berlin\"`");
      good = false;
      continue;
    }
    nocase = nocase || arg.nocase;
    args.push_back(kind == 'f' ? to_float(arg) : std::move(arg));
  }
  if (!good) return {};

  Expr expr;
  expr.op = Op::kCall;
  expr.function = spec.function;
  expr.span = span;
  expr.type = spec.result.value_or(args.front().type());
  if (spec.function == Function::kSubstr && args.size() == 2) args.push_back(constant_int(std::numeric_limits<std::int32_t>::max(), span));
  if (spec.function == Function::kConcat) {
    for (Typed& arg : args) {
      if (arg.ok() && arg.type() != Type::kString) arg = call("text", name_span, std::array{arg}, arg.span());
    }
  }
  if (spec.function != Function::kMin2 && spec.function != Function::kMax2)
    return node(std::move(expr), args, nocase && spec.keeps_case_folding);

  Typed result = args.front();  // min(a, b, c) is min(min(a, b), c).
  for (std::size_t i = 1; i < args.size(); ++i) {
    Typed next = args[i];
    if (!unify(result, next)) {
      reporter_.error("E087", span, fmt::format("`{}` cannot compare {} with {}", name, describe(result), describe(next)));
      return {};
    }
    if (!result.ok() || !next.ok()) return {};
    Expr pair = expr;
    pair.type = result.type();
    result = node(std::move(pair), std::array{result, next});
  }
  return result;
}

}  // namespace sequitur::dsl
