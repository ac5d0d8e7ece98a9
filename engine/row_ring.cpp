#include "engine/row_ring.hpp"

#include <algorithm>
#include <cstring>

namespace sequitur {

void RowRing::resize(std::uint32_t capacity, std::uint32_t stride, Pool& pool) {
  auto* moved = static_cast<std::uint64_t*>(pool.allocate(std::size_t{capacity} * stride * sizeof(std::uint64_t)));
  const std::uint32_t before_end = std::min(size_, capacity_ - begin_ / stride);
  if (size_ > 0) {
    std::memcpy(moved, rows_ + begin_, std::size_t{before_end} * stride * sizeof(std::uint64_t));
    std::memcpy(moved + std::size_t{before_end} * stride, rows_, std::size_t{size_ - before_end} * stride * sizeof(std::uint64_t));
  }
  if (rows_ != nullptr) pool.deallocate(rows_, std::size_t{capacity_} * stride * sizeof(std::uint64_t));
  rows_ = moved;
  capacity_ = capacity;
  begin_ = 0;
}

std::uint64_t* RowRing::push(std::uint64_t word, std::uint32_t stride, Pool& pool) {
  if (size_ == capacity_) resize(capacity_ == 0 ? 2 : capacity_ * 2, stride, pool);
  if (size_++ == 0) front_word_ = word;
  std::uint64_t* result = row(first_number_ + size_ - 1, stride);
  result[0] = word;
  return result;
}

void RowRing::pop(std::uint32_t stride, Pool& pool) {
  begin_ += stride;
  if (begin_ == capacity_ * stride) begin_ = 0;
  --size_;
  ++first_number_;
  if (capacity_ > 16 && size_ * 8 < capacity_) resize(capacity_ / 2, stride, pool);
  if (size_ > 0) front_word_ = *front();
}

void RowRing::release(std::uint32_t stride, Pool& pool) {
  if (rows_ != nullptr) pool.deallocate(rows_, std::size_t{capacity_} * stride * sizeof(std::uint64_t));
  *this = RowRing();
}

}  // namespace sequitur
