#include "adapters/formats/json_list.hpp"

namespace sequitur {
namespace {

class MemberFinder : private JsonLexer {
 public:
  MemberFinder(std::string_view object, Arena& arena) : arena_(arena), place_(skip_spaces(begin(object))) {}

  bool find(std::string_view path, RawValue& value) {
    value.set(RawValue::Kind::kMissing, nullptr, 0);
    return *place_ == '{' && find_inside(place_ + 1, path, value, 0) != nullptr;
  }

 private:
  // p stands behind the opening brace.
  const char* find_inside(const char* p, std::string_view path, RawValue& value, int depth) {
    if (depth > kMaxDepth) return nullptr;
    p = skip_spaces(p);
    if (*p == '}') return p + 1;
    while (true) {
      std::string_view key;
      bool escaped = false;
      if (*p != '"') return nullptr;
      p = read_text(p, key, escaped);
      if (p == nullptr) return nullptr;
      if (escaped) key = unescape_json(key, arena_);
      p = skip_spaces(p);
      if (*p != ':') return nullptr;
      p = skip_spaces(p + 1);
      const bool whole = value.untouched() && key == path;
      const bool inside =
          value.untouched() && !whole && *p == '{' && path.size() > key.size() && path.starts_with(key) && path[key.size()] == '.';
      p = whole    ? read_into(p, value, depth + 1)
          : inside ? find_inside(p + 1, path.substr(key.size() + 1), value, depth + 1)
                   : skip_value(p, depth + 1);
      if (p == nullptr) return nullptr;
      p = skip_spaces(p);
      if (*p == '}') return p + 1;
      if (*p != ',') return nullptr;
      p = skip_spaces(p + 1);
    }
  }

  Arena& arena_;
  const char* place_;
};

}  // namespace

JsonList::JsonList(std::string_view text) : place_(skip_spaces(begin(text))) {
  good_ = *place_ == '[';
  done_ = !good_;
  if (good_) ++place_;
}

bool JsonList::next(RawValue& element) {
  if (done_) return false;
  place_ = skip_spaces(place_);
  const bool first = !begun_;
  begun_ = true;
  if (*place_ == ']') {
    done_ = true;
    good_ = skip_spaces(place_ + 1) == end_;
    return false;
  }
  if (!first) {
    good_ = *place_ == ',';
    if (good_) place_ = skip_spaces(place_ + 1);
  }
  if (good_) place_ = read_into(place_, element, 1);
  good_ = good_ && place_ != nullptr;
  done_ = !good_;
  return good_;
}

bool find_json_member(std::string_view object, std::string_view path, Arena& arena, RawValue& value) {
  return MemberFinder(object, arena).find(path, value);
}

}  // namespace sequitur
