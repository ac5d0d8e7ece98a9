#include "nfa/text_database.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cctype>
#include <limits>
#include <mutex>
#include <optional>
#include <utility>

#include <fmt/core.h>
#include <hs.h>

#include "nfa/predicate_set.hpp"
#include "nfa/text_operators.hpp"

namespace sequitur::nfa {
namespace {

// hs_compile_lit_multi of Hyperscan 5.4.0 makes databases that cannot be scanned, so literals become regular expressions.
void append_literal(std::string_view text, std::string& out) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80 && std::isalnum(byte) != 0) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "\\x{:02x}", byte);
    }
  }
}

// `?` fits one to four bytes here; what it really covers is confirmed by is_like().
void append_wildcards(std::string_view pattern, std::string& out) {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '*') {
      if (i == 0 || pattern[i - 1] != '*') out += ".*";
    } else if (pattern[i] == '?') {
      out += ".{1,4}";
    } else {
      append_literal(pattern.substr(i, 1), out);
    }
  }
}

struct Regex {
  std::string text;
  unsigned flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY;
  std::optional<TextSearch> confirm;  // Where the regular expression fits more than the pattern does.
};

Regex regex_of(const TextPattern& pattern) {
  Regex regex;
  if (pattern.fold) regex.flags |= HS_FLAG_CASELESS;
  if (pattern.op == dsl::TextOp::kMatches) {
    regex.text = pattern.text;
    return regex;
  }
  TextSearch search(pattern.op, pattern.text, pattern.fold);
  using Kind = TextSearch::Kind;
  regex.flags |= HS_FLAG_DOTALL;
  if (search.kind() != Kind::kContains && search.kind() != Kind::kEnds) regex.text += '^';
  if (search.kind() == Kind::kWildcard) {
    append_wildcards(search.pattern(), regex.text);
  } else {
    append_literal(search.pattern(), regex.text);
  }
  if (search.kind() != Kind::kContains && search.kind() != Kind::kStarts) regex.text += "\\z";
  if (search.kind() == Kind::kWildcard && search.pattern().find('?') != std::string::npos) regex.confirm = std::move(search);
  return regex;
}

// What the C interface cannot carry, or what would switch on the UTF-8 mode from inside.
std::optional<std::string> unsupported(std::string_view regex) {
  if (regex.find('\0') != std::string_view::npos) return "a regular expression cannot hold a NUL byte; write \\x00";
  if (regex.starts_with("(*")) return "verbs like (*UTF8) are not supported";
  return std::nullopt;
}

std::string sentence(const hs_compile_error_t* error) {
  std::string text = error != nullptr && error->message != nullptr ? error->message : "the pattern compiler has no memory";
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text;
}

unsigned length_of(std::string_view text) {
  return static_cast<unsigned>(std::min<std::size_t>(text.size(), std::numeric_limits<unsigned>::max()));
}

struct Found {
  const std::vector<std::optional<TextSearch>>* confirm;
  std::string_view text;
  std::vector<std::uint32_t>* indices;  // Null pointer: count only.
  std::size_t count = 0;
  std::size_t enough = std::numeric_limits<std::size_t>::max();
};

int on_match(unsigned id, unsigned long long, unsigned long long, unsigned, void* context) {
  auto& found = *static_cast<Found*>(context);
  const auto& confirm = (*found.confirm)[id];
  if (confirm && !confirm->fits(found.text)) return 0;
  if (found.indices != nullptr) found.indices->push_back(id);
  return ++found.count >= found.enough ? 1 : 0;
}

}  // namespace

struct TextDatabase::Impl {
  ~Impl() {
    for (auto& place : spare) hs_free_scratch(place.load());
    hs_free_scratch(prototype);
    hs_free_database(database);
  }

  // Scratch memory for count(): each thread takes from and returns to a place of its own, as long as there are enough places.
  static std::size_t own_place() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t place = next.fetch_add(1) % kPlaces;
    return place;
  }
  hs_scratch_t* take() {
    if (hs_scratch_t* scratch = spare[own_place()].exchange(nullptr)) return scratch;
    hs_scratch_t* scratch = nullptr;
    const std::scoped_lock lock(cloning);
    return hs_clone_scratch(prototype, &scratch) == HS_SUCCESS ? scratch : nullptr;
  }
  void give_back(hs_scratch_t* scratch) { hs_free_scratch(spare[own_place()].exchange(scratch)); }

  static constexpr std::size_t kPlaces = 64;
  hs_database_t* database = nullptr;
  hs_scratch_t* prototype = nullptr;
  std::mutex cloning;
  std::array<std::atomic<hs_scratch_t*>, kPlaces> spare{};
  std::vector<std::optional<TextSearch>> confirm;  // By pattern.
};

