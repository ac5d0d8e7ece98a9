// What stands behind the handles of sequitur.h, and the border that no exception crosses.
#pragma once

#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/engine.hpp"
#include "sequitur/rule_files.hpp"
#include "sequitur/sequitur.h"

struct sequitur_alert {
  const sequitur::Alert* alert = nullptr;
  sequitur::Arena* texts = nullptr;  // For what must end with a zero; emptied behind each alert.
};

struct sequitur_rules {
  sequitur::RuleFiles files;
  sequitur::RuleSetOptions options;
};

struct sequitur_engine {
  std::unique_ptr<sequitur::Engine> engine;
  sequitur_on_alert on_alert = nullptr;
  void* user = nullptr;
  bool delivering = false;
  std::uint64_t alerts = 0;
  sequitur::Arena alert_texts;

  // Of the rows being pushed; reused.
  sequitur::Arena rows;
  std::vector<sequitur::Event*> events;

  void deliver(std::span<const sequitur::Alert> given);
};

namespace sequitur::c_api {

// A copy by malloc(), as sequitur_free() releases it.
inline char* copy_of(std::string_view bytes) {
  auto* copy = static_cast<char*>(std::malloc(bytes.size() + 1));
  if (copy == nullptr) throw std::bad_alloc();
  std::memcpy(copy, bytes.data(), bytes.size());
  copy[bytes.size()] = '\0';
  return copy;
}

inline sequitur_status report(sequitur_status status, std::string_view message, char** error) noexcept {
  if (error == nullptr) return status;
  try {
    *error = copy_of(message);
  } catch (...) { *error = nullptr; }
  return status;
}

// Calls body(), which returns a status, and turns exceptions into one.
template <typename Body>
sequitur_status guarded(char** error, const Body& body) noexcept {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return report(SEQUITUR_NO_MEMORY, "there is no memory left", error);
  } catch (const std::exception& exception) { return report(SEQUITUR_FAILED, exception.what(), error); } catch (...) {
    return report(SEQUITUR_FAILED, "an unknown exception", error);
  }
}

inline sequitur_status bad_argument(std::string_view message, char** error) { return report(SEQUITUR_BAD_ARGUMENT, message, error); }

// As guarded(), for calls that an engine's callback must not make.
template <typename Body>
sequitur_status guarded(const sequitur_engine* engine, char** error, const Body& body) noexcept {
  if (engine == nullptr) return bad_argument("there is no engine", error);
  if (engine->delivering) return report(SEQUITUR_BUSY, "the engine is delivering alerts: its callback must not use it", error);
  return guarded(error, body);
}

// The stream of this number; null if there is none.
inline const StreamSchema* stream_of(const sequitur_engine* engine, std::int64_t stream) {
  if (engine == nullptr) return nullptr;
  const std::vector<StreamSchema>& schemas = engine->engine->rules()->schemas();
  return stream >= 0 && static_cast<std::size_t>(stream) < schemas.size() ? &schemas[static_cast<std::size_t>(stream)] : nullptr;
}

// Pushes engine->events and says by `taken` how many went in; `done` went in before.
sequitur_status push_events(sequitur_engine& engine, std::size_t done, std::size_t* taken, char** error);

// The rules of the files; null, with the diagnostics as text, if there are errors.
std::shared_ptr<const RuleSet> load(const sequitur_rules& rules, std::string& text);

}  // namespace sequitur::c_api
