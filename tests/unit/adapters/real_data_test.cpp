// Recorded data, where it is at hand: everything decodes, and the fields are what independent readers find.
#include <gtest/gtest.h>
#include <simdjson.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "adapters/file/file_source.hpp"
#include "support.hpp"

namespace sequitur::testing {
namespace {

// The file, or an empty path.
std::string data_file(const std::string& name) {
  const char* given = std::getenv("SEQUITUR_DATA");
  const std::filesystem::path folder = given != nullptr ? given : std::string(SEQUITUR_SOURCE_DIR) + "/../shared/data";
  const std::filesystem::path path = folder / name;
  return std::filesystem::exists(path) ? path.string() : "";
}

// Reads up to `batches` batches and hands each one over, decoded.
template <typename Take>
void read(const std::string& path, Format format, const std::vector<const StreamSchema*>& schemas, int batches, Take take) {
  FileSourceOptions options;
  options.format = format;
  auto source = open_file_source(path, options);
  ASSERT_TRUE(source);
  const auto decoder = decoder_of(format, schemas);
  RawBatch raw;
  EventBatch out;
  for (auto status = (*source)->read(raw); status && *status != ReadStatus::kEnd && batches > 0; status = (*source)->read(raw)) {
    if (*status == ReadStatus::kIdle) continue;
    --batches;
    out.clear();
    decoder->decode(raw, out);
    decoder->settle(raw, out);
    take(raw, out);
  }
}

TEST(RealData, EndpointEventsAreWhatSimdjsonReads) {
  const std::string path = data_file("security/mordor_public.jsonl.zst");
  if (path.empty()) GTEST_SKIP() << "no recorded data here";
  StreamSchema schema =
      stream("event", 0,
             {field("@timestamp", Type::kTime), field("EventID", Type::kInt, true), field("CommandLine", Type::kString, true),
              field("Hostname", Type::kString, true), field("ProcessId", Type::kString, true)});
  schema.time_format = TimeFormat{};
  simdjson::dom::parser parser;
  std::size_t events = 0;
  read(path, Format::kNdjson, {&schema}, 40, [&](const RawBatch& raw, const EventBatch& out) {
    for (const BadRecord& bad : out.bad) EXPECT_NE(bad.reason, BadReason::kUndecodable) << bad.detail;
    for (std::size_t i = 0; i < out.events.size(); ++i) {
      const EventBatch::Origin& origin = out.origins[i];
      simdjson::dom::object object;
      ASSERT_EQ(parser.parse(raw.bytes.substr(origin.begin, origin.end - origin.begin)).get_object().get(object), simdjson::SUCCESS);
      for (const SlotIndex slot : {2, 3}) {
        std::string_view expected;
        if (object[schema.fields[static_cast<std::size_t>(slot)].name].get_string().get(expected) == simdjson::SUCCESS) {
          ASSERT_EQ(out.events[i]->slot(slot).text(), expected);
        } else {
          ASSERT_TRUE(out.events[i]->slot(slot).is_null(Type::kString));
        }
      }
      std::int64_t id = 0;
      if (object["EventID"].get_int64().get(id) == simdjson::SUCCESS) { ASSERT_EQ(out.events[i]->slot(1).i, id); }
    }
    events += out.events.size();
  });
  EXPECT_GT(events, 1'000u);
}

TEST(RealData, TradesAndQuotesOfOneFile) {
  const std::string path = data_file("markets/ticks_public.csv.zst");
  if (path.empty()) GTEST_SKIP() << "no recorded data here";
  StreamSchema trade =
      stream("trade", 0, {field("ts_ms", Type::kTime), field("symbol"), field("price", Type::kFloat), field("size", Type::kInt)});
  trade.time_format.unit = TimeUnit::kMilliseconds;
  trade.when = {{"kind", {"T"}}};
  StreamSchema quote = stream(
      "quote", 1, {field("ts_ms", Type::kTime), field("symbol"), field("bid", Type::kFloat, true), field("ask", Type::kFloat, true)});
  quote.time_format.unit = TimeUnit::kMilliseconds;
  quote.when = {{"kind", {"Q"}}};
  std::uint64_t records = 0;
  std::size_t events = 0;
  read(path, Format::kCsv, {&trade, &quote}, 40, [&](const RawBatch&, const EventBatch& out) {
    EXPECT_TRUE(out.bad.empty()) << out.bad[0].detail;
    records += out.records;
    events += out.events.size() + out.unmatched;
  });
  EXPECT_EQ(events, records);
  EXPECT_GT(records, 100'000u);
}

TEST(RealData, CardPayments) {
  const std::string path = data_file("payments/handbook_card_tx_2018_public.csv.zst");
  if (path.empty()) GTEST_SKIP() << "no recorded data here";
  StreamSchema tx = stream("tx", 0,
                           {field("time", Type::kTime, false, "TX_DATETIME"), field("card", Type::kString, false, "CUSTOMER_ID"),
                            field("amount", Type::kFloat, false, "TX_AMOUNT"), field("fraud", Type::kBool, false, "TX_FRAUD")});
  tx.time_format.kind = TimeFormat::Kind::kPattern;
  tx.time_format.pattern = "%Y-%m-%d %H:%M:%S";
  std::int64_t last = 0;
  std::uint64_t number = 2;  // The header is the first.
  read(path, Format::kCsv, {&tx}, 1'000, [&](const RawBatch& raw, const EventBatch& out) {
    ASSERT_TRUE(out.bad.empty()) << out.bad[0].detail;
    EXPECT_EQ(raw.first_record, number);
    number += out.records;
    for (const Event* event : out.events) {
      EXPECT_GE(event->time, last);
      last = event->time;
    }
  });
  EXPECT_EQ(number - 2, 1'754'155u);
}

TEST(RealData, LogLines) {
  const std::string ssh = data_file("logs/loghub_public/OpenSSH_2k.log");
  const std::string apache = data_file("logs/apache_access_public.log");
  if (ssh.empty() || apache.empty()) GTEST_SKIP() << "no recorded data here";
  StreamSchema line = stream("ssh", 0, {field("t", Type::kTime), field("pid", Type::kInt), field("text")});
  line.line_pattern = R"(^(?<t>\w+ +\d+ [\d:]+) \S+ sshd\[(?<pid>\d+)\]: (?<text>.*)$)";
  line.time_format.kind = TimeFormat::Kind::kPattern;
  line.time_format.pattern = "%b %e %H:%M:%S";
  line.time_format.year = 2015;
  std::size_t events = 0;
  read(ssh, Format::kLines, {&line}, 100, [&](const RawBatch&, const EventBatch& out) { events += out.events.size(); });
  EXPECT_EQ(events, 2'000u);

  StreamSchema access =
      stream("access", 0, {field("t", Type::kTime), field("ip"), field("status", Type::kInt), field("bytes", Type::kString)});
  access.line_pattern = R"re(^(?<ip>\S+) \S+ \S+ \[(?<t>[^\]]+)\] "[^"]*" (?<status>\d{3}) (?<bytes>\S+))re";
  access.time_format.kind = TimeFormat::Kind::kPattern;
  access.time_format.pattern = "%d/%b/%Y:%H:%M:%S %z";
  events = 0;
  std::uint64_t records = 0;
  read(apache, Format::kLines, {&access}, 100, [&](const RawBatch&, const EventBatch& out) {
    events += out.events.size();
    records += out.records;
    EXPECT_TRUE(out.bad.empty()) << out.bad[0].detail;
  });
  EXPECT_EQ(events, records);
  EXPECT_EQ(records, 10'000u);
}

}  // namespace
}  // namespace sequitur::testing
