"""What is asked of the user: the rows on which programs that explain the example as well answer otherwise.

A question is one cell, or one row, with the answers that surviving programs give. Programs weigh 2^-cost, as prices are
paid in bits of belief; a question is worth what its answer is expected to rule out. It is asked once for all rows that
it settles, of one that is short and plain: a row of a sample file where there are any, else one that the example's
filters leave out, else one made in the spirit of the example (row 0). A value that the rules were not shown is asked
for by itself.
"""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.converter.domain.report import Candidate, Guard, Question, QuestionKind, QuestionRow
from services.converter.domain.survivors import Survivors, replayed
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.learning import NEAR_COST, Learned
from services.converter.domain.synthesis.columns.probing import made_up_rows
from services.converter.domain.synthesis.language import Column, Constant, Expression, Node, Record
from services.converter.domain.synthesis.operators.date.moment import ReadMoment
from services.converter.domain.synthesis.operators.logic.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.logic.condition import Equals
from services.converter.domain.synthesis.proof.rivals import unfiltered
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.table import Table

MOST_QUESTIONS = 5
MOST_ROWS = 200
"""Rows of each file among which the row to ask about is looked for."""
MOST_CANDIDATES = 4
MOST_PLANS, MOST_OF_ROWS = 6, 2
"""Other reasons for keeping rows that are held against the plan's own, and questions on them."""
NOTED = 0.25
"""What a cell is worth the asking where the program has ground for its answer, but could mean something else."""
LEAST_SHARE = 0.02
"""Questions whose answer rules out less than this share of the weight are not worth the asking."""
EXAMPLE = "input"
KEEP, DROP = "keep", "drop"
Place = tuple[str, int]
"""A file and a 1-based row of it."""


@dataclass(frozen=True, slots=True)
class _Probe:
    """A row to ask about, as it stands in its file and as the columns read it."""

    shown: QuestionRow
    record: Record


@dataclass(frozen=True, slots=True)
class Asking:
    """Where questions are looked for: files without an output by name, rows of which nothing more is asked by what is
    asked (a column, or empty for the row itself)."""

    samples: Mapping[str, Table] = field(default_factory=dict)
    settled: Container[tuple[str, int, str]] = frozenset()
    flagged: Mapping[Place, Sequence[Guard]] = field(default_factory=dict)
    """Guards that name rows of the samples."""


def questions_of(
    table: Table, names: Sequence[str], survivors: Survivors, asking: Asking | None = None
) -> tuple[Question, ...]:
    """At most so many questions on a program, those first whose answers rule out most."""
    asking = asking or Asking()
    found: list[tuple[float, Question]] = []
    plan = survivors.best.plan
    probes = _Probes(table, plan, asking)
    for name, learned in zip(names, survivors.best.columns, strict=True):
        if learned is not None:
            found += ((q.share + (1.0 if learned.doubt else 0.0), q) for q in _of_column(probes, name, learned))
    doubted = any(step.doubt for step in plan.steps)
    found += ((q.share + (1.0 if doubted else 0.0), q) for q in _of_rows(plan, survivors.plans, asking))
    found.sort(key=lambda item: -item[0])
    return tuple(replace(q, id=f"q{number}") for number, (_, q) in enumerate(found[:MOST_QUESTIONS], 1))


@dataclass(slots=True)
class _Probes:
    """Rows to ask about, made once for all columns."""

    table: Table
    plan: Plan
    asking: Asking
    _samples: list[_Probe] | None = None

    def of_samples(self) -> list[_Probe]:
        """Rows of the sample files; files with other columns than the example's are left alone."""
        if self._samples is None:
            self._samples = []
            for name, sample in self.asking.samples.items():
                relation = replayed(self.plan, sample)
                if relation is not None and relation.names == self.plan.relation.names:
                    self._samples += _probes_of(name, sample, relation)
        return self._samples

    def of_example(self, read: frozenset[int]) -> Iterator[_Probe]:
        """Rows that the plan's filters leave out, then rows made up, changed in what the programs read."""
        start, relation = Relation.of(self.table), unfiltered(Relation.of(self.table), self.plan)
        kept = set(self.plan.relation.origins)
        yield from (p for p in _probes_of(EXAMPLE, self.table, relation) if p.shown.number not in kept)
        places = {start.names.index(n) for i in read if (n := self.plan.relation.names[i]) in start.names}
        for row in made_up_rows(start.rows, frozenset(places or range(len(start.names)))):
            cells = tuple(cell or "" for cell in row)
            single = replayed(self.plan, replace(self.table, rows=(cells,)), filtered=False)
            if single is not None and single.names == self.plan.relation.names and len(single.rows) == 1:
                yield _Probe(QuestionRow("", 0, cells), single.rows[0])

    def is_settled(self, probe: _Probe, name: str) -> bool:
        """Whether the user has said what stands there."""
        return (probe.shown.file, probe.shown.number, name) in self.asking.settled


