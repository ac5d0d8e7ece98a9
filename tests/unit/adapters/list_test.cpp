// Decimals, addresses and lists out of every format.
#include <gtest/gtest.h>

#include <string>

#include "event/list.hpp"
#include "support.hpp"

namespace sequitur::testing {
namespace {

constexpr std::string_view kTime = "s ts=1970-01-01T00:00:01.000000Z";

Field part(std::string name, Type type, std::string source, bool element_optional = false, bool list_optional = false) {
  Field result = field("args." + std::move(name), list_of(type), list_optional, std::move(source));
  result.record_list = "args";
  result.record_list_source = "args";
  result.element_optional = element_optional;
  return result;
}

const StreamSchema kTyped = stream(
    "s", 0,
    {field("ts", Type::kTime), field("amount", Type::kDecimal, true), field("src", Type::kIp, true),
     field("tags", list_of(Type::kString), true), field("codes", list_of(Type::kInt), true), field("hosts", list_of(Type::kIp), true)});
const StreamSchema kRecords =
    stream("s", 0, {field("ts", Type::kTime), part("name", Type::kString, "name"), part("size", Type::kInt, "stat.size", true)});

Lines typed(std::string_view rest) { return decoded(Format::kNdjson, {&kTyped}, "{\"ts\":1," + std::string(rest) + "}"); }
Lines records(std::string_view rest) { return decoded(Format::kNdjson, {&kRecords}, "{\"ts\":1,\"args\":" + std::string(rest) + "}"); }
Lines line(std::string_view rest) { return {std::string(kTime) + std::string(rest)}; }
Lines bad(std::string_view field, std::string_view found, std::string_view type) {
  return {"wrong_type record 1 at 0: stream s, field " + std::string(field) + ": " + std::string(found) + " is not " + std::string(type)};
}

TEST(TypedNdjson, DecimalsAreExact) {
  EXPECT_EQ(typed(R"("amount":12.50)"), line(" amount=12.5"));
  EXPECT_EQ(typed(R"("amount":"0.1")"), line(" amount=0.1"));
  EXPECT_EQ(typed(R"("amount":9223372036854.775807)"), line(" amount=9223372036854.775807"));
  EXPECT_EQ(typed(R"("amount":-1e3)"), line(" amount=-1000"));
  EXPECT_EQ(typed(R"("amount":0.1234567)"), bad("amount", "\"0.1234567\"", "a decimal"));
  EXPECT_EQ(typed(R"("amount":1e13)"), bad("amount", "\"1e13\"", "a decimal"));
  EXPECT_EQ(typed(R"("amount":true)"), bad("amount", "\"true\"", "a decimal"));
}

TEST(TypedNdjson, Addresses) {
  EXPECT_EQ(typed(R"("src":"10.1.2.3")"), line(" src=10.1.2.3"));
  EXPECT_EQ(typed(R"("src":"2001:DB8::1")"), line(" src=2001:db8::1"));
  EXPECT_EQ(typed(R"("src":"::ffff:10.1.2.3")"), line(" src=10.1.2.3"));
  EXPECT_EQ(typed(R"("src":"10.1.2")"), bad("src", "\"10.1.2\"", "an ip"));
  EXPECT_EQ(typed(R"("src":167838211)"), bad("src", "\"167838211\"", "an ip"));
}

TEST(TypedNdjson, ListsOfValues) {
  EXPECT_EQ(typed(R"("tags":["a","b\"c",""],"codes":[1, 2 ],"hosts":["::1","10.0.0.1"])"),
            line(" tags=a, b\"c,  codes=1, 2 hosts=::1, 10.0.0.1"));
  EXPECT_EQ(typed(R"("tags":[])"), line(" tags="));
  EXPECT_EQ(typed(R"("tags":["a",null])"), line(" tags=a, null"));
  EXPECT_EQ(typed(R"("tags":null)"), line(""));
  EXPECT_EQ(typed(R"("tags":"a","codes":7)"), line(" tags=a codes=7")) << "what is no list is a list of one";
  EXPECT_EQ(typed(R"("codes":[1,"x"])"), bad("codes", "a nested value", "an int[]"));
  EXPECT_EQ(typed(R"("tags":[["a"]])"), bad("tags", "a nested value", "a string[]"));
  EXPECT_EQ(typed(R"("tags":{"a":1})"), bad("tags", "a nested value", "a string[]"));
  EXPECT_EQ(typed(R"("tags":["\u00e9\n"])"), line(" tags=\u00e9\n"));
}

TEST(TypedNdjson, AListMayNotBeTooLong) {
  std::string list = "\"codes\":[1";
  for (std::size_t i = 1; i <= kMostListElements; ++i) list += ",1";
  EXPECT_EQ(typed(list + "]"), bad("codes", "a nested value", "an int[]"));
}

TEST(TypedNdjson, ListsOfRecords) {
  EXPECT_EQ(records(R"([{"name":"a","stat":{"size":1}},{"stat.size":2,"name":"b","more":[{}]},{"name":"c"}])"),
            line(" args.name=a, b, c args.size=1, 2, null"));
  EXPECT_EQ(records("[]"), line(" args.name= args.size="));
  EXPECT_EQ(records(R"({"name":"a"})"), line(" args.name=a args.size=null")) << "a record alone is a list of one";
  EXPECT_EQ(records(R"([{"n\u0061me":"a","name":"b"}])"), line(" args.name=a args.size=null")) << "the first counts";
  EXPECT_EQ(records(R"([{"size":1}])"), bad("args.name", "a nested value", "a string[]")) << "the name is missing";
  EXPECT_EQ(records(R"(["a"])"), bad("args.name", "a nested value", "a string[]"));
  EXPECT_EQ(records(R"([null])"), bad("args.name", "a nested value", "a string[]"));
  EXPECT_EQ(records("null"), (Lines{"missing_field record 1 at 0: stream s, field args.name: missing"}));
}

TEST(TypedCsv, ListsAreJsonOrHaveASeparator) {
  const std::string header = "ts,amount,src,tags,codes,hosts\n";
  const auto csv = [&](std::string_view rest, DecoderOptions options = {}) {
    return decoded(Format::kCsv, {&kTyped}, header + "1," + std::string(rest) + "\n", options);
  };
  EXPECT_EQ(csv("12.50,10.0.0.1,a;b,1;2,::1;10.0.0.1"), line(" amount=12.5 src=10.0.0.1 tags=a, b codes=1, 2 hosts=::1, 10.0.0.1"));
  EXPECT_EQ(csv(R"(,,"[""a;b"", ""c"", null]",[],)"), line(" tags=a;b, c, null codes="));
  EXPECT_EQ(csv(",,a,7,"), line(" tags=a codes=7"));
  EXPECT_EQ(csv(",,a;,,"), line(" tags=a, ")) << "an empty text behind the separator";
  EXPECT_EQ(csv(R"(,,"""",,)").size(), 1U);
  EXPECT_EQ(csv(R"(,,"",,)"), line(" tags=")) << "quotes around nothing: an empty list";
  DecoderOptions options;
  options.list_separator = '|';
  EXPECT_EQ(csv(",,a;b|c,1|2,", options), line(" tags=a;b, c codes=1, 2"));
  EXPECT_EQ(csv(R"(,,"[""a""",,)"), (Lines{R"(wrong_type record 2 at 31: stream s, field tags: "["a"" is not a string[])"}));
  EXPECT_EQ(decoded(Format::kCsv, {&kRecords},
                    "ts,args\n1,\"[{\"\"name\"\":\"\"a\"\"},{\"\"name\"\":\"\"b\"\",\"\"stat\"\":{\"\"size\"\":2}}]\"\n"),
            line(" args.name=a, b args.size=null, 2"));
}

}  // namespace
}  // namespace sequitur::testing
