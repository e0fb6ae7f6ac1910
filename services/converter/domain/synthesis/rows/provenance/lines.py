"""Tests of a line's structure: what is filled or blank, what kind of text stands where; never what the text says."""

import re
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.table import Row

Kind = Literal[
    "blank",
    "alone",
    "lone",
    "several",
    "partly",
    "full",
    "filled",
    "empty",
    "number",
    "text",
    "indented",
    "flush",
    "marked",
    "keyed",
    "repeats",
    "same",
]


Lines = tuple[Row, ...]
WORD = re.compile(r"\w+")
_MARK = re.compile(r"^[!#$%&*+\-./:;<=>?@\[\]^_|~]")
_KEY = re.compile(r"^[^:=]+[:=]")


def is_blank(cell: str) -> bool:
    """Whether a cell holds nothing but spaces."""
    return not cell.strip(" ")


def is_number(cell: str) -> bool:
    """Whether a cell has digits and no letters: a number, a date, a code of digits."""
    return any("0" <= ch <= "9" for ch in cell) and not any(ch.isalpha() for ch in cell)


@dataclass(frozen=True, slots=True)
class LineTest:
    """One property of a line.

    ``column`` (from 1; -1: the last) is the cell that `filled`, `empty`, `number`, `text`, `indented`, `flush` (not
    indented) and `same` look at, and that `alone` finds no other filled. `repeats`: equals the first line; `same`: that
    cell equals the first line's; `marked`: it begins with the same mark; `keyed`: it has the same text up to a colon or
    equals sign.
    """

    kind: Kind
    column: int = 0

    @property
    def is_below(self) -> bool:
        """Whether the first line that it speaks of is the first one below the headings."""
        return self.kind in ("same", "marked", "keyed")

    @property
    def cost(self) -> float:
        """Blank and lone cells are the plainest signs; a place far from the edge is less likely one."""
        far = 0.0 if self.column in (0, 1) else 0.1 if self.column == -1 else 0.12 * (self.column - 1)
        return {
            "blank": 0.2, "alone": 0.45, "lone": 0.5, "several": 0.6, "partly": 0.9, "full": 0.8,
            "filled": 0.6, "empty": 0.65, "number": 1.5, "text": 1.55, "indented": 0.9, "flush": 0.6,
            "marked": 0.7, "keyed": 0.7, "repeats": 0.7, "same": 0.9,
        }[self.kind] + far  # fmt: skip

    def holds(self, line: Row, first: Row) -> bool:
        """Whether the line has the property; ``first`` is the first line."""
        kind = self.kind
        if kind in ("blank", "lone", "several", "partly", "full"):
            filled = sum(not is_blank(cell) for cell in line)
            return {
                "blank": filled == 0,
                "lone": filled == 1,
                "several": filled > 1,
                "partly": 0 < filled < len(line),
                "full": filled == len(line),
            }[kind]
        if kind == "repeats":
            return line == first
        cell = cell_at(line, self.column)
        if kind == "alone":
            return not is_blank(cell) and sum(not is_blank(other) for other in line) == 1
        if kind == "marked":
            mark = cell_at(first, self.column)[:1]
            return bool(_MARK.match(mark)) and cell.startswith(mark)
        if kind == "keyed":
            key, told = _KEY.match(cell_at(first, self.column)), _KEY.match(cell)
            return key is not None and told is not None and key[0] == told[0]
        if kind == "same":
            return not is_blank(cell) and cell == cell_at(first, self.column)
        if kind in ("indented", "flush"):
            return cell.startswith(" ") == (kind == "indented") and not is_blank(cell)
        if kind == "number":
            return is_number(cell)
        if kind == "text":
            return not is_blank(cell) and not is_number(cell)
        return is_blank(cell) == (kind == "empty")

    def sql(self, first: str) -> str:
        """The test over `cells`; ``first`` is an expression for the first line."""
        filled = "len(list_filter(cells, lambda c: trim(c) <> ''))"
        cell = f"coalesce(cells[{self.column}], '')"
        number = rf"(regexp_matches({cell}, '[0-9]') AND NOT regexp_matches({cell}, '\p{{L}}'))"
        return {
            "blank": f"{filled} = 0",
            "alone": f"trim({cell}) <> '' AND {filled} = 1",
            "lone": f"{filled} = 1",
            "marked": (
                f"coalesce(starts_with({cell}, nullif(regexp_extract({first}[{self.column}], '{_MARK.pattern}'), '')), "
                "false)"
            ),
            "keyed": (
                f"coalesce(regexp_extract({cell}, '{_KEY.pattern}') = "
                f"nullif(regexp_extract({first}[{self.column}], '{_KEY.pattern}'), ''), false)"
            ),
            "several": f"{filled} > 1",
            "partly": f"{filled} BETWEEN 1 AND len(cells) - 1",
            "full": f"{filled} = len(cells)",
            "repeats": f"cells = {first}",
            "same": f"trim({cell}) <> '' AND {cell} = coalesce({first}[{self.column}], '')",
            "indented": f"starts_with({cell}, ' ') AND trim({cell}) <> ''",
            "flush": f"NOT starts_with({cell}, ' ') AND trim({cell}) <> ''",
            "number": number,
            "text": f"trim({cell}) <> '' AND NOT {number}",
            "empty": f"trim({cell}) = ''",
            "filled": f"trim({cell}) <> ''",
        }[self.kind]

    def words(self) -> str:
        """The property, after "lines"."""
        where = {0: "", -1: "the last cell"}.get(self.column, f"cell {self.column}")
        return {
            "blank": "that are blank",
            "alone": f"in which {where} alone is filled",
            "lone": "with a single filled cell",
            "marked": f"in which {where} begins with the mark of the first line's",
            "keyed": f"in which {where} has the key of the first line's",
            "several": "with several filled cells",
            "partly": "with a blank cell",
            "full": "without a blank cell",
            "repeats": "that repeat the first line",
            "same": f"whose {where.removeprefix('the ')} is that of the first line",
            "indented": f"in which {where} is indented",
            "flush": f"in which {where} is not indented",
            "number": f"in which {where} is a number",
            "text": f"in which {where} is text",
            "empty": f"in which {where} is blank",
            "filled": f"in which {where} is filled",
        }[self.kind]


def cell_at(line: Row, column: int) -> str:
    """The cell at a place from 1 on, or from the end."""
    if column > 0:
        return line[column - 1] if column <= len(line) else ""
    return line[column] if -column <= len(line) else ""


def line_tests(width: int) -> list[LineTest]:
    """The properties that lines of so many cells may have, plainest first."""
    places = [*range(1, min(width, 5) + 1), *([-1] if width > 1 else [])]
    found = [LineTest(kind) for kind in ("blank", "lone", "several", "partly", "full", "repeats")]
    found += [LineTest(kind, k) for k in places for kind in ("filled", "empty", "number", "text")]
    found += [LineTest(kind, 1) for kind in ("alone", "indented", "flush", "marked", "keyed", "same")]
    return sorted(found, key=lambda test: test.cost)
