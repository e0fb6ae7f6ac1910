"""Small pieces of the way from proto to JSON: enum words, times, numbers and joined values. Pure."""

from collections.abc import Iterable
from datetime import UTC
from decimal import Decimal, InvalidOperation
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from services.common.clock import format_time


def enum_word(enum: Any, value: int, prefix: str) -> str:
    """The lower-case word of an enum's value: ``JOB_STATUS_PENDING`` reads "pending". A newer value reads "unknown"."""
    name = dict(zip(enum.values(), enum.keys(), strict=True)).get(value)
    return name.removeprefix(prefix).lower() if name else "unknown"


def enum_words(enum: Any, prefix: str) -> dict[int, str]:
    """All words of an enum by value, to be looked up where speed matters."""
    return {value: enum_word(enum, value, prefix) for value in enum.values()}


def enum_values(enum: Any, prefix: str) -> dict[str, Any]:
    """All values of an enum by word, without the unspecified one."""
    return {word: value for value, word in enum_words(enum, prefix).items() if value}


def time_text(moment: Timestamp | None) -> str | None:
    """RFC 3339 in UTC, or None for a time that is not set."""
    if moment is None or (not moment.seconds and not moment.nanos):
        return None
    return format_time(moment.ToDatetime(tzinfo=UTC))


def elapsed(begun: Timestamp, ended: Timestamp) -> float | None:
    """The seconds between two times; None while the second is not set."""
    if not ended.seconds:
        return None
    return round(max(0.0, (ended.ToNanoseconds() - begun.ToNanoseconds()) / 1e9), 3)


def number(decimal_text: str) -> float:
    """A decimal number as JSON has them; 0 for an empty or malformed one."""
    try:
        return float(Decimal(decimal_text)) if decimal_text else 0.0
    except InvalidOperation:
        return 0.0


def joined(values: Iterable[str]) -> str:
    """The values that are there, joined the way the older clients split them."""
    return ", ".join(value for value in values if value)


def text_or_none(text: str) -> str | None:
    """None for an empty text."""
    return text or None


def trace_lines(trace: Iterable[Any]) -> list[dict[str, Any]]:
    """A job's history."""
    return [
        {
            "step": line.step,
            "status": line.status,
            "timestamp": time_text(line.timestamp),
            "detail": line.detail,
        }
        for line in trace
    ]
