// What every source must do, for files of every kind; and what is special about files.
#include "adapters/file/file_source.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <filesystem>
#include <optional>
#include <random>
#include <string>

#include "adapters/file/byte_stream.hpp"
#include "support.hpp"
#include "temporary.hpp"

namespace sequitur::testing {
namespace {

std::string gzip(std::string_view text) {
  z_stream deflater{};
  EXPECT_EQ(deflateInit2(&deflater, 6, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&deflater, static_cast<uLong>(text.size())) + 64, '\0');
  deflater.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  deflater.avail_in = static_cast<uInt>(text.size());
  deflater.next_out = reinterpret_cast<Bytef*>(out.data());
  deflater.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&deflater, Z_FINISH), Z_STREAM_END);
  out.resize(deflater.total_out);
  deflateEnd(&deflater);
  return out;
}

std::string zstd(std::string_view text, int window_log = 0) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  if (window_log != 0) {
    ZSTD_CCtx_setParameter(context, ZSTD_c_enableLongDistanceMatching, 1);
    ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, window_log);
  }
  std::string out(ZSTD_compressBound(text.size()), '\0');
  // In pieces, so that the frame does not say its size and keeps its window.
  ZSTD_inBuffer input{text.data(), text.size(), 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  ZSTD_compressStream2(context, &output, &input, ZSTD_e_continue);
  EXPECT_EQ(ZSTD_compressStream2(context, &output, &input, ZSTD_e_end), 0u);
  out.resize(output.pos);
  ZSTD_freeCCtx(context);
  return out;
}

// Everything that a source gives, and that the rules of the contract hold on the way.
struct ReadAll {
  std::string bytes;
  std::vector<std::string> defects;
  std::string error;
  std::string header;
  std::size_t batches = 0;
  std::uint64_t source_bytes = 0;
};
ReadAll read_all(Source& source) {
  ReadAll all;
  RawBatch batch;
  std::optional<std::uint64_t> offset;
  while (true) {
    auto status = source.read(batch);
    if (!status) {
      all.error = status.error().message;
      return all;
    }
    if (*status == ReadStatus::kIdle) continue;
    if (*status == ReadStatus::kEnd) break;
    EXPECT_TRUE(!batch.bytes.empty() || !batch.defects.empty());
    EXPECT_GE(batch.bytes.capacity(), batch.bytes.size() + 64);
    if (offset && all.defects.empty()) { EXPECT_EQ(batch.offset, *offset); }
    offset = batch.offset + batch.bytes.size();
    ++all.batches;
    all.bytes += batch.bytes;
    EXPECT_GE(batch.source_bytes, all.source_bytes);
    all.source_bytes = batch.source_bytes;
    if (batch.header != nullptr) all.header = *batch.header;
    for (const SourceDefect& defect : batch.defects) {
      EXPECT_LE(defect.raw.size(), kDefectRawBytes);
      all.defects.push_back(std::string(to_string(defect.reason)) + " record " + std::to_string(defect.record) + " at " +
                            std::to_string(defect.offset) + ": " + defect.detail);
    }
  }
  auto again = source.read(batch);
  EXPECT_TRUE(again && *again == ReadStatus::kEnd) << "an end stays an end";
  return all;
}
ReadAll read_file(const std::string& path, const FileSourceOptions& options = {}) {
  auto source = open_file_source(path, options);
  EXPECT_TRUE(source) << source.error().message;
  return read_all(**source);
}

std::string numbered_lines(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "{\"ts\":" + std::to_string(i) + ",\"user\":\"somebody\"}\n";
  return text;
}

class AnyFile : public ::testing::TestWithParam<std::string> {
 protected:
  std::string packed(std::string_view text) const {
    if (GetParam() == ".gz") return gzip(text);
    if (GetParam() == ".zst") return zstd(text);
    return std::string(text);
  }
  TemporaryFolder folder_;
};
INSTANTIATE_TEST_SUITE_P(Packed, AnyFile, ::testing::Values("", ".gz", ".zst"),
                         [](const auto& instance) { return instance.param.empty() ? std::string("Plain") : instance.param.substr(1); });

