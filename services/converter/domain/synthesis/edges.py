"""Where a program has no ground: rows of other files that lie beyond what the example showed."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from services.converter.domain.formats.datereader import order_of_codes
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.report import GuardKind, Severity
from services.converter.domain.synthesis.sqltext import literal

MAX_VALUES = 100
"""Values of a column of which the example may have shown all that there are."""
MOST_CHECKED = 2_000
"""Rows of a large example that rules are held against to find what they go by."""


@dataclass(frozen=True, slots=True)
class Check:
    """One test over the relation: ``outside`` is SQL that holds on rows beyond the example, ``value`` what is shown of
    them, ``column`` what it is about; ``reads`` are the positions of the columns that are asked for. ``across`` is SQL
    of the whole file, with windows, without which no row is beyond: other rows tell that this one is meant otherwise.
    """

    column: str
    kind: GuardKind
    severity: Severity
    words: str
    value: str
    outside: str
    reads: frozenset[int]
    across: str = ""

    def sql(self, ctes: str, source: str) -> str:
        """The test as a SELECT of (row, value) over a relation."""
        if not self.across:
            return f"{ctes}SELECT _row, {self.value} AS value\nFROM {source}\nWHERE {self.outside}"
        return (
            f"{ctes}SELECT _row, value\nFROM (\n    SELECT _row, {self.value} AS value, {self.outside} AS outside,\n"
            f"        {self.across} AS across\n    FROM {source}\n)\nWHERE outside AND across"
        )


_FIRST = {"dmy": "day", "mdy": "month"}
_BEYOND = (
    "^ *(?:1[3-9]|2[0-9]|3[01])[-/. ](?:0?[1-9]|1[0-2])[-/. ][0-9]",
    "^ *(?:0?[1-9]|1[0-2])[-/. ](?:1[3-9]|2[0-9]|3[01])[-/. ][0-9]",
)
"""Patterns of dates that can only be read day first, and only month first."""
_EITHER = "^ *(?:0?[1-9]|1[0-2])[-/. ](?:0?[1-9]|1[0-2])[-/. ][0-9]"
"""A pattern of dates that can be read both ways."""


@dataclass(frozen=True, slots=True)
class Turned:
    """Dates that can be read both ways, in a file whose other dates have another order of day and month.

    ``outside`` and ``across`` as in `Check`.
    """

    words: str
    outside: str
    across: str


def turned_dates(source: str, codes: tuple[str, ...]) -> Turned | None:
    """The test for texts in SQL that are read by strptime codes; None where these take no order of day and month."""
    order = order_of_codes(codes)
    if order not in _FIRST:
        return None
    own, other = _BEYOND if order == "dmy" else _BEYOND[::-1]
    told = (f"coalesce(bool_or(regexp_matches({source}, '{pattern}')) OVER (), false)" for pattern in (other, own))
    words = f"is read {_FIRST[order]} first, but other dates of the file are not"
    return Turned(words, f"regexp_matches({source}, '{_EITHER}')", " AND NOT ".join(told))


class Checking(Protocol):
    """A node that makes checks of itself."""

    def check(self, kind: GuardKind, severity: Severity, words: str, outside: str, value: str = "") -> Check:
        """A check on the rows where ``outside`` holds; ``value`` is what is shown of them."""
        ...


_THOUSANDS = "^[^0-9]*[0-9]{1,3}[.,][0-9]{3}[^0-9.,]*$"
"""A pattern of numbers that are read one way with a decimal point, another with a comma."""
_FRACTION = "[0-9]{mark}(?:[0-9]{{1,2}}|[0-9]{{4,}})(?:[^0-9.,]|$)|[0-9]{group}[0-9]{{3}}{mark}"
"""A pattern of numbers whose decimal mark is plain."""


def number_checks(
    node: Checking, words: str, source: str, style: NumberStyle, shown: Iterable[str | None] = ()
) -> Iterator[Check]:
    """Checks on texts, in SQL and in ``words``, that are read as numbers: those that are none, and thousands that may
    be fractions, or the other way round, where the file's other numbers have the other decimal mark. What stands for no
    number in texts that are ``shown`` does so elsewhere."""
    none = sorted({text.strip() for text in shown if text is not None and style.exact(text) is None} | {""})
    known = ", ".join(map(literal, none[:MAX_VALUES]))
    unread = f"({style.exact_sql(source)}) IS NULL AND trim(coalesce({source}, '')) NOT IN ({known})"
    yield node.check("number", "unseen", f"{words} is no number in the form seen", unread, source)
    own, other = ("[.]", ",") if style.decimal == "." else (",", "[.]")
    told = (
        f"coalesce(bool_or(regexp_matches({source}, '{_FRACTION.format(mark=mark, group=group)}')) OVER (), false)"
        for mark, group in ((other, own), (own, other))
    )
    doubtful = node.check(
        "number", "unseen", f"{words} has another decimal mark elsewhere in the file than in the example",
        f"regexp_matches({source}, '{_THOUSANDS}')", source,
    )  # fmt: skip
    yield replace(doubtful, across=" AND NOT ".join(told))
