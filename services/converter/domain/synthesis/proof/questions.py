"""What is asked of the user: the rows on which programs that explain the example as well answer otherwise.

A question is one cell, or one row, with the answers that surviving programs give. Programs weigh 2^-cost, as prices are
paid in bits of belief; a question is worth what its answer is expected to rule out. It is asked once for all rows that
it settles, of one that is short and plain: a row of a sample file where there are any, else one that the example's
filters leave out, else one made in the spirit of the example (row 0). A value that the rules were not shown is asked
for by itself.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from services.converter.domain.formats.datereader import MomentStyle
from services.converter.domain.formats.number import NumberStyle, styles
from services.converter.domain.lessons import BEFORE, BEHIND, says_order
from services.converter.domain.report import Candidate, Guard, Question, QuestionKind, QuestionRow
from services.converter.domain.survivors import Survivors, replayed
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.learning import NEAR_COST, Learned
from services.converter.domain.synthesis.columns.probing import made_up_rows
from services.converter.domain.synthesis.language import Expression, Record
from services.converter.domain.synthesis.proof.rivals import unfiltered
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.proposals.ordering import date_styles, kept_orders
from services.converter.domain.table import Row, Table

MOST_QUESTIONS = 5
"""Questions that people still answer."""
MOST_ROWS = 200
"""Rows of each file among which the row to ask about is looked for."""
MOST_CANDIDATES = 4
"""Answers that a question offers."""
MOST_PLANS, MOST_OF_ROWS = 6, 2
"""Other reasons for keeping rows that are held against the plan's own, and questions on them."""
NOTED = 0.25
"""What a cell is worth the asking where the program has ground for its answer, but could mean something else."""
LEAST_SHARE = 0.02
"""Questions whose answer rules out less than this share of the weight are not worth the asking."""
_WORD = re.compile(r"[^\W\d_]+|\d+")
_LONGEST_READ = 200
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
class Flag:
    """A guard that names a row, with the value that it shows of it."""

    guard: Guard
    value: str


@dataclass(frozen=True, slots=True)
class Asking:
    """Where questions are looked for: files without an output by name, rows of which nothing more is asked by what is
    asked (a column, or empty for the row itself).

    ``left`` are rows that the user could not answer for, by what was asked: rows on which programs part alike are not
    asked about either. Each is a file of the example's kind, its name, and a row of it.
    """

    samples: Mapping[str, Table] = field(default_factory=dict)
    settled: Container[tuple[str, int, str]] = frozenset()
    flagged: Mapping[Place, Sequence[Flag]] = field(default_factory=dict)
    """What is flagged of rows of the samples."""
    left: Mapping[str, Sequence[tuple[Table, str, int]]] = field(default_factory=dict)
    order_left: bool = False
    """Whether the user could not say which of two rows comes first."""


