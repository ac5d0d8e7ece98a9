#include "adapters/file/alert_sinks.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <utility>

#include "adapters/file/line_file.hpp"
#include "event/json_text.hpp"

namespace sequitur {
namespace {

class NdjsonSink final : public Sink {
 public:
  explicit NdjsonSink(std::unique_ptr<LineFile> file) : file_(std::move(file)) {}

  Result<void> write(std::span<const Alert> alerts) override {
    for (const Alert& alert : alerts) {
      append_json(alert, file_->buffer());
      file_->buffer() += '\n';
      if (auto result = file_->written(); !result) return result;
    }
    return file_->write_out();  // Whoever reads the other end gets alerts as they come.
  }
  Result<void> flush() override { return file_->flush(); }

 private:
  const std::unique_ptr<LineFile> file_;
};

// Text from events goes to a terminal: nothing in it may act as a control sequence. Bytes that are not UTF-8 are dots too.
void append_shown(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t length = utf8_length(text.substr(i));
    const auto first = static_cast<unsigned char>(text[i]);
    const bool c1_control = length == 2 && first == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0;
    if (length == 0 || first < 0x20 || first == 0x7F || c1_control)
      out += "\xC2\xB7";
    else
      out.append(text, i, length);
    i += std::max<std::size_t>(length, 1);
  }
}

// Characters, as a terminal counts most of them.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string_view colour_of(std::string_view severity) {
  if (severity == "critical") return "\x1b[1;37;41m";
  if (severity == "high") return "\x1b[1;31m";
  if (severity == "medium") return "\x1b[33m";
  if (severity == "low") return "\x1b[36m";
  return "\x1b[2m";
}

class TableSink final : public Sink {
 public:
  TableSink(std::unique_ptr<LineFile> file, const TableOptions& options)
      : file_(std::move(file)), terminal_(file_->is_terminal()), colours_(wants_colours(options.colours)), header_due_(options.header) {}

  Result<void> write(std::span<const Alert> alerts) override {
    // Columns that grow stay wide, so the table settles after its first lines.
    for (const Alert& alert : alerts) {
      rule_width_ = std::clamp(width_of(alert.rule->name), rule_width_, kWidestColumn);
      key_width_ = std::clamp(width_of(key_of(alert)), key_width_, kWidestColumn);
    }
    for (const Alert& alert : alerts) {
      if (header_due_) append_header();
      append_row(alert);
      if (auto result = file_->written(); !result) return result;
    }
    return file_->write_out();  // Whoever reads the other end gets alerts as they come.
  }
  Result<void> flush() override { return file_->flush(); }

 private:
  static constexpr std::size_t kTimeWidth = 23;  // 2024-01-31 12:00:00.123
  static constexpr std::size_t kSeverityWidth = 13;
  static constexpr std::size_t kWidestColumn = 40;

  bool wants_colours(TableOptions::Colours colours) const {
    if (colours != TableOptions::Colours::kAuto) return colours == TableOptions::Colours::kAlways;
    return terminal_ && std::getenv("NO_COLOR") == nullptr;
  }

  static std::string key_of(const Alert& alert) {
    std::string key;
    std::string part;
    for (const NamedValue& value : alert.key) {
      if (!key.empty()) key += ", ";
      part.clear();
      append_text(value.value, value.type, part);
      append_shown(part, key);
    }
    return key;
  }

  static std::string said_by(const Alert& alert) {
    std::string text;
    if (alert.withdrawn) text += "withdrawn: ";
    if (!alert.withdrawn && alert.revision > 0) text += "revised: ";
    if (alert.kind != AlertKind::kMatch) text += std::string(to_string(alert.kind)) + ": ";
    std::string part;
    if (!alert.message.empty()) {
      append_shown(alert.message, text);
    } else {
      for (const NamedValue& value : alert.fields) {
        if (&value != alert.fields.data()) text += "  ";
        part.assign(value.name);
        part += '=';
        append_text(value.value, value.type, part);
        append_shown(part, text);
      }
    }
    if (alert.held != 0) text += " (+" + std::to_string(alert.held) + " held back)";
    return text;
  }

