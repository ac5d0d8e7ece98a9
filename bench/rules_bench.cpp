// Many rules at once: what an event costs, what a rule costs in memory, how long they take to load. An event should cost what it
// hits, not how many rules there are, so rows of one kind have the same hits for 100 and for 10,000 rules.
//
// Run: build/release/bin/bench_rules [--benchmark_filter=^thresholds]
// The counters are those of bench_limits, and load_s (RuleSet::load and the engine) and bytes_a_rule (of the heap).
#include <malloc.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <optional>
#include <random>

#include "comparison.hpp"
#include "data.hpp"
#include "limits/workload.hpp"

namespace sequitur::bench {
namespace {

using limits::Record;

std::size_t heap_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// Rules from text to an engine, and what that costs.
class ManyRules : public Comparison {
 public:
  void report(benchmark::UserCounters& counters) const override {
    counters["load_s"] = seconds_;
    counters["bytes_a_rule"] = static_cast<double>(bytes_) / static_cast<double>(feed_->rules().rules().size());
  }

 protected:
  void load(const std::string& text) {
    const std::size_t before = heap_bytes();
    const auto begin = std::chrono::steady_clock::now();
    feed_.emplace(load_rules({{"rules.seq", text}}));
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    bytes_ = heap_bytes() - before;
  }
  Feed& feed() { return *feed_; }

 private:
  std::optional<Feed> feed_;
  double seconds_ = 0;
  std::size_t bytes_ = 0;
};

// A text an event.
class Texts : public ManyRules {
 public:
  void prepare() override { feed().shift(static_cast<std::int64_t>(events)); }
  std::uint64_t by_engine() override { return feed().push(); }

 protected:
  static constexpr const char* kStream = "stream line time ts us { ts: time, text: string }\n";
  void add(std::vector<std::string> texts) {
    texts_ = std::move(texts);
    views_.assign(texts_.begin(), texts_.end());
    events = views_.size();
    const StreamSchema& schema = *feed().rules().find_stream("line");
    for (std::size_t i = 0; i < views_.size(); ++i) {
      Event& event = feed().add(schema, static_cast<std::int64_t>(i));
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = feed().arena().text(views_[i]);
    }
  }
  const std::vector<std::string_view>& views() const { return views_; }

 private:
  std::vector<std::string> texts_;
  std::vector<std::string_view> views_;
};

// A thousand rules with a literal each, about one text in a hundred holds one.
class Literals : public Texts {
 public:
  explicit Literals(bool batched) : batched_(batched), literals_(limits::make_literals(1000)), scanner_(literals_) {
    std::string text = kStream;
    for (std::size_t i = 0; i < literals_.size(); ++i)
      text += "rule r" + std::to_string(i) + " { within 1s  first l: line where text contains \"" + literals_[i] + "\"  emit found() }\n";
    load(text);
    add(limits::make_texts(400'000, literals_, 100));
  }
  std::uint64_t by_hand() override {
    if (batched_)
      scanner_.scan_batched(views(), hits_);
    else
      scanner_.scan_each(views(), hits_);
    return hits_.size();
  }

 private:
  bool batched_;
  std::vector<std::string> literals_;
  limits::Literals scanner_;
  std::vector<limits::Literals::Hit> hits_;
};

// All string patterns of the Sigma rules, a rule each, over the command lines of recorded attacks.
class Sigma : public Texts {
 public:
  explicit Sigma(const std::string& file) : patterns_(read(file)), scanner_(patterns_) {
    std::string text = kStream;
    for (std::size_t i = 0; i < patterns_.size(); ++i)
      text += "rule r" + std::to_string(i) + " { within 1s  first l: line where text matches /" + in_rule(patterns_[i]) +
              "/i  emit found()  limit none }\n";
    load(text);
    add(read_lines(data_folder() / "security/sigma_patterns/pc_CommandLine.txt"));
  }
  std::uint64_t by_hand() override { return scanner_.scan(views()); }

 private:
  // Each line is the flag i, a tabulator, and the pattern.
  static std::vector<std::string> read(const std::string& file) {
    std::vector<std::string> patterns;
    for (const std::string& line : read_lines(data_folder() / "security/sigma_patterns" / file))
      if (line.starts_with("i\t")) patterns.push_back(line.substr(2));
    return patterns;
  }
  // A slash ends a pattern in a rule, and control characters have no place there; patterns are about bytes.
  static std::string in_rule(const std::string& pattern) {
    std::string text;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      if (pattern[i] == '/') text += '\\';
      if (const auto byte = static_cast<unsigned char>(pattern[i]); byte < 0x20 || byte >= 0x7F) {
        char code[8];
        std::snprintf(code, sizeof code, "\\x%02x", byte);
        text += code;
        continue;
      }
      text += pattern[i];
      if (pattern[i] == '\\' && i + 1 < pattern.size()) text += pattern[++i];
    }
    return text;
  }

  std::vector<std::string> patterns_;
  limits::Patterns scanner_;
};

// Rules `amount > c and country == x`; a payment meets `hits` of them on average.
class Thresholds : public ManyRules {
 public:
  Thresholds(std::size_t rules, double hits) : work_(limits::make_payments(rules, 1'000'000, hits)), index_(work_.rules) {
    std::string text = "stream pay time ts us { ts: time, amount: float, country: string }\n";
    for (std::size_t i = 0; i < rules; ++i) {
      char threshold[32];
      std::snprintf(threshold, sizeof threshold, "%.17f", work_.rules[i].threshold);
      text += "rule r" + std::to_string(i) + " { within 1s  first p: pay where amount > " + threshold + " and country == \"" +
              unpacked(work_.rules[i].country) + "\"  emit found() }\n";
    }
    load(text);
    events = work_.payments.size();
    const StreamSchema& schema = *feed().rules().find_stream("pay");
    std::int64_t time = 0;
    for (const limits::Payment& payment : work_.payments) {
      Event& event = feed().add(schema, ++time);
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_float(payment.amount);
      event.slot(2) = feed().arena().text(unpacked(payment.country));
    }
  }
  void prepare() override { feed().shift(static_cast<std::int64_t>(events)); }
  std::uint64_t by_hand() override { return index_.run(work_.payments, found_); }
  std::uint64_t by_engine() override { return feed().push(); }

