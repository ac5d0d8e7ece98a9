// Streams: what is wrong with a declaration.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> stream_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E050", "a stream is declared twice",
       "Streams of all loaded files share one set of names, also with named filters (`stream a = b where ..`). Two blocks of "
       "one name could say different things.",
       R"seq(stream login { user: string }
stream login { user: string, ok: bool }
)seq",
       R"seq(stream login { user: string, ok: bool }
stream logout { user: string }
)seq"},
      {"E051", "unknown type", "The types of fields are bool, int, float, string, time and duration.",
       R"seq(stream login { user: text }
)seq",
       R"seq(stream login { user: string }
)seq"},
      {"E052", "a list of lists", "A list holds values, or records of values. Neither is a list again.",
       R"seq(stream process { host: string, args: string[][] }
)seq",
       R"seq(stream process { host: string, args: { name: string, value: string? }[] }
)seq"},
      {"E053", "a field is declared twice",
       "Nested and dotted spelling declare the same field: `host: { id: string }` and `host.id: string`.",
       R"seq(stream login { user: string, host.id: string, host: { id: string } }
)seq",
       R"seq(stream login { user: string, host: { id: string } }
)seq"},
      {"E054", "a field is both a value and a record", "A name stands for a value or holds further fields, not both.",
       R"seq(stream process { host: string, host.id: string }
)seq",
       R"seq(stream process { host.name: string, host.id: string }
)seq"},
      {"E055", "the event time is not of type time",
       "The field named after `time` is read by the format that stands there. In rules it is a point in time, so it cannot be "
       "declared as something else.",
       R"seq(stream login time ts ms { ts: int, user: string }
)seq",
       R"seq(stream login time ts ms { ts: time, user: string }
)seq"},
      {"E056", "a field `time` that is not the event time",
       "In conditions `time` is always the event time. A declared field `time` must be that field.",
       R"seq(stream login time ts ms { time: string, user: string }
)seq",
       R"seq(stream login time ts ms { created: string from "time", user: string }
)seq"},
      {"E057", "a time format that cannot be read",
       "Behind the name of the time field stands a unit (s, ms, us, ns) of a number, or `format` and a text with the letters "
       "of strptime. It must name at least month and day.",
       R"seq(stream login time ts format "%H:%M:%S" { user: string }
)seq",
       R"seq(stream login time ts format "%Y-%m-%d %H:%M:%S" { user: string }
)seq"},
      {"E058", "`when` of a stream is too much",
       "`when` decides which records belong to the stream before they are decoded. So it only compares fields of the record "
       "with constants, joined by `and`.",
       R"seq(stream trade when size > 5 { symbol: string }
)seq",
       R"seq(stream trade when kind == "T" and venue in ["X", "Y"] { symbol: string }
)seq"},
      {"E059", "the line pattern has no capture for a field",
       "A stream of text lines takes its fields from the named captures of its pattern; also the time.",
       R"seq(stream sshd line /^(?P<time>\S+) (?P<host>\S+)/ { host: string, user: string }
)seq",
       R"seq(stream sshd line /^(?P<time>\S+) (?P<host>\S+) (?P<user>\w+)/ { host: string, user: string }
)seq"},
      {"E060", "two captures of one name", "A field takes its value from one place of the line.",
       R"seq(stream sshd line /^(?P<time>\S+) (?P<host>\S+) (?P<host>\w+)/ { host: string }
)seq",
       R"seq(stream sshd line /^(?P<time>\S+) (?P<host>\S+) (?P<user>\w+)/ { host: string, user: string }
)seq"},
      {"E061", "`nocase` on what is no text",
       "`nocase` makes comparisons, lists and keys of a text blind to upper and lower case. Other types have no case.",
       R"seq(stream login { user: string, tries: int nocase }
)seq",
       R"seq(stream login { user: string nocase, tries: int }
)seq"},
      {"E062", "a record without fields", "A record exists through the fields that rules use.",
       R"seq(stream process { host: { } }
)seq",
       R"seq(stream process { host: { name: string } }
)seq"},
      {"E063", "a time format without a year",
       "Syslog and its like write no year. Say which year the first line is of; a step back of more than half a year counts as "
       "the next year.",
       R"seq(stream sshd time ts format "%b %d %H:%M:%S" { ts: time, host: string }
)seq",
       R"seq(stream sshd time ts format "%b %d %H:%M:%S" year 2024 { ts: time, host: string }
)seq"},
      {"E064", "an option of a stream stands twice", "Each of time, lateness, watermark, future, late, clock and line is said once.",
       R"seq(stream login lateness 5s lateness 10s { user: string }
)seq",
       R"seq(stream login lateness 10s { user: string }
)seq"},
      {"E076", "late events to something else",
       "`late to NAME` makes a stream NAME, with the fields of the late events. It cannot be a stream that comes from outside, a "
       "named filter, or what a rule emits.",
       R"seq(stream login late to logout { user: string }
stream logout { user: string }
)seq",
       R"seq(stream login late to late_login { user: string }
stream logout { user: string }
)seq"},
      {"E077", "late events with fields of two types",
       "The late events of several streams may go to one stream; its fields are those of all of them, so a name has one type.",
       R"seq(stream login late to late { user: string }
stream order late to late { user: int }
)seq",
       R"seq(stream login late to late_login { user: string }
stream order late to late_order { user: int }
)seq"},
      {"E078", "an option without meaning under `clock processing`",
       "Under `clock processing` the event time is the time of arrival: no event is out of order or late, and no field holds the "
       "event time.",
       R"seq(stream login time ts clock processing { ts: time, user: string }
)seq",
       R"seq(stream login clock processing { ts: time, user: string }
)seq"},
      {"E079", "a watermark that cannot be known",
       "`watermark FIELD` names a field of type time. `lateness 99% up to 1m` adapts to how late 99 % of the events are; a share "
       "below 50 % or of 100 % is no such thing.",
       R"seq(stream login lateness 100% up to 1m { user: string }
)seq",
       R"seq(stream login lateness 99% up to 1m { user: string }
)seq"},
      {"E070", "unknown stream",
       "Steps, guards and named filters name streams that some loaded file declares. A misspelt name would otherwise be a rule "
       "that never fires.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: logn
  emit   alert(user)
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login
  emit   alert(user)
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
