// Any bytes as a change stream: never a crash, the same events with and without room behind the batch, and the schema that may
// stand around an envelope changes nothing.
#include "decoder_fuzz.hpp"

namespace {

using namespace sequitur;

StreamSchema table_of_all_types() {
  StreamSchema schema = fuzz::schema_of_all_types();
  schema.change_stream = true;
  for (const char* name : {"__op", "__source_table"}) schema.fields.push_back(fuzz::field(name, Type::kString));
  schema.fields.push_back(fuzz::field("__deleted", Type::kBool));
  schema.fields[0].source = "__source_ts_ms";
  return schema;
}

// What became of the one record, without its place.
std::string one_record(const Decoder& decoder, const StreamSchema& schema, std::string_view text) {
  const RawBatch raw = fuzz::batch_of(text, true);
  EventBatch out;
  decoder.decode(raw, out);
  std::string shown;
  for (const Event* event : out.events) append_json(*event, schema, shown);
  for (const BadRecord& bad : out.bad) shown += std::string(to_string(bad.reason)) + ' ' + std::string(bad.detail);
  return shown + std::to_string(out.unmatched);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const StreamSchema schema = table_of_all_types();
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
  }
  fuzz::require(shown[0] == shown[1], "what stands behind the batch does not matter");

  // An envelope, not one of the things that stand around one.
  const bool one_line = text.find('\n') == std::string_view::npos && text.find('\r') == std::string_view::npos;
  const bool plain = text.find("payload") == std::string_view::npos && text.find("value") == std::string_view::npos;
  const std::string alone = one_record(*decoder, schema, text);
  if (one_line && plain && alone.starts_with('{'))
    fuzz::require(alone == one_record(*decoder, schema, "{\"schema\":{},\"payload\":" + std::string(text) + "}"),
                  "the schema changes nothing");
  return 0;
}
