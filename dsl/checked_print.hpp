// Checked rules as text, for golden files and for people who wonder what the checker made of a rule. One line a fact;
// expressions with all their brackets, conversions and resolved names:
//
//     where (.amount < 5.0) and .declined
//
// .field is the candidate's, step.field of an event taken, step[1].field of its first, ~ folds case.
#pragma once

#include <string>

#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

// `rule` gives the names of steps and key parts; a null pointer prints their numbers.
std::string print(const Expr& expr, const std::vector<StreamSchema>& schemas, const Rule* rule);
std::string print(const Rule& rule, const std::vector<StreamSchema>& schemas);
// A block behind `no`, in one line: `all { a: A  b: B where .. }`.
std::string print_block(const Rule& block, const std::vector<StreamSchema>& schemas);
std::string print(const StreamSchema& schema);
std::string print(const Test& test, const std::vector<StreamSchema>& schemas);
std::string print(const CheckedFiles& files);

}  // namespace sequitur::dsl
