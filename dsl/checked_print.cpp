#include "dsl/checked_print.hpp"

#include "dsl/checked_block.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "dsl/checked_window.hpp"
#include "event/decimal.hpp"
#include "event/file_list.hpp"
#include "event/ip.hpp"
#include "event/list.hpp"
#include "sequitur/alert.hpp"

namespace sequitur::dsl {
namespace {

std::string in_quotes(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out.push_back('\\');
    if (c == '\n')
      out += "\\n";
    else
      out.push_back(c);
  }
  return out + "\"";
}

std::string duration_text(Duration duration) {
  std::string out;
  append_duration(duration, out);
  return out;
}

std::string constant_text(const Constant& value) {
  if (value.null) return fmt::format("null:{}", to_string(value.type));
  if (is_list(value.type)) {
    std::string out = "[";
    for (const Slot element : ListView(value.s, element_of(value.type))) {
      if (out.size() > 1) out += ", ";
      append_text(element, element_of(value.type), out);
    }
    return out + "]";
  }
  switch (value.type) {
    case Type::kBool: return value.i != 0 ? "true" : "false";
    case Type::kInt: return fmt::format("{}", value.i);
    case Type::kFloat:
      return value.f == std::floor(value.f) && std::abs(value.f) < 1e15 ? fmt::format("{:.1f}", value.f) : fmt::format("{}", value.f);
    case Type::kString: return in_quotes(value.s);
    case Type::kDuration: return duration_text(Duration{value.i});
    case Type::kTime: {
      std::string out;
      append_time(Timestamp{Duration{value.i}}, out);
      return out;
    }
    case Type::kDecimal: {
      std::string out;
      append_decimal(value.i, out);
      return out + "d";
    }
    case Type::kIp: {
      std::string out;
      append_ip(value.s, out);
      return out;
    }
  }
  return "";
}

std::string_view spelling(Op op) {
  switch (op) {
    case Op::kEqual: return "==";
    case Op::kNotEqual: return "!=";
    case Op::kLess: return "<";
    case Op::kLessEqual: return "<=";
    case Op::kGreater: return ">";
    case Op::kGreaterEqual: return ">=";
    case Op::kAdd: return "+";
    case Op::kSubtract: return "-";
    case Op::kMultiply: return "*";
    case Op::kDivide: return "/";
    case Op::kModulo: return "%";
    case Op::kAnd: return "and";
    case Op::kOr: return "or";
    default: return "??";
  }
}

constexpr std::array<std::string_view, 16> kAggregates = {"count",  "sum",        "avg",    "min",    "max",   "first", "last",
                                                          "median", "percentile", "stddev", "values", "slope", "rate",  "approx_distinct",
                                                          "top",    "top_count"};
constexpr std::array<std::string_view, 5> kTextOps = {"contains", "starts with", "ends with", "like", "matches"};
constexpr std::array<std::string_view, 73> kFunctions = {
    "abs",     "sign",   "round",   "floor",         "ceil",       "sqrt",     "pow",           "exp",         "log",     "log10",
    "min",     "max",    "km",      "days",          "hours",      "minutes",  "seconds",       "time_of_day", "weekday", "lower",
    "upper",   "len",    "substr",  "trim",          "hash",       "text",     "concat",        "trunc",       "round",   "div",
    "log2",    "sin",    "cos",     "tan",           "asin",       "acos",     "atan",          "atan2",       "bit_and", "bit_or",
    "bit_xor", "int",    "float",   "decimal",       "ip",         "time",     "duration",      "year",        "month",   "day",
    "week",    "hour",   "minute",  "date",          "epoch",      "index_of", "last_index_of", "between",     "replace", "reverse",
    "split",   "join",   "entropy", "base64_decode", "url_decode", "private",  "ip_version",    "network",     "len",     "element",
    "sorted",  "unique", "index_of"};

class ExprPrinter {
 public:
  ExprPrinter(const std::vector<StreamSchema>& schemas, const Rule* rule) : schemas_(schemas), rule_(rule) {}

