"""Reference tables: further files that a program looks things up in, by equal texts and by the latest date.

Which columns meet is found before anything is learned: a column of the input whose texts stand in a column of the
reference, with a date of the input from which on the reference's rows count where one text has several. What is found
is put beside the input's own columns, so that all that learns, proves and guards columns does so with these as well.
In a program the input with them is a CTE of the input's own name. Keys that are not there, or there twice with other
answers, give nothing and are flagged.
"""

# ruff: noqa: S608 - programs are written here; names and texts go through identifier and literal

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.converter.domain.column_names import NameMatch, compare_names
from services.converter.domain.faults import ConverterFault
from services.converter.domain.formats.date import infer_formats
from services.converter.domain.formats.datereader import date_sql, order_of, order_of_codes, read_date
from services.converter.domain.program import RELATIONS
from services.converter.domain.report import Guard
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import Check, turned_dates
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Row, Table

MOST_REFERENCES = 10
MOST_REFERENCE_BYTES = 16 << 20
"""Bytes of all references together."""
MOST_JOINS, MOST_COLUMNS = 6, 60
"""Joins that are tried for all references, and columns that they put beside the input's."""
LEAST_FOUND = 0.6
"""Rows of the example whose text must stand in the reference."""
MOST_LOOKED_AT = 2_000
"""Rows that show which columns of a reference and of the input hold the same texts."""
_NAME = re.compile("[a-z][a-z0-9_]{0,62}")


class ReferenceInvalid(ConverterFault):
    """A reference table that cannot be taken; the text names it."""

    default_reason = "REFERENCE_INVALID"


def check_names(names: Sequence[str]) -> None:
    """Raise `ReferenceInvalid` where there are too many references, or one has no name for a relation."""
    if len(names) > MOST_REFERENCES:
        raise ReferenceInvalid(f"references: at most {MOST_REFERENCES}")
    for name in names:
        if not _NAME.fullmatch(name) or name in RELATIONS:
            raise ReferenceInvalid(f'references: "{name}" is no name: small letters, digits and _, not input or header')


@dataclass(frozen=True, slots=True)
class Dates:
    """From which row on a reference's rows count: ``column`` of the input is not before ``since`` of the reference."""

    column: str
    codes: tuple[str, ...]
    since: str
    since_codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Rows of the input and of one reference that meet: where ``column`` is the text of ``key``, and by dates.

    ``columns`` are names in the program, by the names in the reference; ``exact`` says that the example showed no row
    whose date is not in the reference itself.
    """

    reference: str
    column: str
    key: str
    columns: tuple[tuple[str, str], ...]
    dates: Dates | None = None
    exact: bool = True

    def look_up(self, table: Table, reference: Table) -> list[tuple[tuple[str | None, ...], bool]]:
        """For each row of the input what the reference has for it, and whether it has it of the very day."""
        keys, at = table.column_names, reference.column_names
        place, key = keys.index(self.column), at.index(self.key)
        wanted = [at.index(name) for _, name in self.columns]
        rows: dict[str, dict[datetime | None, list[Row]]] = {}
        for row in reference.rows:
            text = _cell(row, key).strip(" ")
            since = read_date(_cell(row, at.index(self.dates.since)), self.dates.since_codes) if self.dates else None
            if text and not (self.dates and since is None):
                rows.setdefault(text, {}).setdefault(since, []).append(row)
        days = {text: sorted(day for day in found if day is not None) for text, found in rows.items()}
        found = []
        nothing: tuple[str | None, ...] = (None,) * len(wanted)
        for row in table.rows:
            text, day = _cell(row, place).strip(" "), None
            asked = read_date(_cell(row, keys.index(self.dates.column)), self.dates.codes) if self.dates else None
            if self.dates and text in days and asked is not None:
                before = bisect_right(days[text], asked)
                day = days[text][before - 1] if before else None
            hits = rows.get(text, {}).get(day, []) if not self.dates or day is not None else []
            answers = [{_cell(hit, at_) for hit in hits} for at_ in wanted]
            given = tuple(next(iter(a)) if len(a) == 1 else None for a in answers) if hits else nothing
            found.append((given, day == asked))
        return found

    def sql(self, number: int) -> str:
        """The join, behind FROM input."""
        alias, key = f"_r{number}", f"trim(coalesce({identifier(self.key)}, ''))"
        values = ", ".join(
            f"CASE WHEN count(DISTINCT coalesce({identifier(old)}, '')) = 1"
            f" THEN any_value(coalesce({identifier(old)}, '')) END AS {identifier(new)}"
            for new, old in self.columns
        )
        day = f", {date_sql(identifier(self.dates.since), self.dates.since_codes)} AS _day" if self.dates else ""
        known = (
            f" AND {date_sql(identifier(self.dates.since), self.dates.since_codes)} IS NOT NULL" if self.dates else ""
        )
        rows = (
            f"(SELECT {key} AS _key{day}, {values} FROM {identifier(self.reference)}"
            f" WHERE {key} <> ''{known} GROUP BY {'1, 2' if self.dates else '1'}) AS {alias}"
        )
        meets = f"trim(coalesce(input.{identifier(self.column)}, '')) = {alias}._key"
        if self.dates:
            asked = date_sql(f"input.{identifier(self.dates.column)}", self.dates.codes)
            return f"ASOF LEFT JOIN {rows} ON {meets} AND {asked} >= {alias}._day"
        return f"LEFT JOIN {rows} ON {meets}"

    @property
    def asks(self) -> tuple[str, ...]:
        """The input's columns that are read."""
        return (self.column, *([self.dates.column] if self.dates else []))

    @property
    def read(self) -> tuple[str, ...]:
        """The reference's columns that are read."""
        return (self.key, *([self.dates.since] if self.dates else []), *(old for _, old in self.columns))

    def words(self) -> str:
        """For people."""
        by = f', the latest by "{self.dates.since}" up to "{self.dates.column}"' if self.dates else ""
        return f'{self.reference}, where its "{self.key}" is "{self.column}"{by}'


