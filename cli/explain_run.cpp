#include "cli/explain_run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "cli/exit_code.hpp"
#include "cli/messages.hpp"
#include "cli/run_inputs.hpp"
#include "dsl/checked_block.hpp"
#include "dsl/checked_print.hpp"
#include "dsl/checked_window.hpp"
#include "engine/key_hash.hpp"
#include "engine/rule_set_impl.hpp"
#include "engine/run_observer.hpp"
#include "nfa/window_code.hpp"
#include "sequitur/engine.hpp"
#include "sequitur/sink.hpp"

namespace sequitur::cli {
namespace {

constexpr std::size_t kRunsShown = 20;     // In full; the others are counted.
constexpr std::size_t kEventsShown = 100;  // Of one step.

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\')
      (out += '\\') += c;
    else if (static_cast<unsigned char>(c) < 0x20)
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    else
      out += c;
  }
  return out + '"';
}

std::string time_text(std::int64_t time) {
  std::string out;
  append_time(Timestamp{Duration{time}}, out);
  return out;
}

std::string event_text(const Event& event, const RuleSet& rules) {
  std::string out;
  append_json(event, rules.schemas()[event.stream], out);
  return out;
}

std::string value_text(Slot value, Type type) {
  if (value.is_null(type)) return type == Type::kBool ? "unknown" : "null";
  std::string out;
  append_text(value, type, out);
  return out;
}

// The parts of a condition that are joined by `and`.
void parts_of(const dsl::ExprPtr& condition, std::vector<dsl::ExprPtr>& parts) {
  if (condition == nullptr) return;
  if (condition->op != dsl::Op::kAnd) return parts.push_back(condition);
  for (const dsl::ExprPtr& arg : condition->args) parts_of(arg, parts);
}

// What it came to when it was asked depends on the key's past, which is not kept for explaining.
bool looks_elsewhere(const dsl::Expr& expr) {
  return expr.op == dsl::Op::kPast ||
         std::any_of(expr.args.begin(), expr.args.end(), [](const dsl::ExprPtr& arg) { return arg != nullptr && looks_elsewhere(*arg); });
}

// The look-ups within an expression, but not those in their keys.
void look_ups_of(const dsl::ExprPtr& expr, std::vector<dsl::ExprPtr>& found) {
  if (expr == nullptr) return;
  if (expr->op == dsl::Op::kTableField) return found.push_back(expr);
  for (const dsl::ExprPtr& arg : expr->args) look_ups_of(arg, found);
}

// The condition with null for what it looks up.
dsl::ExprPtr without_look_ups(const dsl::ExprPtr& expr) {
  if (expr == nullptr) return expr;
  dsl::Expr copy = *expr;
  if (expr->op == dsl::Op::kTableField) {
    copy = dsl::Expr();
    copy.type = copy.value.type = expr->type;
    copy.value.null = true;
  }
  for (dsl::ExprPtr& arg : copy.args) arg = without_look_ups(arg);
  return std::make_shared<const dsl::Expr>(std::move(copy));
}

// The tables, and where events stand in the order of their changes.
class TablesSeen {
 public:
  void see(nfa::TableView tables) { tables_ = tables; }
  void numbered(std::uint32_t generation, std::uint64_t from, std::span<const std::uint64_t> places) {
    std::vector<std::uint64_t>& all = places_[generation];
    all.resize(from);
    all.insert(all.end(), places.begin(), places.end());
  }
  // What a rule of the generation looks up is as of the event.
  void look_up_at(const Event& event, std::uint32_t generation, nfa::EvaluationContext& context) const {
    const auto places = places_.find(generation);
    const bool known = places != places_.end() && event.sequence >= 1 && event.sequence <= places->second.size();
    look_up_at({event.time, known ? places->second[event.sequence - 1] : event.sequence}, context);
  }
  void look_up_at(nfa::AsOf as_of, nfa::EvaluationContext& context) const {
    context.tables = tables_;
    context.as_of = as_of;
  }

 private:
  nfa::TableView tables_;
  std::map<std::uint32_t, std::vector<std::uint64_t>> places_;
};

