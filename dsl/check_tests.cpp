#include "dsl/check_tests.hpp"

#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_number.hpp"
#include "event/ip.hpp"
#include "event/list.hpp"
#include "event/time_text.hpp"

namespace sequitur::dsl {
namespace {

class TestChecker {
 public:
  TestChecker(const World& world, const Emitted& emitted, Reporter& reporter) : world_(world), emitted_(emitted), reporter_(reporter) {}

  Test check(const ast::Test& test, Span span, bool damaged) {
    Test result;
    result.name = test.title.text;
    result.span = span;
    bool none = false;
    bool some = false;
    for (const ast::TestLine& line : test.lines) {
      if (const auto* event = std::get_if<ast::TestEvent>(&line.body)) {
        check_event(*event, line.span, result);
        continue;
      }
      const auto& expectation = std::get<ast::Expectation>(line.body);
      (expectation.none ? none : some) = true;
      if (none && some)
        reporter_.error("E157", line.span, "`expect none` cannot stand beside other expectations", {}, "leave one of them out");
      if (!expectation.none) check_expectation(expectation, line.span, result);
    }
    if (!none && !some && !damaged)
      reporter_.error("E158", test.title.span, "this test expects nothing in particular", {}, "say `expect none`, or `expect alert ..`");
    return result;
  }

 private:
  void check_event(const ast::TestEvent& event, Span span, Test& test) {
    TestEvent result;
    result.at = Duration{event.at.integer};
    result.span = span;
    if (event.repeat) {
      const bool good =
          event.repeat->is_integer && event.repeat->integer >= 1 && event.repeat->integer <= static_cast<std::int64_t>(kMaxTestEvents);
      if (!good)
        reporter_.error("E156", event.repeat->span, fmt::format("an event is repeated 1 to {} times", kMaxTestEvents), {},
                        "write `{5 every 2s}`");
      result.repeat = good ? static_cast<std::uint32_t>(event.repeat->integer) : 1;
      if (event.every) result.every = Duration{event.every->integer};
    }
    if (event.arrives) check_arrival(event, result);
    const auto stream = world_.stream_by_name.find(event.stream.text);
    if (stream == world_.stream_by_name.end()) return unknown_stream(event.stream);
    result.stream = stream->second;
    if (world_.schemas[result.stream].schedule)
      return reporter_.error("E165", event.stream.span, fmt::format("the ticks of `{}` come by themselves", event.stream.text), {},
                             "leave it out; time goes on with the other events");
    for (const ast::TestValue& value : event.values) {
      const std::string name = dotted(value.path);
      const FieldInfo* field = world_.find_field(result.stream, name);
      if (field == nullptr) {
        unknown_field(value, name, result.stream);
        continue;
      }
      if (field->poisoned) continue;
      SlotIndex slot = field->slot;
      if (slot == kTimeSlot) {
        reporter_.error("E151", value.span, "the event time stands at the beginning of the line", {}, "leave this out");
        continue;
      }
      const bool twice = std::any_of(result.values.begin(), result.values.end(), [&](const auto& other) { return other.first == slot; });
      if (twice) reporter_.error("E135", value.span, fmt::format("`{}` is given twice", name), "again here", "leave one of them out");
      if (const std::optional<Constant> constant = convert(value, field->type)) result.values.emplace_back(slot, *constant);
    }
    test.events.push_back(std::move(result));
  }

  void check_arrival(const ast::TestEvent& event, TestEvent& result) {
    result.arrives = Duration{event.arrives->integer};
    if (event.repeat)
      reporter_.error("E159", event.arrives->span, "an event that is repeated comes in its order", {},
                      "write the late event on a line of its own");
    else if (*result.arrives < result.at)
      reporter_.error("E159", event.arrives->span, "an event cannot arrive before it happens", {},
                      "the offset at the beginning of the line is its time");
  }

  void unknown_stream(const ast::Name& name) {
    if (world_.incomplete) return;
    std::string help = suggest_stream(name.text, name.span, world_, reporter_);
    if (const auto filter = world_.filters.find(name.text); filter != world_.filters.end())
      help = fmt::format("`{}` is a part of another stream; send the event on `{}`", name.text, filter->second.ast->base->text);
    reporter_.error("E150", name.span, fmt::format("there is no stream `{}`", name.text), "unknown stream", help);
  }

  void unknown_field(const ast::TestValue& value, const std::string& name, StreamId stream) {
    if (world_.streams[stream].damaged) return;
    reporter_.error("E151", value.span, fmt::format("the stream `{}` has no field `{}`", world_.schemas[stream].name, name),
                    "unknown field", suggest_field(name, stream, value.span, world_, reporter_));
  }

