#include "adapters/formats/json_list.hpp"

namespace sequitur {
namespace {

class MemberFinder : private JsonLexer {
 public:
  MemberFinder(std::string_view object, Arena& arena) : JsonLexer(object.data() + object.size()), arena_(arena) {
    p_ = object.data();
    end_ = p_ + object.size();
  }

  bool find(std::string_view path, RawValue& value) {
    value.set(RawValue::Kind::kMissing, nullptr, 0);
    skip_spaces();
    return at('{') && find_inside(path, value, 0);
  }

 private:
  // p_ stands on the opening brace.
  bool find_inside(std::string_view path, RawValue& value, int depth) {
    if (depth > kMaxDepth) return false;
    ++p_;
    skip_spaces();
    if (at('}')) {
      ++p_;
      return true;
    }
    while (true) {
      std::string_view key;
      bool escaped = false;
      if (!at('"') || !read_text(key, escaped)) return false;
      if (escaped) key = unescape_json(key, arena_);
      skip_spaces();
      if (!at(':')) return false;
      ++p_;
      skip_spaces();
      const bool whole = value.untouched() && key == path;
      const bool inside =
          value.untouched() && !whole && at('{') && path.size() > key.size() && path.starts_with(key) && path[key.size()] == '.';
      if (whole    ? !read_into(value, depth + 1)
          : inside ? !find_inside(path.substr(key.size() + 1), value, depth + 1)
                   : !skip_value(depth + 1))
        return false;
      skip_spaces();
      if (at('}')) {
        ++p_;
        return true;
      }
      if (!at(',')) return false;
      ++p_;
      skip_spaces();
    }
  }

  Arena& arena_;
};

}  // namespace

JsonList::JsonList(std::string_view text) : JsonLexer(text.data() + text.size()) {
  p_ = text.data();
  end_ = p_ + text.size();
  skip_spaces();
  good_ = at('[');
  done_ = !good_;
  if (good_) ++p_;
}

bool JsonList::next(RawValue& element) {
  if (done_) return false;
  skip_spaces();
  const bool first = !begun_;
  begun_ = true;
  if (at(']')) {
    ++p_;
    skip_spaces();
    done_ = true;
    good_ = p_ == end_;
    return false;
  }
  if (!first) {
    good_ = at(',');
    if (good_) ++p_;
    skip_spaces();
  }
  good_ = good_ && read_into(element, 1);
  done_ = !good_;
  return good_;
}

bool find_json_member(std::string_view object, std::string_view path, Arena& arena, RawValue& value) {
  return MemberFinder(object, arena).find(path, value);
}

}  // namespace sequitur