struct PartValue {
  std::string text, value;
  std::vector<std::pair<std::string, std::string>> operands;
};

// What each part of the condition of something that was reported came to, and what stood in it. `shown` is the condition as it is printed,
// `asked` (of the same shape) as it is evaluated: of a window with values in place of aggregates.
std::vector<PartValue> values_of(const dsl::ExprPtr& shown, const dsl::ExprPtr& asked, const nfa::EvaluationContext& context,
                                 const RuleSet& rules, const dsl::Rule& rule) {
  std::vector<dsl::ExprPtr> parts, asked_parts;
  parts_of(shown, parts);
  parts_of(asked, asked_parts);
  std::vector<PartValue> values;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    const dsl::Expr &part = *parts[p], &asked_part = *asked_parts[p];
    PartValue value;
    value.text = dsl::print(part, rules.schemas(), &rule);
    // A step took its event because all parts held.
    value.value = looks_elsewhere(asked_part) ? "true" : value_text(nfa::Expression::compile(asked_part).evaluate(context), part.type);
    for (std::size_t i = 0; i < part.args.size() && i < asked_part.args.size(); ++i) {
      const dsl::ExprPtr& arg = part.args[i];
      if (arg == nullptr || arg->op == dsl::Op::kConstant || part.op == dsl::Op::kAggregate) continue;
      if (looks_elsewhere(*asked_part.args[i])) continue;
      value.operands.emplace_back(dsl::print(*arg, rules.schemas(), &rule),
                                  value_text(nfa::Expression::compile(*asked_part.args[i]).evaluate(context), arg->type));
    }
    std::vector<dsl::ExprPtr> look_ups;
    for (const dsl::ExprPtr& arg : asked_part.args)
      if (arg != nullptr && arg->op != dsl::Op::kTableField) look_ups_of(arg, look_ups);
    for (const dsl::ExprPtr& look_up : look_ups)
      if (!looks_elsewhere(*look_up))
        value.operands.emplace_back(dsl::print(*look_up, rules.schemas(), &rule),
                                    value_text(nfa::Expression::compile(*look_up).evaluate(context), look_up->type));
    values.push_back(std::move(value));
  }
  return values;
}

std::string parts_text(const std::vector<PartValue>& parts, bool json) {
  std::string out;
  for (const PartValue& part : parts) {
    if (json) {
      std::string operands;
      for (const auto& [text, value] : part.operands)
        operands += fmt::format("{}{}:{}", operands.empty() ? "" : ",", quoted(text), quoted(value));
      out += fmt::format("{}{{\"condition\":{},\"value\":{},\"operands\":{{{}}}}}", out.empty() ? "" : ",", quoted(part.text),
                         quoted(part.value), operands);
      continue;
    }
    out += fmt::format("      {}: {}\n", part.text, part.value);
    for (const auto& [text, value] : part.operands) out += fmt::format("        {} = {}\n", text, value);
  }
  return out;
}

const dsl::Rule& rule_at(const RuleSet& rules, std::uint32_t index) {
  const auto& all = rules.impl().files.rules;
  return *std::find_if(all.begin(), all.end(), [&](const dsl::Rule& rule) { return !rule.disabled && rule.info.index == index; });
}

std::string key_text(const nfa::Automaton& automaton, const Slot* values) {
  std::string out;
  for (std::size_t i = 0; i < automaton.key.size(); ++i) {
    if (i > 0) out += ',';
    append_text(values[i], automaton.key[i].type, out);
  }
  return out;
}

// What the parts of a window's `when` came to at the result.
std::vector<PartValue> values_of(const RunObserver::WindowResult& result, const RuleSet& rules, const dsl::Rule& rule,
                                 const TablesSeen& tables) {
  if (!rule.window->when) return {};
  Arena arena;
  nfa::EvaluationContext context;
  context.key = result.key;
  context.values = result.values;
  context.arena = &arena;
  tables.look_up_at(result.as_of, context);
  return values_of(rule.window->when, rules.impl().automata[result.rule]->window->when_tree, context, rules, rule);
}

