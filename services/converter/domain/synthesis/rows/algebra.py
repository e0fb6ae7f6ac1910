"""Relations and the steps between them: what happens to whole rows before columns are made."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from services.converter.domain.synthesis.language import Condition
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.synthesis.tokens import is_data
from services.converter.domain.table import Row, Table

Cells = tuple[str | None, ...]
Grid = tuple[Row, ...]
CELLS = "_cells"
OPENING = 12
"""Rows of a file among which it says what holds for all of it."""
TOPS = 2
"""Of these the rows that may be headings of columns."""
MOST_COMPARED = 2_000
"""Cells of a file that are compared with what a program would write: in larger ones anything stands somewhere."""


@dataclass(frozen=True, slots=True)
class Relation:
    """Rows in a known order: named columns of text, and each row's cells, however many it has.

    ``cells`` are the rows' `_cells`; ``origins`` the 1-based input rows that they came from (0: not known); ``order``
    are SQL expressions over the relation that give the order of its rows. Rows that were made of cells only have no
    named columns.
    """

    names: tuple[str, ...]
    rows: tuple[Cells, ...]
    origins: tuple[int, ...]
    cells: tuple[Row, ...] = ()
    order: tuple[str, ...] = ("_row",)
    header: Row = ()
    opening: tuple[Row, ...] = ()
    """The first rows of the input, `OPENING` of them; they and its header stay in reach of every step."""
    count: int = 0
    """Rows of the input."""
    around: frozenset[str] = frozenset()
    """What stands in the file beside the input's rows: its header, and the cells that no row has."""
    data: frozenset[str] = frozenset()
    """Cells of the input, where they are few, that look like what one row says and others do not."""

    @staticmethod
    def of(table: Table) -> "Relation":
        """The relation `input` of a table."""
        names = table.column_names
        width = len(names)
        rows = tuple(tuple(row) + (None,) * (width - len(row)) for row in table.rows)
        return Relation(
            names,
            rows,
            tuple(range(1, len(rows) + 1)),
            table.rows,
            header=table.header or (),
            opening=table.rows[:OPENING],
            count=len(rows),
            around=table.around.union(table.header or ()) - {""},
            data=frozenset(_data_of(table)),
        )

    @property
    def tops(self) -> tuple[Row, ...]:
        """The first rows of the input, which may be headings."""
        return self.opening[:TOPS]

    def keep(self, positions: Iterable[int]) -> "Relation":
        """The rows at these positions."""
        kept = list(positions)
        return replace(
            self,
            rows=tuple(self.rows[i] for i in kept),
            origins=tuple(self.origins[i] for i in kept),
            cells=tuple(self.cells[i] for i in kept),
        )

    def remade(self, cells: Iterable[Row]) -> "Relation":
        """Rows of cells only, in an order of their own."""
        made = tuple(cells)
        count = len(made)
        return replace(self, names=(), rows=((),) * count, origins=(0,) * count, cells=made, order=("_row",))

    def renamed(self, names: Iterable[str], rows: Iterable[Cells], firsts: Iterable[int]) -> "Relation":
        """Rows of named columns only, with the place of the row that each begins with."""
        made = tuple(rows)
        cells = tuple(tuple(cell or "" for cell in row) for row in made)
        origins = tuple(self.origins[place] for place in firsts)
        return replace(self, names=tuple(names), rows=made, origins=origins, cells=cells, order=("_row",))

    def even(self) -> list[Row]:
        """The rows' cells, all rows as wide as the widest."""
        width = max(map(len, self.cells), default=0)
        return [row + ("",) * (width - len(row)) for row in self.cells]

    def fresh(self, name: str) -> str:
        """A column name that is not taken yet."""
        taken = {n.lower() for n in self.names} | {"_row", "_cells", "_col", "_part"}
        candidate, count = name, 1
        while candidate.lower() in taken:
            count += 1
            candidate = f"{name}_{count}"
        return candidate


def _data_of(table: Table) -> Iterator[str]:
    """The cells of a small file's rows that look like data."""
    if sum(map(len, table.rows)) <= MOST_COMPARED:
        yield from (cell for row in table.rows for cell in row if is_data(cell))


