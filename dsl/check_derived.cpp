#include "dsl/check_derived.hpp"

#include <fmt/core.h>
#include <algorithm>
#include <set>

#include "dsl/checked_window.hpp"

namespace sequitur::dsl {

DerivedStreams::DerivedStreams(std::span<const ast::File> files, World& world, Reporter& reporter) : world_(world), reporter_(reporter) {
  for (const ast::File& file : files) {
    for (const ast::Item& item : file.items) {
      const auto* rule = std::get_if<ast::Rule>(&item.body);
      if (rule == nullptr) continue;
      plans_.push_back({&item, {}, {}, 0, false});
      add_emits(*rule, plans_.back());
    }
  }
  for (Plan& plan : plans_) add_names(std::get<ast::Rule>(plan.item->body), plan);
}

void DerivedStreams::add_emits(const ast::Rule& rule, Plan& plan) {
  for (const ast::Clause& clause : rule.clauses) {
    const auto* emit = std::get_if<ast::Emit>(&clause.body);
    if (emit == nullptr) continue;
    const std::string& name = emit->stream.text;
    if (world_.filters.contains(name)) continue;  // Reported where the rule is checked.
    if (std::find(plan.emits.begin(), plan.emits.end(), name) != plan.emits.end()) continue;
    plan.emits.push_back(name);
    const auto [entry, added] = streams_.try_emplace(name);
    Stream& stream = entry->second;
    stream.emitters.push_back(plans_.size() - 1);
    ++stream.open;
    if (!added) continue;
    const auto declared = world_.stream_by_name.find(name);
    stream.declared = declared != world_.stream_by_name.end();
    if (stream.declared) {
      stream.id = declared->second;
      continue;
    }
    stream.id = static_cast<StreamId>(world_.schemas.size());
    StreamSchema schema;
    schema.id = stream.id;
    schema.name = name;
    schema.external = false;
    world_.schemas.push_back(std::move(schema));
    StreamInfo info;
    info.id = stream.id;
    info.span = emit->stream.span;
    info.inferred = true;
    info.damaged = true;  // Until its fields are known.
    info.fields["time"] = {kTimeSlot, Type::kTime, false, false, false};
    world_.streams.push_back(std::move(info));
    world_.stream_by_name.emplace(name, stream.id);
  }
}

// ---- What a rule names ----------------------------------------------------------------------------------------------------

std::string DerivedStreams::root(std::string name) const {
  for (std::size_t depth = 0; depth <= world_.filters.size(); ++depth) {
    const auto filter = world_.filters.find(name);
    if (filter == world_.filters.end()) return name;
    name = filter->second.ast->base->text;
  }
  return name;  // Defined by itself: reported elsewhere.
}

bool DerivedStreams::is_derived(const std::string& name) const { return streams_.contains(root(name)); }

void DerivedStreams::add_name(const ast::Name& name, Plan& plan) {
  // A named filter may look something up.
  if (const auto filter = world_.filters.find(name.text); filter != world_.filters.end() && seen_filters_.insert(&filter->second).second) {
    if (filter->second.ast->where) add_expression(*filter->second.ast->where, plan);
    for (const ast::Expr& except : filter->second.ast->excepts) add_expression(except, plan);
    add_name(*filter->second.ast->base, plan);
    seen_filters_.erase(&filter->second);
  }
  std::string stream = root(name.text);
  if (!streams_.contains(stream)) return;
  const bool known = std::any_of(plan.names.begin(), plan.names.end(), [&](const auto& other) { return other.first == stream; });
  if (!known) plan.names.emplace_back(std::move(stream), name.span);
}

void DerivedStreams::add_table(const ast::Name& name, Plan& plan) {
  if (world_.table_by_name.contains(name.text)) add_name(name, plan);
  const auto joined = world_.joined_tables.find(name.text);
  if (joined == world_.joined_tables.end() || !joined->second.good) return;
  for (const auto* side : {&joined->second.ast->left, &joined->second.ast->right}) {
    ast::Name there = name;
    there.text = (*side)->text;
    add_table(there, plan);
  }
}

void DerivedStreams::add_expression(const ast::Expr& expr, Plan& plan) {
  // The key's past (`avg(purchase.amount over 90d)`) names a stream in an expression.
  const auto first_words = [&](const auto& self, const ast::Expr& part) -> void {
    if (part.kind == ast::ExprKind::kPath && !part.path.empty()) add_name(part.path[0].name, plan);
    if (part.kind == ast::ExprKind::kWhere || part.kind == ast::ExprKind::kDistinct) self(self, part.args[0]);
  };
  // And a look-up in a table (`account[from].tier`) the stream of its changes.
  if (expr.kind == ast::ExprKind::kPath) {
    for (const ast::PathPart& part : expr.path) {
      if (!part.index.empty()) add_table(part.name, plan);
      for (const ast::Expr& index : part.index) add_expression(index, plan);
    }
  }
  if (expr.kind == ast::ExprKind::kOver && !expr.args.empty()) first_words(first_words, expr.args[0]);
  for (const ast::Expr& arg : expr.args) add_expression(arg, plan);
}

void DerivedStreams::add_steps(const ast::Step& step, Plan& plan) {
  for (const ast::Name& name : step.streams) add_name(name, plan);
  for (const auto* expr : {&step.where, &step.until}) {
    if (*expr) add_expression(**expr, plan);
  }
  for (const ast::Expr& except : step.excepts) add_expression(except, plan);
  for (const ast::Branch& branch : step.branches) {
    for (const ast::Step& inner : branch.steps) add_steps(inner, plan);
  }
}

void DerivedStreams::add_names(const ast::Rule& rule, Plan& plan) {
  for (const ast::Clause& clause : rule.clauses) {
    if (const auto* step = std::get_if<ast::Step>(&clause.body)) add_steps(*step, plan);
    if (const auto* expr = std::get_if<ast::Expr>(&clause.body)) add_expression(*expr, plan);
    if (const auto* message = std::get_if<ast::Message>(&clause.body)) {
      for (const ast::MessagePart& part : message->parts) {
        if (part.value) add_expression(*part.value, plan);
      }
    }
    if (const auto* limit = std::get_if<ast::Limit>(&clause.body)) {
      for (const ast::Expr& by : limit->by) add_expression(by, plan);
    }
    if (const auto* emit = std::get_if<ast::Emit>(&clause.body)) {
      for (const ast::EmitField& field : emit->fields) add_expression(field.value, plan);
    }
  }
}

// ---- Order ----------------------------------------------------------------------------------------------------------------

bool DerivedStreams::ready(const Plan& plan) const {
  return std::all_of(plan.names.begin(), plan.names.end(), [&](const auto& name) { return streams_.at(name.first).open == 0; });
}

std::optional<DerivedStreams::Next> DerivedStreams::next() {
  while (first_open_ < plans_.size() && plans_[first_open_].done) ++first_open_;
  if (first_open_ == plans_.size()) return std::nullopt;
  std::size_t index = first_open_;
  while (index < plans_.size() && (plans_[index].done || !ready(plans_[index]))) ++index;
  if (index == plans_.size()) index = break_circle();
  Plan& plan = plans_[index];
  plan.done = true;
  for (const auto& [name, span] : plan.names) {
    const std::uint32_t generation = streams_.at(name).generation;
    if (generation > kMaxGenerations && plan.generation <= kMaxGenerations)
      reporter_.error("E230", span, fmt::format("`{}` comes at the end of a chain of more than {} rules", name, kMaxGenerations), {},
                      "join rules of the chain into one");
    plan.generation = std::max(plan.generation, generation);
  }
  for (const std::string& name : plan.emits) {
    Stream& stream = streams_.at(name);
    stream.generation = std::max(stream.generation, plan.generation + 1);
  }
  return Next{plan.item, index, plan.generation};
}

// Every rule that is left waits for another one that is left: following them ends in a circle.
std::size_t DerivedStreams::break_circle() {
  const auto emitter_of = [&](const std::string& name) {
    for (const std::size_t index : streams_.at(name).emitters)
      if (!plans_[index].done) return index;
    return plans_.size();
  };
  struct Link {
    std::size_t rule;
    std::string stream;  // That it names.
    Span span;
  };
  std::vector<Link> links;
  std::size_t at = first_open_;
  for (;;) {
    const auto seen = std::find_if(links.begin(), links.end(), [&](const Link& link) { return link.rule == at; });
    if (seen != links.end()) {
      links.erase(links.begin(), seen);
      break;
    }
    for (const auto& [name, span] : plans_[at].names) {
      const std::size_t emitter = emitter_of(name);
      if (emitter == plans_.size()) continue;
      links.push_back({at, name, span});
      at = emitter;
      break;
    }
  }
  // links[i] names what links[i + 1] emits: told in the direction in which events go, from the first rule in load order.
  const auto first = std::min_element(links.begin(), links.end(), [](const Link& a, const Link& b) { return a.rule < b.rule; });
  std::rotate(links.begin(), first, links.end());
  const auto rule_name = [&](std::size_t rule) { return std::get<ast::Rule>(plans_[rule].item->body).name.text; };
  std::string way = rule_name(links[0].rule);
  for (std::size_t i = links.size(); i-- > 0;) way += fmt::format(" -> {} -> {}", links[i].stream, rule_name(links[i].rule));
  std::string message = links.size() == 1 ? fmt::format("the rule `{}` feeds itself", rule_name(links[0].rule))
                                          : fmt::format("{} rules feed each other in a circle", links.size());
  // Of the streams the text: emitted -> named -> ..
  reporter_.error("E197", links[0].span, std::move(message), way, "let one of them emit another name");
  return links[0].rule;
}

// ---- Fields ---------------------------------------------------------------------------------------------------------------

void DerivedStreams::checked(std::size_t index, const Emitted& emitted) {
  static const EmittedStream kNothing;
  for (const std::string& name : plans_[index].emits) {
    Stream& stream = streams_.at(name);
    if (--stream.open > 0) continue;
    const auto fields = emitted.by_name.find(name);
    if (stream.declared)
      agree(name, stream, fields == emitted.by_name.end() ? kNothing : fields->second);
    else
      complete(stream, fields == emitted.by_name.end() ? kNothing : fields->second);
  }
}

// The union of what the rules give it.
void DerivedStreams::complete(const Stream& stream, const EmittedStream& fields) {
  StreamSchema& schema = world_.schemas[stream.id];
  StreamInfo& info = world_.streams[stream.id];
  for (const auto& [field_name, known] : fields.fields) {
    Field field;
    field.name = field_name;
    field.type = known.type;
    field.optional = known.emits < fields.emits;
    field.nocase = known.nocase;
    field.source = field_name;
    const FieldInfo seen{static_cast<SlotIndex>(schema.fields.size()), known.type, known.nocase, field.optional, false};
    if (field_name != "time") info.fields[field_name] = seen;  // `time` is the event time, here as everywhere.
    for (std::size_t dot = field_name.find('.'); dot != std::string::npos; dot = field_name.find('.', dot + 1))
      info.records.insert(field_name.substr(0, dot));
    schema.fields.push_back(std::move(field));
  }
  info.damaged = fields.poisoned || fields.emits == 0;
}

// What every rule that emits a declared stream leaves out must be optional there. (Types are compared rule by rule.)
void DerivedStreams::agree(const std::string& name, const Stream& stream, const EmittedStream& fields) {
  if (fields.poisoned) return;
  const StreamSchema& schema = world_.schemas[stream.id];
  for (std::size_t slot = 0; slot < schema.fields.size(); ++slot) {
    const Field& field = schema.fields[slot];
    if (field.optional || static_cast<SlotIndex>(slot) == schema.time_slot) continue;
    const auto given = fields.by_name.find(field.name);
    if (given != fields.by_name.end() && fields.fields[given->second].second.emits == fields.emits) continue;
    reporter_.error("E137", fields.span, fmt::format("`{}` needs a field `{}`, which is not given everywhere", name, field.name),
                    "one of the rules that emit it leaves it out",
                    fmt::format("give it, or declare it as optional: `{}: {}?`", field.name, to_string(field.type)));
  }
}

void DerivedStreams::finish(std::span<Rule> rules) const {
  std::vector<bool> named(world_.schemas.size());
  for (const Rule& rule : rules) {
    if (rule.disabled) continue;
    for (const StreamId stream : rule.streams) named[stream] = true;
  }
  for (const Table& table : world_.tables) named[table.stream] = true;
  for (const Table& table : world_.tables) {
    std::set<int> sides;
    if (world_.schemas[table.stream].external) sides.insert(-1);
    for (const Rule& rule : rules) {
      const auto writes = [&](const Emit& emit) { return !rule.disabled && emit.stream == table.name; };
      const bool any = writes(rule.emit) || (rule.on_timeout && writes(*rule.on_timeout)) || (rule.on_break && writes(*rule.on_break)) ||
                       (rule.on_clear && writes(*rule.on_clear));
      if (any) sides.insert(static_cast<int>(rule.generation));
    }
    if (table.truncated != kTimeSlot && !sides.empty() && *sides.rbegin() >= 0)
      reporter_.error("E239", world_.streams[table.stream].span,
                      fmt::format("the table `{}` mirrors a change stream, so no rule can write it", table.name), {},
                      "let the rule write a table of its own, and ask both: `(mine[k].x ?? theirs[k].x)`");
    if (table.max_rows > 0 && sides.size() > 1)
      reporter_.error("E238", world_.streams[table.stream].span,
                      fmt::format("the table `{}` has a bound on its rows, so its changes must come from one side", table.name), {},
                      "from one input, or from rules of one level; or leave out `rows`");
  }
  const auto complete = [&](Emit& emit) {
    const auto stream = world_.stream_by_name.find(emit.stream);
    if (stream == world_.stream_by_name.end()) return;
    emit.id = stream->second;
    emit.feeds = named[emit.id];
    for (const EmitField& field : emit.fields) {
      const std::optional<SlotIndex> slot = world_.schemas[emit.id].find(field.name);
      emit.slots.push_back(slot.value_or(kTimeSlot));
    }
  };
  for (Rule& rule : rules) {
    complete(rule.emit);
    if (rule.on_timeout) complete(*rule.on_timeout);
    if (rule.on_break) complete(*rule.on_break);
    if (rule.on_clear) complete(*rule.on_clear);
  }
}

}  // namespace sequitur::dsl
