#include "dsl/print.hpp"

#include <algorithm>
#include <utility>

#include "dsl/print_layout.hpp"

namespace sequitur::dsl {

namespace {

constexpr std::uint32_t kEndOfFile = 0xFFFF'FFFF;

std::string quoted_title(const std::optional<ast::Expr>& title) { return title ? " " + print(*title) : ""; }
std::string expr_text(const ast::Expr& expr) { return print(expr); }

std::string filter_head(const ast::Stream& stream) { return "stream " + print(stream.name) + " = " + print(*stream.base); }

std::string stream_head(const ast::Stream& stream) {
  std::string out = "stream " + print(stream.name);
  for (const ast::StreamOption& option : stream.options) out += " " + stream_option_text(option);
  return out;
}

std::string let_head(const ast::Let& let) {
  std::string out = "let " + print(let.name);
  if (let.function) out += "(" + joined(let.params, ", ", name_text) + ")";
  return out + (let.file ? " = file " : " = ");
}

std::string table_head(const ast::Table& table) {
  std::string out = "table " + print(table.name);
  for (const ast::StreamOption& option : table.options) out += " " + stream_option_text(option);
  if (table.file) out += " from file " + print(*table.file);
  if (table.debezium) out += " from debezium";
  if (table.rows) out += " rows " + print(*table.rows);
  return out + (table.ttl ? " ttl " + print(*table.ttl) : "");
}

std::string table_key_text(const ast::Table& table) { return table.key.empty() ? "" : "key " + joined(table.key, ", ", expr_text); }

std::string braces(const std::string& head, const std::string& inner) {
  return inner.empty() ? head + " { }" : head + " { " + inner + " }";
}

// The item on one line, for the kinds that may have that layout; else empty.
std::string one_line_text(const ast::Item& item) {
  if (const auto* let = std::get_if<ast::Let>(&item.body)) return let_head(*let) + print(let->value);
  if (const auto* param = std::get_if<ast::Param>(&item.body)) return "param " + print(param->name) + " = " + print(param->value);
  if (const auto* import = std::get_if<ast::Import>(&item.body)) return "import " + print(import->path);
  if (const auto* stream = std::get_if<ast::Stream>(&item.body)) {
    if (stream->base) return stream->excepts.empty() ? filter_head(*stream) + (stream->where ? " where " + print(*stream->where) : "") : "";
    return braces(stream_head(*stream), joined(stream->fields, ", ", field_text));
  }
  if (const auto* schedule = std::get_if<ast::Schedule>(&item.body)) {
    return schedule->ticks.size() == 1 ? braces("schedule " + print(schedule->name), tick_text(schedule->ticks[0])) : "";
  }
  if (const auto* table = std::get_if<ast::Table>(&item.body)) {
    const std::string head = table_head(*table);
    if (table->left)
      return head + " = " + print(*table->left) + (table->outer ? " left join " : " join ") + print(*table->right) + " on " +
             print(*table->on);
    const std::string fields = joined(table->fields, ", ", field_text), key = table_key_text(*table);
    return braces(head, fields + (fields.empty() || key.empty() ? "" : "  ") + key);
  }
  return "";
}

bool is_logic(const ast::Expr& expr) { return !expr.bracketed && (expr.kind == ast::ExprKind::kAnd || expr.kind == ast::ExprKind::kOr); }

// There is no other layout for it, however long it is.
bool always_one_line(const ast::Item& item) {
  const auto* let = std::get_if<ast::Let>(&item.body);
  const auto* table = std::get_if<ast::Table>(&item.body);
  const bool plain_let = let && (let->value.kind != ast::ExprKind::kList || let->value.bracketed) && !is_logic(let->value);
  return plain_let || std::holds_alternative<ast::Param>(item.body) || std::holds_alternative<ast::Import>(item.body) ||
         (table && table->left);
}

class FilePrinter {
 public:
  explicit FilePrinter(const ast::File& file) : file_(file), out_(file.comments) {}

  std::string print_all() {
    bool last_on_one_line = false;
    for (std::size_t i = 0; i < file_.items.size(); ++i) {
      const ast::Item& item = file_.items[i];
      std::string line = line_if_fits(item);
      const bool together =
          i > 0 && !line.empty() && last_on_one_line && !item.blank_before && item.body.index() == file_.items[i - 1].body.index();
      if (!together) out_.blank_line();
      last_on_one_line = !line.empty();
      out_.comments_before(line.empty() ? item.span.begin : item.span.end, true);
      if (line.empty()) {
        lines(item);
      } else {
        out_.line(line);
      }
      out_.comment_behind(item.span.end, begin_of_next(file_.items, i + 1, kEndOfFile));
    }
    if (out_.comment_between(file_.items.empty() ? 0 : file_.items.back().span.end, kEndOfFile)) out_.blank_line();
    out_.comments_before(kEndOfFile, true);
    std::string text = out_.take();
    while (text.ends_with("\n\n")) text.pop_back();
    return text;
  }

