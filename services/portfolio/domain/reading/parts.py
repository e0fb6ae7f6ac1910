"""Parts and wholes: which values are shares and which amounts, and which rows are sums of others."""

from collections import Counter
from decimal import Decimal

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.needs import Money
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading.columns import (
    Column,
)
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.tables import PAIR
from services.portfolio.domain.reading.totals import find_sums, make_line
from services.portfolio.domain.readings import (
    AMBIGUOUS,
    COLUMN,
    SUM,
    Alternative,
)
from services.portfolio.domain.reference import FieldSpec
from services.portfolio.domain.table_fields import FLOWS, INCOME, MOVERS, POINTS, POSITIONS, SHARES, TABLES

_SMALL_PAIR = Decimal(200)


def name_pairs(feed: Feed, name: str) -> None:
    """Say what the values beside names are: shares or amounts, values or returns."""
    column = feed.columns.pop((name, PAIR), None)
    if column is None:
        return
    shape, target = TABLES[name], "market_value"
    if shape == MOVERS:
        target = "return"
    elif shape == INCOME:
        target = "income"
    elif shape == POINTS and _is_returns(feed, name):
        target = "return"
    elif shape in {POSITIONS, SHARES}:
        target = "weight" if _is_share(feed, name, column) else "market_value"
    if (name, target) in feed.columns:
        column.name = PAIR
    spec = FieldSpec("return", "returns") if target == "return" and shape == POINTS else feed.reference.columns[target]
    column.name, column.spec = target, spec
    feed.columns[name, target] = column


def _is_returns(feed: Feed, name: str) -> bool:
    if name == "returns":
        return True
    if name == "series":
        return False
    if (name, "return") in feed.columns:
        return True
    return name == "benchmark" and "series" not in feed.tables


def _is_share(feed: Feed, name: str, column: Column) -> bool:
    """Whether bare values beside names are shares: by their marks, by their sum, or by the sum of the whole."""
    units = Counter(cell.unit for cell in column.numerals)
    marked = sum(count for unit, count in units.items() if unit in {Unit.PERCENT, Unit.BASIS_POINTS})
    if marked:
        return marked * 2 >= len(column.numerals)
    if units[Unit.MONEY] or any(cell.scaled for cell in column.numerals):
        return False
    total = sum(column.values().values(), Decimal(0))
    tolerance = feed.catalogue.limits.total_tolerance
    whole = feed.find_whole()
    if whole is not None and whole.value > _SMALL_PAIR:
        return total <= _SMALL_PAIR and _find_scale(total, whole.value) is None
    if TABLES[name] == SHARES:
        return total <= _SMALL_PAIR
    return abs(total - 100) <= tolerance or abs(total - 1) <= tolerance / 100


def _find_scale(total: Decimal, whole: Decimal) -> Decimal | None:
    """The scale in which amounts sum to a stated whole, where they are no shares."""
    if abs(total - 100) <= Decimal("1.5") or abs(total - 1) <= Decimal("0.015"):
        return None
    for scale in (Decimal(1), Decimal(1000), Decimal(100_000), Decimal(1_000_000), Decimal(10_000_000)):
        if abs(total * scale - whole) <= whole / 2000:
            return scale
    return None


def drop_sums(feed: Feed, name: str) -> None:
    """Leave out the rows that are sums of others, and say so."""
    table, shape = feed.tables[name], TABLES[name]
    if shape in {POINTS, FLOWS} or len(table.rows) < 2:
        return
    column = next(
        (
            found
            for key in ("market_value", "weight", "income", "face_value", "return")
            if (found := feed.columns.get((name, key))) is not None and found.cells
        ),
        None,
    )
    if column is None:
        return
    values = column.values()
    lines = [make_line(row.path, row.cells, values.get(index), feed.reference) for index, row in enumerate(table.rows)]
    whole = column.name == "weight" and abs(sum(values.values(), Decimal(0)) - 100) <= Decimal("1.5")
    fraction = column.name == "weight" and abs(sum(values.values(), Decimal(0)) - 1) <= Decimal("0.015")
    currencies = {cell.currency for cell in column.numerals}
    by_sum = not (whole or fraction or shape == MOVERS or len(currencies) > 1 or _weights_cover(feed, name))
    sums = find_sums(lines, feed.reference, feed.is_whole, by_sum=by_sum)
    feed.sums[name] = sums.rows
    if feed.sums[name]:
        shown = ", ".join(lines[index].name or lines[index].path for index in sorted(feed.sums[name])[:5])
        feed.note("totals", f"Read as sums of other rows, not as positions: {shown}.", field=table.field)
        if sums.total is not None:
            feed.totals[name] = Money(sums.total, None)
    for path in sums.wrong:
        feed.note(
            "total_mismatch",
            f"{path} is called a total but is not the sum of its rows; it is left out.",
            field=table.field,
            warning=True,
        )
    if sums.doubtful is not None:
        line = lines[sums.doubtful]
        reason = MissingInputError(
            f"{line.path} is exactly the sum of the rows before it: it could be a position or their total",
            AMBIGUOUS,
            (
                Alternative({"row": line.path, "unit": "a position"}, COLUMN),
                Alternative({"row": line.path, "unit": "the total"}, SUM),
            ),
        )
        column.reason = reason


def _weights_cover(feed: Feed, name: str) -> bool:
    """Whether the table's weights sum to a whole with all rows, so that none of them is a sum."""
    for key in ("weight", "model_weight"):
        column = feed.columns.get((name, key))
        if column is not None and len(column.cells) == len(feed.tables[name].rows):
            total = sum(column.values().values(), Decimal(0))
            if abs(total - 100) <= Decimal("1.5") or abs(total - 1) <= Decimal("0.015"):
                return True
    return False
