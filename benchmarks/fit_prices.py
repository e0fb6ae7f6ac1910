"""Fit the prices of units on example suites, and say what that gains on cases that were held out.

    python -m benchmarks.fit_prices CASES OUT [--suite S ...] [--limit N] [--jobs N]

``CASES`` are those of `benchmarks.by_example`. Of each output column, all programs that were found to explain the
example are kept in ``OUT/candidates.json``, each with its price, what it has of each unit, and whether it is right on
the case's test file; where the file is there, no case is learned. What is printed stands in ``OUT/prices.txt``, too.
Candidates are those that the search keeps by the prices that it has: a fit orders them anew, and finds no others.

The loss is listwise: minus the log of the share that the right programs have of all, each with the weight e^-price. It
is brought down unit by unit (coordinate search), and every step away from the price that was set by hand costs a
little. Groups of cases (`meta.json`) are dealt into folds; a fold's columns are judged by the prices that were fitted
on the others, so that what is printed as held out was seen by no fit.
"""

import argparse
import json
import math
import sys
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path

from benchmarks import by_example
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.learning import learn
from services.converter.domain.synthesis import prices
from services.converter.domain.synthesis.columns import ranking
from services.converter.domain.synthesis.language import Expression, reprice
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.search.attempts import task_of
from services.converter.domain.table import Table
from services.converter.example_files import read_example

FOLDS = 5
STEP, LEAST, MOST = 0.1, 0.0, 4.0
"""How far a price moves at once, and where it stays."""
ROUNDS = 6
"""Times that all units are gone through at most."""
TIE = 0.02
"""What each point away from the price that was set by hand costs for each column: ties stay as they were."""
OPEN = 100.0
"""What an open question costs more than any rule."""
MOST_CANDIDATES = 40

Fitted = Mapping[str, float]
"""Prices by unit."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A program: its price without that of its units, how much of each unit's price it pays, whether it is right."""

    base: float
    units: dict[str, float]
    right: bool

    def price(self, fitted: Fitted) -> float:
        """Its price by a table."""
        return self.base + sum(weight * fitted[unit] for unit, weight in self.units.items())


@dataclass(frozen=True, slots=True)
class Column:
    """An output column of a case with the programs for it, of which some are right and some are not."""

    suite: str
    group: str
    candidates: tuple[Candidate, ...]

    def loss(self, fitted: Fitted) -> float:
        """Minus the log of the share of the right programs."""
        found = [(-candidate.price(fitted), candidate.right) for candidate in self.candidates]
        most = max(weight for weight, _ in found)
        total = sum(math.exp(weight - most) for weight, _ in found)
        right = sum(math.exp(weight - most) for weight, is_right in found if is_right)
        return math.log(total) - math.log(max(right, 1e-12))

    def is_right(self, fitted: Fitted) -> bool:
        """Whether the cheapest program is right."""
        return min(self.candidates, key=lambda candidate: candidate.price(fitted)).right


def columns_of(case: Path) -> list[Column]:
    """The columns of a case in which prices decide."""
    hints = by_example.hints_of(case)
    files = [(case / f"{name}.csv").read_bytes() for name in ("train_input", "train_expected")]
    tests = [(case / f"{name}.csv").read_bytes() for name in ("test_input", "test_expected")]
    try:
        (source, target), (given, wanted) = read_example(*files, hints), read_example(*tests, hints)
        learned = learn(source.table, target.table)
    except ConverterFault:
        return []
    if learned.plan is None or not learned.columns:
        return []
    rows = _rows(learned.plan, given.table)
    meta = json.loads((case / "meta.json").read_text(encoding="utf-8")) if (case / "meta.json").exists() else {}
    found = []
    for position, column in enumerate(learned.columns):
        texts = [row[position] if position < len(row) else "" for row in wanted.table.rows]
        if column is None or rows is None or len(rows.rows) != len(texts):
            continue
        task = task_of(learned.plan, target.table, position, Instructions())
        candidates = tuple(
            _candidate(
                program,
                ranking.rank(task, program) + OPEN * bool(ranking.doubt(task, program)),
                [text or "" for text in program.run_all(rows.rows)] == texts,
            )
            for program in column.found[:MOST_CANDIDATES]
        )
        if len({candidate.right for candidate in candidates}) == 2:
            found.append(Column(case.parent.name, meta.get("group", f"{case.parent.name}:{case.name}"), candidates))
    return found


def _rows(plan: Plan, table: Table) -> Relation | None:
    """The rows that the plan makes of another table; None where it has not the columns that it reads."""
    relation = Relation.of(table)
    try:
        for step in plan.steps:
            relation = step.run(relation)
    except (IndexError, ValueError, KeyError):
        return None
    return relation if relation.names == plan.relation.names else None