  static void append_cell(std::string_view text, std::size_t width, std::string& out) {
    out += text;
    const std::size_t used = width_of(text);
    out.append(used < width ? width - used + 2 : 2, ' ');
  }

  void append_header() {
    header_due_ = false;
    std::string& out = file_->buffer();
    if (colours_) out += "\x1b[1m";
    append_cell("TIME", kTimeWidth, out);
    append_cell("SEVERITY", kSeverityWidth, out);
    append_cell("RULE", rule_width_, out);
    append_cell("KEY", key_width_, out);
    out += "ALERT";
    if (colours_) out += "\x1b[0m";
    out += '\n';
  }

  void append_row(const Alert& alert) {
    std::string& out = file_->buffer();
    std::string time;
    append_time(alert.time, time);
    time[10] = ' ';
    append_cell(std::string_view(time).substr(0, kTimeWidth), kTimeWidth, out);
    const std::string_view severity = alert.rule->severity.empty() ? std::string_view("-") : std::string_view(alert.rule->severity);
    if (colours_) {
      out += colour_of(severity);
      out += severity;
      out += "\x1b[0m";
      out.append(severity.size() < kSeverityWidth ? kSeverityWidth - severity.size() + 2 : 2, ' ');
    } else {
      append_cell(severity, kSeverityWidth, out);
    }
    append_cell(alert.rule->name, rule_width_, out);
    append_cell(key_of(alert), key_width_, out);
    out += said_by(alert);
    out += '\n';
  }

  const std::unique_ptr<LineFile> file_;
  const bool terminal_;
  const bool colours_;
  bool header_due_;
  std::size_t rule_width_ = 12;
  std::size_t key_width_ = 12;
};

class NdjsonDeadLetters final : public DeadLetterSink {
 public:
  explicit NdjsonDeadLetters(std::unique_ptr<LineFile> file) : file_(std::move(file)) {}

  Result<void> write(std::string_view input, std::span<const BadRecord> records) override {
    for (const BadRecord& record : records) {
      append_record(input, record, file_->buffer());
      if (auto result = file_->written(); !result) return result;
    }
    return file_->write_out();
  }
  Result<void> flush() override { return file_->flush(); }

 private:
  static void append_record(std::string_view input, const BadRecord& record, std::string& out) {
    out += "{\"input\":";
    append_json_string(input, out);
    out += ",\"reason\":\"";
    out += to_string(record.reason);
    out += "\",\"record\":";
    append_json_number(record.record, out);
    out += ",\"offset\":";
    append_json_number(record.offset, out);
    out += ",\"detail\":";
    append_json_string(record.detail, out);
    if (is_utf8(record.raw)) {
      out += ",\"raw\":";
      append_json_string(record.raw, out);
    } else {
      out += ",\"raw_base64\":\"";
      append_base64(record.raw, out);
      out += '"';
    }
    out += "}\n";
  }

  const std::unique_ptr<LineFile> file_;
};

}  // namespace

Result<std::unique_ptr<Sink>> open_ndjson_sink(const std::string& path, const FileSinkOptions& options) {
  auto file = LineFile::open(path, options.append);
  if (!file) return file.error();
  return std::unique_ptr<Sink>(std::make_unique<NdjsonSink>(std::move(*file)));
}

Result<std::unique_ptr<Sink>> open_table_sink(const std::string& path, const TableOptions& options) {
  auto file = LineFile::open(path, false);
  if (!file) return file.error();
  return std::unique_ptr<Sink>(std::make_unique<TableSink>(std::move(*file), options));
}

Result<std::unique_ptr<DeadLetterSink>> open_dead_letter_sink(const std::string& path, const FileSinkOptions& options) {
  auto file = LineFile::open(path, options.append);
  if (!file) return file.error();
  return std::unique_ptr<DeadLetterSink>(std::make_unique<NdjsonDeadLetters>(std::move(*file)));
}

bool stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

}  // namespace sequitur
