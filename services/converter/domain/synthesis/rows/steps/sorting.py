"""Rows in the order of a column, or turned round, and rows without repeats."""

from dataclasses import dataclass, replace

from services.converter.domain.formats.datereader import MomentStyle
from services.converter.domain.formats.number import NumberStyle
from services.converter.domain.synthesis.rows.algebra import CELLS, Relation, Source, Step, column_list
from services.converter.domain.synthesis.sqltext import identifier


@dataclass(frozen=True, slots=True)
class Sort(Step):
    """Rows by one column, as text, numbers or dates, what is none of these last; equal rows keep their order."""

    column: str
    descending: bool
    numeric: bool
    style: NumberStyle | MomentStyle | None = None
    """How the numbers or dates are written; None: as DuckDB's own cast reads them."""
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
            read = (self.style or NumberStyle()).exact
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
        key = (self.style or NumberStyle()).exact_sql(column) if self.numeric else column
        return replace(
            sorted_relation, order=(f"{key}{' DESC' if self.descending else ''} NULLS LAST", *relation.order)
        )

    def sql(self, source: Source) -> str:
        """Only the last SELECT sorts; the step keeps the column at hand."""
        return f"SELECT *\nFROM {source}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The column."""
        del relation, needed
        return frozenset({self.column})

    def words(self) -> str:
        """The order in words."""
        return (
            f"rows in the order of {self.column}"
            + (" as a date" if isinstance(self.style, MomentStyle) else " as a number" if self.numeric else "")
            + (", largest first" if self.descending else "")
        )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (
            cls("a", descending=False, numeric=False),
            cls("n", descending=True, numeric=True),
            cls("n", descending=True, numeric=True, style=NumberStyle(",", ".")),
            cls("a", descending=False, numeric=True, style=MomentStyle(("%d.%m.%Y",))),
            cls("a", descending=True, numeric=True, style=MomentStyle(("%d %b %Y",), "Polish")),
        )


@dataclass(frozen=True, slots=True)
class Backwards(Step):
    """The rows of the file from the last to the first."""

    title = "backwards"
    keeps_rows = True

    @property
    def cost(self) -> float:
        """Dearer than the order of a column, cheaper than its reverse: what is newest first is turned round."""
        return 1.35

    def run(self, relation: Relation) -> Relation:
        """The rows turned round."""
        turned = relation.keep(range(len(relation.rows) - 1, -1, -1))
        return replace(turned, order=tuple(f"-{key}" for key in relation.order))

    def sql(self, source: Source) -> str:
        """Only the last SELECT sorts."""
        return f"SELECT *\nFROM {source}"

    def words(self) -> str:
        """What happens."""
        return "rows from the last to the first"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(),)


@dataclass(frozen=True, slots=True)
class Distinct(Step):
    """The first row for each combination of some columns; of whole rows of cells where none is named."""

    columns: tuple[str, ...] = ()
    whole: bool = False
    """Whether these are all columns."""
    least: float = 0.0
    """The price below which it is not to be had, since a likelier reason explains which rows stay."""
    title = "distinct_rows"

    @property
    def cost(self) -> float:
        """Whole rows are simpler than one column, one is simpler than some."""
        return max(self.least, 1.0 if self.whole or not self.columns else 1.4 + 0.02 * len(self.columns))

    def run(self, relation: Relation) -> Relation:
        """The first rows."""
        index = [relation.names.index(name) for name in self.columns]
        first: dict[tuple[str | None, ...], int] = {}
        for position, row in enumerate(relation.rows if self.columns else relation.cells):
            first.setdefault(tuple(row[i] for i in index) if index else tuple(row), position)
        return relation.keep(first.values())

    def sql(self, source: Source) -> str:
        """`QUALIFY row_number() = 1`."""
        window = f"PARTITION BY {column_list(self.columns) or CELLS} ORDER BY {source.order}"
        return f"SELECT *\nFROM {source}\nQUALIFY row_number() OVER ({window}) = 1"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns that are compared."""
        del relation, needed
        return frozenset(self.columns or (CELLS,))

    def words(self) -> str:
        """What is unique."""
        if self.whole or not self.columns:
            return "every row once"
        return f"the first row for each {', '.join(self.columns[:4])}" + (
            f" and {len(self.columns) - 4} more columns" if len(self.columns) > 4 else ""
        )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(("a", "n")), cls())
