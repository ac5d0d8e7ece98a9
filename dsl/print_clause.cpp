// Clauses, steps and the other lines, each as one line of text.
#include <fmt/format.h>

#include "dsl/grammar/scan.hpp"
#include "dsl/print.hpp"
#include "dsl/print_layout.hpp"

namespace sequitur::dsl {

namespace {

using ast::ClauseKind;
using ast::StepForm;
using ast::StepWord;

template <typename Body>
const Body& as(const ast::Clause& clause) {
  return std::get<Body>(clause.body);
}

std::string expr(const ast::Expr& value) { return print(value); }

std::string_view word_of(StepWord word) {
  switch (word) {
    case StepWord::kNone: return "";
    case StepWord::kFirst: return "first";
    case StepWord::kLatest: return "latest";
    case StepWord::kThen: return "then";
    case StepWord::kNext: return "next";
    case StepWord::kEach: return "each";
    case StepWord::kNo: return "no";
    case StepWord::kNoNext: return "no next";
    case StepWord::kCancel: return "cancel on";
    case StepWord::kOver: return "over";
  }
  return "";
}

std::string anchor_text(const std::optional<ast::Anchor>& anchor) {
  if (!anchor) return "";
  return anchor->first ? fmt::format(" after first({})", print(anchor->step)) : " after " + print(anchor->step);
}

std::string count_text(const ast::Count& count) {
  if (!count.range) return fmt::format("{{{}}}", count.min);
  return fmt::format("{{{}..{}}}", count.min, count.max ? std::to_string(*count.max) : "");
}

std::string modes_text(const ast::Modes& modes) {
  std::string out;
  if (modes.strict) out += " strict";
  if (modes.skipping) out += " skipping";
  if (modes.greedy) out += " greedy";
  if (modes.every_length) out += " every length";
  if (modes.optional) out += " optional";
  return out;
}

std::string quantifier_text(const ast::Step& step) { return (step.count ? count_text(*step.count) : "") + modes_text(step.modes); }

std::string excepts_text(const ast::Step& step) {
  std::string out;
  for (const ast::Expr& condition : step.excepts) out += " except " + print(condition);
  return out;
}

std::string block_word(const ast::Step& step) {
  switch (step.form) {
    case StepForm::kEvent:
    case StepForm::kHold: return "";
    case StepForm::kAll: return "all";
    case StepForm::kSomeOf: return fmt::format("{} of", step.some_of);
    case StepForm::kEither: return "either";
    case StepForm::kRepeat: return "repeat" + quantifier_text(step);
  }
  return "";
}

bool is_block(const ast::Step& step) { return step.form != StepForm::kEvent && step.form != StepForm::kHold; }

std::string branch_text(const ast::Branch& branch) { return "{ " + joined(branch.steps, "  ", step_text) + " }"; }

std::string body_head_text(const ast::Step& step) {
  if (is_block(step)) return block_word(step);
  std::string out = step.form == StepForm::kHold && step.word != StepWord::kNone ? "hold " : "";
  if (step.name) out += print(*step.name) + ": ";
  return out + joined(step.streams, " | ", name_text) + quantifier_text(step);
}

std::string body_text(const ast::Step& step) {
  const std::string branches = is_block(step) ? " " + joined(step.branches, " or ", branch_text) : "";
  return body_head_text(step) + branches + step_tail_text(step);
}

// `hold` is a clause word of its own where no other stands before it.
std::string_view own_word(const ast::Step& step) {
  return step.word == StepWord::kNone && step.form == StepForm::kHold ? "hold" : word_of(step.word);
}

std::string emit_words(const ast::Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kOnTimeout: return "on timeout emit ";
    case ClauseKind::kOnBreak: return "on break emit ";
    case ClauseKind::kOnClear: return "on clear emit ";
    default: return padded_word("emit") + (as<ast::Emit>(clause).always ? "always " : as<ast::Emit>(clause).count ? "count " : "");
  }
}

std::string emit_text(const ast::Clause& clause) {
  const auto& emit = as<ast::Emit>(clause);
  return emit_head_text(clause) + joined(emit.fields, ", ", emit_field_text) + (emit.internal ? ") internal" : ")");
}

std::string key_part_text(const ast::KeyPart& part) {
  std::string out = part.name ? print(*part.name) + ": " : "";
  out += joined(part.values, " = ", expr);
  return part.table ? out + " from " + print(*part.table) : out;
}

bool is_plain_tag(const std::string& tag) {
  bool after_mark = true;
  for (char c : tag) {
    const bool mark = c == '.' || c == '-' || c == ':';
    if (!mark && !grammar::is_name_char(c)) return false;
    if (mark && after_mark) return false;
    after_mark = mark;
  }
  return !after_mark;
}

std::string tag_text(const ast::Name& tag) {
  if (!tag.quoted && is_plain_tag(tag.text)) return tag.text;
  ast::Expr literal;
  literal.kind = ast::ExprKind::kText;
  literal.text = tag.text;
  return text_literal(literal);
}

std::string window_text(const ast::Window& window) {
  const std::string size = window.size ? print(*window.size) : "";
  switch (window.kind) {
    case ast::WindowKind::kSliding: return size + " sliding";
    case ast::WindowKind::kTumbling: return size + " tumbling" + (window.zone ? " zone " + print(*window.zone) : "");
    case ast::WindowKind::kHopping: return size + " every " + print(*window.every);
    case ast::WindowKind::kSession: return "session gap " + size;
    case ast::WindowKind::kLastEvents:
      return "last " + size + (window.every ? " every " + print(*window.every) + " events" : " events") +
             (window.ttl ? " ttl " + print(*window.ttl) : "");
  }
  return "";
}

std::string trigger_text(const ast::Trigger& trigger) {
  const std::string amount = trigger.amount ? print(*trigger.amount) : "";
  switch (trigger.kind) {
    case ast::TriggerKind::kWatermark: return "watermark";
    case ast::TriggerKind::kEveryEvents: return "every " + amount + " events";
    case ast::TriggerKind::kEveryDuration: return "every " + amount;
    case ast::TriggerKind::kEarly: return "early " + amount;
    case ast::TriggerKind::kLate: return "late " + amount;
    case ast::TriggerKind::kAccumulating: return "accumulating";
    case ast::TriggerKind::kDiscarding: return "discarding";
  }
  return "";
}

std::string on_match_text(const ast::OnMatch& policy) {
  const std::string step = policy.step ? print(*policy.step) : "";
  switch (policy.kind) {
    case ast::OnMatchKind::kConsume: return "consume";
    case ast::OnMatchKind::kKeep: return "keep";
    case ast::OnMatchKind::kSkipPastLast: return "skip past last";
    case ast::OnMatchKind::kSkipToNext: return "skip to next";
    case ast::OnMatchKind::kSkipToFirst: return "skip to first " + step;
    case ast::OnMatchKind::kSkipToLast: return "skip to last " + step;
    case ast::OnMatchKind::kSkipTo: return "skip to " + step;
  }
  return "";
}

std::string within_text(const ast::Within& within) { return within.duration ? print(*within.duration) : "forever"; }

std::string limit_text(const ast::Limit& limit) {
  if (limit.none) return "none";
  if (limit.per_event) return fmt::format("{} per event", limit.count);
  return fmt::format("{} per {}{}{}", limit.count, print(*limit.duration), limit.by.empty() ? "" : " by ", joined(limit.by, ", ", expr));
}

std::string path_text(const std::vector<ast::Name>& path) { return joined(path, ".", any_name_text); }

std::string value_text(const ast::TestValue& value) {
  return path_text(value.path) + "=" + (value.bare ? value.value.text : print(value.value));
}

std::string values_text(const std::vector<ast::TestValue>& values) {
  std::string out;
  for (const ast::TestValue& value : values) out += " " + value_text(value);
  return out;
}

std::string type_text(const ast::FieldType& type) {
  std::string out = type.record ? type.fields.empty() ? "{ }" : "{ " + joined(type.fields, ", ", field_text) + " }" : print(type.name);
  for (int i = 0; i < type.lists; ++i) out += "[]";
  if (type.optional) out += "?";
  if (type.nocase) out += " nocase";
  return out;
}

}  // namespace

