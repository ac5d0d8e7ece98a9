// The spine, top to bottom: source -> ingest -> shard -> rule evaluation -> alert -> sink.
//
// With several threads a reader thread fetches and decodes the next batches while the caller's thread evaluates; both
// hand over whole batches through a bounded queue. What is evaluated, and in which order, depends on the inputs alone.
#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <fmt/format.h>

#include "engine/evaluator.hpp"
#include "engine/ingest.hpp"
#include "engine/reviser.hpp"
#include "sequitur/engine.hpp"

namespace sequitur {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPoll{20};
constexpr std::size_t kReadAhead = 4;  // Batches decoded before they are needed, with several threads.
constexpr std::size_t kSpareBatches = 8;
constexpr std::chrono::seconds kFilePoll{1};  // How often the files of lists and tables are looked at.

bool stop_requested(const RunControl& control) { return control.stop != nullptr && control.stop->load(std::memory_order_relaxed); }

// What a read of an input came to.
struct Fetched {
  ReadStatus status = ReadStatus::kEnd;
  std::unique_ptr<DecodedBatch> batch;  // With kRecords.
  std::string error;                    // The source failed; it counts as ended.
};

Fetched fetch(Input& input, std::size_t number, std::unique_ptr<DecodedBatch> batch) {
  if (!batch) batch = std::make_unique<DecodedBatch>();
  batch->input = number;
  batch->events.clear();
  Fetched result;
  const Result<ReadStatus> status = input.source->read(batch->raw);
  if (!status) {
    result.error = fmt::format("{}: {}", input.name, status.error().message);
    return result;
  }
  result.status = *status;
  if (result.status == ReadStatus::kRecords) {
    input.decoder->decode(batch->raw, batch->events);
    input.decoder->settle(batch->raw, batch->events);  // One thread per input, in its order.
    result.batch = std::move(batch);
  }
  return result;
}

// Where batches come from: read when asked for, or read ahead by threads.
class Reader {
 public:
  virtual ~Reader() = default;
  virtual Fetched next(std::size_t input) = 0;
  virtual void give_back(std::unique_ptr<DecodedBatch> batch) = 0;
};

class DirectReader : public Reader {
 public:
  explicit DirectReader(std::vector<Input>& inputs) : inputs_(inputs) {}
  Fetched next(std::size_t input) override {
    std::unique_ptr<DecodedBatch> spare;
    if (!spares_.empty()) {
      spare = std::move(spares_.back());
      spares_.pop_back();
    }
    return fetch(inputs_[input], input, std::move(spare));
  }
  void give_back(std::unique_ptr<DecodedBatch> batch) override {
    if (spares_.size() < kSpareBatches) spares_.push_back(std::move(batch));
  }

 private:
  std::vector<Input>& inputs_;
  std::vector<std::unique_ptr<DecodedBatch>> spares_;
};

// Invariants:
// 1. Each input is read by one thread of its own, in order; its queue never holds more than kReadAhead results.
// 2. A queue is touched under mutex_ only; sources and decoders are not touched by anybody but their thread.
// 3. After kIdle a thread waits until the result was taken, so that an idle input does not spin.
class ThreadedReader : public Reader {
 public:
  explicit ThreadedReader(std::vector<Input>& inputs) : inputs_(inputs), queues_(inputs.size()) {
    for (std::size_t i = 0; i < inputs.size(); ++i) threads_.emplace_back([this, i] { work(i); });
  }
  ~ThreadedReader() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  Fetched next(std::size_t input) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !queues_[input].empty(); });
    Fetched result = std::move(queues_[input].front());
    queues_[input].pop_front();
    lock.unlock();
    changed_.notify_all();
    return result;
  }
  void give_back(std::unique_ptr<DecodedBatch> batch) override {
    const std::lock_guard lock(mutex_);
    if (spares_.size() < kSpareBatches) spares_.push_back(std::move(batch));
  }

 private:
  void work(std::size_t input) {
    for (bool more = true; more;) {
      std::unique_ptr<DecodedBatch> spare;
      {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [&] { return stopping_ || queues_[input].size() < kReadAhead; });
        if (stopping_) return;
        if (!spares_.empty()) {
          spare = std::move(spares_.back());
          spares_.pop_back();
        }
      }
      Fetched result = fetch(inputs_[input], input, std::move(spare));
      more = result.status != ReadStatus::kEnd;
      const bool idle = result.status == ReadStatus::kIdle;
      {
        std::unique_lock lock(mutex_);
        queues_[input].push_back(std::move(result));
        changed_.notify_all();
        if (idle) changed_.wait(lock, [&] { return stopping_ || queues_[input].empty(); });
      }
    }
  }

  std::vector<Input>& inputs_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::deque<Fetched>> queues_;
  std::vector<std::unique_ptr<DecodedBatch>> spares_;
  std::vector<std::thread> threads_;
  bool stopping_ = false;
};

