// The tree as a listing, for golden files: one node a line, expressions in prefix form.
#include <fmt/format.h>

#include "dsl/print.hpp"
#include "dsl/print_layout.hpp"

namespace sequitur::dsl {

namespace {

using ast::Expr;
using ast::ExprKind;

std::string_view kind_name(ExprKind kind) {
  switch (kind) {
    case ExprKind::kNumber: return "number";
    case ExprKind::kDuration: return "duration";
    case ExprKind::kText: return "text";
    case ExprKind::kRegex: return "regex";
    case ExprKind::kTimeOfDay: return "time-of-day";
    case ExprKind::kBool: return "bool";
    case ExprKind::kNull: return "null";
    case ExprKind::kPath: return "path";
    case ExprKind::kList: return "list";
    case ExprKind::kRange: return "range";
    case ExprKind::kCall: return "call";
    case ExprKind::kDistinct: return "distinct";
    case ExprKind::kWhere: return "where";
    case ExprKind::kOver: return "over";
    case ExprKind::kNot: return "not";
    case ExprKind::kAnd: return "and";
    case ExprKind::kOr: return "or";
    case ExprKind::kExists: return "exists";
    case ExprKind::kSome: return "some";
    case ExprKind::kEvery: return "every";
    case ExprKind::kEqual: return "==";
    case ExprKind::kNotEqual: return "!=";
    case ExprKind::kLess: return "<";
    case ExprKind::kLessEqual: return "<=";
    case ExprKind::kGreater: return ">";
    case ExprKind::kGreaterEqual: return ">=";
    case ExprKind::kIn: return "in";
    case ExprKind::kContains: return "contains";
    case ExprKind::kStartsWith: return "starts-with";
    case ExprKind::kEndsWith: return "ends-with";
    case ExprKind::kLike: return "like";
    case ExprKind::kMatches: return "matches";
    case ExprKind::kNegate: return "negate";
    case ExprKind::kAdd: return "+";
    case ExprKind::kSubtract: return "-";
    case ExprKind::kMultiply: return "*";
    case ExprKind::kDivide: return "/";
    case ExprKind::kModulo: return "%";
    case ExprKind::kCoalesce: return "??";
  }
  return "";
}

std::string name_of(const ast::Name& name) { return any_name_text(name); }

std::string prefix(const Expr& expr);

std::string path_text(const Expr& expr) {
  return joined(expr.path, ".", [](const ast::PathPart& part) {
    return name_of(part.name) + (part.index.empty() ? "" : "[" + joined(part.index, " ", prefix) + "]");
  });
}

std::string prefix(const Expr& expr) {
  switch (expr.kind) {
    case ExprKind::kNumber: return expr.is_integer ? fmt::format("{}", expr.integer) : fmt::format("{}f", expr.number);
    case ExprKind::kDuration: return fmt::format("{}us", expr.integer);
    case ExprKind::kTimeOfDay: return fmt::format("(time-of-day {}us)", expr.integer);
    case ExprKind::kBool: return expr.integer != 0 ? "true" : "false";
    case ExprKind::kNull: return "null";
    case ExprKind::kText:
    case ExprKind::kRegex: return print(expr);
    case ExprKind::kPath: return path_text(expr);
    default: break;
  }
  std::string out = "(";
  if (expr.negated) out += "not-";
  out += kind_name(expr.kind);
  if (expr.quantity != ast::Quantity::kNone) out += expr.quantity == ast::Quantity::kAnyOf ? "-any" : "-all";
  if (expr.kind == ExprKind::kCall) out += " " + expr.text;
  for (const Expr& arg : expr.args) out += " " + prefix(arg);
  return out + ")";
}

// Writes one line for each node, two blanks deeper for each level.
class Dumper {
 public:
  std::string dump_all(const ast::File& file) {
    for (const ast::Item& item : file.items) dump(item);
    for (const ast::Comment& comment : file.comments) line(comment.own_line ? "comment line" : "comment behind", comment.text);
    return std::move(out_);
  }

