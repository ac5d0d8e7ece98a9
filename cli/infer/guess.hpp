// Guesses a stream declaration from sample records.
//
//     StreamGuess guess;
//     for (..) guess.add(values);
//     fmt::print("{}", *guess.declaration("payments", ""));
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/infer/json_sample.hpp"
#include "sequitur/result.hpp"

namespace sequitur::cli {

// What the samples of one field have in common.
class FieldGuess {
 public:
  explicit FieldGuess(std::vector<std::string> path) : path_(std::move(path)) {}

  void add(const SampleValue& value);

  const std::vector<std::string>& path() const { return path_; }
  std::uint64_t present() const { return present_; }  // Samples that are not null.
  bool is_list() const { return lists_ > 0; }
  bool is_number() const { return present_ > 0 && ints_ + floats_ == present_; }
  std::string_view type() const;                                        // bool int float string
  const std::vector<std::string>& samples() const { return samples_; }  // The first few hundred, of texts and numbers.

 private:
  std::vector<std::string> path_;
  std::uint64_t present_ = 0, bools_ = 0, ints_ = 0, floats_ = 0, lists_ = 0;
  std::vector<std::string> samples_;
};

class StreamGuess {
 public:
  void add(const std::vector<SampleValue>& values);

  std::uint64_t records() const { return records_; }
  // The stream block in canonical layout. `time_field` is a dotted path; when it is empty the time is looked for. An Error
  // when there is no such field or nothing in the samples is a time.
  Result<std::string> declaration(std::string_view name, std::string_view time_field) const;

 private:
  std::uint64_t records_ = 0;
  std::vector<FieldGuess> fields_;  // In the order in which they were first seen.
  std::map<std::vector<std::string>, std::size_t> index_;
};

// How times are written, as the words behind `time FIELD`: "", "ms", "format \"%d/%b/%Y:%H:%M:%S %z\"". Nothing when some sample is
// not a time that way. Numbers are only taken for times when the field's name says so.
std::optional<std::string> guess_time(const FieldGuess& field);

// A name as rules must write it: in backticks where it is not an identifier.
std::string rule_name(std::string_view name);
std::string rule_path(const std::vector<std::string>& path);

}  // namespace sequitur::cli
