// Lints over checked conditions: `!=` and `not` on a field that may be missing do not hold when it is, which surprises.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_expression.hpp"

namespace sequitur::dsl {
namespace {

bool same_field(const Expr& a, const Expr& b) {
  return a.op == b.op && a.step == b.step && a.pick == b.pick && a.places.size() == b.places.size() &&
         std::equal(a.places.begin(), a.places.end(), b.places.begin(),
                    [](const FieldPlace& x, const FieldPlace& y) { return x.stream == y.stream && x.slot == y.slot; });
}

class Linter {
 public:
  Linter(const World& world, const RuleView* rule, Reporter& reporter) : world_(world), rule_(rule), reporter_(reporter) {}

  void visit(const Expr& expr) {
    switch (expr.op) {
      case Op::kAnd:
      case Op::kOr: return visit_alternatives(expr);
      case Op::kNotEqual:
        if (const Expr* field = doubtful_in(expr)) {
          reporter_.warning("W001", expr.span, fmt::format("`{}` may be missing, and then `!=` does not hold", name(*field)), {},
                            fmt::format("say what a missing value means: `{0} ?? ..`, or `exists {0} and ..`", name(*field)));
        }
        return;
      case Op::kNot: return visit_not(expr);
      case Op::kCoalesce: return;
      default:
        for (const ExprPtr& arg : expr.args) {
          if (arg) visit(*arg);
        }
    }
  }

 private:
  // `exists f and f != 1`, `not exists f or f != 1`: the other parts may rely on it.
  void visit_alternatives(const Expr& expr) {
    const std::size_t before = known_.size();
    for (const ExprPtr& arg : expr.args) {
      const Expr* part = arg.get();
      if (expr.op == Op::kOr) {
        if (part->op != Op::kNot) continue;
        part = part->args[0].get();
      }
      if (part->op == Op::kExists) known_.push_back(part->args[0].get());
    }
    for (const ExprPtr& arg : expr.args) visit(*arg);
    known_.resize(before);
  }

  void visit_not(const Expr& expr) {
    const Expr& inner = *expr.args[0];
    if (inner.op == Op::kExists || inner.op == Op::kStepExists || inner.op == Op::kCoalesce) return;
    if (const Expr* field = doubtful_in(inner)) {
      reporter_.warning("W002", expr.span, fmt::format("`{}` may be missing, and then `not ..` does not hold", name(*field)), {},
                        fmt::format("say what a missing value means: `{0} ?? ..`, `exists {0} and ..`, or use `except`", name(*field)));
      return;
    }
    visit(inner);
  }

  // A field below that may be missing and that nothing speaks of.
  const Expr* doubtful_in(const Expr& expr) const {
    if (expr.op == Op::kExists || expr.op == Op::kCoalesce || expr.op == Op::kIf || expr.op == Op::kAggregate) return nullptr;
    if (!expr.places.empty()) return optional(expr) && !is_known(expr) ? &expr : nullptr;
    for (const ExprPtr& arg : expr.args) {
      if (const Expr* found = arg ? doubtful_in(*arg) : nullptr) return found;
    }
    return nullptr;
  }

  bool optional(const Expr& field) const {
    return std::any_of(field.places.begin(), field.places.end(), [&](const FieldPlace& place) {
      return place.slot != kTimeSlot && world_.schemas[place.stream].fields[static_cast<std::size_t>(place.slot)].optional;
    });
  }

  bool is_known(const Expr& field) const {
    return std::any_of(known_.begin(), known_.end(), [&](const Expr* other) { return same_field(*other, field); });
  }

  std::string name(const Expr& field) const {
    const FieldPlace& place = field.places.front();
    const std::string& own = world_.schemas[place.stream].fields[static_cast<std::size_t>(place.slot)].name;
    if (field.op == Op::kPrevField) return "prev." + own;
    if (field.op != Op::kStepField || rule_ == nullptr) return own;
    return rule_->steps[static_cast<std::size_t>(field.step)].name + "." + own;
  }

  const World& world_;
  const RuleView* rule_;
  Reporter& reporter_;
  std::vector<const Expr*> known_;
};

}  // namespace

void lint_condition(const ExprPtr& condition, const World& world, const RuleView* rule, Reporter& reporter) {
  if (condition) Linter(world, rule, reporter).visit(*condition);
}

}  // namespace sequitur::dsl
