#include "event/list.hpp"

#include <cmath>

namespace sequitur {

void ListWriter::add(Slot element) {
  if (!has_bytes(element_)) {
    if (element_ == Type::kFloat && std::isnan(element.f)) element = Slot::null(Type::kFloat);
    if (element_ == Type::kFloat && element.f == 0) element = Slot::of_float(0);
    words_.push_back(element.bits);
    return;
  }
  if (element.is_null(element_) || too_large()) {
    words_.push_back(ListView::kNullWord);
    return;
  }
  const std::string_view text = element.text();
  if (text.size() > kMostListBytes) {
    bytes_.resize(kMostListBytes + 1);  // Too large from here on.
    words_.push_back(ListView::kNullWord);
    return;
  }
  // A long text has its length in front of it, as everywhere.
  if (text.size() >= kLongText) {
    const std::uint64_t length = text.size();
    bytes_.append(reinterpret_cast<const char*>(&length), sizeof length);
  }
  words_.push_back((static_cast<std::uint64_t>(text.size()) << 32) | bytes_.size());
  bytes_ += text;
}

void ListWriter::write(char* to) const {
  const std::uint64_t count = words_.size();
  std::memcpy(to, &count, sizeof count);
  const std::uint64_t front = 8 + 8 * count;
  for (std::size_t i = 0; i < words_.size(); ++i) {
    std::uint64_t word = words_[i];
    if (has_bytes(element_) && word != ListView::kNullWord) word += front;
    std::memcpy(to + 8 + 8 * i, &word, sizeof word);
  }
  std::memcpy(to + front, bytes_.data(), bytes_.size());
}

Slot ListWriter::finish(Arena& arena) {
  Slot result = Slot{.bits = 0};
  if (!too_large()) {
    const std::size_t size = total();
    const std::uint64_t length = size;
    const bool is_long = size >= kLongText;
    char* data = static_cast<char*>(arena.allocate(size + (is_long ? sizeof length : 0)));
    if (is_long) {
      std::memcpy(data, &length, sizeof length);
      data += sizeof length;
    }
    write(data);
    result = Slot::of_text(data, size);
  }
  words_.clear();
  bytes_.clear();
  return result;
}

std::string ListWriter::bytes() const {
  std::string result(total(), '\0');
  write(result.data());
  return result;
}

}  // namespace sequitur
