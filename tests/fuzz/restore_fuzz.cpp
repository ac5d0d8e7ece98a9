// Any bytes as a snapshot's state: never a crash, whatever was restored can go on, and what was refused changed nothing.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "engine/snapshot.hpp"
#include "sequitur/engine.hpp"

namespace {

using namespace sequitur;

constexpr const char* kRules = R"(
stream a time ts us { ts: time, key: string?, x: int?, y: float? }
stream b time ts us { ts: time, key: string?, x: int?, y: float? }
rule loop { key key, x  within 1h  first p: a{2..4} gap 1m  then q: b optional  next r: b where x > sum(p.x)
            emit hit(key, n = count(p), last = p[-1].y, m = q.x)  on timeout emit late(n = count(p))  limit 1 per 1s }
rule silent { key key  first p: a  no b for 10us  emit missing(key, x = p.x)  message "{p.y} of {key}" }
rule fresh { key y  within 1h  no a where x > p.x for 10us  first p: a  then q: b where x == p.x  emit old(v = q.x - p.x)  on match keep }
rule plain { key key  within 1h  first p: a where x > 0  then q: a where x == 0  then r: b where x == 2  emit pl(key, x = q.y) }
rule all { within forever  first p: a where y > 1  then q: b{3} strict  emit any(k = p.key, z = avg(q.x)) }
)";

std::shared_ptr<const RuleSet> rules() {
  std::vector<Diagnostic> diagnostics;
  auto set = RuleSet::load({{"fuzz.seq", kRules}}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics) std::fprintf(stderr, "%s %s\n", diagnostic.code.c_str(), diagnostic.message.c_str());
  if (!set) std::abort();
  return set;
}

void push(Engine& engine, const RuleSet& set, const char* stream, std::int64_t time, std::int64_t x) {
  Arena arena;
  Event& event = make_event(arena, *set.find_stream(stream), Timestamp{Duration{time}});
  event.slot(0) = Slot::of_int(time);
  event.slot(1) = arena.text(x % 2 == 0 ? "even" : "odd");
  event.slot(2) = Slot::of_int(x);
  event.slot(3) = Slot::of_float(static_cast<double>(x) / 2);
  engine.push(event);
}

void go_on(Engine& engine, const RuleSet& set) {
  for (int i = 0; i < 12; ++i) push(engine, set, i % 3 == 0 ? "b" : "a", 40 + i, i % 4);
  engine.finish();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::shared_ptr<const RuleSet> set = rules();
  std::string out;
  Engine engine(set, {}, [&](std::span<const Alert> alerts) {
    for (const Alert& alert : alerts) append_json(alert, out);
  });
  for (int i = 0; i < 30; ++i) push(engine, *set, i % 7 == 0 ? "b" : "a", i, i % 4);
  const std::string before = engine.snapshot();
  std::string bytes = before;
  // The input changes bytes of a good snapshot: two bytes say where, counted from the last change, one what is added. What is
  // left over is appended in place of the end. So a few bytes reach any field.
  std::size_t at = 32;
  for (; size >= 3; data += 3, size -= 3) {
    at = (at + data[0] * 256u + data[1]) % bytes.size();
    bytes[at] = static_cast<char>(bytes[at] + data[2]);
  }
  if (size > 0) bytes.resize(bytes.size() - data[0] % bytes.size());
  seal_snapshot(bytes);
  if (!engine.restore(bytes).ok() && engine.snapshot() != before) {
    std::fprintf(stderr, "a refused snapshot changed the engine\n");
    std::abort();
  }
  go_on(engine, *set);
  return 0;
}
