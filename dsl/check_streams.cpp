// Streams: fields with their types and sources, where the event time comes from, which records belong to the stream.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_pattern.hpp"
#include "dsl/check_world.hpp"
#include "event/zone.hpp"

namespace sequitur::dsl {
namespace {

constexpr Duration kMaxStreamDuration = std::chrono::hours{24} * 36500;
constexpr Duration kUsualKeep = std::chrono::minutes{10};

class StreamChecker {
 public:
  StreamChecker(const ast::Stream& stream, bool emitted, Reporter& reporter, StreamSchema& schema, StreamInfo& info)
      : stream_(stream), emitted_(emitted), reporter_(reporter), schema_(schema), info_(info) {}

  void check() {
    for (const ast::Field& field : stream_.fields) add_field(field, "", "", false);
    for (const ast::StreamOption& option : stream_.options) check_repeated(option);
    const ast::StreamOption* time = nullptr;
    for (const ast::StreamOption& option : stream_.options) {
      if (option.kind == ast::StreamOptionKind::kTime && time == nullptr) time = &option;
    }
    const auto is_clock = [](const ast::StreamOption& option) { return option.kind == ast::StreamOptionKind::kClockProcessing; };
    schema_.processing_clock = std::any_of(stream_.options.begin(), stream_.options.end(), is_clock);
    if (schema_.processing_clock)
      take_arrival_as_time();
    else
      check_time(time);
    for (const ast::StreamOption& option : stream_.options) check_option(option);
  }

 private:
  // ---- Fields ----
  void add_field(const ast::Field& field, const std::string& prefix, const std::string& source_prefix, bool optional) {
    const std::string name = prefix.empty() ? dotted(field.path) : prefix + "." + dotted(field.path);
    std::string source = field.source ? field.source->text : dotted(field.path);
    if (!source_prefix.empty()) source = source_prefix + "." + source;
    note_records(field, prefix);
    if (field.type.lists > 1 || (field.type.lists > 0 && !record_list_.empty())) {
      reporter_.error("E052", field.type.span, fmt::format("`{}` would be a list of lists", name), {},
                      "a list holds values, or records of values; leave the inner list out");
      poison(name);
    } else if (field.type.lists > 0 && field.type.record) {
      record_list_ = name;
      record_list_source_ = source;
      list_optional_ = optional || field.type.optional;
      note_record(name, field.span);
      if (field.type.fields.empty())
        reporter_.error("E062", field.span, fmt::format("the record `{}` has no fields", name), {},
                        "name the fields that rules use, or leave it out");
      for (const ast::Field& inner : field.type.fields) add_field(inner, name, "", false);
      record_list_.clear();
    } else if (field.type.record) {
      add_record(field, name, source, optional || field.type.optional);
    } else {
      add_leaf(field, name, source, optional || field.type.optional);
    }
  }

  // In `host.id: string` the word `host` is a record too.
  void note_records(const ast::Field& field, const std::string& prefix) {
    std::string name = prefix;
    for (std::size_t i = 0; i + 1 < field.path.size(); ++i) {
      name = name.empty() ? field.path[i].text : name + "." + field.path[i].text;
      note_record(name, field.span);
    }
  }

  void note_record(const std::string& name, Span span) {
    info_.records.insert(name);
    if (info_.fields.contains(name))
      reporter_.error("E054", span, fmt::format("`{}` is both a value and a record", name), {}, "give one of them another name");
  }

  void add_record(const ast::Field& field, const std::string& name, const std::string& source, bool optional) {
    note_record(name, field.span);
    if (field.type.fields.empty())
      reporter_.error("E062", field.span, fmt::format("the record `{}` has no fields", name), {},
                      "name the fields that rules use, or leave it out");
    for (const ast::Field& inner : field.type.fields) add_field(inner, name, source, optional);
  }

