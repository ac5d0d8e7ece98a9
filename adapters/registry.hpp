// All adapters by name. An adapter is listed here by hand: objects that register themselves vanish from static libraries.
//
//     auto source = open_source("file", {{"path", "auth.ndjson"}, {"follow", "true"}});
#pragma once

#include <memory>
#include <span>
#include <string_view>

#include "adapters/adapter_config.hpp"
#include "sequitur/result.hpp"
#include "sequitur/sink.hpp"
#include "sequitur/source.hpp"

namespace sequitur {

std::span<const AdapterSpec> adapter_specs();
// Null if there is none of this name.
const AdapterSpec* find_adapter(AdapterSpec::Kind kind, std::string_view name);

// An Error for an unknown adapter, for a configuration that does not fit its spec, and for what cannot be opened.
Result<std::unique_ptr<Source>> open_source(std::string_view adapter, const ConfigValues& values);
Result<std::unique_ptr<Sink>> open_sink(std::string_view adapter, const ConfigValues& values);
Result<std::unique_ptr<DeadLetterSink>> open_dead_letters(std::string_view adapter, const ConfigValues& values);

}  // namespace sequitur