 private:
  std::string line_if_fits(const ast::Item& item) const {
    std::string line = one_line_text(item);
    if (always_one_line(item)) return line;
    const bool comments_inside = out_.comment_between(inside(item), item.span.end);
    return comments_inside || printed_width(line) > kMaxPrintedColumns ? "" : line;
  }

  // Comments behind here stand inside the braces; those before it move before the item.
  static std::uint32_t inside(const ast::Item& item) {
    if (const auto* let = std::get_if<ast::Let>(&item.body)) return let->value.span.begin;
    const auto* stream = std::get_if<ast::Stream>(&item.body);
    if (stream && stream->base) return stream->base->span.end;
    return item.head.end == item.span.end ? item.span.begin : item.head.end;
  }

  void lines(const ast::Item& item) {
    if (const auto* rule = std::get_if<ast::Rule>(&item.body)) {
      open(item, "rule " + print(rule->name) + quoted_title(rule->title), rule->clauses);
      clauses(rule->clauses, item.span.end);
      close(item.span.end);
    } else if (const auto* tune = std::get_if<ast::Tune>(&item.body)) {
      open(item, "tune " + print(tune->rule), tune->clauses);
      clauses(tune->clauses, item.span.end);
      close(item.span.end);
    } else if (const auto* test = std::get_if<ast::Test>(&item.body)) {
      open(item, "test " + print(test->title), test->lines);
      test_lines(*test, item.span.end);
      close(item.span.end);
    } else if (const auto* stream = std::get_if<ast::Stream>(&item.body)) {
      stream_lines(item, *stream);
    } else if (const auto* let = std::get_if<ast::Let>(&item.body)) {
      let_lines(*let);
    } else if (const auto* table = std::get_if<ast::Table>(&item.body)) {
      out_.line(table_head(*table) + " {");
      out_.indent(1);
      fields(table->fields, item.span.end);
      if (!table->key.empty()) out_.line(table_key_text(*table));
      close(item.span.end);
    } else if (const auto* schedule = std::get_if<ast::Schedule>(&item.body)) {
      schedule_lines(*schedule, item.span.end);
    }
  }

  template <typename Nodes>
  static std::uint32_t begin_of_next(const Nodes& nodes, std::size_t i, std::uint32_t end) {
    return i < nodes.size() ? nodes[i].span.begin : end;
  }

  template <typename Nodes>
  void open(const ast::Item& item, const std::string& head, const Nodes& nodes) {
    out_.comments_before(item.head.end, true);
    out_.line(head + " {");
    out_.comment_behind(item.head.end, begin_of_next(nodes, 0, item.span.end));
    out_.indent(1);
  }

  void close(std::uint32_t end, const std::string& behind = "") {
    if (end > 0) out_.comments_before(end - 1);
    out_.indent(-1);
    out_.line("}" + behind);
  }

  // ---- Rules -----------------------------------------------------------------------------------------------------------

  void clauses(const std::vector<ast::Clause>& all, std::uint32_t end) {
    for (std::size_t i = 0; i < all.size(); ++i) {
      const ast::Clause& clause = all[i];
      const std::uint32_t next = begin_of_next(all, i + 1, end);
      if (const auto* step = std::get_if<ast::Step>(&clause.body)) {
        step_lines(*step, clause.span, next);
      } else {
        out_.layout(clause_layout(clause), clause.span, next);
      }
    }
  }

  void step_lines(const ast::Step& step, const Span& span, std::uint32_t next) {
    const Layout layout = step_layout(step);
    if (step.branches.empty() || (out_.fits(layout.line) && !out_.comment_between(span.begin, span.end))) {
      out_.layout(layout, span, next);
      return;
    }
    block_lines(step);
    for (const Part& except : layout.excepts) out_.line(except.text);
    out_.comment_behind(span.end, next);
  }

  void block_lines(const ast::Step& step) {
    out_.comments_before(step.branches[0].span.begin);
    out_.line(step_head_text(step) + " {");
    for (const ast::Branch& branch : step.branches) {
      out_.comment_behind(branch.span.begin, begin_of_next(branch.steps, 0, branch.span.end));
      out_.indent(1);
      for (std::size_t i = 0; i < branch.steps.size(); ++i) {
        const ast::Step& inner = branch.steps[i];
        step_lines(inner, inner.span, begin_of_next(branch.steps, i + 1, branch.span.end));
      }
      const bool last = &branch == &step.branches.back();
      close(branch.span.end, last ? step_tail_text(step) : " or {");
    }
  }

