// Any bytes as text lines, for streams with captures of every type, times of several kinds and years that turn.
#include "decoder_fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace sequitur;
  static const StreamSchema epoch = [] {
    StreamSchema schema = fuzz::schema_of_all_types();
    schema.line_pattern =
        R"(^t=(?<t>\S+)(?: b=(?<b>\S*))?(?: i=(?<i>\S*))?(?: f=(?<f>\S*))?(?: s=(?<s>[^;]*);)?(?: u=(?<u>\S*))?(?: d=(?<d>\S*))?)";
    return schema;
  }();
  static const std::vector<StreamSchema> timed = [] {
    std::vector<StreamSchema> schemas;
    for (const char* pattern : {"%b %e %H:%M:%S", "%Y-%m-%d %H:%M:%S.%f %z", "%a %d/%m/%y %I:%M %p %Z", "%j %T", "%s"}) {
      StreamSchema& schema = schemas.emplace_back();
      schema.id = static_cast<StreamId>(schemas.size());
      schema.name = "s";
      schema.fields = {fuzz::field("t", Type::kTime, false)};
      schema.time_slot = 0;
      schema.time_format.kind = TimeFormat::Kind::kPattern;
      schema.time_format.pattern = pattern;
      schema.time_format.year = 2023;
      schema.time_format.zone = schemas.size() % 2 == 0 ? "Europe/Berlin" : "";
      schema.line_pattern = "^([^|]*[|])?(?<t>[^|]*)$";
    }
    StreamSchema& rfc = schemas.emplace_back(schemas[0]);
    rfc.id = static_cast<StreamId>(schemas.size());
    rfc.time_format = TimeFormat{};
    return schemas;
  }();
  static const std::unique_ptr<Decoder> first = [] {
    const StreamSchema* schemas[] = {&epoch};
    return std::move(*make_decoder(Format::kLines, schemas, {}));
  }();
  std::vector<const StreamSchema*> schemas;
  for (const StreamSchema& schema : timed) schemas.push_back(&schema);
  const std::unique_ptr<Decoder> second = std::move(*make_decoder(Format::kLines, schemas, {}));  // Its years begin anew.

  const RawBatch raw = fuzz::batch_of(std::string_view(reinterpret_cast<const char*>(data), size), false);
  EventBatch out;
  first->decode(raw, out);
  first->settle(raw, out);
  fuzz::shown(raw, out, epoch);
  fuzz::require(out.events.size() + out.bad.size() + out.unmatched == out.records, "every record is accounted for");
  out.clear();
  second->decode(raw, out);
  second->settle(raw, out);
  fuzz::shown(raw, out, timed[0]);
  return 0;
}
