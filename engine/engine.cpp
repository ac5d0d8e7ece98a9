#include "sequitur/engine.hpp"

#include <algorithm>
#include <limits>

#include "engine/evaluator.hpp"
#include "engine/rule_change.hpp"
#include "engine/snapshot.hpp"

namespace sequitur {
namespace {

constexpr std::size_t kPiece = 512;  // Events that are routed, evaluated and reported while they are in the nearest cache.

constexpr const char* kBusy = "the engine is delivering alerts: its callback must not use it";

}  // namespace

struct Engine::Impl {
  Impl(std::shared_ptr<const RuleSet> rule_set, const EngineOptions& engine_options, AlertCallback callback)
      : rules(std::move(rule_set)),
        options(engine_options),
        piece(options.threads > 1 ? std::numeric_limits<std::size_t>::max() : kPiece),
        evaluator(std::make_unique<Evaluator>(rules, options)),
        on_alerts(std::move(callback)) {
    take_many();
  }

  void take_many() {
    evaluator->hand_over_to([this](std::span<const Alert> alerts) { deliver(alerts); });
  }

  void deliver(std::span<const Alert> alerts) {
    if (alerts.empty() || !on_alerts) return;
    const Delivering now(delivering);
    on_alerts(alerts);
  }

  struct Delivering {  // Also where the callback throws.
    explicit Delivering(bool& flag) : flag_(flag) { flag_ = true; }
    ~Delivering() { flag_ = false; }
    bool& flag_;
  };

  std::shared_ptr<const RuleSet> rules;
  EngineOptions options;
  std::size_t piece;  // Several threads share a batch: the larger the better.
  std::unique_ptr<Evaluator> evaluator;
  AlertCallback on_alerts;
  bool delivering = false;
};

Engine::Engine(std::shared_ptr<const RuleSet> rules, EngineOptions options, AlertCallback on_alerts)
    : impl_(std::make_unique<Impl>(std::move(rules), options, std::move(on_alerts))) {}
Engine::~Engine() = default;
Engine::Engine(Engine&&) noexcept = default;

bool Engine::push(const Event& event) {
  Event* one = const_cast<Event*>(&event);  // Only its sequence is written.
  return push(std::span<Event* const>(&one, 1)) == 1;
}

std::size_t Engine::push(std::span<Event* const> events) {
  if (impl_->delivering) return 0;
  std::size_t taken = 0;
  while (taken < events.size()) {
    const std::span<Event* const> rest = events.subspan(taken, std::min(events.size() - taken, impl_->piece));
    std::int64_t latest = impl_->evaluator->latest_time();
    std::size_t count = 0;
    while (count < rest.size() && rest[count]->time >= latest) latest = rest[count++]->time;
    impl_->deliver(impl_->evaluator->evaluate(rest.first(count), events.subspan(taken + count)));
    taken += count;
    if (count < rest.size()) break;
  }
  return taken;
}

void Engine::advance(Timestamp watermark) {
  if (!impl_->delivering) impl_->deliver(impl_->evaluator->advance(watermark.time_since_epoch().count()));
}

void Engine::finish() {
  if (!impl_->delivering) impl_->deliver(impl_->evaluator->finish());
}

Timestamp Engine::time() const {
  const std::int64_t latest = impl_->evaluator->latest_time();
  return latest == -kFarTime ? kBeginningOfTime : Timestamp{Duration{latest}};
}

EngineCounters Engine::counters() const { return impl_->evaluator->counters(); }
const std::shared_ptr<const RuleSet>& Engine::rules() const { return impl_->rules; }

Result<RuleChange> Engine::replace_rules(std::shared_ptr<const RuleSet> rules) {
  if (!rules) return Error{"there are no rules to replace those of the engine"};
  if (impl_->delivering) return Error{kBusy};
  RuleMove move = compare(*impl_->rules, *rules);
  auto next = std::make_unique<Evaluator>(rules, impl_->options);
  if (const Result<void> taken = next->take_over(*impl_->evaluator, move); !taken) return taken.error();
  impl_->evaluator = std::move(next);
  impl_->take_many();
  impl_->rules = std::move(rules);
  return std::move(move.change);
}

// What was delivered may be forgotten by a snapshot, so during delivery there is none.
std::string Engine::snapshot() const { return impl_->delivering ? std::string() : snapshot_of(*impl_->evaluator, *impl_->rules); }

std::vector<std::string> Engine::snapshot_groups(std::uint32_t groups) const {
  constexpr std::uint32_t kMostGroups = 65'536;
  if (impl_->delivering || groups == 0 || groups > kMostGroups) return {};
  return group_snapshots_of(*impl_->evaluator, *impl_->rules, groups);
}

Result<void> Engine::restore(std::string_view bytes) { return restore_groups({&bytes, 1}); }

Result<void> Engine::restore_groups(std::span<const std::string_view> parts) {
  if (impl_->delivering) return Error{kBusy};
  return restore_snapshot(*impl_->evaluator, *impl_->rules, parts);
}

}  // namespace sequitur
