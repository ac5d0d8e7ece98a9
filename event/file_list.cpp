#include "event/file_list.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdio>
#include <memory>

#include "event/duration_text.hpp"
#include "event/number_text.hpp"
#include "event/time_text.hpp"

namespace sequitur {
namespace {

char folded(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

struct CloseList {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

Result<std::string> read_whole(const std::string& path) {
  struct stat status {};
  const std::unique_ptr<std::FILE, CloseList> file(std::fopen(path.c_str(), "rb"));
  if (!file || fstat(fileno(file.get()), &status) != 0 || !S_ISREG(status.st_mode)) return Error{"cannot be read"};
  std::string bytes;
  char piece[64 * 1024];
  while (const std::size_t count = std::fread(piece, 1, sizeof piece, file.get())) {
    bytes.append(piece, count);
    if (bytes.size() > FileList::kMaxBytes) return Error{"is too large for a list"};
  }
  if (std::ferror(file.get()) != 0) return Error{"cannot be read"};
  return bytes;
}

// Calls visit(line, number) for the lines that count, without blanks around; until it says false.
template <typename Visit>
void for_each_line(std::string_view bytes, const Visit& visit) {
  std::size_t number = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    std::string_view line = bytes.substr(at, end - at);
    at = end + 1;
    ++number;
    const std::size_t begin = line.find_first_not_of(" \t\r");
    if (begin == std::string_view::npos || line[begin] == '#') continue;
    line = line.substr(begin, line.find_last_not_of(" \t\r") + 1 - begin);
    if (!visit(line, number)) return;
  }
}

bool parse_value(std::string_view text, Type type, std::int64_t& value) {
  switch (type) {
    case Type::kBool: value = text == "true" ? 1 : 0; return text == "true" || text == "false";
    case Type::kInt: return parse_int(text, value);
    case Type::kTime: return parse_rfc3339(text, nullptr, value);
    case Type::kDuration: {
      Duration duration{0};
      if (!parse_duration(text, duration)) return false;
      value = duration.count();
      return true;
    }
    default: return false;
  }
}

}  // namespace

std::size_t FileList::TextHash::operator()(std::string_view text) const {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325ULL;  // FNV-1a.
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(fold ? folded(c) : c)) * 0x100'0000'01b3ULL;
  return hash;
}

bool FileList::TextEqual::operator()(std::string_view a, std::string_view b) const {
  if (!fold) return a == b;
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return folded(x) == folded(y); });
}

FileList::FileList(std::string name, std::string path, Type type, bool fold)
    : name_(std::move(name)), path_(std::move(path)), type_(type), fold_(fold), texts_(no_texts()) {}

bool FileList::has_type(Type type) {
  return type == Type::kBool || type == Type::kInt || type == Type::kFloat || type == Type::kString || type == Type::kTime ||
         type == Type::kDuration;
}

bool FileList::changed() const { return FileVersion::of(path_) != version_; }

Result<std::size_t> FileList::load() {
  version_ = FileVersion::of(path_);  // Before the reading: a change meanwhile is seen the next time.
  Result<std::string> bytes = read_whole(path_);
  if (!bytes) return Error{"the file \"" + path_ + "\" " + bytes.error().message};
  std::vector<std::int64_t> ints;
  std::vector<double> floats;
  std::size_t count = 0;
  std::string problem;
  for_each_line(*bytes, [&](std::string_view line, std::size_t number) {
    std::int64_t value = 0;
    double real = 0;
    if (++count > kMaxValues) {
      problem = "has more than " + std::to_string(kMaxValues) + " values";
    } else if (type_ == Type::kString) {
      return true;
    } else if (type_ == Type::kFloat ? parse_float(line, real) : parse_value(line, type_, value)) {
      if (type_ == Type::kFloat)
        floats.push_back(real);
      else
        ints.push_back(value);
    } else {
      problem = "has in line " + std::to_string(number) + " what is no " + std::string(to_string(type_));
    }
    return problem.empty();
  });
  if (!problem.empty()) return Error{"the file \"" + path_ + "\" " + problem};
  std::sort(ints.begin(), ints.end());
  std::sort(floats.begin(), floats.end());
  ints_ = std::move(ints);
  floats_ = std::move(floats);
  if (type_ != Type::kString) return count;
  texts_ = no_texts();
  bytes_ = *std::move(bytes);
  for_each_line(bytes_, [&](std::string_view line, std::size_t) { return texts_.insert(line), true; });
  return count;
}

bool FileList::contains(Slot value) const {
  if (value.is_null(type_)) return false;
  if (type_ == Type::kString) return texts_.find(value.text()) != texts_.end();
  if (type_ == Type::kFloat) return std::binary_search(floats_.begin(), floats_.end(), value.f);
  return std::binary_search(ints_.begin(), ints_.end(), value.i);
}

Result<std::vector<std::string>> read_list_lines(const std::string& path) {
  const Result<std::string> bytes = read_whole(path);
  if (!bytes) return bytes.error();
  std::vector<std::string> lines;
  for_each_line(*bytes, [&](std::string_view line, std::size_t) {
    lines.emplace_back(line);
    return lines.size() <= FileList::kMaxValues;
  });
  if (lines.size() > FileList::kMaxValues) return Error{"has more values than a list may have"};
  return lines;
}

}  // namespace sequitur
