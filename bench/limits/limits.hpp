// What the hardware allows: for each kind of work that the engine is measured on, the program that somebody would write by
// hand for that one job. No rules, no schemas, nothing of the engine. The ratio of the two is what bench_limits prints.
//
// Every function counts what the rule would report, so the engine's count on the same events must be the same;
// limits_test.cpp compares each with the plainest program that does the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "limits/table.hpp"

namespace sequitur::limits {

// An event as a program of its own would lay it out: one cache line.
struct alignas(64) Record {
  std::uint64_t key;
  std::uint32_t time;  // In ticks of 100 us, rising. Later than every window, so that 0 can mean "never".
  std::uint32_t type;  // 0 is a, 1 is b, 2 is c, ..
  double amount;
  std::uint64_t rest[5];
};
static_assert(sizeof(Record) == 64);

inline constexpr std::uint32_t kTicksPerSecond = 10'000;
inline constexpr std::uint32_t kFirstTime = 3600 * kTicksPerSecond;  // Of every workload.
inline constexpr std::uint32_t kSequenceWindow = 600 * kTicksPerSecond;

// key key  within 10m (or `window`)  first a  then b  then c, each completed run consumed. A key needs two times: of all runs that wait
// for the same step only the youngest matters for whether there is a match.
class Sequence {
 public:
  explicit Sequence(std::size_t keys, std::uint32_t window = kSequenceWindow) : table_(keys), window_(window) {}

  // Every record is an a, b or c. `shift` is added to all times, so that a workload can be played again later.
  std::uint64_t run(std::span<const Record> records, std::uint32_t shift);
  // Only types 0, 1 and 2 are relevant: the type is looked at before the key.
  std::uint64_t run_filtered(std::span<const Record> records, std::uint32_t shift);
  // {"ts":..,"stream":"a","key":..,"amount":..,..}, one object a line, ts in microseconds; simdjson on demand. Like the other
  // text it must be followed by kTextPadding readable bytes.
  std::uint64_t run_ndjson(std::string_view text);
  // ts,stream,key,amount and four more columns, without a header, nothing quoted.
  std::uint64_t run_csv(std::string_view text);

 private:
  struct State {
    std::uint32_t started = 0;  // Of the youngest run that waits for a b.
    std::uint32_t halfway = 0;  // Of the youngest run that waits for a c.
  };
  struct Decoded {
    std::uint64_t key;
    std::uint32_t time;
    std::uint32_t type;
    double amount;
  };
  static constexpr std::size_t kBatch = 64;

  std::uint64_t step(State& state, std::uint32_t type, std::uint32_t time) const {
    switch (type) {
      case 0: state.started = time; return 0;
      case 1:
        if (state.started != 0) state.halfway = state.started;
        state.started = 0;
        return 0;
      default: {
        const bool hit = time - state.halfway <= window_;
        state.halfway = 0;
        return hit ? 1 : 0;
      }
    }
  }
  std::uint64_t step_all(std::span<const Decoded> batch) {
    std::uint64_t matches = 0;
    for (const Decoded& event : batch) {
      matches += step(table_[event.key], event.type, event.time);
      amount_ += event.amount;
    }
    return matches;
  }

  Table<State> table_;
  std::uint32_t window_;
  double amount_ = 0;  // So that no compiler leaves the amount out.
};

inline constexpr std::size_t kTextPadding = 64;

// key key  first a  no b for 5s: deadlines come in the order of the events, so a queue is all that time needs.
class Absence {
 public:
  explicit Absence(std::size_t keys) : table_(keys) {}
  // Type 0 is a, everything else b.
  std::uint64_t run(std::span<const Record> records, std::uint32_t shift);

  static constexpr std::uint32_t kSilence = 5 * kTicksPerSecond;

 private:
  struct State {
    std::uint32_t broken = 0;  // When the latest b came.
  };
  struct Deadline {
    std::uint32_t begun;
    std::uint32_t slot;
  };

  Table<State> table_;
  std::vector<Deadline> queue_;
  std::size_t head_ = 0;
};

// key key  within 2m  first a{5..}  no c  then b: the run that matters began with the fifth-latest a.
class Failures {
 public:
  explicit Failures(std::size_t keys) : table_(keys) {}
  // Type 0 is a failure, 1 a success, 2 a reset.
  std::uint64_t run(std::span<const Record> records, std::uint32_t shift);

  static constexpr std::uint32_t kWindow = 120 * kTicksPerSecond;

 private:
  struct State {
    std::uint32_t times[5] = {};  // A ring; 0 where there is none.
    std::uint32_t next = 0;       // Where the next one goes, which is where the oldest is.
  };
  Table<State> table_;
};

// key key  within 10s  first a  then b{1..} every length  then c, on match keep: of each live a with b's behind it each
// c gives a match for each number of them, and the a is done with. A key keeps its a's and how many b's there were then.
class Loops {
 public:
  explicit Loops(std::size_t keys) : table_(keys) {}
  // Type 0 is a, 1 b, 2 c. Replaces `matches()`.
  std::uint64_t run(std::span<const Record> records, std::uint32_t shift);
  struct Match {
    std::uint32_t begun;
    std::uint32_t length;
  };
  const std::vector<Match>& matches() const { return matches_; }

