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

JsonShape::Member* JsonShape::learn(int node, std::string_view key, std::string_view lead) {
  auto& known = nodes_[static_cast<std::size_t>(node)].members;
  if (const auto found = known.find(std::string(lead)); found != known.end()) return found->second;
  // Line ends are no part of leads: where one stands the record may end.
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' '; };
  if (full() || lead.size() > kMaxLeadBytes || std::any_of(lead.begin(), lead.end(), is_control)) return nullptr;
  Member& member = members_.emplace_back();
  member.lead = lead;
  member.size = lead.size();
  std::memcpy(member.head.data(), lead.data(), std::min(lead.size(), sizeof member.head));
  std::memset(member.mask.data(), 0xFF, std::min(lead.size(), sizeof member.mask));
  member.target = paths_.find(node, key);
  known.emplace(member.lead, &member);
  return &member;
}

}  // namespace sequitur
