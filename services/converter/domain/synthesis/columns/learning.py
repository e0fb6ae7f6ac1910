"""Learning one output column: copies first, then pieces, numbers and dates, then branches, then dictionaries."""

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.columns import cases as branching
from services.converter.domain.synthesis.columns import ranking, search
from services.converter.domain.synthesis.columns.guidance import Guidance, guidance_of
from services.converter.domain.synthesis.columns.parsing import lists
from services.converter.domain.synthesis.columns.probing import unlike
from services.converter.domain.synthesis.columns.signing import learn_signed
from services.converter.domain.synthesis.language import Column, Concat, Constant, Examples, Expression, Node
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.operators.logic.otherwise import OrElse

NEAR_COST = 2.0
"""Rivals are reported where they cost at most so much more than the chosen program."""
MAX_ROUNDS = 6
"""Rounds of learning from counterexamples."""
SURE_CONSTANT = 4
"""Different rows from which on an output that never changes is a constant rather than a piece of the input."""
ONE_SIDE = 3.0
"""Programs dearer than this, where some rows want nothing, are held against those that say in which."""
OPTIONAL = 4.5
"""Programs dearer than this are held against those that find nothing where nothing is wanted."""
MOST_DEFAULTS, MOST_WITH_DEFAULT, LEAST_FOUND = 2, 8, 2
"""Texts that may stand for nothing, programs that are kept with one, and rows that must have something else."""
MOST_ALTERNATIVES = 40
"""Programs that agree on the rows with an output, of which some may find nothing in the others."""
NESTED, NESTED_PIECE = 6.0, 4.4
"""Programs dearer than this, with a piece dearer than that, are held against those that take pieces from pieces."""
LISTED = 5.0
"""Programs dearer than this are held against those that go through the items of a list."""
MOST_RIVALS, MOST_OTHERS = 16, 3
"""Programs among which rivals are looked for, and those that are kept: such as answer otherwise, first."""
MOST_DOUBTED = 40
"""Programs among which a rule is looked for where the best is an open question."""
DOUBTFUL = 11.0
"""Programs dearer than this are held against programs by cases."""


@dataclass(frozen=True, slots=True)
class Learned:
    """A column program that explains every row, with the next best that do as well."""

    expression: Expression
    others: tuple[Expression, ...] = ()
    doubt: str = ""
    """Why the program is an open question rather than a rule; empty where it is one (see `ranking.doubt`)."""
    found: tuple[Expression, ...] = field(default=(), compare=False, repr=False)
    """All that explain every row, best first: what prices are fitted on (see `prices`)."""
    rank: float = field(default=math.inf, compare=False, repr=False)
    """By what it was chosen (see `ranking.rank`); infinite where that is not known."""


@dataclass(slots=True)
class Calls:
    """How many small tasks may still be learned for programs by cases: a bound that is the same on every machine."""

    left: int

    def take(self) -> bool:
        """Whether one more may be, which is then taken."""
        self.left -= 1
        return self.left >= 0


MOST_CALLS = 40
"""Small tasks learned for the cases of one column."""


def learn_column(task: Examples, thorough: bool = True) -> Learned | None:
    """The best program for one column, or None where none explains all rows within the task's budget.

    Programs by cases are looked for only where ``thorough``.
    """
    guidance = guidance_of(task)
    if task.hint:
        task.preference = guidance
    found = _plain(task, guidance)
    for dearest, way in (*WAYS, *((CASES,) if thorough else ())):
        if task.budget.is_spent:
            break
        # An open question does not keep from looking for a rule.
        if not found or found[0].cost > dearest or ranking.doubt(task, found[0]):
            found += way(task, bool(found))
            found.sort(key=lambda e: ranking.rank(task, e))
    return _best_of(task, found, guidance)


def _plain(task: Examples, guidance: Guidance) -> list[Expression]:
    """Copies, values and pieces, best first: what most columns are."""
    found = _copies(task)
    if task.lone:
        found = [e for e in found if not ranking.is_constant(e)]
    values = branching.learn_values(task) if not found or guidance else []
    if not found:
        values += [c.expression for witness in catalogue.witnesses("whole") for c in witness(task, ())]
    if task.standing:
        values += branching.learn_kept(task, search.sources(task))
    values += [e for e in guidance.candidates(task) if task.explains(e)]
    for effort in (0, 1):
        if found and (_is_likely(found[0]) if effort else _is_settled(found[0], guidance)):
            break
        found += _by_counterexamples(task, effort)
        if effort == 0:
            found += values
        found.sort(key=lambda e: ranking.rank(task, e))
        if task.budget.is_spent:
            break
    return found


def _signed(task: Examples, solved: bool) -> list[Expression]:
    del solved
    return learn_signed(task, lambda part: _by_counterexamples(part, 0))


def _listed(task: Examples, solved: bool) -> list[Expression]:
    sample = task.subset(sampling.pick_rows(task.outputs, sampling.MOST_ROWS))
    programs = lists.learn_lists(sample, lambda part: _solve(part, 0), solved)
    return [e for e in programs if task.explains(e)]