 private:
  void line(std::string_view head, const std::string& rest = "") {
    out_.append(static_cast<std::size_t>(depth_) * 2, ' ');
    out_ += head;
    if (!rest.empty()) out_ += " " + rest;
    out_ += '\n';
  }

  struct Deeper {
    explicit Deeper(Dumper& d) : dumper(d) { ++dumper.depth_; }
    ~Deeper() { --dumper.depth_; }
    Dumper& dumper;
  };

  static std::string place(const Span& span) { return fmt::format("@{}..{}", span.begin, span.end); }

  void part(std::string_view head, const std::optional<Expr>& expr) {
    if (expr) line(head, prefix(*expr));
  }

  void dump(const ast::Item& item) {
    const std::string at = place(item.span) + (item.damaged ? " damaged" : "");
    if (const auto* rule = std::get_if<ast::Rule>(&item.body)) {
      line("rule", name_of(rule->name) + " " + at);
      Deeper deeper(*this);
      part("title", rule->title);
      for (const ast::Clause& clause : rule->clauses) dump(clause);
    } else if (const auto* tune = std::get_if<ast::Tune>(&item.body)) {
      line("tune", name_of(tune->rule) + " " + at);
      Deeper deeper(*this);
      for (const ast::Clause& clause : tune->clauses) dump(clause);
    } else if (const auto* stream = std::get_if<ast::Stream>(&item.body)) {
      line("stream", name_of(stream->name) + (stream->base ? " = " + name_of(*stream->base) : "") + " " + at);
      Deeper deeper(*this);
      part("where", stream->where);
      for (const Expr& except : stream->excepts) line("except", prefix(except));
      for (const ast::StreamOption& option : stream->options) line("option", stream_option_text(option));
      for (const ast::Field& field : stream->fields) dump(field);
    } else if (const auto* let = std::get_if<ast::Let>(&item.body)) {
      line(let->function ? "function" : "let", name_of(let->name) + " " + at);
      Deeper deeper(*this);
      for (const ast::Name& name : let->params) line("parameter", name_of(name));
      line(let->file ? "file" : "value", prefix(let->value));
    } else if (const auto* test = std::get_if<ast::Test>(&item.body)) {
      line("test", prefix(test->title) + " " + at);
      Deeper deeper(*this);
      for (const ast::TestLine& test_line : test->lines) dump(test_line);
    } else {
      dump_rare(item, at);
    }
  }

  void dump_rare(const ast::Item& item, const std::string& at) {
    if (const auto* import = std::get_if<ast::Import>(&item.body)) {
      line("import", prefix(import->path) + " " + at);
    } else if (const auto* param = std::get_if<ast::Param>(&item.body)) {
      line("param", name_of(param->name) + " " + prefix(param->value) + " " + at);
    } else if (const auto* table = std::get_if<ast::Table>(&item.body)) {
      line("table", name_of(table->name) + " " + at);
      Deeper deeper(*this);
      for (const ast::StreamOption& option : table->options) line("option", stream_option_text(option));
      if (table->file) line("from", prefix(*table->file));
      if (table->debezium) line("from", "debezium");
      if (table->rows) line("rows", prefix(*table->rows));
      if (table->ttl) line("ttl", prefix(*table->ttl));
      for (const ast::Field& field : table->fields) dump(field);
      for (const Expr& key : table->key) line("key", prefix(key));
      if (table->left)
        line(table->outer ? "left_join" : "join", name_of(*table->left) + " " + name_of(*table->right) + " " + prefix(*table->on));
    } else if (const auto* schedule = std::get_if<ast::Schedule>(&item.body)) {
      line("schedule", name_of(schedule->name) + " " + at);
      Deeper deeper(*this);
      for (const ast::Tick& tick : schedule->ticks) line("tick", tick_text(tick));
    }
  }

  void dump(const ast::Field& field) {
    ast::Field shell = field;
    shell.type.fields.clear();
    line("field", field_text(shell));
    Deeper deeper(*this);
    for (const ast::Field& inner : field.type.fields) dump(inner);
  }

