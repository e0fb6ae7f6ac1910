"""Bounds on JSON, checked before it is parsed: what is over them costs neither the memory nor the time of a parse.

Depth is the parser's own bound (RecursionError at about a thousand).
"""

import re
from dataclasses import dataclass

from services.common.errors import InvalidInput

_SHOWN_CHARS = 60
# A string as a whole (possessive: nothing of it is tried twice), a bracket, a comma.
_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[\[\]{},]', re.DOTALL)
_BLANK = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class JsonLimits:
    """``values`` counts members of objects, elements of arrays and the objects and arrays themselves; ``name_bytes`` is
    what the name of a member may have as it is written."""

    values: int
    name_bytes: int = 1024


def check_json(text: bytes, limits: JsonLimits, field: str) -> None:
    """Raises InvalidInput where what should be JSON has too many values or too long a name; names ``field``.

    Whether it is JSON is for the parser to say. Texts that cannot be over a bound are seen at the cost of a few counts.
    """
    most = text.count(b",") + text.count(b"{") + text.count(b"[") + 1
    if most <= limits.values and not _may_have_long_name(text, limits.name_bytes):
        return
    values = 1
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if end - start == 1:
            values += text[start] in b",[{"
        elif end - start - 2 > limits.name_bytes and text[end : end + 64].lstrip(_BLANK)[:1] == b":":
            shown = text[start + 1 : start + 1 + _SHOWN_CHARS].decode(errors="replace")
            raise InvalidInput(
                f"the name of a field has {end - start - 2} bytes; at most {limits.name_bytes} are taken",
                reason="FIELD_NAME_TOO_LONG",
                field=f"{field}.{shown}…",
            )
        if values > limits.values:
            raise InvalidInput(f"more than {limits.values} values are not taken", reason="TOO_MANY_VALUES", field=field)


def _may_have_long_name(text: bytes, name_bytes: int) -> bool:
    """Whether there is a run without a quote that a name over the bound needs, or quotes within strings."""
    if len(text) <= name_bytes:
        return False
    if b'\\"' in text:
        return True
    return any(len(run) > name_bytes for run in text.split(b'"')[1::2])
