"""Learning on: a program that explains the example and every lesson, from those that are left first.

A plan for rows is run over the files that the lessons' rows stand in. It agrees with a lesson that drops a row where no
row comes of it, and with any other where one does; what that row's columns read is one more example for each column
that the lesson names. So a lesson counts as much as a row of the pair, and says nothing of columns that it leaves open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from services.converter.domain.examples import PLACE_COLUMNS
from services.converter.domain.heard import with_heard
from services.converter.domain.instructions import Instructions
from services.converter.domain.learned_program import LearnedProgram, conclude
from services.converter.domain.lessons import CONTRADICTORY, NOT_EXPLAINED, Lesson, LessonRefused, contradiction
from services.converter.domain.report import Guard
from services.converter.domain.survivors import Survivors, replayed
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.columns.learning import NEAR_COST, Learned, learn_column
from services.converter.domain.synthesis.language import Examples, Expression, Record
from services.converter.domain.synthesis.proof.guards import guards_of
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.proposals.ordering import kept_orders
from services.converter.domain.synthesis.rows.search.attempts import (
    Attempt,
    promising,
    search_plans,
    task_of,
)
from services.converter.domain.table import Row, Table

QUICK_WORK = 250_000
"""Work after which what was found so far is enough, where it agrees with the lessons: about a quarter of a second."""
LONG_WORK = 3_000_000
"""Work after which a lesson that nothing agrees with is refused."""
PLANNING_SHARE, COLUMN_SHARE = 0.3, 0.5
"""The parts of the work that may go into plans for rows that agree with the lessons, and into one column."""
MOST_PLANS = 8
"""Plans that agree with the lessons' rows and for which columns are learned."""


def relearn(
    table: Table,
    expected: Table,
    before: LearnedProgram,
    lessons: Sequence[Lesson],
    *,
    instructions: Instructions,
    budget: Budget,
) -> LearnedProgram:
    """The likeliest program that explains the example and the lessons, of the survivors of the one before first.

    Programs for all cells, of which a lesson on a row says nothing, stay its rivals. Raises `LessonRefused` that names
    the lesson where lessons contradict one another or the example, or where no program was found that agrees with all
    of them.
    """
    survivors = before.survivors
    if survivors is None:
        raise LessonRefused("the program has no rows to learn on from", reason=NOT_EXPLAINED)
    teaching = _Teaching(table, expected, survivors, tuple(lessons), instructions, budget.part(1.0, QUICK_WORK))
    try:
        attempt = teaching.settle()
    except LessonRefused as refusal:
        if refusal.reason == CONTRADICTORY or budget.is_spent:
            raise
        teaching.budget = budget.part(1.0, LONG_WORK)
        attempt = teaching.settle()
    near = attempt.plan.cost + NEAR_COST
    # Dear plans that keep every row are held against nothing: they are looked at where they are tried.
    agreeing = [
        plan
        for plan in survivors.plans
        if (plan.cost > near and not any(step.stays for step in plan.steps)) or not teaching.objection(plan)
    ]
    rivals = [way for way in before.ways if way.columns is None]
    learned = conclude(table, expected, attempt, None, budget, agreeing, rivals, make_guards=teaching.guards)
    return with_heard(learned, table, expected, instructions)