  void dump(const ast::TestLine& test_line) {
    if (const auto* event = std::get_if<ast::TestEvent>(&test_line.body)) {
      line("event", prefix(event->at) + " " + name_of(event->stream) + " " + place(test_line.span));
      Deeper deeper(*this);
      dump(event->values);
      if (event->repeat) line("repeat", prefix(*event->repeat) + " " + prefix(*event->every));
    } else {
      const auto& expectation = std::get<ast::Expectation>(test_line.body);
      const std::string kind = expectation.kind ? expectation.kind->text + " " : "";
      line("expect", (expectation.none ? "none" : kind + name_of(expectation.stream)) + " " + place(test_line.span));
      Deeper deeper(*this);
      part("at", expectation.at);
      dump(expectation.values);
    }
  }

  void dump(const std::vector<ast::TestValue>& values) {
    for (const ast::TestValue& value : values) line("value", joined(value.path, ".", name_of) + " " + prefix(value.value));
  }

  // ---- Clauses ---------------------------------------------------------------------------------------------------------

  void dump(const ast::Clause& clause) {
    const std::string text = clause_text(clause);
    const std::string word = text.substr(0, text.find(' '));
    if (const auto* step = std::get_if<ast::Step>(&clause.body)) return dump(*step, place(clause.span));
    if (const auto* expr = std::get_if<Expr>(&clause.body)) return line(word, prefix(*expr) + " " + place(clause.span));
    if (const auto* emit = std::get_if<ast::Emit>(&clause.body)) {
      line(text.substr(0, text.find('(')), (emit->internal ? "internal " : "") + place(clause.span));
      Deeper deeper(*this);
      for (const ast::EmitField& field : emit->fields)
        line("field", (field.name ? name_of(*field.name) + " = " : "") + prefix(field.value));
    } else if (const auto* key = std::get_if<ast::Key>(&clause.body)) {
      line("key", place(clause.span));
      Deeper deeper(*this);
      for (const ast::KeyPart& key_part : *key) {
        line("part", (key_part.name ? name_of(*key_part.name) + ": " : "") + joined(key_part.values, " = ", prefix) +
                         (key_part.table ? " from " + name_of(*key_part.table) : ""));
      }
    } else if (const auto* message = std::get_if<ast::Message>(&clause.body)) {
      line("message", place(clause.span));
      Deeper deeper(*this);
      for (const ast::MessagePart& message_part : message->parts) {
        Expr literal;
        literal.kind = ExprKind::kText;
        literal.text = message_part.text;
        line(message_part.value ? "value" : "text",
             prefix(message_part.value ? *message_part.value : literal) + (message_part.format ? " :" + message_part.format->text : ""));
      }
    } else {
      line(text, place(clause.span));
    }
  }

  void dump(const ast::Step& step, const std::string& at) {
    line("step", step_head_text(step) + " " + at);
    Deeper deeper(*this);
    part("last", step.last);
    part("where", step.where);
    for (const Expr& except : step.excepts) line("except", prefix(except));
    part("until", step.until);
    part("gap", step.gap);
    if (step.silence) line("for", prefix(step.silence->duration) + anchor(step.silence->anchor));
    for (const ast::TimeLimit& limit : step.limits)
      line(limit.at_most ? "at most" : "at least", prefix(limit.duration) + anchor(limit.anchor));
    for (const ast::Branch& branch : step.branches) {
      line("branch", place(branch.span));
      Deeper inner(*this);
      for (const ast::Step& inner_step : branch.steps) dump(inner_step, place(inner_step.span));
    }
  }

  static std::string anchor(const std::optional<ast::Anchor>& anchor) {
    if (!anchor) return "";
    return anchor->first ? " after first " + name_of(anchor->step) : " after " + name_of(anchor->step);
  }

  int depth_ = 0;
  std::string out_;
};

}  // namespace

std::string dump(const ast::File& file) { return Dumper().dump_all(file); }

}  // namespace sequitur::dsl
