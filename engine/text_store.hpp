// Texts that windows remember, each once, counted: equal texts have equal slots, so that they can be compared, hashed and
// counted as numbers. Owned by one shard.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include "engine/pool.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

class TextStore {
 public:
  explicit TextStore(Pool& pool) : pool_(pool) {}
  TextStore(const TextStore&) = delete;
  TextStore& operator=(const TextStore&) = delete;

  // The text's slot, with one reference more, the caller's.
  Slot intern(std::string_view text) {
    if (const auto found = texts_.find(text); found != texts_.end()) {
      ++header(*found).references;
      return slot(*found);
    }
    auto* memory = static_cast<char*>(pool_.allocate(sizeof(Header) + text.size()));
    const Header header{1, text.size()};
    std::memcpy(memory, &header, sizeof header);
    std::memcpy(memory + sizeof header, text.data(), text.size());
    const std::string_view kept(memory + sizeof header, text.size());
    texts_.insert(kept);
    return slot(kept);
  }
  void retain(Slot text) { ++header(text.text()).references; }
  void release(Slot text) {
    const std::string_view kept = text.text();
    if (--header(kept).references > 0) return;
    texts_.erase(kept);
    pool_.deallocate(const_cast<char*>(kept.data()) - sizeof(Header), sizeof(Header) + kept.size());
  }
  std::size_t memory_bytes() const { return texts_.bucket_count() * (sizeof(std::string_view) + 1); }

 private:
  struct Header {
    std::uint64_t references;
    std::uint64_t length;  // Right before the first byte, as Slot wants it for long texts.
  };
  static Header& header(std::string_view kept) { return *reinterpret_cast<Header*>(const_cast<char*>(kept.data()) - sizeof(Header)); }
  static Slot slot(std::string_view kept) { return Slot::of_text(kept.data(), kept.size()); }

  Pool& pool_;
  boost::unordered_flat_set<std::string_view> texts_;
};

}  // namespace sequitur
