#include "text_feed.hpp"

#include <cstdio>
#include <cstdlib>

#include "adapters/formats.hpp"
#include "limits/workload.hpp"

namespace sequitur::bench {
namespace {

// Pieces of text that were cut beforehand, as a file's source hands them on.
class TextSource : public Source {
 public:
  TextSource(std::vector<std::string> pieces, std::shared_ptr<const std::string> header)
      : pieces_(std::move(pieces)), header_(std::move(header)) {}
  Result<ReadStatus> read(RawBatch& batch) override {
    if (next_ == pieces_.size()) return ReadStatus::kEnd;
    batch.offset = offset_;
    batch.bytes.swap(pieces_[next_++]);
    batch.header = header_;
    offset_ += batch.bytes.size();
    batch.source_bytes = offset_;
    return ReadStatus::kRecords;
  }

 private:
  std::vector<std::string> pieces_;
  std::shared_ptr<const std::string> header_;
  std::size_t next_ = 0;
  std::uint64_t offset_ = 0;
};

std::vector<std::string> cut(std::string_view text) {
  constexpr std::size_t kPiece = 256 * 1024;
  std::vector<std::string> pieces;
  while (!text.empty()) {
    const std::size_t end = text.size() <= kPiece ? text.size() : text.rfind('\n', kPiece) + 1;
    pieces.emplace_back().reserve(end + limits::kTextPadding);
    pieces.back() = text.substr(0, end);
    text.remove_prefix(end);
  }
  return pieces;
}

}  // namespace

TextFeed::TextFeed(std::shared_ptr<const RuleSet> rules, const std::vector<limits::Record>& records, Carrier carrier)
    : rules_(std::move(rules)), carrier_(carrier) {
  text_ = carrier == Carrier::kNdjson ? limits::make_ndjson(records) : limits::make_csv(records);
  text_.reserve(text_.size() + limits::kTextPadding);
}

void TextFeed::prepare() {
  inputs_.clear();
  Input& input = inputs_.emplace_back();
  input.name = "text";
  const bool csv = carrier_ == Carrier::kCsv;
  auto header = csv ? std::make_shared<const std::string>(limits::kCsvHeader.substr(0, limits::kCsvHeader.size() - 1)) : nullptr;
  input.source = std::make_unique<TextSource>(cut(text_), header);
  std::vector<const StreamSchema*> schemas;
  for (const StreamSchema& schema : rules_->schemas())
    if (schema.external) {
      schemas.push_back(&schema);
      input.streams.push_back(schema.id);
    }
  DecoderOptions options;
  options.stream_field = "stream";
  auto decoder = make_decoder(csv ? Format::kCsv : Format::kNdjson, schemas, options);
  if (!decoder) {
    std::fprintf(stderr, "%s\n", decoder.error().message.c_str());
    std::exit(1);
  }
  input.decoder = std::move(*decoder);
}

std::uint64_t TextFeed::run(const EngineOptions& options) {
  const Result<RunSummary> summary = sequitur::run(rules_, options, std::move(inputs_), {}, nullptr, {});
  inputs_.clear();
  return summary ? summary->alerts : ~std::uint64_t{0};
}

}  // namespace sequitur::bench
