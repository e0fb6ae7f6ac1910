"""Runs programs in this process: for tests of what is made of many runs, not of the sandbox."""

import duckdb

from services.converter.domain.faults import ProgramFailed
from services.converter.domain.table import Table


class InProcessRunner:
    """Implements ``ProgramRunner`` for programs that the test itself wrote."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1})
        self._table: Table | None = None

    def run(self, sql: str, table: Table) -> Table:
        """The program's rows as text."""
        if self._table is not table:  # a program is run many times on the same
            self._load(table)
        try:
            found = self._connection.execute(sql)
            names_out = tuple(column[0] for column in found.description or ())
            fetched = found.fetchall()
        except duckdb.Error as error:
            raise ProgramFailed(str(error)) from error
        if names_out == ("_cells",):
            return Table(None, tuple(tuple(cell or "" for cell in row[0]) for row in fetched))
        return Table(names_out, tuple(tuple("" if cell is None else str(cell) for cell in row) for row in fetched))

    def _load(self, table: Table) -> None:
        self._table = None
        names = ", ".join(f'"{name}" VARCHAR' for name in table.column_names)
        self._connection.execute(f"CREATE OR REPLACE TABLE input (_row BIGINT, {names}, _cells VARCHAR[])")
        width = len(table.column_names)
        rows = [(i, *(*row, *[None] * width)[:width], list(row)) for i, row in enumerate(table.rows, 1)]
        if rows:
            # One statement: as many as there are rows take most of a test's time.
            marks = ", ".join("?" * (width + 2))
            every = ", ".join([f"({marks})"] * len(rows))
            self._connection.execute(f"INSERT INTO input VALUES {every}", [cell for row in rows for cell in row])
        self._table = table
