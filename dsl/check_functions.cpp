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

// What an argument may be: n number (int and decimal stay), s number or duration, o anything ordered but text, f number as
// float, r number as float or decimal, t text, c constant text, C constant whole number, h text or whole number, T time, d duration, i
// whole number, v text, number or condition, V text or number, p address, l list, e an element of the list before, b condition, a anything.
// A name with `[]` is the function of that name for lists.
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
      {"round", Function::kRound, "r", 1, std::nullopt, "round(number, digits)"},
      {"round+", Function::kRoundTo, "ri", 2, std::nullopt, "round(number, digits)"},
      {"floor", Function::kFloor, "r", 1, std::nullopt, "floor(number)"},
      {"ceil", Function::kCeil, "r", 1, std::nullopt, "ceil(number)"},
      {"trunc", Function::kTrunc, "r", 1, std::nullopt, "trunc(number)"},
      {"div", Function::kDiv, "ii", 2, Type::kInt, "div(a, b)"},
      {"sqrt", Function::kSqrt, "f", 1, Type::kFloat, "sqrt(number)"},
      {"pow", Function::kPow, "ff", 2, Type::kFloat, "pow(base, exponent)"},
      {"exp", Function::kExp, "f", 1, Type::kFloat, "exp(number)"},
      {"log", Function::kLog, "f", 1, Type::kFloat, "log(number)"},
      {"log10", Function::kLog10, "f", 1, Type::kFloat, "log10(number)"},
      {"log2", Function::kLog2, "f", 1, Type::kFloat, "log2(number)"},
      {"sin", Function::kSin, "f", 1, Type::kFloat, "sin(radians)"},
      {"cos", Function::kCos, "f", 1, Type::kFloat, "cos(radians)"},
      {"tan", Function::kTan, "f", 1, Type::kFloat, "tan(radians)"},
      {"asin", Function::kAsin, "f", 1, Type::kFloat, "asin(number)"},
      {"acos", Function::kAcos, "f", 1, Type::kFloat, "acos(number)"},
      {"atan", Function::kAtan, "f", 1, Type::kFloat, "atan(number)"},
      {"atan2", Function::kAtan2, "ff", 2, Type::kFloat, "atan2(y, x)"},
      {"bit_and", Function::kBitAnd, "ii", 2, Type::kInt, "bit_and(a, b)"},
      {"bit_or", Function::kBitOr, "ii", 2, Type::kInt, "bit_or(a, b)"},
      {"bit_xor", Function::kBitXor, "ii", 2, Type::kInt, "bit_xor(a, b)"},
      {"min", Function::kMin2, "oo", 2, std::nullopt, "min(a, b)"},
      {"max", Function::kMax2, "oo", 2, std::nullopt, "max(a, b)"},
      {"km", Function::kKm, "ffff", 4, Type::kFloat, "km(latitude, longitude, latitude, longitude)"},
      {"days", Function::kDays, "d", 1, Type::kFloat, "days(duration)"},
      {"hours", Function::kHours, "d", 1, Type::kFloat, "hours(duration)"},
      {"minutes", Function::kMinutes, "d", 1, Type::kFloat, "minutes(duration)"},
      {"seconds", Function::kSeconds, "d", 1, Type::kFloat, "seconds(duration)"},
      {"time_of_day", Function::kTimeOfDay, "Tc", 1, Type::kDuration, "time_of_day(time, \"Europe/Berlin\")"},
      {"weekday", Function::kWeekday, "Tc", 1, Type::kInt, "weekday(time, \"Europe/Berlin\")"},
      {"year", Function::kYear, "Tc", 1, Type::kInt, "year(time, \"Europe/Berlin\")"},
      {"month", Function::kMonth, "Tc", 1, Type::kInt, "month(time, \"Europe/Berlin\")"},
      {"day", Function::kDay, "Tc", 1, Type::kInt, "day(time, \"Europe/Berlin\")"},
      {"week", Function::kWeek, "Tc", 1, Type::kInt, "week(time, \"Europe/Berlin\")"},
      {"hour", Function::kHour, "Tc", 1, Type::kInt, "hour(time, \"Europe/Berlin\")"},
      {"minute", Function::kMinute, "Tc", 1, Type::kInt, "minute(time, \"Europe/Berlin\")"},
      {"date", Function::kDate, "Tc", 1, Type::kString, "date(time, \"Europe/Berlin\")"},
      {"epoch", Function::kEpoch, "T", 1, Type::kFloat, "epoch(time)"},
      {"lower", Function::kLower, "t", 1, Type::kString, "lower(text)"},
      {"upper", Function::kUpper, "t", 1, Type::kString, "upper(text)"},
      {"len", Function::kLen, "t", 1, Type::kInt, "len(text)"},
      {"substr", Function::kSubstr, "tii", 2, Type::kString, "substr(text, from, count)", true},
      {"trim", Function::kTrim, "t", 1, Type::kString, "trim(text)", true},
      {"index_of", Function::kIndexOf, "tti", 2, Type::kInt, "index_of(text, part, from)"},
      {"last_index_of", Function::kLastIndexOf, "tt", 2, Type::kInt, "last_index_of(text, part)"},
      {"between", Function::kBetween, "tttb", 3, Type::kString, "between(text, left, right)", true},
      {"replace", Function::kReplace, "ttt", 3, Type::kString, "replace(text, part, other)", true},
      {"reverse", Function::kReverse, "t", 1, Type::kString, "reverse(text)", true},
      {"split", Function::kSplit, "tt", 2, list_of(Type::kString), "split(text, separator)", true},
      {"join", Function::kJoin, "lt", 2, Type::kString, "join(list, separator)"},
      {"entropy", Function::kEntropy, "t", 1, Type::kFloat, "entropy(text)"},
      {"base64_decode", Function::kBase64Decode, "t", 1, Type::kString, "base64_decode(text)"},
      {"url_decode", Function::kUrlDecode, "t", 1, Type::kString, "url_decode(text)"},
      {"hash", Function::kHash, "h", 1, Type::kInt, "hash(text)"},
      {"text", Function::kToText, "a", 1, Type::kString, "text(value)"},
      {"int", Function::kToInt, "vC", 1, Type::kInt, "int(text)"},
      {"float", Function::kToFloatOf, "v", 1, Type::kFloat, "float(text)"},
      {"decimal", Function::kToDecimalOf, "v", 1, Type::kDecimal, "decimal(text)"},
      {"ip", Function::kToIp, "t", 1, Type::kIp, "ip(text)"},
      {"time", Function::kToTime, "V", 1, Type::kTime, "time(text)"},
      {"duration", Function::kToDuration, "t", 1, Type::kDuration, "duration(text)"},
      {"concat", Function::kConcat, "a", 1, Type::kString, "concat(a, b, ..)"},
      {"private", Function::kPrivate, "p", 1, Type::kBool, "private(ip)"},
      {"ip_version", Function::kVersion, "p", 1, Type::kInt, "ip_version(ip)"},
      {"network", Function::kNetwork, "pii", 2, Type::kIp, "network(ip, 24, 64)"},
      {"len[]", Function::kListLen, "l", 1, Type::kInt, "len(list)"},
      {"index_of[]", Function::kListIndexOf, "le", 2, Type::kInt, "index_of(list, value)"},
      {"unique", Function::kListDistinct, "l", 1, std::nullopt, "unique(list)", true},
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