def _length(probe: _Probe) -> int:
    return sum(map(len, probe.shown.cells))


def _probes_of(name: str, table: Table, relation: Relation) -> Iterator[_Probe]:
    for place in sampling.some(range(len(relation.rows)), MOST_ROWS):
        origin = relation.origins[place]
        if origin:
            yield _Probe(QuestionRow(name, origin, table.rows[origin - 1]), relation.rows[place])


def _of_column(probes: _Probes, name: str, learned: Learned) -> Iterator[Question]:
    chosen = learned.expression
    programs = [chosen, *(o for o in learned.others if o.cost <= chosen.cost + NEAR_COST)]
    read = frozenset[int]().union(*(program.columns for program in programs))
    samples = [probe for probe in probes.of_samples() if not probes.is_settled(probe, name)]
    taught = [probe.record for probe in probes.of_samples() if probes.is_settled(probe, name)]
    groups = _new_values([*probes.plan.relation.rows, *taught], chosen, samples)
    yield from (_of_new_value(name, chosen, group, len(samples)) for group in groups)
    known = {id(probe) for group in groups for probe in group.probes}
    samples = [probe for probe in samples if id(probe) not in known]
    best: Question | None = None
    if len(programs) > 1:
        weights = [2.0 ** -(program.cost - chosen.cost) for program in programs]
        rows = samples if probes.asking.samples else probes.of_example(read)
        asked = (_ask(name, programs, weights, probe) for probe in rows)
        best = max((q for q in asked if q is not None), key=_merit, default=None)
    if best is not None and best.share >= LEAST_SHARE:
        yield best
    else:
        yield from _of_flags(name, chosen, samples, probes.asking.flagged)
    if best is None and learned.doubt:
        # No other program is at hand: whether the answer holds for other rows is what is open.
        answers = ((chosen.run(probe.record) or "", probe) for probe in samples or probes.of_example(read))
        value, probe = min(answers, key=lambda item: _length(item[1]), default=("", None))
        if probe is not None:
            candidate = Candidate(value, learned.doubt, 1)
            yield Question("", "a new value", probe.shown, name, (candidate,), value, 1.0)


@dataclass(frozen=True, slots=True)
class _NewValue:
    """A value that a list of values, or a case, was not shown, and the rows that have it."""

    node: Node
    value: str
    probes: list[_Probe]


def _new_values(shown: Sequence[Record], program: Expression, samples: Sequence[_Probe]) -> list[_NewValue]:
    """What the first list of values, or case, in a program was not shown: the most frequent value first."""
    for node in program.walk():
        if isinstance(node, Dictionary):
            source, seen = node.source, {key for key, _ in node.pairs} | {""}
        elif isinstance(node, Branch) and isinstance(node.condition, Equals):
            source = node.condition.source
            seen = {source.run(record) or "" for record in shown}
            if not isinstance(source, Column) or len(seen) * 3 > len(shown) * 2 + 3:
                continue
        else:
            continue
        rows: dict[str, list[_Probe]] = {}
        for probe in samples:
            value = source.run(probe.record) or ""
            if value not in seen:
                rows.setdefault(value, []).append(probe)
        ordered = sorted(rows.items(), key=lambda item: -len(item[1]))
        return [_NewValue(node, value, group) for value, group in ordered[:MOST_QUESTIONS]]
    return []


def _of_new_value(name: str, program: Expression, new: _NewValue, samples: int) -> Question:
    """What should become of a new value: what it is so far, what others are, or the value itself."""
    probe = min(new.probes, key=_length)
    default = program.run(probe.record) or ""
    answers = dict.fromkeys((default, *_answers_of(new.node), new.value))
    candidates = tuple(Candidate(answer, _why(answer, default, new.value), 0) for answer in answers)
    share = round(len(new.probes) / max(1, samples), 3)
    return Question("", "a new value", probe.shown, name, candidates[:MOST_CANDIDATES], default, share)