  void add_leaf(const ast::Field& field, const std::string& name, const std::string& source, bool optional) {
    if (info_.fields.contains(name))
      return reporter_.error("E053", field.span, fmt::format("the field `{}` is declared twice", name), "again here",
                             "leave one of them out");
    if (info_.records.contains(name))
      reporter_.error("E054", field.span, fmt::format("`{}` is both a value and a record", name), {}, "give one of them another name");
    std::optional<Type> type = field_type(field.type);
    if (!type) return poison(name);
    const bool text = *type == Type::kString;
    if (field.type.lists > 0 || !record_list_.empty()) type = list_of(*type);
    if (field.type.nocase && !text) {
      reporter_.error("E061", field.type.span, fmt::format("`nocase` is for texts, but `{}` is {}", name, to_string(*type)), {},
                      "leave out `nocase`");
    }
    Field result;
    result.name = name;
    result.type = *type;
    result.optional = record_list_.empty() ? optional : list_optional_;
    result.nocase = field.type.nocase && text;
    result.source = source;
    if (!record_list_.empty()) {
      result.record_list = record_list_;
      result.record_list_source = record_list_source_;
      result.element_optional = optional;
    }
    info_.fields[name] = {static_cast<SlotIndex>(schema_.fields.size()), *type, result.nocase, result.optional, false, result.record_list};
    schema_.fields.push_back(std::move(result));
  }

  void poison(const std::string& name) {
    FieldInfo field;
    field.poisoned = true;
    info_.fields[name] = field;
  }

  std::optional<Type> field_type(const ast::FieldType& type) {
    for (const Type known :
         {Type::kBool, Type::kInt, Type::kFloat, Type::kString, Type::kTime, Type::kDuration, Type::kDecimal, Type::kIp}) {
      if (type.name.text == to_string(known)) return known;
    }
    reporter_.error("E051", type.span, fmt::format("there is no type `{}`", type.name.text), "unknown type", type_help(type.name.text));
    return std::nullopt;
  }

  std::string type_help(const std::string& name) {
    static const std::unordered_map<std::string_view, std::string_view> others = {
        {"text", "string"},     {"str", "string"},    {"varchar", "string"}, {"number", "float"},      {"double", "float"},
        {"real", "float"},      {"integer", "int"},   {"long", "int"},       {"int64", "int"},         {"boolean", "bool"},
        {"timestamp", "time"},  {"datetime", "time"}, {"date", "time"},      {"interval", "duration"}, {"money", "decimal"},
        {"numeric", "decimal"}, {"inet", "ip"},       {"ipv4", "ip"},        {"ipv6", "ip"},           {"address", "ip"},
        {"array", "string[]"},  {"list", "string[]"}};
    if (const auto other = others.find(name); other != others.end()) return fmt::format("write `{}`", other->second);
    static const std::vector<std::string_view> types = {"bool", "int", "float", "decimal", "string", "time", "duration", "ip"};
    const std::string help = reporter_.did_you_mean(name, types);
    return help.empty() ? "the types are bool, int, float, decimal, string, time, duration and ip, and lists of them: string[]" : help;
  }

  // ---- Options ----
  void check_repeated(const ast::StreamOption& option) {
    if (option.kind == ast::StreamOptionKind::kWhen) return;
    const bool late = is_late(option.kind);
    for (const ast::StreamOption& other : stream_.options) {
      if (&other == &option) return;
      if (other.kind != option.kind && !(late && is_late(other.kind))) continue;
      reporter_.error("E064", option.span, "this was already said of the stream", "again here", "leave one of them out");
      return;
    }
  }

  static bool is_late(ast::StreamOptionKind kind) {
    return kind == ast::StreamOptionKind::kLateDrop || kind == ast::StreamOptionKind::kLateTo || kind == ast::StreamOptionKind::kLateRevise;
  }

  void check_option(const ast::StreamOption& option) {
    switch (option.kind) {
      case ast::StreamOptionKind::kTime:
      case ast::StreamOptionKind::kLateDrop: break;
      case ast::StreamOptionKind::kLateness: check_lateness(option); break;
      case ast::StreamOptionKind::kFuture: schema_.future = duration(option); break;
      case ast::StreamOptionKind::kLateTo:
        schema_.late = LatePolicy::kTo;
        schema_.late_to = option.name ? option.name->text : "";
        break;
      case ast::StreamOptionKind::kLateRevise:
        schema_.late = LatePolicy::kRevise;
        schema_.late_keep = option.value ? duration(*option.value) : kUsualKeep;
        break;
      case ast::StreamOptionKind::kWatermark: check_watermark(option); break;
      case ast::StreamOptionKind::kClockProcessing: break;
      case ast::StreamOptionKind::kWhen:
        if (option.value) check_when(*option.value);
        break;
      case ast::StreamOptionKind::kLine:
        if (option.value) check_line(*option.value);
        break;
    }
  }

