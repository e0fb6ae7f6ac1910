"""A runner for tests: the program contract's relations in an in-process DuckDB, without the sandbox's limits."""

from collections.abc import Mapping, Sequence

import duckdb

from services.converter.domain.program import CELLS
from services.converter.domain.table import Table


class InProcessRunner:
    """Runs programs where their meaning is tested and not their safety."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(config={"threads": 1})

    def run(self, sql: str, table: Table, references: Mapping[str, Table] | None = None) -> Table:
        """The program's rows as text, NULL as an empty cell."""
        assert not references, "reference tables are tested in the sandbox"
        connection = self._connection
        names = table.column_names
        connection.execute("DROP TABLE IF EXISTS input; DROP TABLE IF EXISTS header")
        columns = "".join(f', "{name.replace(chr(34), chr(34) * 2)}" VARCHAR' for name in names)
        connection.execute(f"CREATE TABLE input (_row BIGINT, _cells VARCHAR[]{columns})")
        connection.execute("CREATE TABLE header (position BIGINT, name VARCHAR)")
        marks = ", ".join("?" for _ in range(len(names) + 2))
        for number, row in enumerate(table.rows, 1):
            padded = [*row, *([None] * (len(names) - len(row)))]
            connection.execute(f"INSERT INTO input VALUES ({marks})", [number, list(row), *padded])
        for position, name in enumerate(table.header or (), 1):
            connection.execute("INSERT INTO header VALUES (?, ?)", [position, name])
        cursor = connection.execute(sql)
        described = tuple(column[0] for column in cursor.description or ())
        rows = cursor.fetchall()
        if described == (CELLS,):
            return Table(None, tuple(tuple(cell or "" for cell in row[0]) for row in rows))
        return Table(described, tuple(tuple("" if cell is None else str(cell) for cell in row) for row in rows))

    def evaluate(self, sql: str, names: Sequence[str], record: Sequence[str | None]) -> object:
        """One expression over one row of text columns."""
        columns = ", ".join(f'CAST(? AS VARCHAR) AS "{name}"' for name in names)
        found = self._connection.execute(f"SELECT {sql} FROM (SELECT {columns})", list(record)).fetchone()
        assert found is not None
        return found[0]