def _candidate(program: Expression, rank: float, right: bool) -> Candidate:
    """What a program pays of each unit's price, by what its price is where the unit costs one more."""
    names = {type(node).__name__ for node in program.walk()} & prices.PRICES.keys()
    units, own = {}, program.cost
    for name in sorted(names):
        with_more = dict(prices.PRICES)
        with_more[name] += 1.0
        units[name] = round(_cost(program, with_more) - own, 6)
    return Candidate(rank - sum(weight * prices.PRICES[name] for name, weight in units.items()), units, right)


def _cost(program: Expression, table: Fitted) -> float:
    """The price of a program by another table."""
    kept, prices.PRICES = prices.PRICES, table
    reprice()
    try:
        return program.cost
    finally:
        prices.PRICES = kept
        reprice()


def fit(columns: Sequence[Column], start: Fitted) -> Fitted:
    """The prices with the least loss that a walk from ``start`` finds, unit by unit, a step at a time."""
    fitted = dict(start)
    having: dict[str, list[Column]] = {}
    for column in columns:
        for unit in {unit for candidate in column.candidates for unit in candidate.units}:
            having.setdefault(unit, []).append(column)

    def loss(unit: str) -> float:
        held = having[unit]
        return sum(column.loss(fitted) for column in held) + TIE * len(columns) * abs(fitted[unit] - start[unit])

    for _ in range(ROUNDS):
        moved = False
        for unit in sorted(having):
            best, kept = loss(unit), fitted[unit]
            for way in (STEP, -STEP):
                while LEAST <= round(kept + way, 2) <= MOST:
                    fitted[unit] = round(kept + way, 2)
                    found = loss(unit)
                    if found >= best - 1e-9:
                        break
                    best, kept, moved = found, fitted[unit], True
                fitted[unit] = kept
        if not moved:
            break
    return fitted


@dataclass(frozen=True, slots=True)
class Gain:
    """How many columns are right, and the mean loss, by prices set by hand and by fitted ones, each held out."""

    columns: int
    right: tuple[int, int]
    loss: tuple[float, float]

    @property
    def is_one(self) -> bool:
        """Whether the fit is better where it was not fitted: in columns, or in loss where those are as many."""
        return (self.right[1], -self.loss[1]) > (self.right[0], -self.loss[0])


def held_out(columns: Sequence[Column], start: Fitted) -> Gain:
    """The gain on folds by group."""
    right, loss = [0, 0], [0.0, 0.0]
    for fold in range(FOLDS):
        inside = [column for column in columns if _fold(column.group) != fold]
        outside = [column for column in columns if _fold(column.group) == fold]
        for i, table in enumerate((start, fit(inside, start))):
            right[i] += sum(column.is_right(table) for column in outside)
            loss[i] += sum(column.loss(table) for column in outside)
    count = max(1, len(columns))
    return Gain(len(columns), (right[0], right[1]), (loss[0] / count, loss[1] / count))


def _fold(group: str) -> int:
    return zlib.crc32(group.encode()) % FOLDS


def describe(columns: Sequence[Column], start: Fitted) -> str:
    """What the fit gains, and the prices that it moves."""
    gain, fitted = held_out(columns, start), fit(columns, start)
    verdict = "a gain" if gain.is_one else "no gain: the prices stay"
    groups = len({column.group for column in columns})
    by_hand, by_fit = (sum(column.is_right(table) for column in columns) for table in (start, fitted))
    hand, other = (f"{right} right, loss {loss:.4f}" for right, loss in zip(gain.right, gain.loss, strict=True))
    lines = [
        f"{gain.columns} columns in {groups} groups have right and wrong programs",
        f"held out ({FOLDS} folds by group): by hand {hand}; fitted {other}: {verdict}",
        f"fitted on all: {by_hand} right by hand, {by_fit} fitted",
    ]
    moved = [(unit, price, fitted[unit]) for unit, price in start.items() if fitted[unit] != price]
    return "\n".join([*lines, *(f'    "{unit}": {price} -> {new}' for unit, price, new in moved)])


def candidates(cases: Iterable[tuple[Path, Path]], kept: Path, jobs: int) -> list[Column]:
    """The columns of all cases: as they were kept, or learned and then kept."""
    if not kept.exists():
        with get_context("fork").Pool(jobs) as pool:
            found = pool.map(columns_of, [case for case, _ in cases], chunksize=1)
        kept.parent.mkdir(parents=True, exist_ok=True)
        columns = [asdict(column) for columns in found for column in columns]
        kept.write_text(json.dumps(columns, indent=1), encoding="utf-8")
    read = json.loads(kept.read_text(encoding="utf-8"))
    return [Column(c["suite"], c["group"], tuple(Candidate(**each) for each in c["candidates"])) for c in read]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fit_prices", description=__doc__.split("\n")[0])
    by_example.add_arguments(parser)
    options = parser.parse_args()
    cases = by_example.find_cases(options.cases, options.out, options.suite, options.limit)
    columns = candidates(cases, options.out / "candidates.json", max(1, options.jobs))
    text = describe(columns, prices.PRICES)
    (options.out / "prices.txt").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if columns else 1


if __name__ == "__main__":
    sys.exit(main())
