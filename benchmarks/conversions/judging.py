"""Whether what a later file became is right, and whether the report names each row that is not.

The rules are those by which conversions of other suites are scored: a wrong row is named by a flag with its number in
the output that names the whole row or one of its wrong columns, a row too many by a flag with its number, a missing row
by one with a row of the input and none of the output, an order by the report's doubt of it; flags that name nearly all
rows name none.
"""

import difflib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.rows import Line, Output
from benchmarks.oracle import loose

Flag = dict[str, Any]
_MOST_SHARE = 0.25
PLACEHOLDER = re.compile("col[0-9]+")
"""The names that a file without names is given."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """``wrong`` rows that are not as they should be; ``unnamed``: those of them, and of what nobody can tell, that no
    flag names; ``needless``: rows that are named though nothing is open or wrong in them."""

    wrong: int
    unnamed: int
    needless: int
    columns: frozenset[str] = frozenset()
    """In which columns something is wrong and not named."""
    off: frozenset[int] = frozenset()
    """The output's rows that are wrong, too many, or of which nobody can tell."""

    @property
    def right(self) -> bool:
        """Whether everything is right, and everything that nobody can tell is named."""
        return self.wrong == 0 and self.unnamed == 0


def judge(output: Output, header: Line, rows: Sequence[Line], flags: Sequence[Flag]) -> Verdict:
    """Hold a converted file against what it should be."""
    flagged_inputs = {flag["input_row"] for flag in flags if flag.get("input_row")}
    unanswered = {number + 1 for number in output.asked} - flagged_inputs
    asked_rows = {f["row"] for f in flags if f.get("row") and (f.get("input_row") or 0) - 1 in output.asked}
    have = [(number, tuple(map(loose, row))) for number, row in enumerate(rows, 1) if number not in asked_rows]
    want = [tuple(loose(cell) if cell != OPEN else OPEN for cell in made.cells) for made in output.rows]
    named = _named(flags)
    if header and all(map(PLACEHOLDER.fullmatch, (*header, *output.header))):
        # A table without names is as wide as its widest row.
        width = max(len(header), len(output.header))
        header = max(header, output.header, key=len)
        have = [(number, row + ("",) * (width - len(row))) for number, row in have]
        want = [row + ("",) * (width - len(row)) for row in want]
    elif header != output.header:
        return Verdict(1, 0 if 0 in named else 1, 0, frozenset(set(header) ^ set(output.header)))
    if sorted(want) == sorted(row for _, row in have) and want != [row for _, row in have]:
        told = any(flag.get("order") for flag in flags)
        return Verdict(1, len(unanswered) + (not told), 0, frozenset(() if told else ("order of rows",)))
    ways = [difflib.SequenceMatcher(None, want, [row for _, row in have], autojunk=False).get_opcodes()]
    if len(want) == len(have):
        ways.append([("replace", 0, len(want), 0, len(have))])
    found = [_compare(way, want, have, header, named, flags, output) for way in ways]
    wrong, unnamed, columns, open_rows, off = min(found, key=lambda item: item[:2][::-1])
    unnamed += len(unanswered)
    if len(named) > max(_MOST_SHARE * len(rows), 2 * (wrong + len(open_rows) + len(output.asked)) + 2) and wrong:
        unnamed = max(unnamed, 1)
    inputs_open = {number + 1 for number in output.asked}
    needless = {
        (flag.get("row"), flag.get("input_row"))
        for flag in flags
        if flag.get("row") not in open_rows and flag.get("input_row") not in inputs_open
    }
    columns |= {"which rows"} if unanswered else set()
    return Verdict(wrong, unnamed, len(needless) if not wrong else 0, frozenset(columns), frozenset(off | asked_rows))


def _named(flags: Sequence[Flag]) -> dict[int, list[list[str]]]:
    named: dict[int, list[list[str]]] = {}
    for flag in flags:
        if flag.get("row") is not None:
            named.setdefault(flag["row"], []).append(flag.get("columns") or [])
    return named


def _compare(
    way: Sequence[tuple[str, int, int, int, int]],
    want: Sequence[Line],
    have: Sequence[tuple[int, Line]],
    header: Line,
    named: dict[int, list[list[str]]],
    flags: Sequence[Flag],
    output: Output,
) -> tuple[int, int, set[str], set[int], set[int]]:
    """How many rows are wrong, and unnamed, by one way to put rows beside rows; in which columns; which are open, and
    which are that or wrong."""
    wrong = unnamed = missing = 0
    columns: set[str] = set()
    open_rows: set[int] = set()
    off: set[int] = set()
    for tag, i1, i2, j1, j2 in way:
        if tag == "equal":
            continue
        pairs = min(i2 - i1, j2 - j1)
        for k in range(pairs):
            number, row = have[j1 + k]
            wish = want[i1 + k]
            differs = {header[c] for c in range(len(wish)) if wish[c] != row[c]}
            unknown = {header[c] for c in range(len(wish)) if wish[c] == OPEN}
            open_rows |= {number} if unknown else set()
            off |= {number} if unknown or differs else set()
            bad = {c for c in differs if not _names(named, number, {c})} if unknown else differs
            if bad - unknown or (not unknown and bad):
                wrong += 1
            if bad and (unknown or not _names(named, number, bad)):
                unnamed += 1
                columns |= bad
        for number, _ in have[j1 + pairs : j2]:
            wrong += 1
            off.add(number)
            unnamed += number not in named
            columns |= {"rows too many"} if number not in named else set()
        missing += i2 - i1 - pairs
    inputs = {f["input_row"] for f in flags if f.get("row") is None and f.get("input_row")}
    gone = inputs - {number + 1 for number in output.asked}
    lost = max(0, missing - len(gone))
    return wrong + missing, unnamed + lost, columns | ({"rows missing"} if lost else set()), open_rows, off


def _names(named: dict[int, list[list[str]]], number: int, columns: set[str]) -> bool:
    return any(not listed or columns & set(listed) for listed in named.get(number, ()))