  // One dispatch over the kinds of nodes.
  std::string print(const Expr& e) const {
    switch (e.op) {
      case Op::kConstant: return constant_text(e.value);
      case Op::kTableField: {
        std::string keys;
        for (const ExprPtr& arg : e.args) keys += (keys.empty() ? "" : ", ") + print(*arg);
        return fmt::format("{}[{}]{}", schemas_[e.places.front().stream].name, keys, field(e));
      }
      case Op::kCandidate: return field(e);
      case Op::kStepField: return (e.pick == -1 ? step(e) : fmt::format("{}[{}]", step(e), e.pick)) + field(e);
      case Op::kPrevField: return "prev" + field(e);
      case Op::kBreakField: return (e.guard < 0 ? std::string("broken_by") : fmt::format("guard#{}", e.guard)) + field(e);
      case Op::kKeyPart: return "key." + (rule_ != nullptr ? rule_->key[static_cast<std::size_t>(e.step)].name : std::to_string(e.step));
      case Op::kMatchCount: return e.type == Type::kBool ? "modular" : "matches";
      case Op::kAggregate:
      case Op::kPast: return aggregate(e);
      case Op::kValue: return fmt::format("value#{}", e.step);
      case Op::kNot: return "not " + inner(0, e);
      case Op::kAnd:
      case Op::kOr: return chain(e);
      case Op::kExists: return "exists " + inner(0, e);
      case Op::kStepExists: return "exists " + step(e);
      case Op::kInList:
        if (e.file_list) return inner(0, e) + (e.fold ? " in~ file " : " in file ") + e.file_list->name();
        return inner(0, e) + (e.fold ? " in~ [" : " in [") + list(e) + "]";
      case Op::kText: return text(e);
      case Op::kTextDynamic:
        return fmt::format("{} {}{} {}", inner(0, e), kTextOps[static_cast<std::size_t>(e.text_op)], e.fold ? "~" : "", inner(1, e));
      case Op::kNegate: return "-" + inner(0, e);
      case Op::kToFloat: return "float(" + arg(0, e) + ")";
      case Op::kToDecimal: return "decimal(" + arg(0, e) + ")";
      case Op::kMakeList: return "[" + args(e) + "]";
      case Op::kInNetworks: return inner(0, e) + " in [" + list(e) + "]";
      case Op::kElement: return fmt::format("element#{}", e.step);
      case Op::kSome:
      case Op::kEvery: return quantified(e);
      case Op::kIf: return fmt::format("if({}, {}, {})", arg(0, e), arg(1, e), arg(2, e));
      case Op::kCall: return std::string(kFunctions[static_cast<std::size_t>(e.function)]) + "(" + args(e) + ")";
      default: return fmt::format("{} {}{} {}", inner(0, e), spelling(e.op), e.fold ? "~" : "", inner(1, e));
    }
  }

 private:
  static bool is_leaf(const Expr& e) {
    return e.op <= Op::kValue || e.op == Op::kStepExists || e.op == Op::kToFloat || e.op == Op::kToDecimal || e.op == Op::kIf ||
           e.op == Op::kCall || e.op == Op::kMakeList || e.op == Op::kElement;
  }
  std::string arg(std::size_t i, const Expr& e) const { return print(*e.args[i]); }
  std::string inner(std::size_t i, const Expr& e) const { return is_leaf(*e.args[i]) ? arg(i, e) : "(" + arg(i, e) + ")"; }

  std::string args(const Expr& e) const {
    std::string out;
    for (std::size_t i = 0; i < e.args.size(); ++i) out += (i == 0 ? "" : ", ") + arg(i, e);
    return out;
  }

  std::string quantified(const Expr& e) const {
    std::string lists;
    for (std::size_t i = 1; i < e.args.size(); ++i) lists += (i == 1 ? "" : ", ") + arg(i, e);
    return fmt::format("{} [{}]: {}", e.op == Op::kSome ? "some" : "every", lists, arg(0, e));
  }

  std::string chain(const Expr& e) const {
    std::string out;
    for (std::size_t i = 0; i < e.args.size(); ++i) out += (i == 0 ? "" : fmt::format(" {} ", spelling(e.op))) + inner(i, e);
    return out;
  }

  std::string step(const Expr& e) const {
    return rule_ != nullptr ? rule_->stages[static_cast<std::size_t>(e.step)].name : fmt::format("step{}", e.step);
  }

