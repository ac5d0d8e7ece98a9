// Many literals or patterns over a text field with Hyperscan. Two thirds of the cost of a scan of a short text is the call.
#include <hs.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "limits/limits.hpp"

namespace sequitur::limits {
namespace {

constexpr std::size_t kBlock = 64 * 1024;

std::string one_escaped(const std::string& literal) {
  std::string pattern;
  for (const char c : literal) {
    if (std::string_view("\\^$.|?*+()[]{}/").find(c) != std::string_view::npos) pattern += '\\';
    pattern += c;
  }
  return pattern;
}

std::vector<std::string> escaped(std::vector<std::string> literals) {
  for (std::string& literal : literals) literal = one_escaped(literal);
  return literals;
}

hs_database_t* compile(const std::vector<std::string>& patterns, unsigned flag) {
  std::vector<const char*> expressions;
  std::vector<unsigned> ids;
  const std::vector<unsigned> flags(patterns.size(), flag);
  for (const std::string& pattern : patterns) {
    ids.push_back(static_cast<unsigned>(ids.size()));
    expressions.push_back(pattern.c_str());
  }
  hs_database_t* database = nullptr;
  hs_compile_error_t* error = nullptr;
  if (hs_compile_multi(expressions.data(), flags.data(), ids.data(), static_cast<unsigned>(ids.size()), HS_MODE_BLOCK, nullptr, &database,
                       &error) == HS_SUCCESS)
    return database;
  const std::string message = error->message;
  hs_free_compile_error(error);
  throw std::runtime_error(message);
}

}  // namespace

struct Literals::Impl {
  hs_database_t* single = nullptr;   // Reports each literal once a scan.
  hs_database_t* batched = nullptr;  // Reports every occurrence.
  hs_scratch_t* scratch = nullptr;
  std::string block;
  std::vector<std::uint32_t> ends;         // Of the texts in `block`.
  std::vector<std::uint32_t> latest_text;  // By literal: the last text in which it was found, plus one.

  ~Impl() {
    hs_free_scratch(scratch);
    hs_free_database(single);
    hs_free_database(batched);
  }
};

Literals::Literals(const std::vector<std::string>& literals) : impl_(std::make_unique<Impl>()) {
  impl_->single = compile(escaped(literals), HS_FLAG_SINGLEMATCH);
  impl_->batched = compile(escaped(literals), 0);
  if (hs_alloc_scratch(impl_->single, &impl_->scratch) != HS_SUCCESS || hs_alloc_scratch(impl_->batched, &impl_->scratch) != HS_SUCCESS)
    throw std::runtime_error("no scratch");
  impl_->latest_text.resize(literals.size());
}

Literals::~Literals() = default;

void Literals::scan_each(std::span<const std::string_view> texts, std::vector<Hit>& hits) {
  hits.clear();
  struct Context {
    std::vector<Hit>& hits;
    std::uint32_t text;
  } context{hits, 0};
  const auto on_match = [](unsigned literal, unsigned long long, unsigned long long, unsigned, void* data) {
    auto& found = *static_cast<Context*>(data);
    found.hits.push_back({found.text, literal});
    return 0;
  };
  for (const std::string_view text : texts) {
    hs_scan(impl_->single, text.data(), static_cast<unsigned>(text.size()), 0, impl_->scratch, on_match, &context);
    ++context.text;
  }
}

void Literals::scan_batched(std::span<const std::string_view> texts, std::vector<Hit>& hits) {
  hits.clear();
  struct Context {
    std::vector<Hit>& hits;
    const std::vector<std::uint32_t>& ends;
    std::vector<std::uint32_t>& latest_text;
    std::uint32_t first;
    std::size_t text;  // In the block. Matches come in the order of their ends, so it only moves on.
  } context{hits, impl_->ends, impl_->latest_text, 0, 0};
  const auto on_match = [](unsigned literal, unsigned long long, unsigned long long end, unsigned, void* data) {
    auto& found = *static_cast<Context*>(data);
    while (found.ends[found.text] < end) ++found.text;
    const auto text = found.first + static_cast<std::uint32_t>(found.text);
    if (std::exchange(found.latest_text[literal], text + 1) != text + 1) found.hits.push_back({text, literal});
    return 0;
  };
  std::fill(impl_->latest_text.begin(), impl_->latest_text.end(), 0);
  const auto scan = [&](std::size_t next) {
    context.text = 0;
    hs_scan(impl_->batched, impl_->block.data(), static_cast<unsigned>(impl_->block.size()), 0, impl_->scratch, on_match, &context);
    impl_->block.clear();
    impl_->ends.clear();
    context.first = static_cast<std::uint32_t>(next);
  };
  for (std::size_t i = 0; i < texts.size(); ++i) {
    impl_->block += texts[i];
    impl_->ends.push_back(static_cast<std::uint32_t>(impl_->block.size()));
    impl_->block += '\n';
    if (impl_->block.size() >= kBlock) scan(i + 1);
  }
  if (!impl_->block.empty()) scan(texts.size());
}

struct Patterns::Impl {
  hs_database_t* database = nullptr;
  hs_scratch_t* scratch = nullptr;
  ~Impl() {
    hs_free_scratch(scratch);
    hs_free_database(database);
  }
};

Patterns::Patterns(const std::vector<std::string>& patterns) : impl_(std::make_unique<Impl>()) {
  impl_->database = compile(patterns, HS_FLAG_SINGLEMATCH | HS_FLAG_ALLOWEMPTY | HS_FLAG_CASELESS);
  if (hs_alloc_scratch(impl_->database, &impl_->scratch) != HS_SUCCESS) throw std::runtime_error("no scratch");
}

Patterns::~Patterns() = default;

std::uint64_t Patterns::scan(std::span<const std::string_view> texts) {
  std::uint64_t found = 0;
  const auto on_match = [](unsigned, unsigned long long, unsigned long long, unsigned, void* data) {
    ++*static_cast<std::uint64_t*>(data);
    return 0;
  };
  for (const std::string_view text : texts)
    hs_scan(impl_->database, text.data(), static_cast<unsigned>(text.size()), 0, impl_->scratch, on_match, &found);
  return found;
}

}  // namespace sequitur::limits
