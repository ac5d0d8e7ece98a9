// The order of checking: what is declared, then every rule, each behind those whose alerts it sees, then the tests.
#include "dsl/check.hpp"

#include "dsl/check_derived.hpp"
#include "dsl/check_expression.hpp"
#include "dsl/check_join_stream.hpp"
#include "dsl/check_reuse.hpp"
#include "dsl/check_rule.hpp"
#include "dsl/check_tests.hpp"
#include "dsl/check_watch.hpp"

namespace sequitur::dsl {
Checked check(std::span<const ast::File> written, const CheckInput& input) {
  Reporter reporter;
  World world;
  world.incomplete = input.incomplete;
  declare(written, input, world, reporter);
  check_joined_tables(world, reporter);
  const auto or_before = [](const std::vector<ast::File>& made, std::span<const ast::File> before) {
    return made.empty() ? before : std::span<const ast::File>(made);
  };
  const std::vector<ast::File> with_streams = with_join_streams(written, world, reporter);
  const std::span<const ast::File> joined = or_before(with_streams, written);
  const std::vector<ast::File> spelled_out = with_watches(joined, world, reporter);
  const std::span<const ast::File> files = or_before(spelled_out, joined);

  ExpressionChecker expressions(world, reporter);
  check_params(input, expressions);
  expressions.check_lets();
  DerivedStreams derived(files, world, reporter);
  for (const auto& [name, filter] : world.filters)
    if (!derived.is_derived(name)) expressions.resolve_filter(name);

  Checked result;
  Emitted emitted;
  std::vector<TuneItem> tunes = tunes_of(files);
  result.files.rules.resize(derived.rules());
  while (const auto next = derived.next()) {
    Rule& rule = result.files.rules[next->index];
    const auto& ast = std::get<ast::Rule>(next->item->body);
    const std::optional<ast::Rule> changed = tuned(ast, tunes, reporter);
    rule = check_rule(changed ? *changed : ast, next->item->damaged, expressions, emitted);
    rule.span = next->item->span;
    rule.info.index = static_cast<std::uint32_t>(next->index);
    rule.generation = next->generation;
    derived.checked(next->index, emitted);
  }
  for (const auto& [name, filter] : world.filters) expressions.resolve_filter(name);
  derived.finish(result.files.rules);
  check_unused(tunes, files, world, reporter);
  for (const ast::File& file : files) {
    for (const ast::Item& item : file.items) {
      const auto* ast = std::get_if<ast::Test>(&item.body);
      if (ast != nullptr) result.files.tests.push_back(check_test(*ast, item.span, item.damaged, world, emitted, reporter));
    }
  }
  result.files.tables = std::move(world.tables);
  result.files.schemas = std::move(world.schemas);
  result.files.schedules = std::move(world.schedules);
  result.files.file_lists = std::move(world.file_lists);
  result.diagnostics = reporter.take();
  return result;
}

}  // namespace sequitur::dsl
