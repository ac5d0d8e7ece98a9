// Parameters, tuning, schedules.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> reuse_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E160", "a value for a parameter that does not exist",
       "`--set name=value` gives a value to `param name = ..` of the loaded files. None of them has this name.", "", ""},
      {"E161", "a value that does not fit its parameter",
       "A parameter is a value, a list of values or a pattern, written out. What is given from outside must have the same "
       "type; a whole number may stand for a float.",
       R"seq(let low = 5
param limit = low * 2
)seq",
       R"seq(param low = 5
let limit = low * 2
)seq"},
      {"E162", "a `tune` of a rule that does not exist",
       "`tune name` changes the rule of that name, which must be in one of the loaded files.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule failures {
  key    user
  within 5m
  first  f: login{5} where not ok
  emit   alert(user)
}

tune failure {
  severity low
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule failures {
  key    user
  within 5m
  first  f: login{5} where not ok
  emit   alert(user)
}

tune failures {
  severity low
}
)seq"},
      {"E163", "what cannot be tuned",
       "`tune` adds exceptions to the steps of a rule and replaces severity, score, message, meta and limits; it adds tags, and may "
       "disable the "
       "rule. Steps, time limits, key and emit are what the rule is.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule failures {
  key    user
  within 5m
  first  f: login{5} where not ok
  emit   alert(user)
}

tune failures {
  within 10m
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule failures {
  key    user
  within 5m
  first  f: login{5} where not ok
  emit   alert(user)
}

tune failures {
  except f.user == "probe"
  limit 1 per 1d
}
)seq"},
      {"E164", "a schedule that cannot be", "A schedule has days of the week: mon, tue, wed, thu, fri, sat, sun, or a range of them.",
       R"seq(schedule six {
  daily 06:00 on monday..fri
}
)seq",
       R"seq(schedule six {
  daily 06:00 on mon..fri
}
)seq"},
      {"E165", "a tick in a test",
       "Ticks of a schedule come by themselves as time goes on with the events of the test: those later than its first event, up to its "
       "last.",
       R"seq(schedule six {
  daily 06:00
}

test "ticks" {
  6h  six
  expect none
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

schedule six {
  daily 06:00
}

test "ticks" {
  0h  login user=ann
  7h  login user=ann
  expect none
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
