"""The search for column programs: a pool of useful pieces, then the cheapest way to spell the outputs with them."""

import heapq
import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from operator import itemgetter

from services.converter.domain.synthesis.columns.parsing import fields
from services.converter.domain.synthesis.language import (
    DEAR_CHARACTERS,
    SURE_ROWS,
    Column,
    Concat,
    Constant,
    Examples,
    Expression,
    character_price,
)
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.operators.witness import Candidate, occurs

MAX_ATOMS = 4000
"""Pieces kept for one search, the cheapest of each set of values."""
MAX_EXPANSIONS = 6000
"""States opened in one search for a concatenation."""
MAX_TRIED = 150_000
"""Pieces that are held against states in one search for a concatenation."""
MAX_BOUNDED = 400
"""Characters of an output up to which the rest of a way is bounded from below."""
FARTHEST = 4.0
"""Concatenations that cost so much more than the cheapest are no rivals of it."""
MAX_REOPENED = 3
"""Ways that are followed through one state."""
JOINT, EMPTY_PRICE, LEAST_PRICE = 0.6, 1.5, 0.3
"""What each further piece costs, what one costs more that is empty on the leading row, and the least that any costs."""
WORK_OF_A_MOVE = 27
"""Units of work that a piece costs which is held against a state."""
WORK_OF_A_SOURCE, WORK_OF_A_CANDIDATE = 4, 4
"""Units for each row of a source that a witness looks at, and for each row of a candidate that it makes."""
MAX_NESTED = 60
"""Pieces that are searched for pieces of their own."""
MAX_READABLE = 150
"""Texts that are read as numbers and dates."""
MAX_ALTERNATIVES = 6
"""Expressions kept for one set of values: they agree on the example and may differ elsewhere."""


@dataclass(slots=True)
class Pool:
    """Pieces by their values on the example's rows."""

    task: Examples
    alternatives: int = MAX_ALTERNATIVES
    by_values: dict[tuple[str, ...], list[tuple[float, Expression]]] = field(default_factory=dict)
    """Prices and expressions."""

    def offer(self, candidate: Candidate, price: float | None = None) -> float:
        """Keep the candidate where it is among the cheapest for its values; its price, unless that is known."""
        if price is None:
            price = self.task.price(candidate.expression)
        priced = (price, candidate.expression)
        known = self.by_values.get(candidate.values)
        if known is None:
            self.by_values[candidate.values] = [priced]
            return price
        known.append(priced)
        if len(known) > self.alternatives:
            known.sort(key=itemgetter(0))
            known.pop()
        return price

    def best(self, values: tuple[str, ...]) -> Expression:
        """The cheapest expression for these values."""
        return min(self.by_values[values], key=itemgetter(0))[1]

    def equals(self, expression: Expression) -> list[Expression]:
        """What gives the same values as an expression of the pool."""
        values = tuple(expression.run(record) or "" for record in self.task.records)
        found = [e for _, e in self.by_values.get(values, ())]
        return [e for e in found if e is not expression] if expression in found else []

    def candidates(self) -> list[tuple[float, Candidate]]:
        """The cheapest expression for each set of values, with its price."""
        cheapest = ((values, min(known, key=itemgetter(0))) for values, known in self.by_values.items())
        return [(price, Candidate(expression, values)) for values, (price, expression) in cheapest]


def sources(task: Examples) -> list[Candidate]:
    """The columns, and their cleaned forms."""
    width = len(task.names)
    columns = []
    for index in range(width):
        if index in task.lent and len(task.records) == 1:
            continue  # a number of the row, or a total, that stands in one row's text stands there by chance
        values = tuple((record[index] if index < len(record) else None) or "" for record in task.records)
        if any(values):
            columns.append(Candidate(task.column(index), values))
    own = [c for c in columns if not _is_lent(task, c)]
    cleaned = [c for witness in catalogue.witnesses("source") for c in witness(task, own)]
    return columns + cleaned


def _is_lent(task: Examples, candidate: Candidate) -> bool:
    return isinstance(candidate.expression, Column) and candidate.expression.index in task.lent


def build_pool(task: Examples, effort: int, alternatives: int = MAX_ALTERNATIVES) -> Pool:
    """Pieces of the outputs, from the columns (effort 0), and from pieces of columns (effort 1)."""
    useful, everything = Pool(task, alternatives), Pool(task, 1)
    level = sources(task)
    for candidate in level:
        everything.offer(candidate)
    _fill(task, useful, everything, level)
    if effort:
        inner = Pool(task, 1)
        own = [c for c in level if not _is_lent(task, c)]
        for witness in (*catalogue.witnesses("pick"), fields.punctuated):
            for candidate in witness(task, own):
                if candidate.values not in everything.by_values or candidate.values not in useful.by_values:
                    inner.offer(candidate)
                if candidate.values not in everything.by_values:
                    everything.offer(candidate)
        nested = sorted(
            (c for _, c in inner.candidates() if any(len(v) > 1 for v in c.values)), key=lambda c: c.expression.cost
        )
        _fill(task, useful, everything, nested[:MAX_NESTED])
    return useful


