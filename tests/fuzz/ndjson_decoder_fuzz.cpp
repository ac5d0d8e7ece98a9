// Any bytes as NDJSON: never a crash, the same events with and without room behind the batch, and what simdjson takes we take.
#include <simdjson.h>

#include "decoder_fuzz.hpp"

namespace {

using namespace sequitur;

void compare_with_simdjson(const RawBatch& raw, const EventBatch& out) {
  static simdjson::dom::parser parser;
  std::vector<const BadRecord*> undecodable;
  for (const BadRecord& bad : out.bad)
    if (bad.reason == BadReason::kUndecodable) undecodable.push_back(&bad);
  std::size_t begin = 0;
  std::size_t next_bad = 0;
  for (std::uint64_t record = 1; begin < raw.bytes.size(); ++record) {
    const std::size_t end = std::min(raw.bytes.find('\n', begin), raw.bytes.size());
    const std::string line = raw.bytes.substr(begin, end - begin);
    begin = end + 1;
    const bool is_bad = next_bad < undecodable.size() && undecodable[next_bad]->record == record;
    if (is_bad) ++next_bad;
    // Where we differ on purpose: escapes of lone surrogates, numbers beyond 64 bits, the depth that is too deep, blank lines,
    // a byte order mark.
    if (line.find("\\u") != std::string::npos || line.find_first_not_of(" \t\r") == std::string::npos || line.starts_with("\xEF\xBB\xBF"))
      continue;
    if (is_bad && undecodable[next_bad - 1]->detail == "nested too deep") continue;
    simdjson::dom::object object;
    const auto error = parser.parse(line).get_object().get(object);
    if (error == simdjson::NUMBER_ERROR || error == simdjson::DEPTH_ERROR) continue;
    fuzz::require(is_bad == (error != simdjson::SUCCESS), "we take what simdjson takes");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const StreamSchema schema = fuzz::schema_of_all_types();
  static const std::unique_ptr<Decoder> decoder = [] {
    const StreamSchema* schemas[] = {&schema};
    return std::move(*make_decoder(Format::kNdjson, schemas, {}));
  }();
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string shown[2];
  for (const bool slack : {false, true}) {
    const RawBatch raw = fuzz::batch_of(text, slack);
    EventBatch out;
    decoder->decode(raw, out);
    fuzz::require(out.events.size() + out.bad.size() + out.unmatched == out.records, "every record is accounted for");
    shown[slack ? 1 : 0] = fuzz::shown(raw, out, schema);
    if (slack) compare_with_simdjson(raw, out);
  }
  fuzz::require(shown[0] == shown[1], "what stands behind the batch does not matter");
  return 0;
}
