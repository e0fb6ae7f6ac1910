"""Records of any number of lines, parted by blank rows or begun by rows of one kind; records in columns of blocks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.converter.domain.synthesis.columns.separating import separating
from services.converter.domain.synthesis.language import Column, Condition, Examples
from services.converter.domain.synthesis.operators.logic.condition import Blank, Both, Equals, Not
from services.converter.domain.synthesis.rows.algebra import Cells, Edge, Plan, Relation, Source, Step
from services.converter.domain.synthesis.sqltext import identifier

MAX_ROWS = 2_000
MAX_LINES = 60
_BLANK_SQL = "len(list_filter(_cells, lambda c: trim(c) <> '')) = 0"


def _is_blank(cells: tuple[str, ...]) -> bool:
    return not any(cell.strip(" ") for cell in cells)


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
            blank = self.begins is None and _is_blank(cells)
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
        firsts = [min(lines.values()) for lines in sections.values()]
        return Relation(
            tuple(name for name, _, _ in names),
            tuple(rows),
            tuple(relation.origins[i] for i in firsts),
            tuple(tuple(cell or "" for cell in row) for row in rows),
            ("_row",),
            (),
            relation.tops,
        )

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


def sections(plan: Plan, outputs: list[tuple[str, ...]]) -> Iterator[Plan]:
    """The plan with its sections numbered, where there are as many as wanted rows."""
    relation = plan.relation
    wanted = len(outputs[0]) if outputs else 0
    if not 1 < wanted < len(relation.rows) or len(relation.rows) > MAX_ROWS:
        return
    if any(_is_blank(cells) for cells in relation.cells):
        numbered = plan.then(Sections())
        if len({row[-2] for row in numbered.relation.rows}) == wanted:
            yield numbered
    for condition in _beginnings(relation, outputs):
        numbered = plan.then(Sections(condition))
        if len({row[-2] for row in numbered.relation.rows}) == wanted:
            yield numbered


def _beginnings(relation: Relation, outputs: list[tuple[str, ...]]) -> Iterator[Condition]:
    """Conditions that hold on the rows in which the wanted rows begin, by the texts of the first output column."""
    begins: list[int] = []
    at = 0
    for want in outputs[0]:
        while at < len(relation.rows) and not (want and want in (relation.rows[at][0] or "")):
            at += 1
        if at == len(relation.rows):
            return
        begins.append(at)
        at += 1
    labels = [position in set(begins) for position in range(len(relation.rows))]
    if not labels[0] or all(labels):
        return
    task = Examples(relation.names, list(relation.rows), [""] * len(labels))
    for condition in separating(task, labels, deep=False)[:3]:
        if not isinstance(condition, Equals | Both):
            yield condition


def gathered(plan: Plan) -> Iterator[Plan]:
    """A plan with sections, each as one row."""
    relation = plan.relation
    section, line = relation.names[-2:]
    lines = max((int(row[-1] or 0) for row in relation.rows), default=0)
    if 1 < lines <= MAX_LINES and lines * len(relation.names) <= 4 * MAX_LINES:
        yield plan.then(Gathered(section, line, lines))
