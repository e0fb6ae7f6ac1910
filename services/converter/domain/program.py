"""The program contract: one DuckDB SELECT over a table, and what running it may cost.

A program reads two relations. ``input`` has the table's columns as VARCHAR under `Table.column_names`, ``_row``
(BIGINT, from 1) and ``_cells`` (VARCHAR[]: the cells that the row has). A cell that stands empty in the file is ``''``;
a cell that its row is too short for is NULL. ``header(position BIGINT, name VARCHAR)`` holds the header as it stands
in the file, from position 1, and is empty where there is none. Reference tables are relations of their own names, with
the columns that ``input`` has.

It returns named columns, or one column ``_cells`` of VARCHAR[] whose rows are written as they are, a header row
among them where there is one. NULL and ``''`` are both written as an empty cell.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from services.converter.domain.table import Table

CELLS = "_cells"
ROW = "_row"
RELATIONS = frozenset({"input", "header"})


@dataclass(frozen=True, slots=True)
class RunLimits:
    """What one run of a program may take; whatever passes a limit ends the run with a typed fault.

    ``time_s`` is processor time: how busy the machine is decides nothing. ``memory_bytes`` is what DuckDB may use for
    its buffers; the process gets ``process_bytes`` of private memory on top of the interpreter's own, so that scalar
    functions that pass DuckDB's accounting are stopped too.
    """

    time_s: float = 20.0
    memory_bytes: int = 256 << 20
    process_bytes: int = 640 << 20
    threads: int = 1
    temp_bytes: int = 2 << 30
    output_bytes: int = 64 << 20
    output_rows: int = 1_000_000
    output_columns: int = 4_096
    cell_bytes: int = 1 << 20
    program_bytes: int = 1 << 20


TRAINING_LIMITS = RunLimits()
"""For tables in memory, one run of many."""

INFERENCE_LIMITS = RunLimits(time_s=1_800.0, temp_bytes=16 << 30, output_bytes=16 << 30, output_rows=1_000_000_000)
"""For files on disk: time and disk for gigabytes, memory as small as in training.

One thread: rows are numbered in the order of the file, which no second one could help with, and what two hold in memory
at once depends on which of them the machine lets run.
"""

_LEAST_TIME_S = 60.0
_LEAST_DISK_BYTES = 1 << 30
_GROWTH = 50
"""A conversion of a small file may take a minute and a gibibyte of disk, also where others share the machine; beyond
that, a second for each megabyte, and the disk that joins and sorts of it may spill."""


def scale_limits(input_bytes: int) -> RunLimits:
    """What a conversion of a file of this size may take: a minute and a second for each MiB, a GiB of disk and fifty
    times the file, never more than `INFERENCE_LIMITS`. A runaway program on a small file ends soon."""
    disk_bytes = min(_LEAST_DISK_BYTES + _GROWTH * input_bytes, INFERENCE_LIMITS.temp_bytes)
    return replace(
        INFERENCE_LIMITS,
        time_s=min(_LEAST_TIME_S + input_bytes / (1 << 20), INFERENCE_LIMITS.time_s),
        temp_bytes=disk_bytes,
        output_bytes=disk_bytes,
    )


class ProgramRunner(Protocol):
    """Runs programs over small tables, each run in a process of its own."""

    def run(self, sql: str, table: Table, references: Mapping[str, Table] | None = None) -> Table:
        """The program's rows as text, NULL as an empty cell; the header is None for `_cells` programs.

        ``references`` are further relations, by name, with the columns that a table has.

        Raises `ProgramNotAllowed`, `ProgramFailed`, `ProgramTimedOut` or `ProgramTooLarge`.
        """
        ...