  static constexpr std::uint32_t kWindow = 10 * kTicksPerSecond;

 private:
  struct Start {
    std::uint32_t begun;
    std::uint32_t seen;  // State::seen then.
  };
  struct State {
    std::uint32_t seen = 0;    // How many b's came.
    std::uint32_t starts = 0;  // 1 + place of its list.
  };
  struct Starts {
    std::vector<Start> list;
    std::size_t head = 0;
  };
  Starts& starts_of(State& state);

  Table<State> table_;
  std::vector<Starts> starts_;
  std::vector<Match> matches_;
};

// One key, within 1s  first a  then b where x == a.x: the latest a of each x.
class Awaited {
 public:
  explicit Awaited(std::size_t values) : table_(values) {}
  // Type 0 is a, everything else b; x is rest[0].
  std::uint64_t run(std::span<const Record> records, std::uint32_t shift);

  static constexpr std::uint32_t kWindow = kTicksPerSecond;

 private:
  struct State {
    std::uint32_t begun = 0;
  };
  Table<State> table_;
};

// Which of many literals occur in which texts.
class Literals {
 public:
  explicit Literals(const std::vector<std::string>& literals);
  ~Literals();

  struct Hit {
    std::uint32_t text;
    std::uint32_t literal;
    bool operator==(const Hit&) const = default;
  };
  // Replaces `hits`. One scan a text.
  void scan_each(std::span<const std::string_view> texts, std::vector<Hit>& hits);
  // One scan of 64 KiB of texts, separated by line feeds, which no literal contains.
  void scan_batched(std::span<const std::string_view> texts, std::vector<Hit>& hits);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Steps in order, each one kind of trade, every choice of trades a match, the last at most `window` ms behind the first.
struct Trade {
  std::uint32_t time;  // In ms.
  std::uint32_t kind;
};
class Trades {
 public:
  // The kind of each step; no kind twice.
  Trades(std::vector<std::uint32_t> steps, std::uint32_t window);
  // How many trades complete a match: the latest start that reached each step.
  std::uint64_t detect(std::span<const Trade> trades, std::uint32_t shift);
  // How many matches there are, each walked to its first trade: a stack of trades for each step, each with the height of the stack
  // before it and the latest start below it.
  std::uint64_t walk(std::span<const Trade> trades, std::uint32_t shift);

 private:
  struct Entry {
    std::uint32_t time;
    std::uint32_t below;  // Height of the stack of the step before, when it came.
    std::uint32_t start;  // The latest.
  };
  std::uint64_t walk_below(std::size_t step, std::uint32_t height, std::uint32_t earliest) const;

  static constexpr std::uint32_t kNoStep = ~0u;
  std::vector<std::uint32_t> step_of_;  // By kind.
  std::vector<std::uint32_t> latest_;   // By step: the latest start, plus one.
  std::vector<std::vector<Entry>> stacks_;
  std::uint32_t window_;
};

// Which of many regular expressions, without regard to case, fit which texts: one scan a text.
class Patterns {
 public:
  explicit Patterns(const std::vector<std::string>& patterns);
  ~Patterns();
  // How many pairs of a text and a pattern there are.
  std::uint64_t scan(std::span<const std::string_view> texts);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Many rules `amount > threshold and country == name`, the thresholds of a country sorted.
struct alignas(64) Payment {
  double amount;
  std::uint64_t country;  // Up to 8 letters.
  std::uint64_t rest[6];
};
struct ThresholdRule {
  double threshold;
  std::uint64_t country;
};
class Thresholds {
 public:
  explicit Thresholds(std::span<const ThresholdRule> rules);
  // Replaces `rules` by the rules that hold, payment by payment. Returns how many.
  std::uint64_t run(std::span<const Payment> payments, std::vector<std::uint32_t>& rules) const;

 private:
  struct Entry {
    double threshold;
    std::uint32_t rule;
  };
  struct Range {
    std::uint32_t begin = 0, end = 0;
  };
  Table<Range> ranges_;
  std::vector<Entry> entries_;
};
// Many rules  key key  within 10m  first .. then .. then ..: each step wants one stream and one value of x, and nobody else does.
// Step s of rule r is number 3 r + s: number n has stream n % streams and value kValueStep * (n / streams).
class ManySequences {
 public:
  ManySequences(std::size_t rules, std::size_t streams, std::size_t keys)
      : streams_(streams), steps_(rules * 3), keys_(keys), table_(rules * keys) {}
  std::uint64_t run(std::span<const Record> records, std::uint32_t shift);

  static constexpr std::uint64_t kValueStep = 10;

 private:
  struct State {
    std::uint32_t started = 0, halfway = 0;
  };
  std::size_t streams_, steps_, keys_;
  Table<State> table_;
};
std::uint64_t pack_country(std::string_view name);

// Copies the records into batches of `batch` and hands those to a second thread, which sums up keys. Returns that sum.
std::uint64_t hand_over(std::span<const Record> records, std::size_t batch);

}  // namespace sequitur::limits