  void check_expectation(const ast::Expectation& expectation, Span span, Test& test) {
    Expectation result;
    result.stream = expectation.stream.text;
    result.span = span;
    if (expectation.at) result.at = Duration{expectation.at->integer};
    if (expectation.kind) {
      for (const AlertKind kind : {AlertKind::kMatch, AlertKind::kTimeout, AlertKind::kBreak, AlertKind::kClear}) {
        if (expectation.kind->text == kind_name(kind)) result.kind = kind;
      }
      result.withdrawal = expectation.kind->text == "withdrawal";
    }
    const auto emitted = emitted_.by_name.find(result.stream);
    if (emitted == emitted_.by_name.end()) {
      if (world_.emitted.contains(result.stream) || world_.incomplete) return;
      std::vector<std::string_view> known(emitted_.names.begin(), emitted_.names.end());
      reporter_.error("E153", expectation.stream.span, fmt::format("no rule emits `{}`", result.stream), "unknown alert",
                      reporter_.did_you_mean(result.stream, known));
      return;
    }
    const EmittedStream& stream = emitted->second;
    for (const ast::TestValue& value : expectation.values) {
      const std::string name = dotted(value.path);
      std::optional<Type> type;
      if (const auto field = stream.by_name.find(name); field != stream.by_name.end())
        type = stream.fields[field->second].second.type;
      else if (const auto part = stream.key_parts.find(name); part != stream.key_parts.end())
        type = part->second;
      if (!type) {
        if (stream.poisoned) continue;
        std::vector<std::string_view> known;
        for (const auto& [field, info] : stream.fields) known.push_back(field);
        for (const auto& [part, part_type] : stream.key_parts) known.push_back(part);
        std::sort(known.begin(), known.end());
        reporter_.error("E154", value.span, fmt::format("the alert `{}` has no field `{}`", result.stream, name), "unknown field",
                        reporter_.did_you_mean(name, known));
        continue;
      }
      if (const std::optional<Constant> constant = convert(value, *type)) result.values.emplace_back(name, *constant);
    }
    test.expected.push_back(std::move(result));
  }

  static std::string_view kind_name(AlertKind kind) { return to_string(kind); }

  std::optional<Constant> convert(const ast::TestValue& value, Type type) {
    return is_list(type) ? convert_list(value, type) : convert_value(value, value.value, type);
  }

  // tags=["a", "b"]; a value alone is a list of one.
  std::optional<Constant> convert_list(const ast::TestValue& value, Type type) {
    const Type element = element_of(type);
    Constant result;
    result.type = type;
    result.null = value.value.kind == ast::ExprKind::kNull;
    if (result.null) return result;
    const bool several = value.value.kind == ast::ExprKind::kList;
    Arena texts;
    ListWriter list(element);
    for (const ast::Expr& item : several ? std::span<const ast::Expr>(value.value.args) : std::span<const ast::Expr>(&value.value, 1)) {
      const std::optional<Constant> constant = convert_value(value, item, element);
      if (!constant) return std::nullopt;
      if (constant->null)
        list.add_null();
      else if (has_bytes(element))
        list.add(texts.text(constant->s));
      else
        list.add(element == Type::kFloat ? Slot::of_float(constant->f) : Slot::of_int(constant->i));
    }
    if (list.too_large()) {
      reporter_.error("E152", value.span, "this list is too long");
      return std::nullopt;
    }
    result.s = list.bytes();
    return result;
  }

  std::optional<Constant> convert_value(const ast::TestValue& value, const ast::Expr& expr, Type type) {
    const bool negative = expr.kind == ast::ExprKind::kNegate;
    const ast::Expr& inner = negative ? expr.args[0] : expr;
    Constant result;
    result.type = type;
    if (inner.kind == ast::ExprKind::kNull) {
      result.null = true;
      return result;
    }
    const std::int64_t sign = negative ? -1 : 1;
    switch (type) {
      case Type::kBool:
        result.i = inner.integer;
        if (inner.kind == ast::ExprKind::kBool) return result;
        break;
      case Type::kInt:
        result.i = sign * inner.integer;
        if (inner.kind == ast::ExprKind::kNumber && inner.is_integer) return result;
        break;
      case Type::kFloat:
        result.f = static_cast<double>(sign) * (inner.is_integer ? static_cast<double>(inner.integer) : inner.number);
        if (inner.kind == ast::ExprKind::kNumber) return result;
        break;
      case Type::kDuration:
        result.i = sign * inner.integer;
        if (inner.kind == ast::ExprKind::kDuration || inner.kind == ast::ExprKind::kTimeOfDay) return result;
        break;
      case Type::kTime:
        if (inner.kind == ast::ExprKind::kText && parse_rfc3339(inner.text, nullptr, result.i)) return result;
        result.i = kTestStart.time_since_epoch().count() + sign * inner.integer;
        if (inner.kind == ast::ExprKind::kDuration) return result;
        break;
      case Type::kString:
        result.s = inner.kind == ast::ExprKind::kBool ? (inner.integer != 0 ? "true" : "false") : inner.text;
        if (negative) result.s.insert(result.s.begin(), '-');
        if (inner.kind != ast::ExprKind::kList && inner.kind != ast::ExprKind::kPath) return result;
        break;
      case Type::kDecimal:
        if (inner.kind == ast::ExprKind::kNumber && decimal_of(inner, result.i)) {
          result.i *= sign;
          return result;
        }
        break;
      case Type::kIp:
        if (IpBytes address; inner.kind == ast::ExprKind::kText && parse_ip(inner.text, address)) {
          result.s = bytes_of(address);
          return result;
        }
        break;
    }
    std::string help;
    if (type == Type::kBool) help = "write true or false";
    if (type == Type::kTime) help = "write it as an offset from the test's start, `5s`, or as in \"2024-01-31T12:00:00Z\"";
    if (type == Type::kDuration) help = "write it with its unit: `30s`";
    if (type == Type::kDecimal) help = "at most six digits stand behind the point: `12.50`";
    if (type == Type::kIp) help = "write it in quotes: \"192.0.2.1\"";
    reporter_.error("E152", expr.span, fmt::format("`{}` is {}, and this is not one", dotted(value.path), to_string(type)), {}, help);
    return std::nullopt;
  }

  const World& world_;
  const Emitted& emitted_;
  Reporter& reporter_;
};

}  // namespace

Test check_test(const ast::Test& test, Span span, bool damaged, const World& world, const Emitted& emitted, Reporter& reporter) {
  return TestChecker(world, emitted, reporter).check(test, span, damaged);
}

}  // namespace sequitur::dsl
