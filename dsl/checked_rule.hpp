// The checked rule: what `check` makes of an AST and what everything behind it works on. Names are resolved, types are
// known, `let`, named filters and defaults are expanded, every rule in here is meaningful. Immutable.
//
// This is the one header of dsl that other modules need. The reference matcher in tests/reference defines what it means.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sequitur/alert.hpp"
#include "sequitur/diagnostic.hpp"
#include "sequitur/schema.hpp"

namespace sequitur {
class FileList;  // event/file_list.hpp
}

namespace sequitur::dsl {

class TableFile;  // dsl/table_file.hpp

struct Constant {
  Type type = Type::kBool;
  bool null = false;
  std::int64_t i = 0;  // Bool, int, time, duration; decimal in millionths; of a network the length of its prefix.
  double f = 0;
  std::string s;  // Text; ip and network as 16 bytes; list as the bytes of event/list.hpp.
};

// A field as seen by an expression. A step over several streams has one entry per stream. A stream that stands twice (the first
// entry counts) marks a field that is unknown for events of the step's other streams; a single entry is the only stream.
struct FieldPlace {
  StreamId stream = 0;
  SlotIndex slot = 0;  // kTimeSlot: the event time.
};

enum class Op : std::uint8_t {
  // Leaves.
  kConstant,    // value
  kCandidate,   // places: field of the event that is being looked at (inside an aggregate: the loop's event)
  kStepField,   // places, step, pick: field of an event that a step has taken; unknown while there is none
  kPrevField,   // places: field of the event that the run took last (`prev.f`); unknown while there is none
  kBreakField,  // places, guard: field of the event that broke the run (`broken_by.f`, or a named guard); only in `on break emit`
  kKeyPart,     // step = index into Key::parts; only in emit, message, limit
  kMatchCount,  // Only where `emit count` reports: as an int the number of matches, or if that has more than 63 bits its
                // remainder by kCountModulus; as a bool whether it is the remainder.
  kTableField,  // step = index into CheckedFiles::tables, args = the row's key, places: field of the row; null while there is none
  kAggregate,   // aggregate, step, distinct, args[0] = argument or null pointer (count of events), args[1] = filter or null pointer
  kPast,        // The same over the key's past: step = index into Rule::past, whose filter contains `where`
  kValue,       // step: a value that the engine keeps. Made by nfa of aggregates over windows; no checked rule has it
  // Logic: three-valued (Kleene). Unknown is the null of bool.
  kNot,
  kAnd,
  kOr,          // kAnd, kOr: two or more args
  kExists,      // args[0] is not null; never unknown
  kStepExists,  // step: it has taken an event; never unknown
  // Comparison: both args of one type (int is converted by kToFloat where the other is float); unknown if an arg is.
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,  // fold: text without ASCII case
  kInList,        // args[0] in list; fold. Unknown if args[0] is null, or not found and list_has_null
  kInNetworks,    // args[0], an ip, in any network of list. Unknown as kInList
  kText,          // text operator on args[0] with constant patterns
  kTextDynamic,   // text operator on args[0], with args[1] as the one pattern (contains, starts, ends, like)
  // Arithmetic: null if an arg is, on overflow, and on division by zero.
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,     // kDivide is real division: its args are float, or duration by float, or duration by duration.
               // kMultiply: both args of one type, or duration by float (in this order). kAdd: also time and duration (in this order).
  kToFloat,    // int or decimal -> float
  kToDecimal,  // int -> decimal; null where it does not fit
  kCoalesce,   // args[0] ?? args[1]
  kIf,         // args: condition, then, else; unknown condition gives null
  kCall,       // function(args)
  // Lists.
  kMakeList,  // [args..], all of one type; a null stays an element
  kSome,      // args[0], a condition, holds for some element: three-valued `or` over them. args[1..]: the lists that go together
              // (one, or several parts of one list of records); unknown if one of them is null
  kEvery,     // The same with `and`
  kElement,   // Leaf inside the condition of kSome and kEvery: the element of the list args[1 + step]; fold
};

// kValues: a list of the values, oldest first, at most kMostValues; `distinct`: each once, in the order of their first.
// kSlope: of the least-squares line through (time in seconds, value), per second; unknown unless there are two times.
// kRate: (latest value - first value) / seconds between them; without argument (number of events - 1) / seconds; unknown likewise.
enum class Aggregate : std::uint8_t {
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kFirst,
  kLast,
  kMedian,
  kPercentile,
  kStddev,
  kValues,
  kSlope,
  kRate,
  kApproxDistinct,  // approx_distinct(x): HyperLogLog, see nfa/hyper_log_log.hpp
  kTop,             // top(x, k): the value that is the k-th most frequent, the least of those equally frequent
  kTopCount,        // top_count(x, k): how often that is
};
inline constexpr std::size_t kMostValues = 1000;

enum class TextOp : std::uint8_t { kContains, kStartsWith, kEndsWith, kLike, kMatches };

// Every function is total: outside its domain it gives null.
enum class Function : std::uint8_t {
  kAbs,
  kSign,
  kRound,
  kFloor,
  kCeil,
  kSqrt,
  kPow,
  kExp,
  kLog,
  kLog10,
  kMin2,
  kMax2,  // math; abs sign min max keep int
  kKm,    // km(lat, lon, lat, lon): great circle, haversine, Earth radius 6371.0088 km
  kDays,
  kHours,
  kMinutes,
  kSeconds,    // duration -> float
  kTimeOfDay,  // time_of_day(t[, "zone"]) -> duration since midnight by the wall clock
  kWeekday,    // weekday(t[, "zone"]) -> int, 1 = Monday .. 7 = Sunday
  kLower,
  kUpper,
  kLen,
  kSubstr,
  kTrim,    // len counts bytes; substr(s, from, count), from counts from 0 in bytes
  kHash,    // hash(text or int) -> int, 0 or greater, FNV-1a 64 shifted right by one
  kToText,  // text(x): shortest spelling
  kConcat,  // concat(a, b, ...)
  // Rounding. `round floor ceil trunc` keep decimal.
  kTrunc,
  kRoundTo,  // round(x, digits), -12 .. 12; half away from zero
  kDiv,      // div(a, b) -> int or duration count: whole division of ints, towards zero
  kLog2,
  kSin,
  kCos,
  kTan,
  kAsin,
  kAcos,
  kAtan,
  kAtan2,
  kBitAnd,
  kBitOr,
  kBitXor,
  // Conversion: from text, number, bool; null where the value has no such form.
  kToInt,        // int(x): text in decimal or 0x.., number cut to its whole part
  kToFloatOf,    // float(x)
  kToDecimalOf,  // decimal(x): rounded to millionths, half away from zero
  kToIp,         // ip(text)
  kToTime,       // time_of(text or seconds) by RFC 3339
  kToDuration,   // duration(text)
  // Time: (t[, "zone"]).
  kYear,
  kMonth,
  kDay,
  kWeek,  // ISO
  kHour,
  kMinute,
  kDate,   // date(t[, "zone"]) -> text "2024-01-31"
  kEpoch,  // epoch(t) -> float, seconds
  // Text. Positions count bytes from 0.
  kIndexOf,  // index_of(text, part[, from]) -> int; null: not there
  kLastIndexOf,
  kBetween,  // between(text, left, right[, greedy]) -> text between the first left and the first (greedy: last) right behind it
  kReplace,  // replace(text, part, other): every occurrence
  kReverse,
  kSplit,         // split(text, separator) -> string[]
  kJoin,          // join(list, separator) -> text; nulls are left out
  kEntropy,       // entropy(text) -> float: bits per byte
  kBase64Decode,  // base64_decode(text) -> text
  kUrlDecode,     // url_decode(text) -> text
  // Addresses.
  kPrivate,  // private(ip): not routed on the public internet (event/ip.hpp)
  kVersion,  // ip_version(ip) -> 4 or 6
  kNetwork,  // network(ip, bits[, bits of IPv6]) -> ip: the address with all bits behind the first `bits` cleared
  // Lists.
  kListLen,       // len(list)
  kListElement,   // list[n]: from 1; -1 the last
  kListSorted,    // sorted(list): ascending, without nulls
  kListDistinct,  // distinct_of(list): each value once, in the order of their first, without nulls
  kListIndexOf,   // index_of(list, value) -> int from 1
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

struct Expr {
  Op op = Op::kConstant;
  Type type = Type::kBool;
  Span span;
  std::vector<ExprPtr> args;