def questions_of(
    table: Table, expected: Table, survivors: Survivors, asking: Asking | None = None
) -> tuple[Question, ...]:
    """At most so many questions on a program: first on what is a guess, then those whose answers decide most cells."""
    asking, names = asking or Asking(), expected.column_names
    plan, plans = survivors.best.plan, survivors.plans
    found: list[tuple[bool, _Asked]] = []
    probes = _Probes(table, plan, asking)
    for name, learned in zip(names, survivors.best.columns, strict=True):
        if learned is not None:
            found += ((bool(learned.doubt), asked) for asked in _of_column(probes, name, learned))
    doubted = any(step.doubt for step in plan.steps)
    rows = (*_of_rows(plan, plans, asking), *_of_order(plan, plans, expected, asking))
    # Whether a row belongs decides all of its cells.
    found += ((doubted, replace(asked, cells=asked.cells * len(names))) for asked in rows)
    found.sort(key=lambda item: (not item[0], -item[1].cells))
    # Rows that are made up stand for none.
    return tuple(
        replace(a.question, id=f"q{number}", decides=max(1, round(a.cells)) if asking.samples else 0)
        for number, (_, a) in enumerate(found[:MOST_QUESTIONS], 1)
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what its answer is worth: how many cells of the files at hand are wrong without it, as likely as
    the programs are that part on them."""

    question: Question
    cells: float


@dataclass(slots=True)
class _Probes:
    """Rows to ask about, made once for all columns."""

    table: Table
    plan: Plan
    asking: Asking
    _samples: list[_Probe] | None = None
    _left_out: list[_Probe] | None = None

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
        if self._left_out is None:
            kept = set(self.plan.relation.origins)
            relation = unfiltered(Relation.of(self.table), self.plan) if len(kept) < len(self.table.rows) else None
            found = _probes_of(EXAMPLE, self.table, relation) if relation is not None else iter(())
            self._left_out = [probe for probe in found if probe.shown.number not in kept]
        yield from self._left_out
        names = self.table.column_names
        places = {names.index(n) for i in read if (n := self.plan.relation.names[i]) in names}
        likely = _Likely(self.table)
        for row in made_up_rows(self.table.rows[:MOST_ROWS], frozenset(places or range(len(names)))):
            cells = tuple(cell or "" for cell in row)
            if not likely.has(cells):
                continue
            single = replayed(self.plan, replace(self.table, rows=(cells,)), filtered=False)
            if single is not None and single.names == self.plan.relation.names and len(single.rows) == 1:
                yield _Probe(QuestionRow("", 0, cells), single.rows[0])

    def left_open(self, name: str) -> list[_Probe]:
        """Rows for which the user could not say what stands in a column."""
        found: list[_Probe] = []
        for table, file, row in self.asking.left.get(name, ()):
            relation = replayed(self.plan, table, filtered=False)
            if relation is not None and relation.names == self.plan.relation.names:
                records = zip(relation.rows, relation.origins, strict=True)
                shown = QuestionRow(file, row, table.rows[row - 1])
                found += (_Probe(shown, record) for record, origin in records if origin == row)
        return found

    def is_settled(self, probe: _Probe, name: str) -> bool:
        """Whether the user has said what stands there."""
        return (probe.shown.file, probe.shown.number, name) in self.asking.settled


class _Likely:
    """What cells a file may have: numbers where the example's column has numbers, dates where it has dates, or blanks.
    Nobody can say what becomes of others."""

    def __init__(self, table: Table) -> None:
        columns = [[row[place] for row in table.rows[:MOST_ROWS] if place < len(row)] for place in range(table.width)]
        self._read = [_reader_of([text for text in column if text.strip()]) for column in columns]

    def has(self, cells: Row) -> bool:
        """Whether a row's cells are such."""
        return all(
            read is None or not cell.strip() or read(cell) for read, cell in zip(self._read, cells, strict=False)
        )


def _reader_of(texts: Sequence[str]) -> Callable[[str], bool] | None:
    """Whether a text is of the kind that all of these are; None where they are of no such kind."""
    known: Sequence[MomentStyle | NumberStyle] = date_styles(texts) if texts else []
    known = known or styles(texts)
    return (lambda text: any(style.exact(text) is not None for style in known)) if known else None


def _length(probe: _Probe) -> int:
    return sum(map(len, probe.shown.cells))


def _probes_of(name: str, table: Table, relation: Relation) -> Iterator[_Probe]:
    for place in sampling.some(range(len(relation.rows)), MOST_ROWS):
        origin = relation.origins[place]
        if origin:
            yield _Probe(QuestionRow(name, origin, table.rows[origin - 1]), relation.rows[place])


def _of_column(probes: _Probes, name: str, learned: Learned) -> Iterator[_Asked]:
    chosen = learned.expression
    programs = [chosen, *(o for o in learned.others if o.cost <= chosen.cost + NEAR_COST)]
    read = frozenset[int]().union(*(program.columns for program in programs))
    samples = [probe for probe in probes.of_samples() if not probes.is_settled(probe, name)]
    rows = max(1, len(samples))
    left = probes.left_open(name)
    found = list(_of_flags(name, chosen, samples, probes.asking.flagged, left))
    new = [question for question in found if question.kind == "a new value"]
    yield from (_Asked(question, question.share * rows) for question in new)
    best: Question | None = None
    decided = 0.0
    if len(programs) > 1:
        weights = [2.0 ** -(program.cost - chosen.cost) for program in programs]
        places = samples if probes.asking.samples else probes.of_example(read)
        parted = {_parted(programs, probe) for probe in left}
        asked = [
            q
            for probe in places
            if (not parted or _parted(programs, probe) not in parted)
            and (q := _ask(name, programs, weights, probe)) is not None
        ]
        best = max(asked, key=_merit, default=None)
        decided = sum(question.share for question in asked) if samples else best.share if best is not None else 0.0
    doubtful = _of_doubt(probes, name, learned, samples, read, left) if learned.doubt else None
    if doubtful is not None and len(doubtful.candidates) > 1:
        yield _Asked(doubtful, rows)
    elif best is not None and best.share >= LEAST_SHARE:
        if all(best.row != question.row for question in new):
            yield _Asked(best, decided)
    elif len(found) > len(new):
        flagged = max((question for question in found if question not in new), key=_merit)
        yield _Asked(flagged, flagged.share * rows)
    elif doubtful is not None:
        yield _Asked(doubtful, rows)


def _parted(programs: Sequence[Expression], probe: _Probe) -> tuple[int, ...]:
    """Which programs answer alike on a row: each one's first companion."""
    answers = [program.run(probe.record) or "" for program in programs]
    return tuple(map(answers.index, answers))


def _of_doubt(
    probes: _Probes,
    name: str,
    learned: Learned,
    samples: Sequence[_Probe],
    read: frozenset[int],
    left: Sequence[_Probe],
) -> Question | None:
    """Whether a rule that is a guess holds for another row: one like rows of the example that became something else,
    where there is one, whose answer tells most; then one like none of them. Rows as those that were ``left`` open are
    not asked about."""
    chosen = learned.expression
    unlike = _Unlike.of(probes.plan, chosen)
    answers = ((chosen.run(probe.record) or "", probe) for probe in samples or probes.of_example(read))
    if left:
        known = {unlike.rank(chosen.run(probe.record) or "", probe) for probe in left}
        answers = ((value, probe) for value, probe in answers if unlike.rank(value, probe) not in known)
    value, probe = min(answers, key=lambda item: (unlike.rank(*item), _length(item[1])), default=("", None))
    if probe is None:
        return None
    words = {value: learned.doubt}
    words |= dict.fromkeys(sorted(unlike.others(value, probe)), "as rows like it in the example")
    candidates = tuple(Candidate(answer, why, 1) for answer, why in words.items())[:MOST_CANDIDATES]
    return Question("", "a new value", probe.shown, name, candidates, value, 1.0)


@dataclass(frozen=True, slots=True)
class _Unlike:
    """What rows of the example became, by the words and figures of the texts that a program reads."""

    read: tuple[int, ...]
    seen: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, plan: Plan, program: Expression) -> "_Unlike":
        read = tuple(sorted(program.columns))
        seen: dict[str, set[str]] = {}
        for record in sampling.some(plan.relation.rows, MOST_ROWS):
            answer = program.run(record) or ""
            for word in _words_read(record, read):
                seen.setdefault(word, set()).add(answer)
        return cls(read, {word: frozenset(answers) for word, answers in seen.items()})

    def others(self, answer: str, probe: _Probe) -> frozenset[str]:
        """What rows became with a word of the row's that stands in none that became the same."""
        known = (self.seen.get(word, frozenset()) for word in _words_read(probe.record, self.read))
        return frozenset().union(*(answers for answers in known if answer not in answers))

    def rank(self, answer: str, probe: _Probe) -> int:
        """0 for a row with a word of rows that became something else, which tells most of a rule that is a guess; then
        rows without any that is known; then the others."""
        if self.others(answer, probe):
            return 0
        return 2 if any(word in self.seen for word in _words_read(probe.record, self.read)) else 1