// Waits for the alert with the id, and says how it came about while its events are there.
class AlertExplainer : public Sink, public RunObserver {
 public:
  AlertExplainer(const RuleSet& rules, std::string id, bool json) : rules_(rules), id_(std::move(id)), json_(json) {}

  Result<void> write(std::span<const Alert> alerts) override {
    for (const Alert& alert : alerts)
      if (fmt::format("{:016x}{:016x}", alert.id[0], alert.id[1]) == id_ && !alert.withdrawn) explain(alert);
    results_.clear();
    return {};
  }
  Result<void> flush() override { return {}; }
  const std::string& text() const { return text_; }

  void ended(const Fate&) override {}
  // The alert of the result comes soon.
  void result(const WindowResult& result) override {
    if (!result.emits && !result.clears) return;
    const std::string key = key_text(*rules_.impl().automata[result.rule], result.key);
    results_[{result.rule, key, result.time, result.clears}] =
        parts_text(values_of(result, rules_, rule_at(rules_, result.rule), tables_), json_);
  }
  void see(nfa::TableView tables) override { tables_.see(tables); }
  void numbered(std::uint32_t generation, std::uint64_t from, std::span<const std::uint64_t> places) override {
    tables_.numbered(generation, from, places);
  }

 private:
  void explain(const Alert& alert) {
    const dsl::Rule& rule = rule_at(rules_, alert.rule->index);
    const auto& names = rules_.impl().automata[alert.rule->index]->stage_names;
    std::vector<nfa::StageEvents> stages(rule.stages.size());
    Arena arena;
    nfa::EvaluationContext context;
    context.stages = stages.data();
    context.stage_count = static_cast<std::uint32_t>(stages.size());
    context.arena = &arena;
    std::vector<Slot> key;
    for (const NamedValue& part : alert.key) key.push_back(part.value);
    context.key = key.data();
    std::string out, whole;
    append_json(alert, whole);
    if (!json_)
      out = fmt::format("{} {} at {} of rule {}\n", to_string(alert.kind), alert.stream, time_text(alert.time.time_since_epoch().count()),
                        alert.rule->name);
    std::string steps;
    for (const EvidenceStep& step : alert.evidence) {
      const auto index = static_cast<std::size_t>(std::find(names.begin(), names.end(), step.name) - names.begin());
      if (index >= stages.size()) continue;
      if (!json_) out += fmt::format("  step {}, {}\n", step.name, counted(step.events.size(), "event"));
      std::string events;
      for (std::size_t i = 0; i < step.events.size(); ++i) {
        const Event& event = *step.events[i];
        stages[index] = {step.events.data(), static_cast<std::uint32_t>(i)};  // What it had taken before.
        context.candidate = &event;
        tables_.look_up_at(event, rule.generation, context);
        if (i < kEventsShown) {
          const dsl::ExprPtr& condition = rule.stages[index].filter.condition;
          // Nobody wrote the condition of the step that a rule of silences over a table begins with.
          const bool own = rule.watched < 0 || step.name != "since";
          const std::string parts = own ? parts_text(values_of(condition, condition, context, rules_, rule), json_) : "";
          if (json_)
            events += fmt::format("{}{{\"event\":{},\"conditions\":[{}]}}", events.empty() ? "" : ",", event_text(event, rules_), parts);
          else
            out += fmt::format("    {} {}\n{}", time_text(event.time), event_text(event, rules_), parts);
        }
        context.previous = &event;
      }
      if (!json_ && step.events.size() > kEventsShown) out += fmt::format("    ... and {} more\n", step.events.size() - kEventsShown);
      stages[index] = {step.events.data(), static_cast<std::uint32_t>(step.events.size())};
      steps += fmt::format("{}{{\"step\":{},\"count\":{},\"events\":[{}]}}", steps.empty() ? "" : ",", quoted(step.name),
                           step.events.size(), events);
    }
    std::string window;
    if (rule.window) {
      const std::string text = key_text(*rules_.impl().automata[alert.rule->index], key.data());
      const auto found = results_.find({alert.rule->index, text, alert.time.time_since_epoch().count(), alert.kind == AlertKind::kClear});
      const std::string parts = found == results_.end() ? "" : found->second;
      window = fmt::format(",\"when\":[{}]", parts);
      out += parts.empty() ? "  the window became empty, or has no `when`\n" : "  when\n" + parts;
    }
    text_ = json_ ? fmt::format("{{\"alert\":{},\"steps\":[{}]{}}}\n", whole, steps, window) : out;
  }

