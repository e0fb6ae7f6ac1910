"""What is asked of the user: the rows on which programs that explain the example as well answer otherwise.

A question is one cell with the answers that surviving programs give. Programs weigh 2^-cost, as prices are paid in bits
of belief; a question is worth what its answer is expected to rule out. It is asked once for all programs that it
settles, of a row that is short and plain: the user's own where there is one, else one made in the spirit of the example
(row 0).
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.converter.domain.report import Candidate, Question, QuestionRow
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns.learning import NEAR_COST, Learned
from services.converter.domain.synthesis.columns.probing import made_up_rows
from services.converter.domain.synthesis.language import Expression, Record
from services.converter.domain.synthesis.proof.rivals import unfiltered
from services.converter.domain.synthesis.rows.algebra import Plan, Relation

MOST_QUESTIONS = 5
"""Questions that people still answer."""
MOST_ROWS = 200
"""Rows of the input among which the row to ask about is looked for."""
MOST_CANDIDATES = 4
"""Answers that a question offers."""
_LEAST_SHARE = 0.02
"""Questions whose answer rules out less than this share of the weight are not worth the asking."""


def questions_of(
    start: Relation, plan: Plan, names: Sequence[str], columns: Sequence[Learned | None]
) -> tuple[Question, ...]:
    """At most so many questions on a program's columns, those first whose answers rule out most."""
    rows = unfiltered(start, plan)
    found: list[tuple[float, Question]] = []
    for name, learned in zip(names, columns, strict=True):
        if learned is None:
            continue
        best = _of_column(rows, plan, name, learned)
        if best is not None:
            found.append((best.share + (1.0 if learned.doubt else 0.0), best))
    found.sort(key=lambda item: -item[0])
    return tuple(replace(q, id=f"q{number}") for number, (_, q) in enumerate(found[:MOST_QUESTIONS], 1))


def _of_column(rows: Relation, plan: Plan, name: str, learned: Learned) -> Question | None:
    chosen = learned.expression
    programs = [chosen, *(o for o in learned.others if o.cost <= chosen.cost + NEAR_COST)]
    weights = [2.0 ** -(program.cost - chosen.cost) for program in programs]
    read = frozenset[int]().union(*(program.columns for program in programs))
    if len(programs) > 1:
        asked = [_ask(rows, name, programs, weights, row) for row in _probes(rows, plan, read)]
        best = max((q for q in asked if q is not None), key=_merit, default=None)
        if best is not None and best.share >= _LEAST_SHARE:
            return best
    if not learned.doubt or not plan.relation.rows:
        return None
    # No other program is at hand: whether the answer holds for other rows is what is open.
    row, origin = plan.relation.rows[0], plan.relation.origins[0]
    value = chosen.run(row) or ""
    shown = QuestionRow("input", origin, tuple(cell or "" for cell in row[: len(rows.names)]))
    return Question("", "a new value", shown, name, (Candidate(value, learned.doubt, 1),), value, 1.0)


def _merit(question: Question) -> tuple[float, bool, int]:
    """What the answer rules out; rows of the user's own first; short ones first."""
    return round(question.share, 2), question.row.number > 0, -sum(map(len, question.row.cells))


def _probes(rows: Relation, plan: Plan, read: frozenset[int]) -> Iterator[tuple[int, Record]]:
    some = sampling.some(range(len(rows.rows)), MOST_ROWS)
    yield from ((rows.origins[i], rows.rows[i]) for i in some)
    yield from ((0, row) for row in made_up_rows(plan.relation.rows, read))


def _ask(
    rows: Relation, name: str, programs: Sequence[Expression], weights: Sequence[float], row: tuple[int, Record]
) -> Question | None:
    """The question that a row asks; None where the programs agree on it."""
    number, record = row
    answers: dict[str, list[int]] = {}
    for place, program in enumerate(programs):
        answers.setdefault(program.run(record) or "", []).append(place)
    if len(answers) < 2:
        return None
    total = sum(weights)
    parts = {value: sum(weights[p] for p in places) / total for value, places in answers.items()}
    chosen = programs[0].run(record) or ""
    likely = sorted(parts, key=lambda value: (value != chosen, -parts[value]))[:MOST_CANDIDATES]
    shown = QuestionRow("input", number, tuple(cell or "" for cell in record[: len(rows.names)]))
    candidates = tuple(Candidate(v, programs[answers[v][0]].words(), len(answers[v])) for v in likely)
    ruled_out = 1.0 - sum(part * part for part in parts.values())
    return Question("", "which value", shown, name, candidates, chosen, round(ruled_out, 3))
