"""Tables, moments and foreign text for a terminal. Pure."""

import unicodedata
from collections.abc import Sequence
from datetime import datetime

_GAP = "  "
_MAX_CELL_CHARS = 60


def clean(text: str) -> str:
    """One line of text from elsewhere, with what would move the cursor, colour or hide made visible."""
    return "".join(
        character if character.isprintable() else f"\\x{ord(character):02x}" for character in text.replace("\n", " ")
    )


def format_table(headings: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns side by side under their headings; numbers stand right, long cells are cut.

    Not in the last column: nothing stands behind it, and what a reader has to do often ends a line.
    """
    shown = [[*map(_cell, row[:-1]), *(_cell(value, limit=None) for value in row[-1:])] for row in rows]
    widths = [max(map(_width, column)) for column in zip(headings, *shown, strict=True)]
    right = [bool(rows) and all(isinstance(row[index], int | float) for row in rows) for index in range(len(headings))]
    lines = [list(headings), *shown]
    return "\n".join(
        _GAP.join(_pad(cell, widths[index], right=right[index]) for index, cell in enumerate(line)).rstrip()
        for line in lines
    )


def format_fields(fields: Sequence[tuple[str, object]]) -> str:
    """Names and values, one a line; those without a value are left out."""
    kept = [(name, value) for name, value in fields if value not in (None, "")]
    width = max((len(name) for name, _ in kept), default=0)
    return "\n".join(f"{name:{width}}  {_cell(value, limit=None)}" for name, value in kept)


def format_moment(moment: datetime | None) -> str:
    """A moment in local time, to the second."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M:%S") if moment else ""


def _cell(value: object, limit: int | None = _MAX_CELL_CHARS) -> str:
    text = format_moment(value) if isinstance(value, datetime) else "" if value is None else clean(str(value))
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def _pad(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space


def _width(text: str) -> int:
    """Columns on a terminal: wide characters take two, combining ones none."""
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