@dataclass(frozen=True, slots=True)
class Source:
    """A relation under the name that it has in a program; it is written as that name.

    ``needed`` are the columns that are read of what is made of it. ``part`` puts a SELECT before the step's own, by a
    title and its text, and gives the name under which it is read.
    """

    name: str
    relation: Relation
    needed: frozenset[str]
    part: Callable[[str, str], str]

    def __str__(self) -> str:
        return self.name

    @property
    def order(self) -> str:
        """The order of the rows, as in `ORDER BY`."""
        return ", ".join(self.relation.order)

    @property
    def first_row(self) -> str:
        """A number that orders groups of rows by their first ones, in a SELECT with `GROUP BY`."""
        if len(self.relation.order) == 1:
            return f"min({self.order})"
        return f"row_number() OVER (ORDER BY min([{self.order}]))"


@dataclass(frozen=True, slots=True)
class Edge:
    """Rows before a step that lie outside of what the example showed: where a condition holds on a row, or on all.

    ``value`` is what is shown of them, an aggregate where they are all meant (``having``); ``column`` the one that it
    is about, if any; ``reads`` the named columns that are asked for.
    """

    words: str
    value: str
    where: str = ""
    having: str = ""
    column: str = ""
    reads: frozenset[str] = frozenset()
    made: bool = False
    """Whether the rows are those that the step makes, numbered from 1 on, and not those before it."""
    together: tuple[frozenset[str], ...] = ()
    """Sets of the step's columns of which the program must read one whole for the edge to matter; none: it does."""

    def sql(self, source: "Source") -> str:
        """A SELECT of `_row` and `value` over the rows before the step."""
        row = "max(_row) AS _row" if self.having else "_row"
        where = f"\nWHERE {self.where}" if self.where else ""
        having = f"\nHAVING {self.having}" if self.having else ""
        return f"SELECT {row}, {self.value} AS value\nFROM {source}{where}{having}"


class Step(ABC):
    """One operator on rows: its meaning, its SELECT, its words."""

    title: str = "step"
    """The name of its common table expression."""
    distant: bool = False
    """Whether the columns that it adds hold what other rows say."""
    keeps_rows: bool = False
    """Whether it only adds columns: such a step is left out of the program where none of them is read."""
    in_place: bool = False
    """Whether each row that it is given comes out as the row with the same number, perhaps below a header."""
    in_full: bool = False
    """Whether each row that it is given comes out, perhaps several times, and `tells` says which time it is."""
    by_cell: bool = False
    """Whether it reads every cell of a row, however many there are."""
    chooses_cells: bool = False
    """Whether it makes rows of some of a row's cells, and of others none."""
    by_row: bool = False
    """Whether it reads `_row` as the number by which each row is known and ordered."""
    renumbers: bool = False
    """Whether `_row` counts the rows that it makes: it is no number of a row of the input then."""
    columns_only: bool = False
    """Whether it makes rows anew, of named columns: their texts are the rows' cells then."""
    sized: bool = False
    """Whether it writes down values of the example that make columns: a file with others is not read whole."""
    from_first_line: bool = False
    """Whether what was read as the file's header is a line like all others to it: then the file has none."""
    neighbours: int = 0
    """How many rows after a row (negative: before it) it reads for that row."""
    evidence: float = 0.0
    """Bits that the example's rows confirm, less those that were chosen (see `synthesis.evidence`)."""
    grounds: tuple["Step", ...] = ()
    """Steps that must come before it."""

    @property
    def keeps(self) -> Condition | None:
        """The condition on which rows stay, where it leaves out those on which it does not hold."""
        return None

    @property
    def is_common(self) -> bool:
        """Whether people commonly keep rows for such a reason."""
        return False

    @property
    @abstractmethod
    def cost(self) -> float:
        """The price in the ranking."""

    @abstractmethod
    def run(self, relation: Relation) -> Relation:
        """The relation after the step."""

    @abstractmethod
    def sql(self, source: Source) -> str:
        """A SELECT over ``source`` with at least the columns that are needed."""

    @abstractmethod
    def words(self) -> str:
        """What happens to the rows, for people."""

    @property
    def doubt(self) -> str:
        """Why the step is an open question rather than a rule, for people; empty where it is one."""
        return ""

    @property
    def stays(self) -> str:
        """SQL that holds on the rows that stay, where it leaves out others; else empty."""
        return ""

    @classmethod
    @abstractmethod
    def law(cls) -> tuple["Step", ...]:
        """Steps of this kind on which it is held that meaning and SELECT are the same.

        They read a table with the columns `a`, `b` and `n`, the last with numbers among its texts.
        """

    def reads(self, relation: Relation, needed: frozenset[str]) -> frozenset[str]:
        """The columns of ``relation``, `_cells` among them, that the step itself reads to make the needed ones."""
        del relation, needed
        return frozenset({CELLS}) if self.by_cell else frozenset()

    def shares(self, relation: Relation) -> frozenset[str]:
        """The columns that it adds whose cells are those of a whole section, or of the file, on each row of it."""
        del relation
        return frozenset()

    def parts(self, relation: Relation) -> frozenset[str]:
        """The columns that it adds whose every cell gave a row."""
        del relation
        return frozenset()

    def tells(self, relation: Relation) -> frozenset[str]:
        """The columns that it adds by which rows are known apart that it makes of one: no condition on them is chosen
        among others."""
        del relation
        return frozenset()

    def rests_on(self, relation: Relation) -> Mapping[str, int]:
        """On how many records of the example, whose rows before the step are given, each of its decisions rests."""
        del relation
        return {}

    def edges(self, relation: Relation) -> Iterator[Edge]:
        """Rows of other files that the example, whose rows before the step are given, does not speak for."""
        del relation
        yield from ()

    def otherwise(self) -> Iterator["Step"]:
        """Other readings of what it decides, which an example may leave open: the one place where a step names them.
        They are rivals where they give the example's table, too."""
        yield from ()