class Pipeline {
 public:
  Pipeline(std::shared_ptr<const RuleSet> rules, const EngineOptions& options, std::vector<Input>& inputs, std::span<Sink* const> sinks,
           DeadLetterSink* dead_letters, const RunControl& control)
      : rules_(rules),
        options_(options),
        inputs_(inputs),
        sinks_(sinks),
        dead_letters_(dead_letters),
        control_(control),
        evaluator_(rules, options),
        ingest_(timing_of(*rules, inputs), rules->schemas()),
        idle_since_(inputs.size(), Clock::time_point::max()) {
    const auto revises = [](const StreamSchema& schema) { return schema.late == LatePolicy::kRevise; };
    if (std::any_of(rules->schemas().begin(), rules->schemas().end(), revises))
      reviser_ = std::make_unique<Reviser>(*rules, evaluator_, options.batch_events, options.max_revise_events,
                                           [this](std::span<const Alert> alerts) { deliver(alerts); });
    else
      evaluator_.hand_over_to([this](std::span<const Alert> alerts) { deliver(alerts); });
    if (options.threads > 1)
      reader_ = std::make_unique<ThreadedReader>(inputs);
    else
      reader_ = std::make_unique<DirectReader>(inputs);
    for (const Input& input : inputs) follows_ = follows_ || input.follow;
    for (const Input& input : inputs) progress_.total_bytes += input.source->total_bytes();
    source_bytes_.resize(inputs.size());
    for (const StreamSchema& schema : rules->schemas()) least_future_ = std::min(least_future_, schema.future.count());
    for (const InputTiming& timing : timing_of(*rules, inputs)) by_arrival_.push_back(timing.by_arrival);
  }

  Result<RunSummary> run() {
    const auto begin = Clock::now();
    for (std::size_t input = ingest_.slowest(); input < inputs_.size() && !failed_; input = ingest_.slowest()) {
      if (stop_requested(control_)) {
        summary_.stopped = true;
        break;
      }
      read(input);
      evaluate_released();
      reload_files();
    }
    finish();
    if (options_.observer != nullptr) evaluator_.observe_live_runs();
    reader_.reset();
    if (failed_) return Error{failure_};
    summary_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    summarize_inputs();
    summary_.engine = evaluator_.counters();
    return summary_;
  }

 private:
  static std::vector<InputTiming> timing_of(const RuleSet& rules, const std::vector<Input>& inputs) {
    std::vector<InputTiming> result;
    for (const Input& input : inputs) result.emplace_back(rules.schemas(), input.streams);
    return result;
  }

  void summarize_inputs() {
    for (const Input& input : inputs_) summary_.inputs.emplace_back().name = input.name;
    ingest_.summarize(summary_.inputs);
    for (const InputSummary& input : summary_.inputs) summary_.revised += input.revised;
    summary_.bad[static_cast<std::size_t>(BadReason::kLate)] += too_late_;
    summary_.revised -= too_late_;
    summary_.late_changes = ingest_.late_changes();
    if (!reviser_) return;
    summary_.withdrawn = reviser_->withdrawn();
    summary_.reissued = reviser_->reissued();
  }

  Timestamp now() const {
    return control_.clock ? control_.clock() : std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }

  void fail(std::string message) {
    if (!failed_) failure_ = std::move(message);
    failed_ = true;
  }