def _optional(task: Examples, solved: bool) -> list[Expression]:
    del solved
    return _where_there_is_any(task) if any(task.outputs) and not all(task.outputs) else []


def _one_side(task: Examples, solved: bool) -> list[Expression]:
    """What is wanted in some rows and nothing in the others, as the likeliest conditions say."""
    del solved
    return branching.learn_one_side(task, lambda part: _by_counterexamples(part, 0))


def _defaulted(task: Examples, solved: bool) -> list[Expression]:
    del solved
    return _with_default(task)


def _first_filled(task: Examples, solved: bool) -> list[Expression]:
    """What a column says, and what another does where the first is blank."""
    del solved
    return branching.learn_first_filled(task, lambda part: _solve(part, 0))


def _renamed(task: Examples, solved: bool) -> list[Expression]:
    """What says a kind's own words, but for kinds that have another name."""
    del solved
    return branching.learn_renamed(task, lambda part: _by_counterexamples(part, 0))


def _cased(task: Examples, solved: bool) -> list[Expression]:
    del solved
    return _by_branches(task, Calls(MOST_CALLS))


Way = Callable[[Examples, bool], list[Expression]]
"""Programs that explain every row of a task; whether some are known already."""
WAYS: tuple[tuple[float, Way], ...] = (
    (LISTED, _signed),
    (LISTED, _first_filled),
    (LISTED, _listed),
    (LISTED, _renamed),
    (ONE_SIDE, _one_side),
    (OPTIONAL, _optional),
    (OPTIONAL, _defaulted),
)
"""What is looked for where nothing was found that costs at most so much, one after the other."""
CASES: tuple[float, Way] = (DOUBTFUL, _cased)
"""The last way, which takes the most work."""


def learn_by_cases(task: Examples, calls: Calls, plain: Learned | None) -> Learned | None:
    """The best program for one column: one by cases, or the ``plain`` one that `learn_column` found, if any."""
    guidance = guidance_of(task)
    if task.hint:
        task.preference = guidance
    found = [plain.expression, *plain.others] if plain is not None else []
    found += _by_branches(task, calls)
    found.sort(key=lambda e: ranking.rank(task, e))
    return _best_of(task, found, guidance)


def _best_of(task: Examples, found: list[Expression], guidance: Guidance) -> Learned | None:
    """The first program, with the next as its rivals."""
    if not found and task.lone and task.outputs:
        found = [Constant(task.outputs[0])]
    if not found:
        return None
    # A rule before an open question, whatever they cost.
    doubts = {e.sql(): ranking.doubt(task, e) for e in found[:MOST_DOUBTED]}
    if doubts[found[0].sql()]:
        found.sort(key=lambda e: bool(doubts.get(e.sql(), "not judged")))
    # What the words decide is settled: rivals that only the words set apart are no longer near.
    near = ranking.rank(task, found[0]) + NEAR_COST if guidance else math.inf
    rivals = [e for e in found[1:MOST_RIVALS] if ranking.rank(task, e) <= near]
    if not doubts[found[0].sql()]:
        # What the example is no ground for is no rival of what it is.
        rivals = [e for e in rivals if not doubts.get(e.sql(), "")]
    if task.lone:
        rivals = [e for e in rivals if not ranking.is_constant(e)]
    least = min(0.0, ranking.told(task, found[0]))
    rivals = [e for e in rivals if ranking.told(task, e) >= least]
    others = unlike(found[0], rivals, task.records, MOST_OTHERS)
    others = sorted(others, key=lambda e: ranking.rank(task, e))
    return Learned(found[0], tuple(others), doubts[found[0].sql()], tuple(found), ranking.rank(task, found[0]))


def _is_settled(copy: Expression, guidance: Guidance) -> bool:
    """Whether a copy needs no other program beside it."""
    return not ranking.is_constant(copy) and guidance.is_met_by(copy)


def _is_likely(best: Expression) -> bool:
    """Whether a program, or each piece of it, is so cheap that pieces of pieces would not make a better one."""
    pieces = best.pieces if isinstance(best, Concat) else (best,)
    return best.cost <= NESTED or max(piece.cost for piece in pieces) <= NESTED_PIECE


def _with_default(task: Examples) -> list[Expression]:
    """Programs that find something in most rows, and nothing in those that have one and the same text instead."""
    counts = Counter(output for output in task.outputs if output)
    repeated = [text for text, count in counts.most_common(MOST_DEFAULTS) if count > 1]
    found: list[Expression] = []
    for text in repeated:
        lacking = [output == text for output in task.outputs]
        rows = [record for record, lacks in zip(task.records, lacking, strict=True) if lacks]
        stands = any(text in (cell or "") for record in rows for cell in record)
        found_in = ["" if lacks else output for output, lacks in zip(task.outputs, lacking, strict=True)]
        if stands or len(found_in) - found_in.count("") < LEAST_FOUND:
            continue
        part = task.subset(range(len(lacking)))
        part.outputs = found_in
        programs = (OrElse(e, Constant(text)) for e in _where_there_is_any(part)[:MOST_WITH_DEFAULT])
        found += [e for e in programs if task.explains(e)]
    return found


