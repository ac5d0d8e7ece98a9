// `late to NAME`: NAME is a stream of its own. Its events have the fields of the late ones, the event time of the late one
// among them (`event_time` where that is called `time`); their own time is that of the watermark which the late one missed.
#include <fmt/core.h>

#include "dsl/check_world.hpp"

namespace sequitur::dsl {
namespace {

std::string name_there(const StreamSchema& schema, std::size_t slot) {
  const bool is_time = static_cast<SlotIndex>(slot) == schema.time_slot;
  return is_time && schema.fields[slot].name == "time" ? std::string(kOwnTimeField) : schema.fields[slot].name;
}

class LateStreams {
 public:
  LateStreams(World& world, Reporter& reporter) : world_(world), reporter_(reporter), declared_(world.schemas.size()) {}

  void add(const ast::Stream& stream, const ast::StreamOption& option) {
    const auto origin = world_.stream_by_name.find(stream.name.text);
    if (origin == world_.stream_by_name.end() || !option.name) return;
    const std::string& name = option.name->text;
    const auto known = world_.stream_by_name.find(name);
    if ((known != world_.stream_by_name.end() && known->second < declared_) || world_.filters.contains(name) ||
        world_.emitted.contains(name))
      return reporter_.error("E076", option.name->span, fmt::format("`{}` is something else already", name), {},
                             "late events need a stream of their own: give it a name that stands for nothing else");
    const StreamId id = known != world_.stream_by_name.end() ? known->second : declare(name, option.name->span);
    merge(origin->second, id, option.name->span);
  }

 private:
  StreamId declare(const std::string& name, Span span) {
    StreamSchema schema;
    schema.id = static_cast<StreamId>(world_.schemas.size());
    schema.name = name;
    schema.external = false;
    StreamInfo info;
    info.id = schema.id;
    info.span = span;
    info.fields["time"] = {kTimeSlot, Type::kTime, false, false, false};
    world_.stream_by_name.emplace(name, schema.id);
    world_.schemas.push_back(std::move(schema));
    world_.streams.push_back(std::move(info));
    return world_.schemas.back().id;
  }

  void merge(StreamId from, StreamId to, Span span) {
    const StreamSchema& origin = world_.schemas[from];
    StreamSchema& late = world_.schemas[to];
    StreamInfo& info = world_.streams[to];
    info.damaged = info.damaged || world_.streams[from].damaged;
    info.records.insert(world_.streams[from].records.begin(), world_.streams[from].records.end());
    for (std::size_t slot = 0; slot < origin.fields.size(); ++slot) {
      Field field = origin.fields[slot];
      field.name = name_there(origin, slot);
      field.optional = true;  // What one of several origins has need not be in the others; a late event has what it had.
      const std::optional<SlotIndex> there = late.find(field.name);
      if (!there) {
        info.fields[field.name] = {static_cast<SlotIndex>(late.fields.size()), field.type, field.nocase, true, false};
        late.fields.push_back(std::move(field));
      } else if (late.fields[static_cast<std::size_t>(*there)].type != field.type) {
        reporter_.error("E077", span,
                        fmt::format("`{}` of `{}` is {} here but {} in another stream whose late events go there", field.name, late.name,
                                    to_string(field.type), to_string(late.fields[static_cast<std::size_t>(*there)].type)),
                        {}, "let them go to two streams");
      }
    }
  }

  World& world_;
  Reporter& reporter_;
  const std::size_t declared_;  // How many streams have a block of their own.
};

}  // namespace

void declare_late_streams(std::span<const ast::File> files, World& world, Reporter& reporter) {
  LateStreams late(world, reporter);
  for (const ast::File& file : files)
    for (const ast::Item& item : file.items)
      if (const auto* stream = std::get_if<ast::Stream>(&item.body))
        for (const ast::StreamOption& option : stream->options)
          if (option.kind == ast::StreamOptionKind::kLateTo) late.add(*stream, option);
}

}  // namespace sequitur::dsl
