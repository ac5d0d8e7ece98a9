// What routing hands to the shards: events, each with what it is to a rule.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "nfa/automaton.hpp"
#include "sequitur/event.hpp"

namespace sequitur {

// An event for a rule: which of the rule's conditions hold, and its key.
struct Work {
  const Event* event;
  nfa::Bits bits;
  std::uint32_t rule;
  std::uint32_t hash;  // Of the key.
  // Of one part. A key of several is read again from the event; where that has several keys, this is the address of the parts.
  Slot key;
};

// Work in the order of events. A std::vector's way to one element more is too long here.
class WorkList {
 public:
  // Member by member: a whole that is put together first is copied in pieces larger than those it was written in, for which the
  // processor has to wait.
  [[gnu::always_inline]] void push_back(const Work& work) {
    if (size_ == room_) [[unlikely]]
      grow();
    Work& to = data_[size_++];
    to.event = work.event;
    to.bits = work.bits;
    to.rule = work.rule;
    to.hash = work.hash;
    to.key.bits = work.key.bits;
  }
  void clear() { size_ = 0; }
  bool empty() const { return size_ == 0; }
  const Work* begin() const { return data_.get(); }
  const Work* end() const { return begin() + size_; }

 private:
  void grow() {
    room_ = std::max<std::size_t>(64, room_ * 2);
    auto larger = std::make_unique_for_overwrite<Work[]>(room_);
    std::copy_n(data_.get(), size_, larger.get());
    data_ = std::move(larger);
  }

  std::unique_ptr<Work[]> data_;
  std::size_t size_ = 0, room_ = 0;
};

}  // namespace sequitur
