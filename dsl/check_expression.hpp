// AST expressions to checked expressions: names are looked up, `let`s are written out, types are joined.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/ast.hpp"
#include "dsl/check_report.hpp"
#include "dsl/check_typed.hpp"
#include "dsl/check_world.hpp"

namespace sequitur::dsl {

// A step as expressions see it.
struct StepView {
  std::string name;
  bool named = false;
  std::vector<StreamId> streams;
  bool poisoned = false;  // One of its streams is unknown.
  std::uint32_t max = 1;
  bool optional = false;
  bool rounds = false;  // One event in each round of a `repeat`: its name alone is the latest.
  bool loop() const { return max > 1; }
};

struct GuardView {
  int id = 0;
  std::vector<StreamId> streams;
};

// A rule as its expressions see it.
struct RuleView {
  std::vector<StepView> steps;
  std::unordered_map<std::string, int> step_by_name;
  std::vector<KeyPart> key;
  bool key_poisoned = false;
  std::vector<std::string> absent;  // Names of steps in blocks behind `no`: nothing is known of them outside.
  std::unordered_map<std::string, GuardView> guards;
  std::vector<StreamId> break_streams;  // Of all guards, silences and cancels.
  bool window = false;                  // `steps` are the lines of a window.
};

struct ElementScope;

// What an expression may look at, depending on where it stands.
struct Scope {
  const RuleView* rule = nullptr;  // Null pointer: outside of rules.
  bool has_candidate = false;
  std::span<const StreamId> candidate;  // Streams of the event that is being looked at.
  bool candidate_poisoned = false;
  int bound = 0;                                                   // Steps before this one have taken their events.
  int own = -1;                                                    // The step whose condition this is.
  std::span<const int> siblings;                                   // In `all`: steps that may come before or behind this one.
  std::span<const StreamId> previous;                              // Streams that `prev` may be of; empty: there is no such event.
  bool report = false;                                             // emit, message, limit: key parts can be named.
  bool counts = false;                                             // emit count: `matches` can be named.
  bool breaks = false;                                             // on break: `broken_by` and guards can be named.
  bool look_back = false;                                          // Steps stand for their first event, loop or not.
  const std::unordered_map<std::string, Typed>* params = nullptr;  // Inside the body of a `let` with brackets.
  bool in_let = false;
  int aggregate_step = -1;            // Inside an aggregate over this step; the candidate is one of its events.
  bool aggregate_argument = false;    // .. and not in its `where`.
  bool key_value = false;             // A computed part of the key.
  std::vector<Past>* past = nullptr;  // Takes what is asked of the key's past; null pointer: nothing can be asked here.
  ElementScope* elements = nullptr;
};

// Inside the condition of `some` and `every`: a list's name means its element.
struct ElementScope {
  std::string owner;         // What the lists are parts of: one list of records, or the one list itself. Empty: none seen yet.
  std::vector<Typed> lists;  // As they are named.
  std::vector<std::string> names;
  bool broken = false;  // Something was reported.
};

class ExpressionChecker {
 public:
  ExpressionChecker(World& world, Reporter& reporter) : world_(world), reporter_(reporter), build_(reporter) {}

  // Poisoned when anything was wrong; then it was reported.
  Typed check(const ast::Expr& expr, const Scope& scope);
  // The same, and must be a condition. `what` begins the message: "`where`".
  Typed condition(const ast::Expr& expr, const Scope& scope, std::string_view what);
  // where and except: joined into one condition. A null pointer with ok = true: no condition at all.
  struct Joined {
    ExprPtr expr;
    bool ok = true;
  };
  Joined join(const Typed* where, std::span<const Typed> excepts, Span span);
  Joined filter_condition(const std::optional<ast::Expr>& where, const std::vector<ast::Expr>& excepts, const Scope& scope);

  // A constant outside of all rules (severity, meta, test values).
  Typed constant(const ast::Expr& expr);
  // What `matches` stands for under `emit count`, and as a bool whether that is a remainder.
  static Typed match_count(Type type, Span span);

  // The filter behind a stream's name, checked when first used. Null pointer if there is none of that name.
  NamedFilter* resolve_filter(const std::string& name);
  // Names in `let`s that nobody calls.
  void check_lets();

  TypedBuilder& builder() { return build_; }
  World& world() { return world_; }
  Reporter& reporter() { return reporter_; }

 private:
  struct Operand {  // What a name stands for, where a list or a pattern may be named.
    const ast::Expr* expr = nullptr;
    Scope scope;
    LetInfo* file = nullptr;  // The list is the lines of a file.
  };

  Typed dispatch(const ast::Expr& expr, const Scope& scope);
  Typed binary(const ast::Expr& expr, const Scope& scope);
  Typed number(const ast::Expr& expr);
  Typed logical(const ast::Expr& expr, const Scope& scope);
  Typed exists(const ast::Expr& expr, const Scope& scope);

