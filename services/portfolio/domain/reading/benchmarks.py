"""The benchmark that stands beside a portfolio in the rows of its series: which column it is, and whether it is of
returns or of levels."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from services.portfolio.domain.errors import InputError, NumberError
from services.portfolio.domain.headers import Header, read_header
from services.portfolio.domain.levels import are_levels, size_of
from services.portfolio.domain.lexicon import Lexicon
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.numbers import Numeral, scan_number
from services.portfolio.domain.reading.tables import RawTable
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.terms import is_empty

_OF = frozenset({"benchmark", "index"})
_RETURNS = frozenset({"return", "rendement"})
_SAID = _OF | _RETURNS | {"comparison", "reference", "percent", "total", "net", "gross", "month", "period", "name"}
"""Words of a name that leave it one of the benchmark's own return; any other may be of what is said against it, or of
another time (`Excess vs benchmark`, `Benchmark YTD`)."""
_PERCENTS = frozenset({Unit.PERCENT, Unit.BASIS_POINTS, Unit.POINTS})
_LEVEL, _RETURN = "benchmark", "return"
_KNOWN = ("benchmark_return", "benchmark")


def part_benchmark(
    table: RawTable, reference: Reference, lexicon: Lexicon
) -> tuple[RawTable, RawTable | None, tuple[str, ...]]:
    """The table without its benchmark, the benchmark as a table of its own, and the names of columns that may be it."""
    sent = {table.written[column]: [row.cells.get(column) for row in table.rows]
            for column in _KNOWN if column in table.written}  # fmt: skip
    of = {name: [row.extra.get(name) for row in table.rows] for name in table.unknown if lexicon.read(name) & _OF}
    kinds = {name: _tell_kind(name, cells, lexicon, reference, is_known=name in sent)
             for name, cells in (sent | of).items() if any(not is_empty(cell) for cell in cells)}  # fmt: skip
    found = [name for name, kind in kinds.items() if kind == _RETURN]
    found = found or [name for name, kind in kinds.items() if kind == _LEVEL]
    known = [name for name in found if name in sent]
    found = known[:1] or found
    if len(found) != 1:
        return table, None, tuple(name for name in kinds if name not in sent)
    name = found[0]
    doubtful = tuple(other for other, kind in kinds.items() if other != name and kind is None)
    return _leave_out(table, name), _make(table, name, kinds[name] or _LEVEL, (sent | of)[name]), doubtful


def _make(table: RawTable, name: str, kind: str, cells: Sequence[object]) -> RawTable:
    first = next(place for place, cell in enumerate(cells) if not is_empty(cell))
    begins = first if kind == _RETURN else 0  # the first day has a value, and no return yet
    rows = tuple(
        replace(row, cells={"date": row.cells.get("date"), kind: cell}, extra={})
        for row, cell in list(zip(table.rows, cells, strict=True))[begins:]
    )
    headers = {"date": table.headers.get("date", Header("date")), kind: read_header(name)}
    return RawTable(table.field, rows, headers=headers, written={"date": table.written["date"], kind: name})


def _leave_out(table: RawTable, name: str) -> RawTable:
    """A table without an unknown column that is read elsewhere."""
    rows = tuple(
        replace(row, extra=_without(row.extra, name)) if name in row.extra else row for row in table.rows
    )  # fmt: skip
    return replace(table, rows=rows, unknown=tuple(other for other in table.unknown if other != name))


def _without(cells: Mapping[str, object], name: str) -> dict[str, object]:
    return {key: cell for key, cell in cells.items() if key != name}


def _tell_kind(
    name: str, cells: Sequence[object], lexicon: Lexicon, reference: Reference, *, is_known: bool
) -> str | None:
    """What a benchmark's column is of: returns, levels, or None where its name and cells leave it open."""
    parts = lexicon.read(read_header(name).base) | (lexicon.read(name) & _RETURNS)
    numerals = [numeral for cell in cells if (numeral := _scan(cell)) is not None]
    if not numerals:
        return None
    is_own = is_known or parts <= _SAID or reference.find_index(name) is not None
    of_levels = are_levels(cells) and not is_empty(cells[0])
    if any(numeral.unit in _PERCENTS for numeral in numerals):
        return _RETURN if is_own else None
    if parts & _RETURNS or read_header(name).unit is not None:
        return _RETURN if is_own and not of_levels else None
    if of_levels:
        return _LEVEL
    if any(size_of(numeral) < 0 for numeral in numerals):
        return _RETURN if is_own else None
    return _LEVEL if is_known else None


def _scan(cell: object) -> Numeral | None:
    try:
        return scan_number(cell, "benchmark") if not isinstance(cell, bool) else None
    except (InputError, NumberError):
        return None