  // ".amount"; with the streams where there are several, and with each one's own name where they differ.
  std::string field(const Expr& e) const {
    std::string out = "." + name(e.places.front());
    if (e.places.size() == 1) return out;
    out += "@";
    for (std::size_t i = 0; i < e.places.size(); ++i) out += (i == 0 ? "" : "|") + schemas_[e.places[i].stream].name;
    return out;
  }
  std::string name(const FieldPlace& place) const {
    return place.slot == kTimeSlot ? "time" : schemas_[place.stream].fields[static_cast<std::size_t>(place.slot)].name;
  }

  std::string past(const Expr& e) const {
    if (rule_ == nullptr) return fmt::format("past#{}", e.step);
    const Past& past = rule_->past[static_cast<std::size_t>(e.step)];
    std::string streams;
    for (const StreamId stream : past.filter.streams) streams += (streams.empty() ? "" : "|") + schemas_[stream].name;
    return streams + " over " + duration_text(past.span);
  }

  std::string aggregate(const Expr& e) const {
    const std::string of = e.op == Op::kPast ? past(e) : step(e);
    std::string out = fmt::format("{}[{}](", kAggregates[static_cast<std::size_t>(e.aggregate)], of);
    if (e.distinct) out += e.fold ? "distinct~ " : "distinct ";
    if (e.args[0]) out += arg(0, e);
    if (e.args[1]) out += (e.args[0] ? " where " : "where ") + arg(1, e);
    if (e.aggregate == Aggregate::kPercentile) out += fmt::format(", {}", e.percentile);
    if (e.aggregate == Aggregate::kTop || e.aggregate == Aggregate::kTopCount) out += fmt::format(", {}", e.pick);
    return out + ")";
  }

  std::string list(const Expr& e) const {
    std::string out;
    for (const Constant& value : e.list) {
      out += (out.empty() ? "" : ", ") + constant_text(value);
      if (e.op == Op::kInNetworks) out += fmt::format("/{}", value.i);
    }
    if (e.list_has_null) out += out.empty() ? "null" : ", null";
    return out;
  }

  std::string text(const Expr& e) const {
    std::string out;
    for (const std::string& pattern : e.patterns)
      out += (out.empty() ? "" : ", ") + (e.text_op == TextOp::kMatches ? "/" + pattern + "/" : in_quotes(pattern));
    return fmt::format("{} {}{} {}[{}]", inner(0, e), kTextOps[static_cast<std::size_t>(e.text_op)], e.fold ? "~" : "",
                       e.all_patterns ? "all " : "", out);
  }

  const std::vector<StreamSchema>& schemas_;
  const Rule* rule_;
};

class RulePrinter {
 public:
  RulePrinter(const Rule& rule, const std::vector<StreamSchema>& schemas) : rule_(rule), schemas_(schemas), exprs_(schemas, &rule) {}

  std::string print() {
    line(0, fmt::format("rule {}{}", rule_.info.name, rule_.disabled ? " disabled" : ""));
    info();
    for (const KeyPart& part : rule_.key) {
      line(1, fmt::format("key {}: {}{}", part.name, to_string(part.type), part.fold ? " nocase" : ""));
      if (rule_.key_ways.empty())
        for (const auto& [stream, value] : part.by_stream) line(2, schemas_[stream].name + ": " + expr(value));
    }
    for (std::size_t way = 0; way < rule_.key_ways.size(); ++way) {
      line(1, fmt::format("key way {}", way));
      for (std::size_t part = 0; part < rule_.key.size(); ++part)
        for (const auto& [stream, value] : rule_.key_ways[way][part])
          line(2, fmt::format("{} {}: {}", rule_.key[part].name, schemas_[stream].name, expr(value)));
    }
    if (rule_.window) {
      window(*rule_.window);
      reports();
      return std::move(out_);
    }
    line(1, rule_.within ? "within " + duration_text(*rule_.within) : "within forever");
    for (const Guard& cancel : rule_.cancels) line(1, guard("cancel", cancel));
    for (std::size_t i = 0; i < rule_.past.size(); ++i)
      line(1, fmt::format("past #{} {} {}", i, duration_text(rule_.past[i].span), filter(rule_.past[i].filter)));
    for (const LookBack& back : rule_.look_back) line(1, "look back " + duration_text(back.duration) + " " + filter(back.filter));
    if (rule_.blocks != nullptr)
      block(0, 1);
    else
      for (std::size_t i = 0; i < rule_.stages.size(); ++i) stage(i);
    gap(rule_.closing);
    reports();
    return std::move(out_);
  }

