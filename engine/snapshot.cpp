#include "engine/snapshot.hpp"

#include <fmt/format.h>

#include "dsl/checked_print.hpp"
#include "engine/alert_id.hpp"
#include "engine/state_bytes.hpp"

namespace sequitur {
namespace {

constexpr std::string_view kMagic = "SEQSTATE";
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kChecksumAt = 16;
constexpr std::size_t kHeadSize = 32;

void put_fixed(std::string& bytes, std::size_t at, std::uint64_t value) {
  for (std::size_t i = 0; i < 8; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i));
}

std::array<std::uint64_t, 2> checksum(std::string_view bytes) {
  IdHash hash;
  hash.add(bytes);
  return hash.result();
}

struct Named {
  std::string_view name;
  std::uint64_t says;
};

// What the state is by: streams with the layout of their events, rules with all they say.
std::vector<Named> streams_of(const RuleSet& rules) {
  std::vector<Named> result;
  for (const StreamSchema& schema : rules.schemas()) {
    IdHash hash;
    for (const Field& field : schema.fields) {
      hash.add(field.name);
      hash.add(static_cast<std::uint64_t>(field.type));
    }
    result.push_back({schema.name, hash.result()[0]});
  }
  return result;
}

std::vector<Named> rules_of(const RuleSet& rules) {
  std::vector<Named> result;
  for (const dsl::Rule& rule : rules.impl().files.rules)
    if (!rule.disabled) result.push_back({rule.info.name, digest(dsl::print(rule, rules.schemas()))});
  return result;
}

void save(const std::vector<Named>& all, StateWriter& out) {
  out.number(all.size());
  for (const Named& one : all) {
    out.text(one.name);
    out.fixed(one.says);
  }
}

// Empty when what was saved is what is here; else what differs, for people.
std::string difference(std::string_view what, const std::vector<Named>& here, StateReader& in) {
  constexpr std::size_t kLeast = 9;
  const std::uint64_t count = in.count(kLeast);
  std::string found;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view name = in.text();
    const std::uint64_t says = in.fixed();
    if (in.failed() || !found.empty() || i >= here.size()) continue;
    if (name != here[i].name)
      found = fmt::format("its {} number {} is {}, here it is {}", what, i + 1, name, here[i].name);
    else if (says != here[i].says)
      found = fmt::format("its {} {} is another than here", what, name);
  }
  if (found.empty() && count != here.size()) found = fmt::format("it has {} {}s, here there are {}", count, what, here.size());
  return found;
}

}  // namespace

void seal_snapshot(std::string& bytes) {
  if (bytes.size() < kHeadSize) return;
  const auto sum = checksum(std::string_view(bytes).substr(kHeadSize));
  put_fixed(bytes, kChecksumAt, sum[0]);
  put_fixed(bytes, kChecksumAt + 8, sum[1]);
}

