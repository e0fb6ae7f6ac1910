"""Programs that explain the example, and those of them that are run beside the chosen one on every file."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from services.converter.domain.report import RivalTable
from services.converter.domain.survivors import renamed, replayed
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.language import Constant, Expression
from services.converter.domain.synthesis.proof.confidence import OPEN_BITS, READ_OTHERWISE
from services.converter.domain.synthesis.proof.programs import Program, make_of, worth_of
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.cells import kind_of
from services.converter.domain.synthesis.rows.compile import compile_cells, compile_program
from services.converter.domain.synthesis.rows.provenance.variations import variations
from services.converter.domain.synthesis.rows.search.attempts import Attempt
from services.converter.domain.table import Row, Table

CLOSE_COST = 1.0
"""Programs are counted as near where they cost at most so much more than the chosen one."""
SHOWN_ONCE, BELIEVED = 3.0, 3
"""What is asked about may cost so much more where a decision of the program rests on one record only: eight times less
likely than the program before anything was shown. From so many records on (what `unlike.SHOWN_ALIKE` believes) nothing
is asked of a table; each of those between speaks against other programs in the same measure."""
MAX_RIVALS = 3
"""Programs that are run beside the chosen one on every file, each of which takes a pass, and that are asked about."""
MOST_COMPARED = 40
"""Programs that are held against one another on variations of the example's file, likeliest first."""
MAX_CELLS = 6_000
"""Cells of an example that is varied; where it has more, programs are told apart by their texts."""
Answers = tuple[tuple[Row, ...] | None, ...]
Parting = tuple[int, Row]
"""A variation of the example's file, and a row that one program makes of it and another does not; empty: an order."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that gives the expected table: a plan with an expression for each output column (None: it gives all
    cells, the header among them), at a cost."""

    plan: Plan
    columns: tuple[Expression, ...] | None
    cost: float

    @staticmethod
    def of_cells(plan: Plan) -> "Contender":
        """A plan for all cells at once."""
        return Contender(plan, None, plan.cost)

    @staticmethod
    def of_columns(attempt: Attempt) -> "Contender":
        """Steps and columns."""
        columns = tuple(c.expression if c else Constant("") for c in attempt.columns)
        return Contender(attempt.plan, columns, attempt.cost)

    @property
    def words(self) -> str:
        """What it does, for people."""
        if self.columns is None:
            return self.plan.words()
        return "; ".join((*(step.words() for step in self.plan.steps), *(c.words() for c in self.columns)))

    @property
    def kind(self) -> tuple[bool, str]:
        """Programs of one kind have prices that were weighed against one another: for all cells or not, begun alike."""
        return self.columns is None, self.plan.steps[0].title if self.plan.steps else ""

    def program(self, start: Relation, expected: Table) -> Program:
        """It as text."""
        if self.columns is None:
            return Program(compile_cells(start, self.plan), self.words, headed=expected.header is not None)
        sql = compile_program(start, self.plan, expected.column_names, self.columns)
        return Program(sql, self.words, width=len(self.columns))

    def made_of(self, table: Table, header: Row | None) -> tuple[Row, ...] | None:
        """The rows that it makes of a file, the header among them where there is one; None: it cannot be run on it."""
        relation = replayed(self.plan, table)
        rows = self.rows_of(relation) if relation is not None else None
        if rows is None or self.columns is None:
            return rows
        return (*((header,) if header is not None else ()), *rows)

    def rows_of(self, relation: Relation) -> tuple[Row, ...] | None:
        """The rows that it makes of what its steps give; None: that has not the columns that it reads."""
        if self.columns is None:
            return tuple(relation.even())
        columns = renamed(self.columns, relation.names)
        if columns is None:
            return None
        return tuple(tuple(column.run(row) or "" for column in columns) for row in relation.rows)


def other_ways(best: Attempt, plans: Iterable[Plan], expected: Table) -> Iterator[Contender]:
    """The same columns over the rows of other plans that give the expected rows by steps of about the same price.

    A plan that is an open question is no rival of one that is not. Columns that are blank together on the rows that go
    are no rivals one by one (see `rival_filter_guards`).
    """
    chosen = Contender.of_columns(best)
    for_blank = _goes_for_blank(best.plan)
    doubted = any(step.doubt for step in best.plan.steps)
    for plan in plans:
        if plan.steps == best.plan.steps or plan.cost > best.plan.cost + OPEN_BITS:
            continue
        if (any(step.doubt for step in plan.steps) and not doubted) or (for_blank and _goes_for_blank(plan)):
            continue
        columns = renamed(chosen.columns or (), plan.relation.names)
        if columns is None or len(plan.relation.rows) != len(expected.rows):
            continue
        made = (tuple(column.run(row) or "" for column in columns) for row in plan.relation.rows)
        if all(row == want for row, want in zip(made, expected.rows, strict=True)):
            yield Contender(plan, columns, chosen.cost - best.plan.cost + plan.cost)


