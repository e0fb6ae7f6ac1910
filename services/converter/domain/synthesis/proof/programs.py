"""Whole programs held against each other: where one that is as likely by the example makes another table of a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log2

from services.converter.domain.synthesis.rows.cells import KIND_SQL, kind_of
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.table import Row

MOST_SHOWN = 500
"""Differences with one rival that are named; all are counted."""
MOST_ORIGINS = 24
"""Rows of the input that one of the output may have been made of: a record of many lines."""
RARE = 100
"""Rows of the input that may hold a cell for it to tell which of them a row was made of."""
SEPARATOR = "\x1f"
"""What stands between the names of columns in what the comparison returns."""


def worth_of(share: float, shown: int) -> float:
    """What it speaks against a program, in bits, that such a share of its rows is unlike all of so many different ones.

    After n alike the next is another once in n + 2 times (the rule of succession). That is counted once for a table,
    whose rows are unlike for one reason.
    """
    return log2(shown + 2) * share


@dataclass(frozen=True, slots=True)
class Program:
    """A program as text. ``width`` is the number of its columns, 0 where it returns `_cells`; ``headed`` says that the
    first of its rows is the header."""

    sql: str
    words: str
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


def make_of(rows: Sequence[Row]) -> str:
    """The kinds of cells that rows have at each place, between `|`; further cells are as the last ones."""
    width = max(map(len, rows), default=0)
    kinds = [{kind_of(row[place]) if place < len(row) else "_" for row in rows} for place in range(width)]
    return "|".join("".join(sorted(found)) for found in kinds)


def comparison_sql(chosen: Program, others: Sequence[Program], make: str = "") -> str:
    """A SELECT of what each rival makes otherwise: (rival, what, place, near, origin, columns, value, total).

    Rows of the two tables are the same where their cells are, as often as they stand in both; between two such rows
    those left are held against each other in their order. Cells of a rival that are of other kinds than ``make`` shows
    at their places (see `make_of`) speak against it: they count only against cells that are so, too. ``what`` is

    - `names`: the header of the chosen program's table, between `SEPARATOR`s (once, rival -1);
    - `sizes`: ``place`` and ``near`` are the numbers of rows that the chosen program and the rival make, ``total`` how
      many of the rival's hold anything, ``value`` how many rows of either are unlike the example's, between a comma,
      ``origin`` how many texts of the chosen one's cells no cell of the rival's holds;
    - `order`: ``total`` rows of both tables stand in another order;
    - `row`: the chosen program's row at ``place`` has other cells, in ``columns`` (1-based, between commas; empty: in
      all, or the row is not in the rival's table), the rival's being ``value``;
    - `missing`: the rival makes a row more, after the chosen program's row ``near``, with the cells ``value``, most
      likely of the input's row ``origin``, or of another of those in ``columns``, which are as likely; `odd`: the same
      of a row with cells that speak against the rival.

    Elsewhere ``total`` is how many rows there are of the kind, of which at most `MOST_SHOWN` are returned.
    """
    names = (
        "SELECT -1 AS rival, 'names' AS what, 0 AS place, 0 AS near, 0 AS origin, '' AS columns, "
        f"array_to_string(made, chr({ord(SEPARATOR)})) AS value, 1 AS total\nFROM chosen\nWHERE place = 0"
    )
    unlike = _is_unlike(make), _is_half_blank(make)
    tables, found = [chosen.rows("chosen")], [names]
    for number, other in enumerate(others):
        # Where only one of them makes its header, names are not compared.
        least = 0 if chosen.headed == other.headed else 1
        tables += [other.rows(f"other_{number}"), _compared(number, least, make)]
        found.append(_differences(number, unlike))
    return "WITH\n" + ",\n".join(tables) + "\n" + "\nUNION ALL\n".join(found)


# Longer than a page: one statement of SQL, whose tables build on one another.
def _compared(number: int, least: int, make: str) -> str:
    """The tables in which the rows of two programs are held against each other."""
    width = f"(SELECT max(len(made)) FROM (SELECT made FROM chosen UNION ALL SELECT made FROM other_{number}))"

    def counted(table: str) -> str:
        return f"""(
    SELECT place, cells, row_number() OVER (PARTITION BY cells ORDER BY place) AS nth
    FROM (SELECT place, list_resize(made, {width}, '') AS cells FROM {table} WHERE place >= {least})
)"""

    def left(absent: str, place: str) -> str:
        return f"""(
    SELECT *, row_number() OVER (PARTITION BY gap ORDER BY {place}) AS nth
    FROM ordered_{number} WHERE {absent} IS NULL
)"""

    return f"""met_{number} AS (
SELECT m.place AS mine, t.place AS theirs, m.cells AS ours, t.cells AS others
FROM {counted("chosen")} AS m FULL JOIN {counted(f"other_{number}")} AS t ON m.cells = t.cells AND m.nth = t.nth
),
ordered_{number} AS (
SELECT *,
    CASE WHEN mine IS NULL THEN count(mine) OVER (ORDER BY theirs NULLS LAST)
    ELSE count(theirs) OVER (ORDER BY mine NULLS LAST) END AS gap,
    max(CASE WHEN theirs IS NOT NULL THEN mine END) OVER (ORDER BY theirs NULLS LAST) AS near,
    mine IS NOT NULL AND theirs < max(theirs) OVER (
        ORDER BY mine NULLS LAST ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS crossed
FROM met_{number}
),
paired_{number} AS (
SELECT m.mine, t.theirs, m.ours, t.others, t.near,
    list_transform(m.ours, lambda c: {KIND_SQL}) AS our_kinds,
    list_transform(t.others, lambda c: {KIND_SQL}) AS other_kinds
FROM {left("theirs", "mine")} AS m FULL JOIN {left("mine", "theirs")} AS t ON m.gap = t.gap AND m.nth = t.nth
),
parted_{number} AS (
SELECT *, list_filter(
    range(1, len(others) + 1),
    lambda p: (mine IS NULL OR ours[p] <> others[p]) AND (
        coalesce(theirs, 0) = 0 OR NOT {_is_odd("other_kinds", make)}
        OR (mine IS NOT NULL AND {_is_odd("our_kinds", make)})
    )
) AS differing
FROM paired_{number}
),
more_{number} AS (
SELECT theirs, near, others, len(differing) < len(others) AS odd, count(*) OVER (PARTITION BY odd) AS total
FROM parted_{number}
WHERE mine IS NULL
ORDER BY theirs
LIMIT {MOST_SHOWN}
),
-- a row is most likely made of one of the rows of the input that share the most of its rarer cells
needed_{number} AS (SELECT theirs, unnest(list_distinct(others)) AS cell FROM more_{number}),
held_{number} AS (
SELECT _row, cell
FROM (SELECT _row, unnest(list_distinct(_cells)) AS cell FROM input)
WHERE trim(cell) <> '' AND cell IN (SELECT cell FROM needed_{number})
QUALIFY count(*) OVER (PARTITION BY cell) <= {RARE}
),
shared_{number} AS (
SELECT n.theirs, h._row, count(*) AS shared
FROM needed_{number} AS n JOIN held_{number} AS h ON n.cell = h.cell
GROUP BY n.theirs, h._row
),
origins_{number} AS (
SELECT theirs, list(_row ORDER BY _row)[:{MOST_ORIGINS}] AS likely
FROM (SELECT * FROM shared_{number} QUALIFY shared = max(shared) OVER (PARTITION BY theirs))
GROUP BY theirs
)"""


def _is_odd(kinds: str, make: str) -> str:
    """SQL that holds where the ``p``-th cell is of a kind that the example does not show there; blanks behind its last
    cell are of no kind."""
    if not make:
        return "false"
    kind = f"{kinds}[p]"
    return f"(NOT {_is_shown('p', kind, make)} AND (p <= {len(make.split('|'))} OR {kind} <> '_'))"


def _is_unlike(make: str) -> str:
    """SQL that holds for a row ``made`` that is wider than each of the example's, or has a filled cell of a kind that
    none has at its place."""
    if not make:
        return "false"
    beyond = f"p > {len(make.split('|'))} OR NOT {_is_shown('p', KIND_SQL, make)}"
    return f"len(list_filter(made, lambda c, p: trim(coalesce(c, '')) <> '' AND ({beyond}))) > 0"


def _is_half_blank(make: str) -> str:
    """SQL that holds for a row ``made`` half of whose cells are blank where none of the example's is: records that one
    cell is missing of are like the others, but a reading that cuts them amiss makes such."""
    always = [str(place) for place, kinds in enumerate(make.split("|"), 1) if "_" not in kinds]
    if not make or not always:
        return "false"
    return f"2 * len(list_filter([{', '.join(always)}], lambda p: trim(coalesce(made[p], '')) = '')) >= {len(always)}"


def _is_shown(place: str, kind: str, make: str) -> str:
    """SQL that holds where the example shows a kind at a place; further places are as the last one."""
    places = make.split("|")
    shown = f"[{', '.join(map(literal, places))}][least({place}, {len(places)})]"
    return f"contains({shown}, {kind})"


def _differences(number: int, tests: tuple[str, str]) -> str:
    """The SELECTs of what two programs make otherwise. ``tests`` hold on rows unlike the example's; the second is held
    against rivals only, who have to explain a file better than the program."""
    unlike, blank = tests
    counted = f"SELECT count(CASE WHEN {unlike} THEN 1 END) FROM chosen WHERE place > 0"
    texts = "SELECT DISTINCT unnest(made) AS c FROM {} WHERE place > 0"
    lost = f"SELECT c FROM ({texts.format('chosen')}) WHERE trim(c) <> '' EXCEPT ({texts.format(f'other_{number}')})"
    return f"""SELECT {number}, 'sizes', (SELECT count(*) FROM chosen WHERE place > 0), count(*),
    (SELECT count(*) FROM ({lost})), '', ({counted}) || ',' || count(CASE WHEN ({unlike}) OR ({blank}) THEN 1 END),
    count(CASE WHEN len(list_filter(made, lambda c: trim(c) <> '')) > 0 THEN 1 END)
FROM other_{number}
WHERE place > 0
UNION ALL
SELECT {number}, 'order', 0, 0, 0, '', '', count(*) FROM ordered_{number} WHERE crossed HAVING count(*) > 0
UNION ALL
SELECT * FROM (
SELECT {number}, 'row', mine, 0, 0, coalesce(array_to_string(differing, ','), ''),
    coalesce(array_to_string(others, ', '), ''), count(*) OVER ()
FROM parted_{number}
WHERE mine IS NOT NULL AND (others IS NULL OR len(differing) > 0)
ORDER BY mine
LIMIT {MOST_SHOWN}
)
UNION ALL
SELECT {number}, CASE WHEN m.odd THEN 'odd' ELSE 'missing' END, m.theirs, coalesce(m.near, 0), coalesce(o.likely[1], 0),
    coalesce(array_to_string(o.likely, ','), ''),
    array_to_string(m.others, ', '), m.total
FROM more_{number} AS m LEFT JOIN origins_{number} AS o ON m.theirs = o.theirs"""
