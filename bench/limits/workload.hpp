// Seeded workloads: the same records for a program by hand, for the engine and, as text, for both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "limits/limits.hpp"

namespace sequitur::limits {

struct Mix {
  std::size_t count = 0;
  std::uint64_t keys = 1;
  std::vector<std::uint32_t> weights = {1, 1, 1};  // How often each type comes.
  std::uint64_t seed = 42;
  std::uint32_t step = 1;       // Ticks from one record to the next.
  std::uint64_t values = 1000;  // Of rest[0].
  double hot = 0;               // The share of all records that key 0 has besides its equal part.
  double zipf = 0;              // Not 0: key n comes with a weight of 1 / (n + 1)^zipf.
};
std::vector<Record> make_records(const Mix& mix);

std::string make_ndjson(std::span<const Record> records);  // About 150 bytes a record, eight members.
std::string make_csv(std::span<const Record> records);     // About 85 bytes a record, eight columns, without a header.
inline constexpr std::string_view kCsvHeader = "ts,stream,key,amount,x,user,host,note\n";

inline std::int64_t to_micros(std::uint32_t ticks) { return std::int64_t{ticks} * (1'000'000 / kTicksPerSecond); }

// `count` different literals of 8 to 14 letters, and texts of about 120 bytes of which one in `one_in` holds one of them.
std::vector<std::string> make_literals(std::size_t count);
std::vector<std::string> make_texts(std::size_t count, std::span<const std::string> literals, std::size_t one_in);

// Rules and payments in 200 countries. A payment meets `hits` rules on average.
struct Payments {
  std::vector<ThresholdRule> rules;
  std::vector<Payment> payments;
};
Payments make_payments(std::size_t rules, std::size_t count, double hits);
std::string country_name(std::size_t number);

}  // namespace sequitur::limits
