"""Rows in the order of a column, and rows without repeats."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.formats.number import NumberStyle, cast_double
from services.converter.domain.synthesis.rows.algebra import Plan, Relation, Step, column_list
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Table


@dataclass(frozen=True, slots=True)
class Sort(Step):
    """Rows by one column, as text or as numbers, what is no number last; equal rows keep their order."""

    column: str
    descending: bool
    numeric: bool
    style: NumberStyle | None = None
    """How the numbers are written; None: as DuckDB's own cast reads them."""
    title = "sorted_rows"
    keeps_rows = True

    @property
    def cost(self) -> float:
        """Above plain order."""
        return 1.3 + (0.1 if self.descending else 0.0)

    def run(self, relation: Relation) -> Relation:
        """The rows in their new order."""
        index = relation.names.index(self.column)
        places = list(range(len(relation.rows)))
        if self.numeric:
            read = (self.style or NumberStyle()).read
            numbers = [read(row[index] or "") for row in relation.rows]
            known = sorted(
                (i for i in places if numbers[i] is not None), key=lambda i: numbers[i] or 0.0, reverse=self.descending
            )
            ordered = known + [i for i in places if numbers[i] is None]
        else:
            texts = [row[index] for row in relation.rows]
            known = sorted(
                (i for i in places if texts[i] is not None), key=lambda i: texts[i] or "", reverse=self.descending
            )
            ordered = known + [i for i in places if texts[i] is None]
        sorted_relation = relation.keep(ordered)
        column = identifier(self.column)
        key = (self.style or NumberStyle()).sql(column) if self.numeric else column
        return replace(
            sorted_relation, order=(f"{key}{' DESC' if self.descending else ''} NULLS LAST", *relation.order)
        )

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """Only the last SELECT sorts; the step keeps the column at hand."""
        del relation, needed
        return f"SELECT *\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The column."""
        del relation, needed
        return frozenset({self.column})

    def words(self) -> str:
        """The order in words."""
        return (
            f"rows in the order of {self.column}"
            + (" as a number" if self.numeric else "")
            + (", largest first" if self.descending else "")
        )


@dataclass(frozen=True, slots=True)
class Distinct(Step):
    """The first row for each combination of some columns."""

    columns: tuple[str, ...]
    title = "distinct_rows"

    @property
    def cost(self) -> float:
        """One column is simpler than all, all are simpler than some."""
        return 1.4 + 0.02 * len(self.columns)

    def run(self, relation: Relation) -> Relation:
        """The first rows."""
        index = [relation.names.index(name) for name in self.columns]
        first: dict[tuple[str | None, ...], int] = {}
        for position, row in enumerate(relation.rows):
            first.setdefault(tuple(row[i] for i in index), position)
        return relation.keep(first.values())

    def sql(self, relation: Relation, source: str, needed: frozenset[str]) -> str:
        """`QUALIFY row_number() = 1`."""
        del needed
        order = ", ".join(relation.order)
        window = f"PARTITION BY {column_list(self.columns)} ORDER BY {order}"
        return f"SELECT *\nFROM {source}\nQUALIFY row_number() OVER ({window}) = 1"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns that are compared."""
        del relation, needed
        return frozenset(self.columns)

    def words(self) -> str:
        """What is unique."""
        return f"the first row for each {', '.join(self.columns[:4])}" + (
            f" and {len(self.columns) - 4} more columns" if len(self.columns) > 4 else ""
        )


def sorts(plan: Plan, wanted: list[tuple[str, ...]]) -> Iterator[Plan]:
    """Orders that the wanted rows are in and the plan's rows are not, by columns that hold the same values."""
    relation = plan.relation
    seen: set[tuple[str, bool, bool]] = set()
    for output in wanted:
        if len(set(output)) < 2:
            continue
        numbers = [cast_double(value) for value in output]
        for numeric in (True, False):
            keys: list[float] | list[str] = [n for n in numbers if n is not None] if numeric else list(output)
            if len(keys) < len(output):
                continue
            for descending in (False, True):
                if sorted(keys, reverse=descending) != keys:
                    continue
                need = Counter(output)
                for index, name in enumerate(relation.names):
                    have = [row[index] or "" for row in relation.rows]
                    if (name, descending, numeric) not in seen and not need - Counter(have) and have != list(output):
                        seen.add((name, descending, numeric))
                        yield plan.then(Sort(name, descending, numeric))


def distincts(plan: Plan, wanted_rows: int) -> Iterator[Plan]:
    """Distinct rows by all columns, one column or the leading columns, where that leaves as many as are wanted."""
    relation = plan.relation
    names = relation.names[:30]
    choices = [
        names,
        *((n,) for n in names),
        *(names[:k] for k in range(2, min(6, len(names)))),
        *(names[k:] for k in range(1, 3) if len(names) > k + 1),
    ]
    for columns in dict.fromkeys(choices):
        index = [relation.names.index(n) for n in columns]
        if len({tuple(row[i] for i in index) for row in relation.rows}) == wanted_rows:
            yield plan.then(Distinct(columns))


def in_order_of(table: Table, expected: Table) -> Table | None:
    """The expected rows in the order of the input rows that they copy a key from; None where that is no other order.

    A key is an output column without repeats whose values all stand, once each, in one input column.
    """
    for position in range(expected.width):
        keys = [row[position] if position < len(row) else "" for row in expected.rows]
        if len(keys) < 2 or len(set(keys)) < len(keys):
            continue
        for index in range(table.width):
            places: dict[str, int] = {}
            counts: Counter[str] = Counter()
            for place, row in enumerate(table.rows):
                cell = row[index] if index < len(row) else ""
                places[cell] = place
                counts[cell] += 1
            if all(counts[key] == 1 for key in keys):
                order = sorted(range(len(keys)), key=lambda i: places[keys[i]])
                if order != list(range(len(keys))):
                    return replace(expected, rows=tuple(expected.rows[i] for i in order))
    return None
