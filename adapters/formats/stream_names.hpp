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
  void add(const std::string& name, int stream) {
    if (find(name, name.data() + name.size()) >= 0) return;
    std::vector<Name> names{{head_of(name, name.data() + name.size()), name, stream}};
    for (Name& known : places_)
      if (known.stream >= 0) names.push_back(std::move(known));
    std::size_t size = 4;  // A power of two; at most half of the places are taken.
    while (size < names.size() * 2) size *= 2;
    places_.assign(size, {});
    for (Name& known : names) {
      std::size_t place = first_place(known.text, known.head);
      while (places_[place].stream >= 0) place = next_place(place);
      places_[place] = std::move(known);
    }
  }

  // The stream, or -1. Bytes behind the name may be read up to `readable`.
  int find(std::string_view name, const char* readable) const {
    if (places_.empty()) return -1;
    const std::uint64_t head = head_of(name, readable);
    for (std::size_t place = first_place(name, head);; place = next_place(place)) {
      const Name& known = places_[place];
      if (known.head == head && known.text.size() == name.size() &&
          (name.size() <= 8 || std::memcmp(known.text.data() + 8, name.data() + 8, name.size() - 8) == 0))
        return known.stream;
      if (known.stream < 0) return -1;
    }
  }

 private:
  struct Name {
    std::uint64_t head = 0;
    std::string text;
    int stream = -1;
  };

  static std::uint64_t head_of(std::string_view name, const char* readable) {
    return name.size() < 8 ? first_bytes(load_up_to_eight(name.data(), name.size(), readable), name.size()) : load_eight(name.data());
  }
  // Names that begin alike differ at their ends.
  std::size_t first_place(std::string_view name, std::uint64_t head) const {
    const std::uint64_t tail = name.size() > 8 ? load_eight(name.data() + name.size() - 8) : name.size();
    return static_cast<std::size_t>((head * 3 + tail) * 0x9E37'79B9'7F4A'7C15 >> 32) & (places_.size() - 1);
  }
  std::size_t next_place(std::size_t place) const { return (place + 1) & (places_.size() - 1); }

  std::vector<Name> places_;
};

}  // namespace sequitur
