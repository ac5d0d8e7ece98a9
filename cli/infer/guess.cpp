#include "cli/infer/guess.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "event/decimal.hpp"
#include "event/ip.hpp"
#include "event/number_text.hpp"
#include "event/time_text.hpp"

namespace sequitur::cli {
namespace {

constexpr std::size_t kMaxSamples = 200;

std::string dotted(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text.append(text.empty() ? "" : ".").append(part);
  return text;
}

// {"process.name": ..} is the same field as {"process": {"name": ..}}.
std::vector<std::string> split_dots(const std::vector<std::string>& path) {
  std::vector<std::string> parts;
  for (const std::string& part : path) {
    std::size_t begin = 0;
    for (std::size_t dot = part.find('.'); dot != std::string::npos; begin = dot + 1, dot = part.find('.', begin))
      parts.push_back(part.substr(begin, dot - begin));
    parts.push_back(part.substr(begin));
  }
  if (std::find(parts.begin(), parts.end(), "") != parts.end()) return path;
  return parts;
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

// The better a name suits the event time, the smaller; 100 does not say time at all.
int time_rank(const std::vector<std::string>& path) {
  constexpr std::array<std::string_view, 12> kUsual{"ts",       "time",      "timestamp", "@timestamp", "event_time", "eventtime",
                                                    "datetime", "date_time", "utctime",   "_time",      "created_at", "date"};
  const std::string name = lower(path.back());
  const auto usual = std::find(kUsual.begin(), kUsual.end(), name);
  if (usual != kUsual.end()) return static_cast<int>(usual - kUsual.begin());
  if (name.starts_with("ts_") || name.ends_with("_ts")) return 20;
  if (name.find("time") != std::string::npos) return 30;
  if (name.ends_with("_at") || name.find("date") != std::string::npos) return 40;
  return 100;
}

bool reads_all(const TimeFormat& format, const FieldGuess& field) {
  const auto reader = TimeReader::make(format);
  if (!reader || field.samples().empty()) return false;
  return std::all_of(field.samples().begin(), field.samples().end(), [&](const std::string& sample) {
    std::int64_t micros = 0;
    return reader->read(sample, micros);
  });
}

// Seconds, milliseconds, .. since 1970, if that gives years from 1990 to 2100 for every sample.
std::optional<std::string> guess_epoch(const FieldGuess& field) {
  struct Unit {
    const char* word;
    double per_second;
  };
  constexpr Unit kUnits[] = {{"s", 1}, {"ms", 1e3}, {"us", 1e6}, {"ns", 1e9}};
  for (const Unit& unit : kUnits) {
    const bool all = std::all_of(field.samples().begin(), field.samples().end(), [&](const std::string& sample) {
      double value = 0;
      if (!parse_float(sample, value)) return false;
      const double since = value / unit.per_second;
      return since >= 631'152'000 && since < 4'102'444'800;
    });
    if (all) return unit.word;
  }
  return std::nullopt;
}

bool is_identifier(std::string_view name) {
  constexpr std::array<std::string_view, 9> kReserved{"not", "and", "or", "exists", "some", "every", "except", "true", "false"};
  if (name.empty() || std::isdigit(static_cast<unsigned char>(name.front())) != 0) return false;
  if (std::find(kReserved.begin(), kReserved.end(), name) != kReserved.end() || name == "null") return false;
  return std::all_of(name.begin(), name.end(), [](unsigned char c) { return c == '_' || (c < 0x80 && std::isalnum(c) != 0); });
}

// A field that is also the beginning of others ("user" beside "user.name") cannot be declared with them.
bool begins_another(const FieldGuess& field, const std::vector<FieldGuess>& fields) {
  const std::vector<std::string>& path = field.path();
  return std::any_of(fields.begin(), fields.end(), [&](const FieldGuess& other) {
    return other.path().size() > path.size() && std::equal(path.begin(), path.end(), other.path().begin());
  });
}

struct FoundTime {
  const FieldGuess* field;
  std::string words;
};

Result<FoundTime> find_time(const std::vector<FieldGuess>& fields, std::string_view wanted) {
  if (!wanted.empty()) {
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const FieldGuess& f) { return dotted(f.path()) == wanted; });
    if (field == fields.end()) return Error{fmt::format("no sample has a field `{}`", wanted)};
    if (auto words = guess_time(*field)) return FoundTime{&*field, *words};
    if (field->is_number())
      if (auto words = guess_epoch(*field)) return FoundTime{&*field, *words};
    return Error{fmt::format("`{}` is not in a time format that can be recognised, such as {}", wanted,
                             field->samples().empty() ? "2024-01-31T12:00:00Z" : '"' + field->samples().front() + '"')};
  }
  std::vector<const FieldGuess*> candidates;
  for (const FieldGuess& field : fields) candidates.push_back(&field);
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const FieldGuess* a, const FieldGuess* b) { return time_rank(a->path()) < time_rank(b->path()); });
  for (const FieldGuess* field : candidates)
    if (auto words = guess_time(*field)) return FoundTime{field, *words};
  return Error{"no field of the samples is a time; name one with --time FIELD"};
}