  // A block, or a part of one, in one line that says everything: by it snapshots know the rule.
  std::string in_line(int index) const {
    using Form = BlockNode::Kind;
    const BlockNode& node = rule_.blocks->nodes[static_cast<std::size_t>(index)];
    std::string text;
    if (node.kind == Form::kStep) {
      const Stage& step = rule_.stages[static_cast<std::size_t>(node.stage)];
      text = (step.named ? step.name + ": " : "") + filter({step.filter.streams, nullptr, step.filter.key_way}) + count_of(node) +
             modes_of(node);
      std::string conditions = step.filter.condition ? expr(step.filter.condition) : "";
      for (const SiblingCondition& part : node.conditions) conditions += (conditions.empty() ? "" : " and ") + expr(part.condition);
      if (!conditions.empty()) text += " where " + conditions;
    } else {
      switch (node.kind) {
        case Form::kAll: text = node.needed < node.parts.size() ? fmt::format("{} of", node.needed) : "all"; break;
        case Form::kEither: text = "either"; break;
        case Form::kRepeat: text = "repeat" + count_of(node) + modes_of(node); break;
        default: break;
      }
      std::string parts;
      for (const int part : node.parts) {
        const BlockNode& inner = rule_.blocks->nodes[static_cast<std::size_t>(part)];
        const std::string_view between = node.kind == Form::kEither ? " or " : "  ";
        if (!parts.empty()) parts += between;
        for (const Guard& no : inner.gap.guards) parts += "no " + filter(no.filter) + "  ";
        for (const Silence& no : inner.gap.silences)
          parts += fmt::format("no {} for {}{}  ", filter(no.guard.filter), duration_text(no.duration), anchor(no.anchor, no.anchor_first));
        if (node.kind == Form::kSequence && part != node.parts.front()) parts += "then ";
        parts += in_line(part);
      }
      if (index == 0) return parts;
      const bool braces = node.kind == Form::kSequence || node.kind == Form::kAll;
      text += (text.empty() ? "" : " ") + (braces ? "{ " + parts + " }" : parts);
    }
    for (const Filter& until : node.until) text += " until " + (rule_.key_ways.empty() ? expr(until.condition) : filter(until));
    if (node.gap_limit) text += " gap " + duration_text(*node.gap_limit);
    for (const TimeLimit& limit : node.limits)
      text += (limit.at_most ? " at most " : " at least ") + duration_text(limit.duration) + anchor(limit.anchor, limit.anchor_first);
    return text;
  }

 private:
  static std::string modes_of(const BlockNode& node) {
    return std::string(node.greedy ? " greedy" : "") + (node.optional ? " optional" : "");
  }
  static std::string count_of(const BlockNode& node) {
    if (node.max == 1) return "";
    if (node.max == node.min) return fmt::format("{{{}}}", node.min);
    return fmt::format("{{{}..{}}}", node.min, node.max == kUnbounded ? "" : std::to_string(node.max));
  }
  void line(int depth, const std::string& text) { out_.append(static_cast<std::size_t>(depth) * 2, ' ').append(text).append("\n"); }
  std::string expr(const ExprPtr& value) const { return value ? exprs_.print(*value) : "-"; }

  std::string filter(const Filter& filter) const {
    std::string out;
    for (const StreamId stream : filter.streams) out += (out.empty() ? "" : " | ") + schemas_[stream].name;
    if (!rule_.key_ways.empty()) out += fmt::format(" (key way {})", filter.key_way);
    return filter.condition ? out + " where " + expr(filter.condition) : out;
  }

  std::string guard(std::string_view what, const Guard& guard) const {
    if (guard.block != nullptr) return fmt::format("{} #{} {}", what, guard.id, print_block(*guard.block, schemas_));
    return fmt::format("{} #{}{} {}", what, guard.id, guard.name.empty() ? "" : " " + guard.name + ":", filter(guard.filter));
  }

