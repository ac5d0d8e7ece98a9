// What lets rules be used again without editing them: `param`, `tune`; and `schedule`, which is declared beside them.
#pragma once

#include <span>
#include <vector>

#include "dsl/check_expression.hpp"

namespace sequitur::dsl {

// The values of parameters: those of the files, and over them those of `input`.
void check_params(const CheckInput& input, ExpressionChecker& expressions);

// The `tune` blocks of all files, in load order.
struct TuneItem {
  const ast::Tune* ast = nullptr;
};
std::vector<TuneItem> tunes_of(std::span<const ast::File> files);
// The rule with what the tunes of its name change; nothing if there are none.
std::optional<ast::Rule> tuned(const ast::Rule& rule, std::span<const TuneItem> tunes, Reporter& reporter);
// Tunes of rules that do not exist.
void check_unused(std::span<const TuneItem> tunes, std::span<const ast::File> files, const World& world, Reporter& reporter);

// The schema and the ticks of one `schedule`.
void declare_schedule(const ast::Schedule& schedule, World& world, Reporter& reporter);

}  // namespace sequitur::dsl
