#include "cli/infer/json_sample.hpp"

#include <algorithm>
#include <charconv>

namespace sequitur::cli {
namespace {

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxValues = 4'000;

class Reader {
 public:
  Reader(std::string_view text, std::vector<SampleValue>& values) : rest_(text), values_(values) {}

  bool read_document() {
    skip_blanks();
    if (!read_object(0)) return false;
    skip_blanks();
    return rest_.empty();
  }
  bool read_list_document(std::vector<std::vector<SampleValue>>& elements) {
    skip_blanks();
    if (!read_list(0, elements)) return false;
    skip_blanks();
    return rest_.empty();
  }

 private:
  void skip_blanks() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size())); }
  bool take(char c) {
    skip_blanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool read_object(int depth) {
    if (depth > kMaxDepth || !take('{')) return false;
    if (take('}')) return true;
    do {
      skip_blanks();
      std::string name;
      if (!read_text(name) || !take(':')) return false;
      path_.push_back(std::move(name));
      if (!read_value(depth)) return false;
      path_.pop_back();
    } while (take(','));
    return take('}');
  }

  // What is inside a list has paths that begin in its elements.
  bool read_list(int depth, std::vector<std::vector<SampleValue>>& elements) {
    if (depth > kMaxDepth || !take('[')) return false;
    if (take(']')) return true;
    do {
      if (elements.size() >= kMaxValues) return false;
      Reader element(rest_, elements.emplace_back());
      if (!element.read_value(depth)) return false;
      rest_ = element.rest_;
    } while (take(','));
    return take(']');
  }

  bool read_value(int depth) {
    skip_blanks();
    if (rest_.empty()) return false;
    if (rest_.front() == '{') return read_object(depth + 1);
    SampleValue value{path_, SampleValue::Kind::kNull};
    if (rest_.front() == '[') {
      value.kind = SampleValue::Kind::kList;
      if (!read_list(depth + 1, value.elements)) return false;
    } else if (rest_.front() == '"') {
      value.kind = SampleValue::Kind::kText;
      if (!read_text(value.text)) return false;
    } else if (take("true") || take("false")) {
      value.kind = SampleValue::Kind::kBool;
    } else if (!take("null")) {
      value.kind = SampleValue::Kind::kNumber;
      const std::size_t size = std::min(rest_.find_first_not_of("+-.0123456789eE"), rest_.size());
      if (size == 0) return false;
      value.text = rest_.substr(0, size);
      rest_.remove_prefix(size);
    }
    if (values_.size() >= kMaxValues) return false;
    values_.push_back(std::move(value));
    return true;
  }

  bool read_text(std::string& text) {
    if (!take("\"")) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (c != '\\') {
        text += c;
      } else if (!read_escape(text)) {
        return false;
      }
    }
    return false;
  }

  bool read_escape(std::string& text) {
    if (rest_.empty()) return false;
    const char c = rest_.front();
    rest_.remove_prefix(1);
    constexpr std::string_view kLetters = "\"\\/bfnrt", kMeanings = "\"\\/\b\f\n\r\t";
    if (const std::size_t at = kLetters.find(c); at != std::string_view::npos) {
      text += kMeanings[at];
      return true;
    }
    unsigned code = 0;
    if (c != 'u' || rest_.size() < 4 || std::from_chars(rest_.data(), rest_.data() + 4, code, 16).ptr != rest_.data() + 4) return false;
    rest_.remove_prefix(4);
    // Enough for looking at: what is beyond Latin-1 only has to be some text.
    if (code < 0x80) {
      text += static_cast<char>(code);
    } else {
      text += '?';
    }
    return true;
  }

  std::string_view rest_;
  std::vector<SampleValue>& values_;
  std::vector<std::string> path_;
};

}  // namespace

bool flatten_json(std::string_view text, std::vector<SampleValue>& values) {
  values.clear();
  return Reader(text, values).read_document();
}

bool flatten_json_list(std::string_view text, std::vector<std::vector<SampleValue>>& elements) {
  elements.clear();
  std::vector<SampleValue> values;
  return Reader(text, values).read_list_document(elements);
}

}  // namespace sequitur::cli