  // check_quantified.cpp
  Typed quantified(const ast::Expr& expr, const Scope& scope);
  Typed element_of(const Typed& list, const Scope& scope);
  Typed list_element(const Typed& list, const ast::PathPart& part, const Scope& scope);
  std::string list_owner(const Expr& list) const;

  // check_lists.cpp
  Typed in(const ast::Expr& expr, const Scope& scope);
  Typed in_range(const ast::Expr& expr, const Typed& value, const Operand& range);
  Typed in_list(const ast::Expr& expr, const Typed& value, const Operand& list);
  Typed text_operator(const ast::Expr& expr, const Scope& scope);
  Typed in_networks(const ast::Expr& expr, const Typed& value, const Operand& list);
  bool check_text_pattern(const ast::Expr& item, TextOp op, const Typed* text);
  Typed negate_if(bool negated, Typed condition, Span span);
  bool names_no_value(const ast::Expr& expr, const Scope& scope);
  Operand resolve_operand(const ast::Expr& expr, const Scope& scope, bool whole_file = false);
  const ast::Expr& file_texts(LetInfo& let);
  Typed in_file(const ast::Expr& expr, const Typed& value, LetInfo& let);

  // check_builders.cpp
  struct Built {
    std::string text;
    bool fold = false;
    bool exact = false;  // Never folded, whatever the field says.
  };
  bool is_builder(const ast::Expr& expr) const;
  std::optional<std::vector<Built>> build_patterns(const ast::Expr& expr, const Scope& scope);

  // check_calls.cpp
  Typed call(const ast::Expr& expr, const Scope& scope);
  Typed let_call(const ast::Expr& expr, const Scope& scope, const std::string& name, LetInfo& let);
  Typed let_value(const ast::Expr& expr, const std::string& name, LetInfo& let);
  Typed sorted(const ast::Expr& expr, const Scope& scope);
  bool is_aggregate(const ast::Expr& expr) const;
  Typed aggregate(const ast::Expr& expr, const Scope& scope);
  struct AggregateParts {  // aggregate(distinct argument where .. over ..)
    const ast::Expr* argument = nullptr;
    const ast::Expr* where = nullptr;
    const ast::Expr* over = nullptr;
    bool distinct = false;
  };
  Typed aggregate_of_step(const ast::Expr& expr, const AggregateParts& parts, Expr node, const Scope& scope);
  Typed aggregate_of_past(const ast::Expr& expr, const AggregateParts& parts, Expr node, const Scope& scope);
  // What is aggregated is checked in `inner`; `events`: not a value, but the events themselves.
  Typed aggregate_value(const ast::Expr& expr, const ast::Expr& argument, bool events, Expr node, const Scope& inner);
  bool aggregate_rank(const ast::Expr& expr, Expr& node, const Scope& scope);
  int aggregated_step(const ast::Expr& call, const ast::Expr& argument, const Scope& scope);

  // check_paths.cpp
  Typed path(const ast::Expr& expr, const Scope& scope);
  Typed step_path(const ast::Expr& expr, const Scope& scope, int step);
  Typed candidate_path(const ast::Expr& expr, const Scope& scope);
  Typed unknown_name(const ast::Expr& expr, const Scope& scope);
  Typed unknown_in_let(const ast::Expr& expr, const Scope& scope);
  bool field_without_step(const ast::Expr& expr, const Scope& scope);
  std::vector<std::string_view> names_in(const Scope& scope) const;
  Typed field_of(Op op, std::span<const StreamId> streams, const std::string& name, Span span, std::string_view owner, Expr expr);
  Typed key_part(const ast::Expr& expr, const Scope& scope);
  Typed break_path(const ast::Expr& expr, const Scope& scope);
  Typed table_path(const ast::Expr& expr, const Scope& scope, int index);
  Typed joined_path(const ast::Expr& expr, const Scope& scope, const JoinedTable& table);
  Typed previous_path(const ast::Expr& expr, const Scope& scope);
  bool step_is_visible(const ast::Expr& expr, const Scope& scope, int step);
  std::optional<std::int64_t> pick(const ast::PathPart& part, const StepView& step, const Scope& scope);
  int find_step(const ast::Expr& path, const Scope& scope) const;
  bool candidate_has(const std::string& name, const Scope& scope) const;
  bool names_list(const std::string& name, const Scope& scope) const;

  World& world_;
  Reporter& reporter_;
  TypedBuilder build_;
  int depth_ = 0;
  int let_depth_ = 0;
  std::uint64_t let_work_ = 0;        // Nodes visited inside `let`s for the expression at hand,
  std::uint64_t let_work_total_ = 0;  // and for all.
};

// Lints (W001, W002): `!=` and `not` on a field that may be missing. `rule` names the steps; null pointer: there are none.
void lint_condition(const ExprPtr& condition, const World& world, const RuleView* rule, Reporter& reporter);

}  // namespace sequitur::dsl
