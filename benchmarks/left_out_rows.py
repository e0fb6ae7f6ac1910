"""Whether a rule that rests on single rows is known by learning it again without each row of the example.

    python -m benchmarks.left_out_rows [--family tasks] [--count 300] [--seed 0]

Each column of made-up conversions (`benchmarks.generated_gate`) that needs no steps is learned again on all rows but
one, for each row. Rows of the later file on which such a program answers otherwise than the one that was learned are
counted, beside the flags that there are: how many of them are wrong or open, how many of these no flag names, and how
many files that are right they flag (`alone`: that nothing else flags). A row is *foretold* where the program without
it gives what is wanted of it.
"""

import argparse
import csv
import io
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.conversions.judging import judge
from benchmarks.conversions.maker import FAMILIES, Conversion, Family, make
from benchmarks.generated_gate import convert, learn
from benchmarks.guard_tally import Tallies, kinds_table
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.program import RunLimits
from services.converter.domain.synthesis.budget import Budget
from services.converter.domain.synthesis.columns.learning import (
    DOUBTFUL,
    MOST_CALLS,
    Calls,
    learn_by_cases,
    learn_column,
)
from services.converter.domain.synthesis.language import Examples, Expression
from services.converter.domain.synthesis.rows.search.attempts import task_of
from services.converter.domain.table import Table
from services.converter.training import Training

MOST_ROWS = 12
"""Rows of an example above which none is left out."""
WORK = 2_000_000
"""Units of work that go into learning without a row."""
_TIME_S = 200.0
FLAGS, OTHERWISE, FORETOLD, NOT_FORETOLD = "flags", "answers otherwise", "where it foretold the row", "where it did not"


@dataclass(slots=True)
class Counted:
    """What was found over all columns."""

    tallies: dict[str, Tallies] = field(default_factory=lambda: defaultdict(Tallies))
    """For each kind of such rows, beside the flags that there are."""
    learning_s: list[float] = field(default_factory=list)
    """How many times as long learning without each row took as learning."""


def measure(seeds: Sequence[int], family: Family) -> Counted:
    """What the columns of some seeds came to."""
    counted = Counted()
    with DuckDBSandbox(limits=RunLimits(time_s=_TIME_S)) as sandbox:
        for seed in seeds:
            made = make(seed, family)
            started = time.process_time()
            try:
                training = learn(made, sandbox)
                learned_s = time.process_time() - started
                if training.status != "completed" or not (programs := list(_without_each(made, training))):
                    continue
                converted = convert(made, training, sandbox)
            except ConverterFault:
                continue
            counted.learning_s.append((time.process_time() - started - learned_s) / learned_s)
            verdict = judge(made.output, converted.header, converted.rows, converted.flags)
            for kind, rows in _parting(made, programs).items():
                flags = {FLAGS: _all(converted.guards), kind: rows}
                shown = {name: named for name, named in flags.items() if named}
                counted.tallies[kind].add(verdict.off, shown, wrong=not verdict.right, missing=False)
    return counted


def _all(guards: Mapping[str, Sequence[int | None]]) -> Sequence[int | None]:
    return sorted({row for rows in guards.values() for row in rows if row is not None})


def _without_each(made: Conversion, training: Training) -> Iterator[tuple[Expression, Expression, bool]]:
    """The program, one that was learned without a row, and whether that foretells the row; for each row."""
    learned = training.finding.learned if training.finding is not None else None
    if learned is None or learned.plan is None or learned.plan.steps or len(learned.columns) != 1:
        return
    wanted = _lines(made.wanted)
    task = task_of(learned.plan, Table(wanted[0], tuple(wanted[1:])), 0, Instructions())
    column = learned.columns[0]
    if column is None or not 1 < len(task.outputs) <= MOST_ROWS:
        return
    for left in range(len(task.outputs)):
        part = task.subset([row for row in range(len(task.outputs)) if row != left])
        part.budget = Budget(WORK)
        other = _learned(part)
        if other is not None:
            yield column.expression, other, (other.run(task.records[left]) or "") == task.outputs[left]


def _learned(task: Examples) -> Expression | None:
    found = learn_column(task, thorough=False)
    if found is None or found.expression.cost > DOUBTFUL:
        found = learn_by_cases(task, Calls(MOST_CALLS), found) or found
    return None if found is None else found.expression


def _parting(
    made: Conversion, programs: Sequence[tuple[Expression, Expression, bool]]
) -> Mapping[str, Sequence[int | None]]:
    """The rows of the later file on which programs part, by what the one without a row foretold."""
    found: dict[str, set[int]] = {OTHERWISE: set(), FORETOLD: set(), NOT_FORETOLD: set()}
    later = [tuple(cell or None for cell in line) for line in _lines(made.later)[1:]]
    for own, other, foretold in programs:
        rows = {number for number, row in enumerate(later, 1) if (own.run(row) or "") != (other.run(row) or "")}
        found[OTHERWISE] |= rows
        found[FORETOLD if foretold else NOT_FORETOLD] |= rows
    return {kind: sorted(rows) for kind, rows in found.items()}


def _lines(content: bytes) -> list[tuple[str, ...]]:
    return [tuple(line) for line in csv.reader(io.StringIO(content.decode()))]


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.left_out_rows", description=__doc__.split("\n")[0])
    parser.add_argument("--family", choices=FAMILIES, default="tasks")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    options = parser.parse_args()
    counted = measure(range(options.seed, options.seed + options.count), options.family)
    times = sorted(counted.learning_s)
    print(f"{len(times)} columns; learning without each row takes {times[len(times) // 2]:.1f} times the learning.")
    print("\n".join(kinds_table(counted.tallies)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
