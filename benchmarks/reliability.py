"""How often columns are right on rows that were held back, by the confidence that their reports state.

    python -m benchmarks.reliability CASES OUT

``CASES`` and ``OUT`` are those of `benchmarks.by_example`; a case's ``test_expected.csv`` says what is right. A column
counts where the case was completed and its output has as many rows as are wanted: it is right where every cell is.
"""

import argparse
import csv
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

BOUNDS = (0.0, 0.5, 0.7, 0.8, 0.9, 1.01)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column as its report describes it, and whether all of its cells were right on the held-back rows."""

    column: dict[str, Any]
    whole: bool
    right: bool


def outcomes(cases: Path, out: Path) -> Iterator[Outcome]:
    """The columns of all completed cases."""
    for result in sorted(out.glob("*/*/result.json")):
        folder = result.parent
        expected = cases / folder.parent.name / folder.name / "test_expected.csv"
        if json.loads(result.read_text(encoding="utf-8"))["status"] != "completed" or not expected.exists():
            continue
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        want, have = _rows(expected), _rows(folder / "output.csv")
        if len(want) == len(have):
            for position, column in enumerate(report["columns"]):
                same = [_cell(a, position) == _cell(b, position) for a, b in zip(want[1:], have[1:], strict=True)]
                yield Outcome(column, column["expression"] == "_cells", all(same))


def describe(found: Iterable[Outcome]) -> str:
    """A table: how many columns of each confidence there were, what they stated on average, and how many were right."""
    outcomes_ = list(found)
    lines = ["| stated | columns | mean | right |", "| --- | --- | --- | --- |"]
    for low, high in pairwise(BOUNDS):
        part = [o for o in outcomes_ if low <= o.column["confidence"] < high]
        if part:
            mean = sum(o.column["confidence"] for o in part) / len(part)
            right = sum(o.right for o in part) / len(part)
            lines.append(f"| {low:.1f} to {min(high, 1.0):.1f} | {len(part)} | {mean:.2f} | {right:.2f} |")
    return "\n".join(lines)


def _rows(path: Path) -> Sequence[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.reader(lines))


def _cell(row: Sequence[str], position: int) -> str:
    return row[position] if position < len(row) else ""


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability", description=__doc__.split("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    options = parser.parse_args()
    print(describe(outcomes(options.cases, options.out)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
