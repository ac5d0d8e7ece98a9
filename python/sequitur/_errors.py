"""What can go wrong, by status of the C interface."""
from __future__ import annotations

from typing import Any, List


class SequiturError(Exception):
    """A call failed. `alerts` are those of the events before the one that it failed at, `taken` is how many these were."""

    def __init__(self, message: str, status: int = 8) -> None:
        super().__init__(message)
        self.status = status
        self.alerts: List[Any] = []
        self.taken = 0


class RulesError(SequiturError):
    """The rules have errors; the message is what the command prints: the lines with a caret and a hint."""


class OutOfOrderError(SequiturError):
    """An event is earlier than one before it."""


class SnapshotError(SequiturError):
    """A snapshot is damaged, or of other rules."""


def error_of(status: int, message: str) -> SequiturError:
    kinds = {1: RulesError, 3: OutOfOrderError, 4: SnapshotError}
    return kinds.get(status, SequiturError)(message or f"status {status}", status)
