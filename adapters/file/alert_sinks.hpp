// Where alerts and bad records go: files, standard output, a terminal.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sequitur/result.hpp"
#include "sequitur/sink.hpp"

namespace sequitur {

struct FileSinkOptions {
  bool append = false;  // Write behind what the file holds; otherwise it is emptied first.
};

// One alert a line, as JSON. "-" is standard output. When the disk is full, write() or flush() say so, and a regular file
// ends with its last whole line. flush() returns when the file system has everything.
Result<std::unique_ptr<Sink>> open_ndjson_sink(const std::string& path, const FileSinkOptions& options = {});

struct TableOptions {
  enum class Colours : std::uint8_t { kAuto, kAlways, kNever };
  Colours colours = Colours::kAuto;  // kAuto: only on a terminal, and not if the environment says NO_COLOR.
  bool header = true;
};

// One alert a line for people: time, severity, rule, key, message or fields. Control characters are shown as dots.
Result<std::unique_ptr<Sink>> open_table_sink(const std::string& path, const TableOptions& options = {});

// True if standard output is a terminal.
bool stdout_is_terminal();

// One bad or late record a line, as JSON: input, reason, record, offset, detail, and its bytes as `raw`, or as `raw_base64`
// if they are not UTF-8.
Result<std::unique_ptr<DeadLetterSink>> open_dead_letter_sink(const std::string& path, const FileSinkOptions& options = {});

}  // namespace sequitur
