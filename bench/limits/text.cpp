// The sequence over text: decode a small batch, fetching the slots of its keys meanwhile, then step. A miss behind the
// parser costs eight times one that was fetched ahead.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#if defined(__SSE2__)
#include <immintrin.h>
#endif

#include "limits/limits.hpp"

namespace sequitur::limits {
namespace {

constexpr std::uint64_t kMicrosPerTick = 1'000'000 / kTicksPerSecond;
constexpr std::size_t kColumns = 8;

std::uint32_t to_ticks(std::uint64_t micros) { return static_cast<std::uint32_t>(micros / kMicrosPerTick); }

// Bit i: text[i] is a comma or a line feed.
std::uint64_t delimiters(const char* text) {
#if defined(__AVX512BW__)
  const __m512i bytes = _mm512_loadu_si512(text);
  return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(',')) | _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8('\n'));
#elif defined(__SSE2__)
  std::uint64_t mask = 0;
  for (int part = 0; part < 4; ++part) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text) + part);
    const __m128i found = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(',')), _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\n')));
    mask |= static_cast<std::uint64_t>(static_cast<std::uint32_t>(_mm_movemask_epi8(found))) << (16 * part);
  }
  return mask;
#else
  std::uint64_t mask = 0;
  for (int i = 0; i < 64; ++i) mask |= static_cast<std::uint64_t>(text[i] == ',' || text[i] == '\n') << i;
  return mask;
#endif
}

std::uint64_t to_int(const char* begin, const char* end) {
  std::uint64_t value = 0;
  for (; begin != end; ++begin) value = value * 10 + static_cast<std::uint64_t>(*begin - '0');
  return value;
}

// Digits, a point, digits.
double to_double(const char* begin, const char* end) {
  static constexpr std::array<double, 8> kScale = {1, 1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7};
  const char* const point = std::find(begin, end, '.');
  if (point == end) return static_cast<double>(to_int(begin, end));
  const auto decimals = static_cast<std::size_t>(end - point - 1);
  const std::uint64_t whole = to_int(begin, point);
  std::uint64_t value = whole;
  for (const char* p = point + 1; p != end; ++p) value = value * 10 + static_cast<std::uint64_t>(*p - '0');
  return static_cast<double>(value) * kScale[std::min(decimals, kScale.size() - 1)];
}

}  // namespace

std::uint64_t Sequence::run_ndjson(std::string_view text) {
  std::array<Decoded, kBatch> batch;
  std::size_t count = 0;
  std::uint64_t matches = 0;
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document_stream lines;
  if (parser.iterate_many(text.data(), text.size(), std::size_t{1} << 20).get(lines) != simdjson::SUCCESS) return 0;
  for (auto line : lines) {
    std::uint64_t time = 0;
    std::string_view stream;
    Decoded& event = batch[count];
    if (line.find_field("ts").get(time) != simdjson::SUCCESS || line.find_field("stream").get(stream) != simdjson::SUCCESS ||
        line.find_field("key").get(event.key) != simdjson::SUCCESS || line.find_field("amount").get(event.amount) != simdjson::SUCCESS)
      continue;
    table_.prefetch(event.key);
    event.time = to_ticks(time);
    event.type = static_cast<std::uint32_t>(stream.front() - 'a');
    if (++count < kBatch) continue;
    matches += step_all(batch);
    count = 0;
  }
  return matches + step_all(std::span(batch).first(count));
}

std::uint64_t Sequence::run_csv(std::string_view text) {
  std::array<Decoded, kBatch> batch;
  std::size_t count = 0;
  std::uint64_t matches = 0;
  std::array<const char*, kColumns + 64> ends;  // Of the fields found and not yet read.
  std::size_t found = 0;
  const char* begin = text.data();  // Of the line.
  for (std::size_t at = 0; at < text.size(); at += 64) {
    std::uint64_t mask = delimiters(text.data() + at);
    if (text.size() - at < 64) mask &= (std::uint64_t{1} << (text.size() - at)) - 1;
    for (; mask != 0; mask &= mask - 1) ends[found++] = text.data() + at + std::countr_zero(mask);
    std::size_t read = 0;
    for (; read + kColumns <= found; read += kColumns) {
      Decoded& event = batch[count];
      const char* const* const field = ends.data() + read;
      event.time = to_ticks(to_int(begin, field[0]));
      event.type = static_cast<std::uint32_t>(field[0][1] - 'a');
      event.key = to_int(field[1] + 1, field[2]);
      table_.prefetch(event.key);
      event.amount = to_double(field[2] + 1, field[3]);
      begin = field[kColumns - 1] + 1;
      if (++count < kBatch) continue;
      matches += step_all(batch);
      count = 0;
    }
    std::copy(ends.begin() + static_cast<std::ptrdiff_t>(read), ends.begin() + static_cast<std::ptrdiff_t>(found), ends.begin());
    found -= read;
  }
  return matches + step_all(std::span(batch).first(count));
}

}  // namespace sequitur::limits