@dataclass(slots=True)
class _Teaching:
    table: Table
    expected: Table
    survivors: Survivors
    lessons: tuple[Lesson, ...]
    said: Instructions
    budget: Budget
    _records: dict[int, tuple[Plan, list[Record | None] | str]] = field(default_factory=dict)

    def settle(self) -> Attempt:
        """The best attempt that agrees with every lesson."""
        objections: list[str] = []
        doubtful: Attempt | None = None
        tried = 0
        for plan, columns in self._plans():
            objection = self.objection(plan)
            if objection:
                objections.append(objection)
                continue
            attempt = self._taught(plan, columns, objections)
            if attempt is None:
                continue
            if attempt.complete:
                return attempt
            doubtful = max((a for a in (doubtful, attempt) if a is not None), key=lambda a: a.merit)
            tried += 1
            if tried == MOST_PLANS or self.budget.is_spent:
                break
        if doubtful is not None:
            return doubtful
        raise LessonRefused(
            f"no program was found that explains the example and agrees with what was taught: {objections[0]}",
            reason=NOT_EXPLAINED,
        )

    def objection(self, plan: Plan) -> str:
        """The first lesson that the plan's rows disagree with, for people; empty where they agree with all."""
        records = self._of(plan)
        return records if isinstance(records, str) else ""

    def guards(
        self,
        start: Relation,
        plan: Plan,
        names: Sequence[str],
        programs: Sequence[tuple[Expression, Sequence[Expression]]],
        texts: Sequence[Sequence[str]],
    ) -> tuple[Guard, ...]:
        """Guards that take what the lessons show of a column as shown."""
        found: dict[str, Guard] = {}
        plain: list[int] = []
        for position, name in enumerate(names):
            records = [tuple(record) for record, _ in self._shown(plan, name)]
            if not records:
                plain.append(position)
                continue
            relation = plan.relation
            shown = replace(plan, relation=replace(relation, rows=(*relation.rows, *records)))
            program = programs[position]
            outputs = [*texts[position], *(program[0].run(record) or "" for record in records)]
            for guard in guards_of(start, shown, [name], [program], [outputs]):
                found.setdefault(guard.sql, guard)
        rest = guards_of(
            start, plan, [names[i] for i in plain], [programs[i] for i in plain], [texts[i] for i in plain]
        )
        for guard in rest if plain else ():
            found.setdefault(guard.sql, guard)
        return tuple(found.values())

    def _plans(self) -> Iterator[tuple[Plan, list[Learned | None] | None]]:
        """Plans to hold against the lessons, likeliest first, with their columns where they are known."""
        best = self.survivors.best
        if not self.objection(best.plan) and not any(step.doubt for step in best.plan.steps):
            yield best.plan, best.columns
        others = [plan for plan in self.survivors.plans if plan.steps != best.plan.steps]
        if any(lesson.before or lesson.behind for lesson in self.lessons):
            others += kept_orders(best.plan, self.expected.columns())
        agreeing = [plan for plan in (*others, *self._wider()) if not self.objection(plan)]
        for plan in sorted(agreeing, key=lambda plan: plan.cost + self._changed(plan)):
            yield plan, None
        yield best.plan, best.columns

    def _changed(self, plan: Plan) -> int:
        """Rows of the lessons' files that the plan keeps and the best one leaves out, or the other way round, though no
        lesson asks for it: the user saw what was made of them, and said nothing."""
        asked = {(id(lesson.table), lesson.row) for lesson in self.lessons}
        changed = 0
        for table in {id(lesson.table): lesson.table for lesson in self.lessons}.values():
            made = [replayed(p, table) for p in (self.survivors.best.plan, plan)]
            own, other = (set(relation.origins) if relation is not None else set[int]() for relation in made)
            changed += sum((id(table), row) not in asked for row in own ^ other)
        return changed

    def _wider(self) -> Iterator[Plan]:
        """Plans for the example with the lessons' rows as rows of its own, run on the example alone."""
        own = [lesson for lesson in self.lessons if lesson.table.column_names == self.table.column_names]
        if not own:
            return
        added = [lesson.cells for lesson in own]
        made = [self._filled(lesson) for lesson in own if lesson.output is not None]
        wide = replace(self.table, rows=(*self.table.rows, *added))
        wanted = replace(self.expected, rows=(*self.expected.rows, *made))
        start = Plan(Relation.of(self.table))
        for _, plan in promising(wide, wanted, self.budget.part(PLANNING_SHARE)):
            narrow = start
            for step in plan.steps:
                narrow = narrow.then(step)
            if len(narrow.relation.rows) == len(self.expected.rows):
                yield narrow

    def _filled(self, lesson: Lesson) -> Row:
        """An output row for a lesson, to align rows by: what it leaves open is as the program has it so far."""
        best = self.survivors.best
        records = _records_of(replayed(best.plan, lesson.table), lesson.row)
        said = lesson.output or {}
        cells = []
        for name, learned in zip(self.expected.column_names, best.columns, strict=True):
            made = learned.expression.run(records[0]) if learned and records else ""
            cells.append(said.get(name, made or ""))
        return tuple(cells)

    def _taught(self, plan: Plan, columns: list[Learned | None] | None, objections: list[str]) -> Attempt | None:
        """The attempt of a plan with the lessons' columns learned on; None where a lesson is not met."""
        if columns is None:
            found = search_plans([(plan.cost, plan)], self.expected, self.said, self.budget, thorough=False)
            if found is None or not found.explained:
                return None
            columns = found.columns
        columns = list(columns)
        for position, name in enumerate(self.expected.column_names):
            shown = self._shown(plan, name)
            if not shown:
                continue
            self._refuse_contradictions(plan, position, name, shown)
            task = task_of(plan, self.expected, position, self.said)
            seen, outputs = [record for record, _ in shown], [(le.output or {})[name] for _, le in shown]
            lone = task.lone and set(outputs) <= set(task.outputs)
            task = replace(
                task, records=[*task.records, *seen], outputs=[*task.outputs, *outputs], lone=lone,
                budget=self.budget.part(COLUMN_SHARE),
            )  # fmt: skip
            columns[position] = _learned_on(task, columns[position])
            learned = columns[position]
            if learned is None or _tells_by_place(plan, learned.expression):
                objections.append(shown[-1][1].says(name))
                return None
        return Attempt(plan, columns)

    def _refuse_contradictions(
        self, plan: Plan, position: int, name: str, shown: Sequence[tuple[Record, Lesson]]
    ) -> None:
        """Raise for a lesson whose record stands elsewhere with another output."""
        said: dict[tuple[str | None, ...], tuple[str, str]] = {}
        pair = zip(plan.relation.rows, plan.relation.origins, self.expected.rows, strict=True)
        for record, origin, row in pair:
            want = row[position] if position < len(row) else ""
            said.setdefault(tuple(record), (want, f'row {origin} of the example has {want!r} in "{name}"'))
        for seen, lesson in shown:
            want = (lesson.output or {})[name]
            former = said.setdefault(tuple(seen), (want, lesson.says(name)))
            if former[0] != want:
                raise contradiction(former[1], lesson.says(name))

    def _shown(self, plan: Plan, name: str) -> list[tuple[Record, Lesson]]:
        """The records that the lessons show of a column, with their lessons."""
        records = self._of(plan)
        if isinstance(records, str):
            return []
        pairs = zip(records, self.lessons, strict=True)
        return [(record, lesson) for record, lesson in pairs if record is not None and name in (lesson.output or {})]

    def _of(self, plan: Plan) -> list[Record | None] | str:
        """What the columns read of each lesson's row (None: it is dropped, as it should be); else the objection."""
        known = self._records.get(id(plan))
        if known is None:
            # The plan is kept beside, so that its identity is its own as long as it is a key.
            known = self._records[id(plan)] = plan, self._look(plan)
        return known[1]

    def _look(self, plan: Plan) -> list[Record | None] | str:
        found: list[Record | None] = []
        files: dict[int, Relation | None] = {}
        for lesson in self.lessons:
            if id(lesson.table) not in files:
                files[id(lesson.table)] = replayed(plan, lesson.table)
            relation = files[id(lesson.table)]
            if relation is None or relation.names != plan.relation.names:
                return f"{lesson.place}: its file has other columns than the example"
            records = _records_of(relation, lesson.row)
            if (lesson.output is None) == bool(records):
                return lesson.says()
            if lesson.output and len(records) > 1:
                return f"{lesson.says()}, but {len(records)} rows come of it"
            if not _stands_as_said(relation, lesson):
                return replace(lesson, output={}).says()
            found.append(records[0] if records else None)
        return found


