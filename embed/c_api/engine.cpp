// Engines: their rules, their clock, their state (sequitur.h, "Engines"). Events are in rows.cpp.
#include <algorithm>

#include "embed/c_api/handles.hpp"

using namespace sequitur;
using namespace sequitur::c_api;

// Nothing of a callback comes back here, so `delivering` needs no guard.
void sequitur_engine::deliver(std::span<const Alert> given) {
  alerts += given.size();
  if (on_alert == nullptr) return;
  delivering = true;
  for (const Alert& alert : given) {
    const sequitur_alert handle{&alert, &alert_texts};
    on_alert(user, &handle);
    alert_texts.clear();
  }
  delivering = false;
}

namespace {

EngineOptions options_of(const sequitur_options* given) {
  EngineOptions options;
  if (given == nullptr) return options;
  sequitur_options known{};
  std::memcpy(&known, given, std::min(given->size, sizeof known));
  if (known.threads > 0) options.threads = known.threads;
  if (known.max_runs > 0) options.max_runs = known.max_runs;
  if (known.max_run_events > 0) options.max_run_events = known.max_run_events;
  if (known.max_tick_keys > 0) options.max_tick_keys = known.max_tick_keys;
  if (known.max_window_events > 0) options.max_window_events = known.max_window_events;
  options.assume_silent = known.assume_silent != 0;
  return options;
}

}  // namespace

