"""Rules, engines and alerts."""
from __future__ import annotations

import ctypes
import dataclasses
import datetime
import json
import math
import os
from typing import Any, Dict, Iterable, List, Mapping, Optional, Sequence, Tuple, Union

from sequitur import _library as c
from sequitur._columns import column_of, times_of
from sequitur._errors import SequiturError, error_of
from sequitur._library import LIBRARY
from sequitur._values import EPOCH, MICROSECOND, Time, fill, microseconds, value_of

# Files by name, or paths of files and folders.
Rules = Union[Mapping[str, str], str, "os.PathLike[str]", Sequence[Union[str, "os.PathLike[str]"]]]

_KINDS = ("match", "timeout", "break", "clear")


def version() -> str:
    return LIBRARY.version().decode()


@dataclasses.dataclass(frozen=True)
class Alert:
    """What a rule found."""

    id: str  # The same match always has the same one.
    rule: str
    title: str
    kind: str  # match, timeout, break, clear
    severity: str  # "" if the rule has none
    score: Optional[float]
    stream: str  # The name behind `emit`.
    message: str
    time: datetime.datetime  # Of detection.
    first: datetime.datetime  # Of the events that were taken.
    last: datetime.datetime
    key: Dict[str, Any]
    fields: Dict[str, Any]
    json: str = dataclasses.field(repr=False)  # All of it, with the evidence.

    @property
    def evidence(self) -> Dict[str, List[Dict[str, Any]]]:
        """The events that each step took, as in JSON."""
        return json.loads(self.json)["evidence"]

    def __getitem__(self, name: str) -> Any:
        """A value behind `emit`, else a part of the key."""
        return self.fields[name] if name in self.fields else self.key[name]


@dataclasses.dataclass(frozen=True)
class Counters:
    events: int
    alerts: int
    live_runs: int
    live_keys: int
    state_bytes: int


class _Rules:
    """A handle of rules, for the time in which they are loaded."""

    def __init__(self, rules: Rules, params: Optional[Mapping[str, Any]]) -> None:
        self.handle = LIBRARY.rules_new()
        if not self.handle:
            raise MemoryError
        try:
            self._fill(rules, params)
        except BaseException:
            self.close()
            raise

    def _fill(self, rules: Rules, params: Optional[Mapping[str, Any]]) -> None:
        if isinstance(rules, Mapping):
            for name, text in rules.items():
                if "\0" in text:
                    raise ValueError(f"{name}: rules are text without zero bytes")
                _check(LIBRARY.rules_put(self.handle, name.encode(), text.encode()))
        else:
            for path in [rules] if isinstance(rules, (str, os.PathLike)) else rules:
                error = ctypes.c_void_p()
                _check(LIBRARY.rules_read(self.handle, os.fspath(path).encode(), ctypes.byref(error)), error)
        for name, value in (params or {}).items():
            text = str(value).lower() if isinstance(value, bool) else str(value)
            _check(LIBRARY.rules_set_param(self.handle, name.encode(), text.encode()))

    def close(self) -> None:
        LIBRARY.rules_delete(self.handle)
        self.handle = None

    def __enter__(self) -> "_Rules":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()


def _check(status: int, error: Optional[ctypes.c_void_p] = None) -> None:
    if status != 0:
        raise error_of(status, LIBRARY.take_text(error) if error is not None else "")


def check(rules: Rules, params: Optional[Mapping[str, Any]] = None) -> str:
    """Warnings, as the command prints them; "" if there are none. RulesError if the rules have errors."""
    with _Rules(rules, params) as loaded:
        report = ctypes.c_void_p()
        status = LIBRARY.rules_check(loaded.handle, ctypes.byref(report))
        text = LIBRARY.take_text(report)
        if status != 0:
            raise error_of(status, text)
        return text


def _alert_of(handle: int) -> Alert:
    text = lambda function: function(handle).decode("utf-8", "replace")  # noqa: E731
    identity = ctypes.create_string_buffer(33)
    LIBRARY.alert_id(handle, identity)
    named = lambda count, name, value: {  # noqa: E731
        name(handle, i).decode(): value_of(value(handle, i)) for i in range(count(handle))
    }
    score = LIBRARY.alert_score(handle)
    return Alert(
        id=identity.value.decode(),
        rule=text(LIBRARY.alert_rule),
        title=text(LIBRARY.alert_title),
        kind=_KINDS[LIBRARY.alert_kind_of(handle)],
        severity=text(LIBRARY.alert_severity),
        score=None if math.isnan(score) else score,
        stream=text(LIBRARY.alert_stream),
        message=text(LIBRARY.alert_message),
        time=EPOCH + LIBRARY.alert_time(handle) * MICROSECOND,
        first=EPOCH + LIBRARY.alert_first(handle) * MICROSECOND,
        last=EPOCH + LIBRARY.alert_last(handle) * MICROSECOND,
        key=named(LIBRARY.alert_key_count, LIBRARY.alert_key_name, LIBRARY.alert_key),
        fields=named(LIBRARY.alert_field_count, LIBRARY.alert_field_name, LIBRARY.alert_field),
        json=(LIBRARY.alert_json(handle, None) or b"{}").decode("utf-8", "replace"),
    )


