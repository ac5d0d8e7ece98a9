// Many text patterns searched in one pass over a text. The only part of the project that knows Hyperscan.
//
// Patterns and texts are bytes: Hyperscan's UTF-8 mode has no defined behaviour on texts that are not valid UTF-8, and what
// comes in from outside may be anything. So in a regular expression `.` and `[..]` stand for one byte, `\w` and folding know
// ASCII only; everything else is the same, since one UTF-8 sequence never hides inside another.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/checked_rule.hpp"
#include "sequitur/result.hpp"

namespace sequitur::nfa {

struct TextPattern {
  dsl::TextOp op = dsl::TextOp::kContains;
  bool fold = false;
  std::string text;
};

// Immutable; scans of many threads may run at once.
class TextDatabase {
 public:
  // An Error names the pattern that the compiler rejects.
  static Result<std::unique_ptr<const TextDatabase>> compile(std::vector<TextPattern> patterns);
  ~TextDatabase();

  // Working memory of one thread, fit for every database it was prepared for. A thread that scans twice in a row for the same
  // scratch is fine, two threads at once are not.
  class Scratch {
   public:
    Scratch() = default;
    ~Scratch();
    Scratch(Scratch&& other) noexcept;
    Scratch& operator=(Scratch&&) = delete;
    // False when there is no memory for it.
    bool prepare(const TextDatabase& database);
    std::size_t memory_bytes() const;

   private:
    friend class TextDatabase;
    void* scratch_ = nullptr;
  };

  // Replaces `found` by the indices of the patterns that fit, each once, in no particular order.
  void scan(std::string_view text, Scratch& scratch, std::vector<std::uint32_t>& found) const;

  // How many patterns fit, at most `enough`; with scratch memory from the database's own pool.
  std::size_t count(std::string_view text, std::size_t enough) const;

  std::size_t size() const;
  std::size_t memory_bytes() const;

 private:
  struct Impl;
  explicit TextDatabase(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace sequitur::nfa