TEST_P(AnyFile, GivesAllRecordsInOrder) {
  const std::string text = numbered_lines(50'000);
  const std::string path = folder_.write("a.ndjson" + GetParam(), packed(text));
  const ReadAll all = read_file(path);
  EXPECT_TRUE(all.bytes == text);
  EXPECT_TRUE(all.defects.empty());
  EXPECT_GT(all.batches, 3u);
  EXPECT_EQ(all.source_bytes, std::filesystem::file_size(path));
  auto source = open_file_source(path, {});
  EXPECT_EQ((*source)->total_bytes(), std::filesystem::file_size(path));
}

TEST_P(AnyFile, TheLastLineNeedsNoLineEnd) {
  EXPECT_EQ(read_file(folder_.write("a", packed("{\"a\":1}\r\n{\"a\":2}"))).bytes, "{\"a\":1}\r\n{\"a\":2}");
  EXPECT_EQ(read_file(folder_.write("a", packed("x"))).bytes, "x");
  EXPECT_EQ(read_file(folder_.write("a", packed("\n"))).bytes, "\n");
}

TEST_P(AnyFile, EmptyIsTheEnd) {
  EXPECT_EQ(read_file(folder_.write("a", packed(""))).bytes, "");
  EXPECT_EQ(read_file(folder_.write("b", "")).bytes, "");
}

TEST_P(AnyFile, CanBeClosedAtAnyTime) {
  const std::string path = folder_.write("a", packed(numbered_lines(100'000)));
  for (int reads = 0; reads < 4; ++reads) {
    auto source = open_file_source(path, {});
    RawBatch batch;
    for (int i = 0; i < reads; ++i) EXPECT_TRUE((*source)->read(batch));
  }
}

TEST_P(AnyFile, TooLongRecordsAreSetAsideAndTheRestGoesOn) {
  FileSourceOptions options;
  options.chunk_bytes = 64;
  options.max_record_bytes = 100;
  const std::string text = "first\n" + std::string(5'000, 'x') + "\nlast\n" + std::string(100, 'y') + "\r\n" + std::string(103, 'z');
  const ReadAll all = read_file(folder_.write("a", packed(text)), options);
  EXPECT_EQ(all.bytes, "first\nlast\n" + std::string(100, 'y') + "\r\n");
  EXPECT_EQ(all.defects, (Lines{"too_long record 2 at 6: longer than 100 bytes", "too_long record 5 at 5114: longer than 100 bytes"}));
}

TEST_P(AnyFile, AHugeLineNeedsNoHugeMemory) {
  const std::string path = folder_.path("huge");
  const std::string block(1'000'000, 'x');
  for (int i = 0; i < 100; ++i) folder_.write("huge", packed(block), true);
  folder_.write("huge", packed("\n{}\n"), true);
  rusage before{};
  ::getrusage(RUSAGE_SELF, &before);
  FileSourceOptions options;
  options.max_record_bytes = 1'000'000;
  const ReadAll all = read_file(path, options);
  EXPECT_EQ(all.bytes, "{}\n");
  EXPECT_EQ(all.defects, Lines{"too_long record 1 at 0: longer than 1000000 bytes"});
  rusage after{};
  ::getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 30'000) << "kilobytes for a line of 100 MB";
}

// Whatever the chunks, the events and the bad records are the same; also for several members or frames in one file.
TEST_P(AnyFile, ChunkSizeDoesNotMatter) {
  const StreamSchema schema = stream("s", 0, {field("ts", Type::kTime), field("user", Type::kString, true), field("n", Type::kInt, true)});
  std::mt19937 random(11);
  for (const Format format : {Format::kNdjson, Format::kCsv}) {
    for (int round = 0; round < 12; ++round) {
      std::string text = format == Format::kCsv ? "ts,user,n\n" : "";
      for (int i = 0; i < 60; ++i) {
        const std::string number = std::to_string(i);
        const auto kind = random() % 10;
        if (format == Format::kNdjson) {
          text += kind == 0   ? "\r\n"
                  : kind == 1 ? "{broken\n"
                  : kind == 2 ? "{\"ts\":" + number + ",\"user\":\"" + std::string(random() % 400, 'u') + "\"}\n"
                              : "{\"ts\":" + number + ",\"user\":\"a\\n" + number + "\",\"n\":" + number + "}\r\n";
        } else {
          text += kind == 0   ? "\r\n"
                  : kind == 1 ? number + ",\"a\"b,\n"
                  : kind == 2 ? number + ",\"" + std::string(random() % 400, '\n') + "\"\"\",1\r\n"
                  : kind == 3 ? number + ",5\" pipe,1\n"
                              : number + ",\"a, " + number + "\"," + number + "\n";
        }
      }
      if (round % 2 == 0) text += format == Format::kCsv ? "7,\"open" : "{\"ts\":7}";
      std::string file;
      const std::size_t half = text.size() / 2;
      file = packed(std::string_view(text).substr(0, half)) + packed(std::string_view(text).substr(half));
      const std::string path = folder_.write("a", file);
      Lines expected;
      for (const std::size_t chunk :
           {std::size_t{1'000'000}, std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{100}, std::size_t{1000}}) {
        FileSourceOptions options;
        options.format = format;
        options.chunk_bytes = chunk;
        options.max_record_bytes = 300;
        DecoderOptions decoder_options;
        decoder_options.max_record_bytes = 300;
        const auto decoder = decoder_of(format, {&schema}, decoder_options);
        auto source = open_file_source(path, options);
        ASSERT_TRUE(source);
        RawBatch raw;
        EventBatch out;
        Lines events;
        Lines bad;
        for (auto status = (*source)->read(raw); status && *status != ReadStatus::kEnd; status = (*source)->read(raw)) {
          if (*status == ReadStatus::kIdle) continue;
          out.clear();
          decoder->decode(raw, out);
          for (std::string& line : described(out, {&schema})) (line.starts_with("s ") ? events : bad).push_back(std::move(line));
          for (std::size_t i = 0; i < out.events.size(); ++i) {
            const EventBatch::Origin origin = out.origins[i];
            events.push_back(std::to_string(raw.first_record + origin.record) + " at " + std::to_string(raw.offset + origin.begin) +
                             " to " + std::to_string(raw.offset + origin.end));
          }
          for (const BadRecord& each : out.bad) bad.push_back(std::string(each.raw));
        }
        std::sort(events.begin(), events.end());
        std::sort(bad.begin(), bad.end());
        events.insert(events.end(), bad.begin(), bad.end());
        if (expected.empty()) expected = events;
        ASSERT_EQ(events, expected) << "format " << to_string(format) << " chunk " << chunk << "\n" << text;
      }
    }
  }
}

TEST_P(AnyFile, TheHeaderTravelsWithEveryBatch) {
  FileSourceOptions options;
  options.format = Format::kCsv;
  options.chunk_bytes = 16;
  const ReadAll all = read_file(folder_.write("a.csv", packed("\"a\nb\",c\n1,2\n3,4\n5,6")), options);
  EXPECT_EQ(all.header, "\"a\nb\",c\n");
  EXPECT_EQ(all.bytes, "1,2\n3,4\n5,6");
  EXPECT_EQ(read_file(folder_.write("b.csv", packed("a,b")), options).bytes, "");
  options.header = false;
  EXPECT_EQ(read_file(folder_.write("c.csv", packed("1,2\n")), options).bytes, "1,2\n");
}

TEST(FileSource, AHeaderThatDoesNotEndIsAnError) {
  TemporaryFolder folder;
  FileSourceOptions options;
  options.format = Format::kCsv;
  options.max_record_bytes = 100;
  EXPECT_EQ(read_file(folder.write("a.csv", std::string(500, 'x')), options).error,
            "the first 100 bytes hold no complete line that could name the columns");
}

TEST(FileSource, WhatCannotBeReadIsSaidAtOpening) {
  TemporaryFolder folder;
  EXPECT_EQ(open_file_source(folder.path("none"), {}).error().message,
            "cannot open " + folder.path("none") + ": No such file or directory");
  EXPECT_EQ(open_file_source(folder.path("."), {}).error().message, "cannot read " + folder.path(".") + ": it is a directory");
  if (::geteuid() != 0) {
    const std::string path = folder.write("secret", "x");
    std::filesystem::permissions(path, std::filesystem::perms::none);
    EXPECT_EQ(open_file_source(path, {}).error().message, "cannot open " + path + ": Permission denied");
  }
}

TEST(FileSource, ArchivesThatAreCutOff) {
  TemporaryFolder folder;
  std::string text = numbered_lines(20'000);
  for (const bool is_gzip : {true, false}) {
    const std::string whole = is_gzip ? gzip(text) : zstd(text);
    const ReadAll all = read_file(folder.write("a", std::string_view(whole).substr(0, whole.size() / 2)));
    EXPECT_TRUE(text.starts_with(all.bytes));
    EXPECT_GT(all.bytes.size(), text.size() / 8);
    EXPECT_EQ(all.bytes.back(), '\n');
    ASSERT_EQ(all.defects.size(), 1u);
    const auto records = std::count(all.bytes.begin(), all.bytes.end(), '\n');
    EXPECT_EQ(all.defects[0], "truncated record " + std::to_string(records + 1) + " at " + std::to_string(all.bytes.size()) + ": the " +
                                  (is_gzip ? "gzip" : "Zstandard") + " data is cut off");
    // Only the very end is missing: of gzip the checksum, all text is there.
    EXPECT_EQ(read_file(folder.write("a", std::string_view(whole).substr(0, whole.size() - 2))).defects.size(), 1u);
    EXPECT_EQ(read_file(folder.write("a", std::string_view(whole).substr(0, 6))).defects.size(), 1u);
  }
}

TEST(FileSource, ArchivesThatAreDamaged) {
  TemporaryFolder folder;
  const std::string text = numbered_lines(20'000);
  std::mt19937 random(3);
  for (int round = 0; round < 40; ++round) {
    std::string packed = round % 2 == 0 ? gzip(text) : zstd(text);
    for (int i = 0; i < 20; ++i) packed[packed.size() / 3 + random() % (packed.size() / 2)] ^= static_cast<char>(1 + random() % 255);
    const ReadAll all = read_file(folder.write("a", packed));
    EXPECT_TRUE(all.error.empty());
    EXPECT_LE(all.defects.size(), 1u);
    if (round % 2 == 0) { EXPECT_EQ(all.defects.size(), 1u) << "gzip has a checksum"; }
  }
}

TEST(FileSource, WhatStandsBehindAGzipMemberIsPassedOver) {
  TemporaryFolder folder;
  EXPECT_EQ(read_file(folder.write("a", gzip("a\n") + gzip("b\n") + std::string(512, '\0'))).bytes, "a\nb\n");
  EXPECT_EQ(read_file(folder.write("a", zstd("a\n") + zstd("b\n"))).bytes, "a\nb\n");
}

TEST(FileSource, LongWindows) {
  TemporaryFolder folder;
  const std::string text = numbered_lines(10'000);
  for (const int window : {27, 31}) EXPECT_TRUE(read_file(folder.write("a", zstd(text, window))).bytes == text);
}

TEST(FileSource, TextThatBeginsLikeAnArchiveIsText) {
  TemporaryFolder folder;
  for (const char* text : {"(", "(\xB5", "\x1F", "P*", "P*M\n", "(a,b)\n"}) EXPECT_EQ(read_file(folder.write("a", text)).bytes, text);
}

// A source on a pipe that the test writes to.
class PipeSource : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::pipe(ends_), 0);
    source_ = std::move(*open_file_source("/dev/fd/" + std::to_string(ends_[0]), {}));
  }
  void TearDown() override {
    source_.reset();
    ::close(ends_[0]);
    hang_up();
  }
  void send(std::string_view text) { ASSERT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size())); }
  void hang_up() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  std::string next() {
    auto status = source_->read(batch_);
    if (!status) return "error: " + status.error().message;
    return *status == ReadStatus::kIdle ? "idle" : *status == ReadStatus::kEnd ? "end" : batch_.bytes;
  }
  int ends_[2] = {-1, -1};
  std::unique_ptr<Source> source_;
  RawBatch batch_;
};

TEST_F(PipeSource, GivesWhatIsThere) {
  EXPECT_EQ(next(), "idle");
  send("a\nb");
  EXPECT_EQ(next(), "a\n");
  EXPECT_EQ(next(), "idle");
  send("c\n");
  EXPECT_EQ(next(), "bc\n");
  send("d");
  hang_up();
  EXPECT_EQ(next(), "d");
  EXPECT_EQ(next(), "end");
}

TEST_F(PipeSource, ArchivesInAPipe) {
  const std::string packed = gzip("a\nb\n");
  send(packed.substr(0, 1));
  EXPECT_EQ(next(), "idle");
  send(packed.substr(1));
  std::string got = next();
  while (got == "idle") got = next();
  EXPECT_EQ(got, "a\nb\n");
  hang_up();
  got = next();
  while (got == "idle") got = next();
  EXPECT_EQ(got, "end");
}

TEST_F(PipeSource, CanBeClosedWhileAnArchiveIsWaitedFor) {
  send(gzip("a\nb\n").substr(0, 12));
  EXPECT_EQ(next(), "idle");
}

class Followed : public ::testing::Test {
 protected:
  void open(const FileSourceOptions& options) { source_ = std::move(*open_file_source(folder_.path("log"), options)); }
  std::string next() {
    auto status = source_->read(batch_);
    if (!status) return "error: " + status.error().message;
    return *status == ReadStatus::kIdle ? "idle" : *status == ReadStatus::kEnd ? "end" : batch_.bytes;
  }
  TemporaryFolder folder_;
  std::unique_ptr<Source> source_;
  RawBatch batch_;
};

TEST_F(Followed, Grows) {
  folder_.write("log", "a\nb");
  FileSourceOptions options;
  options.follow = true;
  open(options);
  EXPECT_EQ(source_->total_bytes(), 0u);
  EXPECT_EQ(next(), "a\n");
  EXPECT_EQ(next(), "idle");
  EXPECT_EQ(next(), "idle");
  folder_.write("log", "c\nd\n", true);
  EXPECT_EQ(next(), "bc\nd\n");
  EXPECT_EQ(batch_.offset, 2u);
  EXPECT_EQ(batch_.first_record, 2u);
  EXPECT_EQ(next(), "idle");
}

TEST_F(Followed, IsReplaced) {
  folder_.write("log", "a\nb\n");
  FileSourceOptions options;
  options.follow = true;
  open(options);
  EXPECT_EQ(next(), "a\nb\n");
  std::filesystem::rename(folder_.path("log"), folder_.path("log.1"));
  EXPECT_EQ(next(), "idle");
  folder_.write("log.1", "c\nlast words", true);  // The writer has not noticed yet.
  folder_.write("log", "new\n");
  EXPECT_EQ(next(), "c\n");
  EXPECT_EQ(next(), "last words");
  EXPECT_EQ(next(), "new\n");
  EXPECT_EQ(batch_.offset, 0u);
  EXPECT_EQ(batch_.first_record, 1u);
  EXPECT_EQ(next(), "idle");
}

TEST_F(Followed, IsCutOffAndHasAHeaderAgain) {
  folder_.write("log", "h1,h2\n1,2\n3,4\n");
  FileSourceOptions options;
  options.format = Format::kCsv;
  options.follow = true;
  open(options);
  EXPECT_EQ(next(), "1,2\n3,4\n");
  EXPECT_EQ(*batch_.header, "h1,h2\n");
  folder_.write("log", "x\n5\n");
  EXPECT_EQ(next(), "5\n");
  EXPECT_EQ(*batch_.header, "x\n");
}

}  // namespace
}  // namespace sequitur::testing