  const RuleSet& rules_;
  const std::string id_;
  const bool json_;
  std::string text_;
  TablesSeen tables_;
  // Of windows, until their alerts have come: rule, key, time, whether it is a clear -> the parts of `when`.
  std::map<std::tuple<std::uint32_t, std::string, std::int64_t, bool>, std::string> results_;
};

// Looks at what becomes of the runs of one key, and at the events that could have begun one.
class KeyExplainer : public Sink, public RunObserver {
 public:
  KeyExplainer(const RuleSet& rules, const dsl::Rule& rule, std::string key, bool json)
      : rules_(rules), rule_(rule), automaton_(*rules.impl().automata[rule.info.index]), key_(std::move(key)), json_(json) {
    for (const dsl::Stage& stage : rule.stages) {
      opening_.push_back(&stage);  // Every line of a window.
      if (!stage.optional && !rule.window) break;
    }
  }

  void ended(const Fate& fate) override {
    if (fate.rule != rule_.info.index || text_of_key(fate.key) != key_) return;
    ++ends_[static_cast<std::size_t>(fate.end)];
    if (shown_ < kRunsShown) {
      ++shown_;
      runs_ += json_ ? (runs_.empty() ? "" : ",") + run_json(fate) : run_text(fate);
    }
  }

  void result(const WindowResult& result) override {
    if (result.rule != rule_.info.index || text_of_key(result.key) != key_) return;
    ++results_;
    held_ += result.holds ? 1 : 0;
    reported_ += result.emits ? 1 : 0;
    const std::vector<PartValue> parts = values_of(result, rules_, rule_, tables_);
    for (const PartValue& part : parts)
      if (part.value != "true") ++failed_results_[part.text];
    if (results_ > kRunsShown) return;
    const std::string shown = parts_text(parts, json_);
    const std::string event = result.event != nullptr ? event_text(*result.event, rules_) : "";
    const std::string at = time_text(result.time);
    if (json_)
      runs_ += fmt::format("{}{{\"time\":{},\"event\":{},\"holds\":{},\"reported\":{},\"conditions\":[{}]}}", runs_.empty() ? "" : ",",
                           quoted(at), event.empty() ? "null" : event, result.holds, result.emits, shown);
    else
      runs_ += fmt::format("  result at {}{}{}\n{}", at, event.empty() ? ", when time had passed" : " " + event,
                           result.emits ? ": reported" : "", shown);
  }

  // What was reported of the key: a match may have been held back by `limit`.
  Result<void> write(std::span<const Alert> alerts) override {
    for (const Alert& alert : alerts) {
      if (alert.rule->index != rule_.info.index || alert.withdrawn || alert.revision > 0) continue;
      std::vector<Slot> key;
      for (const NamedValue& part : alert.key) key.push_back(part.value);
      if (text_of_key(key.data()) == key_) ++alerts_[std::string(to_string(alert.kind))];
    }
    return {};
  }
  Result<void> flush() override { return {}; }

  void see(nfa::TableView tables) override { tables_.see(tables); }
  void numbered(std::uint32_t generation, std::uint64_t from, std::span<const std::uint64_t> places) override {
    tables_.numbered(generation, from, places);
  }

