"""Records of any number of lines, parted by blank rows or begun by rows of one kind."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.language import Column, Condition
from services.converter.domain.synthesis.operators.logic.combined import Not
from services.converter.domain.synthesis.operators.logic.condition import Blank
from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Relation, Source, Step
from services.converter.domain.synthesis.rows.cells import FILLED_CELLS, filled_cells
from services.converter.domain.synthesis.sqltext import identifier

_BLANK_SQL = f"len({FILLED_CELLS}) = 0"


@dataclass(frozen=True, slots=True)
class Sections(Step):
    """Numbers the sections of a file, `section`, and the rows in each, `line`.

    A section begins where ``begins`` holds; without it sections are what stands between blank rows, which are left out.
    """

    begins: Condition | None = None
    title = "sections"

    @property
    def cost(self) -> float:
        """Blank rows between sections are common, rows that begin one must be recognised."""
        return 1.0 if self.begins is None else 1.2 + self.begins.cost

    def _names(self, relation: Relation) -> tuple[str, str]:
        return relation.fresh("section"), relation.fresh("line")

    def run(self, relation: Relation) -> Relation:
        """The rows with their section and line."""
        rows: list[Cells] = []
        kept: list[int] = []
        section = line = 0
        for position, (row, cells) in enumerate(zip(relation.rows, relation.cells, strict=True)):
            blank = self.begins is None and not filled_cells(cells)
            if blank or (self.begins is not None and self.begins.holds(row)):
                section, line = section + 1, 0
            if not blank:
                line += 1
                kept.append(position)
                rows.append((*row, str(section), str(line)))
        return replace(relation.keep(kept), names=(*relation.names, *self._names(relation)), rows=tuple(rows))

    def sql(self, source: Source) -> str:
        """A running count of the rows that part sections, and row numbers in each."""
        order = source.order
        section, line = self._names(source.relation)
        parts = _BLANK_SQL if self.begins is None else self.begins.sql()
        where = f"\nWHERE NOT ({_BLANK_SQL})" if self.begins is None else ""
        number = f"row_number() OVER (PARTITION BY {identifier(section)} ORDER BY {order})"
        return (
            f"SELECT *, CAST({number} AS VARCHAR) AS {identifier(line)}\nFROM (\n    SELECT\n        *,\n"
            f"        CAST(count(CASE WHEN {parts} THEN 1 END) OVER (ORDER BY {order}) AS VARCHAR)"
            f" AS {identifier(section)}\n    FROM {source}\n){where}"
        )

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The condition's columns."""
        del needed
        return frozenset(relation.names[i] for i in self.begins.columns) if self.begins else frozenset()

    def words(self) -> str:
        """What parts the sections."""
        if self.begins is None:
            return "blank rows part the file into sections"
        return f"a section begins where {self.begins.words()}"

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls(), cls(Not(Blank(Column(0, "a")))))


@dataclass(frozen=True, slots=True)
class Gathered(Step):
    """Each section as one row, with as many lines as the longest that was seen, numbered."""

    section: str
    line: str
    lines: int
    title = "records"
    sized = True
    columns_only = True
    grounds = (Sections(),)

    @property
    def cost(self) -> float:
        """As records of a fixed number of lines."""
        return 1.6 + 0.05 * self.lines

    def _names(self, relation: Relation) -> list[tuple[str, str, int]]:
        names = [name for name in relation.names if name not in (self.section, self.line)]
        if len(names) == 1:
            return [(f"line_{k}", names[0], k) for k in range(1, self.lines + 1)]
        return [(f"{name}_line_{k}", name, k) for k in range(1, self.lines + 1) for name in names]

    def run(self, relation: Relation) -> Relation:
        """The sections."""
        at = {name: i for i, name in enumerate(relation.names)}
        sections: dict[str | None, dict[str | None, int]] = {}
        for position, row in enumerate(relation.rows):
            sections.setdefault(row[at[self.section]], {})[row[at[self.line]]] = position
        names = self._names(relation)
        rows: list[Cells] = [
            tuple(relation.rows[lines[str(k)]][at[old]] if str(k) in lines else None for _, old, k in names)
            for lines in sections.values()
        ]
        firsts = (min(lines.values()) for lines in sections.values())
        return relation.renamed((name for name, _, _ in names), rows, firsts)

    def sql(self, source: Source) -> str:
        """One group for each section, `max` with FILTER for each line."""
        lines = ["    min(_row) AS _row"]
        for new, old, k in self._names(source.relation):
            if new in source.needed:
                lines.append(
                    f"    max({identifier(old)}) FILTER (WHERE {identifier(self.line)} = '{k}') AS {identifier(new)}"
                )
        return "SELECT\n" + ",\n".join(lines) + f"\nFROM {source}\nGROUP BY {identifier(self.section)}"

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The section, the line and what stands on the lines."""
        del needed
        return frozenset(relation.names)

    def words(self) -> str:
        """What a row is."""
        return f"each section is one record of up to {self.lines} lines"

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Lines beyond the last."""
        del relation
        line = identifier(self.line)
        yield Edge(
            f"a section has more lines than the {self.lines} of the example's longest: they are not read",
            f"'line ' || {line}",
            where=f"CAST({line} AS BIGINT) > {self.lines}",
            reads=frozenset({self.section, self.line}),
        )

    @classmethod
    def law(cls) -> tuple[Step, ...]:
        """Steps on which the law is held."""
        return (cls("section", "line", 3),)