def _cell(row: Row, place: int) -> str:
    return row[place] if place < len(row) else ""


def find_joins(table: Table, references: Mapping[str, Table]) -> list[Join]:
    """The joins by which references may be read, the likeliest first, at most so many."""
    found: list[tuple[float, Join]] = []
    for name, reference in references.items():
        found += sorted(_joins_of(table, name, reference), key=lambda item: -item[0])[:2]
    found.sort(key=lambda item: -item[0])
    joins: list[Join] = []
    width = 0
    taken = {column.lower() for column in table.column_names}
    for _, join in found[:MOST_JOINS]:
        columns = []
        for _, old in join.columns:
            new, count = f"{join.reference}.{old}", 1
            while new.lower() in taken:
                count += 1
                new = f"{join.reference}.{old} by {join.column}" + (f" {count}" if count > 2 else "")
            taken.add(new.lower())
            columns.append((new, old))
        width += len(columns)
        if width <= MOST_COLUMNS:
            joins.append(replace(join, columns=tuple(columns)))
    return joins


def _joins_of(table: Table, name: str, reference: Table) -> Iterator[tuple[float, Join]]:
    """Joins with one reference, each with how good it is."""
    sample = replace(table, rows=tuple(sampling.some(table.rows, MOST_LOOKED_AT)))
    names, theirs = sample.column_names, reference.column_names
    inputs, columns = sample.columns(), reference.columns()
    texts = [{text.strip(" ") for text in column} - {""} for column in columns]
    days, since = (_dates_of(own, cells) for own, cells in ((names, inputs), (theirs, columns)))
    for own, cells in zip(names, inputs, strict=True):
        filled = [cell.strip(" ") for cell in cells if cell.strip(" ")]
        for key, known in zip(theirs, texts, strict=True):
            share = sum(text in known for text in filled) / len(filled) if filled else 0.0
            rest = tuple(("", other) for other in theirs if other != key)
            if share < LEAST_FOUND or not rest:
                continue
            alike = 1.0 if compare_names(own, key) >= NameMatch.SAME else 0.0
            plain = Join(name, own, key, rest)
            answered = _answered(plain, sample, reference)
            merit = share + alike + len(set(filled)) / len(filled) / 2
            if answered >= LEAST_FOUND:
                yield merit + answered, plain
                continue
            for (column, codes), (day, day_codes) in ((a, b) for a in days for b in since):
                if column == own or day == key:
                    continue
                dated = replace(plain, dates=Dates(column, codes, day, day_codes))
                answered = _answered(dated, sample, reference)
                if answered >= LEAST_FOUND:
                    exact = all(same for given, same in dated.look_up(sample, reference) if any(given))
                    yield merit + answered, replace(dated, exact=exact)


def _dates_of(names: Row, columns: Sequence[Sequence[str]]) -> list[tuple[str, tuple[str, ...]]]:
    """The columns that hold dates, each with the likeliest way to read it."""
    found: list[tuple[str, tuple[str, ...]]] = []
    order = order_of(columns)
    for name, cells in zip(names, columns, strict=True):
        codes = infer_formats(sampling.some([cell for cell in cells if cell.strip()], MOST_LOOKED_AT))
        dated = [code for code in codes if ("%d" in code and "%m" in code) or "%b" in code]
        if {"dmy", "mdy"} <= {order_of_codes((code,)) for code in dated}:
            # Which of the two is not guessed: the table's dates settle it, or the column says nothing.
            dated = [code for code in dated if order and order_of_codes((code,)) == order]
        if dated:
            found.append((name, (dated[0],)))
    return found


