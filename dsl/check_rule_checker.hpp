// The working state of checking one rule. Private to check_rule.cpp, check_steps.cpp, check_key.cpp and check_emit.cpp.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "dsl/check_rule.hpp"
#include "dsl/checked_block.hpp"

namespace sequitur::dsl {

class RuleChecker {
 public:
  RuleChecker(const ast::Rule& ast, bool damaged, ExpressionChecker& expressions, Emitted& emitted)
      : ast_(ast),
        damaged_(damaged),
        expressions_(expressions),
        world_(expressions.world()),
        reporter_(expressions.reporter()),
        emitted_(emitted) {}

  Rule check();

 private:
  // Where a line with `no` stands: before stage `gap` (stages.size(): behind the last; -1: before the first, looking back).
  struct NoLine {
    const ast::Step* ast = nullptr;
    Span span;
    int gap = -1;
  };
  struct StepLine {
    const ast::Step* ast = nullptr;
    Span word;
  };
  // Streams of one line with the conditions that its named filters bring.
  struct Streams {
    std::vector<StreamId> ids;     // As written, without doubles.
    std::vector<ExprPtr> filters;  // Parallel; null pointer: none.
    bool poisoned = false;
  };

  // check_rule.cpp: the clauses
  void collect_clauses();
  void collect_step(const ast::Clause& clause);
  void collect_no(const ast::Clause& clause);
  void check_metadata(const ast::Clause& clause);
  void check_severity(const ast::Expr& expr);
  void check_score(const ast::Expr& expr);
  bool gives_levels(const Expr& expr);
  void check_meta(const ast::Meta& meta);
  void check_on_match(const ast::OnMatch& on_match, Span span);
  std::string suggest_step(std::string_view name);
  std::optional<Duration> positive(const ast::Expr& expr, std::string_view what);

  // check_blocks.cpp
  int add_node(BlockNode::Kind kind, int parent);
  const BlockNode& node(int index) const { return nodes_[static_cast<std::size_t>(index)]; }
  void collect_body(const ast::Step& step, Span word, int parent);
  void collect_branch(const ast::Branch& branch, int sequence);
  void collect_line(const ast::Step& line, int all);
  void view_blocks();
  void check_blocks();
  void check_block(int index, const ast::Step& step);
  void check_first(const BlockNode& part, Span span);
  std::vector<Filter> until_of_lines(std::span<const int> stages, const ExprPtr& condition) const;
  void split_sibling_conditions(int stage);
  bool ends_by_itself(const BlockNode& part) const;

  // check_guard_blocks.cpp: blocks behind `no`. Each is checked like a rule whose first steps are those in front of the gap.
  RuleChecker(RuleChecker& outer, const NoLine& line);
  void open_guard_blocks();
  void refuse_in_guard_block(const ast::Step& step, bool whole);
  Guard block_guard(const NoLine& line);
  Rule check_as_guard();
  void add_streams_of(const RuleChecker& block, std::vector<StreamId>& to) const;

  // check_hold.cpp
  bool is_hold(int stage) const { return steps_[static_cast<std::size_t>(stage)].ast->form == ast::StepForm::kHold; }
  void check_hold(int stage, BlockNode& leaf);
  void check_hold_modes(const ast::Step& step, int node_index);
  void check_clear();

  // check_steps.cpp: steps, gaps, and how they go together
  void view_steps();
  void check_opening();
  void check_steps();
  void check_step(std::size_t index);
  void check_count(const ast::Step& step, Stage& stage);
  std::string stage_name(const ast::Step& step) const;
  void check_loop_modes(const ast::Step& step, const Stage& stage);
  void check_limits(const ast::Step& step, Stage& stage, int index);
  void check_limit_pairs(const Stage& stage, std::span<const Span> spans);
  void check_no_lines();
  void check_look_back(const NoLine& line);
  void check_gap_line(const NoLine& line);
  void check_cancels();
  void check_hiding();
  void check_ending();
  void check_within();
  void check_silences_within();
  // Whether the step may be counted from in front of stage `before`.
  std::optional<int> anchor(const ast::Anchor& anchor, int before, int self);
  Streams resolve_streams(const std::vector<ast::Name>& names);
  Filter make_filter(const ast::Step& step, const Streams& streams, const Scope& scope);
  std::optional<Typed> filters_of(const Streams& streams, Span span);
  Guard make_guard(const ast::Step& step, const Streams& streams, const Scope& scope);
  void name_guard(const ast::Step& step, const Guard& guard);
  Gap& gap_of(int index);
  Scope scope_at(int stage, bool own, const Streams& streams);  // Of the stage's own conditions, or of the gap before it.
  std::vector<StreamId> previous_streams(int stage, bool own) const;
  void collect_streams();