  void read(std::size_t input) {
    Fetched fetched = reader_->next(input);
    if (!fetched.error.empty()) fail(fetched.error);
    if (fetched.status == ReadStatus::kEnd) ingest_.end(input);
    if (fetched.status == ReadStatus::kIdle) wait(input);
    if (fetched.status != ReadStatus::kRecords) return;
    idle_since_[input] = Clock::time_point::max();
    ingest_.set_idle(input, false);
    take(*fetched.batch, fetched.batch);
  }

  // An input without news: others go on without it once it has been silent for long.
  void wait(std::size_t input) {
    const auto since = Clock::now();
    if (idle_since_[input] == Clock::time_point::max()) idle_since_[input] = since;
    if (inputs_[input].follow && since - idle_since_[input] >= options_.idle) ingest_.set_idle(input, true);
    if (by_arrival_[input])
      pass_time(input);
    else
      reach_watermark();
    for (Sink* sink : sinks_)
      if (const Result<void> flushed = sink->flush(); !flushed) return fail(flushed.error().message);
    std::this_thread::sleep_for(kPoll);
  }

  void take(DecodedBatch& batch, std::unique_ptr<DecodedBatch>& owner) {
    summary_.records += batch.events.records;
    summary_.unmatched += batch.events.unmatched;
    summary_.bytes += batch.raw.bytes.size();
    progress_.source_bytes += batch.raw.source_bytes - source_bytes_[batch.input];
    source_bytes_[batch.input] = batch.raw.source_bytes;
    if (by_arrival_[batch.input]) stamp(batch);
    set_aside_future(batch);
    ingest_.add(owner);
    const std::vector<BadRecord>& bad = batch.events.bad;
    for (const BadRecord& record : bad) {
      ++summary_.bad[static_cast<std::size_t>(record.reason)];
      if (options_.strict && record.reason != BadReason::kLate && !failed_)
        fail(fmt::format("{}: record {} at byte {}: {}: {}", inputs_[batch.input].name, record.record, record.offset,
                         to_string(record.reason), record.detail));
    }
    if (bad.empty() || dead_letters_ == nullptr) return;
    if (const Result<void> written = dead_letters_->write(inputs_[batch.input].name, bad); !written) fail(written.error().message);
  }

  // Events of streams by `clock processing` are of the time at which they were read; the clock may step back, they do not.
  void stamp(DecodedBatch& batch) {
    arrived_ = std::max(arrived_, now().time_since_epoch().count());
    for (Event* event : batch.events.events)
      if (rules_->schemas()[event->stream].processing_clock) event->time = arrived_;
  }

  // Nothing came, but by their clock time has gone on: deadlines pass.
  void pass_time(std::size_t input) {
    arrived_ = std::max(arrived_, now().time_since_epoch().count());
    ingest_.reach(input, arrived_);
    evaluate_released();
    const std::int64_t watermark = ingest_.watermark();
    if (failed_ || watermark <= -kFarTime) return;
    if (reviser_)
      reviser_->advance(watermark);
    else
      deliver(evaluator_.advance(watermark));
  }

  // Nothing came: deadlines up to the watermark have passed, though no event lies behind them yet. With `late revise` nothing waits.
  void reach_watermark() {
    evaluate_released();  // Without an input that is idle now more may be released.
    const std::int64_t watermark = ingest_.watermark();
    if (failed_ || reviser_ || watermark <= reached_) return;
    reached_ = watermark;
    deliver(evaluator_.advance(watermark));
  }

