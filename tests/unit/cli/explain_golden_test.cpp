// What `sequitur explain` says of every alert of some rules over some events (tests/golden/explain/NAME.seq, NAME.ndjson), and of
// every rule and key that NAME.asks names: as text in NAME.text, as JSON in NAME.json.
#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include "cli/explain_run.hpp"
#include "cli/load_rules.hpp"
#include "cli/run_inputs.hpp"
#include "sequitur/engine.hpp"
#include "tests/golden.hpp"

namespace sequitur::cli {
namespace {

class IdSink final : public Sink {
 public:
  Result<void> write(std::span<const Alert> alerts) override {
    for (const Alert& alert : alerts) {
      std::string text;
      append_json(alert, text);
      const std::string before = "{\"id\":\"";
      ids.push_back(text.substr(before.size(), 32));
    }
    return {};
  }
  Result<void> flush() override { return {}; }

  std::vector<std::string> ids;
};

std::vector<std::string> alert_ids(const std::shared_ptr<const RuleSet>& rules, const std::string& input) {
  const Result<InputPlan> plan = plan_input(input, *rules, {});
  EXPECT_TRUE(plan);
  const std::vector<InputPlan> plans{*plan};
  Result<std::vector<Input>> inputs = open_inputs(plans, *rules, {});
  EXPECT_TRUE(inputs);
  IdSink sink;
  Sink* sinks[] = {&sink};
  EXPECT_TRUE(run(rules, EngineOptions{}, *std::move(inputs), sinks, nullptr, RunControl{}));
  return sink.ids;
}

ExplainRun ask(const std::string& alert, const std::string& rule, const std::string& key, const std::string& input, bool json) {
  ExplainRun options;
  options.alert = alert;
  options.why_not = rule;
  options.key = key;
  options.inputs = {input};
  options.json = json;
  return options;
}

// What the command prints.
std::string said(const std::shared_ptr<const RuleSet>& rules, const ExplainRun& ask) {
  ::testing::internal::CaptureStdout();
  const int code = explain_run(rules, ask);
  std::string text = ::testing::internal::GetCapturedStdout();
  EXPECT_EQ(code, 0) << ask.alert << ask.why_not;
  return text;
}

// Ids are hashes, and may become others: here they are numbered as they come.
std::string with_numbers(const std::string& text) {
  static const std::regex id("[0-9a-f]{32}");
  std::map<std::string, std::size_t> numbers;
  std::string out;
  std::size_t last = 0;
  for (std::sregex_iterator found(text.begin(), text.end(), id), end; found != end; ++found) {
    const std::size_t number = numbers.emplace(found->str(), numbers.size() + 1).first->second;
    out += text.substr(last, static_cast<std::size_t>(found->position()) - last) + "id " + std::to_string(number);
    last = static_cast<std::size_t>(found->position() + found->length());
  }
  return out + text.substr(last);
}

class ExplainGoldenTest : public ::testing::TestWithParam<std::string> {};

TEST_P(ExplainGoldenTest, SaysOfAlertsAndKeys) {
  const std::filesystem::path path = sequitur::testing::golden_directory() / GetParam();
  const std::string input = path.string() + ".ndjson";
  const LoadedRules loaded = load_rules({path.string() + ".seq"}, {.silent = true});
  ASSERT_TRUE(loaded.rules);
  const std::vector<std::string> ids = alert_ids(loaded.rules, input);
  EXPECT_GE(ids.size(), 5u);
  for (const bool json : {false, true}) {
    std::string all;
    for (const std::string& id : ids) all += "$ explain --alert " + id + "\n" + said(loaded.rules, ask(id, "", "", input, json)) + "\n";
    std::istringstream asks(sequitur::testing::read_file(path.string() + ".asks"));
    for (std::string rule, key; asks >> rule >> key;)
      all += "$ explain --why-not " + rule + " --key " + key + "\n" + said(loaded.rules, ask("", rule, key, input, json)) + "\n";
    sequitur::testing::compare_golden(GetParam() + (json ? ".json" : ".text"), with_numbers(all));
  }
}

INSTANTIATE_TEST_SUITE_P(Files, ExplainGoldenTest, ::testing::ValuesIn(sequitur::testing::golden_cases("explain", ".seq")),
                         [](const auto& name) { return std::filesystem::path(name.param).stem().string(); });

}  // namespace
}  // namespace sequitur::cli
