// The order of checking: what is declared, then every rule, then the streams that rules emit, then the tests.
#include "dsl/check.hpp"

#include "dsl/check_expression.hpp"
#include "dsl/check_rule.hpp"
#include "dsl/check_tests.hpp"

namespace sequitur::dsl {
namespace {

// Streams that exist only because rules emit them.
void add_emitted_schemas(const Emitted& emitted, std::vector<StreamSchema>& schemas) {
  for (const std::string& name : emitted.names) {
    StreamSchema schema;
    schema.id = static_cast<StreamId>(schemas.size());
    schema.name = name;
    schema.external = false;
    for (const auto& [field_name, info] : emitted.by_name.at(name).fields) {
      Field field;
      field.name = field_name;
      field.type = info.type;
      field.optional = true;
      field.nocase = info.nocase;
      field.source = field_name;
      schema.fields.push_back(std::move(field));
    }
    schemas.push_back(std::move(schema));
  }
}

}  // namespace

Checked check(std::span<const ast::File> files, const CheckInput& input) {
  Reporter reporter;
  World world;
  world.incomplete = input.incomplete;
  declare(files, input, world, reporter);

  ExpressionChecker expressions(world, reporter);
  expressions.check_lets();
  for (const auto& [name, filter] : world.filters) expressions.resolve_filter(name);

  Checked result;
  Emitted emitted;
  for (const ast::File& file : files) {
    for (const ast::Item& item : file.items) {
      const auto* ast = std::get_if<ast::Rule>(&item.body);
      if (ast == nullptr) continue;
      Rule rule = check_rule(*ast, item.damaged, expressions, emitted);
      rule.span = item.span;
      rule.info.index = static_cast<std::uint32_t>(result.files.rules.size());
      result.files.rules.push_back(std::move(rule));
    }
  }
  for (const ast::File& file : files) {
    for (const ast::Item& item : file.items) {
      const auto* ast = std::get_if<ast::Test>(&item.body);
      if (ast != nullptr) result.files.tests.push_back(check_test(*ast, item.span, item.damaged, world, emitted, reporter));
    }
  }
  add_emitted_schemas(emitted, world.schemas);
  result.files.schemas = std::move(world.schemas);
  result.diagnostics = reporter.take();
  return result;
}

}  // namespace sequitur::dsl
