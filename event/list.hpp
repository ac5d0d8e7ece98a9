// Lists as bytes: one piece of memory without pointers, so that whoever can copy, compare and hash a text can do it to a list.
//
//     ListWriter writer(Type::kString);
//     writer.add(Slot::of_short_text("a"));
//     event.slot(3) = writer.finish(arena);                  // of type list_of(Type::kString)
//     for (ListView tags(event.slot(3), Type::kString); const Slot tag : tags) ...
//
// Layout: the number of elements (8 bytes), then one word of 8 bytes for each. The word of a bool, int, float, time, duration
// or decimal is its slot. That of a text or address is where its bytes stand, counted from the front, in the lower and how
// many there are in the upper half; ~0 for null. Equal lists have equal bytes: -0.0 is written as 0.0, every NaN as one.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "sequitur/event.hpp"
#include "sequitur/value.hpp"

namespace sequitur {

// Bytes and elements of one list; more are a broken record, or null where a function makes it.
inline constexpr std::size_t kMostListElements = 65'536;
inline constexpr std::size_t kMostListBytes = std::size_t{1} << 28;

// The elements of a list that is not null. They refer to the list's bytes.
class ListView {
 public:
  ListView(std::string_view bytes, Type element) : data_(bytes.data()), text_(has_bytes(element)) {
    std::memcpy(&size_, data_, sizeof size_);
  }
  ListView(Slot list, Type element) : ListView(list.text(), element) {}

  std::size_t size() const { return static_cast<std::size_t>(size_); }
  Slot operator[](std::size_t index) const {
    Slot word;
    std::memcpy(&word, data_ + 8 + 8 * index, sizeof word);
    if (!text_) return word;
    if (word.bits == kNullWord) return Slot{.bits = 0};
    return Slot::of_text(data_ + (word.bits & 0xFFFF'FFFF), static_cast<std::size_t>(word.bits >> 32));
  }

  class Iterator {
   public:
    Iterator(const ListView* view, std::size_t at) : view_(view), at_(at) {}
    Slot operator*() const { return (*view_)[at_]; }
    Iterator& operator++() {
      ++at_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const ListView* view_;
    std::size_t at_;
  };
  Iterator begin() const { return {this, 0}; }
  Iterator end() const { return {this, size()}; }

  static constexpr std::uint64_t kNullWord = ~std::uint64_t{0};

 private:
  const char* data_;
  std::uint64_t size_ = 0;
  bool text_;
};

// Collects the elements of one list after another; its memory is reused.
class ListWriter {
 public:
  explicit ListWriter(Type element = Type::kString) : element_(element) {}
  void clear(Type element) {
    element_ = element;
    words_.clear();
    bytes_.clear();
  }

  // What the element refers to is copied. Null is an element as well.
  void add(Slot element);
  void add_null() { add(Slot::null(element_)); }
  std::size_t size() const { return words_.size(); }
  // Whether the list has become larger than a list may be.
  bool too_large() const { return words_.size() > kMostListElements || bytes_.size() > kMostListBytes; }

  // The list, which begins anew. Null if it is too large.
  Slot finish(Arena& arena);
  std::string bytes() const;

 private:
  std::size_t total() const { return 8 + 8 * words_.size() + bytes_.size(); }
  void write(char* to) const;

  Type element_;
  std::vector<std::uint64_t> words_;  // Offsets of texts count from the end of the words.
  std::string bytes_;
};

}  // namespace sequitur
