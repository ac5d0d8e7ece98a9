// The key: what each stream of the rule gives for each of its parts.
#include <fmt/core.h>
#include <algorithm>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {

void RuleChecker::check_key(const ast::Key& key) {
  for (const ast::KeyPart& part : key) {
    const std::size_t errors = reporter_.errors();
    KeyPart result = check_key_part(part);
    if (reporter_.errors() != errors || result.by_stream.size() != rule_.streams.size()) {
      view_.key_poisoned = true;
      continue;
    }
    const bool twice = std::any_of(rule_.key.begin(), rule_.key.end(), [&](const KeyPart& other) { return other.name == result.name; });
    if (twice) {
      reporter_.error("E142", part.span, fmt::format("the key has two parts called `{}`", result.name), "again here",
                      "leave one of them out, or name it: `other: ..`");
      continue;
    }
    rule_.key.push_back(std::move(result));
  }
  view_.key = rule_.key;
}

bool RuleChecker::names_stream_or_step(const ast::Expr& path) const {
  if (path.kind != ast::ExprKind::kPath || path.path.size() < 2 || !path.path[0].index.empty()) return false;
  const std::string& first = path.path[0].name.text;
  for (const StreamId stream : rule_.streams) {
    if (world_.find_field(stream, dotted(path.path)) != nullptr) return false;
  }
  return world_.stream_by_name.contains(first) || world_.filters.contains(first) || view_.step_by_name.contains(first);
}

KeyPart RuleChecker::check_key_part(const ast::KeyPart& part) {
  KeyPart result;
  if (part.table) {
    reporter_.error("E190", part.table->span, "keys from a table are not available in this version");
    return result;
  }
  if (part.values.empty()) return result;
  const ast::Expr& first = part.values[0];
  const bool several = part.values.size() > 1;
  if (!part.name && (several || names_stream_or_step(first))) {
    reporter_.error("E144", part.span, "this part of the key has no name", {},
                    fmt::format("write `key name: {} = ..`", first.kind == ast::ExprKind::kPath ? dotted(first.path) : "a.b"));
    return result;
  }
  result.name = part.name ? part.name->text : dotted(first.path);
  if (!part.name && first.kind == ast::ExprKind::kPath) {
    key_by_field(part, result);
  } else if (several || names_stream_or_step(first)) {
    key_by_stream(part, result);
  } else {
    key_by_expression(part, result);
  }
  return result;
}

bool RuleChecker::add_key_value(StreamId stream, const Typed& value, Span span, KeyPart& result) {
  if (!value.ok()) return false;
  if (!result.by_stream.empty() && result.type != value.type()) {
    const StreamSchema& before = world_.schemas[result.by_stream.back().first];
    reporter_.error("E120", span,
                    fmt::format("the key `{}` is {} in `{}` but {} in `{}`", result.name, to_string(result.type), before.name,
                                to_string(value.type()), world_.schemas[stream].name),
                    {}, "declare both with one type, or convert: `key name: text(field)`");
    return false;
  }
  result.type = value.type();
  result.fold = result.fold || value.nocase;
  result.by_stream.emplace_back(stream, value.expr);
  return true;
}

// key card: the field of that name in every stream of the rule.
void RuleChecker::key_by_field(const ast::KeyPart& part, KeyPart& result) {
  const ast::Expr& path = part.values[0];
  std::vector<StreamId> missing;
  for (const StreamId stream : rule_.streams) {
    if (world_.find_field(stream, result.name) == nullptr && !world_.streams[stream].damaged) missing.push_back(stream);
  }
  if (!missing.empty() && missing.size() < rule_.streams.size()) {
    const std::string& name = world_.schemas[missing[0]].name;
    reporter_.error(
        "E119", path.span, fmt::format("the stream `{}` has no field `{}` to be the key", name, result.name),
        fmt::format("missing in `{}`", name),
        fmt::format("name its own field: `key {}: {}.{} = {}.other`", result.name,
                    world_.schemas[rule_.streams[0] == missing[0] ? rule_.streams.back() : rule_.streams[0]].name, result.name, name));
    return;
  }
  key_by_expression(part, result);
}