def _stands_as_said(relation: Relation, lesson: Lesson) -> bool:
    """Whether what comes of a row stands before, and behind, what it should."""
    places: dict[int, int] = {}
    for place, origin in enumerate(relation.origins):
        places.setdefault(origin, place)
    own = places.get(lesson.row, -1)
    behind = all(place in places and places[place] < own for place in lesson.behind)
    return behind and all(place in places and places[place] > own for place in lesson.before)


def _records_of(relation: Relation | None, row: int) -> list[Record]:
    """The records that come of an input row."""
    if relation is None:
        return []
    return [record for record, origin in zip(relation.rows, relation.origins, strict=True) if origin == row]


def _learned_on(task: Examples, known: Learned | None) -> Learned | None:
    """A column's program that agrees with what was added to its task: one of the known where one is a rule."""
    programs = [known.expression, *known.others] if known is not None else []
    offered = (other for program in programs for other in (program, *program.widened(task)))
    right = [program for program in offered if task.explains(program)]
    settled = [program for program in right if not ranking.doubt(task, program)]
    if not settled:
        found = learn_column(task)
        if found is not None and (not found.doubt or not right):
            return found
    if not right:
        return None
    chosen = (settled or right)[0]
    return Learned(chosen, tuple(p for p in right if p is not chosen), ranking.doubt(task, chosen))


def _tells_by_place(plan: Plan, program: Expression) -> bool:
    """Whether a program tells rows apart by where they stand, which explains anything away."""
    names = (plan.relation.names[index] for index in program.columns)
    return program.sql().startswith("CASE") and any(name.endswith(PLACE_COLUMNS) for name in names)
