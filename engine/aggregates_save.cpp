// How the aggregates of a window are saved, loaded and given back.
#include <cstring>
#include <vector>

#include "engine/aggregate_state.hpp"
#include "engine/aggregates.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {

using namespace aggregate_state;  // NOLINT(google-build-using-namespace): this file is about them.

void LineAggregates::save(const std::byte* state, StateWriter& out) const {
  std::vector<std::uint64_t> numbers;
  for (const Part& part : parts_) {
    const Type type = part.type;
    const std::byte* at = state + part.offset;
    const auto counted = [&](std::uint64_t bits, std::uint64_t count) {
      out.slot(Slot{.bits = bits}, type);
      out.number(count);
    };
    switch (part.kind) {
      case Accumulator::kCount: out.number(as<std::uint64_t>(at)); break;
      case Accumulator::kSumInt:
        out.fixed(as<IntSum>(at).low);
        out.fixed(as<IntSum>(at).high);
        break;
      case Accumulator::kSumFloat:
      case Accumulator::kMoments:
        numbers.clear();
        if (part.kind == Accumulator::kSumFloat)
          as<nfa::ExactSum>(at).append_to(numbers);
        else
          as<nfa::ExactMoments>(at).append_to(numbers);
        out.number(numbers.size());
        for (const std::uint64_t number : numbers) out.fixed(number);
        break;
      case Accumulator::kMin:
      case Accumulator::kMax: out.slot(as<MonotonicQueue>(at).size == 0 ? Slot::null(type) : as<MonotonicQueue>(at).best, type); break;
      case Accumulator::kFirst:
      case Accumulator::kLast:
        static_assert(sizeof(First) == sizeof(Last));
        out.slot(as<First>(at).any == 0 ? Slot::null(type) : as<First>(at).value, type);
        out.signed_number(as<First>(at).time);
        break;
      case Accumulator::kDistinct:
        out.number(as<CountMap>(at).size());
        as<CountMap>(at).for_each(counted);
        break;
      case Accumulator::kTop:
        out.number(as<Top>(at).counts.size());
        as<Top>(at).counts.for_each(counted);
        break;
      case Accumulator::kOrder: {
        std::uint64_t entries = 0;
        as<OrderedValues>(at).for_each([&](Slot, std::uint64_t) { ++entries; });
        out.number(entries);
        as<OrderedValues>(at).for_each([&](Slot value, std::uint64_t count) { counted(value.bits, count); });
        break;
      }
      case Accumulator::kApproxDistinct: {
        const SlidingRegisters* kept = as<SlidingRegisters*>(at);
        out.number(kept == nullptr ? 0 : nfa::HyperLogLog::kRegisters - kept->histogram[0]);
        if (kept == nullptr) break;
        for (const SlidingRegisters::Group& group : kept->groups)
          for (std::uint32_t entry = 0; entry < group.size; ++entry) {
            out.number(group.entries[entry].index);
            out.number(group.entries[entry].rank);
          }
        break;
      }
    }
  }
}