// key user: login.user = transfer.owner; a stream that is not named gives its field `user`.
void RuleChecker::key_by_stream(const ast::KeyPart& part, KeyPart& result) {
  std::vector<std::pair<StreamId, const ast::Expr*>> named;
  for (const ast::Expr& value : part.values) {
    if (value.kind != ast::ExprKind::kPath || value.path.size() < 2) {
      reporter_.error("E147", value.span, "name the field with its stream here", {}, "write `key user: login.user = transfer.owner`");
      return;
    }
    const std::string& first = value.path[0].name.text;
    std::optional<StreamId> stream;
    if (const auto found = world_.stream_by_name.find(first); found != world_.stream_by_name.end())
      stream = found->second;
    else if (const NamedFilter* filter = expressions_.resolve_filter(first))
      stream = filter->base;
    else if (view_.step_by_name.contains(first)) {
      reporter_.error("E196", value.span, "keys that differ by step are not available in this version", {},
                      fmt::format("name the stream instead: `{}.{}`",
                                  view_.steps[static_cast<std::size_t>(view_.step_by_name.at(first))].streams.empty()
                                      ? "stream"
                                      : world_.schemas[view_.steps[static_cast<std::size_t>(view_.step_by_name.at(first))].streams[0]].name,
                                  dotted(value.path, 1)));
      return;
    }
    if (!stream) {
      std::vector<std::string_view> known;
      for (const StreamId id : rule_.streams) known.push_back(world_.schemas[id].name);
      if (!world_.incomplete)
        reporter_.error("E070", value.path[0].name.span, fmt::format("there is no stream `{}`", first), "unknown stream",
                        reporter_.did_you_mean(first, known));
      return;
    }
    if (std::find(rule_.streams.begin(), rule_.streams.end(), *stream) == rule_.streams.end()) {
      reporter_.error("E147", value.span, fmt::format("the rule does not use the stream `{}`", first), {}, "leave it out");
      return;
    }
    named.emplace_back(*stream, &value);
  }
  for (const StreamId stream : rule_.streams) {
    Scope scope;
    scope.rule = &view_;
    scope.has_candidate = true;
    scope.candidate = std::span(&stream, 1);
    scope.key_value = true;
    const auto own = std::find_if(named.begin(), named.end(), [&](const auto& entry) { return entry.first == stream; });
    ast::Expr path;
    path.kind = ast::ExprKind::kPath;
    path.span = part.span;
    if (own != named.end()) {
      path.path.assign(own->second->path.begin() + 1, own->second->path.end());
      path.span = own->second->span;
    } else {
      path.path = {ast::PathPart{*part.name, {}}};
      if (world_.find_field(stream, result.name) == nullptr && !world_.streams[stream].damaged) {
        reporter_.error("E119", part.span,
                        fmt::format("nothing says what the key `{}` is in the stream `{}`", result.name, world_.schemas[stream].name),
                        fmt::format("missing for `{}`", world_.schemas[stream].name),
                        fmt::format("add `= {}.field`", world_.schemas[stream].name));
        continue;
      }
    }
    add_key_value(stream, expressions_.check(path, scope), path.span, result);
  }
}

// key pair: sorted(buyer, seller): computed from each event.
void RuleChecker::key_by_expression(const ast::KeyPart& part, KeyPart& result) {
  const ast::Expr& value = part.values[0];
  for (const StreamId stream : rule_.streams) {
    Scope scope;
    scope.rule = &view_;
    scope.has_candidate = true;
    scope.candidate = std::span(&stream, 1);
    scope.key_value = true;
    const Typed typed = expressions_.check(value, scope);
    if (typed.ok() && typed.null_literal)
      return reporter_.error("E105", value.span, "a key that is always null has no events", {}, "name a field");
    add_key_value(stream, typed, value.span, result);
  }
}

}  // namespace sequitur::dsl
