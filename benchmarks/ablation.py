"""What each operator and each step wins and loses: cases are learned again without it.

    python -m benchmarks.ablation CASES OUT [--suite S ...] [--limit N] [--jobs N] [--unit U ...]

``CASES`` and ``OUT`` are those of `benchmarks.by_example`, whose results in ``OUT`` are taken where they are there. A
case is learned again without a unit only where its program has that unit: no other case can change, but by work that
is spared. Taking out is done by price, so that a unit is used only where nothing else explains the example, and what
is found with it then counts as refused. Results go to
``OUT/without/<unit>/``, the table to ``OUT/ablation.txt``, too.

A unit *wins* a case that is right with it and not without, and *loses* one that is right without it and not with it;
*silent* are cases that are wrong and not flagged with it, and are so no longer without. ``groups`` are the groups of
cases (`meta.json`) that it wins in, ``held out`` what it wins when the group that it wins most in is left out: a unit
for which that is 0 won nothing but what it may have been made for.
"""

import argparse
import csv
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import by_example
from benchmarks.without import kinds


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case came out: whether its output is right, whether it is wrong and nothing says so, and by what units."""

    right: bool
    silent: bool
    units: frozenset[str]


def outcome(case: Path, out: Path, without: str = "") -> Outcome:
    """The outcome of a case from the files of its result; a program that has what was taken out is none."""
    result = json.loads((out / "result.json").read_text(encoding="utf-8"))
    units = frozenset(result.get("units", ()))
    if result["status"] != "completed" or without in units:
        return Outcome(False, False, units)
    nameless = _meta(case).get("headerless", False) and not _meta(case).get("expected_has_header", False)
    right = _rows(case / "test_expected.csv", nameless) == _rows(out / "output.csv", nameless)
    return Outcome(right, not right and not result["flagged"], units)


def _rows(path: Path, nameless: bool) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return [[cell.strip() for cell in row] for row in csv.reader(lines)][int(nameless) :]


def _meta(case: Path) -> dict[str, Any]:
    path = case / "meta.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


@dataclass(frozen=True, slots=True)
class Change:
    """A case of a group with a unit and without it."""

    unit: str
    group: str
    before: Outcome
    after: Outcome


def describe(changes: Iterable[Change]) -> str:
    """The table, the units that win most where it counts first."""
    rows = sorted(map(_row, _by_unit(changes).values()), key=lambda row: (-row[-1], -row[2], str(row[0])))
    lines = ["| unit | programs | wins | loses | silent | groups | held out |", "| --- |" + " ---: |" * 6]
    return "\n".join([*lines, *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def _by_unit(changes: Iterable[Change]) -> dict[str, list[Change]]:
    found: dict[str, list[Change]] = {}
    for change in changes:
        found.setdefault(change.unit, []).append(change)
    return found


def _row(changes: Sequence[Change]) -> tuple[str, int, int, int, int, int, int]:
    won = Counter(c.group for c in changes if c.before.right and not c.after.right)
    wins, most = won.total(), max(won.values(), default=0)
    loses = sum(c.after.right and not c.before.right for c in changes)
    silent = sum(c.before.silent and not c.after.silent for c in changes)
    return changes[0].unit, len(changes), wins, loses, silent, len(won), wins - most


def ablate(cases: list[tuple[Path, Path]], out: Path, only: Sequence[str], jobs: int, timeout_s: float) -> list[Change]:
    """Learn the cases, as far as ``out`` has no results of them, then each again without each of its units."""
    by_example.run_cases([pair for pair in cases if not _is_done(pair[1])], jobs, timeout_s)
    known = kinds()
    again = [
        (case, out / "without" / unit / folder.relative_to(out), unit, folder)
        for case, folder in cases
        for unit in sorted(outcome(case, folder).units & known.keys())
        if not only or unit in only
    ]
    by_example.run_cases([job[:3] for job in again if not _is_done(job[1])], jobs, timeout_s)
    return [
        Change(
            unit, _meta(case).get("group", f"{case.parent.name}:{case.name}"), outcome(case, with_it),
            outcome(case, without_it, unit),
        )
        for case, without_it, unit, with_it in again
    ]  # fmt: skip


def _is_done(folder: Path) -> bool:
    path = folder / "result.json"
    return path.exists() and "units" in json.loads(path.read_text(encoding="utf-8"))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ablation", description=__doc__.split("\n")[0])
    by_example.add_arguments(parser)
    parser.add_argument(
        "--unit", action="append", default=[], help="only this unit or step; may be given several times"
    )
    options = parser.parse_args()
    cases = by_example.find_cases(options.cases, options.out, options.suite, options.limit)
    changes = ablate(cases, options.out, options.unit, max(1, options.jobs), options.timeout_s)
    text = f"{len(cases)} cases, learned again {len(changes)} times without a unit.\n\n{describe(changes)}"
    (options.out / "ablation.txt").write_text(text + "\n", encoding="utf-8")
    print(text)
    return 0 if cases else 1


if __name__ == "__main__":
    sys.exit(main())