class Engine:
    """Rules and what they remember. Every call returns the alerts that it caused, in order."""

    def __init__(self, rules: Rules, *, params: Optional[Mapping[str, Any]] = None, threads: int = 1, max_runs: int = 0,
                 max_run_events: int = 0, max_window_events: int = 0, assume_silent: bool = False) -> None:
        """`rules`: {name: text}, or paths. RulesError if they have errors. 0 stands for the default of a bound."""
        self._handle: Optional[int] = None
        self._alerts: List[Alert] = []
        self._problems: List[BaseException] = []
        # The function knows the lists and not the engine: one that is let go is released at once.
        alerts, problems = self._alerts, self._problems

        def on_alert(_: Any, handle: int) -> None:
            try:
                alerts.append(_alert_of(handle))
            except BaseException as problem:  # It must not unwind through the library.
                problems.append(problem)

        self._on_alert = c.OnAlert(on_alert)
        options = c.Options(ctypes.sizeof(c.Options), threads, max_runs, max_run_events, 0, max_window_events, int(assume_silent))
        error = ctypes.c_void_p()
        with _Rules(rules, params) as loaded:
            self._handle = LIBRARY.engine_new(loaded.handle, ctypes.byref(options), self._on_alert, None, ctypes.byref(error))
        if not self._handle:
            raise error_of(1, LIBRARY.take_text(error))
        self._read_streams()

    def close(self) -> None:
        """Releases the memory; the engine cannot be used any more."""
        handle, self._handle = self._handle, None
        if handle:
            LIBRARY.engine_delete(handle)

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            self.close()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    @property
    def streams(self) -> Dict[str, Dict[str, str]]:
        """The fields of every stream with their types."""
        names = ("null", "bool", "int", "float", "string", "time", "duration", "decimal", "ip", "list")
        return {stream: {field: names[kind] for field, kind in fields} for stream, (_, fields) in self._streams.items()}

    @property
    def time(self) -> Optional[datetime.datetime]:
        """Of the latest event or watermark."""
        time = LIBRARY.engine_time(self._live())
        return EPOCH + time * MICROSECOND if time > -(2**62) else None

    @property
    def counters(self) -> Counters:
        counters = c.CountersStruct()
        _check(LIBRARY.engine_counters(self._live(), ctypes.byref(counters)))
        return Counters(*(getattr(counters, name) for name, _ in counters._fields_))

    def push(self, stream: str, events: Union[Mapping[str, Any], Iterable[Mapping[str, Any]]]) -> List[Alert]:
        """Events as mappings from fields to values, with "time"; in the order of their times. What is not there is null."""
        number, fields = self._stream(stream)
        given = [events] if isinstance(events, Mapping) else list(events)
        keep: List[Any] = []
        rows = (c.Row * len(given))()
        known = {name for name, _ in fields} | {"time"}
        for row, event in zip(rows, given):
            unknown = set(event) - known
            if unknown:
                raise SequiturError(f"stream {stream} has no field {min(unknown)}", 2)
            values = (c.Value * len(fields))()
            for value, (name, kind) in zip(values, fields):
                try:
                    fill(value, event.get(name), kind, keep)
                except (TypeError, ValueError, OverflowError, ArithmeticError) as problem:
                    raise SequiturError(f"field {name} of stream {stream}: {problem}", 2) from problem
            keep.append(values)
            if "time" not in event:
                raise SequiturError("an event has no time", 2)
            row.time_us, row.stream, row.count, row.values = microseconds(event["time"]), number, len(fields), values
        taken, error = ctypes.c_size_t(), ctypes.c_void_p()
        status = LIBRARY.engine_push_rows(self._live(), rows, len(given), ctypes.byref(taken), ctypes.byref(error))
        return self._result(status, error, taken.value)

    def push_columns(self, stream: str, times: Any, columns: Mapping[str, Any]) -> List[Alert]:
        """Events as arrays: lists, array.array, numpy, pandas or Arrow; None is null. Fields without a column are null."""
        number, fields = self._stream(stream)
        kinds = dict(fields)
        keep: List[Any] = []
        address, rows = times_of(times, keep)
        made = (c.Column * len(columns))()
        for i, (name, values) in enumerate(columns.items()):
            if name not in kinds:
                raise SequiturError(f"stream {stream} has no field {name}", 2)
            try:
                made[i] = column_of(name, values, kinds[name], rows, keep)
            except (TypeError, ValueError, OverflowError, ArithmeticError) as problem:
                raise SequiturError(f"field {name} of stream {stream}: {problem}", 2) from problem
        taken, error = ctypes.c_size_t(), ctypes.c_void_p()
        status = LIBRARY.engine_push_columns(self._live(), number, address, made, len(columns), rows, ctypes.byref(taken), ctypes.byref(error))
        return self._result(status, error, taken.value)

    def advance(self, time: Time) -> List[Alert]:
        """No event before `time` will come: deadlines up to it fire."""
        return self._result(LIBRARY.engine_advance(self._live(), microseconds(time)))

    def finish(self) -> List[Alert]:
        """Nothing more will come: every deadline fires."""
        return self._result(LIBRARY.engine_finish(self._live()))

    def replace_rules(self, rules: Rules, *, params: Optional[Mapping[str, Any]] = None) -> None:
        """Rules that are the same go on with what they remember, others begin anew. On an error the engine is as it was."""
        error = ctypes.c_void_p()
        with _Rules(rules, params) as loaded:
            _check(LIBRARY.engine_replace_rules(self._live(), loaded.handle, ctypes.byref(error)), error)
        self._read_streams()

    def snapshot(self) -> bytes:
        """All that the engine remembers."""
        data, size, error = ctypes.c_void_p(), ctypes.c_size_t(), ctypes.c_void_p()
        _check(LIBRARY.engine_snapshot(self._live(), ctypes.byref(data), ctypes.byref(size), ctypes.byref(error)), error)
        return LIBRARY.take_bytes(data, size.value)

    def restore(self, snapshot: bytes) -> None:
        """SnapshotError, with the engine as it was, if the bytes are damaged or of other rules."""
        error = ctypes.c_void_p()
        _check(LIBRARY.engine_restore(self._live(), snapshot, len(snapshot), ctypes.byref(error)), error)

    def snapshot_groups(self, groups: int) -> List[bytes]:
        """[0]: what belongs to no key; [1 + g]: the keys of group g."""
        parts, sizes, error = (ctypes.c_void_p * (groups + 1))(), (ctypes.c_size_t * (groups + 1))(), ctypes.c_void_p()
        _check(LIBRARY.engine_snapshot_groups(self._live(), groups, parts, sizes, ctypes.byref(error)), error)
        return [LIBRARY.take_bytes(ctypes.c_void_p(part), size) for part, size in zip(parts, sizes)]

    def restore_groups(self, parts: Sequence[bytes]) -> None:
        """Part 0, and any of the others of the same snapshot."""
        pointers = (ctypes.c_char_p * len(parts))(*parts)
        sizes = (ctypes.c_size_t * len(parts))(*map(len, parts))
        error = ctypes.c_void_p()
        _check(LIBRARY.engine_restore_groups(self._live(), pointers, sizes, len(parts), ctypes.byref(error)), error)

    def _live(self) -> int:
        if not self._handle:
            raise SequiturError("the engine is closed", 2)
        return self._handle

    def _read_streams(self) -> None:
        self._streams: Dict[str, Tuple[int, List[Tuple[str, int]]]] = {}
        for stream in range(LIBRARY.engine_stream_count(self._handle)):
            fields = [(LIBRARY.engine_field_name(self._handle, stream, i).decode(), LIBRARY.engine_field_type(self._handle, stream, i))
                      for i in range(LIBRARY.engine_field_count(self._handle, stream))]
            self._streams[LIBRARY.engine_stream_name(self._handle, stream).decode()] = (stream, fields)

    def _stream(self, name: str) -> Tuple[int, List[Tuple[str, int]]]:
        self._live()
        if name not in self._streams:
            raise SequiturError(f"the rules have no stream {name}", 2)
        return self._streams[name]

    def _result(self, status: int, error: Optional[ctypes.c_void_p] = None, taken: int = 0) -> List[Alert]:
        alerts = self._alerts[:]
        self._alerts.clear()
        if self._problems:
            problem = self._problems[0]
            self._problems.clear()
            raise problem
        if status != 0:
            failure = error_of(status, LIBRARY.take_text(error) if error is not None else "")
            failure.alerts, failure.taken = alerts, taken
            raise failure
        return alerts