 private:
  static std::string unpacked(std::uint64_t country) {
    std::string name(sizeof country, '\0');
    std::memcpy(name.data(), &country, sizeof country);
    return name.c_str();
  }

  limits::Payments work_;
  limits::Thresholds index_;
  std::vector<std::uint32_t> found_;
};

// Sequences of three over 100 streams. One event in ten fits a step of one rule; there are as many pairs of a rule and a key
// with few rules as with many, so that as many runs live and as many end.
class Sequences : public ManyRules {
 public:
  explicit Sequences(std::size_t rules) : sequences_(rules, kStreams, kPairs / rules) {
    std::string text;
    for (std::size_t stream = 0; stream < kStreams; ++stream)
      text += "stream s" + std::to_string(stream) + " time ts us { ts: time, key: int, x: int }\n";
    const auto step = [](std::size_t number) {
      return "s" + std::to_string(number % kStreams) +
             " where x == " + std::to_string(number / kStreams * limits::ManySequences::kValueStep);
    };
    for (std::size_t i = 0; i < rules; ++i)
      text += "rule r" + std::to_string(i) + " { key key  within 10m  first p: " + step(3 * i) + "  then q: " + step(3 * i + 1) +
              "  then r: " + step(3 * i + 2) + "  emit hit(key) }\n";
    load(text);
    records_ = limits::make_records({.count = 1'000'000,
                                     .keys = kPairs / rules,
                                     .weights = std::vector<std::uint32_t>(kStreams, 1),
                                     .values = rules * 3 / kStreams * limits::ManySequences::kValueStep});
    events = records_.size();
    for (const Record& record : records_) {
      Event& event = feed().add(*feed().rules().find_stream("s" + std::to_string(record.type)), limits::to_micros(record.time));
      event.slot(0) = Slot::of_int(event.time);
      event.slot(1) = Slot::of_int(static_cast<std::int64_t>(record.key));
      event.slot(2) = Slot::of_int(static_cast<std::int64_t>(record.rest[0]));
    }
  }
  void prepare() override {
    if (round_++ == 0) return;
    shift_ += static_cast<std::uint32_t>(events);
    feed().shift(limits::to_micros(static_cast<std::uint32_t>(events)));
  }
  std::uint64_t by_hand() override { return sequences_.run(records_, shift_); }
  std::uint64_t by_engine() override { return feed().push(); }

 private:
  static constexpr std::size_t kStreams = 100, kPairs = 100'000;

  limits::ManySequences sequences_;
  std::vector<Record> records_;
  std::uint32_t shift_ = 0;
  int round_ = 0;
};

void add_all() {
  add_comparison("literals_1000/each", [] { return std::make_unique<Literals>(false); });
  add_comparison("literals_1000/batched", [] { return std::make_unique<Literals>(true); });
  add_comparison("thresholds_1000/rare", [] { return std::make_unique<Thresholds>(1000, 0.01); });
  add_comparison("thresholds_1000/frequent", [] { return std::make_unique<Thresholds>(1000, 0.24); });
  for (const std::size_t rules : {100, 10'000}) {
    add_comparison("thresholds/" + std::to_string(rules), [=] { return std::make_unique<Thresholds>(rules, 0.05); });
    add_comparison("sequences/" + std::to_string(rules), [=] { return std::make_unique<Sequences>(rules); });
  }
  if (!std::filesystem::exists(data_folder() / "security/sigma_patterns")) return;
  add_comparison("sigma/process_creation", [] { return std::make_unique<Sigma>("hs_wpc_all.txt"); });
  add_comparison("sigma/all", [] { return std::make_unique<Sigma>("hs_all.txt.zst"); });
}

}  // namespace
}  // namespace sequitur::bench

int main(int argc, char** argv) {
  sequitur::bench::add_all();
  return sequitur::bench::run_rows(argc, argv);
}