  // check_key.cpp
  struct KeyLine {
    const ast::Step* ast = nullptr;
    const Streams* streams = nullptr;
  };
  struct LineKey {  // A part of the key in a line's events of one stream.
    std::string words;
    ExprPtr expr;
  };
  using LineKeys = std::unordered_map<const ast::Step*, std::unordered_map<StreamId, LineKey>>;
  std::vector<KeyLine> key_lines() const;
  void make_key_ways();
  void check_key(const ast::Key& key);
  void check_list_keys(const ast::Key& key);
  void check_watched_key(const ast::Key& key);
  KeyPart check_key_part(const ast::KeyPart& part);
  void key_by_field(const ast::KeyPart& part, KeyPart& result);
  void key_by_stream(const ast::KeyPart& part, KeyPart& result);
  void key_by_expression(const ast::KeyPart& part, KeyPart& result);
  bool add_key_value(StreamId stream, const Typed& value, Span span, KeyPart& result);
  bool names_stream_or_step(const ast::Expr& path) const;

  // check_window.cpp: rules with a window instead of steps
  bool collect_window_clause(const ast::Clause& clause);
  bool has_window() const { return window_ != nullptr || !overs_.empty() || !triggers_.empty() || when_ != nullptr; }
  void refuse_steps();
  void check_window_rule();
  void check_over(std::size_t index);
  void check_window_shape(Window& window);
  void check_window_zone(const ast::Expr& zone, Window& window);
  void check_triggers(Window& window);

  // check_past.cpp: the key's past in conditions
  void collect_past_streams();

  // check_emit.cpp
  void check_reports();
  Emit check_emit(const ast::Emit& emit, const Scope& scope);
  void note_emitted(const Emit& emit, const ast::Emit& ast, std::span<const Typed> values);
  void compare_with_declaration(const std::string& stream, const std::string& name, const Typed& value, Span span);
  NumberFormat check_format(const ast::Name& format, const Typed& value);
  void check_count_rule();
  void check_shared(const Expr& expr);
  void check_message(const ast::Message& message, const Scope& scope);
  void check_rule_limit(const ast::Limit& limit, Span span, const Scope& scope);

  const ast::Rule& ast_;
  bool damaged_;
  ExpressionChecker& expressions_;
  World& world_;
  Reporter& reporter_;
  Emitted& emitted_;

  Rule rule_;
  RuleView view_;
  std::vector<StepLine> steps_;  // Parallel to rule_.stages.
  std::vector<StepLine> lines_;  // The steps and blocks of the rule itself.
  std::vector<BlockNode> nodes_;
  std::vector<int> node_of_;                                   // Parallel to steps_.
  std::vector<std::pair<int, const ast::Step*>> block_steps_;  // What the nodes of blocks were written as.
  bool has_blocks_ = false;
  RuleChecker* outer_ = nullptr;                            // Of a block behind `no`: the checker of its rule, where
  int first_stage_ = 0;                                     // the block's own steps begin behind those of the rule.
  std::vector<std::unique_ptr<RuleChecker>> guard_blocks_;  // Parallel to no_lines_; a null pointer: no block, or refused.
  std::vector<int> siblings_;                               // What a scope's `siblings` refers to.
  std::vector<NoLine> no_lines_;
  std::vector<const ast::Step*> cancels_;
  const ast::Key* key_ = nullptr;
  Span key_span_;
  const ast::Emit* emit_ = nullptr;
  const ast::Emit* on_timeout_ = nullptr;
  const ast::Emit* on_break_ = nullptr;
  Span on_timeout_span_, on_break_span_;
  const ast::Window* window_ = nullptr;
  std::vector<StepLine> overs_;
  std::vector<std::pair<const ast::Trigger*, Span>> triggers_;
  const ast::Expr* when_ = nullptr;
  const ast::Emit* on_clear_ = nullptr;
  Span window_span_, when_span_, on_clear_span_;
  const ast::Message* message_ = nullptr;
  const ast::Expr* severity_ = nullptr;
  const ast::Expr* score_ = nullptr;
  const ast::OnMatch* on_match_ = nullptr;
  Span on_match_span_;
  std::vector<std::pair<const ast::Limit*, Span>> limits_;
  bool too_many_steps_ = false;
  bool has_within_ = false;
  Span within_span_;
  int next_guard_id_ = 0;
  std::vector<StreamId> keyed_streams_;  // Of rule_.streams; not those of ticks.
  LineKeys by_line_;                     // Of the part being checked, if it names lines.
  std::vector<LineKeys> parts_by_line_;  // Parallel to rule_.key.
  std::unordered_map<const ast::Step*, int> way_of_line_;
  // Parallel to steps_, no_lines_ and cancels_.
  std::vector<Streams> step_streams_, no_streams_, cancel_streams_;
  std::vector<StreamId> previous_;  // What a scope's `previous` refers to.
};

}  // namespace sequitur::dsl
