#include "limits/workload.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <random>

namespace sequitur::limits {
namespace {

constexpr std::size_t kCountries = 200;
constexpr double kMaxAmount = 10'000;

std::string random_word(std::mt19937_64& random, std::size_t shortest, std::size_t longest) {
  std::string word(shortest + random() % (longest - shortest + 1), ' ');
  for (char& c : word) c = static_cast<char>('a' + random() % 26);
  return word;
}

template <typename... Values>
void append(std::string& out, const char* format, Values... values) {
  char line[256];
  const int size = std::snprintf(line, sizeof line, format, values...);
  out.append(line, static_cast<std::size_t>(size));
}

}  // namespace

std::vector<Record> make_records(const Mix& mix) {
  std::mt19937_64 random(mix.seed);
  std::vector<std::uint32_t> type_of;
  for (std::uint32_t type = 0; type < mix.weights.size(); ++type) type_of.insert(type_of.end(), mix.weights[type], type);
  std::vector<double> up_to;  // Of a skewed choice: the weights of the keys up to this one.
  if (mix.zipf != 0)
    for (std::uint64_t key = 0; key < mix.keys; ++key)
      up_to.push_back((up_to.empty() ? 0 : up_to.back()) + std::pow(static_cast<double>(key + 1), -mix.zipf));
  const auto part = [&] { return static_cast<double>(random() >> 11) * 0x1p-53; };
  std::vector<Record> records(mix.count);
  for (std::size_t i = 0; i < mix.count; ++i) {
    Record& record = records[i];
    if (mix.zipf != 0) {
      const auto at = std::upper_bound(up_to.begin(), up_to.end() - 1, part() * up_to.back());
      record.key = static_cast<std::uint64_t>(at - up_to.begin());
    } else {
      record.key = mix.hot != 0 && part() < mix.hot ? 0 : random() % mix.keys;
    }
    record.time = kFirstTime + static_cast<std::uint32_t>(i) * mix.step;
    record.type = type_of[random() % type_of.size()];
    record.amount = static_cast<double>(random() % 10'000) / 100;
    record.rest[0] = random() % mix.values;
  }
  return records;
}

std::string make_ndjson(std::span<const Record> records) {
  std::string text;
  text.reserve(records.size() * 160 + kTextPadding);
  for (const Record& record : records) {
    const auto x = static_cast<unsigned>(record.rest[0]);
    append(text,
           R"({"ts":%lld,"stream":"%c","key":%llu,"amount":%.2f,"x":%u,"user":"user-%05u","host":"web-%03u.example","note":"order placed"})"
           "\n",
           static_cast<long long>(to_micros(record.time)), static_cast<char>('a' + record.type),
           static_cast<unsigned long long>(record.key), record.amount, x, x * 7, x % 100);
  }
  return text;
}

std::string make_csv(std::span<const Record> records) {
  std::string text;
  text.reserve(records.size() * 96 + kTextPadding);
  for (const Record& record : records) {
    const auto x = static_cast<unsigned>(record.rest[0]);
    append(text, "%lld,%c,%llu,%.2f,%u,user-%05u,web-%03u.example,order placed today\n", static_cast<long long>(to_micros(record.time)),
           static_cast<char>('a' + record.type), static_cast<unsigned long long>(record.key), record.amount, x, x * 7, x % 100);
  }
  return text;
}

std::vector<std::string> make_literals(std::size_t count) {
  std::mt19937_64 random(7);
  std::vector<std::string> literals;
  while (literals.size() < count) literals.push_back(random_word(random, 8, 14));
  return literals;
}

std::vector<std::string> make_texts(std::size_t count, std::span<const std::string> literals, std::size_t one_in) {
  std::mt19937_64 random(8);
  std::vector<std::string> words;  // As in a log: the same words again and again.
  for (int i = 0; i < 2000; ++i) words.push_back(random_word(random, 2, 10));
  std::vector<std::string> texts(count);
  for (std::string& text : texts) {
    const bool hit = random() % one_in == 0;
    while (text.size() < 60) (text += words[random() % words.size()]) += ' ';
    if (hit) (text += literals[random() % literals.size()]) += ' ';
    while (text.size() < 116) (text += words[random() % words.size()]) += ' ';
  }
  return texts;
}

std::string country_name(std::size_t number) {
  return {'C', static_cast<char>('0' + number / 100), static_cast<char>('0' + number / 10 % 10), static_cast<char>('0' + number % 10)};
}

Payments make_payments(std::size_t rules, std::size_t count, double hits) {
  std::mt19937_64 random(9);
  Payments result;
  // Of the rules of its country, 1000/200 = 5 with 1,000 rules, a payment meets those whose threshold it exceeds.
  const double share = std::min(1.0, hits * static_cast<double>(kCountries) / static_cast<double>(rules));
  std::uniform_real_distribution<double> part(0, 1);
  for (std::size_t i = 0; i < rules; ++i) {
    const double above = 2 * share * part(random);  // The share of payments above the threshold; its mean is `share`.
    result.rules.push_back({kMaxAmount * (1 - std::min(above, 1.0)), pack_country(country_name(i % kCountries))});
  }
  result.payments.resize(count);
  for (Payment& payment : result.payments) {
    payment.amount = kMaxAmount * part(random);
    payment.country = pack_country(country_name(random() % kCountries));
  }
  return result;
}

}  // namespace sequitur::limits