  Duration duration(const ast::StreamOption& option) { return option.value ? duration(*option.value) : Duration{0}; }

  Duration duration(const ast::Expr& expr) {
    const Duration value{expr.integer};
    if (value >= Duration{0} && value <= kMaxStreamDuration) return value;
    reporter_.error("E146", expr.span, "this duration is out of range", {}, "from 0s to 36500d");
    return Duration{0};
  }

  // `lateness 5s`, or `lateness 99% up to 1m`.
  void check_lateness(const ast::StreamOption& option) {
    schema_.lateness = option.bound ? duration(*option.bound) : duration(option);
    if (!option.bound) return;
    schema_.lateness_share = option.value->number;
    if (schema_.lateness_share < 0.5 || schema_.lateness_share >= 1)
      reporter_.error("E079", option.value->span, "this share of events cannot be waited for", {},
                      "from 50% to 99.99%; to wait for all of them give a duration: `lateness 5s`");
  }

  // `watermark wm`: a field that says which time no later event will be before.
  void check_watermark(const ast::StreamOption& option) {
    const std::string name = dotted(option.path);
    const auto field = info_.fields.find(name);
    if (field == info_.fields.end()) {
      std::vector<std::string_view> known;
      for (const Field& each : schema_.fields) known.push_back(each.name);
      return reporter_.error("E079", option.span, fmt::format("the stream `{}` has no field `{}`", schema_.name, name), "unknown field",
                             reporter_.did_you_mean(name, known));
    }
    if (field->second.poisoned) return;
    schema_.watermark_slot = field->second.slot;
    if (field->second.type != Type::kTime)
      reporter_.error("E079", option.span,
                      fmt::format("`{}` says the watermark, so it must be a time, not {}", name, to_string(field->second.type)), {},
                      fmt::format("declare it as `{}: time?`", name));
  }

  // `clock processing`: what would say something else of time has no meaning.
  void take_arrival_as_time() {
    for (const ast::StreamOption& option : stream_.options) {
      const std::string_view word = option.kind == ast::StreamOptionKind::kTime        ? "time"
                                    : option.kind == ast::StreamOptionKind::kLateness  ? "lateness"
                                    : option.kind == ast::StreamOptionKind::kWatermark ? "watermark"
                                    : option.kind == ast::StreamOptionKind::kFuture    ? "future"
                                    : is_late(option.kind)                             ? "late"
                                                                                       : "";
      if (!word.empty())
        reporter_.error("E078", option.span,
                        fmt::format("by `clock processing` events are of the time at which they arrive: `{}` has no meaning", word), {},
                        "leave one of the two out");
    }
    if (info_.fields.contains("time") || info_.records.contains("time"))
      reporter_.error("E056", field_span("time"), "a field `time` must be the event time, but that is the time of arrival here", {},
                      "call the field something else: `sent: time from \"time\"`");
    info_.fields["time"] = {kTimeSlot, Type::kTime, false, false, false};
  }

  // `time` names the field; without it the field is called `time`.
  void check_time(const ast::StreamOption* option) {
    const std::string name = option != nullptr ? dotted(option->path) : "time";
    // What rules emit has its time from them, and comes from outside as well only if somebody says where its time stands there.
    if (emitted_ && option == nullptr) {
      schema_.external = false;
      if (!info_.fields.contains(name)) {
        info_.fields[name] = {kTimeSlot, Type::kTime, false, false, false};
        return;
      }
    }
    if (const auto declared = info_.fields.find(name); declared != info_.fields.end()) {
      if (declared->second.poisoned) return;
      if (declared->second.type != Type::kTime) {
        const Field& field = schema_.fields[static_cast<std::size_t>(declared->second.slot)];
        reporter_.error("E055", field_span(name),
                        fmt::format("`{}` holds the event time, so its type must be `time`, not `{}`", name, to_string(field.type)), {},
                        fmt::format("write `{}: time`, or leave the field out; the unit stands behind `time {}`", name, name));
      }
      schema_.time_slot = declared->second.slot;
      schema_.fields[static_cast<std::size_t>(declared->second.slot)].type = Type::kTime;
    } else if (info_.records.contains(name)) {
      reporter_.error("E055", option != nullptr ? Span(option->span) : info_.span,
                      fmt::format("`{}` is a record, so it cannot hold the event time", name), {}, "name one of its fields");
      return;
    } else {
      Field field;
      field.name = name;
      field.type = Type::kTime;
      field.source = name;
      schema_.time_slot = static_cast<SlotIndex>(schema_.fields.size());
      schema_.fields.push_back(std::move(field));
    }
    // In conditions it is the event time, whatever it is called.
    info_.fields[name] = {kTimeSlot, Type::kTime, false, false, false};
    if (name != "time") {
      if (info_.fields.contains("time") || info_.records.contains("time")) {
        reporter_.error("E056", field_span("time"), fmt::format("a field `time` must be the event time, but that is `{}` here", name), {},
                        fmt::format("write `time time`, or call the field something else: `created: time from \"time\"`"));
      }
      info_.fields["time"] = {kTimeSlot, Type::kTime, false, false, false};
    }
    if (option != nullptr) check_time_format(*option);
  }