void LineAggregates::load(std::byte* state, StateReader& in, Pool& pool, TextStore& texts) const {
  Arena arena;
  for (const Part& part : parts_) {
    if (in.failed()) return;
    const Type type = part.type;
    std::byte* at = state + part.offset;
    // The value with a reference of its own.
    const auto slot = [&] {
      const Slot value = in.slot(type, arena);
      return has_bytes(type) && value.bits != 0 ? texts.intern(value.text()) : value;
    };
    const auto each_counted = [&](auto use) {
      for (std::uint64_t left = in.count(2); left > 0 && !in.failed(); --left) {
        const Slot value = in.slot(type, arena);
        const std::uint64_t count = in.number_below(std::uint64_t{1} << 32);
        if (in.failed() || value.is_null(type) || count == 0) return in.fail();
        use(has_bytes(type) ? texts.intern(value.text()) : value, count);
      }
    };
    switch (part.kind) {
      case Accumulator::kCount: as<std::uint64_t>(at) = in.number(); break;
      case Accumulator::kSumInt:
        as<IntSum>(at).low = in.fixed();
        as<IntSum>(at).high = in.fixed();
        break;
      case Accumulator::kSumFloat:
      case Accumulator::kMoments: {
        std::vector<std::uint64_t> numbers(in.count(8));
        for (std::uint64_t& number : numbers) number = in.fixed();
        std::span<const std::uint64_t> rest(numbers);
        const bool taken =
            part.kind == Accumulator::kSumFloat ? as<nfa::ExactSum>(at).take_from(rest) : as<nfa::ExactMoments>(at).take_from(rest);
        if (!taken || !rest.empty()) in.fail();
        break;
      }
      case Accumulator::kMin:
      case Accumulator::kMax:
        as<MonotonicQueue>(at).best = slot();
        as<MonotonicQueue>(at).size = as<MonotonicQueue>(at).best.is_null(type) ? 0 : 1;
        break;
      case Accumulator::kFirst:
      case Accumulator::kLast: {
        First& first = as<First>(at);
        first.value = slot();
        first.time = in.signed_number();
        first.any = first.value.is_null(type) ? 0 : 1;
        break;
      }
      case Accumulator::kDistinct:
        each_counted([&](Slot value, std::uint64_t count) {
          if (as<CountMap>(at).add(value.bits, pool, count) > 0) in.fail();
        });
        break;
      case Accumulator::kTop:
        each_counted([&](Slot value, std::uint64_t count) {
          if (as<Top>(at).counts.add(value.bits, pool, count) > 0) return in.fail();
          as<Top>(at).order.insert({value, count}, type, pool);
        });
        break;
      case Accumulator::kOrder:
        each_counted([&](Slot value, std::uint64_t count) {
          as<OrderedValues>(at).insert({value, 0}, type, pool, static_cast<std::uint32_t>(count));
        });
        break;
      case Accumulator::kApproxDistinct:
        for (std::uint64_t left = in.count(2); left > 0 && !in.failed(); --left) {
          const std::uint64_t index = in.number_below(nfa::HyperLogLog::kRegisters);
          const std::uint64_t rank = in.number_below(nfa::HyperLogLog::kMaxRank + 1);
          if (rank == 0) return in.fail();
          // A hash with this register and rank.
          const std::uint64_t hash = index << (64 - nfa::HyperLogLog::kRegisterBits) |
                                     (rank == nfa::HyperLogLog::kMaxRank ? 0 : std::uint64_t{1} << (nfa::HyperLogLog::kMaxRank - 1 - rank));
          add_approximately(registers(at), hash, 0, pool);
        }
        break;
    }
  }
}

void LineAggregates::release(std::byte* state, Pool& pool, TextStore& texts) const {
  for (const Part& part : parts_) {
    std::byte* at = state + part.offset;
    const bool holds = !evicts_ && has_bytes(part.type);
    const auto drop = [&](std::uint64_t bits, std::uint64_t) { texts.release(Slot{.bits = bits}); };
    switch (part.kind) {
      case Accumulator::kSumFloat: as<nfa::ExactSum>(at).release(); break;
      case Accumulator::kMoments: as<nfa::ExactMoments>(at).release(); break;
      case Accumulator::kMin:
      case Accumulator::kMax:
        if (MonotonicQueue& queue = as<MonotonicQueue>(at); queue.entries != nullptr)
          pool.deallocate(queue.entries, queue.capacity * sizeof(MonotonicQueue::Entry));
        break;
      case Accumulator::kFirst:
        if (holds && as<First>(at).any != 0) texts.release(as<First>(at).value);
        break;
      case Accumulator::kLast:
        if (holds && as<Last>(at).any != 0) texts.release(as<Last>(at).value);
        break;
      case Accumulator::kDistinct:
        if (holds) as<CountMap>(at).for_each(drop);
        as<CountMap>(at).release(pool);
        break;
      case Accumulator::kApproxDistinct:
        if (registers(at) != nullptr) {
          registers(at)->release(pool);
          pool.deallocate(registers(at), sizeof(SlidingRegisters));
        }
        break;
      case Accumulator::kOrder: as<OrderedValues>(at).release(pool); break;
      case Accumulator::kTop:
        as<Top>(at).order.release(pool);
        if (holds) as<Top>(at).counts.for_each(drop);
        as<Top>(at).counts.release(pool);
        break;
      case Accumulator::kCount:
      case Accumulator::kSumInt: break;
    }
  }
  std::memset(static_cast<void*>(state), 0, bytes_);
}

}  // namespace sequitur