def other_readings(chosen: Contender, wanted: Sequence[Row]) -> Iterator[Contender]:
    """The program with one of its steps read otherwise, as the step says (`Step.otherwise`), as far as the example
    leaves that open: ``wanted`` are the rows that it makes of it."""
    steps = chosen.plan.steps
    for place, (before, step) in enumerate(chosen.plan.stages()):
        for other in step.otherwise():
            plan = before
            try:
                for following in (other, *steps[place + 1 :]):
                    plan = plan.then(following)
            except (ValueError, IndexError, KeyError):
                continue  # a later step reads what only the chosen reading makes
            way = Contender(plan, chosen.columns, chosen.cost - step.cost + other.cost)
            if way.rows_of(plan.relation) == wanted:
                yield way


def _goes_for_blank(plan: Plan) -> bool:
    """Whether the last rows that a plan leaves out go for a blank cell."""
    kept = [step.keeps for step in plan.steps if step.keeps is not None]
    return bool(kept) and kept[-1].bare.asks_for_blank


def reach(records: int) -> float:
    """By how much a program that is asked about may be dearer than one whose decisions rest on so many records."""
    lacking = max(0, BELIEVED - max(1, records)) / (BELIEVED - 1)
    return OPEN_BITS + lacking * (SHOWN_ONCE - OPEN_BITS)


def grounds_of(plan: Plan, expected: Table) -> dict[str, int]:
    """The decisions of a plan for all rows, each with the records of the example that it rests on."""
    found = {"which rows there are": len(set(expected.rows))}
    for before, step in plan.stages():
        for decision, records in step.rests_on(before.relation).items():
            found[decision] = min(records, found.get(decision, records))
    return found


@dataclass(frozen=True, slots=True)
class Watched:
    """The ``rivals`` that are run beside the chosen program on every file, and what is to be asked.

    ``programs`` are the chosen one and then those that too few records tell from it; ``answers`` what each makes of
    each of the made-up ``files``.
    """

    rivals: tuple[RivalTable, ...]
    programs: tuple[Contender, ...]
    answers: tuple[Answers, ...]
    files: tuple[Table, ...]
    near: tuple[Contender, ...]
    """All that are about as likely as the chosen one, it among them: one of these is meant where it is not."""


def rival_tables(
    chosen: Contender, others: Iterable[Contender], table: Table, expected: Table, budget: Budget
) -> Watched:
    """The programs that are run beside the chosen one: those about as likely by the example, and those that a file may
    make so which becomes rows unlike the example's; and the less likely ones that too few records tell from it, which
    are asked about. Each parts from it where none before it does, on made-up variations of the example's file."""
    start = Relation.of(table)
    records = min(grounds_of(chosen.plan, expected).values())
    shown = len(set(expected.rows))
    told = OPEN_BITS + worth_of(1.0, shown)
    most = chosen.cost + max(reach(records), told)
    made = chosen.rows_of(chosen.plan.relation)
    readings = tuple(other_readings(chosen, made)) if made is not None and len(made) <= MAX_CELLS else ()
    near = sorted((o for o in (*others, *readings) if o.cost <= most), key=lambda o: o.cost)[:MOST_COMPARED]
    files = list(_files(table))
    work = sum(len(row) for file in files for row in file.rows)
    own = _answers(chosen, files, expected)
    odd = _only(own, expected, alike=False)
    left: list[_Left] = []
    speaking: dict[str, set[Parting]] = {}
    texts = {chosen.program(start, expected).sql}
    for other in near:
        budget.spend(work)
        if budget.is_spent:
            break
        program = other.program(start, expected)
        if program.sql not in texts:
            theirs = _answers(other, files, expected)
            left.append((other, program, _partings(own, theirs)))
            alike = _only(theirs, expected, alike=True)
            pairs = enumerate(zip(odd, alike, strict=True))
            speaking[program.sql] = {(n, tuple(chain(*rows))) for n, (mine, rows) in pairs if mine and rows}
            texts.add(program.sql)
    by_kind = _measures(chosen, left) if files else {}
    left = [(replace(o, cost=o.cost + by_kind.get(o.kind, 0.0)), p, partings) for o, p, partings in left]
    close = [item for item in left if item[0].cost <= chosen.cost + OPEN_BITS]
    beside = list(_parting(close, chosen, told=bool(files)))
    # Of what is less likely those count that make rows like the example's where the chosen one does not.
    far = [(o, p, speaking[p.sql]) for o, p, _ in left if OPEN_BITS < o.cost - chosen.cost <= told]
    beside += _parting(far, chosen, told=bool(files))
    make = make_of(expected.rows)
    rivals = tuple(
        RivalTable(program.sql, program.words, program.width, round(_distance(other, chosen, readings), 2), make, shown)
        for other, program, _ in beside
    )
    asked_to = chosen.cost + reach(records)
    within = [item for item in left if item[0].cost <= asked_to]
    asked = [other for other, _, _ in _parting(within, chosen, told=bool(files))] if records < BELIEVED else []
    answers = (own, *(_answers(other, files, expected) for other in asked))
    return Watched(rivals, (chosen, *asked), answers, tuple(files), (chosen, *(o for o in near if o.cost <= asked_to)))


