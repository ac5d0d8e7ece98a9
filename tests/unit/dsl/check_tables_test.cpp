// Tables: their files, their keys, look-ups that do not fit.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "dsl/load.hpp"
#include "dsl/table_file.hpp"

namespace sequitur::dsl {
namespace {

class CheckTables : public testing::Test {
 protected:
  CheckTables() : folder_(std::filesystem::path(testing::TempDir()) / ("tables_" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~CheckTables() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& name, const std::string& text) { std::ofstream(folder_ / name, std::ios::binary) << text; }
  Loaded load_rules(const std::string& text) {
    return load(std::vector<SourceFile>{{(folder_ / "rules.seq").string(), "stream a time ts { k: string, n: int }\n" + text}});
  }
  std::vector<std::string> codes(const std::string& text) {
    std::vector<std::string> result;
    for (const Diagnostic& diagnostic : load_rules(text).diagnostics) result.push_back(diagnostic.code);
    return result;
  }
  // "a=1 b=null, .." of each row.
  std::string rows(const std::string& declaration) {
    const Loaded loaded = load_rules(declaration);
    std::string text;
    for (const Diagnostic& diagnostic : loaded.diagnostics) text += diagnostic.code + " " + diagnostic.message + "\n";
    if (loaded.files.tables.empty()) return text;
    for (const auto& row : loaded.files.tables[0].file->rows()) {
      for (const Constant& value : row)
        text += (value.null                    ? "-"
                 : value.type == Type::kString ? value.s
                 : value.type == Type::kFloat  ? std::to_string(value.f)
                                               : std::to_string(value.i)) +
                "|";
      text += "\n";
    }
    return text;
  }

  std::filesystem::path folder_;
};

using Codes = std::vector<std::string>;

TEST_F(CheckTables, RowsOfSeparatedFiles) {
  write("t.csv", "n,id,unused,text\r\n1,x,u,\"a \"\"b\"\", c\"\r\n\r\n,y,u,\n3,z,u,\"\"\n");
  EXPECT_EQ(rows("table t from file \"t.csv\" { id: string, n: int, s: string from \"text\"  key id }"),
            "x|1|a \"b\", c|-|\ny|-|-|-|\nz|3||-|\n");
  write("t.tsv", "id\tn\nx\t7\n");
  EXPECT_EQ(rows("table t from file \"t.tsv\" { id: string, n: int  key id }"), "x|7|-|\n");
}

TEST_F(CheckTables, RowsOfObjects) {
  write("t.ndjson", "{\"id\": \"x\\u00e9\\n\", \"n\": 1}\n\n{\"n\":null, \"id\":\"y\", \"more\": true}\n");
  EXPECT_EQ(rows("table t from file \"t.ndjson\" { id: string, n: int  key id }"), "x\xC3\xA9\n|1|-|\ny|-|-|\n");
}

TEST_F(CheckTables, AFileWithAMistakeSaysWhere) {
  write("t.csv", "id,n\nx,1\ny,two\n");
  EXPECT_EQ(rows("table t from file \"t.csv\" { id: string, n: int  key id }").substr(0, 55),
            "E234 \"t.csv\": line 3: `n` must be int, but it is \"two\"\n");
  write("t.csv", "id,n\n,1\n");
  EXPECT_EQ(codes("table t from file \"t.csv\" { id: string, n: int  key id }"), Codes{"E234"});
  write("t.csv", "id,n\nx,1,2\n");
  EXPECT_EQ(codes("table t from file \"t.csv\" { id: string, n: int  key id }"), Codes{"E234"});
  write("t.ndjson", "{\"id\":\"x\",\"n\":{}}\n");
  EXPECT_EQ(codes("table t from file \"t.ndjson\" { id: string, n: int  key id }"), Codes{"E234"});
  EXPECT_EQ(codes("table t from file \"none.csv\" { id: string  key id }"), Codes{"E234"});
}

TEST_F(CheckTables, LookUpsMustFit) {
  const std::string table = "table t { id: string, n: int, who: string  key id }\n";
  const auto rule = [&](const std::string& condition) { return table + "rule r { key k  first p: a where " + condition + "  emit x(k) }"; };
  EXPECT_EQ(codes(rule("t[k].n > 3")), Codes{});
  EXPECT_EQ(codes(rule("exists t[k].n")), Codes{});
  EXPECT_EQ(codes(rule("t[t[k].who].n > 3")), Codes{});
  EXPECT_EQ(codes(rule("t[n].n > 3")), Codes{"E231"});
  EXPECT_EQ(codes(rule("t[k, k].n > 3")), Codes{"E231"});
  EXPECT_EQ(codes(rule("t[k] == 3")), Codes{"E231"});
  EXPECT_EQ(codes(rule("t[k].m > 3")), Codes{"E080"});
  EXPECT_EQ(codes(table + "rule r { key w: t[k].who  first p: a  emit x(w) }"), Codes{"E232"});
  EXPECT_EQ(codes("table t { id: string }\n"), Codes{"E233"});
  EXPECT_EQ(codes("table t { id: string  key no }\n"), Codes{"E233"});
}

TEST_F(CheckTables, KeysFromATableAreItsKey) {
  const std::string tables = "table t { id: string, n: int  key id }\ntable two { x: string, y: int  key x, y }\n";
  const auto silent = [&](const std::string& key) { return tables + "rule r { key " + key + "  no a for 1m  emit o(last = since.time) }"; };
  EXPECT_EQ(codes(silent("k from t")), Codes{});
  EXPECT_EQ(codes(silent("who: a.k from t")), Codes{});
  EXPECT_EQ(codes(silent("k from two, n from two")), Codes{});
  EXPECT_EQ(codes(silent("n from two, k from two")), (Codes{"E120", "E120"}));
  EXPECT_EQ(codes(silent("k from none")), Codes{"E236"});
  EXPECT_EQ(codes(silent("k from two")), Codes{"E236"});
  EXPECT_EQ(codes(silent("k from two, n")), Codes{"E236"});
  EXPECT_EQ(codes(silent("k from t, n from two")), Codes{"E236"});
  EXPECT_EQ(codes(silent("low: lower(k) from t")), Codes{"E236"});
  EXPECT_EQ(codes(tables + "table j = two join t on two.x == t.id\nrule r { key k from j  no a for 1m  emit o(k) }"), Codes{"E236"});
  EXPECT_EQ(codes(tables + "rule r { key k from t  window 1h sliding  over p: a  when count(p) > 1  emit o(k) }"), Codes{"E236"});
  EXPECT_EQ(codes("stream b time ts { k: string nocase }\n" + tables + "rule r { key k from t  no b for 1m  emit o(k) }"), Codes{"E236"});
  EXPECT_EQ(codes(tables + "rule r { key k from t  first p: a  emit o(k, n = p.n) }"), Codes{});
  // Without a table a rule still needs a step.
  EXPECT_EQ(codes("rule r { key k  no a for 1m  emit o(k) }"), Codes{"E111"});
}

TEST_F(CheckTables, JoinedTablesLookTheSecondUpByTheFirst) {
  const std::string tables =
      "table t { id: string, who: string, n: int  key id }\ntable p { name: string, n: int, risk: int  key name }\n"
      "table two { x: string, y: int, z: int  key x, y }\n";
  const auto join = [&](const std::string& declared, const std::string& field) {
    return codes(tables + declared + "\nrule r { key k  first e: a where exists " + field + "  emit o(k) }");
  };
  EXPECT_EQ(join("table j = t join p on t.who == p.name", "j[k].risk"), Codes{});
  EXPECT_EQ(join("table j = t join p on p.name == t.who", "j[k].t.n"), Codes{});
  EXPECT_EQ(join("table j = t join two on t.who == two.x and t.n == two.y", "j[k].z"), Codes{});
  EXPECT_EQ(join("table j = t join p on t.who == p.name\ntable jj = j join two on j.who == two.x and j.risk == two.y", "jj[k].z"), Codes{});
  EXPECT_EQ(join("table j = t join p on t.who == p.name", "j[k].n"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join p on t.who == p.name", "j[k].none"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join p on t.who == p.risk", "j[k].risk"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join p on t.no == p.name", "j[k].risk"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join two on t.who == two.x", "j[k].z"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join p on t.who != p.name", "j[k].risk"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join none on t.who == none.name", "j[k].risk"), Codes{"E237"});
  EXPECT_EQ(join("table j = t join t on t.who == t.id", "j[k].n"), Codes{"E237"});
  EXPECT_EQ(join("table j = jj join p on jj.who == p.name\ntable jj = j join p on j.who == p.name", "t[k].n"), (Codes{"E237", "E237"}));
  EXPECT_EQ(join("table j = t join p on t.who == p.name", "j[k]"), Codes{"E231"});
  const auto changes = [&](const std::string& declared) {
    return codes(tables + declared + "\nrule r { key id  first e: j where risk > 3  emit o(id, n = e.t.n, gone = e.__deleted) }");
  };
  EXPECT_EQ(changes("table j = t join p on t.who == p.name"), Codes{});
  EXPECT_EQ(changes("table j = t left join p on t.who == p.name"), Codes{});
  EXPECT_EQ(changes("table t2 { id: string, who: string nocase, n: int  key id }\ntable j = t2 join p on t2.who == p.name"), Codes{"E237"});
  EXPECT_EQ(changes("table i = t join p on t.who == p.name\ntable j = i join two on i.who == two.x and i.risk == two.y"), Codes{"E237"});
  EXPECT_EQ(codes(tables + "table j = t join p on t.who == p.name\nrule r { key k  first e: a  emit j(id = k) }"), Codes{"E237"});
}

TEST_F(CheckTables, RowsOfABoundedTableComeFromOneSide) {
  const std::string writer = "rule w { key k  first p: a  emit t(id = p.k, n = p.n) internal }\n";
  EXPECT_EQ(codes("table t rows 10 { id: string, n: int  key id }\n" + writer), Codes{});
  EXPECT_EQ(codes("table t rows 10 time at { id: string, n: int, at: time  key id }\n" + writer), Codes{"E238"});
  EXPECT_EQ(codes("table t time at { id: string, n: int, at: time  key id }\n" + writer), Codes{});
  EXPECT_EQ(codes("table t rows 0 { id: string  key id }\n"), Codes{"E238"});
  EXPECT_EQ(codes("table t rows 1.5 { id: string  key id }\n"), Codes{"E002"});
}

TEST_F(CheckTables, AChangeStreamHasItsTimeFromTheEnvelope) {
  const auto schema = [&](const std::string& declaration) {
    const Loaded loaded = load_rules(declaration);
    EXPECT_TRUE(loaded.ok());
    return loaded.files.schemas.at(1);
  };
  const StreamSchema changes = schema("table t from debezium { id: string, n: int  key id }");
  EXPECT_TRUE(changes.external && changes.change_stream);
  EXPECT_EQ(changes.fields.at(static_cast<std::size_t>(changes.time_slot)).source, "__source_ts_ms");
  EXPECT_EQ(changes.time_format.unit, TimeUnit::kMilliseconds);
  const StreamSchema own = schema("table t time changed s from debezium { id: string, changed: time  key id }");
  EXPECT_TRUE(own.external && own.change_stream);
  EXPECT_EQ(own.fields.at(static_cast<std::size_t>(own.time_slot)).source, "changed");
  EXPECT_FALSE(schema("table t time changed { id: string  key id }").change_stream);
  EXPECT_EQ(codes("table t from kafka { id: string  key id }"), Codes{"E002"});
}

TEST_F(CheckTables, ARuleCannotReadWhatItWrites) {
  const std::string table = "table t { id: string, n: int  key id }\n";
  EXPECT_EQ(codes(table + "rule r { key k  first p: a where t[k].n > 3  emit t(id = p.k, n = p.n) }"), Codes{"E197"});
  EXPECT_EQ(codes(table + "rule r { key k  first p: a  emit t(id = p.k, n = t[p.k].n) }"), Codes{"E197"});
  const Loaded loaded =
      load_rules(table + "rule r { key k  first p: a  emit y(k, n = t[k].n) }\nrule s { key k  first p: a  emit t(id = p.k, n = p.n) }");
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.files.rules[0].generation, 1u);
  EXPECT_TRUE(loaded.files.rules[1].emit.feeds);
}

}  // namespace
}  // namespace sequitur::dsl