def _fill(task: Examples, useful: Pool, everything: Pool, level: Iterable[Candidate]) -> None:
    fresh = list(level)
    own = [c for c in fresh if not _is_lent(task, c)]
    found: list[tuple[Candidate, float | None]] = [(candidate, None) for candidate in fresh]
    for witness in (*catalogue.witnesses("piece"), fields.witness):
        before = len(found)
        found += [(candidate, everything.offer(candidate)) for candidate in witness(task, own)]
        _spend(task, len(own), len(found) - before)
        if task.budget.is_spent:
            break
    for candidate, price in found:
        if occurs(task, candidate.values):
            useful.offer(candidate, price)
    unique = {c.values: c for c, _ in reversed(found)}
    best = [Candidate(everything.best(values), values) for values in unique]
    # Columns that are alike in the example are amounts of their own: price and fee may be equal by chance.
    twins = [c for c in fresh if isinstance(c.expression, Column) and c.expression != everything.best(c.values)]
    # What other rows say is computed with where there are rows enough to tell a rule from chance.
    trusted = [c for c in [*best, *twins] if len(task.outputs) >= SURE_ROWS or not _is_lent(task, c)]
    readable = sorted((c for c in trusted if _is_readable(c.expression)), key=lambda c: c.expression.cost)[
        :MAX_READABLE
    ]
    for witness in catalogue.witnesses("typed"):
        made = [*witness(task, readable)]
        for candidate in made:
            useful.offer(candidate)
        _spend(task, len(readable), len(made))
    for candidate in _written_anew(task, fresh):
        useful.offer(candidate)
    for witness in catalogue.witnesses("form"):
        made = [*witness(task, best)]
        for candidate in made:
            if occurs(task, candidate.values):
                useful.offer(candidate)
        _spend(task, len(best), len(made))


def _spend(task: Examples, sources: int, candidates: int) -> None:
    """Count the work of one witness."""
    task.budget.spend((sources * WORK_OF_A_SOURCE + candidates * WORK_OF_A_CANDIDATE) * len(task.records))


def _written_anew(task: Examples, columns: Iterable[Candidate]) -> Iterator[Candidate]:
    """What other rows say, written as another number where the rows are too few for more: nothing is computed."""
    if len(task.outputs) >= SURE_ROWS:
        return
    for column in columns:
        if _is_lent(task, column):
            for witness in catalogue.witnesses("rewritten"):
                yield from witness(task, [column])


@dataclass(frozen=True, slots=True)
class _Piece:
    """A priced expression with the text that it adds to each output."""

    price: float
    expression: Expression
    values: tuple[str, ...]

    def after(self, outputs: list[str], state: tuple[int, ...]) -> tuple[int, ...] | None:
        """The places reached from ``state``; None where it does not stand there in every output or adds nothing."""
        for output, value, place in zip(outputs, self.values, state, strict=True):
            if not output.startswith(value, place):
                return None
        reached = tuple(p + len(v) for p, v in zip(state, self.values, strict=True))
        return reached if reached != state else None


def spell(task: Examples, pool: Pool, limit: int = 8) -> list[Expression]:
    """The cheapest concatenations of pieces and constants that give every output, cheapest first."""
    outputs = task.outputs
    lead = max(range(len(outputs)), key=lambda i: len(outputs[i]))
    priced = _priced(pool)
    at = _by_place(priced, outputs[lead], lead)
    to_go = _Remaining.of(priced, outputs, lead)
    goal = tuple(len(o) for o in outputs)
    tie = itertools.count()
    start = (0,) * len(outputs)
    # By what a way has cost and at least will cost.
    heap: list[tuple[float, int, float, tuple[int, ...], tuple[Expression, ...]]] = [(0.0, 0, 0.0, start, ())]
    opened: dict[tuple[int, ...], int] = {}
    solutions: list[Expression] = []
    best, tried = math.inf, 0
    for _ in range(MAX_EXPANSIONS):
        if not heap or len(solutions) >= limit or tried > MAX_TRIED or task.budget.is_spent:
            break
        _, _, cost, state, pieces = heapq.heappop(heap)
        if state == goal:
            if pieces:
                best = min(best, cost)
                solutions.append(_joined(task, pieces))
            continue
        if cost > best + FARTHEST:
            break
        if opened.get(state, 0) >= MAX_REOPENED:
            continue
        opened[state] = opened.get(state, 0) + 1
        joint = JOINT if pieces else 0.0
        moves = at.get(state[lead], [])
        if not pieces or not isinstance(pieces[-1], Constant):
            moves = [*moves, *_constants(task, state)]
        tried += len(moves)
        task.budget.spend(len(moves) * WORK_OF_A_MOVE)
        for piece in moves:
            after = piece.after(outputs, state)
            if after is not None:
                paid = cost + piece.price + joint
                heapq.heappush(heap, (paid + to_go(after), next(tie), paid, after, (*pieces, piece.expression)))
    return solutions


