// Which names the files declare: streams, named filters, lets, and what later versions will have.
#include <fmt/core.h>
#include <algorithm>
#include <filesystem>
#include <fstream>

#include "dsl/check.hpp"
#include "dsl/check_world.hpp"

namespace sequitur::dsl {
namespace {

constexpr std::size_t kMaxListFileBytes = 64 * 1024 * 1024;
constexpr std::size_t kMaxListItems = 1'000'000;

std::filesystem::path beside(const CheckInput& input, Span from, const std::string& name) {
  const std::filesystem::path path(name);
  if (path.is_absolute() || from.file >= input.sources.size()) return path.lexically_normal();
  return (std::filesystem::path(input.sources[from.file].name).parent_path() / path).lexically_normal();
}

// One value a line; blank lines and those that begin with # do not count.
ast::Expr list_of_lines(std::istream& file, Span span) {
  ast::Expr list;
  list.kind = ast::ExprKind::kList;
  static_cast<Span&>(list.span) = span;
  std::string line;
  while (list.args.size() < kMaxListItems && std::getline(file, line)) {
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string::npos || line[begin] == '#') continue;
    ast::Expr item;
    item.kind = ast::ExprKind::kText;
    item.text = line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
    item.span = list.span;
    list.args.push_back(std::move(item));
  }
  return list;
}

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
    if (const auto* let = std::get_if<ast::Let>(&item.body)) return declare_let(*let, item.damaged);
    if (const auto* import = std::get_if<ast::Import>(&item.body)) return check_import(*import);
    if (const auto* rule = std::get_if<ast::Rule>(&item.body)) return check_name(*rule);
    if (const auto* table = std::get_if<ast::Table>(&item.body)) return declare_later(table->name, "the table");
    if (const auto* schedule = std::get_if<ast::Schedule>(&item.body)) return declare_later(schedule->name, "the schedule");
    if (const auto* param = std::get_if<ast::Param>(&item.body)) return declare_later(param->name, "the parameter", "use `let`");
    if (const auto* tune = std::get_if<ast::Tune>(&item.body)) {
      reporter_.error("E190", tune->rule.span, "`tune` is not available in this version", {}, "change the rule itself");
    }
  }

 private:
  void declare_stream_item(const ast::Stream& stream, bool damaged) {
    const std::string& name = stream.name.text;
    if (world_.stream_by_name.contains(name) || world_.filters.contains(name)) {
      reporter_.error("E050", stream.name.span, fmt::format("the stream `{}` is declared twice", name), "again here",
                      "leave one of them out, or give it another name");
      return;
    }
    if (stream.base) {
      world_.filters[name].ast = &stream;
    } else {
      declare_stream(stream, damaged, world_, reporter_);
    }
  }

  void declare_let(const ast::Let& let, bool damaged) {
    const std::string& name = let.name.text;
    if (TypedBuilder::is_function(name)) {
      reporter_.error("E065", let.name.span, fmt::format("`{}` is a function of the language", name), {}, "choose another name");
      return;
    }
    const auto [entry, added] = world_.lets.try_emplace(name);
    if (!added) {
      reporter_.error("E065", let.name.span, fmt::format("`{}` is defined twice", name), "again here", "leave one of them out");
      return;
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
    if (let.file) read_list(let, entry->second);
  }

  void read_list(const ast::Let& let, LetInfo& info) {
    const std::filesystem::path path = beside(input_, let.value.span, let.value.text);
    std::error_code failure;
    const bool regular = std::filesystem::is_regular_file(path, failure) && !failure;
    const std::uintmax_t size = regular ? std::filesystem::file_size(path, failure) : 0;
    std::ifstream file;
    if (regular && !failure && size <= kMaxListFileBytes) file.open(path, std::ios::binary);
    if (!file.is_open()) {
      info.broken = true;
      reporter_.error("E075", let.value.span,
                      regular && size > kMaxListFileBytes ? fmt::format("the file \"{}\" is too large for a list", let.value.text)
                                                          : fmt::format("the file \"{}\" cannot be read", let.value.text),
                      {}, "one value a line; the path counts from the rule file");
      return;
    }
    info.file_list = list_of_lines(file, let.value.span);
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
    if (rule_names_.emplace(rule.name.text).second) return;
    reporter_.error("E071", rule.name.span, fmt::format("two rules are called `{}`", rule.name.text), "again here",
                    "give each rule a name of its own");
  }

  void declare_later(const ast::Name& name, std::string_view what, std::string_view help = {}) {
    world_.later.emplace(name.text, fmt::format("{} `{}`", what, name.text));
    reporter_.error("E190", name.span, fmt::format("{} `{}` is not available in this version", what, name.text), {}, std::string(help));
  }

  World& world_;
  Reporter& reporter_;
  const CheckInput& input_;
  std::unordered_set<std::string> rule_names_;
};

}  // namespace

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
