// Streams that rules emit and other rules name: which rule is checked after which, what fields such a stream has, and which
// generation its events are of.
//
// A rule over an emitted stream can be checked only when all rules that emit it have been: their fields are its fields. So
// rules are checked from the events outside upwards, and what remains when nothing can go on is a circle, an error.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dsl/check_rule.hpp"

namespace sequitur::dsl {

inline constexpr std::uint32_t kMaxGenerations = 32;  // Rules over what rules over .. emit.

class DerivedStreams {
 public:
  // Gives every name after an `emit` a place among the world's streams. Their fields come later.
  DerivedStreams(std::span<const ast::File> files, World& world, Reporter& reporter);

  struct Next {
    const ast::Item* item = nullptr;
    std::size_t index = 0;  // In load order.
    std::uint32_t generation = 0;
  };
  // The rule to check next. Reports circles.
  std::optional<Next> next();
  // The rule has been checked: what it emits is in `emitted`.
  void checked(std::size_t index, const Emitted& emitted);
  // All rules have been checked: completes what they say of the streams that they emit.
  void finish(std::span<Rule> rules) const;

  std::size_t rules() const { return plans_.size(); }
  // Whether the stream, or the named filter over it, is one that rules emit.
  bool is_derived(const std::string& name) const;

 private:
  struct Plan {
    const ast::Item* item = nullptr;
    std::vector<std::string> emits;                   // Without doubles.
    std::vector<std::pair<std::string, Span>> names;  // Derived streams that it names, and where.
    std::uint32_t generation = 0;
    bool done = false;
  };
  struct Stream {
    StreamId id = 0;
    bool declared = false;
    std::vector<std::size_t> emitters;  // Rules.
    std::size_t open = 0;               // Of them, those that are not yet checked.
    std::uint32_t generation = 0;
  };

  void add_emits(const ast::Rule& rule, Plan& plan);
  void add_names(const ast::Rule& rule, Plan& plan);
  void add_name(const ast::Name& name, Plan& plan);
  void add_steps(const ast::Step& step, Plan& plan);
  void add_table(const ast::Name& name, Plan& plan);
  void add_expression(const ast::Expr& expr, Plan& plan);
  std::string root(std::string name) const;  // Of a named filter the stream below it.
  bool ready(const Plan& plan) const;
  std::size_t break_circle();
  void complete(const Stream& stream, const EmittedStream& fields);
  void agree(const std::string& name, const Stream& stream, const EmittedStream& fields);

  World& world_;
  Reporter& reporter_;
  std::vector<Plan> plans_;  // In load order.
  std::unordered_map<std::string, Stream> streams_;
  std::unordered_set<const NamedFilter*> seen_filters_;  // Being walked through.
  std::size_t first_open_ = 0;
};

}  // namespace sequitur::dsl