namespace {

enum class Part : std::uint8_t { kWhole, kCommon, kGroup };

// `mark` says which parts belong together.
std::string seal(const RuleSet& rules, Part part, std::uint64_t mark, std::string_view state) {
  StateWriter head(rules.schemas());
  save(streams_of(rules), head);
  save(rules_of(rules), head);
  StateWriter parts(rules.schemas());
  parts.text(head.finish());
  parts.number(static_cast<std::uint64_t>(part));
  parts.fixed(mark);
  std::string bytes(kMagic);
  bytes.resize(kHeadSize);
  put_fixed(bytes, kVersionAt, kSnapshotVersion);
  bytes += parts.finish();
  bytes += state;
  seal_snapshot(bytes);
  return bytes;
}

struct Opened {
  Part part;
  std::uint64_t mark;
  std::string_view state;
};

Result<Opened> open(const RuleSet& rules, std::string_view bytes) {
  if (bytes.size() < kHeadSize || !bytes.starts_with(kMagic)) return Error{"this is no snapshot of an engine"};
  std::uint64_t version = 0;
  for (std::size_t i = 8; i-- > 0;) version = version << 8 | static_cast<unsigned char>(bytes[kVersionAt + i]);
  if (version != kSnapshotVersion)
    return Error{fmt::format("the snapshot has version {} of the format, this program reads version {}", version, kSnapshotVersion)};
  std::string sealed(bytes.substr(0, kHeadSize));
  const auto sum = checksum(bytes.substr(kHeadSize));
  put_fixed(sealed, kChecksumAt, sum[0]);
  put_fixed(sealed, kChecksumAt + 8, sum[1]);
  if (sealed != bytes.substr(0, kHeadSize)) return Error{"the snapshot is damaged: its checksum does not fit"};

  StateReader parts(bytes.substr(kHeadSize), rules.schemas());
  const std::string_view head_bytes = parts.text();
  StateReader head(head_bytes, rules.schemas());
  std::string differs = difference("stream", streams_of(rules), head);
  if (differs.empty()) differs = difference("rule", rules_of(rules), head);
  Opened opened{};
  opened.part = static_cast<Part>(parts.number_below(3));
  opened.mark = parts.fixed();
  if (parts.failed() || head.failed()) return Error{"the snapshot is damaged"};
  if (!differs.empty()) return Error{fmt::format("the snapshot is of other rules: {}", differs)};
  opened.state = bytes.substr(bytes.size() - parts.remaining());
  return opened;
}

}  // namespace

std::string snapshot_of(Evaluator& evaluator, const RuleSet& rules) {
  StateWriter state(rules.schemas());
  evaluator.save(state);
  return seal(rules, Part::kWhole, 0, state.finish());
}

std::vector<std::string> group_snapshots_of(Evaluator& evaluator, const RuleSet& rules, std::uint32_t groups) {
  StateWriter common(rules.schemas());
  evaluator.save_common(common);
  const std::string state = common.finish();
  std::vector<std::string> states;
  for (std::uint32_t group = 0; group < groups; ++group) {
    StateWriter keys(rules.schemas(), {.group = group, .groups = groups});
    evaluator.save_keys(keys);
    states.push_back(keys.finish());
  }
  // Of all parts, so that two snapshots at which the engine had come to the same time are told apart.
  IdHash hash;
  hash.add(state);
  for (const std::string& keys : states) hash.add(keys);
  const std::uint64_t mark = hash.result()[0];
  std::vector<std::string> parts{seal(rules, Part::kCommon, mark, state)};
  for (const std::string& keys : states) parts.push_back(seal(rules, Part::kGroup, mark, keys));
  return parts;
}

Result<void> restore_snapshot(Evaluator& evaluator, const RuleSet& rules, std::span<const std::string_view> parts) {
  std::vector<std::unique_ptr<StateReader>> readers;
  std::vector<StateReader*> groups;
  std::uint64_t mark = 0;
  for (const std::string_view bytes : parts) {
    const Result<Opened> opened = open(rules, bytes);
    if (!opened) return opened.error();
    const bool first = readers.empty();
    if (first ? opened->part == Part::kGroup : opened->part != Part::kGroup)
      return Error{first ? "the first part must be what the groups have in common" : "only the first part is none of a key group"};
    if (first && opened->part == Part::kWhole && parts.size() > 1) return Error{"a whole snapshot has no further parts"};
    if (!first && opened->mark != mark) return Error{"the parts are of different snapshots"};
    mark = opened->mark;
    readers.push_back(std::make_unique<StateReader>(opened->state, rules.schemas(), rules.rules()));
    if (opened->part == Part::kCommon) {  // It has no keys, for whoever asks for none of the groups.
      static constexpr std::string_view kNoKeys("\0\0\0", 3);
      readers.push_back(std::make_unique<StateReader>(kNoKeys, rules.schemas()));
    }
    if (opened->part != Part::kWhole) groups.push_back(readers.back().get());
  }
  if (readers.empty()) return Error{"there are no parts"};
  return evaluator.load(*readers.front(), groups);
}

}  // namespace sequitur
