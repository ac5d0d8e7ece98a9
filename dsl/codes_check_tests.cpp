// `test` blocks.
#include "dsl/codes_check_tables.hpp"

namespace sequitur::dsl {

std::span<const CodeInfo> test_codes() {
  static constexpr CodeInfo kCodes[] = {
      {"E150", "a test with an unknown stream", "Events of a test come on declared streams, or on those that rules emit.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   logn user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E151", "a test with an unknown field",
       "Events of a test have the fields of their stream. The event time is the offset at the beginning of the line.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login usr=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E152", "a value of the wrong type in a test", "Values have the type of their field. Words may stand without quotes.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=no tries=1
  expect alert at 0s user=ann n=1
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E153", "a test expects an unknown alert", "Behind `expect` stands a name that some rule emits.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alrt at 0s
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E154", "a test expects an unknown field", "An alert has the fields of its `emit` and the parts of the key.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s m=1
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E156", "an impossible repeat in a test", "An event is repeated at least once and at most a million times.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=true tries=1 {0 every 2s}
  expect none
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=true tries=1 {5 every 2s}
  expect none
}
)seq"},
      {"E157", "`expect none` beside other expectations", "A test expects nothing, or exactly the alerts it names.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
  expect none
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E158", "a test that expects nothing in particular", "A test without `expect` would pass whatever happens.",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
}
)seq",
       R"seq(stream login { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "one failure" {
  0s   login user=ann ok=false tries=1
  expect alert at 0s user=ann n=1
}
)seq"},
      {"E159", "an event that cannot arrive then",
       "`arrives 20s` says that a late event comes when the events up to 20s have come. It is one event, and it does not come before "
       "it happens.",
       R"seq(stream login late revise { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "late" {
  9s   login user=bob ok=true tries=1
  5s   login user=ann ok=false tries=1 arrives 2s
  expect alert at 5s user=ann n=1
}
)seq",
       R"seq(stream login late revise { user: string, ok: bool, ip: string?, tries: int }

rule r {
  key    user
  first  a: login where not ok
  emit   alert(user, n = a.tries)
}

test "late" {
  9s   login user=bob ok=true tries=1
  5s   login user=ann ok=false tries=1 arrives 9s
  expect alert at 5s user=ann n=1
}
)seq"},
  };
  return kCodes;
}

}  // namespace sequitur::dsl
