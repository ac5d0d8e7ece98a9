// What the files declare, found by name: streams, named filters, lets. Built first, then every rule looks into it.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "dsl/ast.hpp"
#include "dsl/check.hpp"
#include "dsl/check_report.hpp"
#include "dsl/check_typed.hpp"
#include "dsl/checked_rule.hpp"

namespace sequitur::dsl {

struct FieldInfo {
  SlotIndex slot = kTimeSlot;
  Type type = Type::kTime;
  bool nocase = false;
  bool optional = false;
  bool poisoned = false;         // Its declaration has a mistake: what is built on it stays silent.
  std::string record_list = {};  // The list of records that it is a part of.
};

struct StreamInfo {
  StreamId id = 0;
  Span span;
  std::unordered_map<std::string, FieldInfo> fields;  // By dotted name.
  std::unordered_set<std::string> records;            // Dotted names of what holds fields: "process", "process.parent".
  bool inferred = false;                              // Not declared: its fields are what rules emit.
  bool damaged = false;                               // The parser left something out: a field that is missing may well be there.
};

enum class Progress : std::uint8_t { kNew, kActive, kDone };

// stream NAME = base where ..
struct NamedFilter {
  const ast::Stream* ast = nullptr;
  Progress progress = Progress::kNew;
  std::optional<StreamId> base;  // Nothing: there was a mistake.
  ExprPtr condition;             // Null pointer: none.
};

struct LetInfo {
  const ast::Let* ast = nullptr;
  Progress progress = Progress::kNew;
  bool broken = false;                 // Part of a cycle, or its file could not be read.
  std::optional<Typed> value;          // Of a constant, once it was needed.
  std::string path;                    // Of its file.
  std::optional<ast::Expr> file_list;  // Contents of the file, as a list of texts; read when an operator wants them.
};

// param NAME = ..
struct ParamInfo {
  const ast::Param* ast = nullptr;
  ast::Let let;  // What it stands for.
};

// table NAME = left join right on ..
struct JoinedTable {
  const ast::Table* ast = nullptr;
  bool good = false;
  std::vector<std::string> left_fields;  // What each part of the right table's key is compared with.
};

struct World {
  std::vector<StreamSchema> schemas;  // Index = StreamId; declared streams, later the emitted ones too.
  std::vector<StreamInfo> streams;    // Parallel to the declared part of `schemas`.
  std::unordered_map<std::string, StreamId> stream_by_name;
  std::unordered_map<std::string, NamedFilter> filters;
  std::unordered_map<std::string, LetInfo> lets;
  std::deque<ParamInfo> params;  // Each is one of `lets`, too.
  std::vector<Schedule> schedules;
  std::vector<std::shared_ptr<FileList>> file_lists;
  std::vector<Table> tables;
  std::unordered_map<std::string, int> table_by_name;
  std::map<std::string, JoinedTable> joined_tables;
  std::deque<ast::Stream> made_filters;     // That the checker has spelled out: some of `filters`.
  std::unordered_set<std::string> emitted;  // Names after `emit` in any rule.
  bool incomplete = false;                  // Some declaration could not be parsed.

  const FieldInfo* find_field(StreamId stream, const std::string& name) const {
    const auto found = streams[stream].fields.find(name);
    return found == streams[stream].fields.end() ? nullptr : &found->second;
  }
  // Of a table or a joined one: by what it is looked up, and what it gives. check_joined.cpp
  std::vector<std::string> key_of_table(const std::string& name) const;
  bool table_has_field(const std::string& name, const std::string& field) const;
};

// A dotted name as written: parts joined by dots.
std::string dotted(const std::vector<ast::Name>& path);
std::string dotted(const std::vector<ast::PathPart>& path, std::size_t from = 0);
Span cover(Span first, Span last);

// "did you mean `user`?", or nothing.
std::string suggest_field(const std::string& name, StreamId stream, Span span, const World& world, Reporter& reporter);
std::string suggest_stream(const std::string& name, Span span, const World& world, Reporter& reporter);

// Fills streams (not filters' conditions), filters, lets, joined tables (to be checked) and `emitted`.
void declare(std::span<const ast::File> files, const CheckInput& input, World& world, Reporter& reporter);

// Joined tables, once all tables are known.
void check_joined_tables(World& world, Reporter& reporter);

// The streams that `late to NAME` makes, once all others and what rules emit are known.
void declare_late_streams(std::span<const ast::File> files, World& world, Reporter& reporter);

// One `table NAME .. { .. }` block: the stream of its changes, its key, the rows of its file.
void declare_table(const ast::Table& table, bool damaged, const CheckInput& input, World& world, Reporter& reporter);

// A path in a rule file counts from there.
std::filesystem::path beside(const CheckInput& input, Span from, const std::string& name);

// One `stream NAME .. { .. }` block.
void declare_stream(const ast::Stream& stream, bool damaged, World& world, Reporter& reporter);

}  // namespace sequitur::dsl