def _words_read(record: Record, read: Sequence[int]) -> set[str]:
    return {word for place in read for word in _WORD.findall((record[place] or "")[:_LONGEST_READ])}


def _of_flags(
    name: str,
    program: Expression,
    samples: Sequence[_Probe],
    flagged: Mapping[Place, Sequence[Flag]],
    left: Sequence[_Probe],
) -> Iterator[Question]:
    """What stands in cells that would be flagged: for each guard the plainest one, for each value that is new to it;
    nothing of those that flag rows which were ``left`` open."""

    def named(probe: _Probe) -> Iterator[tuple[tuple[str, str], Flag]]:
        flags = flagged.get((probe.shown.file, probe.shown.number), ())
        own = [flag for flag in flags if name in flag.guard.output_columns]
        # A value that is new says more than what comes of it.
        for flag in [flag for flag in own if flag.guard.kind == "value_set"][:1] or own:
            yield (flag.guard.sql, flag.value if flag.guard.kind == "value_set" else ""), flag

    known = {group for probe in left for group, _ in named(probe)}
    groups: dict[tuple[str, str], tuple[Flag, list[_Probe]]] = {}
    for probe in samples:
        for group, flag in named(probe):
            if group not in known:
                groups.setdefault(group, (flag, []))[1].append(probe)
    for (_, value), (flag, rows) in groups.items():
        probe = min(rows, key=_length)
        default = program.run(probe.record) or ""
        words = {default: flag.guard.words}
        if value:
            words = {default: "what the program makes of it so far"}
            given = (answer for node in program.walk() if isinstance(node, Expression) for answer in node.answers())
            words |= {answer: "as other values in the example" for answer in given if answer and answer != default}
            words.setdefault(value, "as it stands")
        candidates = tuple(Candidate(answer, why, 0) for answer, why in words.items())[:MOST_CANDIDATES]
        share = round(len(rows) / len(samples) * (1.0 if flag.guard.severity == "unseen" else NOTED), 3)
        kind: QuestionKind = "a new value" if value else "which value"
        yield Question("", kind, probe.shown, name, candidates, default, share)


