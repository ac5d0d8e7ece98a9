// The grammar of items.
#pragma once

#include <utility>

#include "dsl/grammar/declaration.hpp"

namespace sequitur::dsl::grammar {

// ---- Rules, tunings: the heads -----------------------------------------------------------------------------------------

const auto open_brace = sign("{");
const auto rule_head_def = word("rule") > name[set<&ast::Rule::name>] > -text[set<&ast::Rule::title>] > open_brace;
const auto tune_head_def = word("tune") > name[set<&ast::Tune::rule>] > open_brace;

// ---- Fields ------------------------------------------------------------------------------------------------------------

using ast::FieldType;
inline constexpr auto add_list = [](auto& context) { ++x3::_val(context).lists; };
const auto type_name = x3::rule<struct TypeNameId, ast::Name>{"a type such as `string` or `int`"} = name[take];
const auto type_mark = (sign("[") > sign("]"))[add_list] | sign("?")[flag<&FieldType::optional>] |
                       (word("nocase") >> !sign(":") >> !sign("."))[flag<&FieldType::nocase>];
const auto separator = *sign(",");
const auto record = sign("{")[flag<&FieldType::record>] > separator > *(nested[field][push<&FieldType::fields>] >> separator) > sign("}");
const auto type = x3::rule<struct TypeId, FieldType>{"a type such as `string` or `int`"} =
    placed[(type_name[set<&FieldType::name>] | record) >> *type_mark];

const auto field_part = x3::rule<struct FieldPartId, ast::Name>{"a name"} = any_name[take];
const auto source_word = word("from") >> &text;
const auto field_path = field_part[push<&ast::Field::path>] >> *(sign(".") > field_part[push<&ast::Field::path>]);
const auto field_def = placed[field_path > sign(":") > type[set<&ast::Field::type>] > -(source_word > text[set<&ast::Field::source>])];

// ---- Streams -----------------------------------------------------------------------------------------------------------

using ast::Stream;
using ast::StreamOption;
using ast::StreamOptionKind;

template <StreamOptionKind Kind>
inline constexpr auto option_kind = [](auto& context) { x3::_val(context).kind = Kind; };

const auto unit_word = word("s") | word("ms") | word("us") | word("ns");
const auto unit = x3::rule<struct UnitId, ast::Name>{"`s`, `ms`, `us` or `ns`"} = &unit_word >> name[take];
const auto time_format = word("format") > text[set<&StreamOption::format>] >
                         *((word("year") > whole_number[set<&StreamOption::year>]) | (word("zone") > text[set<&StreamOption::zone>]));
const auto option_field = any_name[push<&StreamOption::path>] > *(sign(".") > any_name[push<&StreamOption::path>]);
const auto option_value = set<&StreamOption::value>;
const auto time_option = word("time")[option_kind<StreamOptionKind::kTime>] > option_field >
                         -(unit[set<&StreamOption::unit>] | time_format);
const auto keep_span = word("keep") > duration[option_value];
const auto late_policy = x3::rule<struct LatePolicyId, StreamOption>{"`drop`, `to NAME` or `revise`"} =
    word("drop")[option_kind<StreamOptionKind::kLateDrop>] | (word("revise")[option_kind<StreamOptionKind::kLateRevise>] > -keep_span) |
    (word("to")[option_kind<StreamOptionKind::kLateTo>] > name[set<&StreamOption::name>]);
const auto allowed_lateness = x3::rule<struct AllowedLatenessId, StreamOption>{"a duration such as `10m`, or a share such as `99%`"} =
    duration[option_value] | (percentage[option_value] > word("up") > word("to") > duration[set<&StreamOption::bound>]);
inline constexpr auto take_lateness = [](auto& context) {
  x3::_val(context).value = std::move(x3::_attr(context).value);
  x3::_val(context).bound = std::move(x3::_attr(context).bound);
};
const auto stream_option = x3::rule<struct StreamOptionId, StreamOption>{"an option of the stream"} =
    placed[time_option | (word("lateness")[option_kind<StreamOptionKind::kLateness>] > allowed_lateness[take_lateness]) |
           (word("watermark")[option_kind<StreamOptionKind::kWatermark>] > option_field) |
           (word("future")[option_kind<StreamOptionKind::kFuture>] > duration[option_value]) | (word("late") > late_policy[take]) |
           ((word("clock") > word("processing"))[option_kind<StreamOptionKind::kClockProcessing>]) |
           (word("when")[option_kind<StreamOptionKind::kWhen>] > expression[option_value]) |
           (word("line")[option_kind<StreamOptionKind::kLine>] > regex[option_value])];

const auto filter_tail = *((word("where") > expression[set<&Stream::where>]) | (word("except") > expression[push<&Stream::excepts>]));
const auto fields_begin = x3::rule<struct FieldsBeginId>{"an option (time, lateness, watermark, future, late, clock, when, line) or `{`"} =
    sign("{");
const auto named_filter = sign("=") > name[set<&Stream::base>] > filter_tail;
const auto declared = *stream_option[push<&Stream::options>] > fields_begin;
const auto stream_head_def = word("stream") > name[set<&Stream::name>] > (named_filter | declared);

// ---- Definitions -------------------------------------------------------------------------------------------------------

using ast::Let;
const auto params_end = x3::rule<struct ParamsEndId>{"`,` or `)`"} = sign(")");
const auto params = sign("(")[flag<&Let::function>] > -name[push<&Let::params>] > *(sign(",") > name[push<&Let::params>]) > params_end;
const auto file_word = word("file") >> &text;
const auto let_def = word("let") > name[set<&Let::name>] > -params > sign("=") >
                     ((file_word[flag<&Let::file>] > text[set<&Let::value>]) | expression[set<&Let::value>]);
const auto param_def = word("param") > name[set<&ast::Param::name>] > sign("=") > expression[set<&ast::Param::value>];
const auto import_def = word("import") > text[set<&ast::Import::path>];

// ---- Tables and schedules ----------------------------------------------------------------------------------------------

using ast::Table;
const auto key_word = word("key") >> !sign(":") >> !sign(".");
const auto table_key = key_word > path[push<&Table::key>] > *(sign(",") > path[push<&Table::key>]);
const auto table_line = table_key | nested[field][push<&Table::fields>];
const auto table_source = x3::rule<struct TableSourceId, Table>{"`file` or `debezium`"} =
    (word("file") > text[set<&Table::file>]) | word("debezium")[flag<&Table::debezium>];
inline constexpr auto take_source = [](auto& context) {
  x3::_val(context).debezium |= x3::_attr(context).debezium;
  if (x3::_attr(context).file) x3::_val(context).file = std::move(x3::_attr(context).file);
};
const auto table_option = (word("from") > table_source[take_source]) | (word("ttl") > duration[set<&Table::ttl>]) |
                          (word("rows") > whole_number[set<&Table::rows>]) | stream_option[push<&Table::options>];
const auto table_body = (*table_option >> sign("{")) > separator > *(table_line >> separator) > sign("}");
const auto table_join = sign("=") > name[set<&Table::left>] > -word("left")[flag<&Table::outer>] > word("join") > name[set<&Table::right>] >
                        word("on") > expression[set<&Table::on>];
const auto table_rest = x3::rule<struct TableRestId, Table>{"`{` or `=`"} = table_join | table_body;
inline constexpr auto set_table_rest = [](auto& context) {
  ast::Name table_name = std::move(x3::_val(context).name);
  x3::_val(context) = std::move(x3::_attr(context));
  x3::_val(context).name = std::move(table_name);
};
const auto table_def = word("table") > name[set<&Table::name>] > table_rest[set_table_rest];

using ast::Tick;
const auto tick = x3::rule<struct TickId, Tick>{"`daily`"} =
    placed[word("daily") > time_of_day[set<&Tick::at>] > -(word("on") > name[set<&Tick::from>] > -(sign("..") > name[set<&Tick::to>])) >
           -(word("zone") > text[set<&Tick::zone>])];
const auto schedule_def = word("schedule") > name[set<&ast::Schedule::name>] > sign("{") > tick[push<&ast::Schedule::ticks>] >
                          *tick[push<&ast::Schedule::ticks>] > sign("}");

struct RuleHeadId {};
struct TuneHeadId {};
struct StreamHeadId {};
struct FieldId {};
struct LetId {};
struct ParamId {};
struct ImportId {};
struct TableId {};
struct ScheduleId {};

BOOST_SPIRIT_DEFINE(rule_head, tune_head, stream_head, field, let, param, import, table, schedule)

}  // namespace sequitur::dsl::grammar
