// The key: what each stream of the rule gives for each of its parts.
#include <fmt/core.h>
#include <algorithm>
#include <map>

#include "dsl/check_rule_checker.hpp"

namespace sequitur::dsl {

namespace {

// What stands in a line's events for a part of the key, so that lines can be compared: by stream, in words.
using Signature = std::vector<std::map<StreamId, std::string>>;  // Index = part.

// Whether both can go one way: they say the same of every stream that both have.
bool agree(const Signature& a, const Signature& b) {
  for (std::size_t part = 0; part < a.size(); ++part)
    for (const auto& [stream, words] : a[part])
      if (const auto other = b[part].find(stream); other != b[part].end() && other->second != words) return false;
  return true;
}

}  // namespace

void RuleChecker::check_key(const ast::Key& key) {
  for (const StreamId stream : rule_.streams)
    if (!world_.schemas[stream].schedule) keyed_streams_.push_back(stream);  // Ticks reach every key.
  if (keyed_streams_.empty() && !rule_.streams.empty()) {
    reporter_.error("E119", key_span_, "only ticks come here, and nothing says what keys there are", {},
                    "name a stream with the key too, or leave out the key");
    view_.key_poisoned = true;
    return;
  }
  for (const ast::KeyPart& part : key) {
    const std::size_t errors = reporter_.errors();
    by_line_.clear();
    KeyPart result = check_key_part(part);
    const bool complete = !by_line_.empty() || result.by_stream.size() == keyed_streams_.size();
    if (reporter_.errors() != errors || !complete) {
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
    parts_by_line_.push_back(std::move(by_line_));
  }
  by_line_.clear();
  view_.key = rule_.key;
  if (!view_.key_poisoned) make_key_ways();
  if (!view_.key_poisoned && rule_.watched >= 0) check_watched_key(key);
  check_list_keys(key);
}

// A key that is not folded alike here and in the table would not be found there.
void RuleChecker::check_watched_key(const ast::Key& key) {
  const Table& table = world_.tables[static_cast<std::size_t>(rule_.watched)];
  for (std::size_t i = 0; i < rule_.key.size(); ++i) {
    const Field& field = world_.schemas[table.stream].fields[static_cast<std::size_t>(table.key[i])];
    if (rule_.key[i].fold == field.nocase) continue;
    return reporter_.error("E236", key[i].span,
                           fmt::format("the case of `{}` counts in the table `{}`, but not here", field.name, table.name), {},
                           fmt::format("declare it in the table as `{}: string nocase`", field.name));
  }
}

// What gives an event several keys in another way does not go together with a field that is a list.
void RuleChecker::check_list_keys(const ast::Key& key) {
  const bool ticks =
      std::any_of(rule_.streams.begin(), rule_.streams.end(), [&](StreamId stream) { return world_.schemas[stream].schedule; });
  if (view_.key_poisoned || key.empty() || (rule_.key_ways.empty() && !ticks)) return;
  for (const KeyPart& part : rule_.key) {
    const bool each = std::any_of(part.by_stream.begin(), part.by_stream.end(),
                                  [&](const auto& entry) { return is_list(entry.second->type) && !is_list(part.type); });
    if (!each) continue;
    return reporter_.error("E147", key.front().span,
                           fmt::format("`{}` is a list, so an event has several keys; {}", part.name,
                                       ticks ? "ticks of a schedule do not reach them" : "then all lines must read the key alike"),
                           {}, "take one value of the list: `key first: list[1]`");
  }
}

// Every line of the rule with its streams: steps, `no` and the steps of blocks behind it, `cancel on`.
std::vector<RuleChecker::KeyLine> RuleChecker::key_lines() const {
  std::vector<KeyLine> lines;
  for (auto i = static_cast<std::size_t>(first_stage_); i < steps_.size(); ++i) lines.push_back({steps_[i].ast, &step_streams_[i]});
  for (std::size_t i = 0; i < no_lines_.size(); ++i) lines.push_back({no_lines_[i].ast, &no_streams_[i]});
  for (std::size_t i = 0; i < cancels_.size(); ++i) lines.push_back({cancels_[i], &cancel_streams_[i]});
  for (const auto& block : guard_blocks_) {
    if (!block) continue;
    const std::vector<KeyLine> more = block->key_lines();
    lines.insert(lines.end(), more.begin(), more.end());
  }
  return lines;
}

// Lines that read the key alike go one way; if that is more than one, the rule's filters say which.
void RuleChecker::make_key_ways() {
  if (std::all_of(parts_by_line_.begin(), parts_by_line_.end(), [](const LineKeys& keys) { return keys.empty(); })) return;
  std::vector<Signature> signatures;
  for (const KeyLine& line : key_lines()) {
    Signature signature(rule_.key.size());
    KeyWay way(rule_.key.size());
    for (std::size_t part = 0; part < rule_.key.size(); ++part) {
      const LineKeys& by_line = parts_by_line_[part];
      const auto own = by_line.find(line.ast);
      for (const StreamId stream : line.streams->ids) {
        if (world_.schemas[stream].schedule) continue;
        if (own != by_line.end()) {
          const LineKey& value = own->second.at(stream);
          signature[part][stream] = value.words;
          way[part].emplace_back(stream, value.expr);
          continue;
        }
        for (const auto& entry : rule_.key[part].by_stream)
          if (entry.first == stream) way[part].push_back(entry);
        signature[part][stream] = "";
      }
    }
    std::size_t number = 0;
    while (number < signatures.size() && !agree(signatures[number], signature)) ++number;
    if (number == signatures.size()) {
      signatures.emplace_back(rule_.key.size());
      rule_.key_ways.emplace_back(rule_.key.size());
    }
    for (std::size_t part = 0; part < rule_.key.size(); ++part)
      for (const auto& entry : way[part])
        if (signatures[number][part].emplace(entry.first, signature[part][entry.first]).second)
          rule_.key_ways[number][part].push_back(entry);
    way_of_line_[line.ast] = static_cast<int>(number);
  }
  // A stream of which only the past is asked for goes the first way.
  for (const StreamId stream : keyed_streams_) {
    const auto has = [&](const std::vector<std::pair<StreamId, ExprPtr>>& by_stream) {
      return std::any_of(by_stream.begin(), by_stream.end(), [&](const auto& entry) { return entry.first == stream; });
    };
    if (std::any_of(rule_.key_ways.begin(), rule_.key_ways.end(), [&](const KeyWay& way) { return has(way.front()); })) continue;
    for (std::size_t part = 0; part < rule_.key.size(); ++part)
      for (const auto& entry : rule_.key[part].by_stream)
        if (entry.first == stream) rule_.key_ways.front()[part].push_back(entry);
  }
  // What a stream gives where nobody asks for a line: the first way that has it.
  for (std::size_t part = 0; part < rule_.key.size(); ++part) {
    if (parts_by_line_[part].empty()) continue;
    for (const KeyWay& way : rule_.key_ways)
      for (const auto& entry : way[part]) {
        auto& known = rule_.key[part].by_stream;
        if (std::none_of(known.begin(), known.end(), [&](const auto& other) { return other.first == entry.first; })) known.push_back(entry);
      }
  }
  view_.key = rule_.key;
  if (rule_.key_ways.size() > 1) return;
  rule_.key_ways.clear();
  way_of_line_.clear();
}

bool RuleChecker::names_stream_or_step(const ast::Expr& path) const {
  if (path.kind != ast::ExprKind::kPath || path.path.size() < 2 || !path.path[0].index.empty()) return false;
  const std::string& first = path.path[0].name.text;
  for (const StreamId stream : rule_.streams) {
    if (world_.find_field(stream, dotted(path.path)) != nullptr) return false;
  }
  const std::vector<KeyLine> lines = key_lines();
  const bool line =
      std::any_of(lines.begin(), lines.end(), [&](const KeyLine& each) { return each.ast->name && each.ast->name->text == first; });
  return line || world_.stream_by_name.contains(first) || world_.filters.contains(first);
}

KeyPart RuleChecker::check_key_part(const ast::KeyPart& part) {
  KeyPart result;
  if (part.table) {
    const auto table = world_.table_by_name.find(part.table->text);
    if (table == world_.table_by_name.end()) return result;
    rule_.watched = table->second;
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
  // A field that is a list: the event belongs to each of its values. What is computed is one value.
  const Type type = is_list(value.type()) && value.expr->op == Op::kCandidate ? element_of(value.type()) : value.type();
  if (!result.by_stream.empty() && result.type != type) {
    const StreamSchema& before = world_.schemas[result.by_stream.back().first];
    reporter_.error("E120", span,
                    fmt::format("the key `{}` is {} in `{}` but {} in `{}`", result.name, to_string(result.type), before.name,
                                to_string(type), world_.schemas[stream].name),
                    {}, "declare both with one type, or convert: `key name: text(field)`");
    return false;
  }
  result.type = type;
  result.fold = result.fold || value.nocase;
  result.by_stream.emplace_back(stream, value.expr);
  return true;
}

// key card: the field of that name in every stream of the rule.
void RuleChecker::key_by_field(const ast::KeyPart& part, KeyPart& result) {
  const ast::Expr& path = part.values[0];
  std::vector<StreamId> missing;
  for (const StreamId stream : keyed_streams_) {
    if (world_.find_field(stream, result.name) == nullptr && !world_.streams[stream].damaged) missing.push_back(stream);
  }
  if (!missing.empty() && missing.size() < keyed_streams_.size()) {
    const std::string& name = world_.schemas[missing[0]].name;
    reporter_.error(
        "E119", path.span, fmt::format("the stream `{}` has no field `{}` to be the key", name, result.name),
        fmt::format("missing in `{}`", name),
        fmt::format("name its own field: `key {}: {}.{} = {}.other`", result.name,
                    world_.schemas[keyed_streams_[0] == missing[0] ? keyed_streams_.back() : keyed_streams_[0]].name, result.name, name));
    return;
  }
  key_by_expression(part, result);
}

// key user: login.user = transfer.owner; a stream that is not named gives its field `user`.
// key account: debit.from = credit.to; the same by lines of the rule.
void RuleChecker::key_by_stream(const ast::KeyPart& part, KeyPart& result) {
  std::vector<std::pair<StreamId, const ast::Expr*>> named;
  std::vector<std::pair<const ast::Step*, const ast::Expr*>> named_lines;
  const std::vector<KeyLine> lines = key_lines();
  for (const ast::Expr& value : part.values) {
    if (value.kind != ast::ExprKind::kPath || value.path.size() < 2) {
      reporter_.error("E147", value.span, "name the field with its stream here", {}, "write `key user: login.user = transfer.owner`");
      return;
    }
    const std::string& first = value.path[0].name.text;
    const auto line =
        std::find_if(lines.begin(), lines.end(), [&](const KeyLine& each) { return each.ast->name && each.ast->name->text == first; });
    if (line != lines.end()) {
      named_lines.emplace_back(line->ast, &value);
      continue;
    }
    std::optional<StreamId> stream;
    if (const auto found = world_.stream_by_name.find(first); found != world_.stream_by_name.end())
      stream = found->second;
    else if (const NamedFilter* filter = expressions_.resolve_filter(first))
      stream = filter->base;
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
  // What a line's events of the stream give: nothing after a report.
  const auto value_of = [&](StreamId stream, const ast::Step* line) -> std::optional<LineKey> {
    Scope scope;
    scope.rule = &view_;
    scope.has_candidate = true;
    scope.candidate = std::span(&stream, 1);
    scope.key_value = true;
    const ast::Expr* written = nullptr;
    for (const auto& entry : named)
      if (entry.first == stream && written == nullptr) written = entry.second;
    for (const auto& entry : named_lines)
      if (entry.first == line) written = entry.second;
    ast::Expr path;
    path.kind = ast::ExprKind::kPath;
    path.span = part.span;
    if (written != nullptr) {
      path.path.assign(written->path.begin() + 1, written->path.end());
      path.span = written->span;
    } else {
      path.path = {ast::PathPart{*part.name, {}}};
      if (world_.find_field(stream, result.name) == nullptr && !world_.streams[stream].damaged) {
        const std::string& name = world_.schemas[stream].name;
        if (line != nullptr && !line->name)
          reporter_.error("E119", line->span, fmt::format("nothing says what the key `{}` is in this line", result.name),
                          "no part of the key names it",
                          fmt::format("give the line a name, `x: {}`, and add `= x.field` to the key", name));
        else if (line != nullptr)
          reporter_.error("E119", part.span,
                          fmt::format("nothing says what the key `{}` is in the events of `{}`", result.name, line->name->text),
                          fmt::format("missing for `{}`", line->name->text), fmt::format("add `= {}.field`", line->name->text));
        else
          reporter_.error("E119", part.span, fmt::format("nothing says what the key `{}` is in the stream `{}`", result.name, name),
                          fmt::format("missing for `{}`", name), fmt::format("add `= {}.field`", name));
        return std::nullopt;
      }
    }
    const Typed typed = expressions_.check(path, scope);
    KeyPart before = result;
    if (line != nullptr && result.by_stream.empty() && !by_line_.empty())
      before.by_stream.emplace_back(by_line_.begin()->second.begin()->first, nullptr);  // Its type counts.
    if (!add_key_value(stream, typed, path.span, before)) return std::nullopt;
    result.type = before.type;
    result.fold = before.fold;
    return LineKey{dotted(path.path), typed.expr};
  };
  if (named_lines.empty()) {
    for (const StreamId stream : keyed_streams_)
      if (const std::optional<LineKey> value = value_of(stream, nullptr)) result.by_stream.emplace_back(stream, value->expr);
    return;
  }
  for (const KeyLine& line : lines)
    for (const StreamId stream : line.streams->ids) {
      if (world_.schemas[stream].schedule) continue;
      const std::optional<LineKey> value = value_of(stream, line.ast);
      if (!value) return;
      by_line_[line.ast].emplace(stream, *value);
    }
  // Streams of which only the past is asked for are in no line.
  for (const StreamId stream : keyed_streams_) {
    const auto names = [&](const KeyLine& line) {
      return std::find(line.streams->ids.begin(), line.streams->ids.end(), stream) != line.streams->ids.end();
    };
    if (std::any_of(lines.begin(), lines.end(), names)) continue;
    const std::optional<LineKey> value = value_of(stream, nullptr);
    if (!value) return;
    result.by_stream.emplace_back(stream, value->expr);
  }
}

// key pair: sorted(buyer, seller): computed from each event.
void RuleChecker::key_by_expression(const ast::KeyPart& part, KeyPart& result) {
  const ast::Expr& value = part.values[0];
  for (const StreamId stream : keyed_streams_) {
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