def _of_flags(
    name: str, program: Expression, samples: Sequence[_Probe], flagged: Mapping[Place, Sequence[Guard]]
) -> Iterator[Question]:
    """What stands in cells that would be flagged: of the guard that names most of them, the one that is plainest."""
    groups: dict[str, tuple[Guard, list[_Probe]]] = {}
    for probe in samples:
        for guard in flagged.get((probe.shown.file, probe.shown.number), ()):
            if name in guard.output_columns:
                groups.setdefault(guard.sql, (guard, []))[1].append(probe)
    if not groups:
        return
    guard, rows = max(groups.values(), key=lambda group: (group[0].severity == "unseen", len(group[1])))
    probe = min(rows, key=_length)
    default = program.run(probe.record) or ""
    share = round(len(rows) / len(samples), 3) * (1.0 if guard.severity == "unseen" else NOTED)
    yield Question("", "which value", probe.shown, name, (Candidate(default, guard.words, 1),), default, share)


def _answers_of(node: Node) -> Iterator[str]:
    if isinstance(node, Dictionary):
        yield from (answer for _, answer in node.pairs)
    yield from (n.text for n in node.walk() if isinstance(n, Constant) and not isinstance(node, Dictionary))


def _why(answer: str, default: str, value: str) -> str:
    if answer == default:
        return "what the program makes of it so far"
    return "as it stands" if answer == value else "as other values in the example"


def _of_rows(plan: Plan, plans: Iterable[Plan], asking: Asking) -> Iterator[Question]:
    """Rows that some likely reasons keep and others leave out, all of which keep the same rows of the example."""
    near = [other for other in plans if other.cost <= plan.cost + NEAR_COST and other.steps != plan.steps]
    others = sorted((p for p in near if p.relation.origins == plan.relation.origins), key=lambda p: p.cost)
    rivals = [plan, *others[:MOST_PLANS]]
    if len(rivals) < 2 or not asking.samples:
        return
    weights = [2.0 ** -(rival.cost - plan.cost) for rival in rivals]
    found: dict[tuple[bool, ...], list[Question]] = {}
    for name, file in asking.samples.items():
        made = [replayed(rival, file) for rival in rivals]
        kept = [set(relation.origins) for relation in made if relation is not None]
        if len(kept) < len(rivals):
            continue
        for row, cells in enumerate(file.rows, 1):
            stays = tuple(row in origins for origins in kept)
            if all(stays) or not any(stays) or (name, row, "") in asking.settled:
                continue
            share = sum(w for w, stay in zip(weights, stays, strict=True) if stay) / sum(weights)
            candidates = tuple(
                Candidate(value, rivals[stays.index(stay)].words(), stays.count(stay))
                for value, stay in ((KEEP, True), (DROP, False))
            )
            default = KEEP if stays[0] else DROP
            ruled_out = round(1.0 - share**2 - (1.0 - share) ** 2, 3)
            shown = QuestionRow(name, row, cells)
            question = Question("", "which rows", shown, "", candidates, default, ruled_out)
            found.setdefault(stays, []).append(question)
    yield from sorted((max(group, key=_merit) for group in found.values()), key=_merit, reverse=True)[:MOST_OF_ROWS]


def _merit(question: Question) -> tuple[float, bool, int]:
    """What the answer rules out; rows of the user's own first; short ones first."""
    return round(question.share, 2), question.row.number > 0, -sum(map(len, question.row.cells))


def _ask(name: str, programs: Sequence[Expression], weights: Sequence[float], probe: _Probe) -> Question | None:
    """The question that a row asks; None where the programs agree on it."""
    answers: dict[str, list[int]] = {}
    for place, program in enumerate(programs):
        answers.setdefault(program.run(probe.record) or "", []).append(place)
    if len(answers) < 2:
        return None
    total = sum(weights)
    parts = {value: sum(weights[p] for p in places) / total for value, places in answers.items()}
    chosen = programs[0].run(probe.record) or ""
    likely = sorted(parts, key=lambda value: (value != chosen, -parts[value]))[:MOST_CANDIDATES]
    candidates = tuple(Candidate(v, programs[answers[v][0]].words(), len(answers[v])) for v in likely)
    ruled_out = 1.0 - sum(part * part for part in parts.values())
    read = [isinstance(node, ReadMoment) for value in likely for node in programs[answers[value][0]].walk()]
    kind: QuestionKind = "which reading" if any(read) else "which value"
    return Question("", kind, probe.shown, name, candidates, chosen, round(ruled_out, 3))
