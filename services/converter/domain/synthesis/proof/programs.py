"""Whole programs held against each other: rows of the output on which another one, as likely, makes something else."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.report import Guard

MAX_RIVALS = 2
"""Programs that are run beside the chosen one on every file: each takes a pass."""
CLOSE_COST = 1.0
"""Programs count as rivals where they cost at most so much more than the chosen one."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program as text. ``width`` is the number of its columns, 0 where it returns `_cells`; ``headed`` says that the
    first of its rows is the header."""

    sql: str
    words: str
    cost: float
    width: int = 0
    headed: bool = False

    def rows(self, name: str) -> str:
        """A table expression ``name(place, made)``: data rows from 1, the header 0, each with its cells."""
        aliases = [f"o{i + 1}" for i in range(self.width)] or ["o1"]
        texts = ", ".join(f"coalesce({alias}, '')" for alias in aliases)
        cells = f"[{texts}]" if self.width else "o1"
        first = 1 if self.headed else 0
        return (
            f"{name} AS (\n    SELECT row_number() OVER () - {first} AS place, {cells} AS made\n"
            f"    FROM (\n{self.sql.strip()}\n) AS t({', '.join(aliases)})\n)"
        )


def rival_program_guards(chosen: Program, others: Sequence[Program]) -> Iterator[Guard]:
    """Notes on the rows of the output that another program, about as likely by the example, does not make.

    Where it makes rows that the chosen one does not, the row at their place is noted.
    """
    near = [other for other in others if other.cost <= chosen.cost + CLOSE_COST and other.sql != chosen.sql]
    for other in sorted(near, key=lambda program: program.cost)[:MAX_RIVALS]:
        # Where only one of them makes its header, names are not compared.
        where = "" if chosen.headed == other.headed else "place > 0 AND "
        sql = (
            f"WITH {chosen.rows('chosen')},\n{other.rows('other')}\n"
            "SELECT place AS _row, array_to_string(made, ', ') AS value\nFROM chosen\n"
            f"WHERE {where}made NOT IN (SELECT made FROM other)\nUNION ALL\n"
            "SELECT least(place, (SELECT max(place) FROM chosen)), array_to_string(made, ', ')\nFROM other\n"
            f"WHERE {where}made NOT IN (SELECT made FROM chosen)"
        )
        words = f"another rule explains the example as well and answers otherwise: {other.words}"
        yield Guard("", "ambiguity", "note", words, sql, rows="output")