extern "C" {

const char* sequitur_version(void) { return SEQUITUR_VERSION; }

void sequitur_free(void* memory) { std::free(memory); }

sequitur_engine* sequitur_engine_new(const sequitur_rules* rules, const sequitur_options* options, sequitur_on_alert on_alert, void* user,
                                     char** error) {
  sequitur_engine* result = nullptr;
  guarded(error, [&] {
    if (rules == nullptr) return bad_argument("there are no rules", error);
    std::string text;
    std::shared_ptr<const RuleSet> set = c_api::load(*rules, text);
    if (!set) return report(SEQUITUR_BAD_RULES, text, error);
    auto engine = std::make_unique<sequitur_engine>();
    engine->on_alert = on_alert;
    engine->user = user;
    engine->engine = std::make_unique<Engine>(std::move(set), options_of(options),
                                              [handle = engine.get()](std::span<const Alert> alerts) { handle->deliver(alerts); });
    result = engine.release();
    return SEQUITUR_OK;
  });
  return result;
}

void sequitur_engine_delete(sequitur_engine* engine) { delete engine; }

sequitur_status sequitur_engine_replace_rules(sequitur_engine* engine, const sequitur_rules* rules, char** error) {
  return guarded(engine, error, [&] {
    if (rules == nullptr) return bad_argument("there are no rules", error);
    std::string text;
    std::shared_ptr<const RuleSet> set = c_api::load(*rules, text);
    if (!set) return report(SEQUITUR_BAD_RULES, text, error);
    const Result<RuleChange> change = engine->engine->replace_rules(std::move(set));
    return change ? SEQUITUR_OK : report(SEQUITUR_FAILED, change.error().message, error);
  });
}

int32_t sequitur_engine_stream(const sequitur_engine* engine, const char* name) {
  if (engine == nullptr || name == nullptr) return -1;
  const StreamSchema* schema = engine->engine->rules()->find_stream(name);
  return schema != nullptr ? static_cast<int32_t>(schema->id) : -1;
}

int32_t sequitur_engine_field(const sequitur_engine* engine, int32_t stream, const char* name) {
  const StreamSchema* schema = stream_of(engine, stream);
  return schema != nullptr && name != nullptr ? schema->find(name).value_or(-1) : -1;
}

size_t sequitur_engine_stream_count(const sequitur_engine* engine) {
  return engine != nullptr ? engine->engine->rules()->schemas().size() : 0;
}

const char* sequitur_engine_stream_name(const sequitur_engine* engine, int32_t stream) {
  const StreamSchema* schema = stream_of(engine, stream);
  return schema != nullptr ? schema->name.c_str() : nullptr;
}

size_t sequitur_engine_field_count(const sequitur_engine* engine, int32_t stream) {
  const StreamSchema* schema = stream_of(engine, stream);
  return schema != nullptr ? schema->fields.size() : 0;
}

const char* sequitur_engine_field_name(const sequitur_engine* engine, int32_t stream, int32_t field) {
  if (field < 0 || static_cast<size_t>(field) >= sequitur_engine_field_count(engine, stream)) return nullptr;
  return stream_of(engine, stream)->fields[static_cast<size_t>(field)].name.c_str();
}

sequitur_type sequitur_engine_field_type(const sequitur_engine* engine, int32_t stream, int32_t field) {
  if (field < 0 || static_cast<size_t>(field) >= sequitur_engine_field_count(engine, stream)) return SEQUITUR_NULL;
  const Type type = stream_of(engine, stream)->fields[static_cast<size_t>(field)].type;
  return is_list(type) ? SEQUITUR_LIST : static_cast<sequitur_type>(static_cast<int>(type) + 1);
}

sequitur_status sequitur_engine_advance(sequitur_engine* engine, int64_t time_us) {
  return guarded(engine, nullptr, [&] {
    engine->engine->advance(Timestamp{Duration{time_us}});
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_engine_finish(sequitur_engine* engine) {
  return guarded(engine, nullptr, [&] {
    engine->engine->finish();
    return SEQUITUR_OK;
  });
}

int64_t sequitur_engine_time(const sequitur_engine* engine) {
  return (engine != nullptr ? engine->engine->time() : kBeginningOfTime).time_since_epoch().count();
}

sequitur_status sequitur_engine_counters(const sequitur_engine* engine, sequitur_counters* counters) {
  return guarded(engine, nullptr, [&] {
    if (counters == nullptr) return SEQUITUR_BAD_ARGUMENT;
    const EngineCounters now = engine->engine->counters();
    *counters = {now.events, engine->alerts, now.live_runs, now.live_keys, now.state_bytes};
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_engine_snapshot(const sequitur_engine* engine, char** bytes, size_t* size, char** error) {
  return guarded(engine, error, [&] {
    if (bytes == nullptr || size == nullptr) return bad_argument("there is no place for the snapshot", error);
    const std::string taken = engine->engine->snapshot();
    *bytes = copy_of(taken);
    *size = taken.size();
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_engine_restore(sequitur_engine* engine, const char* bytes, size_t size, char** error) {
  return sequitur_engine_restore_groups(engine, &bytes, &size, 1, error);
}

sequitur_status sequitur_engine_snapshot_groups(const sequitur_engine* engine, uint32_t groups, char** parts, size_t* sizes, char** error) {
  return guarded(engine, error, [&] {
    if (parts == nullptr || sizes == nullptr) return bad_argument("there is no place for the parts", error);
    const std::vector<std::string> taken = engine->engine->snapshot_groups(groups);
    if (taken.empty()) return bad_argument("there must be 1 to 65,536 groups", error);
    std::vector<std::unique_ptr<char, decltype(&std::free)>> copies;
    for (const std::string& part : taken) copies.emplace_back(copy_of(part), &std::free);
    for (std::size_t i = 0; i < taken.size(); ++i) {
      parts[i] = copies[i].release();
      sizes[i] = taken[i].size();
    }
    return SEQUITUR_OK;
  });
}

sequitur_status sequitur_engine_restore_groups(sequitur_engine* engine, const char* const* parts, const size_t* sizes, size_t count,
                                               char** error) {
  return guarded(engine, error, [&] {
    if (parts == nullptr || sizes == nullptr) return bad_argument("there are no parts", error);
    std::vector<std::string_view> views;
    for (std::size_t i = 0; i < count; ++i) {
      if (parts[i] == nullptr) return bad_argument("a part is a null pointer", error);
      views.emplace_back(parts[i], sizes[i]);
    }
    const Result<void> restored = engine->engine->restore_groups(views);
    return restored ? SEQUITUR_OK : report(SEQUITUR_BAD_SNAPSHOT, restored.error().message, error);
  });
}

}  // extern "C"
