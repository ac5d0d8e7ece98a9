// The syntax tree as text: the one canonical layout of rule files, and a listing of the tree for tests.
//
// parse(print(x)) == x for every tree that parse made without errors, and print is its own fixed point. Comments stay:
// those of a line of their own before what they stood before, those behind a line behind it; one inside a line moves
// before it.
#pragma once

#include <string>

#include "dsl/ast.hpp"

namespace sequitur::dsl {

std::string print(const ast::File& file);
std::string print(const ast::Expr& expr);
std::string print(const ast::Name& name);

// One node a line, expressions in prefix form, with places in bytes.
std::string dump(const ast::File& file);

}  // namespace sequitur::dsl
