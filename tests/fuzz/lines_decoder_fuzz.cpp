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
    for (const char* pattern : {"%b %e %H:%M:%S", "%j %T", "%Y-%m-%d %H:%M:%S.%f %z", "%a %d/%m/%y %I:%M %p", "%d %B %Y %k:%M %Z", "%s"}) {
      StreamSchema& schema = schemas.emplace_back();
      schema.id = static_cast<StreamId>(schemas.size());
      schema.name = "s";
      schema.fields = {fuzz::field("t", Type::kTime, false)};
      schema.time_slot = 0;
      schema.time_format.kind = TimeFormat::Kind::kPattern;
      schema.time_format.pattern = pattern;
      schema.time_format.year = 2023;
      schema.time_format.zone = schemas.size() > 2 ? "Europe/Berlin" : "";
      schema.line_pattern = "^([^|]*[|])?(?<t>[^|]*)$";
    }
    StreamSchema rfc = schemas.back();
    rfc.id = static_cast<StreamId>(schemas.size() + 1);
    rfc.time_format = TimeFormat{};
    schemas.push_back(rfc);
    return schemas;
  }();
  const auto decoder_of = [](std::vector<const StreamSchema*> schemas) { return std::move(*make_decoder(Format::kLines, schemas, {})); };
  static const std::unique_ptr<Decoder> first = decoder_of({&epoch});
  static const std::unique_ptr<Decoder> second = decoder_of({&timed[2], &timed[3], &timed[4], &timed[5], &timed[6]});
  const std::unique_ptr<Decoder> yearless = decoder_of({&timed[0], &timed[1]});  // Made anew: its years begin anew.

  const RawBatch raw = fuzz::batch_of(std::string_view(reinterpret_cast<const char*>(data), size), false);
  for (Decoder* decoder : {first.get(), second.get(), yearless.get()}) {
    EventBatch out;
    decoder->decode(raw, out);
    decoder->settle(raw, out);
    fuzz::shown(raw, out, decoder == first.get() ? epoch : timed[0]);
    if (decoder == first.get())
      fuzz::require(out.events.size() + out.bad.size() + out.unmatched == out.records, "every record is accounted for");
  }
  return 0;
}
