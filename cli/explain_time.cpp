#include "cli/explain_time.hpp"

#include <fmt/format.h>

namespace sequitur::cli {
namespace {

std::string text_of(Duration duration) {
  std::string text;
  append_duration(duration, text);
  return text;
}

std::string watermark_text(const StreamSchema& schema) {
  if (schema.processing_clock) return "the clock when it arrives";
  if (schema.watermark_slot) {
    const std::string field =
        *schema.watermark_slot == kTimeSlot ? "time" : schema.fields[static_cast<std::size_t>(*schema.watermark_slot)].name;
    return "what its field " + field + " says";
  }
  if (schema.lateness_share > 0)
    return fmt::format("greatest time - what {:g}% of the latest events need, at most {}", schema.lateness_share * 100,
                       text_of(schema.lateness));
  return schema.lateness == Duration{0} ? "greatest time" : "greatest time - " + text_of(schema.lateness);
}

std::string late_text(const StreamSchema& schema) {
  if (schema.processing_clock) return "none are late";
  if (schema.late == LatePolicy::kTo) return "late ones go to " + schema.late_to;
  if (schema.late == LatePolicy::kRevise) return "late ones are revised for " + text_of(schema.late_keep);
  return "late ones are dropped";
}

}  // namespace

std::string time_text(const RuleSet& rules) {
  std::string text = "time\n";
  const StreamSchema* holds_back = nullptr;
  for (const StreamSchema& schema : rules.schemas()) {
    if (!schema.external) continue;
    text += fmt::format("  {:<20} watermark: {}; {}\n", schema.name, watermark_text(schema), late_text(schema));
    const bool more = holds_back == nullptr || (schema.watermark_slot && !holds_back->watermark_slot) ||
                      (!holds_back->watermark_slot && schema.lateness > holds_back->lateness);
    if (more) holds_back = &schema;
  }
  if (holds_back != nullptr && holds_back->watermark_slot)
    text += fmt::format("  an input with {} waits for what its events say\n", holds_back->name);
  else if (holds_back != nullptr && holds_back->lateness > Duration{0})
    text += fmt::format("  what holds the watermark back most: {}, by {}\n", holds_back->name, text_of(holds_back->lateness));
  return text;
}

}  // namespace sequitur::cli
