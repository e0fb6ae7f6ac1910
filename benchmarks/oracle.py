"""The process that alone reads what a case's test input should become, and answers one question at a time.

    python -m benchmarks.oracle CASE

Requests and answers are lines of JSON. ``{"do": "open"}`` gives ``{"rows": n, "aligned": bool}``: whether each expected
row belongs to one row of the test input. ``{"do": "ask", "row": 14, "column": "Action"}`` gives a lesson's output,
``{"output": {"Action": "Buy"}}``: "drop" where no output row belongs to that row, "keep" where one does and no column
is named, null where there is no such column.
``{"do": "score", "rows": [...], "output": [[...]], "flagged": [...]}`` gives ``{"right": bool, "silent": bool}`` for
the output that was made of those rows of the test input: silent where a row is wrong that no flag names.

Rows are aligned in order, so that the cells that an expected row shares with its input row are most; where another
input row shares more, a dropped one as many (rows are made of several), or there are more expected rows than input
rows, the case is not aligned.
"""

import csv
import difflib
import io
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.converter.domain.reading.reader import ReadingHints, read_table

Row = tuple[str, ...]
_MOST_PAIRS = 4_000_000
csv.field_size_limit(1 << 30)


@dataclass(frozen=True, slots=True)
class CaseFile:
    """A file's header and data rows, and how it parts its cells."""

    header: Row
    rows: list[Row]
    delimiter: str = ","


def read(path: Path, *, expected: bool = False) -> CaseFile:
    """A case's file: in the folders' own format, or as the converter reads it where its lines do not end with CR LF.

    All of a file that is ``expected`` belongs to its table.
    """
    content = path.read_bytes()
    if b"\r\n" in content:
        records = [tuple(row) for row in csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
        return CaseFile(records[0], records[1:]) if records else CaseFile((), [])
    table = read_table(content, ReadingHints(whole=expected)).table
    return CaseFile(table.header or (), list(table.rows), table.dialect.delimiter)


def align(inputs: list[Row], expected: list[Row]) -> list[int | None] | None:
    """For each input row the place of the expected row that belongs to it (None: dropped); None: they do not align."""
    if len(inputs) == len(expected):
        return list(range(len(inputs)))
    if len(expected) > len(inputs) or len(inputs) * len(expected) > _MOST_PAIRS:
        return None
    shared = [[_shared(row, want) for want in expected] for row in inputs]
    # best[i][j]: the most cells that the first j expected rows share with rows among the first i of the input.
    best = [[0] + [-1] * len(expected) for _ in range(len(inputs) + 1)]
    for i in range(1, len(inputs) + 1):
        for j in range(1, min(i, len(expected)) + 1):
            taken = best[i - 1][j - 1] + shared[i - 1][j - 1] if best[i - 1][j - 1] >= 0 else -1
            best[i][j] = max(best[i - 1][j], taken)
    found: list[int | None] = [None] * len(inputs)
    i, j = len(inputs), len(expected)
    while j:
        if best[i - 1][j] == best[i][j]:
            i -= 1
            continue
        found[i - 1] = j - 1
        i, j = i - 1, j - 1
    for row, place in enumerate(found):
        if place is not None and not _is_sure(shared, found, row, place):
            return None
    return found


def _is_sure(shared: list[list[int]], found: list[int | None], row: int, place: int) -> bool:
    """Whether an expected row belongs to that input row and no other: none shares more with it, and no dropped one as
    much."""
    own = shared[row][place]
    rivals = (cells[place] > own or (found[i] is None and cells[place] == own) for i, cells in enumerate(shared))
    return own > 0 and not any(rivals)


def _shared(row: Row, want: Row) -> int:
    whole = " ".join(row)
    return sum(bool(cell) and cell in whole for cell in want)


def loose(cell: str) -> str:
    """A cell as it is compared: numbers as numbers, without blanks at its ends."""
    text = cell.strip()
    try:
        return f"{float(text):.9g}"
    except ValueError:
        return text


def score(want: list[Row], have: list[Row], flagged: set[int]) -> dict[str, bool]:
    """Whether an output is right, and whether it is wrong in a row that no flag names (a missing row is named by 0)."""
    wanted, had = ([tuple(map(loose, row)) for row in rows] for rows in (want, have))
    if wanted == had:
        return {"right": True, "silent": False}
    silent = False
    for tag, i1, i2, j1, j2 in difflib.SequenceMatcher(None, wanted, had, autojunk=False).get_opcodes():
        if tag != "equal":
            silent |= any(j + 1 not in flagged for j in range(j1, j2)) or (i2 - i1 > j2 - j1 and 0 not in flagged)
    return {"right": False, "silent": silent}


class Oracle:
    """One case's expected output."""

    def __init__(self, case: Path) -> None:
        self._inputs = read(case / "test_input.csv").rows
        expected = read(case / "test_expected.csv", expected=True)
        self._names, self._expected = expected.header, expected.rows
        self._aligned = align(self._inputs, self._expected)

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """The answer to one request."""
        aligned = self._aligned
        if request["do"] == "open":
            return {"rows": len(self._inputs), "aligned": aligned is not None}
        if request["do"] == "score":
            numbers = request["rows"]
            if aligned is None:
                want = self._expected
            else:
                places = [aligned[number - 1] for number in numbers]
                want = [self._expected[place] for place in places if place is not None]
            return score(want, [tuple(row) for row in request["output"]], set(request["flagged"]))
        place = aligned[request["row"] - 1] if aligned is not None else None
        if place is None:
            return {"output": "drop"}
        if not request["column"]:
            return {"output": "keep"}
        if request["column"] not in self._names:
            return {"output": None}
        at = self._names.index(request["column"])
        row = self._expected[place]
        return {"output": {request["column"]: row[at] if at < len(row) else ""}}


def main() -> int:
    """Answer until the input ends."""
    oracle = Oracle(Path(sys.argv[1]))
    for line in sys.stdin:
        print(json.dumps(oracle.answer(json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