def _answered(join: Join, table: Table, reference: Table) -> float:
    """The share of rows for which a join gives something."""
    rows = join.look_up(table, reference)
    return sum(any(cell is not None for cell in given) for given, _ in rows) / max(1, len(rows))


def widen(table: Table, joins: Sequence[Join], references: Mapping[str, Table]) -> Table:
    """The input with what the references have for its rows beside its own columns."""
    names = table.column_names
    added = [[given for given, _ in join.look_up(table, references[join.reference])] for join in joins]
    rows = tuple(
        (*row, *[""] * (len(names) - len(row)), *(cell or "" for cells in beside for cell in cells))
        for row, *beside in zip(table.rows, *added, strict=True)
    )
    header = (*names, *(new for join in joins for new, _ in join.columns))
    return replace(table, header=header, rows=rows)


def beside_references(sql: str, joins: Sequence[Join]) -> str:
    """A program over the widened input as one over the input and the references."""
    if not joins:
        return sql
    added = [new for join in joins for new, _ in join.columns]
    given = [f"coalesce(_r{n}.{identifier(new)}, '')" for n, join in enumerate(joins, 1) for new, _ in join.columns]
    columns = [f"{value} AS {identifier(name)}" for value, name in zip(given, added, strict=True)]
    marks = [f"_r{n}._day AS _day{n}" for n, join in enumerate(joins, 1) if join.dates]
    cells = f"list_concat(input._cells, [{', '.join(given)}]) AS _cells"
    joined = "\n    ".join(join.sql(number) for number, join in enumerate(joins, 1))
    answered = [
        f"{' AND '.join(f'_r{n}.{identifier(new)} IS NOT NULL' for new, _ in join.columns)} AS _found{n}"
        for n, join in enumerate(joins, 1)
    ]
    selected = ", ".join(["input.* EXCLUDE (_cells)", *columns, *marks, *answered, cells])
    first = f"WITH input AS (\n    SELECT {selected}\n    FROM input\n    {joined}\n)"
    return f"{first}, {sql[5:]}" if sql[:5].upper() == "WITH " else f"{first}\n{sql}"


def used_joins(joins: Sequence[Join], read: Sequence[str]) -> list[Join]:
    """The joins of which something is read, each with no more columns than that: ``read`` are names or texts of SQL."""
    kept = []
    for join in joins:
        columns = tuple(pair for pair in join.columns if any(identifier(pair[0]) in text for text in read))
        if columns:
            kept.append(replace(join, columns=columns))
    return kept


def lacking(names: Sequence[str], read: Sequence[str]) -> list[str]:
    """The columns that are read of a reference and that a newer version of it does not have."""
    there = {name.lower() for name in names}
    return [name for name in read if name.lower() not in there]


def missing_guards(joins: Sequence[Join], outputs: Mapping[str, Sequence[str]]) -> Iterator[Guard]:
    """Rows for which a reference has nothing: over the widened input. ``outputs`` are the output columns by what they
    read."""
    for number, join in enumerate(joins, 1):
        column = identifier(join.column)
        made = tuple(dict.fromkeys(name for new, _ in join.columns for name in outputs.get(new, ())))
        words = f"the reference has no answer, or several: {join.words()}"
        yield Guard(
            join.column, "missing", "unseen", words,
            f"SELECT _row, {column} AS value\nFROM input\nWHERE trim(coalesce({column}, '')) <> ''"
            f" AND NOT coalesce(_found{number}, false)", made,
        )  # fmt: skip
        turned = turned_dates(identifier(join.dates.column), join.dates.codes) if join.dates else None
        if join.dates and turned is not None:
            date = identifier(join.dates.column)
            check = Check(
                join.dates.column, "date", "unseen", f"{join.dates.column} {turned.words}", date, turned.outside,
                frozenset(), turned.across,
            )  # fmt: skip
            yield Guard(check.column, check.kind, check.severity, check.words, check.sql("", "input"), made)
        if join.dates and join.exact:
            asked = date_sql(identifier(join.dates.column), join.dates.codes)
            words = f"the reference has an earlier day only, which the example did not show: {join.words()}"
            yield Guard(
                join.dates.column, "missing", "unseen", words,
                f"SELECT _row, {identifier(join.dates.column)} AS value\nFROM input\nWHERE _day{number} <> {asked}",
                made,
            )  # fmt: skip
