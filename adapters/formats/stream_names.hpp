// Which stream a record names. Asked once a record, so names are found and compared as numbers, eight bytes at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "event/digits.hpp"

namespace sequitur {

class StreamNames {
 public:
  // Of two streams with one name the first counts.
  void add(const std::string& name, std::uint32_t stream) {
    if (find(name) >= 0) return;
    names_.push_back({name, head_of(name), static_cast<int>(stream)});
    std::size_t size = 4;  // A power of two; at most half of the places are taken.
    while (size < names_.size() * 2) size *= 2;
    places_.assign(size, -1);
    for (std::size_t i = 0; i < names_.size(); ++i) {
      std::size_t place = first_place(names_[i].text, names_[i].head);
      while (places_[place] >= 0) place = next_place(place);
      places_[place] = static_cast<int>(i);
    }
  }

  // The stream, or -1.
  int find(std::string_view name) const {
    if (places_.empty()) return -1;
    const std::uint64_t head = head_of(name);
    for (std::size_t place = first_place(name, head); places_[place] >= 0; place = next_place(place)) {
      const Name& known = names_[static_cast<std::size_t>(places_[place])];
      if (known.head == head && known.text.size() == name.size() &&
          (name.size() <= 8 || std::memcmp(known.text.data() + 8, name.data() + 8, name.size() - 8) == 0))
        return known.stream;
    }
    return -1;
  }

 private:
  struct Name {
    std::string text;
    std::uint64_t head;
    int stream;
  };

  static std::uint64_t head_of(std::string_view name) { return load_up_to_eight(name.data(), name.size()); }
  // Names that begin alike differ at their ends.
  std::size_t first_place(std::string_view name, std::uint64_t head) const {
    const std::uint64_t tail = name.size() > 8 ? load_eight(name.data() + name.size() - 8) : name.size();
    return static_cast<std::size_t>((head * 3 + tail) * 0x9E37'79B9'7F4A'7C15 >> 32) & (places_.size() - 1);
  }
  std::size_t next_place(std::size_t place) const { return (place + 1) & (places_.size() - 1); }

  std::vector<Name> names_;
  std::vector<int> places_;  // Index into names_, -1: free.
};

}  // namespace sequitur
