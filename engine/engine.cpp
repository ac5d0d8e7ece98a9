#include "sequitur/engine.hpp"

#include "engine/evaluator.hpp"
#include "engine/snapshot.hpp"

namespace sequitur {

struct Engine::Impl {
  Impl(std::shared_ptr<const RuleSet> rule_set, const EngineOptions& options, AlertCallback callback)
      : rules(std::move(rule_set)), evaluator(rules, options), on_alerts(std::move(callback)) {}

  void deliver(std::span<const Alert> alerts) {
    if (!alerts.empty() && on_alerts) on_alerts(alerts);
  }

  std::shared_ptr<const RuleSet> rules;
  Evaluator evaluator;
  AlertCallback on_alerts;
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
  std::int64_t latest = impl_->evaluator.latest_time();
  std::size_t count = 0;
  while (count < events.size() && events[count]->time >= latest) latest = events[count++]->time;
  impl_->deliver(impl_->evaluator.evaluate(events.first(count)));
  return count;
}

void Engine::advance(Timestamp watermark) { impl_->deliver(impl_->evaluator.advance(watermark.time_since_epoch().count())); }
void Engine::finish() { impl_->deliver(impl_->evaluator.finish()); }
EngineCounters Engine::counters() const { return impl_->evaluator.counters(); }
std::string Engine::snapshot() const { return snapshot_of(impl_->evaluator, *impl_->rules); }
Result<void> Engine::restore(std::string_view bytes) { return restore_snapshot(impl_->evaluator, *impl_->rules, bytes); }

}  // namespace sequitur
