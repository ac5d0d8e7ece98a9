// Sinks: whole lines in order, clear errors, nothing half written.
#include "adapters/file/alert_sinks.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "adapters/file/line_file.hpp"
#include "adapters/registry.hpp"
#include "support.hpp"
#include "temporary.hpp"

namespace sequitur::testing {
namespace {

// An alert with everything it refers to.
struct Sample {
  Sample(std::string user, std::string severity, std::string message) : user_(std::move(user)), message_(std::move(message)) {
    rule_.name = "brute_force";
    rule_.severity = std::move(severity);
    key_ = {{"user", Type::kString, Slot::of_short_text(user_)}};
    fields_ = {{"tries", Type::kInt, Slot::of_int(6)}, {"user", Type::kString, Slot::of_short_text(user_)}};
    alert_.rule = &rule_;
    alert_.schemas = &schemas_;
    alert_.stream = "account_alert";
    alert_.key = key_;
    alert_.fields = fields_;
    alert_.message = message_;
    alert_.time = Timestamp{std::chrono::milliseconds{1'704'067'200'123}};
  }
  Sample(const Sample&) = delete;
  Sample& operator=(const Sample&) = delete;

  std::string user_;
  std::string message_;
  RuleInfo rule_;
  std::vector<StreamSchema> schemas_;
  std::vector<NamedValue> key_;
  std::vector<NamedValue> fields_;
  Alert alert_;
};

TEST(NdjsonSink, OneLineAnAlert) {
  TemporaryFolder folder;
  const Sample first("ann", "high", "");
  const Sample second("b\nob", "low", "6 failures");
  const std::vector<Alert> alerts = {first.alert_, second.alert_};
  {
    auto sink = open_ndjson_sink(folder.path("out"));
    ASSERT_TRUE(sink);
    EXPECT_TRUE((*sink)->write(alerts));
    const std::string so_far = folder.read("out");
    EXPECT_EQ(std::count(so_far.begin(), so_far.end(), '\n'), 2) << "alerts leave at once";
    EXPECT_TRUE((*sink)->write({}));
    EXPECT_TRUE((*sink)->flush());
    EXPECT_TRUE((*sink)->flush());
  }
  std::string expected;
  for (const Alert& alert : alerts) {
    append_json(alert, expected);
    expected += '\n';
  }
  EXPECT_EQ(folder.read("out"), expected);
  auto again = open_ndjson_sink(folder.path("out"), {.append = true});
  EXPECT_TRUE((*again)->write(alerts));
  again->reset();
  EXPECT_EQ(folder.read("out"), expected + expected);
  auto anew = open_ndjson_sink(folder.path("out"));
  anew->reset();
  EXPECT_EQ(folder.read("out"), "");
}

TEST(NdjsonSink, WhatCannotBeOpened) {
  EXPECT_EQ(open_ndjson_sink("/nowhere/at/all").error().message, "cannot open /nowhere/at/all for writing: No such file or directory");
}

TEST(NdjsonSink, AFullDeviceIsAnErrorThatStays) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "there is no /dev/full";
  const Sample sample("ann", "high", "");
  const std::vector<Alert> alerts(1, sample.alert_);
  auto sink = open_ndjson_sink("/dev/full");
  EXPECT_EQ((*sink)->write(alerts).error().message, "cannot write to /dev/full: No space left on device");
  EXPECT_EQ((*sink)->write(alerts).error().message, "cannot write to /dev/full: No space left on device");
  EXPECT_EQ((*sink)->flush().error().message, "cannot write to /dev/full: No space left on device");
  auto many = open_ndjson_sink("/dev/full");
  EXPECT_FALSE((*many)->write(std::vector<Alert>(5000, sample.alert_)));
}

// A file system that takes only part of what is written, as a full one does: the limit on file sizes acts like it.
TEST(LineFileTest, AFullDiskLeavesWholeLinesOnly) {
  TemporaryFolder folder;
  rlimit old_limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &old_limit), 0);
  const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
  rlimit small = old_limit;
  small.rlim_cur = 100'005;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  {
    auto file = LineFile::open(folder.path("out"), false);
    Result<void> result;
    for (int i = 0; i < 200'000 && result; ++i) {
      (*file)->buffer() += "0123456789\n";
      result = (*file)->written();
    }
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message, "cannot write to " + folder.path("out") + ": File too large");
  }
  ::setrlimit(RLIMIT_FSIZE, &old_limit);
  ::signal(SIGXFSZ, old_handler);
  const std::string text = folder.read("out");
  EXPECT_EQ(text.size(), 100'001u) << "the largest number of whole lines";
  EXPECT_EQ(text.back(), '\n');
}

TEST(TableSink, ReadableLines) {
  TemporaryFolder folder;
  const Sample first("ann", "high", "");
  Sample second("b\x1b[31mob\xFF", "", "6 failures\nfor b");
  second.alert_.kind = AlertKind::kTimeout;
  second.alert_.held = 3;
  {
    auto sink = open_table_sink(folder.path("out"));
    EXPECT_TRUE((*sink)->write(std::vector<Alert>{first.alert_, second.alert_}));
  }
  EXPECT_EQ(folder.read("out"),
            "TIME                     SEVERITY       RULE          KEY           ALERT\n"
            "2024-01-01 00:00:00.123  high           brute_force   ann           tries=6  user=ann\n"
            "2024-01-01 00:00:00.123  -              brute_force   b\xC2\xB7[31mob\xC2\xB7     timeout: 6 failures\xC2\xB7"
            "for b (+3 held back)\n");
}

