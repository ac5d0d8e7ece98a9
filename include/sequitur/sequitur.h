/* Sequitur from C, and from every language that can call C.
 *
 *     sequitur_rules* rules = sequitur_rules_new();
 *     char* error = NULL;
 *     sequitur_rules_put(rules, "card.seq", text);
 *     sequitur_engine* engine = sequitur_engine_new(rules, NULL, on_alert, user, &error);
 *     if (engine == NULL) { fputs(error, stderr); sequitur_free(error); }
 *     sequitur_engine_push(engine, stream, time_us, values, count, NULL);
 *     sequitur_engine_delete(engine);
 *     sequitur_rules_delete(rules);
 *
 * Times and durations are whole microseconds; times count from 1970-01-01T00:00:00Z. All texts are UTF-8; what is handed in is
 * copied or used during the call only, but for `user`.
 *
 * Errors. Functions that can fail return a sequitur_status; those that make something return NULL. `error`, if it is not NULL, then
 * receives a text for people, to be released by sequitur_free(); it is left alone on success. Nothing throws, nothing is printed, no
 * function uses global state.
 *
 * Threads. A handle is used by one thread at a time; different handles are independent of each other.
 */
#ifndef SEQUITUR_SEQUITUR_H
#define SEQUITUR_SEQUITUR_H

#include <stddef.h>
#include <stdint.h>

#include "sequitur/export.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct sequitur_rules sequitur_rules;   /* Rule files by name. */
typedef struct sequitur_engine sequitur_engine; /* An engine, its rules, what it remembers. */
typedef struct sequitur_alert sequitur_alert;   /* Valid during the callback that is given it. */

typedef enum sequitur_status {
  SEQUITUR_OK = 0,
  SEQUITUR_BAD_RULES = 1,    /* The rules have errors: the text is what the command prints, with lines and carets. */
  SEQUITUR_BAD_ARGUMENT = 2, /* A null pointer, no such stream or field, a value of another type. */
  SEQUITUR_OUT_OF_ORDER = 3, /* An event is earlier than one before it. */
  SEQUITUR_BAD_SNAPSHOT = 4, /* Damaged, or of other rules. */
  SEQUITUR_BUSY = 5,         /* The engine is delivering alerts: its callback must not use it. */
  SEQUITUR_CANNOT_READ = 6,  /* A file. */
  SEQUITUR_NO_MEMORY = 7,    /* The handle can only be deleted. */
  SEQUITUR_FAILED = 8
} sequitur_status;

/* "0.1.0". */
SEQUITUR_API const char* sequitur_version(void);
/* Texts and bytes that this interface returned by `char**`. NULL is allowed. */
SEQUITUR_API void sequitur_free(void* memory);

/* ---- Values ---- */

typedef enum sequitur_type {
  SEQUITUR_NULL = 0,
  SEQUITUR_BOOL = 1,     /* i: 0 or 1 */
  SEQUITUR_INT = 2,      /* i */
  SEQUITUR_FLOAT = 3,    /* f */
  SEQUITUR_STRING = 4,   /* data, size; need not end with a zero */
  SEQUITUR_TIME = 5,     /* i: microseconds */
  SEQUITUR_DURATION = 6, /* i: microseconds */
  SEQUITUR_DECIMAL = 7,  /* i: millionths */
  SEQUITUR_IP = 8,       /* data, size: 16 bytes in network order (IPv4 as ::ffff:a.b.c.d); 4 bytes are taken as well */
  SEQUITUR_LIST = 9      /* Only in alerts: data, size: the list as JSON */
} sequitur_type;

typedef struct sequitur_value {
  int32_t type; /* sequitur_type */
  int32_t reserved;
  int64_t i;
  double f;
  const char* data;
  size_t size;
} sequitur_value;

/* ---- Rules ---- */

SEQUITUR_API sequitur_rules* sequitur_rules_new(void);
SEQUITUR_API void sequitur_rules_delete(sequitur_rules* rules);
/* Adds a file, or takes the place of that of the same name. `text` ends with a zero. It is read by sequitur_engine_new(). */
SEQUITUR_API sequitur_status sequitur_rules_put(sequitur_rules* rules, const char* name, const char* text);
/* A file, or all *.seq below a folder, with all they import. */
SEQUITUR_API sequitur_status sequitur_rules_read(sequitur_rules* rules, const char* path, char** error);
/* SEQUITUR_BAD_ARGUMENT if there is no such file. */
SEQUITUR_API sequitur_status sequitur_rules_remove(sequitur_rules* rules, const char* name);
/* The value of a `param`, as text; takes the place of the one that the files say. */
SEQUITUR_API sequitur_status sequitur_rules_set_param(sequitur_rules* rules, const char* name, const char* value);
/* Whether the files have no errors. `report`, if not NULL, receives errors and warnings, "" if there are none; sequitur_free() it. */
SEQUITUR_API sequitur_status sequitur_rules_check(const sequitur_rules* rules, char** report);

/* ---- Engines ---- */