std::string field_lines(const std::vector<FieldGuess>& fields, const FieldGuess* time, std::uint64_t records) {
  std::string text;
  std::string comments;
  for (const FieldGuess& field : fields) {
    if (&field == time) continue;
    const bool prefix = begins_another(field, fields);
    const std::string type = field.type();
    if (type.empty() || prefix)
      comments += fmt::format("  # {}: {}\n", rule_path(field.path()), prefix ? "sometimes a value, sometimes a record" : field.problem());
    else
      text += fmt::format("{}  {}: {}{}", text.empty() ? "" : ",\n", rule_path(field.path()), type, field.present() < records ? "?" : "");
  }
  return text + (text.empty() ? "" : "\n") + comments;
}

}  // namespace

void FieldGuess::add(const SampleValue& value) {
  if (value.kind == SampleValue::Kind::kNull) return;
  ++present_;
  if (value.kind == SampleValue::Kind::kList)
    add_list(value);
  else
    add_value(value);
}

void FieldGuess::add_list(const SampleValue& list) {
  ++lists_;
  for (const std::vector<SampleValue>& element : list.elements) {
    if (element.size() != 1 || !element.front().path.empty()) {  // Also `{}`.
      if (!records_) records_ = std::make_shared<StreamGuess>();
      records_->add(element);
    } else if (element.front().kind == SampleValue::Kind::kList) {
      nested_ = true;
    } else if (element.front().kind != SampleValue::Kind::kNull) {
      add_value(element.front());
    }
  }
}

void FieldGuess::add_value(const SampleValue& value) {
  ++values_;
  std::int64_t whole = 0;
  double real = 0;
  if (value.kind == SampleValue::Kind::kBool) {
    ++bools_;
    return;
  }
  const std::size_t point = value.text.find('.');
  const bool plain = point != std::string::npos && value.text.find_first_of("eE") == std::string::npos;
  if (value.kind == SampleValue::Kind::kNumber && parse_int(value.text, whole)) {
    ++ints_;
  } else if (value.kind == SampleValue::Kind::kNumber && parse_float(value.text, real)) {
    ++floats_;
    const std::size_t digits = plain ? value.text.size() - point - 1 : 99;
    least_digits_ = std::min(least_digits_, digits);
    most_digits_ = std::max(most_digits_, digits);
    trailing_zeros_ += plain && value.text.ends_with('0') ? 1 : 0;
  } else if (value.kind == SampleValue::Kind::kText) {
    ++texts_;
    IpBytes address;
    std::int64_t millionths = 0;
    addresses_ += parse_ip(value.text, address) ? 1 : 0;
    decimal_texts_ += plain && parse_decimal(value.text, millionths) ? 1 : 0;
  }
  if (samples_.size() < kMaxSamples) samples_.push_back(value.text);
}