// What people call functions in other languages.
const std::unordered_map<std::string_view, std::string_view>& other_names() {
  static const std::unordered_map<std::string_view, std::string_view> table = {{"length", "len"},
                                                                               {"lenght", "len"},
                                                                               {"size", "len"},
                                                                               {"strlen", "len"},
                                                                               {"average", "avg"},
                                                                               {"mean", "avg"},
                                                                               {"total", "sum"},
                                                                               {"number", "float"},
                                                                               {"distance", "km"},
                                                                               {"haversine", "km"},
                                                                               {"substring", "substr"},
                                                                               {"toupper", "upper"},
                                                                               {"tolower", "lower"},
                                                                               {"lowercase", "lower"},
                                                                               {"uppercase", "upper"},
                                                                               {"str", "text"},
                                                                               {"string", "text"},
                                                                               {"tostring", "text"},
                                                                               {"ln", "log"},
                                                                               {"power", "pow"},
                                                                               {"strip", "trim"},
                                                                               {"iif", "if"},
                                                                               {"dayofweek", "weekday"},
                                                                               {"std", "stddev"},
                                                                               {"quantile", "percentile"},
                                                                               {"ceiling", "ceil"},
                                                                               {"stringcontains", "contains"},
                                                                               {"indexof", "index_of"},
                                                                               {"strpos", "index_of"},
                                                                               {"locate", "index_of"},
                                                                               {"instr", "index_of"},
                                                                               {"cidrmatch", "in"},
                                                                               {"cidr_match", "in"},
                                                                               {"startswith", "starts with"},
                                                                               {"starts_with", "starts with"},
                                                                               {"endswith", "ends with"},
                                                                               {"ends_with", "ends with"},
                                                                               {"wildcard", "like"},
                                                                               {"regexp", "matches"},
                                                                               {"modulo", "%"},
                                                                               {"mod", "%"},
                                                                               {"multiply", "*"},
                                                                               {"divide", "/"},
                                                                               {"add", "+"},
                                                                               {"subtract", "-"},
                                                                               {"coalesce", "??"},
                                                                               {"ifnull", "??"},
                                                                               {"nvl", "??"},
                                                                               {"truncate", "trunc"},
                                                                               {"cast", "text"},
                                                                               {"to_string", "text"},
                                                                               {"to_int", "int"},
                                                                               {"integer", "int"},
                                                                               {"long", "int"},
                                                                               {"double", "float"},
                                                                               {"to_timestamp", "time"},
                                                                               {"unix_timestamp", "epoch"},
                                                                               {"from_unixtime", "time"},
                                                                               {"regexp_replace", "replace"},
                                                                               {"array_contains", "some"},
                                                                               {"arraycontains", "some"},
                                                                               {"cardinality", "len"},
                                                                               {"array_distinct", "unique"},
                                                                               {"listagg", "values"},
                                                                               {"collect", "values"},
                                                                               {"collect_set", "values"},
                                                                               {"stddev_samp", "stddev"}};
  return table;
}