  // ---- Declarations ----------------------------------------------------------------------------------------------------

  void stream_lines(const ast::Item& item, const ast::Stream& stream) {
    if (stream.base) {
      out_.comments_before(item.span.begin, true);
      Layout layout{filter_head(stream) + (stream.where ? " where " + print(*stream.where) : ""), {}, {}};
      layout.parts.push_back({filter_head(stream), item.span.begin, stream.base->span.end});
      if (stream.where) add_condition(layout.parts, 2, "where", *stream.where);
      add_excepts(layout.excepts, 2, stream.excepts);
      out_.layout(layout, item.span, item.span.end);
      return;
    }
    open(item, stream_head(stream), stream.fields);
    fields(stream.fields, item.span.end);
    close(item.span.end);
  }

  void fields(const std::vector<ast::Field>& all, std::uint32_t end) {
    for (std::size_t i = 0; i < all.size(); ++i) field_lines(all[i], begin_of_next(all, i + 1, end));
  }

  void field_lines(const ast::Field& field, std::uint32_t next) {
    const std::string text = field_text(field);
    const bool fits = out_.fits(text) && !out_.comment_between(field.span.begin, field.span.end);
    if (fits || !field.type.record || field.type.fields.empty()) {
      out_.comments_before(field.span.end);
      out_.line(text);
    } else {
      ast::Field shell = field;
      shell.type.fields.clear();
      std::string head = field_text(shell);  // `a.b: { }? from "c"`
      const std::size_t brace = head.find(": { }") + 3;
      out_.comments_before(field.type.span.begin);
      out_.line(head.substr(0, brace));
      out_.indent(1);
      fields(field.type.fields, field.span.end);
      close(field.span.end, head.substr(brace + 2));
    }
    out_.comment_behind(field.span.end, next);
  }

  void let_lines(const ast::Let& let) {
    if (let.value.kind == ast::ExprKind::kList) return list_lines(let);
    out_.comments_before(let.value.span.begin, true);
    std::string head = let_head(let);
    head.pop_back();
    out_.line(head);
    Parts parts;
    add_condition(parts, 2, "   ", let.value);
    out_.layout({"", parts, {}}, let.value.span, let.value.span.end);
  }

  void list_lines(const ast::Let& let) {
    const std::vector<ast::Expr>& values = let.value.args;
    out_.comments_before(let.value.span.begin, true);
    out_.line(let_head(let) + "[");
    out_.comment_behind(let.value.span.begin, begin_of_next(values, 0, let.value.span.end));
    out_.indent(1);
    for (std::size_t i = 0; i < values.size(); ++i) {
      out_.comments_before(values[i].span.end);
      out_.line(print(values[i]) + ",");
      out_.comment_behind(values[i].span.end, begin_of_next(values, i + 1, let.value.span.end));
    }
    out_.comments_before(let.value.span.end);
    out_.indent(-1);
    out_.line("]");
  }

  void schedule_lines(const ast::Schedule& schedule, std::uint32_t end) {
    out_.line("schedule " + print(schedule.name) + " {");
    out_.indent(1);
    for (std::size_t i = 0; i < schedule.ticks.size(); ++i) {
      out_.comments_before(schedule.ticks[i].span.end);
      out_.line(tick_text(schedule.ticks[i]));
      out_.comment_behind(schedule.ticks[i].span.end, begin_of_next(schedule.ticks, i + 1, end));
    }
    close(end);
  }

  // ---- Tests -----------------------------------------------------------------------------------------------------------

  void test_lines(const ast::Test& test, std::uint32_t end) {
    std::size_t width = 3;
    for (const ast::TestLine& line : test.lines) {
      if (const auto* event = std::get_if<ast::TestEvent>(&line.body)) width = std::max(width, printed_width(print(event->at)));
    }
    for (std::size_t i = 0; i < test.lines.size(); ++i) {
      const ast::TestLine& line = test.lines[i];
      const auto* event = std::get_if<ast::TestEvent>(&line.body);
      out_.comments_before(line.span.end);
      out_.line(event ? test_event_text(*event, width + 2) : expectation_text(std::get<ast::Expectation>(line.body)));
      out_.comment_behind(line.span.end, begin_of_next(test.lines, i + 1, end));
    }
  }

  const ast::File& file_;
  Writer out_;
};

}  // namespace

std::string print(const ast::File& file) { return FilePrinter(file).print_all(); }

}  // namespace sequitur::dsl