  // What conditions of the first step look up can be asked when the tables have come so far.
  void evaluated(std::span<Event* const> events, std::uint64_t first_place) override {
    const bool any = std::any_of(opening_.begin(), opening_.end(), [](const dsl::Stage* stage) {
      std::vector<dsl::ExprPtr> look_ups;
      look_ups_of(stage->filter.condition, look_ups);
      return !look_ups.empty();
    });
    if (!any) return;
    for (std::size_t i = 0; i < events.size(); ++i) {
      Arena arena;
      std::vector<Slot> key(automaton_.key.size() + 1);
      if (!is_mine(*events[i], arena, key)) continue;
      nfa::EvaluationContext context;
      context.candidate = events[i];
      context.key = key.data();
      context.arena = &arena;
      tables_.look_up_at({events[i]->time, first_place + i}, context);
      for_each_part(*events[i], [&](const dsl::ExprPtr& part) {
        if (nfa::event_only(*part) || !nfa::event_only(*without_look_ups(part))) return;
        if (!nfa::Expression::compile(*part).holds(context)) ++failed_[dsl::print(*part, rules_.schemas(), &rule_)];
      });
    }
  }

  // Every event of the inputs that was decoded.
  void seen(const Event& event) {
    std::vector<Slot> values(automaton_.key.size() + 1);
    Arena arena;
    if (!is_mine(event, arena, values)) return;
    ++events_;
    nfa::EvaluationContext context;
    context.candidate = &event;
    context.arena = &arena;
    asked_ += for_each_part(event, [&](const dsl::ExprPtr& part) {
      if (!nfa::event_only(*without_look_ups(part)))
        not_asked_.insert(dsl::print(*part, rules_.schemas(), &rule_));
      else if (nfa::event_only(*part) && !nfa::Expression::compile(*part).holds(context))
        ++failed_[dsl::print(*part, rules_.schemas(), &rule_)];
    });
  }

  // Whether the event is of the rule's streams and has the key; its values are read.
  bool is_mine(const Event& event, Arena& arena, std::vector<Slot>& values) const {
    if (std::find(rule_.streams.begin(), rule_.streams.end(), event.stream) == rule_.streams.end()) return false;
    bool mine = false;
    for (std::size_t way = 0; way < std::max<std::size_t>(1, automaton_.key_ways.size()) && !mine; ++way) {
      const std::vector<nfa::KeyCode>& codes = automaton_.key_ways.empty() ? automaton_.key : automaton_.key_ways[way];
      const bool reads = std::all_of(codes.begin(), codes.end(), [&](const nfa::KeyCode& code) {
        return code.slots[event.stream] != nfa::kNoSlot || code.expressions[event.stream];
      });
      mine = reads && read_key(codes, event, arena, values.data()) && text_of_key(values.data()) == key_;
    }
    return mine;
  }

  // Of the conditions of the first step, or of a window's lines, that may take the event. Returns how many steps there are.
  template <typename Body>
  std::uint64_t for_each_part(const Event& event, const Body& body) const {
    std::uint64_t steps = 0;
    for (const dsl::Stage* stage : opening_) {
      if (std::find(stage->filter.streams.begin(), stage->filter.streams.end(), event.stream) == stage->filter.streams.end()) continue;
      ++steps;
      std::vector<dsl::ExprPtr> parts;
      parts_of(stage->filter.condition, parts);
      for (const dsl::ExprPtr& part : parts) body(part);
    }
    return steps;
  }

