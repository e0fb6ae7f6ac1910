"""A file that comes later, converted by what its example taught, and held against what it should become."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.by_example import apply_training, list_flags
from benchmarks.conversions.columns import OPEN
from benchmarks.conversions.judging import judge
from benchmarks.conversions.rows import Made, Output
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.reading.reader import ReadingHints, read_table
from services.converter.training import Training, train

Line = tuple[str, ...]
Wish = tuple[str | None, ...] | None
"""A row as it should be, None where nobody can tell: for a cell that has to be flagged, or for the row."""
_TIME_S = 60.0
_LEARNED: dict[tuple[bytes, bytes], Training] = {}


def written(header: Line, rows: Sequence[Line]) -> bytes:
    """A comma-separated file."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue().encode()


@dataclass(frozen=True, slots=True)
class Example:
    """A pair of tables."""

    header: Line
    rows: Sequence[Line]
    names: Line
    wanted: Sequence[Line]

    def learn(self, sandbox: DuckDBSandbox) -> Training:
        """What it teaches, learned once however many files come later. Raises as `train`."""
        pair = written(self.header, self.rows), written(self.names, self.wanted)
        if pair not in _LEARNED:
            _LEARNED[pair] = train(*pair, runner=sandbox)
        return _LEARNED[pair]

    def outcome(
        self,
        sandbox: DuckDBSandbox,
        folder: Path,
        later: Sequence[Line],
        wishes: Sequence[Wish],
        *others: Sequence[Wish],
    ) -> str:
        """`right`, `flagged`, `refused` or, in which columns, silently wrong; any list of wishes is right, each of
        which has a row for a row of the file."""
        training = self.learn(sandbox)
        if training.status != "completed":
            return "refused"
        source, output = folder / "later.csv", folder / "output.csv"
        source.write_bytes(written(self.header, later))
        inference = apply_training(training, source, output, sandbox, _TIME_S)
        table = read_table(output.read_bytes(), ReadingHints(whole=True)).table
        flags = list_flags(inference, frozenset(table.header or ()))
        found = [judge(self._output(each), table.header or (), table.rows, flags) for each in (wishes, *others)]
        best = min(found, key=lambda verdict: (not verdict.right, verdict.unnamed, verdict.needless))
        if best.unnamed:
            return f"silently wrong: {', '.join(sorted(best.columns))}: {table.rows}"
        return ("needlessly flagged" if best.needless else "right") if best.right else "flagged"

    def _output(self, wishes: Sequence[Wish]) -> Output:
        rows = [
            Made(tuple(OPEN if cell is None else cell for cell in wish), number)
            for number, wish in enumerate(wishes)
            if wish is not None
        ]
        return Output(self.names, rows, frozenset(number for number, wish in enumerate(wishes) if wish is None))
