// Which names the files declare: streams, named filters, lets, and what later versions will have.
#include <fmt/core.h>
#include <algorithm>
#include <filesystem>

#include "dsl/check_reuse.hpp"
#include "event/file_list.hpp"

namespace sequitur::dsl {
namespace {

void note_emits(const ast::Rule& rule, World& world) {
  for (const ast::Clause& clause : rule.clauses) {
    if (const auto* emit = std::get_if<ast::Emit>(&clause.body)) world.emitted.insert(emit->stream.text);
  }
}

class Declarer {
 public:
  Declarer(World& world, Reporter& reporter, const CheckInput& input) : world_(world), reporter_(reporter), input_(input) {}

  void declare(const ast::Item& item) {
    if (const auto* stream = std::get_if<ast::Stream>(&item.body)) return declare_stream_item(*stream, item.damaged);
    if (const auto* let = std::get_if<ast::Let>(&item.body)) {
      declare_let(*let, item.damaged);
      return;
    }
    if (const auto* import = std::get_if<ast::Import>(&item.body)) return check_import(*import);
    if (const auto* rule = std::get_if<ast::Rule>(&item.body)) return check_name(*rule);
    if (const auto* table = std::get_if<ast::Table>(&item.body)) return declare_table_item(*table, item.damaged);
    if (const auto* schedule = std::get_if<ast::Schedule>(&item.body)) return declare_schedule_item(*schedule);
    if (const auto* param = std::get_if<ast::Param>(&item.body)) return declare_param(*param, item.damaged);
  }

 private:
  void declare_stream_item(const ast::Stream& stream, bool damaged) {
    const std::string& name = stream.name.text;
    if (twice(stream.name)) return;
    if (stream.base) {
      world_.filters[name].ast = &stream;
    } else {
      declare_stream(stream, damaged, world_, reporter_);
    }
  }

  void declare_schedule_item(const ast::Schedule& schedule) {
    if (!twice(schedule.name)) declare_schedule(schedule, world_, reporter_);
  }

  // Streams, named filters, tables and schedules share one set of names.
  bool twice(const ast::Name& name) {
    std::optional<Span> first;
    if (const auto stream = world_.stream_by_name.find(name.text); stream != world_.stream_by_name.end())
      first = world_.streams[stream->second].span;
    else if (const auto filter = world_.filters.find(name.text); filter != world_.filters.end())
      first = filter->second.ast->name.span;
    else if (const auto joined = world_.joined_tables.find(name.text); joined != world_.joined_tables.end())
      first = joined->second.ast->name.span;
    if (!first) return false;
    reporter_.error("E050", name.span, fmt::format("the stream `{}` is declared twice", name.text), again(*first),
                    "leave one of them out, or give it another name");
    return true;
  }

  // Where it stands for the first time: the second place is shown, and may be in another file.
  std::string again(Span first) const {
    if (first.file >= input_.sources.size()) return "again here";
    const SourceFile& source = input_.sources[first.file];
    const auto end = source.text.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(first.begin, source.text.size()));
    return fmt::format("again here; first in {}:{}", source.name, 1 + std::count(source.text.begin(), end, '\n'));
  }

  // A `let` that reads the parameter's value.
  void declare_param(const ast::Param& param, bool damaged) {
    ParamInfo info{&param, {}};
    info.let.name = param.name;
    info.let.value = param.value;
    world_.params.push_back(std::move(info));
    if (!declare_let(world_.params.back().let, damaged)) world_.params.pop_back();
  }

  void declare_table_item(const ast::Table& table, bool damaged) {
    if (twice(table.name)) return;
    if (table.left)
      world_.joined_tables[table.name.text].ast = &table;
    else
      declare_table(table, damaged, input_, world_, reporter_);
  }

  // False if there is a `let` of that name.
  bool declare_let(const ast::Let& let, bool damaged) {
    const std::string& name = let.name.text;
    if (TypedBuilder::is_function(name)) {
      reporter_.error("E065", let.name.span, fmt::format("`{}` is a function of the language", name), {}, "choose another name");
      return false;
    }
    const auto [entry, added] = world_.lets.try_emplace(name);
    if (!added) {
      reporter_.error("E065", let.name.span, fmt::format("`{}` is defined twice", name), again(entry->second.ast->name.span),
                      "leave one of them out");
      return false;
    }
    entry->second.ast = &let;
    entry->second.broken = damaged;
    for (std::size_t i = 0; i < let.params.size(); ++i) {
      const bool twice = std::any_of(let.params.begin(), let.params.begin() + static_cast<std::ptrdiff_t>(i),
                                     [&](const ast::Name& other) { return other.text == let.params[i].text; });
      if (twice)
        reporter_.error("E073", let.params[i].span, fmt::format("two parameters are called `{}`", let.params[i].text), "again here",
                        "give each a name of its own");
    }
    if (let.file) find_list(let, entry->second);
    return true;
  }

  // The file must be there; its lines are read as values of the type that a condition wants.
  void find_list(const ast::Let& let, LetInfo& info) {
    const std::filesystem::path path = beside(input_, let.value.span, let.value.text);
    info.path = path.string();
    std::error_code failure;
    const bool regular = std::filesystem::is_regular_file(path, failure) && !failure;
    const std::uintmax_t size = regular ? std::filesystem::file_size(path, failure) : 0;
    if (regular && !failure && size <= FileList::kMaxBytes) return;
    info.broken = true;
    reporter_.error("E075", let.value.span,
                    regular && size > FileList::kMaxBytes ? fmt::format("the file \"{}\" is too large for a list", let.value.text)
                                                          : fmt::format("the file \"{}\" cannot be read", let.value.text),
                    {}, "one value a line; the path counts from the rule file");
  }

  void check_import(const ast::Import& import) {
    if (input_.sources.empty()) return;
    const std::filesystem::path path = beside(input_, import.path.span, import.path.text);
    const bool loaded = std::any_of(input_.sources.begin(), input_.sources.end(), [&](const SourceFile& source) {
      return std::filesystem::path(source.name).lexically_normal() == path || source.name == import.path.text;
    });
    if (!loaded)
      reporter_.error("E074", import.path.span, fmt::format("the file \"{}\" is not loaded", import.path.text), {},
                      "the path counts from the importing file; give that file too");
  }

  void check_name(const ast::Rule& rule) {
    const auto [first, added] = rule_names_.emplace(rule.name.text, rule.name.span);
    if (added) return;
    reporter_.error("E071", rule.name.span, fmt::format("two rules are called `{}`", rule.name.text), again(first->second),
                    "give each rule a name of its own");
  }

  World& world_;
  Reporter& reporter_;
  const CheckInput& input_;
  std::unordered_map<std::string, Span> rule_names_;
};

}  // namespace

std::filesystem::path beside(const CheckInput& input, Span from, const std::string& name) {
  const std::filesystem::path path(name);
  if (path.is_absolute() || from.file >= input.sources.size()) return path.lexically_normal();
  return (std::filesystem::path(input.sources[from.file].name).parent_path() / path).lexically_normal();
}

void declare(std::span<const ast::File> files, const CheckInput& input, World& world, Reporter& reporter) {
  for (const ast::File& file : files) {
    for (const ast::Item& item : file.items) {
      if (const auto* rule = std::get_if<ast::Rule>(&item.body)) note_emits(*rule, world);
    }
  }
  Declarer declarer(world, reporter, input);
  for (const ast::File& file : files) {
    for (const ast::Item& item : file.items) declarer.declare(item);
  }
  declare_late_streams(files, world, reporter);
}

}  // namespace sequitur::dsl
