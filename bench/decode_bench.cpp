// Decoding: bytes in memory to typed events, one thread. Nothing is read from a disk and nothing is evaluated.
//
// The workloads are seeded, 64 batches of 256 KiB as a file source gives them, and shown as events and bytes a second.
#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <functional>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "adapters/formats.hpp"
#include "sequitur/source.hpp"

namespace {

using namespace sequitur;

constexpr std::size_t kBatches = 64;
constexpr std::size_t kBatchBytes = 256 * 1024;

Field field(std::string name, Type type = Type::kString, bool optional = false) {
  Field result;
  result.source = name;
  result.name = std::move(name);
  result.type = type;
  result.optional = optional;
  return result;
}

StreamSchema payments() {
  StreamSchema schema;
  schema.name = "payment";
  schema.fields = {field("ts", Type::kTime),       field("card"),    field("amount", Type::kFloat), field("merchant"),
                   field("approved", Type::kBool), field("country"), field("attempt", Type::kInt)};
  schema.time_slot = 0;
  return schema;
}

struct Payment {
  std::int64_t ts;
  unsigned card, merchant, attempt;
  double amount;
  bool approved;
  const char* country;
};

// Batches of whole lines; `write` appends one line.
std::vector<RawBatch> make_batches(const std::function<void(const Payment&, std::string&)>& write) {
  constexpr const char* kCountries[] = {"CH", "DE", "FR", "IT", "US"};
  std::mt19937 random(42);
  std::vector<RawBatch> batches;
  Payment payment{1'704'067'200'000, 0, 0, 0, 0, false, ""};
  for (std::size_t i = 0; i < kBatches; ++i) {
    RawBatch& batch = batches.emplace_back();
    batch.bytes.reserve(kBatchBytes + 1024);
    while (batch.bytes.size() < kBatchBytes) {
      payment.ts += random() % 20;
      payment.card = static_cast<unsigned>(random() % 10'000);
      payment.merchant = static_cast<unsigned>(random() % 5'000);
      payment.attempt = static_cast<unsigned>(1 + random() % 3);
      payment.amount = static_cast<double>(random() % 100'000) / 100.0;
      payment.approved = random() % 10 != 0;
      payment.country = kCountries[random() % std::size(kCountries)];
      write(payment, batch.bytes);
    }
  }
  return batches;
}

void run(benchmark::State& state, Format format, const StreamSchema& schema, const DecoderOptions& options,
         const std::vector<RawBatch>& batches) {
  const StreamSchema* schemas[] = {&schema};
  const std::unique_ptr<Decoder> decoder = std::move(*make_decoder(format, schemas, options));
  EventBatch out;
  std::size_t next = 0;
  std::int64_t events = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const RawBatch& batch = batches[next++ % batches.size()];
    out.clear();
    decoder->decode(batch, out);
    if (!out.bad.empty() || out.unmatched != 0) state.SkipWithError("a record was not decoded");
    events += static_cast<std::int64_t>(out.events.size());
    bytes += static_cast<std::int64_t>(batch.bytes.size());
    benchmark::DoNotOptimize(out.events.data());
  }
  state.SetItemsProcessed(events);
  state.SetBytesProcessed(bytes);
}

// About 148 bytes a line, all seven fields declared.
void ndjson(benchmark::State& state) {
  static const std::vector<RawBatch> batches = make_batches([](const Payment& p, std::string& out) {
    fmt::format_to(
        std::back_inserter(out),
        R"({{"ts":"2024-01-01T{:02}:{:02}:{:02}.{:03}Z","card":"c{:08}","amount":{:.2f},"merchant":"m{:06}","approved":{},"country":"{}","attempt":{}}})"
        "\n",
        p.ts / 3'600'000 % 24, p.ts / 60'000 % 60, p.ts / 1000 % 60, p.ts % 1000, p.card, p.amount, p.merchant, p.approved, p.country,
        p.attempt);
  });
  run(state, Format::kNdjson, payments(), {}, batches);
}
BENCHMARK(ndjson)->Unit(benchmark::kMicrosecond);

// The same lines, but only the time and three fields are declared: the others are checked and passed over.
void ndjson_four_of_seven(benchmark::State& state) {
  static const std::vector<RawBatch> batches = make_batches([](const Payment& p, std::string& out) {
    fmt::format_to(
        std::back_inserter(out),
        R"({{"ts":{},"card":"c{:08}","amount":{:.2f},"merchant":"merchant number {:06}","approved":{},"country":"{}","attempt":{},"note":"no remark"}})"
        "\n",
        p.ts, p.card, p.amount, p.merchant, p.approved, p.country, p.attempt);
  });
  StreamSchema schema = payments();
  schema.fields = {field("ts", Type::kTime), field("card"), field("amount", Type::kFloat), field("approved", Type::kBool)};
  schema.time_format.kind = TimeFormat::Kind::kEpoch;
  run(state, Format::kNdjson, schema, {}, batches);
}
BENCHMARK(ndjson_four_of_seven)->Unit(benchmark::kMicrosecond);

// Nested objects and texts with escapes, as endpoint logs have them.
void ndjson_nested_with_escapes(benchmark::State& state) {
  static const std::vector<RawBatch> batches = make_batches([](const Payment& p, std::string& out) {
    fmt::format_to(
        std::back_inserter(out),
        R"({{"ts":{},"host":{{"id":"h{:05}","os":"windows"}},"process":{{"name":"C:\\Windows\\System32\\svc{}.exe","parent":{{"name":"C:\\Windows\\explorer.exe","pid":{}}},"args":["-k","{}"]}},"user":"DOMAIN\\u{}"}})"
        "\n",
        p.ts, p.card, p.attempt, p.merchant, p.country, p.card);
  });
  StreamSchema schema = payments();
  schema.fields = {field("ts", Type::kTime), field("host.id"), field("process.name"), field("process.parent.name"), field("user")};
  schema.time_format.kind = TimeFormat::Kind::kEpoch;
  run(state, Format::kNdjson, schema, {}, batches);
}
BENCHMARK(ndjson_nested_with_escapes)->Unit(benchmark::kMicrosecond);

// About 58 bytes a line, seven columns, all declared.
void csv(benchmark::State& state) {
  static const std::vector<RawBatch> batches = make_batches([](const Payment& p, std::string& out) {
    fmt::format_to(std::back_inserter(out), "{},c{:08},{:.2f},m{:06},{},{},{}\n", p.ts, p.card, p.amount, p.merchant, p.approved, p.country,
                   p.attempt);
  });
  StreamSchema schema = payments();
  schema.time_format.kind = TimeFormat::Kind::kEpoch;
  DecoderOptions options;
  options.header = false;
  options.columns = {"ts", "card", "amount", "merchant", "approved", "country", "attempt"};
  run(state, Format::kCsv, schema, options, batches);
}
BENCHMARK(csv)->Unit(benchmark::kMicrosecond);

// Every text in quotes.
void csv_quoted(benchmark::State& state) {
  static const std::vector<RawBatch> batches = make_batches([](const Payment& p, std::string& out) {
    fmt::format_to(std::back_inserter(out), "{},\"c{:08}\",{:.2f},\"m, {:06}\",{},\"{}\",{}\n", p.ts, p.card, p.amount, p.merchant,
                   p.approved, p.country, p.attempt);
  });
  StreamSchema schema = payments();
  schema.time_format.kind = TimeFormat::Kind::kEpoch;
  DecoderOptions options;
  options.header = false;
  options.columns = {"ts", "card", "amount", "merchant", "approved", "country", "attempt"};
  run(state, Format::kCsv, schema, options, batches);
}
BENCHMARK(csv_quoted)->Unit(benchmark::kMicrosecond);

// A regular expression with four captures on each line.
void text_lines(benchmark::State& state) {
  static const std::vector<RawBatch> batches = make_batches([](const Payment& p, std::string& out) {
    fmt::format_to(std::back_inserter(out), "Jan  1 {:02}:{:02}:{:02} web sshd[{}]: Failed password for u{} from 10.0.{}.{} port {} ssh2\n",
                   p.ts / 3'600'000 % 24, p.ts / 60'000 % 60, p.ts / 1000 % 60, p.merchant, p.card, p.merchant % 256, p.card % 256,
                   1024 + p.card);
  });
  StreamSchema schema;
  schema.name = "fail";
  schema.fields = {field("t", Type::kTime), field("user"), field("ip"), field("port", Type::kInt)};
  schema.time_slot = 0;
  schema.time_format.kind = TimeFormat::Kind::kPattern;
  schema.time_format.pattern = "%b %e %H:%M:%S";
  schema.time_format.year = 2024;
  schema.line_pattern = R"(^(?<t>\w+ +\d+ [\d:]+) \S+ sshd\[\d+\]: Failed password for (?<user>\S+) from (?<ip>\S+) port (?<port>\d+))";
  run(state, Format::kLines, schema, {}, batches);
}
BENCHMARK(text_lines)->Unit(benchmark::kMicrosecond);

}  // namespace

BENCHMARK_MAIN();
