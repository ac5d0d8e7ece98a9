"""Arrays as columns, without a copy where their layout allows it: lists, array.array, numpy, pandas, pyarrow.

numpy arrays come by the buffer protocol and pyarrow's by their buffers, so neither needs to be installed.
"""
from __future__ import annotations

import array
import ctypes
import sys
from typing import Any, List, Optional, Sequence, Tuple

from sequitur import _library as c
from sequitur._values import fill, microseconds

INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, FLOAT32, FLOAT64, BYTES1, BITS, TEXT32, TEXT64, TEXTS = range(1, 15)
_SIGNED = {1: INT8, 2: INT16, 4: INT32, 8: INT64}
_UNSIGNED = {1: UINT8, 2: UINT16, 4: UINT32}
_ARROW = {"int8": INT8, "int16": INT16, "int32": INT32, "int64": INT64, "uint8": UINT8, "uint16": UINT16, "uint32": UINT32, "float": FLOAT32,
          "double": FLOAT64, "bool": BITS, "string": TEXT32, "large_string": TEXT64}


def address_of(buffer: Any, keep: List[Any]) -> int:
    """Where the bytes of a contiguous buffer begin; they live as long as `keep`. Those that are read-only are copied."""
    view = memoryview(buffer).cast("B")
    held = ctypes.create_string_buffer(bytes(view), len(view) + 1) if view.readonly or not len(view) else (ctypes.c_char * len(view)).from_buffer(view)
    keep.append(held)
    return ctypes.addressof(held)


def times_of(times: Any, keep: List[Any]) -> Tuple[int, int]:
    """(address of int64 microseconds, how many)."""
    times = _plain(times)
    buffer = _buffer_of(times)
    if buffer is not None and buffer.itemsize == 8 and buffer.format in ("q", "l"):
        return address_of(buffer, keep), len(buffer)
    data = array.array("q", [microseconds(time) for time in times])
    return address_of(data, keep), len(data)


def column_of(name: str, values: Any, kind: int, rows: int, keep: List[Any]) -> c.Column:
    """The column of a field of this type. TypeError or ValueError where the values do not fit."""
    column = c.Column(field=name.encode())
    if len(values) != rows:
        raise ValueError(f"column {name} has {len(values)} values, but there are {rows} times")
    if hasattr(values, "buffers") and hasattr(values, "type"):
        _from_arrow(column, name, values, keep)
        return column
    if hasattr(values, "combine_chunks"):  # A chunked array of Arrow.
        values = values.combine_chunks()
        if hasattr(values, "buffers"):
            _from_arrow(column, name, values, keep)
            return column
    values = _plain(values)
    buffer = _buffer_of(values)
    layout = _layout_of(buffer) if buffer is not None else None
    if layout is not None and (kind not in (c.TIME, c.DURATION, c.DECIMAL, c.STRING, c.IP)):
        column.layout = layout
        column.data = address_of(buffer, keep)
        return column
    _from_list(column, name, values.tolist() if hasattr(values, "tolist") else values, kind, keep)
    return column


def _plain(values: Any) -> Any:
    """Of data frames the array behind a column; times of numpy as whole microseconds."""
    if hasattr(values, "to_numpy") and not hasattr(values, "buffers"):
        values = values.to_numpy()
    dtype = getattr(values, "dtype", None)
    if dtype is not None and dtype.kind == "M":
        values = values.astype("datetime64[us]").astype("int64")
    elif dtype is not None and dtype.kind == "m":
        values = values.astype("timedelta64[us]").astype("int64")
    elif dtype is not None and dtype.kind in "OUS":
        values = values.tolist()
    return values


def _buffer_of(values: Any) -> Optional[memoryview]:
    if isinstance(values, (bytes, str, list, tuple)):
        return None
    try:
        view = memoryview(values)
    except (TypeError, ValueError, BufferError):
        return None
    return view if view.ndim == 1 and view.contiguous else None


def _layout_of(view: memoryview) -> Optional[int]:
    code = view.format.lstrip("@=" + ("<" if sys.byteorder == "little" else ">"))
    if code == "?":
        return BYTES1
    if code == "d":
        return FLOAT64
    if code == "f":
        return FLOAT32
    if code in "bhilqn":
        return _SIGNED[view.itemsize]
    if code in "BHILQN":
        return _UNSIGNED.get(view.itemsize)
    return None


def _from_list(column: c.Column, name: str, values: Sequence[Any], kind: int, keep: List[Any]) -> None:
    """Values as Python objects; None is null."""
    missing = [i for i, value in enumerate(values) if value is None]
    if kind == c.STRING:
        texts = [None if value is None else value.encode() if isinstance(value, str) else bytes(value) for value in values]
        if any(text is not None and 0 in text for text in texts):
            offsets, data = array.array("q", [0]), b"".join(text or b"" for text in texts)
            for text in texts:
                offsets.append(offsets[-1] + len(text or b""))
            column.layout, column.data, column.offsets = TEXT64, address_of(data, keep), address_of(offsets, keep)
            _set_validity(column, len(texts), missing, keep)
            return
        pointers = (ctypes.c_char_p * len(texts))(*texts)
        keep.append(pointers)
        column.layout, column.data = TEXTS, ctypes.cast(pointers, ctypes.c_void_p)
        return
    if kind == c.IP or kind == c.LIST:
        raise TypeError(f"column {name}: addresses and lists are pushed by rows")
    scratch = c.Value()
    numbers = array.array("d" if kind == c.FLOAT else "q")
    for value in values:
        scratch.f, scratch.i = 0.0, 0
        fill(scratch, value, kind, keep)
        numbers.append(scratch.f if kind == c.FLOAT else scratch.i)
    if kind == c.BOOL:
        numbers = array.array("B", numbers)
    column.layout = FLOAT64 if kind == c.FLOAT else BYTES1 if kind == c.BOOL else INT64
    column.data = address_of(numbers, keep)
    _set_validity(column, len(values), missing, keep)


def _set_validity(column: c.Column, count: int, missing: List[int], keep: List[Any]) -> None:
    if not missing:
        return
    bits = bytearray(b"\xff" * ((count + 7) // 8))
    for i in missing:
        bits[i // 8] &= ~(1 << i % 8) & 255
    column.validity = address_of(bits, keep)


def _from_arrow(column: c.Column, name: str, values: Any, keep: List[Any]) -> None:
    layout = _ARROW.get(str(values.type))
    if layout is None and str(values.type) in ("timestamp[us]", "timestamp[us, tz=UTC]", "duration[us]"):
        layout = INT64
    if layout is None:
        raise TypeError(f"column {name}: Arrow's {values.type} is not taken")
    keep.append(values)
    buffers = values.buffers()
    address = [buffer.address if buffer is not None else None for buffer in buffers]
    column.layout, column.first, column.validity = layout, values.offset, address[0]
    if layout in (TEXT32, TEXT64):
        column.offsets, column.data = address[1], address[2]
    else:
        column.data = address[1]
