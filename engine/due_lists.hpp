// Which keys have something to do at an instant that many of them share: lists of 4 bytes a key, where an entry of the timing wheel
// takes 16. For what may as well be done a little later, so that instants can be rounded up to common ones.
#pragma once

#include <algorithm>
#include <cstdint>
#include <utility>

#include <boost/unordered/unordered_flat_map.hpp>

#include "engine/moment.hpp"
#include "engine/pool.hpp"

namespace sequitur {

class DueLists {
 public:
  // The pool outlives it and takes its memory back.
  explicit DueLists(Pool& pool) : pool_(pool) {}
  DueLists(const DueLists&) = delete;
  DueLists& operator=(const DueLists&) = delete;

  // Returns whether it is the first at this instant.
  bool insert(Moment when, std::uint32_t key) {
    Piece* piece = latest_;
    bool first = false;
    if (when != latest_when_) {
      const auto [found, inserted] = lists_.try_emplace(when, nullptr);
      piece = found->second;
      first = inserted;
    }
    if (piece == nullptr || piece->count == piece->room) {
      const std::uint32_t room = piece == nullptr ? kLeast : std::min(piece->room * 2, kMost);
      auto* more = static_cast<Piece*>(pool_.allocate(bytes(room)));
      *more = {piece, 0, room};
      lists_[when] = piece = more;
    }
    keys(*piece)[piece->count++] = key;
    latest_when_ = when;
    latest_ = piece;
    return first;
  }

  // Calls use(key) for each of this instant, which then has none any more, and before that coming(key) and soon(key), some places and
  // a few places ahead. `use` may insert at later instants.
  template <typename Use, typename Coming, typename Soon>
  void take(Moment when, Use use, Coming coming, Soon soon) {
    const auto found = lists_.find(when);
    if (found == lists_.end()) return;
    Piece* piece = found->second;
    lists_.erase(found);
    latest_when_ = kNever;
    while (piece != nullptr) {
      for (std::uint32_t i = 0; i < piece->count; ++i) {
        if (i + 2 * kAhead < piece->count) coming(keys(*piece)[i + 2 * kAhead]);
        if (i + kAhead < piece->count) soon(keys(*piece)[i + kAhead]);
        use(keys(*piece)[i]);
      }
      Piece* before = piece->before;
      pool_.deallocate(piece, bytes(piece->room));
      piece = before;
    }
  }

  std::size_t memory_bytes() const { return lists_.bucket_count() * sizeof(std::pair<Moment, Piece*>); }  // Without the pool's.

 private:
  struct Piece {  // In memory it is followed by the keys.
    Piece* before;
    std::uint32_t count, room;
  };
  static constexpr std::uint32_t kLeast = 4, kMost = 60, kAhead = 6;
  static std::size_t bytes(std::uint32_t room) { return sizeof(Piece) + room * sizeof(std::uint32_t); }
  static std::uint32_t* keys(Piece& piece) { return reinterpret_cast<std::uint32_t*>(&piece + 1); }

  Pool& pool_;
  boost::unordered_flat_map<Moment, Piece*> lists_;
  Moment latest_when_ = kNever;  // Where the latest key was put; kNever: nowhere.
  Piece* latest_ = nullptr;
};

}  // namespace sequitur
