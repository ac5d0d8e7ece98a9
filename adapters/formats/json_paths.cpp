#include "adapters/formats/json_paths.hpp"

#include <algorithm>

namespace sequitur {

JsonPaths::JsonPaths(const std::vector<std::string>& columns) : prefixes_(1) {
  for (std::size_t column = 0; column < columns.size(); ++column) {
    const std::string& name = columns[column];
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
      Target& target = targets_[name.substr(0, dot)];
      if (target.node >= 0) continue;
      target.node = static_cast<int>(prefixes_.size());
      prefixes_.push_back(name.substr(0, dot + 1));
    }
    targets_[name].column = static_cast<int>(column);
  }
}

JsonPaths::Target JsonPaths::find(int node, std::string_view key) const {
  std::string path = prefixes_[static_cast<std::size_t>(node)];
  path += key;
  const auto found = targets_.find(path);
  return found == targets_.end() ? Target{} : found->second;
}

int JsonShape::learn(int node, std::string_view key) {
  auto& members = nodes_[static_cast<std::size_t>(node)].members;
  if (const auto found = members.find(std::string(key)); found != members.end()) return found->second;
  if (full() || key.size() > kMaxKeyBytes) return kNone;
  Member member;
  member.quoted = '"' + std::string(key) + '"';
  std::array<char, 16> head{};
  std::array<char, 16> mask{};
  const std::size_t size = std::min(member.quoted.size(), head.size());
  std::memcpy(head.data(), member.quoted.data(), size);
  std::memset(mask.data(), 0xFF, size);
  std::memcpy(member.head.data(), head.data(), head.size());
  std::memcpy(member.mask.data(), mask.data(), mask.size());
  member.target = paths_.find(node, key);
  const int index = static_cast<int>(members_.size());
  members_.push_back(std::move(member));
  members.emplace(std::string(key), index);
  return index;
}

}  // namespace sequitur