TEST(TableSink, SaysWhatWasTakenBackOrChanged) {
  TemporaryFolder folder;
  Sample withdrawn("ann", "high", ""), revised("bob", "high", "");
  withdrawn.alert_.withdrawn = true;
  withdrawn.alert_.revision = revised.alert_.revision = 2;
  {
    auto sink = open_table_sink(folder.path("out"));
    EXPECT_TRUE((*sink)->write(std::vector<Alert>{withdrawn.alert_, revised.alert_}));
  }
  const std::string text = folder.read("out");
  EXPECT_NE(text.find("withdrawn: tries=6  user=ann\n"), std::string::npos) << text;
  EXPECT_NE(text.find("revised: tries=6  user=bob\n"), std::string::npos) << text;
}

TEST(TableSink, ColoursWhenAsked) {
  TemporaryFolder folder;
  const Sample sample("ann", "critical", "x");
  {
    auto sink = open_table_sink(folder.path("out"), {.colours = TableOptions::Colours::kAlways, .header = false});
    EXPECT_TRUE((*sink)->write(std::vector<Alert>{sample.alert_}));
  }
  EXPECT_EQ(folder.read("out"), "2024-01-01 00:00:00.123  \x1b[1;37;41mcritical\x1b[0m       brute_force   ann           x\n");
}

TEST(DeadLetters, TextOrBase64) {
  TemporaryFolder folder;
  {
    auto sink = open_dead_letter_sink(folder.path("bad"));
    const std::vector<BadRecord> records = {{BadReason::kWrongType, 10, 2, "{\"a\":\"x\"}", "field a"},
                                            {BadReason::kUndecodable, 20, 3, "\xFF\xFE", ""}};
    EXPECT_TRUE((*sink)->write("in.csv", records));
    EXPECT_TRUE((*sink)->flush());
  }
  EXPECT_EQ(folder.read("bad"),
            R"({"input":"in.csv","reason":"wrong_type","record":2,"offset":10,"detail":"field a","raw":"{\"a\":\"x\"}"})"
            "\n"
            R"({"input":"in.csv","reason":"undecodable","record":3,"offset":20,"detail":"","raw_base64":"//4="})"
            "\n");
}

TEST(Registry, OpensByName) {
  TemporaryFolder folder;
  const std::string path = folder.write("a.csv", "a;b\n1;2\n");
  auto source = open_source("file", {{"path", path}, {"delimiter", ";"}, {"chunk", "1KiB"}});
  ASSERT_TRUE(source) << source.error().message;
  RawBatch batch;
  EXPECT_TRUE((*source)->read(batch));
  EXPECT_EQ(batch.bytes, "1;2\n");
  EXPECT_TRUE(open_sink("ndjson", {{"path", folder.path("out")}, {"append", "true"}}));
  EXPECT_TRUE(open_sink("table", {{"path", folder.path("out")}, {"colours", "never"}}));
  EXPECT_TRUE(open_dead_letters("ndjson", {{"path", folder.path("out")}}));
}

TEST(Registry, SaysWhatIsWrong) {
  EXPECT_EQ(open_source("kafkaesque", {}).error().message, "there is no source called kafkaesque");
  EXPECT_EQ(open_source("file", {}).error().message, "source file: path must be given, for instance payments.csv.zst");
  EXPECT_EQ(open_source("file", {{"path", "x"}, {"colour", "red"}}).error().message,
            "source file: there is no field colour; it knows path, format, delimiter, header, follow, chunk, max_record");
  EXPECT_EQ(open_source("file", {{"path", "x"}, {"follow", "yes"}}).error().message,
            "source file: follow must be true or false, not \"yes\"");
  EXPECT_EQ(open_source("file", {{"path", "x"}, {"chunk", "big"}}).error().message,
            "source file: chunk must be a size like 1MiB, not \"big\"");
  EXPECT_EQ(open_source("file", {{"path", "x"}, {"format", "xml"}}).error().message,
            "source file: format must be one of auto|ndjson|csv|tsv|lines, not \"xml\"");
  EXPECT_EQ(open_source("file", {{"path", "x"}, {"path", "y"}}).error().message, "source file: path is given twice");
  EXPECT_EQ(open_source("file", {{"path", "x"}, {"delimiter", "ab"}}).error().message,
            "source file: delimiter must be one character, not \"ab\"");
}

TEST(Registry, EveryDefaultAndExampleFits) {
  for (const AdapterSpec& spec : adapter_specs()) {
    for (const ConfigField& field : spec.fields) {
      ConfigValues values = {{std::string(field.name), std::string(field.example)}};
      if (field.name != "path") values.emplace_back("path", "x");
      EXPECT_TRUE(AdapterConfig::parse(spec, values)) << spec.name << ' ' << field.name;
      EXPECT_FALSE(field.meaning.empty());
    }
  }
}

// docs/writing_adapters.md shows the fields of every adapter; they come from the specs.
TEST(Registry, TheDocumentationIsTheSpecs) {
  std::ifstream file(std::string(SEQUITUR_SOURCE_DIR) + "/docs/writing_adapters.md");
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  for (const AdapterSpec& spec : adapter_specs())
    EXPECT_NE(text.find(describe(spec)), std::string::npos) << "put this there:\n" << describe(spec);
}

}  // namespace
}  // namespace sequitur::testing
