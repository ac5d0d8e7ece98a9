// The changes of a joined table as a stream: `first h: held where risk > 3`.
#pragma once

#include <span>
#include <vector>

#include "dsl/check_world.hpp"

namespace sequitur::dsl {

// The files with the rules that such streams stand for; none if nobody names one. After check_joined_tables().
std::vector<ast::File> with_join_streams(std::span<const ast::File> files, World& world, Reporter& reporter);

}  // namespace sequitur::dsl
