"""What a payload is of, by the columns of its tables, where its fields have other names than those of a section."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from services.portfolio.domain.headers import read_header
from services.portfolio.domain.levels import are_levels
from services.portfolio.domain.lexicon import Names
from services.portfolio.domain.table_fields import POINTS, TABLES
from services.portfolio.domain.terms import is_empty

if TYPE_CHECKING:
    from services.portfolio.domain.sections import Section

_NAMING = frozenset({"name", "symbol", "isin", "asset_class"})
"""Columns that say what a row is of; each of them counts as ``name``."""
_TEXTS = frozenset({"name", "currency"})
"""Columns of texts that share a name with figures (``Valor``)."""
_FLOW = "flow"
"""What a name of a table of payments means."""
_ABSENT, _BESIDE = "!", "+"
_MOST_LOOKED_AT = 50
"""Rows that tell what a table is of: a page of it."""
_DELIMITERS = (",", ";", "\t", "|")
Rows = Sequence[Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """The columns by which a section is known: ``name coupon maturity``; ``!name`` where there must be none, and
    ``+annual_need`` for a field of the section that stands beside the table."""

    needed: frozenset[str]
    barred: frozenset[str]
    beside: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, text: str) -> "Evidence":
        """The columns in one line of ``known_by``."""
        words = text.split()
        return cls(
            frozenset(word for word in words if not word.startswith((_ABSENT, _BESIDE))),
            frozenset(word.removeprefix(_ABSENT) for word in words if word.startswith(_ABSENT)),
            frozenset(word.removeprefix(_BESIDE) for word in words if word.startswith(_BESIDE)),
        )


@dataclass(frozen=True, slots=True)
class SentTable:
    """A table of a payload: the field that holds it, its value with its rows as a list, and its first rows."""

    field: str
    value: object
    rows: Rows


@dataclass(frozen=True, slots=True)
class Fit:
    """A table that is a field of a section by its columns: those that say so, and all that are known of it."""

    section: "Section"
    field: str
    table: SentTable
    shown_by: frozenset[str]
    known: frozenset[str]


def prefer_tracks(fits: Sequence[Fit]) -> list[Fit]:
    """Of tables that fit equally well, those of levels, where there are any, and those that may not be of what was
    paid: they have no day and do not say so. Where none is of levels, amounts by day that are beside another table are
    payments, and no values over time."""
    tracks = [fit for fit in fits if TABLES[fit.field] == POINTS and _is_of_levels(fit.table)]
    if tracks:
        return [fit for fit in fits if fit in tracks or not _may_be_paid(fit)]
    return [fit for fit in fits if TABLES[fit.field] != POINTS] or list(fits)


def _may_be_paid(fit: Fit) -> bool:
    return "date" in fit.known or _FLOW in fit.section.columns.lexicon.read(fit.table.field)


def _is_of_levels(table: SentTable) -> bool:
    names = dict.fromkeys(name for row in table.rows for name in row)
    return any(are_levels(row.get(name) for row in table.rows) for name in names)


def list_tables(payload: Mapping[object, object]) -> list[SentTable]:
    """The fields that hold rows: lists of objects, objects of objects that are alike, and CSV text."""
    found = []
    for name, sent in payload.items():
        value = _list_keyed(sent) if isinstance(sent, Mapping) else sent
        if isinstance(value, list) and value and all(isinstance(item, Mapping) for item in value):
            rows = [{str(key): cell for key, cell in item.items()} for item in value[:_MOST_LOOKED_AT]]
            found.append(SentTable(str(name), value, rows))
        elif isinstance(value, str) and "\n" in value.strip():
            found.append(SentTable(str(name), value, _read_head(value)))
    return found


def _list_keyed(value: Mapping[object, object]) -> object:
    """Rows that stand under their names (``{"AAPL": {"qty": 5}, ...}``) as a list; anything else as it is."""
    rows = [item for item in value.values() if isinstance(item, Mapping)]
    if len(rows) < 2 or len(rows) < len(value) or not set.intersection(*({*map(str, row)} for row in rows)):
        return value
    return [{"name": str(key), **{str(name): cell for name, cell in row.items()}} for key, row in value.items()
            if isinstance(row, Mapping)]  # fmt: skip


def _read_head(text: str) -> Rows:
    """The first lines of a text under the names in the first; titles above a table are left to those who read it."""
    lines = text.lstrip("\ufeff \r\n").splitlines()[: _MOST_LOOKED_AT + 1]
    delimiter = max(_DELIMITERS, key=lines[0].count)
    names = [cell.strip().strip('"') for cell in lines[0].split(delimiter)]
    return [dict(zip(names, (cell.strip() for cell in line.split(delimiter)), strict=False)) for line in lines[1:]]


def know_columns(rows: Rows, columns: Names) -> frozenset[str]:
    """The columns that at least half of the rows fill, by their names."""
    counts: dict[str, int] = {}
    for row in rows:
        for name, cell in row.items():
            if not is_empty(cell):
                counts[name] = counts.get(name, 0) + 1
    known: set[str] = set()
    for name, count in counts.items():
        if 2 * count >= len(rows):
            options = columns.find(name) or columns.find(read_header(name).base)
            known.update(options if len(options) < 2 else _settle(options, [row.get(name) for row in rows]))
    return frozenset(known | {"name"} if known & _NAMING else known)


def _settle(options: Sequence[str], cells: Iterable[object]) -> list[str]:
    """The columns that a name of several may be: of texts or of figures, as most of its cells are."""
    told = [any(character.isdigit() for character in str(cell)) for cell in cells if not is_empty(cell)]
    of_figures = 2 * sum(told) >= len(told)
    return [column for column in options if (column in _TEXTS) is not of_figures]


def weigh(
    known: frozenset[str], alternatives: Iterable[Evidence], beside: frozenset[str] = frozenset()
) -> frozenset[str]:
    """The columns of the strongest evidence that a table has, with the fields ``beside`` it that are part of it; none
    where it has none."""
    met = [
        item.needed | item.beside for item in alternatives
        if item.needed <= known and not item.barred & known and item.beside <= beside
    ]  # fmt: skip
    return max(met, key=len, default=frozenset())