  Constant value;                  // kConstant
  std::vector<FieldPlace> places;  // kCandidate kStepField kPrevField kBreakField
  int step = -1;                   // kStepField kAggregate kStepExists: index into Rule::stages; kKeyPart: of the part; kElement
  std::int64_t pick = -1;          // kStepField: 1 = the step's first event, 2 = second..; -1 = latest, -2 = the one before.. kTop: k
  int guard = -1;                  // kBreakField: Guard::id, or -1 for whichever event broke the run
  Aggregate aggregate = Aggregate::kCount;
  bool distinct = false;  // kAggregate with kCount
  double percentile = 0;  // kPercentile: 0 .. 100; kMedian is the percentile 50. Nearest rank: sorted[ceil(p/100*n)], at least the first
  bool fold = false;      // kEqual.. kInList kText kTextDynamic; also aggregates with distinct
  std::vector<Constant> list;  // kInList (without its nulls), kInNetworks
  bool list_has_null = false;
  std::shared_ptr<const FileList> file_list;  // kInList: the values of a file, instead of `list`.
  TextOp text_op = TextOp::kContains;
  std::vector<std::string> patterns;  // kText: plain texts, `like` patterns (* and ?) or regular expressions
  bool all_patterns = false;          // kText: all of them must fit instead of any
  Function function = Function::kAbs;
};

// Which events concern a step, a guard or a cancel: those of `streams` for which `condition` holds.
struct Filter {
  std::vector<StreamId> streams;
  ExprPtr condition;  // Null pointer: every event. `except` is folded in: condition and (not c or c is unknown).
  int key_way = 0;    // Index into Rule::key_ways, if there are any.
};
// `except c` folds to: condition and (c ?? false) == false, that is kNot(kCoalesce(c, false)).

struct KeyPart {
  std::string name;
  Type type = Type::kString;
  bool fold = false;  // A nocase part: compared and shown in lower case.
  // One for each stream of the rule; over the candidate only. One of type list_of(type) gives the event to each of the list's
  // values, each once, nulls none; in several parts to every combination.
  std::vector<std::pair<StreamId, ExprPtr>> by_stream;
};

// What the parts of the key are in the events of a line of the rule, where lines over one stream differ in that:
// `key account: debit.from = credit.to`. Parallel to Rule::key; for each stream of the lines that go this way.
using KeyWay = std::vector<std::vector<std::pair<StreamId, ExprPtr>>>;

struct Rule;

struct Guard {  // `no S where c` in a gap, and `cancel on`.
  int id = 0;   // Unique in the rule.
  std::string name;
  Filter filter;
  // `no all { .. }`: what ends the run is that this comes about in the gap; then `filter` is empty. A rule of blocks, whose
  // first stages are those in front of the gap (Blocks::first_stage). Null pointer: an event that `filter` lets through.
  std::shared_ptr<const Rule> block{};
};

struct Silence {  // `no S where c for d`
  Guard guard;
  Duration duration{0};
  int anchor = -1;            // Stage whose event starts the silence (`after a`); -1: the latest event taken.
  bool anchor_first = false;  // `after first(a)`
};

struct TimeLimit {  // `at most d after a`, `at least d after a`; inclusive.
  bool at_most = true;
  Duration duration{0};
  int anchor = -1;  // Stage; -1: the latest event taken by the stages before this one.
  bool anchor_first = false;
};

inline constexpr std::uint32_t kUnbounded = 0xFFFF'FFFF;

// What may stand in the gap before a stage (or, behind the last one, before the match).
struct Gap {
  std::vector<Guard> guards;      // no S
  std::vector<Guard> no_next;     // no next S
  std::vector<Silence> silences;  // no S for d
};

struct Stage {
  std::string name;  // As in evidence: the given name, or "stream#position".
  bool named = false;
  Gap gap;  // Between the stage before and this one. Empty for the first stage.
  Filter filter;
  bool latest = false;    // Opening stage only: a newer fitting event replaces the run that waits right behind it.
  bool next = false;      // Strict contiguity to the event taken before.
  bool each = false;      // Every event that fits gives a match of its own: the run forks, and one branch waits for a later event.
  std::uint32_t min = 1;  // At least 1.
  std::uint32_t max = 1;  // At least min; kUnbounded.
  bool optional = false;
  bool greedy = false;
  bool strict = false;                // Between the loop's events no event of the steps' streams.
  bool skipping = false;              // Between them fitting events may be passed over too: the run forks.
  bool every_length = false;          // A loop may be left from its minimum on, an optional stage though its event came: the run forks.
  ExprPtr until;                      // Over the candidate (an event of the stage's streams) and what is bound; null pointer: none.
  std::optional<Duration> gap_limit;  // `gap 5s` between neighbours in the loop.
  std::vector<TimeLimit> limits;
};

// What `avg(purchase.amount over 90d)` is over: of one key, the events that the filter lets through, before the candidate and
// less than `span` before it.
struct Past {
  Filter filter;  // Over the candidate alone.
  Duration span{0};
};

struct LookBack {  // `no S where c for d` before the steps.
  Filter filter;   // May look at the first step's event (kStepField of the opening stage).
  Duration duration{0};
};

struct EmitField {
  std::string name;
  ExprPtr value;  // Over steps and key parts, no candidate.
};

struct Emit {
  std::string stream;  // The name after `emit`.
  std::vector<EmitField> fields;
  bool internal = false;
  StreamId id = 0;               // Of the stream in CheckedFiles::schemas.
  std::vector<SlotIndex> slots;  // Parallel to `fields`: their places in the stream's events.
  bool feeds = false;            // Some rule names the stream: what is emitted is input again.
  bool count = false;  // `emit count`: of all matches on one event one report, with their number; sees the last step's event only.
};

inline constexpr std::int64_t kCountModulus = (std::int64_t{1} << 61) - 1;  // A prime.

enum class OnMatch : std::uint8_t { kConsume, kKeep, kSkipPastLast, kSkipToNext, kSkipToFirst, kSkipToLast };
// skip to next: the forks of the match, runs that began with the same event, end.
// skip to first S / skip to last S / skip to S (= first S): runs that began before that event of the match end.

struct Limit {  // limit n per d [by f, g]
  std::uint64_t count = 1;
  Duration span{0};
  std::vector<ExprPtr> by;  // Empty: the key. Expressions as in emit.
};

struct MessagePart {
  std::string text;  // Literal text, when value is null.
  ExprPtr value;
  NumberFormat format;  // `{x:,.2}`
};

struct Window;  // dsl/checked_window.hpp
struct Blocks;  // checked_block.hpp

struct Rule {
  RuleInfo info;
  Span span;
  Span name_span;
  bool disabled = false;
  std::vector<KeyPart> key;        // Empty: one partition for all.
  std::vector<KeyWay> key_ways;    // Empty: KeyPart::by_stream holds for all lines. Else at least two.
  std::optional<Duration> within;  // Nothing: forever.
  std::vector<Guard> cancels;
  std::vector<LookBack> look_back;
  std::vector<Past> past;                // Of kPast.
  std::vector<Stage> stages;             // At least one, not all optional.
  std::shared_ptr<const Blocks> blocks;  // How the stages go together; null pointer: one after the other.
  Gap closing;                           // Behind the last stage: guards and silences (`no next` cannot stand there).
  Emit emit;
  std::optional<Emit> on_timeout;
  std::optional<Emit> on_break;
  std::optional<Emit> on_clear;
  std::shared_ptr<const Window> window;  // Null pointer: a rule with steps. Else `stages` are the `over` lines.
  std::vector<MessagePart> message;
  ExprPtr severity;  // Computed at the match, over what `emit` sees: one of the five levels, else there is none. Null pointer: info's.
  ExprPtr score;     // Computed, float; null: none. Null pointer: info's.
  OnMatch on_match = OnMatch::kConsume;
  int skip_stage = -1;
  std::vector<Limit> limits;
  std::optional<std::uint64_t> limit_per_event = 1000;  // limit n per event; nothing: limit none.
  std::vector<StreamId> step_streams;                   // Sorted: all streams that the stages name. What `next` and `strict` look at.
  std::vector<StreamId> streams;                        // Sorted: all streams that concern the rule.
  int watched = -1;                                     // Index into CheckedFiles::tables: only keys of its rows are watched. -1: all are.
  std::uint32_t generation = 0;                         // 0: no rule emits what it names; else one more than the greatest of those that do.
};

// What is known by key. A table is also the stream of its changes: each is a row that takes the place of the one with its key.
struct Table {
  std::string name;
  StreamId stream = 0;
  std::vector<SlotIndex> key;       // Fields of the stream. Texts of a nocase field are compared in lower case.
  SlotIndex deleted = kTimeSlot;    // A row in which this field is true takes the one with its key away.
  SlotIndex truncated = kTimeSlot;  // Of a change stream: where this field is true every row that is there is taken away.
  std::optional<Duration> ttl;      // How long a row is there after its change.
  std::uint64_t max_rows = 0;       // 0: unbounded. With a further one that goes whose change is the longest ago.
  std::shared_ptr<TableFile> file;  // Null: none. Its rows are changes at the time of the first event, before it.
};

// Where the offsets of a `test` block count from. A time in a test may be written as an offset (placed=5s) or in RFC 3339.
inline constexpr Timestamp kTestStart = std::chrono::sys_days{std::chrono::year{2024} / 1 / 1};

// A `test` block.
struct TestEvent {
  Duration at{0};  // Since the start of the test.
  std::uint32_t repeat = 1;
  Duration every{0};
  StreamId stream = 0;
  std::vector<std::pair<SlotIndex, Constant>> values;  // Fields not given are null.
  std::optional<Duration> arrives;                     // Since the start of the test; nothing: in the order of time.
  Span span;
};

struct Expectation {  // expect NAME at 9s user=bob tries=6
  std::string stream;
  std::optional<Duration> at;
  std::vector<std::pair<std::string, Constant>> values;  // Of the alert's fields or key parts.
  std::optional<AlertKind> kind;                         // expect timeout NAME .., expect break NAME ..
  bool withdrawal = false;                               // expect withdrawal NAME ..: an alert that was taken back.
  Span span;
};

struct Test {
  std::string name;
  Span span;
  std::vector<TestEvent> events;
  std::vector<Expectation> expected;  // Exactly these alerts, in any order; empty: `expect none`.
};

// schedule NAME { daily 06:00 on mon..fri zone ".." }
struct Tick {
  Duration at{0};            // By the wall clock, since midnight.
  std::uint8_t days = 0x7F;  // Bit 0: Monday.
  std::string zone;          // Empty: UTC.
};
struct Schedule {
  StreamId stream = 0;  // Its ticks are events of this stream.
  std::vector<Tick> ticks;
};

struct CheckedFiles {
  std::vector<StreamSchema> schemas;  // Index = StreamId. Includes streams that rules emit (external = false).
  std::vector<Rule> rules;            // Load order; disabled ones included.
  std::vector<Table> tables;
  std::vector<Test> tests;
  std::vector<Schedule> schedules;                    // In the order of their streams.
  std::vector<std::shared_ptr<FileList>> file_lists;  // All that conditions refer to.
};

}  // namespace sequitur::dsl