  std::string report() const {
    const std::uint64_t begun = total();
    const std::vector<std::pair<std::string, std::uint64_t>> failed = most_first(failed_);
    if (rule_.window) return window_report(failed);
    if (json_) {
      std::string conditions, ends, not_asked;
      for (const std::string& text : not_asked_) not_asked += (not_asked.empty() ? "" : ",") + quoted(text);
      for (const auto& [text, count] : failed)
        conditions += fmt::format("{}{{\"condition\":{},\"failed\":{}}}", conditions.empty() ? "" : ",", quoted(text), count);
      for (std::size_t i = 0; i < ends_.size(); ++i) ends += fmt::format("{}{}:{}", i == 0 ? "" : ",", quoted(kNames[i]), ends_[i]);
      return fmt::format(
          "{{\"rule\":{},\"key\":{},\"events\":{},\"first_step\":{{\"events\":{},\"conditions\":[{}],\"not_asked\":[{}]}},\"runs\":{},"
          "\"ends\":{{{}}},\"alerts\":{{{}}},\"shown\":[{}]}}\n",
          quoted(rule_.info.name), quoted(key_), events_, asked_, conditions, not_asked, begun, ends, alerts_json(), runs_);
    }
    std::string out = fmt::format("rule {}, key {}: {} of its streams, {} begun\n", rule_.info.name, key_.empty() ? "(none)" : key_,
                                  counted(events_, "event"), counted(begun, "run"));
    if (events_ == 0 && begun == 0 && alerts_.empty()) return out + "  no event of the rule's streams has this key\n";
    out += alerts_text();
    if (begun == 0 && alerts_.empty()) {
      out += fmt::format("  {} came to the first step, and none began a run\n", counted(asked_, "event"));
      for (const auto& [text, count] : failed) out += fmt::format("    {} did not hold for {}\n", text, counted(count, "event"));
      for (const std::string& text : not_asked_) out += fmt::format("    {} was not asked here: it looks at more than the event\n", text);
      if (asked_ > 0 && failed.empty() && not_asked_.empty())
        out += "    its conditions held: a looking-back `no`, or `until`, kept the runs from beginning\n";
      return out;
    }
    for (std::size_t i = 0; i < ends_.size(); ++i)
      if (ends_[i] > 0) out += fmt::format("  {} {}\n", grouped(ends_[i]), kWords[i]);
    if (begun > shown_) out += fmt::format("  the first {}:\n", shown_);
    return out + runs_;
  }

