/* The interface for C, in C: everything that sequitur.h has is called. Prints "ok", or the line of what does not hold. */
#include <math.h>
#include <sequitur/sequitur.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(condition)                                       \
  do {                                                         \
    if (!(condition)) {                                        \
      printf("line %d does not hold: " #condition "\n", __LINE__); \
      exit(1);                                                 \
    }                                                          \
  } while (0)

static const char kStreams[] =
    "stream auth time ts us { card: string, amount: float, declined: bool?, n: int?, fee: decimal?, at: time?, `from`: ip? }\n"
    "param LEAST = 3\n";
static const char kTesting[] =
    "rule testing \"Small probes\" { severity high  key card  within 10m  first probe: auth{3..} where declined\n"
    "  then hit: auth where not declined and amount > 20 * avg(probe.amount)\n"
    "  emit fraud(card, probes = count(probe), amount = hit.amount, fee = hit.fee, at = hit.at, ips = [hit.`from`])\n"
    "  message \"{count(probe)} probes\" }\n";
static const char kLarge[] = "rule large { key card  first a: auth where amount >= LEAST  emit large(card) }\n";
static const char kSilent[] = "rule silent { key card  first a: auth where n == 1  no b: auth where n == 2 for 1m  emit silent(card) }\n";

struct seen {
  int alerts;
  int probes;
  double amount;
  char id[33];
  char card[16];
  char rule[16];
  sequitur_engine* engine;
};

static int is(const char* a, const char* b) { return a != NULL && strcmp(a, b) == 0; }

static void on_alert(void* user, const sequitur_alert* alert) {
  struct seen* seen = user;
  sequitur_value value;
  size_t size = 0;
  ++seen->alerts;
  snprintf(seen->rule, sizeof seen->rule, "%s", sequitur_alert_rule(alert));
  value = sequitur_alert_get(alert, "card");
  CHECK(value.type == SEQUITUR_STRING && value.data[value.size] == '\0');
  snprintf(seen->card, sizeof seen->card, "%s", value.data);
  CHECK(sequitur_engine_finish(seen->engine) == SEQUITUR_BUSY);
  CHECK(is(sequitur_alert_key_name(alert, 0), "card") && sequitur_alert_key_count(alert) == 1);
  CHECK(sequitur_alert_key(alert, 0).size == strlen(seen->card));
  CHECK(sequitur_alert_key_name(alert, 1) == NULL && sequitur_alert_key(alert, 1).type == SEQUITUR_NULL);
  CHECK(strlen(sequitur_alert_json(alert, &size)) == size && strstr(sequitur_alert_json(alert, NULL), "\"evidence\"") != NULL);
  if (!is(seen->rule, "testing")) return;
  sequitur_alert_id(alert, seen->id);
  seen->probes = (int)sequitur_alert_get(alert, "probes").i;
  seen->amount = sequitur_alert_get(alert, "amount").f;
  CHECK(is(sequitur_alert_title(alert), "Small probes") && is(sequitur_alert_severity(alert), "high"));
  CHECK(is(sequitur_alert_stream(alert), "fraud") && is(sequitur_alert_message(alert), "3 probes"));
  CHECK(sequitur_alert_kind_of(alert) == SEQUITUR_MATCH && isnan(sequitur_alert_score(alert)));
  CHECK(sequitur_alert_first(alert) == 1000 && sequitur_alert_last(alert) == 4000 && sequitur_alert_time(alert) == 4000);
  CHECK(sequitur_alert_field_count(alert) == 6 && is(sequitur_alert_field_name(alert, 1), "probes"));
  CHECK(sequitur_alert_field(alert, 1).i == 3 && sequitur_alert_field(alert, 9).type == SEQUITUR_NULL);
  CHECK(sequitur_alert_get(alert, "fee").type == SEQUITUR_DECIMAL && sequitur_alert_get(alert, "fee").i == 2000000);
  CHECK(sequitur_alert_get(alert, "at").type == SEQUITUR_TIME && sequitur_alert_get(alert, "at").i == 77);
  CHECK(sequitur_alert_get(alert, "ips").type == SEQUITUR_LIST && is(sequitur_alert_get(alert, "ips").data, "[\"10.0.0.1\"]"));
  CHECK(sequitur_alert_get(alert, "nothing").type == SEQUITUR_NULL && sequitur_alert_field_name(alert, 9) == NULL);
}

static sequitur_value text(const char* bytes) {
  sequitur_value value = {SEQUITUR_STRING, 0, 0, 0, bytes, strlen(bytes)};
  return value;
}
static sequitur_value number(sequitur_type type, int64_t i) {
  sequitur_value value = {type, 0, i, 0, NULL, 0};
  return value;
}
static sequitur_value real(double f) {
  sequitur_value value = {SEQUITUR_FLOAT, 0, 0, f, NULL, 0};
  return value;
}

static void push_probes(sequitur_engine* engine, int32_t auth) {
  sequitur_value probe[3];
  sequitur_row rows[3];
  size_t taken = 0;
  probe[0] = text("4000");
  probe[1] = real(1.5);
  probe[2] = number(SEQUITUR_BOOL, 1);
  for (int i = 0; i < 3; ++i) rows[i] = (sequitur_row){1000 * (i + 1), auth, 3, probe};
  CHECK(sequitur_engine_push_rows(engine, rows, 3, &taken, NULL) == SEQUITUR_OK && taken == 3);
}

static void push_hit(sequitur_engine* engine, int32_t auth) {
  sequitur_value hit[7];
  hit[0] = text("4000");
  hit[1] = number(SEQUITUR_INT, 480); /* Whole numbers are taken for floats, and for decimals. */
  hit[2] = number(SEQUITUR_BOOL, 0);
  hit[3] = number(SEQUITUR_NULL, 0);
  hit[4] = number(SEQUITUR_INT, 2);
  hit[5] = number(SEQUITUR_TIME, 77);
  hit[6] = (sequitur_value){SEQUITUR_IP, 0, 0, 0, "\x0a\x00\x00\x01", 4};
  CHECK(sequitur_engine_push(engine, auth, 4000, hit, 7, NULL) == SEQUITUR_OK);
}

static void test_rules(void) {
  char* report = NULL;
  sequitur_rules* rules = sequitur_rules_new();
  CHECK(sequitur_rules_put(rules, "a.seq", "rule r { first x: nothing  emit y() }") == SEQUITUR_OK);
  CHECK(sequitur_rules_check(rules, &report) == SEQUITUR_BAD_RULES && strstr(report, "--> a.seq:1:") != NULL);
  sequitur_free(report);
  report = NULL;
  CHECK(sequitur_engine_new(rules, NULL, NULL, NULL, &report) == NULL && strstr(report, "error[") != NULL);
  sequitur_free(report);
  CHECK(sequitur_rules_remove(rules, "a.seq") == SEQUITUR_OK && sequitur_rules_remove(rules, "a.seq") == SEQUITUR_BAD_ARGUMENT);
  CHECK(sequitur_rules_check(rules, &report) == SEQUITUR_OK && is(report, ""));
  sequitur_free(report);
  report = NULL;
  CHECK(sequitur_rules_read(rules, "/no/such/file.seq", &report) == SEQUITUR_CANNOT_READ && strstr(report, "/no/such/file.seq") != NULL);
  sequitur_free(report);
  CHECK(sequitur_rules_put(rules, NULL, "") == SEQUITUR_BAD_ARGUMENT && sequitur_rules_check(NULL, NULL) == SEQUITUR_BAD_ARGUMENT);
  sequitur_rules_delete(rules);
  sequitur_rules_delete(NULL);
}

static void test_rows(sequitur_rules* rules) {
  struct seen seen;
  sequitur_options options = {sizeof options, 2, 0, 0, 0, 0, 0};
  char *error = NULL, *bytes = NULL, *parts[4];
  size_t size = 0, sizes[4];
  sequitur_engine *engine, *other;
  sequitur_counters counters;
  sequitur_value wrong[1];
  int32_t auth;
  memset(&seen, 0, sizeof seen);
  engine = sequitur_engine_new(rules, &options, on_alert, &seen, &error);
  CHECK(engine != NULL && error == NULL);
  seen.engine = engine;
  auth = sequitur_engine_stream(engine, "auth");
  CHECK(auth >= 0 && sequitur_engine_stream(engine, "nothing") == -1 && sequitur_engine_stream_count(engine) >= 1);
  CHECK(is(sequitur_engine_stream_name(engine, auth), "auth") && sequitur_engine_stream_name(engine, 99) == NULL);
  CHECK(sequitur_engine_field_count(engine, auth) == 8 && sequitur_engine_field(engine, auth, "amount") == 1);
  CHECK(is(sequitur_engine_field_name(engine, auth, 1), "amount") && sequitur_engine_field_name(engine, auth, 8) == NULL);
  CHECK(sequitur_engine_field_type(engine, auth, 1) == SEQUITUR_FLOAT && sequitur_engine_field_type(engine, auth, 6) == SEQUITUR_IP);

  push_probes(engine, auth);
  CHECK(sequitur_engine_snapshot(engine, &bytes, &size, NULL) == SEQUITUR_OK && size > 0);
  CHECK(sequitur_engine_snapshot_groups(engine, 3, parts, sizes, NULL) == SEQUITUR_OK);
  push_hit(engine, auth);
  CHECK(seen.alerts == 1 && seen.probes == 3 && seen.amount == 480 && is(seen.card, "4000") && strlen(seen.id) == 32);
  CHECK(sequitur_engine_time(engine) == 4000);
  CHECK(sequitur_engine_counters(engine, &counters) == SEQUITUR_OK && counters.events == 4 && counters.alerts == 1);

  /* Back to before the hit, whole and by key group, in this engine and in another one. */
  CHECK(sequitur_engine_restore(engine, bytes, size, NULL) == SEQUITUR_OK);
  push_hit(engine, auth);
  CHECK(seen.alerts == 2);
  other = sequitur_engine_new(rules, NULL, on_alert, &seen, NULL);
  CHECK(sequitur_engine_restore_groups(other, (const char* const*)parts, sizes, 4, NULL) == SEQUITUR_OK);
  seen.engine = other;
  push_hit(other, auth);
  CHECK(seen.alerts == 3);
  bytes[size - 1] ^= 1;
  CHECK(sequitur_engine_restore(other, bytes, size, &error) == SEQUITUR_BAD_SNAPSHOT && strstr(error, "damaged") != NULL);
  sequitur_free(error);
  error = NULL;
  sequitur_free(bytes);
  for (int i = 0; i < 4; ++i) sequitur_free(parts[i]);

  wrong[0] = number(SEQUITUR_INT, 1);
  CHECK(sequitur_engine_push(engine, auth, 5000, wrong, 1, &error) == SEQUITUR_BAD_ARGUMENT);
  CHECK(is(error, "row 0: field card of stream auth is string, not int"));
  sequitur_free(error);
  error = NULL;
  wrong[0] = text("4000");
  CHECK(sequitur_engine_push(engine, auth, 1, wrong, 1, &error) == SEQUITUR_OUT_OF_ORDER && is(error, "event 0 is earlier than one before it"));
  sequitur_free(error);
  error = NULL;
  CHECK(sequitur_engine_push(engine, 99, 5000, wrong, 1, NULL) == SEQUITUR_BAD_ARGUMENT);
  CHECK(sequitur_engine_push(engine, auth, 5000, wrong, 99, NULL) == SEQUITUR_BAD_ARGUMENT);
  CHECK(sequitur_engine_push(NULL, auth, 5000, wrong, 1, NULL) == SEQUITUR_BAD_ARGUMENT);
  sequitur_engine_delete(other);
  sequitur_engine_delete(engine);
  sequitur_engine_delete(NULL);
}

static void test_columns(sequitur_rules* rules) {
  struct seen seen;
  const int64_t times[] = {0, 1000, 2000, 3000, 4000};
  const char bytes[] = "xx4000400040004000";
  const int32_t offsets[] = {0, 2, 6, 10, 14, 18};
  const double amounts[] = {0, 1.5, 1.5, 1.5, 480};
  const uint8_t declined[] = {0x0f}; /* The first four. */
  const char* const cards[] = {"4000", "4000", "4000", "4000"};
  const int32_t whole[] = {1, 2, 1, 480};
  const uint8_t flags[] = {1, 1, 1, 0};
  const int64_t fees[] = {0, 0, 0, 2000000};
  sequitur_column columns[4];
  size_t taken = 0;
  char* error = NULL;
  int32_t auth;
  sequitur_engine* engine;
  memset(&seen, 0, sizeof seen);
  memset(columns, 0, sizeof columns);
  engine = sequitur_engine_new(rules, NULL, on_alert, &seen, NULL);
  seen.engine = engine;
  auth = sequitur_engine_stream(engine, "auth");
  /* As Arrow has it, the first element left out. The alert of the next lines wants values that are not here. */
  columns[0] = (sequitur_column){"card", SEQUITUR_TEXT_OFFSETS32, 0, bytes, offsets, NULL, 1};
  columns[1] = (sequitur_column){"amount", SEQUITUR_FLOAT64, 0, amounts, NULL, NULL, 1};
  columns[2] = (sequitur_column){"declined", SEQUITUR_BITS, 0, declined, NULL, NULL, 1};
  CHECK(sequitur_engine_push_columns(engine, auth, times + 1, columns, 3, 3, &taken, NULL) == SEQUITUR_OK && taken == 3);
  CHECK(seen.alerts == 0);
  push_hit(engine, auth);
  CHECK(seen.alerts == 1 && seen.probes == 3);
  sequitur_engine_delete(engine);

  /* Other layouts, and a bit for each value that says whether it is there. */
  const uint8_t there[] = {0x0b};
  engine = sequitur_engine_new(rules, NULL, NULL, NULL, NULL);
  columns[0] = (sequitur_column){"card", SEQUITUR_TEXT_POINTERS, 0, cards, NULL, there, 0};
  columns[1] = (sequitur_column){"amount", SEQUITUR_INT32, 0, whole, NULL, NULL, 0};
  columns[2] = (sequitur_column){"declined", SEQUITUR_BYTES1, 0, flags, NULL, NULL, 0};
  columns[3] = (sequitur_column){"fee", SEQUITUR_INT64, 0, fees, NULL, NULL, 0};
  CHECK(sequitur_engine_push_columns(engine, auth, times, columns, 4, 4, &taken, NULL) == SEQUITUR_OK && taken == 4);
  columns[1].layout = SEQUITUR_BITS;
  CHECK(sequitur_engine_push_columns(engine, auth, times, columns, 4, 4, &taken, &error) == SEQUITUR_BAD_ARGUMENT);
  CHECK(taken == 0 && is(error, "field amount of stream auth is float: layout 11 is none of it"));
  sequitur_free(error);
  error = NULL;
  columns[1].layout = SEQUITUR_INT32;
  CHECK(sequitur_engine_push_columns(engine, auth, times, columns, 4, 4, &taken, &error) == SEQUITUR_OUT_OF_ORDER && taken == 0);
  sequitur_free(error);
  columns[1].field = "nothing";
  CHECK(sequitur_engine_push_columns(engine, auth, times, columns, 4, 4, NULL, NULL) == SEQUITUR_BAD_ARGUMENT);
  sequitur_engine_delete(engine);
}

static void test_rules_that_change(sequitur_rules* rules) {
  struct seen seen;
  sequitur_value event[4];
  sequitur_engine* engine;
  int32_t auth;
  char* error = NULL;
  memset(&seen, 0, sizeof seen);
  engine = sequitur_engine_new(rules, NULL, on_alert, &seen, NULL);
  seen.engine = engine;
  auth = sequitur_engine_stream(engine, "auth");
  push_probes(engine, auth);
  CHECK(sequitur_rules_put(rules, "large.seq", kLarge) == SEQUITUR_OK && sequitur_rules_put(rules, "silent.seq", kSilent) == SEQUITUR_OK);
  CHECK(sequitur_rules_set_param(rules, "LEAST", "400") == SEQUITUR_OK);
  CHECK(sequitur_engine_replace_rules(engine, rules, &error) == SEQUITUR_OK);
  push_hit(engine, sequitur_engine_stream(engine, "auth"));
  CHECK(seen.alerts == 2 && seen.probes == 3); /* Of the rule that stayed, with its probes, and of the new one. */

  event[0] = text("5000");
  event[1] = real(1);
  event[2] = number(SEQUITUR_NULL, 0);
  event[3] = number(SEQUITUR_INT, 1);
  CHECK(sequitur_engine_push(engine, auth, 5000, event, 4, NULL) == SEQUITUR_OK && seen.alerts == 2);
  CHECK(sequitur_engine_advance(engine, 60005001) == SEQUITUR_OK && seen.alerts == 3 && is(seen.rule, "silent"));

  CHECK(sequitur_rules_put(rules, "large.seq", "rule") == SEQUITUR_OK);
  CHECK(sequitur_engine_replace_rules(engine, rules, &error) == SEQUITUR_BAD_RULES && error != NULL);
  sequitur_free(error);
  CHECK(sequitur_engine_finish(engine) == SEQUITUR_OK);
  sequitur_engine_delete(engine);
}

int main(void) {
  sequitur_rules* rules = sequitur_rules_new();
  CHECK(is(sequitur_version(), "0.1.0"));
  CHECK(sequitur_rules_put(rules, "streams.seq", kStreams) == SEQUITUR_OK && sequitur_rules_put(rules, "testing.seq", kTesting) == SEQUITUR_OK);
  test_rules();
  test_rows(rules);
  test_columns(rules);
  test_rules_that_change(rules);
  sequitur_rules_delete(rules);
  puts("ok");
  return 0;
}