  // Events further ahead of the clock than their stream allows are bad: one of them would make all others late.
  void set_aside_future(DecodedBatch& batch) {
    const std::int64_t latest = now().time_since_epoch().count();
    EventBatch& decoded = batch.events;
    const std::int64_t always_good = later(latest, least_future_);
    const auto good = [&](const Event* event) { return event->time <= always_good; };
    if (std::all_of(decoded.events.begin(), decoded.events.end(), good)) return;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < decoded.events.size(); ++i) {
      const StreamSchema& schema = rules_->schemas()[decoded.events[i]->stream];
      if (decoded.events[i]->time <= later(latest, schema.future.count())) {
        decoded.events[kept] = decoded.events[i];
        decoded.origins[kept++] = decoded.origins[i];
        continue;
      }
      decoded.bad.push_back(record_of(batch, i, BadReason::kFuture));
    }
    decoded.events.resize(kept);
    decoded.origins.resize(kept);
  }

  void evaluate_released() {
    while (!failed_) {
      if (reviser_) revise_released();
      const std::span<Event* const> events = ingest_.release(options_.batch_events);
      if (events.empty()) break;
      if (reviser_)
        reviser_->evaluate(events, ingest_.released_inputs());
      else
        deliver(evaluator_.evaluate(events));
      while (auto batch = ingest_.recycle()) reader_->give_back(std::move(batch));
      progress_.events += events.size();
      progress_.alerts = summary_.alerts;
      if (control_.on_progress) control_.on_progress(progress_);
    }
    while (auto batch = ingest_.recycle()) reader_->give_back(std::move(batch));
  }

  // The late events that are next in the order.
  void revise_released() {
    const std::span<Event* const> late = ingest_.release_late();
    if (!late.empty()) too_late_ += reviser_->revise(late, ingest_.released_inputs());
    progress_.events += late.size();
    reviser_->settle(ingest_.settled());
  }

  // Between two batches: nobody evaluates. What was evaluated before has seen the old contents, what comes now sees the new ones.
  void reload_files() {
    if (!follows_) return;
    const auto now = Clock::now();
    if (now - files_seen_ < kFilePoll) return;
    files_seen_ = now;
    const std::vector<FileReload> reloads = rules_->reload_files();
    if (!reloads.empty() && control_.on_file_reload) control_.on_file_reload(reloads, Timestamp{Duration{evaluator_.latest_time()}});
  }

  void deliver(std::span<const Alert> alerts) {
    if (alerts.empty() || failed_) return;
    summary_.alerts += alerts.size();
    for (Sink* sink : sinks_)
      if (const Result<void> written = sink->write(alerts); !written) return fail(written.error().message);
  }

  void finish() {
    if (!failed_) {
      for (std::size_t input = 0; input < inputs_.size(); ++input) ingest_.end(input);
      evaluate_released();
      summary_.at_end = evaluator_.counters();
      if (!failed_ && options_.flush_at_end && !summary_.stopped) {
        if (reviser_)
          reviser_->finish();
        else
          deliver(evaluator_.finish());
      }
    }
    // What was delivered before a failure is complete and in order, so it is flushed in any case.
    for (Sink* sink : sinks_)
      if (const Result<void> flushed = sink->flush(); !flushed) fail(flushed.error().message);
    if (dead_letters_ != nullptr)
      if (const Result<void> flushed = dead_letters_->flush(); !flushed) fail(flushed.error().message);
  }

  const std::shared_ptr<const RuleSet> rules_;
  const EngineOptions options_;
  std::vector<Input>& inputs_;
  const std::span<Sink* const> sinks_;
  DeadLetterSink* const dead_letters_;
  const RunControl& control_;
  Evaluator evaluator_;
  std::unique_ptr<Reviser> reviser_;  // Null unless a stream says `late revise`.
  Ingest ingest_;
  std::unique_ptr<Reader> reader_;
  std::vector<Clock::time_point> idle_since_;
  std::vector<std::uint64_t> source_bytes_;
  std::vector<bool> by_arrival_;          // Index = input.
  std::int64_t least_future_ = kFarTime;  // The least that any stream allows.
  std::int64_t arrived_ = -kFarTime;
  std::uint64_t too_late_ = 0;  // Of those that were to be revised: behind EngineOptions::max_revise_events.
  RunSummary summary_;
  RunProgress progress_;
  bool follows_ = false;
  std::int64_t reached_ = -kFarTime;  // The watermark up to which deadlines have passed without an event.
  Clock::time_point files_seen_ = Clock::now();
  bool failed_ = false;
  std::string failure_;
};

}  // namespace

Result<RunSummary> run(std::shared_ptr<const RuleSet> rules, const EngineOptions& options, std::vector<Input> inputs,
                       std::span<Sink* const> sinks, DeadLetterSink* dead_letters, const RunControl& control) {
  return Pipeline(std::move(rules), options, inputs, sinks, dead_letters, control).run();
}

}  // namespace sequitur