/* Zero everywhere means the default everywhere. Members that newer versions add come behind `size`. */
typedef struct sequitur_options {
  size_t size;                /* sizeof(sequitur_options) */
  uint32_t threads;           /* 1: everything in the calling thread (the default). */
  uint32_t max_runs;          /* Live runs per rule and key. */
  uint32_t max_run_events;    /* Events that one run may hold. */
  uint32_t max_tick_keys;     /* Keys of one rule that the ticks of a schedule reach. */
  uint32_t max_window_events; /* Events that a window remembers. */
  int32_t assume_silent;      /* A looking-back `no` counts time before the first event as silent. */
} sequitur_options;

/* Called with one alert after the other, in their order, within the call that caused them. It must not use the engine, and must not
 * unwind (no C++ exception, no longjmp). */
typedef void (*sequitur_on_alert)(void* user, const sequitur_alert* alert);

/* NULL and `error` if the rules have errors. `options` and `on_alert` may be NULL. The engine does not need `rules` any more. */
SEQUITUR_API sequitur_engine* sequitur_engine_new(const sequitur_rules* rules, const sequitur_options* options, sequitur_on_alert on_alert,
                                                  void* user, char** error);
SEQUITUR_API void sequitur_engine_delete(sequitur_engine* engine);

/* Adds, replaces and removes rules while the engine runs: rules that are the same as before go on with all they remember, the others
 * begin anew. On an error the engine is as it was. Numbers of streams and fields may change. */
SEQUITUR_API sequitur_status sequitur_engine_replace_rules(sequitur_engine* engine, const sequitur_rules* rules, char** error);

/* The number of a stream, of a field of it (its place in a row), and what they are; -1 or NULL if there is none. The names live until the
 * rules are replaced. */
SEQUITUR_API int32_t sequitur_engine_stream(const sequitur_engine* engine, const char* name);
SEQUITUR_API int32_t sequitur_engine_field(const sequitur_engine* engine, int32_t stream, const char* name);
SEQUITUR_API size_t sequitur_engine_stream_count(const sequitur_engine* engine);
SEQUITUR_API const char* sequitur_engine_stream_name(const sequitur_engine* engine, int32_t stream);
SEQUITUR_API size_t sequitur_engine_field_count(const sequitur_engine* engine, int32_t stream);
SEQUITUR_API const char* sequitur_engine_field_name(const sequitur_engine* engine, int32_t stream, int32_t field);
SEQUITUR_API sequitur_type sequitur_engine_field_type(const sequitur_engine* engine, int32_t stream, int32_t field);

/* One event: the values of the fields in their order, fewer than all if the rest is null. Its alerts have been delivered when the call
 * returns. A value of the type int is taken for fields of type float and decimal too. */
SEQUITUR_API sequitur_status sequitur_engine_push(sequitur_engine* engine, int32_t stream, int64_t time_us, const sequitur_value* values,
                                                  size_t count, char** error);

typedef struct sequitur_row {
  int64_t time_us;
  int32_t stream;
  uint32_t count;
  const sequitur_value* values;
} sequitur_row;

/* Many events, of any streams, in the order of their times. `taken`, if not NULL, receives how many were evaluated: fewer than `count` on
 * an error only, which is about the next row. */
SEQUITUR_API sequitur_status sequitur_engine_push_rows(sequitur_engine* engine, const sequitur_row* rows, size_t count, size_t* taken,
                                                       char** error);

/* Arrays as numpy, Arrow and data frames have them. */
typedef enum sequitur_layout {
  SEQUITUR_INT8 = 1,
  SEQUITUR_INT16 = 2,
  SEQUITUR_INT32 = 3,
  SEQUITUR_INT64 = 4, /* Also of time, duration (microseconds) and decimal (millionths). */
  SEQUITUR_UINT8 = 5,
  SEQUITUR_UINT16 = 6,
  SEQUITUR_UINT32 = 7,
  SEQUITUR_FLOAT32 = 8,
  SEQUITUR_FLOAT64 = 9,         /* NaN is null. */
  SEQUITUR_BYTES1 = 10,         /* Of bool: one byte a value. */
  SEQUITUR_BITS = 11,           /* Of bool: one bit a value, the lowest first, as Arrow's. */
  SEQUITUR_TEXT_OFFSETS32 = 12, /* Arrow's utf8: `data` are the bytes, `offsets` int32_t[rows + 1]. */
  SEQUITUR_TEXT_OFFSETS64 = 13, /* Arrow's large_utf8: int64_t[rows + 1]. */
  SEQUITUR_TEXT_POINTERS = 14   /* const char*[rows], each ending with a zero; NULL is null. */
} sequitur_layout;

typedef struct sequitur_column {
  const char* field; /* Its name in the rules. */
  int32_t layout;    /* sequitur_layout */
  int32_t reserved;
  const void* data;
  const void* offsets;     /* Of the first two text layouts. */
  const uint8_t* validity; /* NULL: nothing is missing; else one bit a row, the lowest first: 0 is null. */
  size_t first;            /* Row 0 is that many elements (bits) behind the beginning of the arrays: Arrow's offset. */
} sequitur_column;

