"""What each kind of guard is worth: of the rows that it flags how many are wrong, and what only it finds.

    python -m benchmarks.guard_precision OUT [--cases NAME=FOLDER ...] [--family F ...] [--count N] [--seed S]

A *population* is a folder of cases (`benchmarks.by_example`; learned into ``OUT/NAME`` where that is not done yet, and
held against each case's ``test_expected.csv``, numbers compared as numbers), or a family of made-up conversions
(`benchmarks.generated_gate`; ``--family all``: each, and ``--changes`` changed files after each example of `files`).
Each is counted apart. A kind is a guard's words without what is a file's own: names, numbers, what follows a colon.

`rows`: rows of the output that the kind flags (rows of the input where they have none), the share of them that is
`wrong` (or open, where the truth says so), and `only` the wrong ones that no other kind names. `right`: right files
that it flags, `alone` those that nothing else flags: its false alarms. `wrong files`: those that it flags, `alone`
those that nothing else does: what would be silent without it.

``--bits B`` lets rivals count up to B bits, whatever they are rivals of (see `proof.confidence`).
"""

import argparse
import csv
import difflib
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.by_example import find_cases, run_cases
from benchmarks.conversions.maker import FAMILIES, Family
from benchmarks.generated_gate import run_all, tallies_of
from benchmarks.guard_tally import Tallies, flags_by_kind, kinds_table, populations_table
from services.converter import table_rivals
from services.converter.domain.synthesis.proof import column_rivals, rivals, standing

csv.field_size_limit(1 << 30)
_TIME_S = 200.0
CHANGED = "files, changed"
_COUNT_BITS = (table_rivals, column_rivals, rivals, standing)
"""What flags by how near a rival is."""


def set_bits(bits: float) -> None:
    """Let rivals count up to so many bits, in this process and in those that it starts."""
    for module in _COUNT_BITS:
        for name in {"CLOSE_BITS", "OPEN_BITS", "UNSHOWN_BITS"} & set(vars(module)):
            setattr(module, name, bits)


def measure_cases(cases: Path, out: Path, jobs: int) -> tuple[Tallies, dict[str, Tallies]]:
    """Tallies over all completed cases, and over those of each suite; what is not learned yet is."""
    waiting = [(case, made) for case, made in find_cases(cases, out, [], None) if not (made / "result.json").exists()]
    run_cases(waiting, jobs, _TIME_S)
    found, suites = Tallies(), dict[str, Tallies]()
    for case, folder in find_cases(cases, out, [], None):
        if json.loads((folder / "result.json").read_text(encoding="utf-8"))["status"] == "completed":
            inference = json.loads((folder / "inference.json").read_text(encoding="utf-8"))
            wrong, missing = _wrong_rows(_rows(case / "test_expected.csv"), _rows(folder / "output.csv"), _skip(case))
            for tallies in (found, suites.setdefault(case.parent.name, Tallies())):
                tallies.add(wrong or (), _flags(inference), wrong=wrong is not None, missing=missing)
    return found, suites


def measure_family(name: Family, seeds: Sequence[int], jobs: int, changes: int) -> dict[str, Tallies]:
    """Tallies over a family's conversions, and apart over the changed files that follow them."""
    outcomes = run_all(seeds, jobs, name, changes if name == "files" else 0)
    found: dict[str, Tallies] = {name: tallies_of(outcomes)}
    # A changed file of which something is asked was refused by name.
    if changed := [file for outcome in outcomes for file in outcome.followed if file.outcome != "asked"]:
        found[CHANGED] = tallies_of(changed)
    return found


def _flags(inference: Mapping[str, Any]) -> dict[str, list[int | None]]:
    """The rows of the output that each kind flags, once each."""
    listed = (
        (flags["words"], (flags["column"], *flags["output_columns"]), [flag["output_row"] for flag in flags["first"]])
        for flags in inference["flags"]
    )
    return flags_by_kind(listed, order_learned=inference["order_learned"])


def _skip(case: Path) -> bool:
    meta = case / "meta.json"
    found = json.loads(meta.read_text(encoding="utf-8")) if meta.exists() else {}
    return bool(found.get("headerless")) and not found.get("expected_has_header")


def _wrong_rows(want: list[list[str]], have: list[list[str]], headerless: bool) -> tuple[set[int] | None, bool]:
    """The places of the output's rows that are wrong (None: all is right), and whether rows are missing."""
    wanted = [tuple(map(_loose, row)) for row in want[headerless:]]
    made = [tuple(map(_loose, row)) for row in have[headerless:]]
    if wanted == made:
        return None, False
    wrong: set[int] = set()
    missing = False
    matcher = difflib.SequenceMatcher(None, wanted, made, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            wrong.update(range(j1 + headerless, j2 + headerless))
            missing |= i2 - i1 > j2 - j1
    return wrong, missing


def _loose(cell: str) -> str:
    text = cell.strip()
    try:
        return f"{float(text):.9g}"
    except ValueError:
        return text


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as lines:
        return list(csv.reader(lines))


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard_precision", description=__doc__.split("\n")[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("--cases", action="append", default=[], metavar="NAME=FOLDER", help="also several times")
    parser.add_argument("--family", action="append", default=[], choices=("all", *FAMILIES))
    parser.add_argument("--count", type=int, default=60, help="conversions of each family (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--changes", type=int, default=6, help="changed files after each example of `files`")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--bits", type=float, metavar="B", help="how near rivals have to be")
    options = parser.parse_args()
    if options.bits is not None:
        set_bits(options.bits)
    populations: dict[str, Tallies] = {}
    files: dict[str, Tallies] = {}
    for given in options.cases:
        name, _, folder = given.rpartition("=")
        found, suites = measure_cases(Path(folder), options.out / (name or "cases"), options.jobs)
        populations[name or "cases"] = found
        files |= {f"{name}: {suite}" if name else suite: tallies for suite, tallies in suites.items()}
    seeds = range(options.seed, options.seed + options.count)
    for family in (each for each in FAMILIES if {"all", each} & set(options.family)):
        populations |= measure_family(family, seeds, options.jobs, options.changes)
    print("\n".join([*populations_table(files | populations), "", *kinds_table(populations)]))
    return 0 if populations else 1


if __name__ == "__main__":
    sys.exit(main())
