// Rules over the keys of a table: `key job from jobs`.
#pragma once

#include <span>
#include <vector>

#include "dsl/check_world.hpp"

namespace sequitur::dsl {

// The files with what such rules stand for; none if there are no such rules. After declare().
std::vector<ast::File> with_watches(std::span<const ast::File> files, World& world, Reporter& reporter);

}  // namespace sequitur::dsl