def _where_there_is_any(task: Examples) -> list[Expression]:
    """Programs that find something in the rows with an output, and by their own meaning nothing in the others."""
    filled = [i for i, output in enumerate(task.outputs) if output][: sampling.MOST_ROWS]
    sample = task.subset(filled)
    found: list[Expression] = []
    for effort in (0, 1):
        if found or task.budget.is_spent:
            break
        found = [e for e in _solve(sample, effort, MOST_ALTERNATIVES) if task.explains(e) and _lacks(task, e)]
    return found


def _lacks(task: Examples, program: Expression) -> bool:
    """Whether a program that computes from several cells finds nothing because one of them says nothing, or holds the
    one text that stands for that. A sum that only fails at the names and amounts of other kinds is met by chance."""
    nodes = (node for node in program.walk() if isinstance(node, Node) and node.format_read)
    read = sorted(frozenset[int]().union(*(node.columns for node in nodes)))
    if len(read) < 2:
        return True
    lacking = [record for record, output in zip(task.records, task.outputs, strict=True) if not output]
    said = [[text if any(map(str.isalnum, text)) else "" for text in (r[i] or "" for r in lacking)] for i in read]
    marks = [len(set(texts) - {""}) <= 1 for texts in said]
    return all(
        any(not texts[place] or marked for texts, marked in zip(said, marks, strict=True))
        for place in range(len(lacking))
    )


def _by_branches(task: Examples, calls: Calls) -> list[Expression]:
    def learner(part: Examples) -> list[Expression]:
        return _solve(part, 0) if calls.take() else []

    rows = sampling.pick_rows(task.outputs, sampling.MOST_ROWS - 4)
    for _ in range(3):
        sample = task.subset(rows)
        found = branching.learn_branches(sample, learner)
        right = [e for e in found if task.explains(e)]
        if right or not found or len(rows) == len(task.outputs) or task.budget.is_spent:
            return right
        wrong = [
            i
            for i, (r, want) in enumerate(zip(task.records, task.outputs, strict=True))
            if (found[0].run(r) or "") != want
        ]
        rows = sorted({*rows, *wrong[:2]})
    return []


def _solve(sample: Examples, effort: int, alternatives: int = search.MAX_ALTERNATIVES) -> list[Expression]:
    """Programs for a few rows, best first."""
    pool = search.build_pool(sample, effort, alternatives)
    return sorted(_variants(pool, search.spell(sample, pool)), key=lambda e: ranking.rank(sample, e))


def _copies(task: Examples) -> list[Expression]:
    """Columns equal to the output, and the constant where the output never changes."""
    found: list[Expression] = []
    for index in range(len(task.names)):
        column = task.column(index)
        if task.explains(column):
            found.append(column)
    if len(set(task.outputs)) == 1 and (len(task.outputs) > 1 or not task.outputs[0]):
        constant = Constant(task.outputs[0])
        varied = any(len(set(task.values(c))) > 1 for c in found if isinstance(c, Column))
        if not found or varied:
            found.append(constant)
        else:
            found.insert(len(found), constant)
    found.sort(key=lambda e: ranking.rank(task, e))
    if (
        found
        and isinstance(found[0], Constant)
        and task.outputs[0]
        and len({tuple(r) for r in task.records}) < SURE_CONSTANT
    ):
        return found[1:] if len(found) > 1 else []
    return found


def _by_counterexamples(task: Examples, effort: int) -> list[Expression]:
    """Learn from a few rows, check on all, and add the rows that disagree."""
    rows = sampling.pick_rows(task.outputs)
    for _ in range(MAX_ROUNDS):
        sample = task.subset(rows)
        solutions = _solve(sample, effort)
        right = [s for s in solutions if task.explains(s)]
        if right:
            return right
        if not solutions or task.budget.is_spent or len(rows) >= sampling.MOST_ROWS:
            return []
        wrong = next(
            i
            for i, (r, want) in enumerate(zip(task.records, task.outputs, strict=True))
            if (solutions[0].run(r) or "") != want
        )
        if wrong in rows:
            return []
        rows = sorted({*rows, wrong})
    return []


def _variants(pool: search.Pool, solutions: list[Expression]) -> list[Expression]:
    """Solutions with their equals on the sample, which may fare better on other rows: of one piece all, of the cheapest
    one of several those of each of its pieces that are about as likely."""
    out = list(solutions)
    for solution in solutions[:2]:
        out.extend(pool.equals(solution))
    best = solutions[0] if solutions else None
    if isinstance(best, Concat):
        for place, piece in enumerate(best.pieces):
            others = pool.equals(piece) if piece.columns else ()
            near = (other for other in others if other.cost <= piece.cost + NEAR_COST)
            out.extend(Concat((*best.pieces[:place], other, *best.pieces[place + 1 :])) for other in near)
    return list({e.sql(): e for e in out}.values())
