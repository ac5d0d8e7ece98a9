// Any text as a rule file: never a crash or a long wait; what parses says the same after it was printed.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "dsl/diagnostic_text.hpp"
#include "dsl/load.hpp"
#include "dsl/parse.hpp"
#include "dsl/print.hpp"

namespace {

using namespace sequitur;

void require(bool holds, const char* what, std::string_view text) {
  if (holds) return;
  std::fprintf(stderr, "broken: %s\n----\n%.*s\n----\n", what, static_cast<int>(text.size()), text.data());
  std::abort();
}

void check_places(const std::vector<Diagnostic>& diagnostics, std::string_view text) {
  for (const Diagnostic& diagnostic : diagnostics) {
    require(diagnostic.span.begin <= diagnostic.span.end && diagnostic.span.end <= text.size(), "a diagnostic stands in the text", text);
    require(!diagnostic.message.empty() && !diagnostic.code.empty(), "a diagnostic says something", text);
    require(!diagnostic.message.starts_with("expected N5"), "a diagnostic names no C++ type", text);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const dsl::Parsed parsed = dsl::parse(text, 0);
  check_places(parsed.diagnostics, text);
  const std::string printed = dsl::print(parsed.file);
  dsl::dump(parsed.file);
  if (parsed.ok()) {
    const dsl::Parsed again = dsl::parse(printed, 0);
    require(again.ok(), "what was printed parses", printed);
    require(again.file.items == parsed.file.items, "what was printed says the same", printed);
    require(again.file.comments.size() == parsed.file.comments.size(), "comments are kept", printed);
    require(dsl::print(again.file) == printed, "the layout is its own layout", printed);
  }
  const SourceFile files[] = {{"fuzz.seq", text}};
  const dsl::Loaded loaded = dsl::load(files);
  check_places(loaded.diagnostics, text);
  require(parsed.ok() || !loaded.ok(), "a syntax error is an error", text);
  dsl::diagnostics_text(loaded.diagnostics, files);
  dsl::diagnostics_json(loaded.diagnostics, files);
  return 0;
}