  static std::vector<std::pair<std::string, std::uint64_t>> most_first(const std::map<std::string, std::uint64_t>& counts) {
    std::vector<std::pair<std::string, std::uint64_t>> list(counts.begin(), counts.end());
    std::stable_sort(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return list;
  }

  std::string window_report(const std::vector<std::pair<std::string, std::uint64_t>>& failed) const {
    const auto conditions = [](const std::vector<std::pair<std::string, std::uint64_t>>& list) {
      std::string out;
      for (const auto& [text, count] : list)
        out += fmt::format("{}{{\"condition\":{},\"failed\":{}}}", out.empty() ? "" : ",", quoted(text), count);
      return out;
    };
    const std::vector<std::pair<std::string, std::uint64_t>> when = most_first(failed_results_);
    if (json_)
      return fmt::format(
          "{{\"rule\":{},\"key\":{},\"events\":{},\"lines\":{{\"events\":{},\"conditions\":[{}]}},\"results\":{},\"held\":{},"
          "\"reported\":{},\"when\":[{}],\"alerts\":{{{}}},\"shown\":[{}]}}\n",
          quoted(rule_.info.name), quoted(key_), events_, asked_, conditions(failed), results_, held_, reported_, conditions(when),
          alerts_json(), runs_);
    std::string out = fmt::format("rule {}, key {}: {} of its streams, {} of its window\n", rule_.info.name, key_.empty() ? "(none)" : key_,
                                  counted(events_, "event"), counted(results_, "result"));
    if (events_ == 0 && results_ == 0) return out + "  no event of the rule's streams has this key\n";
    out += alerts_text();
    for (const auto& [text, count] : failed) out += fmt::format("  {} did not hold for {}\n", text, counted(count, "event"));
    if (results_ == 0) return out;
    out += fmt::format("  `when` held at {}, {} reported\n", counted(held_, "result"), grouped(reported_));
    for (const auto& [text, count] : when) out += fmt::format("    {} did not hold at {}\n", text, counted(count, "result"));
    if (results_ > kRunsShown) out += fmt::format("  the first {}:\n", kRunsShown);
    return out + runs_;
  }

  std::uint64_t total() const {
    std::uint64_t sum = 0;
    for (const std::uint64_t count : ends_) sum += count;
    return sum;
  }

 private:
  static constexpr std::array<std::string_view, 6> kNames = {"matched", "part_of_match", "broken", "timed_out", "no_way", "waiting"};
  static constexpr std::array<std::string_view, 6> kWords = {"matched",
                                                             "ended with a match that had all their events, or passed over by `on match`",
                                                             "broken by a guard",
                                                             "ran out of time",
                                                             "ended because nothing was left to go on with",
                                                             "still waiting at the end of the input"};

  std::string alerts_text() const {
    std::string out;
    for (const auto& [kind, count] : alerts_) out += fmt::format("{}{} {}", out.empty() ? "" : ", ", grouped(count), kind);
    return "  reported: " + (out.empty() ? "nothing" : out) + "\n";
  }
  std::string alerts_json() const {
    std::string out;
    for (const auto& [kind, count] : alerts_) out += fmt::format("{}{}:{}", out.empty() ? "" : ",", quoted(kind), count);
    return out;
  }

  std::string text_of_key(const Slot* values) const { return key_text(automaton_, values); }

  std::string guard_text(int id) const {
    const auto text = [&](const dsl::Guard& guard, std::string_view words) -> std::string {
      std::string out(words);
      if (guard.block != nullptr) return out + " " + dsl::print_block(*guard.block, rules_.schemas());
      for (std::size_t i = 0; i < guard.filter.streams.size(); ++i)
        out += (i == 0 ? " " : " | ") + rules_.schemas()[guard.filter.streams[i]].name;
      return guard.filter.condition ? out + " where " + dsl::print(*guard.filter.condition, rules_.schemas(), &rule_) : out;
    };
    for (const dsl::Guard& cancel : rule_.cancels)
      if (cancel.id == id) return text(cancel, "cancel on");
    const auto in_gap = [&](const dsl::Gap& gap) -> std::string {
      for (const dsl::Guard& guard : gap.guards)
        if (guard.id == id) return text(guard, "no");
      for (const dsl::Guard& guard : gap.no_next)
        if (guard.id == id) return text(guard, "no next");
      for (const dsl::Silence& silence : gap.silences)
        if (silence.guard.id == id) return text(silence.guard, "no (silence)");
      return "";
    };
    for (const dsl::Stage& stage : rule_.stages)
      if (std::string found = in_gap(stage.gap); !found.empty()) return found;
    if (rule_.blocks != nullptr)
      for (const dsl::BlockNode& node : rule_.blocks->nodes)
        if (std::string found = in_gap(node.gap); !found.empty()) return found;
    return in_gap(rule_.closing);
  }

  std::string why(const Fate& fate) const {
    const std::string at = time_text(fate.time);
    const std::string event = fate.event != nullptr ? event_text(*fate.event, rules_) : "";
    switch (fate.end) {
      case End::kMatched: return "matched at " + at;
      case End::kPartOfMatch: return "ended at " + at + " with a match that was reported";
      case End::kBroken: return fmt::format("broken at {} by `{}`: {}", at, guard_text(fate.guard), event);
      case End::kTimedOut: return "ran out of time at " + at;
      case End::kNoWay:
        return event.empty() ? "its loop was closed by `gap` at " + at + " before it had enough"
                             : fmt::format("ended at {}: {}", at, event);
      case End::kLive: return "still waiting";
    }
    return "";
  }

  std::string run_text(const Fate& fate) const {
    std::string out = "  run";
    for (std::size_t i = 0; i < fate.stages.size(); ++i)
      if (fate.stages[i].count > 0) out += fmt::format(" {}×{}", automaton_.stage_names[i], fate.stages[i].count);
    out += "\n";
    for (std::size_t i = 0; i < fate.stages.size(); ++i) {
      if (fate.stages[i].count == 0) continue;
      const Event& last = *fate.stages[i].data[fate.stages[i].count - 1];
      out += fmt::format("    {} {} {}\n", automaton_.stage_names[i], time_text(last.time), event_text(last, rules_));
    }
    return out + "    " + why(fate) + "\n";
  }

  std::string run_json(const Fate& fate) const {
    std::string steps;
    for (std::size_t i = 0; i < fate.stages.size(); ++i) {
      if (fate.stages[i].count == 0) continue;
      steps += fmt::format("{}{{\"step\":{},\"count\":{},\"latest\":{}}}", steps.empty() ? "" : ",", quoted(automaton_.stage_names[i]),
                           fate.stages[i].count, event_text(*fate.stages[i].data[fate.stages[i].count - 1], rules_));
    }
    return fmt::format("{{\"steps\":[{}],\"end\":{},\"time\":{},\"guard\":{},\"event\":{}}}", steps,
                       quoted(kNames[static_cast<std::size_t>(fate.end)]), fate.end == End::kLive ? "null" : quoted(time_text(fate.time)),
                       fate.guard < 0 ? "null" : quoted(guard_text(fate.guard)),
                       fate.event != nullptr ? event_text(*fate.event, rules_) : "null");
  }

  const RuleSet& rules_;
  const dsl::Rule& rule_;
  const nfa::Automaton& automaton_;
  const std::string key_;
  const bool json_;
  std::vector<const dsl::Stage*> opening_;
  TablesSeen tables_;
  std::array<std::uint64_t, 6> ends_{};
  std::uint64_t events_ = 0, asked_ = 0;
  std::map<std::string, std::uint64_t> failed_;          // Condition of the first step -> how many events it did not hold for.
  std::set<std::string> not_asked_;                      // Conditions of the first step that look at more than the event.
  std::uint64_t results_ = 0, held_ = 0, reported_ = 0;  // Of a window.
  std::map<std::string, std::uint64_t> failed_results_;  // Part of `when` -> at how many results it did not hold.
  std::map<std::string, std::uint64_t> alerts_;          // Delivered, by kind.
  std::size_t shown_ = 0;
  std::string runs_;
};

// Shows every decoded event to the explainer; the engine has one thread.
class SeenDecoder : public Decoder {
 public:
  SeenDecoder(std::unique_ptr<Decoder> decoder, KeyExplainer& explainer) : decoder_(std::move(decoder)), explainer_(explainer) {}
  void decode(const RawBatch& raw, EventBatch& out) const override { decoder_->decode(raw, out); }
  void settle(const RawBatch& raw, EventBatch& out) override {
    decoder_->settle(raw, out);
    for (const Event* event : out.events) explainer_.seen(*event);
  }