TextDatabase::TextDatabase(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TextDatabase::~TextDatabase() = default;

Result<std::unique_ptr<const TextDatabase>> TextDatabase::compile(std::vector<TextPattern> patterns) {
  auto impl = std::make_unique<Impl>();
  std::vector<std::string> texts;
  std::vector<const char*> expressions;
  std::vector<unsigned> flags, ids;
  for (const TextPattern& pattern : patterns) {
    if (pattern.op == dsl::TextOp::kMatches) {
      if (auto reason = unsupported(pattern.text)) return Error{fmt::format("pattern /{}/: {}", pattern.text, *reason)};
    }
    Regex regex = regex_of(pattern);
    texts.push_back(std::move(regex.text));
    flags.push_back(regex.flags);
    ids.push_back(static_cast<unsigned>(ids.size()));
    impl->confirm.push_back(std::move(regex.confirm));
  }
  for (const std::string& text : texts) expressions.push_back(text.c_str());

  if (!patterns.empty()) {
    hs_compile_error_t* error = nullptr;
    const auto count = static_cast<unsigned>(patterns.size());
    if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), count, HS_MODE_BLOCK, nullptr, &impl->database, &error) !=
        HS_SUCCESS) {
      std::string message = sentence(error);
      if (error != nullptr && error->expression >= 0)
        message = fmt::format("pattern /{}/: {}", patterns[static_cast<std::size_t>(error->expression)].text, message);
      hs_free_compile_error(error);
      return Error{message};
    }
    if (hs_alloc_scratch(impl->database, &impl->prototype) != HS_SUCCESS) return Error{"there is no memory to search for patterns"};
  }
  return std::unique_ptr<const TextDatabase>(new TextDatabase(std::move(impl)));
}

TextDatabase::Scratch::~Scratch() { hs_free_scratch(static_cast<hs_scratch_t*>(scratch_)); }
TextDatabase::Scratch::Scratch(Scratch&& other) noexcept : scratch_(std::exchange(other.scratch_, nullptr)) {}

bool TextDatabase::Scratch::prepare(const TextDatabase& database) {
  if (database.impl_->database == nullptr) return true;
  auto* scratch = static_cast<hs_scratch_t*>(scratch_);
  const bool ok = hs_alloc_scratch(database.impl_->database, &scratch) == HS_SUCCESS;
  scratch_ = scratch;
  return ok;
}

std::size_t TextDatabase::Scratch::memory_bytes() const {
  std::size_t bytes = 0;
  if (scratch_ != nullptr) hs_scratch_size(static_cast<hs_scratch_t*>(scratch_), &bytes);
  return bytes;
}

void TextDatabase::scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const {
  found.clear();
  if (impl_->database == nullptr) return;
  Found result{.confirm = &impl_->confirm, .text = text, .indices = &found};
  hs_scan(impl_->database, text.data(), length_of(text), 0, static_cast<hs_scratch_t*>(scratch.scratch_), on_match, &result);
}

std::size_t TextDatabase::count(std::string_view text, std::size_t enough) const {
  if (impl_->database == nullptr || enough == 0) return 0;
  hs_scratch_t* scratch = impl_->take();
  if (scratch == nullptr) return 0;
  Found result{.confirm = &impl_->confirm, .text = text, .indices = nullptr, .count = 0, .enough = enough};
  hs_scan(impl_->database, text.data(), length_of(text), 0, scratch, on_match, &result);
  impl_->give_back(scratch);
  return result.count;
}

std::size_t TextDatabase::size() const { return impl_->confirm.size(); }

std::size_t TextDatabase::memory_bytes() const {
  std::size_t database = 0, scratch = 0;
  if (impl_->database != nullptr) hs_database_size(impl_->database, &database);
  if (impl_->prototype != nullptr) hs_scratch_size(impl_->prototype, &scratch);
  return sizeof *this + sizeof(Impl) + database + scratch + impl_->confirm.capacity() * sizeof impl_->confirm[0];
}

Result<void> check_pattern(std::string_view regex, bool nocase) {
  if (auto reason = unsupported(regex)) return Error{*reason};
  const std::string text(regex);
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  const unsigned flags = HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | (nocase ? HS_FLAG_CASELESS : 0U);
  if (hs_compile(text.c_str(), flags, HS_MODE_BLOCK, nullptr, &database, &error) == HS_SUCCESS) {
    hs_free_database(database);
    return {};
  }
  Error result{sentence(error)};
  hs_free_compile_error(error);
  return result;
}

}  // namespace sequitur::nfa