  std::string anchor(int step, bool first) const {
    if (step < 0) return "";
    const std::string& name = rule_.stages[static_cast<std::size_t>(step)].name;
    return first ? " after first(" + name + ")" : " after " + name;
  }

  void info() {
    if (rule_.watched >= 0) line(1, fmt::format("watched table {}", rule_.watched));
    if (!rule_.info.title.empty()) line(1, "title " + in_quotes(rule_.info.title));
    if (!rule_.info.severity.empty()) line(1, "severity " + rule_.info.severity);
    if (rule_.severity) line(1, "severity " + expr(rule_.severity));
    if (rule_.score) line(1, "score " + expr(rule_.score));
    if (rule_.info.has_score) line(1, fmt::format("score {}", rule_.info.score));
    if (!rule_.info.tags.empty()) line(1, fmt::format("tags {}", fmt::join(rule_.info.tags, ", ")));
    for (const RuleInfo::Meta& meta : rule_.info.meta)
      line(1, fmt::format("meta {} = {}{}", meta.name, meta.is_list ? "list " : "", fmt::join(meta.values, ", ")));
  }

  void gap(const Gap& gap) {
    for (const Guard& no : gap.guards) line(1, guard("no", no));
    for (const Guard& no : gap.no_next) line(1, guard("no next", no));
    for (const Silence& silence : gap.silences)
      line(1, guard("silence", silence.guard) + " for " + duration_text(silence.duration) + anchor(silence.anchor, silence.anchor_first));
  }

  void stage(std::size_t index) {
    const Stage& stage = rule_.stages[index];
    gap(stage.gap);
    std::string modes;
    if (stage.latest) modes += " latest";
    if (stage.next) modes += " next";
    if (stage.max == kUnbounded)
      modes += fmt::format(" {{{}..}}", stage.min);
    else if (stage.max > stage.min)
      modes += fmt::format(" {{{}..{}}}", stage.min, stage.max);
    else if (stage.max > 1)
      modes += fmt::format(" {{{}}}", stage.min);
    if (stage.strict) modes += " strict";
    if (stage.greedy) modes += " greedy";
    if (stage.optional) modes += " optional";
    line(1, fmt::format("step {} {}{}: {}", index, stage.name, modes, filter(stage.filter)));
    if (stage.until) line(2, "until " + expr(stage.until));
    if (stage.gap_limit) line(2, "gap " + duration_text(*stage.gap_limit));
    for (const TimeLimit& limit : stage.limits)
      line(2, (limit.at_most ? "at most " : "at least ") + duration_text(limit.duration) + anchor(limit.anchor, limit.anchor_first));
  }

  // The tree of a rule with blocks.
  void block(int index, int depth) {
    using Form = BlockNode::Kind;
    const BlockNode& node = rule_.blocks->nodes[static_cast<std::size_t>(index)];
    gap(node.gap);
    std::string text;
    switch (node.kind) {
      case Form::kStep: {
        const Stage& step = rule_.stages[static_cast<std::size_t>(node.stage)];
        text = fmt::format("step {} {}: {}", node.stage, step.name, filter(step.filter));
        break;
      }
      case Form::kSequence: text = "sequence"; break;
      case Form::kAll: text = fmt::format("{} of {}", node.needed, node.parts.size()); break;
      case Form::kEither: text = "either"; break;
      case Form::kRepeat: text = "repeat"; break;
    }
    if (node.next) text += " next";
    if (node.each) text += " each";
    if (node.max > 1 || node.min > 1)
      text += node.max == kUnbounded ? fmt::format(" {{{}..}}", node.min) : fmt::format(" {{{}..{}}}", node.min, node.max);
    for (const auto& [set, word] :
         {std::pair(node.strict, " strict"), std::pair(node.skipping, " skipping"), std::pair(node.greedy, " greedy"),
          std::pair(node.every_length, " every length"), std::pair(node.optional, " optional")})
      if (set) text += word;
    line(depth, text);
    for (const SiblingCondition& part : node.conditions) line(depth + 1, "once all are there: " + expr(part.condition));
    for (const Filter& until : node.until) line(depth + 1, "until " + (rule_.key_ways.empty() ? expr(until.condition) : filter(until)));
    if (node.gap_limit) line(depth + 1, "gap " + duration_text(*node.gap_limit));
    if (node.hold) {
      line(depth + 1, fmt::format("for {} of {}", duration_text(node.hold->duration), filter(node.hold->samples)));
      if (node.hold->gap) line(depth + 1, "gap " + duration_text(*node.hold->gap));
    }
    for (const TimeLimit& limit : node.limits)
      line(depth + 1,
           (limit.at_most ? "at most " : "at least ") + duration_text(limit.duration) + anchor(limit.anchor, limit.anchor_first));
    for (const int part : node.parts) block(part, depth + 1);
  }