std::string padded_word(std::string_view word) { return fmt::format("{:<6} ", word); }

std::string step_head_text(const ast::Step& step) {
  const std::string_view word = own_word(step);
  return (word.empty() ? "" : padded_word(word)) + body_head_text(step);
}

std::string emit_head_text(const ast::Clause& clause) { return emit_words(clause) + print(as<ast::Emit>(clause).stream) + "("; }

std::string emit_field_text(const ast::EmitField& field) { return (field.name ? print(*field.name) + " = " : "") + print(field.value); }

std::string step_tail_text(const ast::Step& step) {
  std::string out;
  if (step.last) out += " last " + print(*step.last);
  if (step.where) out += " where " + print(*step.where);
  if (step.until) out += " until " + print(*step.until);
  if (step.gap) out += " gap " + print(*step.gap);
  if (step.silence) out += " for " + print(step.silence->duration) + anchor_text(step.silence->anchor);
  for (const ast::TimeLimit& limit : step.limits) {
    out += (limit.at_most ? " at most " : " at least ") + print(limit.duration) + anchor_text(limit.anchor);
  }
  return out;
}

std::string step_text(const ast::Step& step) {
  const std::string_view word = own_word(step);
  return (word.empty() ? "" : std::string(word) + " ") + body_text(step) + excepts_text(step);
}

