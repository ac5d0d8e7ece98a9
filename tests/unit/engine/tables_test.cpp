// Tables: their files read again, state that is saved with the contents of a file, bounds and counters.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

class TablesTest : public testing::Test {
 protected:
  TablesTest() : folder_(std::filesystem::path(testing::TempDir()) / ("engine_tables_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~TablesTest() override { std::filesystem::remove_all(folder_); }

  // Every time with another size, so that it is seen whatever the clock of the file system.
  void write(const std::string& rows) {
    std::ofstream(folder_ / "t.csv", std::ios::binary) << "id,n\n" << rows << std::string(++writes_, '\n');
  }
  void load(const std::string& table) {
    std::vector<Diagnostic> diagnostics;
    const std::string text = "stream a time ts { id: string }\n" + table +
                             "\nrule ask { key id  first p: a  emit row(id, n = t[p.id].n) }\n"
                             "rule silent { key id from t  no a for 10us  emit silent(id) }\n";
    rules_ = RuleSet::load({{(folder_ / "rules.seq").string(), text}}, diagnostics);
    ASSERT_NE(rules_, nullptr) << (diagnostics.empty() ? "" : diagnostics[0].message);
    start();
  }
  void start() {
    engine_ = std::make_unique<Engine>(rules_, EngineOptions{}, [this](std::span<const Alert> alerts) {
      for (const Alert& alert : alerts) {
        std::string& line = seen_.emplace_back(std::string(alert.stream) + "@" + std::to_string(alert.time.time_since_epoch().count()));
        for (const NamedValue& field : alert.fields) append_text(field.value, field.type, line += " ");
      }
    });
  }
  void ask(std::int64_t time, const std::string& id) {
    Arena arena;
    Event& event = make_event(arena, *rules_->find_stream("a"), Timestamp{Duration{time}});
    event.slot(0) = arena.text(id);
    ASSERT_TRUE(engine_->push(event));
  }
  std::vector<std::string> take() { return std::exchange(seen_, {}); }

  using Seen = std::vector<std::string>;
  std::filesystem::path folder_;
  std::shared_ptr<const RuleSet> rules_;
  std::unique_ptr<Engine> engine_;
  Seen seen_;
  std::size_t writes_ = 0;
};

constexpr const char* kFromFile = "table t from file \"t.csv\" { id: string nocase, n: int  key id }";

TEST_F(TablesTest, AFileThatIsReadAgainChangesWhatComesBehind) {
  write("x,1\ny,2\n");
  load(kFromFile);
  EXPECT_TRUE(rules_->reload_files().empty());
  ask(100, "x");
  EXPECT_EQ(take(), Seen{"row@100 x 1"});
  write("x,3\nz,4\n");
  const std::vector<FileReload> reloads = rules_->reload_files();
  ASSERT_EQ(reloads.size(), 1u);
  EXPECT_TRUE(reloads[0].table && reloads[0].problem.empty());
  EXPECT_EQ(reloads[0].values, 2u);
  for (const char* id : {"x", "y", "z"}) ask(105, id);
  EXPECT_EQ(take(), (Seen{"row@105 x 3", "row@105 y null", "row@105 z 4"}));
  EXPECT_EQ(engine_->counters().events, 4u);
  // y has gone, so nobody waits for it; x and z are waited for from their latest event on.
  engine_->finish();
  EXPECT_EQ(take(), (Seen{"silent@115 x", "silent@115 z"}));
}

TEST_F(TablesTest, TimeAloneTakesAChangedFileOver) {
  write("x,1\n");
  load(kFromFile);
  ask(100, "x");
  write("x,1\nz,4\n");
  ASSERT_EQ(rules_->reload_files().size(), 1u);
  engine_->advance(Timestamp{Duration{108}});
  engine_->advance(Timestamp{Duration{111}});
  EXPECT_EQ(take(), (Seen{"row@100 x 1", "silent@110 x", "silent@110 z"}));
}

TEST_F(TablesTest, AFileWithAMistakeLeavesTheRowsAsTheyWere) {
  write("x,1\n");
  load(kFromFile);
  write("x,one\n");
  const std::vector<FileReload> reloads = rules_->reload_files();
  ASSERT_EQ(reloads.size(), 1u);
  EXPECT_NE(reloads[0].problem.find("line 2"), std::string::npos) << reloads[0].problem;
  EXPECT_TRUE(rules_->reload_files().empty());
  ask(100, "X");
  EXPECT_EQ(take(), Seen{"row@100 X 1"});
}

TEST_F(TablesTest, ARestoredEngineSeesWhatTheFileSaysNow) {
  write("x,1\ny,2\n");
  load(kFromFile);
  ask(100, "x");
  const std::string state = engine_->snapshot();
  start();
  ASSERT_TRUE(engine_->restore(state));
  ask(101, "y");
  EXPECT_EQ(take(), (Seen{"row@100 x 1", "row@101 y 2"}));

  write("x,5\n");
  load(kFromFile);
  ASSERT_TRUE(engine_->restore(state));
  ask(101, "x");
  ask(102, "y");
  EXPECT_EQ(take(), (Seen{"row@101 x 5", "row@102 y null"}));
}

TEST_F(TablesTest, RowsAreBoundedAndCounted) {
  load("table t rows 2 { id: string, n: int  key id }\nrule put { first p: a  emit t(id = p.id, n = 1) internal }");
  for (const char* id : {"x", "y", "x", "z", "w"}) ask(100, id);
  engine_->finish();
  EXPECT_EQ(engine_->counters().table_rows_evicted, 2u);
  EXPECT_EQ(engine_->counters().table_rows_refused, 0u);
}

}  // namespace
}  // namespace sequitur
