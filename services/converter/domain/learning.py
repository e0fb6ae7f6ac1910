"""Learning a conversion from one input table and the table that it should become."""

import time
from dataclasses import dataclass
from typing import Literal, Protocol

from services.converter.domain.instructions import Instructions
from services.converter.domain.report import LearningReport
from services.converter.domain.table import Dialect, Row, Table


class ProgramRunner(Protocol):
    """Runs one SELECT over a table in the sandbox; `ports.ProgramRunner` satisfies it."""

    def run(self, sql: str, table: Table) -> Table:
        """The program's rows as text, NULL as an empty cell, its column names as header (None for `_cells` programs)."""
        ...


@dataclass(frozen=True, slots=True)
class LearnedProgram:
    """A program that reproduces the expected table (completed), or the best that was found (failed).

    ``header`` is what is written above the rows (None: no header, or the rows of `_cells` hold it already).
    """

    status: Literal["completed", "failed"]
    sql: str
    header: Row | None
    dialect: Dialect
    report: LearningReport
    cells: bool = False


def learn(
    input: Table,  # noqa: A002 - the relation's name in every program
    expected: Table,
    *,
    instructions: Instructions | None = None,
    runner: ProgramRunner | None = None,
    deadline_s: float = 20.0,
) -> LearnedProgram:
    """Find one DuckDB SELECT that turns ``input`` into ``expected`` and proves so on every cell.

    Without a ``runner`` the program is proved by the Python meaning of its operators only. Learning stops at
    ``deadline_s`` seconds with the best program so far.
    """
    started = time.monotonic()
    report = LearningReport(rows_in=len(input.rows), rows_out=len(expected.rows), elapsed_s=time.monotonic() - started)
    return LearnedProgram("failed", "SELECT * FROM input ORDER BY _row", expected.header, expected.dialect, report)