def _distance(other: Contender, chosen: Contender, readings: Sequence[Contender]) -> float:
    """By how many bits a rival is less likely."""
    is_reading = any(other.plan.steps == reading.plan.steps for reading in readings)
    return other.cost - chosen.cost + READ_OTHERWISE * is_reading


def _measures(chosen: Contender, left: Sequence["_Left"]) -> dict[tuple[bool, str], float]:
    """By how much programs of a kind cost less than they would as programs of the chosen one's kind: what makes the
    same as it on all files is the same program, whatever it costs."""
    twins = {chosen.kind: chosen.cost}
    for other, _, partings in left:
        if not partings:
            twins[other.kind] = min(other.cost, twins.get(other.kind, other.cost))
    return {kind: max(0.0, chosen.cost - cost) for kind, cost in twins.items()}


_Left = tuple[Contender, Program, set[Parting]]


def _parting(left: Sequence[_Left], chosen: Contender, *, told: bool) -> Iterator[_Left]:
    """At most so many programs, each likely, and parting from the chosen one where none before it does. ``told``:
    whether there are files on which they part."""
    rest = list(left)
    for _ in range(MAX_RIVALS):
        best = max(rest, key=lambda item: 2.0 ** (chosen.cost - item[0].cost) * len(item[2]), default=None)
        if best is None or (told and not best[2]):
            return
        yield best
        rest = [(other, program, partings - best[2]) for other, program, partings in rest if program is not best[1]]


def _files(table: Table) -> Iterable[Table]:
    """The example's file as it might have been; none where it is large."""
    if sum(map(len, table.rows)) <= MAX_CELLS:
        for varied in variations(Relation.of(table)):
            yield replace(table, header=varied.header if table.header is not None else None, rows=varied.cells)


def _answers(program: Contender, files: Sequence[Table], expected: Table) -> Answers:
    return tuple(program.made_of(file, expected.header) for file in files)


def _only(answers: Answers, expected: Table, *, alike: bool) -> Answers:
    """The tables all of whose rows are like the example's, or those of which some are not; None for the others."""
    shown = make_of(expected.rows).split("|")

    def is_alike(row: Row) -> bool:
        filled = [(place, kind) for place, kind in enumerate(map(kind_of, row)) if kind != "_"]
        return all(place < len(shown) and kind in shown[place] for place, kind in filled)

    headed = int(expected.header is not None)
    return tuple(rows if rows and all(map(is_alike, rows[headed:])) == alike else None for rows in answers)


def _partings(own: Answers, others: Answers) -> set[Parting]:
    """Where two programs part: the variation, with a row that only one of them makes of it, or with an order."""
    found: set[Parting] = set()
    for number, (one, other) in enumerate(zip(own, others, strict=True)):
        if one is None or other is None or one == other:
            continue
        mine, theirs = Counter(one), Counter(other)
        found |= {(number, row) for row in (*(mine - theirs), *(theirs - mine))}
        if mine == theirs:
            found.add((number, ()))
    return found
