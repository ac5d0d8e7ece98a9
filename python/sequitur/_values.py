"""Values: Python <-> sequitur_value, by the type of the field."""
from __future__ import annotations

import ctypes
import datetime
import decimal
import ipaddress
import json
import operator
from typing import Any, List, Union

from sequitur import _library as c

Time = Union[int, datetime.datetime]
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
MICROSECOND = datetime.timedelta(microseconds=1)


def microseconds(time: Any) -> int:
    """A datetime (without a zone: UTC), anything with an `item()` such as numpy.datetime64, or microseconds."""
    if isinstance(time, datetime.datetime):
        return ((time if time.tzinfo else time.replace(tzinfo=datetime.timezone.utc)) - EPOCH) // MICROSECOND
    if hasattr(time, "astype") and hasattr(time, "dtype") and time.dtype.kind == "M":
        return int(time.astype("datetime64[us]").astype("int64"))
    return operator.index(time)


def span(duration: Any) -> int:
    return duration // MICROSECOND if isinstance(duration, datetime.timedelta) else operator.index(duration)


def millionths(number: Any) -> int:
    value = number if isinstance(number, decimal.Decimal) else decimal.Decimal(str(number))
    return int((value * 1_000_000).to_integral_value(decimal.ROUND_HALF_UP))


def fill(value: c.Value, given: Any, kind: int, keep: List[Any]) -> None:
    """Raises TypeError or ValueError where `given` is no such value. What the value refers to goes into `keep`."""
    if given is None:
        value.type = c.NULL
        return
    value.type = kind
    if kind == c.FLOAT:
        value.f = float(given)
    elif kind == c.BOOL:
        value.i = 1 if given else 0
    elif kind == c.INT:
        value.i = operator.index(given)
    elif kind == c.STRING:
        data = given.encode() if isinstance(given, str) else bytes(given) if isinstance(given, (bytes, bytearray)) else None
        if data is None:
            raise TypeError(f"a text is wanted, not {type(given).__name__}")
        point_to(value, data, keep)
    elif kind == c.TIME:
        value.i = microseconds(given)
    elif kind == c.DURATION:
        value.i = span(given)
    elif kind == c.DECIMAL:
        value.i = millionths(given)
    elif kind == c.IP:
        point_to(value, ipaddress.ip_address(given).packed, keep)
    else:
        raise TypeError("lists cannot be pushed")


def point_to(value: c.Value, data: bytes, keep: List[Any]) -> None:
    keep.append(data)
    value.data = ctypes.cast(ctypes.c_char_p(data), ctypes.c_void_p)
    value.size = len(data)


def value_of(value: c.Value) -> Any:
    kind = value.type
    if kind == c.NULL:
        return None
    if kind == c.FLOAT:
        return value.f
    if kind == c.BOOL:
        return value.i != 0
    if kind == c.INT:
        return value.i
    if kind == c.TIME:
        return EPOCH + value.i * MICROSECOND
    if kind == c.DURATION:
        return value.i * MICROSECOND
    if kind == c.DECIMAL:
        return decimal.Decimal(value.i) / 1_000_000
    data = ctypes.string_at(value.data, value.size)
    if kind == c.IP:
        address = ipaddress.IPv6Address(data)
        return address.ipv4_mapped or address
    return json.loads(data) if kind == c.LIST else data.decode("utf-8", "replace")
