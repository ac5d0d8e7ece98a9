// What stands at the top of a file: whole items without a body of lines, and the heads of those with one.
#pragma once

#include "dsl/grammar/expression.hpp"

namespace sequitur::dsl::grammar {

struct RuleHeadId;
using RuleHeadRule = x3::rule<RuleHeadId, ast::Rule>;
inline const RuleHeadRule rule_head{"a rule"};  // rule NAME "title" {

struct TuneHeadId;
using TuneHeadRule = x3::rule<TuneHeadId, ast::Tune>;
inline const TuneHeadRule tune_head{"a rule's name"};  // tune NAME {

struct TestHeadId;
using TestHeadRule = x3::rule<TestHeadId, ast::Test>;
inline const TestHeadRule test_head{"a test"};  // test "title" {

struct StreamHeadId;
using StreamHeadRule = x3::rule<StreamHeadId, ast::Stream>;
inline const StreamHeadRule stream_head{"a stream"};  // All of a named filter, else to the `{`.

struct FieldId;
using FieldRule = x3::rule<FieldId, ast::Field>;
inline const FieldRule field{"a field such as `card: string`"};

struct LetId;
using LetRule = x3::rule<LetId, ast::Let>;
inline const LetRule let{"a definition"};

struct ParamId;
using ParamRule = x3::rule<ParamId, ast::Param>;
inline const ParamRule param{"a parameter"};

struct ImportId;
using ImportRule = x3::rule<ImportId, ast::Import>;
inline const ImportRule import{"an import"};

struct TableId;
using TableRule = x3::rule<TableId, ast::Table>;
inline const TableRule table{"a table"};

struct ScheduleId;
using ScheduleRule = x3::rule<ScheduleId, ast::Schedule>;
inline const ScheduleRule schedule{"a schedule"};

struct TestLineId;
using TestLineRule = x3::rule<TestLineId, ast::TestLine>;
inline const TestLineRule test_line{"an event such as `5s login user=ann`, or `expect ..`"};

BOOST_SPIRIT_DECLARE(RuleHeadRule, TuneHeadRule, TestHeadRule, StreamHeadRule, FieldRule, LetRule)
BOOST_SPIRIT_DECLARE(ParamRule, ImportRule, TableRule, ScheduleRule, TestLineRule)

}  // namespace sequitur::dsl::grammar