// Floats are written without zeros at the end, amounts of money with them: 12.50. Other fixed numbers of digits are rather coordinates.
bool FieldGuess::fixed_point() const { return floats_ > 0 && trailing_zeros_ > 0 && least_digits_ == 2 && most_digits_ == 2; }

std::string_view FieldGuess::type_of_values() const {
  if (bools_ == values_) return "bool";
  if (ints_ == values_) return "int";
  if (ints_ + floats_ == values_) return fixed_point() ? "decimal" : "float";
  if (addresses_ == values_) return "ip";
  if (decimal_texts_ == values_) return "decimal";
  return "string";
}

std::string FieldGuess::type() const {
  if (!problem().empty()) return "";
  if (records_) return records_->record_type() + "[]";
  return fmt::format("{}{}", type_of_values(), is_list() ? "[]" : "");
}

std::string_view FieldGuess::problem() const {
  if (present_ == 0) return "always null";
  if (nested_) return "a list of lists";
  if (records_ && values_ > 0) return "a list of values and records";
  if (records_ && records_->record_type().empty()) return "a list of records that hold lists, or different things";
  if (!records_ && values_ == 0) return "a list that is always empty";
  return "";
}

void StreamGuess::add(const std::vector<SampleValue>& values) {
  ++records_;
  for (const SampleValue& value : values) {
    const std::vector<std::string> path = split_dots(value.path);
    auto [place, is_new] = index_.try_emplace(path, fields_.size());
    if (is_new) fields_.emplace_back(path);
    fields_[place->second].add(value);
  }
}

Result<std::string> StreamGuess::declaration(std::string_view name, std::string_view time_field) const {
  const Result<FoundTime> time = find_time(fields_, time_field);
  if (!time) return time.error();
  return fmt::format("stream {} time {}{}{} {{\n{}}}\n", rule_name(name), rule_path(time->field->path()), time->words.empty() ? "" : " ",
                     time->words, field_lines(fields_, time->field, records_));
}

std::string StreamGuess::record_type() const {
  std::string text;
  for (const FieldGuess& field : fields_) {
    const std::string type = field.type();
    if (type.empty() || field.is_list() || begins_another(field, fields_)) return "";
    text += fmt::format("{}{}: {}{}", text.empty() ? "" : ", ", rule_path(field.path()), type, field.present() < records_ ? "?" : "");
  }
  return text.empty() ? "" : "{ " + text + " }";
}

std::optional<std::string> guess_time(const FieldGuess& field) {
  if (field.is_list()) return std::nullopt;
  if (field.is_number()) return time_rank(field.path()) < 100 ? guess_epoch(field) : std::nullopt;
  if (field.samples().empty() || field.samples().size() < std::min<std::uint64_t>(field.present(), kMaxSamples)) return std::nullopt;
  if (reads_all(TimeFormat{}, field)) return "";
  for (const char* pattern : {"%d/%b/%Y:%H:%M:%S %z", "%Y/%m/%d %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%m/%d/%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S,%f",
                              "%Y%m%d%H%M%S", "%a, %d %b %Y %H:%M:%S %z", "%a %b %e %H:%M:%S %Y", "%Y-%m-%d", "%b %e %H:%M:%S"}) {
    TimeFormat format;
    format.kind = TimeFormat::Kind::kPattern;
    format.pattern = pattern;
    const bool yearless = std::string_view(pattern).find("%Y") == std::string_view::npos;
    if (yearless) format.year = 2024;
    if (reads_all(format, field)) return fmt::format("format \"{}\"{}", pattern, yearless ? " year 2024" : "");
  }
  return std::nullopt;
}

std::string rule_name(std::string_view name) { return is_identifier(name) ? std::string(name) : fmt::format("`{}`", name); }

std::string rule_path(const std::vector<std::string>& path) {
  std::string text;
  for (const std::string& part : path) text.append(text.empty() ? "" : ".").append(rule_name(part));
  return text;
}

}  // namespace sequitur::cli