std::string step_line_text(const ast::Step& step) {
  const std::string_view word = own_word(step);
  return (word.empty() ? "" : padded_word(word)) + body_text(step);
}

std::string clause_text(const ast::Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kSeverity: return padded_word("severity") + print(as<ast::Expr>(clause));
    case ClauseKind::kScore: return padded_word("score") + print(as<ast::Expr>(clause));
    case ClauseKind::kWhen: return padded_word("when") + print(as<ast::Expr>(clause));
    case ClauseKind::kExcept: return padded_word("except") + print(as<ast::Expr>(clause));
    case ClauseKind::kTags: return padded_word("tags") + joined(as<ast::Tags>(clause).names, ", ", tag_text);
    case ClauseKind::kMeta: return padded_word("meta") + print(as<ast::Meta>(clause).name) + " = " + print(as<ast::Meta>(clause).value);
    case ClauseKind::kDisabled: return "disabled";
    case ClauseKind::kKey: return padded_word("key") + joined(as<ast::Key>(clause), ", ", key_part_text);
    case ClauseKind::kWithin: return padded_word("within") + within_text(as<ast::Within>(clause));
    case ClauseKind::kCancel:
    case ClauseKind::kStep:
    case ClauseKind::kNo:
    case ClauseKind::kOver: return step_line_text(as<ast::Step>(clause));
    case ClauseKind::kWindow: return padded_word("window") + window_text(as<ast::Window>(clause));
    case ClauseKind::kTrigger: return padded_word("trigger") + joined(as<ast::Triggers>(clause), ", ", trigger_text);
    case ClauseKind::kMessage: return padded_word("message") + print(as<ast::Message>(clause).text);
    case ClauseKind::kEmit:
    case ClauseKind::kOnTimeout:
    case ClauseKind::kOnBreak:
    case ClauseKind::kOnClear: return emit_text(clause);
    case ClauseKind::kOnMatch: return "on match " + on_match_text(as<ast::OnMatch>(clause));
    case ClauseKind::kLimit: return padded_word("limit") + limit_text(as<ast::Limit>(clause));
  }
  return "";
}

std::string field_text(const ast::Field& field) {
  return path_text(field.path) + ": " + type_text(field.type) + (field.source ? " from " + print(*field.source) : "");
}

std::string stream_option_text(const ast::StreamOption& option) {
  switch (option.kind) {
    case ast::StreamOptionKind::kTime: {
      std::string out = "time " + path_text(option.path);
      if (option.unit) out += " " + print(*option.unit);
      if (option.format) out += " format " + print(*option.format);
      if (option.year) out += " year " + print(*option.year);
      if (option.zone) out += " zone " + print(*option.zone);
      return out;
    }
    case ast::StreamOptionKind::kLateness:
      return "lateness " + print(*option.value) + (option.bound ? " up to " + print(*option.bound) : "");
    case ast::StreamOptionKind::kFuture: return "future " + print(*option.value);
    case ast::StreamOptionKind::kLateDrop: return "late drop";
    case ast::StreamOptionKind::kLateTo: return "late to " + print(*option.name);
    case ast::StreamOptionKind::kLateRevise: return option.value ? "late revise keep " + print(*option.value) : "late revise";
    case ast::StreamOptionKind::kWatermark: return "watermark " + path_text(option.path);
    case ast::StreamOptionKind::kClockProcessing: return "clock processing";
    case ast::StreamOptionKind::kWhen: return "when " + print(*option.value);
    case ast::StreamOptionKind::kLine: return "line " + print(*option.value);
  }
  return "";
}

std::string tick_text(const ast::Tick& tick) {
  std::string out = "daily " + print(tick.at);
  if (tick.from) out += " on " + print(*tick.from);
  if (tick.to) out += ".." + print(*tick.to);
  return tick.zone ? out + " zone " + print(*tick.zone) : out;
}

std::string test_event_text(const ast::TestEvent& event, std::size_t offset_width) {
  std::string out = fmt::format("{:<{}}{}{}", print(event.at), offset_width, print(event.stream), values_text(event.values));
  if (event.repeat) out += fmt::format(" {{{} every {}}}", print(*event.repeat), print(*event.every));
  return event.arrives ? out + " arrives " + print(*event.arrives) : out;
}

std::string expectation_text(const ast::Expectation& expectation) {
  if (expectation.none) return "expect none";
  std::string out = "expect ";
  if (expectation.kind) out += print(*expectation.kind) + " ";
  out += print(expectation.stream);
  if (expectation.at) out += " at " + print(*expectation.at);
  return out + values_text(expectation.values);
}

}  // namespace sequitur::dsl