  void emit(std::string_view what, const Emit& emit) {
    line(1, fmt::format("{}{} {}{}{}", what, emit.count ? " count" : "", emit.stream, emit.internal ? " internal" : "",
                        emit.feeds ? " feeds rules" : ""));
    for (const EmitField& field : emit.fields)
      line(2, fmt::format("{}: {} = {}", field.name, field.value ? to_string(field.value->type) : "-", expr(field.value)));
  }

  void window(const Window& window) {
    switch (window.kind) {
      case WindowKind::kSliding: line(1, "window sliding"); break;
      case WindowKind::kTumbling:
        line(1,
             fmt::format("window {} tumbling{}", duration_text(window.size), window.zone.empty() ? "" : " zone " + in_quotes(window.zone)));
        break;
      case WindowKind::kHopping: line(1, fmt::format("window {} every {}", duration_text(window.size), duration_text(window.every))); break;
      case WindowKind::kSession: line(1, "window session gap " + duration_text(window.size)); break;
      case WindowKind::kLastEvents:
        line(1, fmt::format("window last {} events every {} events ttl {}", window.events, window.every_events, duration_text(window.ttl)));
        break;
    }
    for (std::size_t i = 0; i < rule_.stages.size(); ++i)
      line(1, fmt::format("over {}: {}{}", rule_.stages[i].name, filter(rule_.stages[i].filter),
                          window.kind == WindowKind::kSliding ? " last " + duration_text(window.spans[i]) : ""));
    std::string triggers = window.at_end ? " watermark" : "";
    if (window.period) triggers += " every " + duration_text(*window.period);
    if (window.period_events > 0) triggers += fmt::format(" every {} events", window.period_events);
    if (window.discarding) triggers += " discarding";
    if (window.kind != WindowKind::kSliding && window.kind != WindowKind::kLastEvents) line(1, "trigger" + triggers);
    line(1, fmt::format("when {}{}", expr(window.when), window.always ? " always" : ""));
  }

  void reports() {
    emit("emit", rule_.emit);
    if (rule_.on_timeout) emit("on timeout emit", *rule_.on_timeout);
    if (rule_.on_break) emit("on break emit", *rule_.on_break);
    if (rule_.on_clear) emit("on clear emit", *rule_.on_clear);
    for (const MessagePart& part : rule_.message) {
      std::string format;
      if (part.format.grouped) format += ",";
      if (part.format.decimals >= 0) format += fmt::format(".{}", part.format.decimals);
      line(1, "message " + (part.value ? expr(part.value) + (format.empty() ? "" : " as " + format) : in_quotes(part.text)));
    }
    static constexpr std::array<std::string_view, 6> kOnMatch = {"consume",      "keep",          "skip past last",
                                                                 "skip to next", "skip to first", "skip to last"};
    line(1, fmt::format("on match {}{}", kOnMatch[static_cast<std::size_t>(rule_.on_match)],
                        rule_.skip_stage < 0 ? "" : " " + rule_.stages[static_cast<std::size_t>(rule_.skip_stage)].name));
    for (const Limit& limit : rule_.limits) {
      std::string by;
      for (const ExprPtr& value : limit.by) by += (by.empty() ? " by " : ", ") + expr(value);
      line(1, fmt::format("limit {} per {}{}", limit.count, duration_text(limit.span), by));
    }
    line(1, rule_.limit_per_event ? fmt::format("limit {} per event", *rule_.limit_per_event) : "limit none");
  }

  const Rule& rule_;
  const std::vector<StreamSchema>& schemas_;
  ExprPrinter exprs_;
  std::string out_;
};

}  // namespace

std::string print(const Expr& expr, const std::vector<StreamSchema>& schemas, const Rule* rule) {
  return ExprPrinter(schemas, rule).print(expr);
}

