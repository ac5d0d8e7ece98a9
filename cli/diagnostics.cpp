#include "cli/diagnostics.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "cli/messages.hpp"
#include "event/json_text.hpp"

namespace sequitur::cli {
namespace {

constexpr std::size_t kMaxLine = 160;  // Characters of a line that are shown.

struct Place {
  std::size_t line = 1, column = 1;  // From 1; columns count characters, not bytes.
};

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !continues_character(c); }));
}

std::size_t line_begin(std::string_view text, std::size_t offset) {
  const std::size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

Place place_of(std::string_view text, std::size_t offset) {
  offset = std::min(offset, text.size());
  Place place;
  place.line += static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
  const std::size_t begin = line_begin(text, offset);
  place.column += characters(text.substr(begin, offset - begin));
  return place;
}

// What can be printed under and above each other: tabs become one blank, other control characters "?".
std::string printable(std::string_view line) {
  std::string shown(line);
  for (char& c : shown)
    if (c == '\t') {
      c = ' ';
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      c = '?';
    }
  return shown;
}

// The line of `span` with carets under it. Of a very long line only the part around the span.
std::string excerpt(std::string_view text, const Span& span, std::string_view label) {
  const std::size_t at = std::min<std::size_t>(span.begin, text.size());
  const std::size_t begin = line_begin(text, at);
  std::size_t end = std::min(text.find('\n', at), text.size());
  std::size_t from = begin;
  if (at - begin > kMaxLine / 2) from = at - kMaxLine / 2;
  while (from > begin && continues_character(text[from])) --from;
  if (end - from > kMaxLine) end = from + kMaxLine;
  while (end < text.size() && end > at && continues_character(text[end])) --end;

  const std::string number = std::to_string(place_of(text, at).line);
  const std::size_t marked_end = std::clamp<std::size_t>(span.end, at, std::max(end, at));
  const std::size_t carets = std::max<std::size_t>(1, characters(text.substr(at, marked_end - at)));
  std::string result = fmt::format("{} | {}\n", number, printable(text.substr(from, end - from)));
  result += fmt::format("{} | {}{}{}{}\n", std::string(number.size(), ' '), std::string(characters(text.substr(from, at - from)), ' '),
                        std::string(carets, '^'), label.empty() ? "" : " ", label);
  return result;
}

std::string_view word(Severity severity) { return severity == Severity::kError ? "error" : "warning"; }

}  // namespace

std::string diagnostics_text(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) {
    const SourceFile& file = files[diagnostic.span.file];
    const Place place = place_of(file.text, diagnostic.span.begin);
    text += fmt::format("{}[{}]: {}\n --> {}:{}:{}\n", word(diagnostic.severity), diagnostic.code, diagnostic.message, file.name,
                        place.line, place.column);
    text += excerpt(file.text, diagnostic.span, diagnostic.label);
    if (!diagnostic.help.empty()) text += fmt::format("help: {}\n", diagnostic.help);
    text += '\n';
  }
  return text;
}

std::string diagnostics_json(std::span<const Diagnostic> diagnostics, std::span<const SourceFile> files) {
  std::string json = "[";
  const auto member = [&](std::string_view name, std::string_view value) {
    json.append(json.back() == '{' ? "\"" : ",\"").append(name).append("\":");
    append_json_string(value, json);
  };
  const auto number = [&](std::string_view name, std::uint64_t value) { json += fmt::format(",\"{}\":{}", name, value); };
  for (const Diagnostic& diagnostic : diagnostics) {
    const SourceFile& file = files[diagnostic.span.file];
    const Place begin = place_of(file.text, diagnostic.span.begin), end = place_of(file.text, diagnostic.span.end);
    json += json.size() == 1 ? "\n  {" : ",\n  {";
    member("code", diagnostic.code);
    member("severity", word(diagnostic.severity));
    member("message", diagnostic.message);
    member("label", diagnostic.label);
    member("help", diagnostic.help);
    member("file", file.name);
    number("line", begin.line);
    number("column", begin.column);
    number("end_line", end.line);
    number("end_column", end.column);
    number("begin", diagnostic.span.begin);
    number("end", diagnostic.span.end);
    json += '}';
  }
  return json + (diagnostics.empty() ? "]" : "\n]");
}

std::string diagnostics_total(std::span<const Diagnostic> diagnostics) {
  const auto errors = static_cast<std::uint64_t>(std::count_if(
      diagnostics.begin(), diagnostics.end(), [](const Diagnostic& diagnostic) { return diagnostic.severity == Severity::kError; }));
  const std::uint64_t warnings = diagnostics.size() - errors;
  return warnings == 0 ? counted(errors, "error") : counted(errors, "error") + ", " + counted(warnings, "warning");
}

}  // namespace sequitur::cli
