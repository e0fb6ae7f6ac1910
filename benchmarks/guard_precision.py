"""What each kind of guard is worth: of the rows that it flags how many are wrong, and what only it finds.

    python -m benchmarks.guard_precision CASES OUT [--suite S ...]

``CASES`` and ``OUT`` are those of `benchmarks.by_example`; a case's ``test_expected.csv`` says what is right, numbers
compared as numbers. A kind is a guard's words without what is a case's own: names, numbers, what follows a colon.

`right`: cases whose output is right that the kind flags, `alone` those that nothing else flags: its false alarms.
`wrong`: wrong cases that it flags, `alone` those that nothing else does: what would be silent without it. `rows`: rows
of the output that it flags (rows of the input where they have none), the share of them that is wrong (or open, where
the truth says so), and `only` the wrong ones that no other kind names.
"""

import argparse
import csv
import difflib
import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

csv.field_size_limit(1 << 30)
ORDER = "the order of the rows is open"


@dataclass(slots=True)
class Tally:
    """What one kind of guard came to."""

    right: int = 0
    right_alone: int = 0
    wrong: int = 0
    wrong_alone: int = 0
    rows: int = 0
    rows_wrong: int = 0
    rows_only: int = 0

    @property
    def precision(self) -> float:
        """The share of flagged rows that are wrong."""
        return self.rows_wrong / self.rows if self.rows else 0.0


@dataclass(slots=True)
class Tallies:
    """All kinds, with the cases that they were found in."""

    kinds: dict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    right: int = 0
    wrong: int = 0
    flagged_right: int = 0
    silent: int = 0

    def add(
        self, off: Collection[int], flags: Mapping[str, Collection[int | None]], *, wrong: bool, missing: bool
    ) -> None:
        """Count a case: the rows of its output that are wrong or open, what flags which rows, whether it is wrong,
        and whether rows are missing. That a right case's open rows are flagged is no alarm."""
        needless = [] if wrong else [kind for kind, rows in flags.items() if not rows or set(rows) - set(off)]
        self.wrong += wrong
        self.right += not wrong
        self.silent += wrong and not flags
        self.flagged_right += bool(needless)
        named = Counter(row for rows in flags.values() for row in rows)
        for kind, rows in flags.items():
            tally = self.kinds[kind]
            tally.wrong += wrong
            tally.right += kind in needless
            tally.wrong_alone += wrong and len(flags) == 1
            tally.right_alone += needless == [kind]
            hit = [row for row in rows if (missing if row is None else row in off)]
            tally.rows += len(rows)
            tally.rows_wrong += len(hit)
            tally.rows_only += sum(named[row] == 1 for row in hit)


def measure(cases: Path, out: Path, suites: list[str]) -> Tallies:
    """Tallies over all completed cases."""
    found = Tallies()
    for result in sorted(out.glob("*/*/result.json")):
        folder = result.parent
        case = cases / folder.parent.name / folder.name
        if suites and folder.parent.name not in suites:
            continue
        if json.loads(result.read_text(encoding="utf-8"))["status"] == "completed":
            inference = json.loads((folder / "inference.json").read_text(encoding="utf-8"))
            wrong, missing = _wrong_rows(_rows(case / "test_expected.csv"), _rows(folder / "output.csv"), _skip(case))
            found.add(wrong or (), _flags(inference), wrong=wrong is not None, missing=missing)
    return found


def _flags(inference: dict[str, Any]) -> dict[str, list[int | None]]:
    """The rows of the output that each kind flags, once each."""
    listed = (
        (flags["words"], (flags["column"], *flags["output_columns"]), [flag["output_row"] for flag in flags["first"]])
        for flags in inference["flags"]
    )
    return flags_by_kind(listed, order_learned=inference["order_learned"])


def flags_by_kind(
    flags: Iterable[tuple[str, tuple[str, ...], Sequence[int | None]]], *, order_learned: bool
) -> dict[str, list[int | None]]:
    """The rows of the output that each kind flags, once each, of flags given by their words, names and rows."""
    found: dict[str, dict[int | None, None]] = {}
    for words, names, rows in flags:
        found.setdefault(kind_of(words, names), {}).update(dict.fromkeys(rows))
    if not order_learned:
        found[ORDER] = {}
    return {kind: list(rows) for kind, rows in found.items()}


def kind_of(words: str, names: tuple[str, ...] = ()) -> str:
    """A guard's words without what is the case's own."""
    for name in sorted((name for name in names if name), key=len, reverse=True):
        words = words.replace(name, "_")
    words = re.sub(r"[\"“][^\"”]*[\"”]", "_", words)
    return re.sub(r"[0-9]+", "n", words.split(":")[0])


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


def describe(found: Tallies) -> Iterator[str]:
    """The table, those with the most false alarms of their own first."""
    alarm = found.flagged_right / max(1, found.right)
    yield (
        f"{found.right} right cases, {found.flagged_right} of them flagged ({alarm:.1%}); "
        f"{found.wrong} wrong cases, {found.silent} of them not flagged."
    )
    yield from kinds_table(found)


def kinds_table(found: Tallies) -> Iterator[str]:
    """What each kind came to."""
    yield ""
    yield "| guard | right | alone | wrong | alone | rows | wrong rows | only |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for kind, t in sorted(found.kinds.items(), key=lambda item: (-item[1].right_alone, -item[1].right, item[0])):
        yield (
            f"| {kind} | {t.right} | {t.right_alone} | {t.wrong} | {t.wrong_alone} | {t.rows} | "
            + (f"{t.precision:.0%} | {t.rows_only} |" if t.rows else "| |")
        )


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard_precision", description=__doc__.split("\n")[0])
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--suite", action="append", default=[], help="only this suite; may be given several times")
    options = parser.parse_args()
    found = measure(options.cases, options.out, options.suite)
    print("\n".join(describe(found)))
    return 0 if found.right + found.wrong else 1


if __name__ == "__main__":
    sys.exit(main())
