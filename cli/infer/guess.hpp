// Guesses a stream declaration from sample records.
//
//     StreamGuess guess;
//     for (..) guess.add(values);
//     fmt::print("{}", *guess.declaration("payments", ""));
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/infer/json_sample.hpp"
#include "sequitur/result.hpp"

namespace sequitur::cli {

class StreamGuess;

// What the samples of one field have in common. The elements of a list count like values: what is no list is a list of one.
class FieldGuess {
 public:
  explicit FieldGuess(std::vector<std::string> path) : path_(std::move(path)) {}

  void add(const SampleValue& value);

  const std::vector<std::string>& path() const { return path_; }
  std::uint64_t present() const { return present_; }  // Samples that are not null.
  bool is_list() const { return lists_ > 0; }
  bool is_number() const { return values_ > 0 && ints_ + floats_ == values_; }
  // bool int float decimal ip string, with `[]` behind it for a list; `{ a: int }[]` for a list of records. Empty where no type fits;
  // then problem() says why.
  std::string type() const;
  std::string_view problem() const;
  const std::vector<std::string>& samples() const { return samples_; }  // The first few hundred, of texts and numbers.

 private:
  void add_list(const SampleValue& list);
  void add_value(const SampleValue& value);
  bool fixed_point() const;
  std::string_view type_of_values() const;

  std::vector<std::string> path_;
  std::uint64_t present_ = 0, lists_ = 0;
  std::uint64_t values_ = 0, bools_ = 0, ints_ = 0, floats_ = 0, texts_ = 0;
  std::uint64_t addresses_ = 0, decimal_texts_ = 0;  // Of the texts.
  std::uint64_t trailing_zeros_ = 0;                 // Of the numbers with a fraction: written with a zero at the end.
  std::size_t least_digits_ = 99, most_digits_ = 0;  // Behind the point, of those.
  std::shared_ptr<StreamGuess> records_;             // Of lists of records.
  bool nested_ = false;                              // A list in a list.
  std::vector<std::string> samples_;
};

class StreamGuess {
 public:
  void add(const std::vector<SampleValue>& values);

  std::uint64_t records() const { return records_; }
  // The stream block in canonical layout. `time_field` is a dotted path; when it is empty the time is looked for. An Error
  // when there is no such field or nothing in the samples is a time.
  Result<std::string> declaration(std::string_view name, std::string_view time_field) const;
  // The fields alone, as the type of an element of a list: "{ a: int, b: string? }"; empty if one of them has no type.
  std::string record_type() const;

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