 private:
  std::unique_ptr<Decoder> decoder_;
  KeyExplainer& explainer_;
};

int fail(int code, const Error& error) {
  print_error(error.message);
  return code;
}

}  // namespace

int explain_run(const std::shared_ptr<const RuleSet>& rules, const ExplainRun& options) {
  std::vector<InputPlan> plans;
  for (const std::string& word : options.inputs) {
    Result<InputPlan> plan = plan_input(word, *rules, {});
    if (!plan) return fail(kExitUsage, plan.error());
    plans.push_back(*std::move(plan));
  }
  std::unique_ptr<KeyExplainer> key;
  if (!options.why_not.empty()) {
    const auto& all = rules->impl().files.rules;
    const auto rule =
        std::find_if(all.begin(), all.end(), [&](const dsl::Rule& each) { return !each.disabled && each.info.name == options.why_not; });
    if (rule == all.end()) return fail(kExitUsage, Error{"there is no rule `" + options.why_not + "` in these files"});
    key = std::make_unique<KeyExplainer>(*rules, *rule, options.key, options.json);
  }
  Result<std::vector<Input>> inputs = open_inputs(plans, *rules, {});
  if (!inputs) return fail(kExitRuntime, inputs.error());
  if (key)
    for (Input& input : *inputs) input.decoder = std::make_unique<SeenDecoder>(std::move(input.decoder), *key);
  AlertExplainer alert(*rules, options.alert, options.json);
  Sink* sinks[] = {key ? static_cast<Sink*>(key.get()) : &alert};
  EngineOptions engine;
  engine.general_strategy = true;
  engine.observer = key ? static_cast<RunObserver*>(key.get()) : &alert;
  const Result<RunSummary> summary = run(rules, engine, *std::move(inputs), sinks, nullptr, RunControl{});
  if (!summary) return fail(kExitRuntime, summary.error());
  if (key) {
    fmt::print("{}", key->report());
    return kExitOk;
  }
  if (alert.text().empty()) return fail(kExitUsage, Error{"no alert of these inputs has the id " + options.alert});
  fmt::print("{}", alert.text());
  return kExitOk;
}

}  // namespace sequitur::cli
