#include "adapters/formats/json_reader.hpp"

namespace sequitur {
bool JsonReader::read(std::string_view text) {
  p_ = text.data();
  end_ = p_ + text.size();
  skip_spaces();
  if (!at('{')) return fail("not a JSON object");
  ++p_;
  if (!read_object(JsonPaths::kRoot, 0)) return false;
  skip_spaces();
  return p_ == end_ || fail("something stands behind the JSON object");
}

bool JsonReader::read_object(int node, int depth) {
  if (depth > kMaxDepth) return fail("nested too deep");
  skip_spaces();
  if (at('}')) {
    ++p_;
    return true;
  }
  int member = JsonShape::kNone;
  while (true) {
    if (!at('"')) return fail("expected a name in quotes");
    JsonPaths::Target target;
    if (!read_key(node, member, member, target)) return false;
    if (at(':')) {
      ++p_;
    } else {
      skip_spaces();
      if (!at(':')) return fail("expected a colon behind a name");
      ++p_;
    }
    skip_spaces();
    if (!read_value(target, depth)) return false;
    skip_spaces();
    if (at(',')) {
      ++p_;
      skip_spaces();
    } else if (at('}')) {
      ++p_;
      return true;
    } else {
      return fail("expected a comma or the end of the object");
    }
  }
}

bool JsonReader::read_key(int node, int before, int& member, JsonPaths::Target& target) {
  std::array<int, 2>& expected = shape_.expected(node, before);
  if (readable_ - p_ >= 16) {
    for (const int candidate : expected) {
      if (candidate == JsonShape::kNone || !shape_.starts_with(candidate, p_, end_)) continue;
      const JsonShape::Member& found = shape_.member(candidate);
      p_ += found.quoted.size();
      target = found.target;
      member = candidate;
      return true;
    }
  }
  std::string_view key;
  bool escaped = false;
  if (!read_text(key, escaped)) return false;
  if (escaped) {
    target = shape_.find(node, unescape_json(key, record_.arena()));
    member = before;
    return true;
  }
  const int learned = shape_.learn(node, key);
  if (learned == JsonShape::kNone) {
    target = shape_.find(node, key);
    member = before;
    return true;
  }
  // learn() may have moved the members: ask again where the expectation stands.
  std::array<int, 2>& place = shape_.expected(node, before);
  if (place[0] != learned) place = {learned, place[0]};
  target = shape_.member(learned).target;
  member = learned;
  return true;
}

bool JsonReader::read_value(const JsonPaths::Target& target, int depth) {
  if (target.column >= 0) {
    RawValue& value = record_.value(static_cast<std::size_t>(target.column));
    if (value.untouched() && !(target.node >= 0 && at('{'))) return read_into(value, depth);
  }
  if (target.node >= 0 && at('{')) {
    ++p_;
    return read_object(target.node, depth + 1);
  }
  return skip_value(depth);
}

}  // namespace sequitur
