"""Rows that are sums of others: found by their name, or by being the sum where an own position would say more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.reference import Reference

_NEAR = Decimal("0.005")
# Columns that a row of sums has as well as a position: they say nothing of which it is.
_SUMMED = frozenset(
    {"name", "market_value", "cost", "weight", "pair", "income", "face_value", "model_weight", "return"}
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as far as sums go: ``own`` where it has an identifier, a quantity, a price or the like."""

    path: str
    name: str
    value: Decimal | None
    own: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """The indexes of rows that are sums; the value of that of all; the index of a row that may be one or not; and the
    rows that are called a total without being the sum."""

    rows: frozenset[int]
    total: Decimal | None
    doubtful: int | None
    wrong: tuple[str, ...]


def is_own(cells: Sequence[str]) -> bool:
    """Whether the columns that a row fills are more than a row of sums has."""
    return any(name not in _SUMMED for name in cells)


def find_sums(
    lines: Sequence[Line], reference: Reference, is_whole: Callable[[Decimal], bool], *, by_sum: bool = True
) -> Sums:
    """Which rows are sums. ``is_whole`` says of an amount whether it is the payload's stated whole.

    Without ``by_sum`` only names tell: amounts in several currencies have no sum, and rows whose weights make a whole
    are all positions.
    """
    rows: set[int] = set()
    kept = block = Decimal(0)
    count = in_block = 0
    total: Decimal | None = None
    wrong = []
    owned = sum(line.own for line in lines)
    for index, line in enumerate(lines):
        value = line.value
        fits_block = value is not None and in_block > 0 and _is_near(value, block)
        fits_all = value is not None and count > 0 and _is_near(value, kept)
        named = bool(line.name) and reference.is_total(line.name)
        hinted = not line.name or reference.may_be_total(line.name)
        bare = not line.own and owned > (len(lines) - 1) / 2
        # A bare row that names no class ("Cash") and is the sum of several is one, whatever it is called.
        nameless = bare and in_block > 1 and reference.classify(line.name, None, "") is None
        summed = by_sum and (hinted or nameless) and (fits_block or fits_all)
        if not line.own and (named or (hinted and bare) or summed):
            rows.add(index)
            if fits_all:
                total = value
            elif value is not None and not fits_block:
                wrong.append(line.path)
            block, in_block = Decimal(0), 0
            continue
        if value is not None:
            kept, block = kept + value, block + value
            count, in_block = count + 1, in_block + 1
    doubtful = _find_doubtful(lines, rows, is_whole) if by_sum else None
    if doubtful is not None and is_whole(lines[doubtful].value or Decimal(0)):
        return Sums(frozenset({doubtful}), lines[doubtful].value, None, tuple(wrong))
    return Sums(frozenset(rows), total, doubtful, tuple(wrong))


def _find_doubtful(lines: Sequence[Line], sums: set[int], is_whole: Callable[[Decimal], bool]) -> int | None:
    """The last row, where all that speaks for a sum is that it is one."""
    last = len(lines) - 1
    if last < 1 or sums or lines[last].own or lines[last].value is None:
        return None
    value = lines[last].value or Decimal(0)
    before = sum((line.value or Decimal(0) for line in lines[:last]), Decimal(0))
    if not value or not _is_near(value, before) or is_whole(before + value):
        return None
    return last


def _is_near(value: Decimal, total: Decimal) -> bool:
    return bool(total) and abs(value - total) <= max(abs(total) * _NEAR / 100, Decimal("0.01"))
