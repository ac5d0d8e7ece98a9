// Handing records to another thread in batches.
//
// Invariants: a batch belongs to the producer from take() of `empty` to put() into `full`, and to the consumer from then
// until it is put back; each of the two rings has one writer and one reader.
#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "limits/limits.hpp"

namespace sequitur::limits {
namespace {

constexpr std::size_t kBatches = 64;
constexpr int kSpins = 200;

// One writer, one reader; holds all batches and the end mark. Who waits spins a little, then sleeps.
class Ring {
 public:
  void put(std::vector<Record>* batch) {
    const std::uint32_t at = written_.load(std::memory_order_relaxed);
    entries_[at % kPlaces] = batch;
    written_.store(at + 1, std::memory_order_release);
    written_.notify_one();
  }
  std::vector<Record>* take() {
    std::uint32_t written = written_.load(std::memory_order_acquire);
    for (int spin = 0; written == read_; ++spin) {
      if (spin >= kSpins) written_.wait(written, std::memory_order_acquire);
      written = written_.load(std::memory_order_acquire);
    }
    return entries_[read_++ % kPlaces];
  }

 private:
  static constexpr std::size_t kPlaces = 2 * kBatches;
  std::array<std::vector<Record>*, kPlaces> entries_{};
  alignas(64) std::atomic<std::uint32_t> written_{0};
  alignas(64) std::uint32_t read_ = 0;  // The reader's own.
};

}  // namespace

std::uint64_t hand_over(std::span<const Record> records, std::size_t batch) {
  std::array<std::vector<Record>, kBatches> batches;
  Ring empty;
  Ring full;
  for (auto& one : batches) {
    one.reserve(batch);
    empty.put(&one);
  }
  std::uint64_t sum = 0;
  std::thread consumer([&] {
    while (std::vector<Record>* const received = full.take()) {
      for (const Record& record : *received) sum += record.key;
      empty.put(received);
    }
  });
  for (std::size_t begin = 0; begin < records.size(); begin += batch) {
    std::vector<Record>* const next = empty.take();
    const auto part = records.subspan(begin, std::min(batch, records.size() - begin));
    next->assign(part.begin(), part.end());
    full.put(next);
  }
  full.put(nullptr);
  consumer.join();
  return sum;
}

}  // namespace sequitur::limits