bool accepts(char kind, const Typed& arg) {
  if (arg.null_literal) return false;
  const Type type = arg.type();
  switch (kind) {
    case 'n':
    case 'r':
    case 'f': return is_number(type);
    case 's': return is_number(type) || type == Type::kDuration;
    case 'o': return is_number(type) || type == Type::kDuration || type == Type::kTime;
    case 't': return type == Type::kString;
    case 'c': return type == Type::kString && arg.constant();
    case 'C': return type == Type::kInt && arg.constant();
    case 'v': return type == Type::kString || is_number(type) || type == Type::kBool;
    case 'V': return type == Type::kString || is_number(type);
    case 'p': return type == Type::kIp;
    case 'l': return is_list(type);
    case 'b': return type == Type::kBool;
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
    case 'r':
    case 'f': return "a number";
    case 's': return "a number or a duration";
    case 'o': return "a number, a duration or a time";
    case 't': return "a text";
    case 'c': return "a text in quotes";
    case 'C': return "a number as written";
    case 'v': return "a text, a number or a condition";
    case 'V': return "a text or a number";
    case 'p': return "an address (`ip`)";
    case 'l': return "a list";
    case 'b': return "a condition";
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
  return spec_by_name().contains(name) || std::find(function_names().begin(), function_names().end(), name) != function_names().end();
}

std::string TypedBuilder::suggest_function(std::string_view name, std::span<const std::string> more) {
  if (const auto other = other_names().find(name); other != other_names().end()) {
    const std::string_view instead = other->second;
    if (instead == "in") return "write `address in [\"10.0.0.0/8\"]`";
    if (instead == "some") return "write `some list == value`";
    if (instead.find_first_of("%*/+-? ") != std::string_view::npos || instead == "like" || instead == "matches" || instead == "contains")
      return fmt::format("write `a {} b`", instead);
    return fmt::format("did you mean `{}`?", instead);
  }
  std::vector<std::string_view> names = function_names();
  names.insert(names.end(), more.begin(), more.end());
  return reporter_.did_you_mean(name, names);
}

const std::vector<std::string_view>& TypedBuilder::function_names() {
  static const auto names = [] {
    std::vector<std::string_view> result = {"if",     "sorted",     "count",  "sum",    "avg",   "first", "last",
                                            "median", "percentile", "stddev", "values", "slope", "rate"};
    for (const FunctionSpec& spec : specs()) {
      if (spec.name.find_first_of("[+") == std::string_view::npos) result.push_back(spec.name);
    }
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
  auto found = spec_by_name().find(name);
  if (found == spec_by_name().end()) {
    reporter_.error("E085", name_span, fmt::format("there is no function `{}`", name), "unknown function", suggest_function(name, {}));
    return {};
  }
  const bool of_list = !given.empty() && given[0].ok() && is_list(given[0].type());
  const std::string other = fmt::format("{}{}", name, of_list ? "[]" : "+");
  if (const auto special = spec_by_name().find(other);
      special != spec_by_name().end() && (of_list || given.size() == special->second->required))
    found = special;
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
    if (kind == 'e' && !args.empty()) {  // As the elements of the list before it are.
      Expr sample;
      sample.type = element_of(args[0].type());
      sample.op = Op::kElement;
      sample.span = arg.span();
      Typed element = leaf(std::move(sample));
      if (!unify(element, arg) || !arg.ok() || !element.ok() || element.expr->op != Op::kElement) {
        reporter_.error("E087", given[i].span(), fmt::format("the list has other elements than {}", describe(given[i])), {},
                        fmt::format("its elements are {}", to_string(element_of(args[0].type()))));
        good = false;
        continue;
      }
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
    const bool as_float = kind == 'f' || (kind == 'r' && arg.type() != Type::kDecimal);
    args.push_back(as_float ? to_float(arg) : std::move(arg));
  }
  if (!good) return {};
  if (spec.function == Function::kToInt && args.size() > 1 && args[0].type() != Type::kString) {
    reporter_.error("E087", args[1].span(), "only a text is read to a base", {}, "write `int(text, 16)`");
    return {};
  }

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
