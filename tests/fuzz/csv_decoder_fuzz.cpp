// Any bytes as CSV: never a crash, and wherever a source cuts, the events are the same.
#include "adapters/formats/csv_scan.hpp"
#include "decoder_fuzz.hpp"

namespace {

using namespace sequitur;

constexpr std::size_t kLimit = 50;

std::string decode(const Decoder& decoder, std::string_view text, std::uint64_t offset, std::uint64_t record, bool slack,
                   const StreamSchema& schema) {
  RawBatch raw = fuzz::batch_of(text, slack);
  raw.offset = offset;
  raw.first_record = record;
  EventBatch out;
  decoder.decode(raw, out);
  fuzz::require(out.events.size() + out.bad.size() + out.unmatched == out.records, "every record is accounted for");
  return fuzz::shown(raw, out, schema);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const StreamSchema schema = fuzz::schema_of_all_types();
  static const std::unique_ptr<Decoder> decoders[2] = {[] {
                                                         DecoderOptions options;
                                                         options.header = false;
                                                         options.columns = {"t", "s", "i", "f", "b"};
                                                         options.max_record_bytes = kLimit;
                                                         const StreamSchema* schemas[] = {&schema};
                                                         return std::move(*make_decoder(Format::kCsv, schemas, options));
                                                       }(),
                                                       [] {
                                                         const StreamSchema* schemas[] = {&schema};
                                                         return std::move(*make_decoder(Format::kTsv, schemas, {}));
                                                       }()};
  if (size < 1) return 0;
  const std::size_t cut = data[0];
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  decode(*decoders[1], text, 0, 1, false, schema);
  const std::string whole = decode(*decoders[0], text, 0, 1, false, schema);
  fuzz::require(whole == decode(*decoders[0], text, 0, 1, true, schema), "what stands behind the batch does not matter");
  // A source that has read `cut` bytes hands on the complete records among them.
  const CsvCut first = cut_csv_records(text.substr(0, std::min(cut, text.size())), ',', kLimit);
  const std::string parts = decode(*decoders[0], text.substr(0, first.end), 0, 1, false, schema) +
                            decode(*decoders[0], text.substr(first.end), first.end, 1 + first.records, false, schema);
  fuzz::require(whole == parts, "where a source cuts does not matter");
  return 0;
}
