// A queue of rows in memory of a pool.
#pragma once

#include <cstdint>

#include "engine/fetch_ahead.hpp"
#include "engine/pool.hpp"

namespace sequitur {

// Rows of equal size that come at one end and go at the other, oldest first: of a window the events of one line and key, each a time
// and the columns' values. `stride`, in words, is the owner's to remember. All zero is empty.
class RowRing {
 public:
  std::uint32_t size() const { return size_; }
  std::uint64_t first_number() const { return first_number_; }  // Rows are numbered from 0 since the ring was made.
  std::int64_t front_time() const { return static_cast<std::int64_t>(front_word_); }
  std::int64_t back_time(std::uint32_t stride) const { return static_cast<std::int64_t>(row(first_number_ + size_ - 1, stride)[0]); }
  std::uint64_t* front() const { return rows_ + begin_; }
  std::uint64_t* row(std::uint64_t number, std::uint32_t stride) const {
    const std::uint64_t place = (begin_ / stride + (number - first_number_)) & (capacity_ - 1);
    return rows_ + place * stride;
  }
  // One more row, that begins with `word` and has room for the rest; its number is first_number() + size() - 1 then.
  std::uint64_t* push(std::uint64_t word, std::uint32_t stride, Pool& pool);
  void pop(std::uint32_t stride, Pool& pool);
  void release(std::uint32_t stride, Pool& pool);

  void prefetch_back(std::uint32_t stride) const {
    if (rows_ != nullptr) fetch_ahead(row(first_number_ + size_, stride));
  }
  // The first row and the next, which is read when the first one goes.
  void prefetch_front(std::uint32_t stride) const {
    if (size_ == 0) return;
    fetch_ahead(front());
    fetch_ahead(front() + 2 * stride - 1);
  }

 private:
  void resize(std::uint32_t capacity, std::uint32_t stride, Pool& pool);

  std::uint64_t* rows_ = nullptr;
  std::uint64_t front_word_ = 0;  // The first row's time, here so that asking when it leaves does not touch the rows.
  std::uint64_t first_number_ = 0;
  std::uint32_t capacity_ = 0;  // In rows; a power of two.
  std::uint32_t begin_ = 0;     // In words.
  std::uint32_t size_ = 0;
};

}  // namespace sequitur
