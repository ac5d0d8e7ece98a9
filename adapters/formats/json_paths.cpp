#include "adapters/formats/json_paths.hpp"

#include <algorithm>

namespace sequitur {

JsonPaths::JsonPaths(const std::vector<std::string>& columns) : nobody_(columns.size()), prefixes_(1) {
  for (std::size_t column = 0; column < columns.size(); ++column) {
    const std::string& name = columns[column];
    for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
      Target& target = targets_.try_emplace(name.substr(0, dot), Target{nobody_, -1}).first->second;
      if (target.node >= 0) continue;
      target.node = static_cast<int>(prefixes_.size());
      prefixes_.push_back(name.substr(0, dot + 1));
    }
    targets_[name].column = column;
  }
}

JsonPaths::Target JsonPaths::find(int node, std::string_view key) const {
  std::string path = prefixes_[static_cast<std::size_t>(node)];
  path += key;
  const auto found = targets_.find(path);
  return found == targets_.end() ? Target{nobody_, -1} : found->second;
}

JsonShape::Member* JsonShape::learn(int node, std::string_view key) {
  auto& known = nodes_[static_cast<std::size_t>(node)].members;
  if (const auto found = known.find(std::string(key)); found != known.end()) return found->second;
  if (full() || key.size() > kMaxKeyBytes) return nullptr;
  Member& member = members_.emplace_back();
  member.quoted = '"' + std::string(key) + '"';
  const std::size_t size = std::min(member.quoted.size(), sizeof member.head);
  std::memcpy(member.head.data(), member.quoted.data(), size);
  std::memset(member.mask.data(), 0xFF, size);
  member.target = paths_.find(node, key);
  known.emplace(std::string(key), &member);
  return &member;
}

}  // namespace sequitur
