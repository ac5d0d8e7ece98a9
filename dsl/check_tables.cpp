// Tables: a stream of changes with a key, and the rows that a file gives.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_world.hpp"
#include "dsl/table_file.hpp"

namespace sequitur::dsl {
namespace {

// The names that Debezium itself gives what it says of a change when it flattens its records.
constexpr std::string_view kDeleted = "__deleted";
constexpr std::string_view kChangeTime = "__source_ts_ms";

bool says_time(const ast::Table& table) {
  return std::any_of(table.options.begin(), table.options.end(), [](const ast::StreamOption& option) {
    return option.kind == ast::StreamOptionKind::kTime || option.kind == ast::StreamOptionKind::kClockProcessing;
  });
}

// `time __source_ts_ms ms`: when the database made the change.
ast::StreamOption change_time(const ast::Table& table) {
  ast::StreamOption option;
  option.kind = ast::StreamOptionKind::kTime;
  option.span = table.name.span;
  option.path.emplace_back().text = kChangeTime;
  option.unit.emplace().text = "ms";
  return option;
}

std::optional<SlotIndex> key_field(const ast::Expr& path, const StreamSchema& schema, World& world, Reporter& reporter) {
  const std::string name = path.kind == ast::ExprKind::kPath ? dotted(path.path) : "";
  const std::optional<SlotIndex> slot = schema.find(name);
  if (slot && *slot != schema.time_slot) return slot;
  if (!world.streams[schema.id].damaged)
    reporter.error("E233", path.span, fmt::format("the table `{}` has no field `{}` to be its key", schema.name, name), {},
                   suggest_field(name, schema.id, path.span, world, reporter));
  return std::nullopt;
}

}  // namespace

void declare_table(const ast::Table& ast, bool damaged, const CheckInput& input, World& world, Reporter& reporter) {
  ast::Stream stream;
  stream.name = ast.name;
  stream.options = ast.options;
  stream.fields = ast.fields;
  if (ast.debezium && !says_time(ast)) stream.options.push_back(change_time(ast));
  // Its changes come from outside only if somebody says where their time stands; else from rules, a file, or a test.
  world.emitted.insert(ast.name.text);
  declare_stream(stream, damaged, world, reporter);

  Table table;
  table.name = ast.name.text;
  table.stream = world.stream_by_name.at(table.name);
  StreamSchema& schema = world.schemas[table.stream];
  schema.table = true;
  schema.change_stream = ast.debezium;
  if (ast.key.empty() && !damaged)
    reporter.error("E233", ast.name.span, fmt::format("the table `{}` has no key", table.name), {},
                   "write `key id` behind its fields: what a row is looked up by");
  for (const ast::Expr& path : ast.key)
    if (const std::optional<SlotIndex> slot = key_field(path, schema, world, reporter)) table.key.push_back(*slot);
  if (ast.key.empty() || table.key.size() != ast.key.size()) world.streams[table.stream].damaged = true;

  // A row that takes one away has but its key.
  for (std::size_t i = 0; i < schema.fields.size(); ++i) {
    Field& field = schema.fields[i];
    const auto slot = static_cast<SlotIndex>(i);
    if (slot == schema.time_slot || std::find(table.key.begin(), table.key.end(), slot) != table.key.end()) continue;
    field.optional = true;
    world.streams[table.stream].fields[field.name].optional = true;
  }
  const auto add_flag = [&](std::string_view name) {
    const auto slot = static_cast<SlotIndex>(schema.fields.size());
    Field field;
    field.name = field.source = name;
    field.type = Type::kBool;
    field.optional = true;
    world.streams[table.stream].fields[field.name] = {slot, Type::kBool, false, true, false};
    schema.fields.push_back(std::move(field));
    return slot;
  };
  table.deleted = add_flag(kDeleted);
  if (ast.debezium) table.truncated = add_flag(kTruncatedField);

  if (ast.ttl) {
    table.ttl = Duration{ast.ttl->integer};
    if (*table.ttl <= Duration{0}) reporter.error("E146", ast.ttl->span, "`ttl` must be greater than zero");
  }
  if (ast.rows) {
    constexpr std::int64_t kMost = 1'000'000'000;
    if (!ast.rows->is_integer || ast.rows->integer < 1 || ast.rows->integer > kMost)
      reporter.error("E238", ast.rows->span, "this is not a number of rows", {}, "from 1 to 1,000,000,000: `rows 10k`");
    else
      table.max_rows = static_cast<std::uint64_t>(ast.rows->integer);
  }
  if (ast.file && !world.streams[table.stream].damaged) {
    table.file = std::make_shared<TableFile>(table.name, beside(input, ast.file->span, ast.file->text).string(), schema, table.key);
    if (const Result<std::size_t> rows = table.file->load(); !rows)
      reporter.error("E234", ast.file->span, fmt::format("\"{}\": {}", ast.file->text, rows.error().message));
  }
  world.table_by_name.emplace(table.name, static_cast<int>(world.tables.size()));
  world.tables.push_back(std::move(table));
}

}  // namespace sequitur::dsl
