"""The shared library and the layout of sequitur.h."""
from __future__ import annotations

import ctypes
import ctypes.util
import os
import pathlib
from ctypes import POINTER, c_char_p, c_double, c_int32, c_int64, c_size_t, c_uint32, c_uint64, c_void_p

NULL, BOOL, INT, FLOAT, STRING, TIME, DURATION, DECIMAL, IP, LIST = range(10)


class Value(ctypes.Structure):
    _fields_ = [("type", c_int32), ("reserved", c_int32), ("i", c_int64), ("f", c_double), ("data", c_void_p), ("size", c_size_t)]


class Row(ctypes.Structure):
    _fields_ = [("time_us", c_int64), ("stream", c_int32), ("count", c_uint32), ("values", POINTER(Value))]


class Column(ctypes.Structure):
    _fields_ = [("field", c_char_p), ("layout", c_int32), ("reserved", c_int32), ("data", c_void_p), ("offsets", c_void_p),
                ("validity", c_void_p), ("first", c_size_t)]


class Options(ctypes.Structure):
    _fields_ = [("size", c_size_t), ("threads", c_uint32), ("max_runs", c_uint32), ("max_run_events", c_uint32), ("max_tick_keys", c_uint32),
                ("max_window_events", c_uint32), ("assume_silent", c_int32)]


class CountersStruct(ctypes.Structure):
    _fields_ = [(name, c_uint64) for name in ("events", "alerts", "live_runs", "live_keys", "state_bytes")]


OnAlert = ctypes.CFUNCTYPE(None, c_void_p, c_void_p)
Error = POINTER(c_void_p)  # A text to be freed: not c_char_p, which would lose the address.

_FUNCTIONS = {
    "version": (c_char_p, []),
    "free": (None, [c_void_p]),
    "rules_new": (c_void_p, []),
    "rules_delete": (None, [c_void_p]),
    "rules_put": (c_int32, [c_void_p, c_char_p, c_char_p]),
    "rules_read": (c_int32, [c_void_p, c_char_p, Error]),
    "rules_set_param": (c_int32, [c_void_p, c_char_p, c_char_p]),
    "rules_check": (c_int32, [c_void_p, Error]),
    "engine_new": (c_void_p, [c_void_p, POINTER(Options), OnAlert, c_void_p, Error]),
    "engine_delete": (None, [c_void_p]),
    "engine_replace_rules": (c_int32, [c_void_p, c_void_p, Error]),
    "engine_stream": (c_int32, [c_void_p, c_char_p]),
    "engine_stream_count": (c_size_t, [c_void_p]),
    "engine_stream_name": (c_char_p, [c_void_p, c_int32]),
    "engine_field_count": (c_size_t, [c_void_p, c_int32]),
    "engine_field_name": (c_char_p, [c_void_p, c_int32, c_int32]),
    "engine_field_type": (c_int32, [c_void_p, c_int32, c_int32]),
    "engine_push_rows": (c_int32, [c_void_p, POINTER(Row), c_size_t, POINTER(c_size_t), Error]),
    "engine_push_columns": (c_int32, [c_void_p, c_int32, c_void_p, POINTER(Column), c_size_t, c_size_t, POINTER(c_size_t), Error]),
    "engine_advance": (c_int32, [c_void_p, c_int64]),
    "engine_finish": (c_int32, [c_void_p]),
    "engine_time": (c_int64, [c_void_p]),
    "engine_counters": (c_int32, [c_void_p, POINTER(CountersStruct)]),
    "engine_snapshot": (c_int32, [c_void_p, Error, POINTER(c_size_t), Error]),
    "engine_restore": (c_int32, [c_void_p, c_char_p, c_size_t, Error]),
    "engine_snapshot_groups": (c_int32, [c_void_p, c_uint32, Error, POINTER(c_size_t), Error]),
    "engine_restore_groups": (c_int32, [c_void_p, POINTER(c_char_p), POINTER(c_size_t), c_size_t, Error]),
    "alert_id": (None, [c_void_p, c_char_p]),
    "alert_rule": (c_char_p, [c_void_p]),
    "alert_title": (c_char_p, [c_void_p]),
    "alert_severity": (c_char_p, [c_void_p]),
    "alert_stream": (c_char_p, [c_void_p]),
    "alert_message": (c_char_p, [c_void_p]),
    "alert_kind_of": (c_int32, [c_void_p]),
    "alert_time": (c_int64, [c_void_p]),
    "alert_first": (c_int64, [c_void_p]),
    "alert_last": (c_int64, [c_void_p]),
    "alert_score": (c_double, [c_void_p]),
    "alert_field_count": (c_size_t, [c_void_p]),
    "alert_field_name": (c_char_p, [c_void_p, c_size_t]),
    "alert_field": (Value, [c_void_p, c_size_t]),
    "alert_key_count": (c_size_t, [c_void_p]),
    "alert_key_name": (c_char_p, [c_void_p, c_size_t]),
    "alert_key": (Value, [c_void_p, c_size_t]),
    "alert_json": (c_char_p, [c_void_p, POINTER(c_size_t)]),
}


class Library:
    """The functions of sequitur.h without their prefix."""

    def __init__(self) -> None:
        beside = pathlib.Path(__file__).with_name("libsequitur.so")
        path = os.environ.get("SEQUITUR_LIBRARY") or (str(beside) if beside.exists() else ctypes.util.find_library("sequitur"))
        if not path:
            raise ImportError("libsequitur.so is not installed; SEQUITUR_LIBRARY may say where it is")
        functions = ctypes.CDLL(path)
        for name, (result, arguments) in _FUNCTIONS.items():
            function = getattr(functions, "sequitur_" + name)
            function.restype = result
            function.argtypes = arguments
            setattr(self, name, function)

    def __getattr__(self, name: str):  # Only for type checkers: all are set above.
        raise AttributeError(name)

    def take_text(self, pointer: c_void_p) -> str:
        """The text that a function has returned by `char**`, which is freed."""
        if not pointer.value:
            return ""
        text = ctypes.string_at(pointer.value).decode("utf-8", "replace")
        self.free(pointer)
        return text

    def take_bytes(self, pointer: c_void_p, size: int) -> bytes:
        data = ctypes.string_at(pointer.value, size)
        self.free(pointer)
        return data


LIBRARY = Library()
