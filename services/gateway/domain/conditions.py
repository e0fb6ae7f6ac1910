"""Conditional and range requests (RFC 9110, chapters 13 and 14), as far as single resources need them."""

import re
from dataclasses import dataclass

from services.common.errors import InvalidInput

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
_TAG = re.compile(r'(?:W/)?"([^"]*)"')


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes ``first`` to ``last``, both included, of ``size``."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        """How many bytes."""
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        """The Content-Range header."""
        return f"bytes {self.first}-{self.last}/{self.size}"


class RangeNotSatisfiable(InvalidInput):
    """The range begins behind the end."""

    default_reason = "RANGE_NOT_SATISFIABLE"


def is_single_range(header: str | None) -> bool:
    """Whether this Range header is one that is honoured: one range of bytes. Others are ignored, as the RFC allows."""
    match = _RANGE.fullmatch(header.replace(" ", "")) if header else None
    if match is None:
        return False
    first, last = match.groups()
    return bool(first or last) and not (first and last and int(last) < int(first))


def resolve_range(header: str, size: int) -> ByteRange:
    """Returns the bytes that a single range asks for. Raises RangeNotSatisfiable where there are none."""
    match = _RANGE.fullmatch(header.replace(" ", ""))
    if match is None:
        raise ValueError(f"not a single range: {header!r}")
    first, last = match.groups()
    if not first:
        start, end = max(0, size - int(last)), size - 1
    else:
        start, end = int(first), min(int(last) if last else size - 1, size - 1)
    if start >= size or start > end:
        raise RangeNotSatisfiable("the range begins behind the end", metadata={"size": str(size)})
    return ByteRange(start, end, size)


def matches_tag(header: str | None, tag: str) -> bool:
    """Whether an If-None-Match header names ``tag`` (without quotes), by weak comparison."""
    if header is None:
        return False
    return header.strip() == "*" or tag in _TAG.findall(header)


def allows_range(if_range: str | None, tag: str) -> bool:
    """Whether If-Range still stands: it is absent, or names ``tag`` as a strong tag. Dates are never honoured."""
    return if_range is None or if_range.strip() == f'"{tag}"'