def _priced(pool: Pool) -> list[_Piece]:
    """The cheapest pieces, cheapest first."""
    candidates = sorted(pool.candidates(), key=itemgetter(0))[:MAX_ATOMS]
    return [_Piece(max(LEAST_PRICE, price), c.expression, c.values) for price, c in candidates]


def _by_place(pieces: list[_Piece], text: str, lead: int) -> dict[int, list[_Piece]]:
    """The pieces by the places of the leading output at which they stand; empty ones stand everywhere."""
    at: dict[int, list[_Piece]] = {}
    for piece in pieces:
        if piece.values[lead]:
            for place in _places(text, piece.values[lead]):
                at.setdefault(place, []).append(piece)
            continue
        empty = _Piece(piece.price + EMPTY_PRICE, piece.expression, piece.values)
        for place in range(len(text) + 1):
            at.setdefault(place, []).append(empty)
    return at


def _places(text: str, part: str) -> Iterator[int]:
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


@dataclass(frozen=True, slots=True)
class _Remaining:
    """A lower bound of what the rest of a way costs: the dearest of a few outputs, each spelled on its own (A*)."""

    bounds: tuple[tuple[int, list[float]], ...]

    @classmethod
    def of(cls, pieces: list[_Piece], outputs: list[str], lead: int) -> "_Remaining":
        """The bound from the leading output and the shortest one, as far as they are short enough to be worth it."""
        rows = dict.fromkeys((lead, min(range(len(outputs)), key=lambda i: len(outputs[i]))))
        return cls(
            tuple(
                (row, _cheapest_rests(pieces, outputs[row], row, len(outputs) == 1))
                for row in rows
                if len(outputs[row]) <= MAX_BOUNDED
            )
        )

    def __call__(self, state: tuple[int, ...]) -> float:
        """The bound at a state."""
        return max((rests[state[row]] for row, rests in self.bounds), default=0.0)


def _cheapest_rests(pieces: list[_Piece], text: str, row: int, alone: bool) -> list[float]:
    """For each place of one output, the least that pieces and constants spelling the rest of it cost."""
    prices: list[dict[int, float]] = [{} for _ in text]
    for piece in pieces:
        size = len(piece.values[row])
        for place in _places(text, piece.values[row]) if size else ():
            known = prices[place]
            known[size] = min(piece.price, known.get(size, piece.price))
    rests = [0.0] * (len(text) + 1)
    for place in range(len(text) - 1, -1, -1):
        best = min((price + rests[place + size] for size, price in prices[place].items()), default=float("inf"))
        constant = 1.0
        for end in range(place + 1, len(text) + 1):
            constant += character_price(text[end - 1]) if end - place <= DEAR_CHARACTERS else 0.0
            best = min(best, constant * (2.0 if alone else 1.0) + rests[end])
        rests[place] = best + JOINT
    return rests


def _joined(task: Examples, pieces: tuple[Expression, ...]) -> Expression:
    """The pieces as one expression, with the parts of one thing as one where that still explains the outputs."""
    plain: Expression = pieces[0] if len(pieces) == 1 else Concat(pieces)
    for joining in catalogue.joinings():
        joined = joining(task, plain)
        plain = joined if task.explains(joined) else plain
    return plain


def _constants(task: Examples, state: tuple[int, ...]) -> list[_Piece]:
    """Constants that stand at a state in every output; with one output there is no evidence that they are constant."""
    outputs = task.outputs
    scale = 2.0 if len(outputs) == 1 else 1.0
    found = []
    for length in _constant_lengths(outputs, state):
        constant = Constant(outputs[0][state[0] : state[0] + length])
        price = constant.cost * scale + task.doubt(constant)
        found.append(_Piece(price, constant, (constant.text,) * len(outputs)))
    return found


def _constant_lengths(outputs: list[str], state: tuple[int, ...]) -> list[int]:
    """Lengths of constants that could stand at a state: up to each change of kind inside the common text."""
    rest = outputs[0][state[0] :]
    common = len(rest)
    for output, position in zip(outputs[1:], state[1:], strict=True):
        size = 0
        while size < common and position + size < len(output) and output[position + size] == rest[size]:
            size += 1
        common = size
    return [
        size
        for size in range(1, min(common, 200) + 1)
        if size == common or size <= 3 or _kind(rest[size - 1]) != _kind(rest[size])
    ]


def _kind(ch: str) -> int:
    return 0 if ch.isalpha() else 1 if ch.isdigit() else 2


def _is_readable(expression: Expression) -> bool:
    """Whether a text is plain enough to be read as a number or a date: a column, or one pick from it."""
    return len(list(expression.walk())) <= 3