def _of_rows(plan: Plan, plans: Iterable[Plan], asking: Asking) -> Iterator[_Asked]:
    """Rows that some likely reasons keep and others leave out, all of which keep the same rows of the example."""
    rivals = [plan, *_near(plan, plans)]
    if len(rivals) < 2 or not asking.samples:
        return
    found: dict[tuple[bool, ...], list[Question]] = {}
    left = {(file, row) for _, file, row in asking.left.get("", ())}
    unanswered: set[tuple[bool, ...]] = set()
    for name, file in asking.samples.items():
        made = [replayed(rival, file) for rival in rivals]
        # A reason that cannot be asked for in a file says nothing of its rows.
        kept = [(rival, set(r.origins)) for rival, r in zip(rivals, made, strict=True) if r is not None]
        weights = [2.0 ** -(rival.cost - plan.cost) for rival, _ in kept]
        for row, cells in enumerate(file.rows, 1) if made[0] is not None else ():
            stays = tuple(row in origins for _, origins in kept)
            if (name, row) in left:
                unanswered.add(stays)
            if all(stays) or not any(stays) or (name, row, "") in asking.settled:
                continue
            share = sum(w for w, stay in zip(weights, stays, strict=True) if stay) / sum(weights)
            candidates = tuple(
                Candidate(value, kept[stays.index(stay)][0].words(), stays.count(stay))
                for value, stay in ((KEEP, True), (DROP, False))
            )
            default = KEEP if stays[0] else DROP
            ruled_out = round(1.0 - share**2 - (1.0 - share) ** 2, 3)
            shown = QuestionRow(name, row, cells)
            question = Question("", "which rows", shown, "", candidates, default, ruled_out)
            found.setdefault(stays, []).append(question)
    groups = [
        _Asked(max(group, key=_merit), sum(q.share for q in group))
        for stays, group in found.items()
        if stays not in unanswered
    ]
    yield from sorted(groups, key=lambda asked: -asked.cells)[:MOST_OF_ROWS]


def _near(plan: Plan, plans: Iterable[Plan]) -> list[Plan]:
    """Other plans for the same rows of the example that are about as likely; none that is a guess beside one that is
    not."""
    doubted = any(step.doubt for step in plan.steps)
    near = (
        other
        for other in plans
        if other.cost <= plan.cost + NEAR_COST
        and other.steps != plan.steps
        and other.relation.origins == plan.relation.origins
        and (doubted or not any(step.doubt for step in other.steps))
    )
    return sorted(near, key=lambda other: other.cost)[:MOST_PLANS]


def _of_order(plan: Plan, plans: Iterable[Plan], expected: Table, asking: Asking) -> Iterator[_Asked]:
    """Two rows that likely orders, in all of which the example's rows stand alike, put one before the other."""
    rivals = [plan, *_near(plan, (*plans, *kept_orders(plan, expected.columns())))]
    found: list[Question] = []
    for name, file in asking.samples.items() if len(rivals) > 1 and not asking.order_left else ():
        orders = [_places_of(replayed(rival, file)) for rival in rivals]
        for row, after in pairwise(list(orders[0])[:MOST_ROWS]):
            if (name, row, "") not in asking.settled:
                shown = QuestionRow(name, row, file.rows[row - 1])
                found += _in_turn(shown, after, rivals, orders)
    if found:
        yield _Asked(max(found, key=_merit), sum(question.share for question in found))


def _in_turn(
    row: QuestionRow, after: int, rivals: Sequence[Plan], orders: Sequence[Mapping[int, int]]
) -> Iterator[Question]:
    """Whether a row comes before another of its file, where the likely orders part on it; the first is the plan's."""
    # Of a plan that makes nothing of one of them nothing is known here.
    told = [
        (o[row.number] < o[after], p) for o, p in zip(orders, rivals, strict=True) if {row.number, after} <= o.keys()
    ]
    turned = next((rival for first, rival in told if not first), None)
    if turned is None:
        return
    weights = [2.0 ** -(rival.cost - rivals[0].cost) for _, rival in told]
    share = sum(w for w, (first, _) in zip(weights, told, strict=True) if first) / sum(weights)
    candidates = (
        Candidate(says_order(BEFORE, after), rivals[0].words(), sum(first for first, _ in told)),
        Candidate(says_order(BEHIND, after), turned.words(), sum(not first for first, _ in told)),
    )
    ruled_out = round(1.0 - share**2 - (1.0 - share) ** 2, 3)
    yield Question("", "which order", row, "", candidates, candidates[0].value, ruled_out)


def _places_of(relation: Relation | None) -> dict[int, int]:
    """The places at which the rows of the output stand that come of rows of a file, by these."""
    found: dict[int, int] = {}
    for place, origin in enumerate(relation.origins if relation is not None else ()):
        if origin:
            found.setdefault(origin, place)
    return found


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
    read = {frozenset(node.format_read for node in programs[answers[value][0]].walk()) for value in likely}
    kind: QuestionKind = "which reading" if len(read) > 1 else "which value"
    return Question("", kind, probe.shown, name, candidates, chosen, round(ruled_out, 3))