  Span field_span(const std::string& name) const {
    for (const ast::Field& field : stream_.fields) {
      if (dotted(field.path) == name) return field.span;
    }
    return info_.span;
  }

  void check_time_format(const ast::StreamOption& option) {
    TimeFormat& format = schema_.time_format;
    if (option.unit) {
      format.kind = TimeFormat::Kind::kEpoch;
      const std::string& unit = option.unit->text;
      if (unit == "s")
        format.unit = TimeUnit::kSeconds;
      else if (unit == "ms")
        format.unit = TimeUnit::kMilliseconds;
      else if (unit == "us")
        format.unit = TimeUnit::kMicroseconds;
      else if (unit == "ns")
        format.unit = TimeUnit::kNanoseconds;
      else
        reporter_.error("E057", option.unit->span, fmt::format("there is no unit of time `{}`", unit), {},
                        "the units of a time field are s, ms, us and ns");
    }
    if (option.format) {
      format.kind = TimeFormat::Kind::kPattern;
      format.pattern = option.format->text;
      check_time_pattern(*option.format, option.year.has_value());
    }
    if (option.year) {
      format.year = static_cast<int>(std::clamp<std::int64_t>(option.year->integer, 0, 10'000));
      if (!option.year->is_integer || option.year->integer < 1 || option.year->integer > 9999)
        reporter_.error("E057", option.year->span, "this is not a year", {}, "write `year 2024`");
    }
    if (option.zone) {
      format.zone = option.zone->text;
      check_zone(*option.zone);
    }
  }

  void check_zone(const ast::Expr& zone) {
    if (const auto found = Zone::find(zone.text); !found)
      reporter_.error("E107", zone.span, "this is not the name of a time zone", {}, "write it as in `zone \"Europe/Berlin\"`");
  }

  void check_time_pattern(const ast::Expr& format, bool year_given) {
    const std::string& text = format.text;
    std::string used;
    for (std::size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '%') continue;
      const char directive = i + 1 < text.size() ? text[i + 1] : '\0';
      if (directive == '\0' || std::string_view("YmdHMSfbBhejaAypIzZsknTtFDR%").find(directive) == std::string_view::npos) {
        reporter_.error("E057", format.span,
                        directive == '\0' ? "the format ends with `%`" : fmt::format("`%{}` has no meaning in a time format", directive),
                        {}, "known are %Y %y %m %b %d %e %j %a %H %I %p %M %S %f %z %Z %s and %%");
        return;
      }
      used.push_back(directive);
      ++i;
    }
    const auto has = [&](std::string_view any) { return used.find_first_of(any) != std::string::npos; };
    if (has("s")) return;
    const bool day = has("jFD") || (has("mbBh") && has("de"));
    if (!day)
      return reporter_.error("E057", format.span, "the format names no day", {}, "it needs a month and a day, like `%Y-%m-%d %H:%M:%S`");
    if (!has("YyFD") && !year_given) reporter_.error("E063", format.span, "the format has no year", {}, "say which: `year 2024`");
  }

  // `when kind == "T" and size in ["S", "M"]`
  void check_when(const ast::Expr& condition) {
    if (condition.kind == ast::ExprKind::kAnd) {
      for (const ast::Expr& part : condition.args) check_when(part);
      return;
    }
    const bool equal = condition.kind == ast::ExprKind::kEqual;
    const bool in = condition.kind == ast::ExprKind::kIn && !condition.negated && condition.args[1].kind == ast::ExprKind::kList;
    if ((!equal && !in) || condition.args[0].kind != ast::ExprKind::kPath) return bad_when(condition);
    RecordFilter filter;
    for (const ast::PathPart& part : condition.args[0].path) {
      if (!part.index.empty()) return bad_when(condition);
    }
    filter.source = dotted(condition.args[0].path);
    for (const Field& field : schema_.fields) {
      if (field.name == filter.source) {
        filter.source = field.source;
        break;
      }
    }
    const std::span<const ast::Expr> values =
        in ? std::span<const ast::Expr>(condition.args[1].args) : std::span<const ast::Expr>(&condition.args[1], 1);
    for (const ast::Expr& value : values) {
      const std::optional<std::string> text = spelled(value);
      if (!text) return bad_when(value);
      filter.values.push_back(*text);
    }
    if (filter.values.empty()) return bad_when(condition);
    schema_.when.push_back(std::move(filter));
  }

  static std::optional<std::string> spelled(const ast::Expr& value) {
    switch (value.kind) {
      case ast::ExprKind::kText: return value.fold ? std::nullopt : std::optional(value.text);
      case ast::ExprKind::kBool: return value.integer != 0 ? "true" : "false";
      case ast::ExprKind::kNumber: return value.is_integer ? fmt::format("{}", value.integer) : fmt::format("{}", value.number);
      case ast::ExprKind::kNegate:
        if (const std::optional<std::string> inner = spelled(value.args[0]); inner && value.args[0].kind == ast::ExprKind::kNumber)
          return "-" + *inner;
        return std::nullopt;
      default: return std::nullopt;
    }
  }

  void bad_when(const ast::Expr& expr) {
    reporter_.error("E058", expr.span, "`when` compares a field of the record with constants", {},
                    "write `when kind == \"T\"` or `when kind in [\"T\", \"t\"]`, joined by `and`");
  }

  void check_line(const ast::Expr& line) {
    if (const std::optional<PatternProblem> problem = check_regex(line.text)) {
      const std::string_view code = problem->kind == PatternProblem::Kind::kMalformed     ? "E101"
                                    : problem->kind == PatternProblem::Kind::kUnsupported ? "E102"
                                                                                          : "E103";
      Span place = line.span;
      if (place.begin + 1 + problem->offset < place.end)
        place = {place.file, static_cast<std::uint32_t>(place.begin + 1 + problem->offset),
                 static_cast<std::uint32_t>(place.begin + 2 + problem->offset)};
      return reporter_.error(code, place, problem->message, {}, problem->help);
    }
    schema_.line_pattern = (line.fold ? "(?i)" : "") + with_portable_captures(line.text);
    const std::vector<std::string> names = capture_names(line.text);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
          names.begin() + static_cast<std::ptrdiff_t>(i)) {
        reporter_.error("E060", line.span, fmt::format("two captures are called `{}`", names[i]), {}, "give each a name of its own");
      }
    }
    for (const Field& field : schema_.fields) {
      if (std::find(names.begin(), names.end(), field.source) != names.end()) continue;
      std::string help = fmt::format("write `(?P<{}>..)` where it stands in the line", field.source);
      if (const std::string close = reporter_.did_you_mean(field.source, names); !close.empty()) help = close;
      const bool time = &field - schema_.fields.data() == schema_.time_slot;
      reporter_.error("E059", time ? Span(line.span) : field_span(field.name),
                      fmt::format("the line pattern has no capture `{}`", field.source), {}, help);
    }
  }

  // While the fields of a list of records are added.
  std::string record_list_, record_list_source_;
  bool list_optional_ = false;

  const ast::Stream& stream_;
  bool emitted_;  // Some rule emits it.
  Reporter& reporter_;
  StreamSchema& schema_;
  StreamInfo& info_;
};

}  // namespace

void declare_stream(const ast::Stream& stream, bool damaged, World& world, Reporter& reporter) {
  StreamSchema schema;
  schema.id = static_cast<StreamId>(world.schemas.size());
  schema.name = stream.name.text;
  StreamInfo info;
  info.id = schema.id;
  info.span = stream.name.span;
  info.damaged = damaged;
  StreamChecker(stream, world.emitted.contains(schema.name), reporter, schema, info).check();
  world.stream_by_name.emplace(schema.name, schema.id);
  world.schemas.push_back(std::move(schema));
  world.streams.push_back(std::move(info));
}

}  // namespace sequitur::dsl