class CellStep(Step):
    """A step on rows of cells: it names no column, so that it holds for files of any width.

    Its SELECT reads `_row`, by which rows are ordered, and `_cells`, and gives the same two.
    """

    by_cell = True
    by_row = True

    @abstractmethod
    def remake(self, grid: Grid) -> Grid:
        """The rows after the step."""

    def run(self, relation: Relation) -> Relation:
        """The relation of the rows after the step."""
        return relation.remade(self.remake(relation.cells))


@dataclass(frozen=True, slots=True)
class Plan:
    """A chain of steps from the input, with the relation that it gives."""

    relation: Relation
    steps: tuple[Step, ...] = ()
    lent: frozenset[str] = frozenset()
    """Columns that hold what other rows say."""
    shared: frozenset[str] = frozenset()
    """Columns that hold what stands above several rows."""
    telling: frozenset[str] = frozenset()
    """Columns by which rows are known apart that were made of one."""
    earlier: tuple[Relation, ...] = field(default=(), compare=False, repr=False)
    """The relations before each step, where the plan was made step by step."""

    @property
    def cost(self) -> float:
        """The price of all steps."""
        return sum(step.cost for step in self.steps)

    def words(self) -> str:
        """What happens to the rows, for people."""
        return "; ".join(step.words() for step in self.steps) or "all rows as they are"

    def stages(self) -> Iterator[tuple["Plan", Step]]:
        """Each step with the plan before it, whose rows are known already."""
        for place, (relation, step) in enumerate(zip(self.earlier, self.steps, strict=True)):
            yield Plan(relation, self.steps[:place], earlier=self.earlier[:place]), step

    def then(self, step: Step) -> "Plan":
        """The plan with one more step."""
        relation = step.run(self.relation)
        added = frozenset(relation.names) - frozenset(self.relation.names) if step.distant else frozenset()
        earlier = (*self.earlier, self.relation)
        shared = self.shared | step.shares(self.relation)
        telling = self.telling | step.tells(self.relation)
        return Plan(relation, (*self.steps, step), self.lent | added, shared, telling, earlier)


def column_list(names: Iterable[str]) -> str:
    """Column names as a SELECT list."""
    return ", ".join(identifier(name) for name in names)
