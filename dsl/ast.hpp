// The syntax tree: what a rule file says, before anybody asks whether it makes sense. `parse` makes it, `print` turns it back
// into text, `check` turns it into checked rules.
//
// Expressions are one struct with a kind, so that a walk is one switch. Every node knows its place in the text; places do
// not take part in ==, so that two trees are equal when they say the same. Facts that only matter to the printer (how a
// number was spelled, which text was raw) are kept beside the values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sequitur/diagnostic.hpp"

namespace sequitur::dsl::ast {

// A span that is equal to every other.
struct Place : Span {
  friend bool operator==(const Place&, const Place&) { return true; }
};

struct Name {
  Place span;
  std::string text;     // Without backticks.
  bool quoted = false;  // Was written in backticks.
  bool operator==(const Name&) const = default;
};

enum class ExprKind : std::uint8_t {
  // Leaves.
  kNumber,     // 10k 5% 1_000.5: text = spelling; number; integer where is_integer
  kDuration,   // 1h30m: text = spelling; integer = microseconds
  kText,       // "x" 'x' "x"i: text = value without quotes and escapes; raw; fold
  kRegex,      // /x/i: text = pattern as written, `\/` included; fold
  kTimeOfDay,  // 15:50 or 15:50:30: text = spelling; integer = microseconds since midnight
  kBool,       // true false: integer = 1 or 0
  kNull,       // null
  kPath,       // a.b[1].c: path
  // With args.
  kList,      // [a, b]
  kRange,     // a..b, behind `in` only
  kCall,      // text(args); text_span. Arguments of aggregates may be kDistinct, kWhere, kOver
  kDistinct,  // count(distinct args[0])
  kWhere,     // count(args[0] where args[1])
  kOver,      // avg(args[0] over args[1]); args[0] may be kWhere or kDistinct
  kNot,
  kAnd,
  kOr,      // two or more args
  kExists,  // exists args[0], a kPath (or, wrongly, a kCall)
  kSome,    // some x like y: args[0] is the comparison, whose args[0] is the list
  kEvery,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,  // args[0] in args[1] (kList, kRange, kPath of a `let`, kText of a network); negated
  kContains,
  kStartsWith,
  kEndsWith,
  kLike,
  kMatches,  // args[0] op args[1] (one value or a list); negated; quantity
  kNegate,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
  kCoalesce,  // args[0] ?? args[1]
};

enum class Quantity : std::uint8_t { kNone, kAnyOf, kAllOf };  // contains [..], contains any of [..], contains all of [..]

struct Expr;

struct PathPart {
  Name name;
  std::vector<Expr> index;  // probe[-1], depends[a, b]; empty: no brackets.
  bool operator==(const PathPart&) const = default;
};

struct Expr {
  ExprKind kind = ExprKind::kNull;
  Quantity quantity = Quantity::kNone;
  bool negated = false;     // not in, not like, ..
  bool raw = false;         // Text in single quotes.
  bool fold = false;        // Text or regex with a trailing i.
  bool is_integer = false;  // A number spelled without fraction, exponent and %.
  bool bracketed = false;   // Was written in round brackets. The printer keeps them.
  std::uint16_t depth = 1;  // Of the tree below, bounded by kMaxExprDepth.
  Place span;               // Of the whole expression, its own round brackets included.
  Place op_span;            // Of the operator, or of the called name.
  std::string text;
  double number = 0;
  std::int64_t integer = 0;
  std::vector<PathPart> path;
  std::vector<Expr> args;
  bool operator==(const Expr&) const = default;
};

// ---- Rules -------------------------------------------------------------------------------------------------------------

struct KeyPart {  // card | user: login.user = transfer.owner | pair: sorted(a, b) | job from jobs
  Place span;
  std::optional<Name> name;   // Before the colon.
  std::vector<Expr> values;   // One; several where the sides of `=` name the part per stream or step.
  std::optional<Name> table;  // After `from`.
  bool operator==(const KeyPart&) const = default;
};
using Key = std::vector<KeyPart>;

struct Within {
  std::optional<Expr> duration;  // Nothing: forever.
  bool operator==(const Within&) const = default;
};

struct Tags {
  std::vector<Name> names;  // attack.t1110.003; quoted = written as text in quotes.
  bool operator==(const Tags&) const = default;
};

struct MessagePart {
  std::string text;            // Literal, when there is no value.
  std::optional<Expr> value;   // What stood in {..}.
  std::optional<Name> format;  // Behind `:`, as written.
  bool operator==(const MessagePart&) const = default;
};

struct Message {
  Expr text;  // kText, as written.
  std::vector<MessagePart> parts;
  bool operator==(const Message&) const = default;
};

struct Meta {
  Name name;
  Expr value;
  bool operator==(const Meta&) const = default;
};

struct Anchor {  // after a, after first(a)
  Place span;
  Name step;
  bool first = false;
  bool operator==(const Anchor&) const = default;
};

struct TimeLimit {  // at most 5s after a
  Place span;
  bool at_most = true;
  Expr duration;
  std::optional<Anchor> anchor;
  bool operator==(const TimeLimit&) const = default;
};

struct Silence {  // for 15m after a
  Place span;
  Expr duration;
  std::optional<Anchor> anchor;
  bool operator==(const Silence&) const = default;
};

struct Count {  // {3} {3..} {3..5}
  Place span;
  std::uint64_t min = 1;
  std::optional<std::uint64_t> max;  // Nothing: unbounded. {3} has max = min.
  bool range = false;                // Written with `..`.
  bool operator==(const Count&) const = default;
};

struct Modes {  // strict | skipping, greedy | every length, optional
  bool strict = false;
  bool skipping = false;
  bool greedy = false;
  bool every_length = false;
  bool optional = false;
  Place strict_span, skipping_span, greedy_span, every_length_span, optional_span;  // Of those that are there.
  bool operator==(const Modes&) const = default;
};

enum class StepWord : std::uint8_t {
  kNone,  // A line of a block without a word of its own; `hold` as a clause.
  kFirst,
  kLatest,
  kThen,
  kNext,
  kEach,
  kNo,
  kNoNext,
  kCancel,  // cancel on
  kOver,    // of a window
};

enum class StepForm : std::uint8_t {
  kEvent,   // name: streams count where ..
  kHold,    // hold name: stream where .. for d
  kAll,     // all { lines }
  kSomeOf,  // n of { lines }
  kEither,  // either { steps } or { steps }
  kRepeat,  // repeat{2..4} { steps }
};

struct Step;

struct Branch {  // What stands in one pair of braces of a block.
  Place span;
  std::vector<Step> steps;
  bool operator==(const Branch&) const = default;
};

struct Step {
  Place span;
  StepWord word = StepWord::kNone;
  StepForm form = StepForm::kEvent;
  std::optional<Name> name;
  std::vector<Name> streams;   // kEvent, kHold: at least one.
  std::optional<Count> count;  // kEvent, kRepeat.
  Modes modes;
  std::optional<Expr> where;
  std::vector<Expr> excepts;
  std::optional<Expr> until;
  std::optional<Expr> gap;         // A duration.
  std::optional<Silence> silence;  // kNo: for d after a. kHold: for d.
  std::vector<TimeLimit> limits;
  std::optional<Expr> last;      // kOver: a span of its own.
  std::uint64_t some_of = 0;     // kSomeOf: the n.
  std::vector<Branch> branches;  // One; kEither: one or more.
  bool operator==(const Step&) const = default;
};

enum class WindowKind : std::uint8_t { kSliding, kTumbling, kHopping, kSession, kLastEvents };

struct Window {
  WindowKind kind = WindowKind::kSliding;
  std::optional<Expr> size;   // Duration, session gap, or number of events.
  std::optional<Expr> every;  // kHopping: duration. kLastEvents: number of events, if given.
  std::optional<Expr> zone;   // kTumbling: text.
  std::optional<Expr> ttl;    // kLastEvents: duration, if given.
  bool operator==(const Window&) const = default;
};

enum class TriggerKind : std::uint8_t { kWatermark, kEveryEvents, kEveryDuration, kEarly, kLate, kAccumulating, kDiscarding };

struct Trigger {  // watermark | every 100 events | every 10s | early 10s | late 1m | accumulating | discarding
  TriggerKind kind = TriggerKind::kWatermark;
  std::optional<Expr> amount;
  bool operator==(const Trigger&) const = default;
};
using Triggers = std::vector<Trigger>;

struct EmitField {
  Place span;
  std::optional<Name> name;  // Nothing: a key part that stands alone.
  Expr value;
  bool operator==(const EmitField&) const = default;
};

struct Emit {
  bool always = false;
  bool count = false;
  Name stream;
  std::vector<EmitField> fields;
  bool internal = false;
  bool operator==(const Emit&) const = default;
};

enum class OnMatchKind : std::uint8_t { kConsume, kKeep, kSkipPastLast, kSkipToNext, kSkipToFirst, kSkipToLast, kSkipTo };

struct OnMatch {
  OnMatchKind kind = OnMatchKind::kConsume;
  std::optional<Name> step;  // kSkipToFirst, kSkipToLast, kSkipTo.
  bool operator==(const OnMatch&) const = default;
};

struct Limit {  // 1 per 1h by user, ip | 1000 per event | none
  bool none = false;
  bool per_event = false;
  std::uint64_t count = 0;
  std::optional<Expr> duration;
  std::vector<Expr> by;
  bool operator==(const Limit&) const = default;
};

enum class ClauseKind : std::uint8_t {
  kSeverity,   // Expr
  kScore,      // Expr
  kTags,       // Tags
  kMeta,       // Meta
  kDisabled,   // nothing
  kKey,        // Key
  kWithin,     // Within
  kCancel,     // Step
  kStep,       // Step: first latest then next each hold
  kNo,         // Step: no, no next
  kWindow,     // Window
  kOver,       // Step
  kTrigger,    // Triggers
  kWhen,       // Expr
  kEmit,       // Emit
  kMessage,    // Message
  kOnTimeout,  // Emit
  kOnBreak,    // Emit
  kOnClear,    // Emit
  kOnMatch,    // OnMatch
  kLimit,      // Limit
  kExcept,     // Expr; in `tune` only
};

struct Clause {
  Place span;
  Place word;  // Of the clause word or words: `cancel on`, `no next`, `on timeout`.
  ClauseKind kind = ClauseKind::kDisabled;
  std::variant<std::monostate, Expr, Tags, Meta, Key, Within, Step, Window, Triggers, Emit, Message, OnMatch, Limit> body;
  bool operator==(const Clause&) const = default;
};

struct Rule {
  Name name;
  std::optional<Expr> title;  // kText.
  std::vector<Clause> clauses;
  bool operator==(const Rule&) const = default;
};

struct Tune {
  Name rule;
  std::vector<Clause> clauses;
  bool operator==(const Tune&) const = default;
};

// ---- Declarations ------------------------------------------------------------------------------------------------------

struct Field;

struct FieldType {
  Place span;
  Name name;  // As written: string, int, ..; empty for a record.
  bool record = false;
  std::vector<Field> fields;  // Of a record.
  int lists = 0;              // How many [].
  bool optional = false;      // ?
  bool nocase = false;
  bool operator==(const FieldType&) const = default;
};

struct Field {
  Place span;
  std::vector<Name> path;
  FieldType type;
  std::optional<Expr> source;  // from "source name"
  bool operator==(const Field&) const = default;
};

enum class StreamOptionKind : std::uint8_t {
  kTime,      // path, unit or format (year, zone)
  kLateness,  // value: duration; or value: percentage, bound: duration
  kFuture,    // value: duration
  kLateDrop,
  kLateTo,
  kLateRevise,  // kLateTo: name; kLateRevise: perhaps value: duration
  kWatermark,   // path
  kClockProcessing,
  kWhen,  // value
  kLine,  // value: kRegex
};

struct StreamOption {
  Place span;
  StreamOptionKind kind = StreamOptionKind::kTime;
  std::vector<Name> path;
  std::optional<Name> unit;    // s ms us ns
  std::optional<Expr> format;  // kText
  std::optional<Expr> year;    // kNumber
  std::optional<Expr> zone;    // kText
  std::optional<Expr> value;
  std::optional<Expr> bound;  // kDuration
  std::optional<Name> name;
  bool operator==(const StreamOption&) const = default;
};

struct Stream {  // stream NAME options { fields } | stream NAME = base where .. except ..
  Name name;
  std::optional<Name> base;
  std::optional<Expr> where;
  std::vector<Expr> excepts;
  std::vector<StreamOption> options;
  std::vector<Field> fields;
  bool operator==(const Stream&) const = default;
};

struct Let {  // let a = .. | let f(x, y) = .. | let b = file "b.txt"
  Name name;
  bool function = false;  // Has brackets, perhaps empty.
  std::vector<Name> params;
  bool file = false;  // value is the kText of the file's name.
  Expr value;
  bool operator==(const Let&) const = default;
};

struct Param {  // param limit = 5
  Name name;
  Expr value;
  bool operator==(const Param&) const = default;
};

struct Import {  // import "other.seq"
  Expr path;
  bool operator==(const Import&) const = default;
};

struct Table {  // table NAME options { fields key id } | table NAME = a [left] join b on ..
  Name name;
  std::vector<StreamOption> options;  // As of a stream: where its changes come from.
  std::optional<Expr> file;           // from file "x.csv": kText.
  bool debezium = false;              // from debezium.
  std::optional<Expr> ttl;            // A duration.
  std::optional<Expr> rows;           // kNumber: at most so many.
  std::vector<Field> fields;
  std::vector<Expr> key;  // Paths.
  std::optional<Name> left, right;
  bool outer = false;  // left join
  std::optional<Expr> on;
  bool operator==(const Table&) const = default;
};

struct Tick {  // daily 06:00 on mon..fri zone "Europe/Berlin"
  Place span;
  Expr at;                       // kTimeOfDay
  std::optional<Name> from, to;  // Days.
  std::optional<Expr> zone;
  bool operator==(const Tick&) const = default;
};

struct Schedule {
  Name name;
  std::vector<Tick> ticks;
  bool operator==(const Schedule&) const = default;
};

// ---- Tests -------------------------------------------------------------------------------------------------------------

struct TestValue {  // user=ann
  Place span;
  std::vector<Name> path;
  Expr value;         // kNumber kText kBool kNull kDuration kTimeOfDay kList
  bool bare = false;  // A kText written as a bare word.
  bool operator==(const TestValue&) const = default;
};

struct TestEvent {  // 0s login user=ann {5 every 2s}
  Expr at;          // kDuration
  Name stream;
  std::vector<TestValue> values;
  std::optional<Expr> repeat;   // kNumber
  std::optional<Expr> every;    // kDuration, if repeat
  std::optional<Expr> arrives;  // kDuration
  bool operator==(const TestEvent&) const = default;
};

struct Expectation {  // expect none | expect timeout alert at 9s user=ann
  bool none = false;
  std::optional<Name> kind;  // match timeout break clear withdrawal
  Name stream;
  std::optional<Expr> at;  // kDuration
  std::vector<TestValue> values;
  bool operator==(const Expectation&) const = default;
};

struct TestLine {
  Place span;
  std::variant<TestEvent, Expectation> body;
  bool operator==(const TestLine&) const = default;
};

struct Test {
  Expr title;  // kText
  std::vector<TestLine> lines;
  bool operator==(const Test&) const = default;
};

// ---- Files -------------------------------------------------------------------------------------------------------------

struct Item {
  Place span;  // From the first word to the end.
  Place head;  // To the opening brace, or the same as span.
  std::variant<std::monostate, Rule, Stream, Let, Test, Import, Param, Table, Schedule, Tune> body;
  bool damaged = false;       // A part with an error was left out: what seems to be missing may well be there.
  bool blank_before = false;  // An empty line stood before it. Only the printer cares.
  bool operator==(const Item& other) const { return body == other.body; }
};

struct Comment {
  Place span;                // From # to before the line's end.
  std::string text;          // Without trailing blanks.
  bool own_line = false;     // Nothing but blanks before it on its line.
  bool blank_after = false;  // An empty line follows. Only the printer cares.
  bool operator==(const Comment& other) const { return text == other.text; }
};

// Items whose syntax was wrong are left out, clauses likewise; a diagnostic says so.
struct File {
  std::uint32_t index = 0;
  std::vector<Item> items;
  std::vector<Comment> comments;  // In the order of the text.
  bool operator==(const File& other) const { return items == other.items && comments == other.comments; }
};

}  // namespace sequitur::dsl::ast
