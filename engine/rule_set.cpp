// Rule text -> checked rules -> automata and one predicate set.
#include <algorithm>

#include "dsl/load.hpp"
#include "dsl/table_file.hpp"
#include "engine/rule_set_impl.hpp"
#include "event/file_list.hpp"

namespace sequitur {
namespace {

// Listeners in the order of predicate, then rule, with equal pairs merged.
void index_listeners(RuleSet::Impl& impl) {
  struct Entry {
    nfa::PredicateId predicate;
    RuleSet::Impl::Listener listener;
  };
  std::vector<Entry> entries;
  for (std::uint32_t rule = 0; rule < impl.automata.size(); ++rule)
    for (const nfa::Watch& watch : impl.automata[rule]->watches) entries.push_back({watch.predicate, {rule, watch.bits}});
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.predicate < b.predicate; });

  impl.listener_begin.assign(impl.predicates->size() + 1, 0);
  for (const Entry& entry : entries) {
    impl.listeners.push_back(entry.listener);
    ++impl.listener_begin[entry.predicate + 1];
  }
  for (std::size_t i = 1; i < impl.listener_begin.size(); ++i) impl.listener_begin[i] += impl.listener_begin[i - 1];
}

void note_feeds(const dsl::Rule& rule, RuleSet::Impl& impl) {
  std::vector<RuleSet::Impl::Feed> feeds;
  const auto add = [&](AlertKind kind, const dsl::Emit& emit) {
    if (emit.feeds) feeds.push_back({kind, emit.id, emit.slots});
  };
  add(AlertKind::kMatch, rule.emit);
  if (rule.on_timeout) add(AlertKind::kTimeout, *rule.on_timeout);
  if (rule.on_break) add(AlertKind::kBreak, *rule.on_break);
  if (rule.on_clear) add(AlertKind::kClear, *rule.on_clear);
  impl.feeds.push_back(std::move(feeds));
  impl.generations.push_back(rule.generation);
  impl.generation_count = std::max(impl.generation_count, rule.generation + 1);
}

Diagnostic compile_error(const dsl::Rule& rule, const Error& error) {
  return {"E199", Severity::kError, rule.name_span, error.message, "", "split the rule into two"};
}

}  // namespace

RuleSet::RuleSet(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RuleSet::~RuleSet() = default;

std::shared_ptr<const RuleSet> RuleSet::load(const std::vector<SourceFile>& files, std::vector<Diagnostic>& diagnostics,
                                             const RuleSetOptions& options) {
  dsl::Loaded loaded = dsl::load(files, options.params);
  diagnostics.insert(diagnostics.end(), loaded.diagnostics.begin(), loaded.diagnostics.end());
  if (!loaded.ok()) return nullptr;

  auto impl = std::make_unique<Impl>();
  impl->files = std::move(loaded.files);
  nfa::PredicateSet::Builder predicates;
  bool compiled = true;
  for (dsl::Rule& rule : impl->files.rules) {
    if (rule.disabled) continue;
    rule.info.index = static_cast<std::uint32_t>(impl->rules.size());
    auto automaton = nfa::compile(rule, impl->files.schemas, predicates);
    if (!automaton) {
      diagnostics.push_back(compile_error(rule, automaton.error()));
      compiled = false;
      continue;
    }
    impl->rules.push_back(rule.info);
    note_feeds(rule, *impl);
    impl->automata.push_back(*std::move(automaton));
  }
  if (!compiled) return nullptr;

  auto set = std::move(predicates).build(impl->files.schemas);
  if (!set) {
    diagnostics.push_back({"E198", Severity::kError, Span{}, set.error().message, "", ""});
    return nullptr;
  }
  impl->predicates = *std::move(set);
  index_listeners(*impl);
  return std::shared_ptr<const RuleSet>(new RuleSet(std::move(impl)));
}

std::vector<RuleSet::Impl::Listener> RuleSet::Impl::listening(std::span<const nfa::PredicateId> hits) const {
  std::vector<Listener> result;
  for (const nfa::PredicateId predicate : hits) {
    for (std::uint32_t at = listener_begin[predicate]; at < listener_begin[predicate + 1]; ++at) {
      const Listener& listener = listeners[at];
      const auto same = std::find_if(result.begin(), result.end(), [&](const Listener& other) { return other.rule == listener.rule; });
      if (same == result.end())
        result.push_back(listener);
      else
        same->bits |= listener.bits;
    }
  }
  return result;
}

std::vector<FileReload> RuleSet::reload_files() const {
  std::vector<FileReload> reloads;
  for (const std::shared_ptr<FileList>& list : impl_->files.file_lists) {
    if (!list->changed()) continue;
    const Result<std::size_t> loaded = list->load();
    reloads.push_back({list->name(), list->path(), loaded ? *loaded : 0, loaded ? "" : loaded.error().message});
  }
  for (const dsl::Table& table : impl_->files.tables) {
    if (!table.file || !table.file->changed()) continue;
    const Result<std::size_t> loaded = table.file->load();
    const std::string problem = loaded ? "" : "the file \"" + table.file->path() + "\": " + loaded.error().message;
    reloads.push_back({table.name, table.file->path(), loaded ? *loaded : 0, problem, true});
  }
  return reloads;
}

const std::vector<StreamSchema>& RuleSet::schemas() const { return impl_->files.schemas; }
const std::vector<RuleInfo>& RuleSet::rules() const { return impl_->rules; }

const StreamSchema* RuleSet::find_stream(std::string_view name) const {
  for (const StreamSchema& schema : schemas())
    if (schema.name == name) return &schema;
  return nullptr;
}

}  // namespace sequitur