std::string print(const Rule& rule, const std::vector<StreamSchema>& schemas) { return RulePrinter(rule, schemas).print(); }

std::string print(const StreamSchema& schema) {
  std::string out = fmt::format("stream {} {}{}\n", schema.id, schema.name,
                                schema.external   ? ""
                                : schema.schedule ? " schedule"
                                                  : " emitted");
  if (schema.time_slot != kTimeSlot) {
    const TimeFormat& format = schema.time_format;
    static constexpr std::array<std::string_view, 4> kUnits = {"s", "ms", "us", "ns"};
    out += "  time " + schema.fields[static_cast<std::size_t>(schema.time_slot)].name;
    if (format.kind == TimeFormat::Kind::kEpoch) out += fmt::format(" {}", kUnits[static_cast<std::size_t>(format.unit)]);
    if (format.kind == TimeFormat::Kind::kPattern) out += " format " + in_quotes(format.pattern);
    if (format.year) out += fmt::format(" year {}", *format.year);
    if (!format.zone.empty()) out += " zone " + in_quotes(format.zone);
    out += "\n";
  }
  if (schema.processing_clock) out += "  clock processing\n";
  if (schema.lateness_share != 0)
    out += fmt::format("  lateness of {} % of the events, up to {}\n", schema.lateness_share * 100, duration_text(schema.lateness));
  else if (schema.lateness.count() != 0)
    out += "  lateness " + duration_text(schema.lateness) + "\n";
  if (schema.watermark_slot)
    out += fmt::format("  watermark {}\n",
                       *schema.watermark_slot == kTimeSlot ? "time" : schema.fields[static_cast<std::size_t>(*schema.watermark_slot)].name);
  if (schema.late == LatePolicy::kTo) out += "  late to " + schema.late_to + "\n";
  if (schema.late == LatePolicy::kRevise) out += "  late revise keep " + duration_text(schema.late_keep) + "\n";
  for (const RecordFilter& when : schema.when) out += fmt::format("  when {} in {}\n", when.source, fmt::join(when.values, ", "));
  if (!schema.line_pattern.empty()) out += "  line /" + schema.line_pattern + "/\n";
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    const Field& field = schema.fields[i];
    out += fmt::format("  {} {}: {}{}{}{}\n", i, field.name, to_string(field.type), field.optional ? "?" : "",
                       field.nocase ? " nocase" : "", field.source == field.name ? "" : " from " + in_quotes(field.source));
  }
  return out;
}

std::string print_block(const Rule& block, const std::vector<StreamSchema>& schemas) { return RulePrinter(block, schemas).in_line(0); }

std::string print(const Test& test, const std::vector<StreamSchema>& schemas) {
  std::string out = "test " + in_quotes(test.name) + "\n";
  for (const TestEvent& event : test.events) {
    out += fmt::format("  {} {}", duration_text(event.at), schemas[event.stream].name);
    for (const auto& [slot, value] : event.values)
      out += fmt::format(" {}={}", schemas[event.stream].fields[static_cast<std::size_t>(slot)].name, constant_text(value));
    if (event.repeat > 1) out += fmt::format(" {{{} every {}}}", event.repeat, duration_text(event.every));
    if (event.arrives) out += " arrives " + duration_text(*event.arrives);
    out += "\n";
  }
  for (const Expectation& expected : test.expected) {
    out += fmt::format("  expect {}{}{}", expected.withdrawal ? "withdrawal " : "",
                       expected.kind ? std::string(to_string(*expected.kind)) + " " : "", expected.stream);
    if (expected.at) out += " at " + duration_text(*expected.at);
    for (const auto& [name, value] : expected.values) out += fmt::format(" {}={}", name, constant_text(value));
    out += "\n";
  }
  return test.expected.empty() ? out + "  expect none\n" : out;
}

std::string print(const CheckedFiles& files) {
  std::string out;
  for (const StreamSchema& schema : files.schemas) out += print(schema);
  for (const Rule& rule : files.rules) out += "\n" + print(rule, files.schemas);
  for (const Test& test : files.tests) out += "\n" + print(test, files.schemas);
  return out;
}

}  // namespace sequitur::dsl