/* Many events of one stream, in the order of their times. Fields without a column are null. */
SEQUITUR_API sequitur_status sequitur_engine_push_columns(sequitur_engine* engine, int32_t stream, const int64_t* times_us,
                                                          const sequitur_column* columns, size_t column_count, size_t rows, size_t* taken,
                                                          char** error);

/* The clock by hand: no event before it will come; deadlines up to it fire. */
SEQUITUR_API sequitur_status sequitur_engine_advance(sequitur_engine* engine, int64_t time_us);
/* Nothing more will come: every deadline fires. */
SEQUITUR_API sequitur_status sequitur_engine_finish(sequitur_engine* engine);
/* Of the latest event or watermark; INT64_MIN + 1 before the first. */
SEQUITUR_API int64_t sequitur_engine_time(const sequitur_engine* engine);

typedef struct sequitur_counters {
  uint64_t events, alerts, live_runs, live_keys, state_bytes;
} sequitur_counters;
SEQUITUR_API sequitur_status sequitur_engine_counters(const sequitur_engine* engine, sequitur_counters* counters);

/* All that the engine remembers; sequitur_free() it. */
SEQUITUR_API sequitur_status sequitur_engine_snapshot(const sequitur_engine* engine, char** bytes, size_t* size, char** error);
/* Replaces all that the engine remembers, whose rules must be those of the snapshot. On an error it is as it was. */
SEQUITUR_API sequitur_status sequitur_engine_restore(sequitur_engine* engine, const char* bytes, size_t size, char** error);

/* The same by key group: parts[0] belongs to no key, parts[1 + g] are the keys whose hash is g modulo `groups` (1 to 65,536). `parts` and
 * `sizes` have groups + 1 elements; sequitur_free() each part. */
SEQUITUR_API sequitur_status sequitur_engine_snapshot_groups(const sequitur_engine* engine, uint32_t groups, char** parts, size_t* sizes,
                                                             char** error);
/* Part 0, and any of the others of the same snapshot. */
SEQUITUR_API sequitur_status sequitur_engine_restore_groups(sequitur_engine* engine, const char* const* parts, const size_t* sizes,
                                                            size_t count, char** error);

/* ---- Alerts ---- */

typedef enum sequitur_alert_kind { SEQUITUR_MATCH = 0, SEQUITUR_TIMEOUT = 1, SEQUITUR_BREAK = 2, SEQUITUR_CLEAR = 3 } sequitur_alert_kind;

/* 32 hexadecimal digits and a zero. */
SEQUITUR_API void sequitur_alert_id(const sequitur_alert* alert, char id[33]);
/* All texts live as long as the alert; "" where there is none. */
SEQUITUR_API const char* sequitur_alert_rule(const sequitur_alert* alert);
SEQUITUR_API const char* sequitur_alert_title(const sequitur_alert* alert);
SEQUITUR_API const char* sequitur_alert_severity(const sequitur_alert* alert);
SEQUITUR_API const char* sequitur_alert_stream(const sequitur_alert* alert); /* The name behind `emit`. */
SEQUITUR_API const char* sequitur_alert_message(const sequitur_alert* alert);
SEQUITUR_API sequitur_alert_kind sequitur_alert_kind_of(const sequitur_alert* alert);
SEQUITUR_API int64_t sequitur_alert_time(const sequitur_alert* alert);  /* Of detection. */
SEQUITUR_API int64_t sequitur_alert_first(const sequitur_alert* alert); /* Of the events taken. */
SEQUITUR_API int64_t sequitur_alert_last(const sequitur_alert* alert);
/* NaN: none. */
SEQUITUR_API double sequitur_alert_score(const sequitur_alert* alert);
/* The values behind `emit` and those of the key, by number: 0 (and the name is NULL) if there is no such. */
SEQUITUR_API size_t sequitur_alert_field_count(const sequitur_alert* alert);
SEQUITUR_API const char* sequitur_alert_field_name(const sequitur_alert* alert, size_t field);
SEQUITUR_API sequitur_value sequitur_alert_field(const sequitur_alert* alert, size_t field);
SEQUITUR_API size_t sequitur_alert_key_count(const sequitur_alert* alert);
SEQUITUR_API const char* sequitur_alert_key_name(const sequitur_alert* alert, size_t part);
SEQUITUR_API sequitur_value sequitur_alert_key(const sequitur_alert* alert, size_t part);
/* By name: a value behind `emit`, else a part of the key; of the type SEQUITUR_NULL if there is none. */
SEQUITUR_API sequitur_value sequitur_alert_get(const sequitur_alert* alert, const char* name);
/* The alert with its evidence as one line of JSON, which ends with a zero. Lives as long as the alert; NULL without memory. */
SEQUITUR_API const char* sequitur_alert_json(const sequitur_alert* alert, size_t* size);

#ifdef __cplusplus
}
#endif

#endif
