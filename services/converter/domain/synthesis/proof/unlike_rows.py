"""Rows of later files that are unlike all of the example's: of a kind that it did not have, or lacking most cells."""

from collections import Counter
from collections.abc import Iterator, Sequence

from services.converter.domain.report import Guard
from services.converter.domain.synthesis.language import Expression
from services.converter.domain.synthesis.proof.column_rivals import LEAST_WITNESSES
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.compile import steps_sql
from services.converter.domain.synthesis.sqltext import identifier, literal

LEAST_LACKING, LEAST_ROWS = 2, 3
"""Cells that a row of another make lacks at least (one that is blank is copied as the blank that it is), and rows that
show which cells are never blank, or which kinds of rows there are."""
MAX_COLUMNS = 60
"""Columns that are watched for blanks: the checks cost one pass over the file each, whatever their number."""
MOST_KINDS = 3
"""Kinds of rows that a column tells."""
_MINUS = "-−("
LONGEST_KIND = 40
"""Characters of the name of a kind: what is longer is a sentence."""


def note(column: str, words: str, sql: str) -> Guard:
    """A note on whole rows."""
    return Guard(column, "shape", "note", words, sql)


def rows_of_another_kind(start: Relation, plan: Plan, expressions: Sequence[Expression]) -> Iterator[Guard]:
    """Rows with a word that the example did not have in a column that names kinds of rows: whichever way they go, none
    of its rows shows that they go there.

    A column names kinds where few words recur in it, each of them on several of the rows that stay. Another word is
    another kind where one was the same on all of them, where none of them stands in a row that goes, or where each of
    them came with one sign of an amount that the program reads. Other words are as often what a thing is called: of
    them another one is a kind where its row also lacks a cell that the program reads and no row of the example did. Of
    a column that the program reads its own checks speak, or the output itself where it is copied.
    """
    filters = [place for place, step in enumerate(plan.steps) if step.keeps]
    kept = set([*plan.earlier, plan.relation][filters[-1] + 1].origins if filters else start.origins)
    if len(kept) < LEAST_ROWS or not kept <= set(start.origins):
        return
    read = {plan.relation.names[i] for e in expressions for i in e.columns}
    read |= {done.relation.names[i] for done, step in plan.stages() if step.keeps for i in step.keeps.columns}
    places = [place for place, name in enumerate(start.names) if name in read]
    filled = [start.names[place] for place in places if all(map(str.strip, _cells(start, place)))]
    lacks = " OR ".join(f"trim(coalesce({identifier(name)}, '')) = ''" for name in filled)
    for place, name in enumerate(start.names[:MAX_COLUMNS]):
        words = dict(zip(start.origins, map(str.strip, _cells(start, place)), strict=True))
        stay = Counter(words[origin] for origin in kept)
        gone = {word for origin, word in words.items() if origin not in kept}
        recur = len(stay) <= MOST_KINDS and min(stay.values()) >= LEAST_WITNESSES and all(map(_is_kind, stay))
        if name in read or not recur or (len(stay) > 1 and gone & set(stay)):
            continue
        sure = len(stay) == 1 or gone or any(_tell_sign(list(words.values()), _cells(start, i)) for i in places)
        if not sure and not lacks:
            continue
        known = ", ".join(map(literal, sorted({"", *stay, *gone})))
        cell = identifier(name)
        told = f"{name} says what it did on no row of the example: whether such rows belong was not shown"
        also = "" if sure else f" AND ({lacks})"
        unseen = f"{cell} NOT IN ({known}) AND trim({cell}) NOT IN ({known}){also}"
        sql = f"SELECT _row, {cell} AS value\nFROM input\nWHERE {unseen}"
        yield Guard(name, "value_set", "note", told, sql)


def rows_that_make_several(start: Relation, plan: Plan) -> Iterator[Guard]:
    """Rows of whose cells another number than one stays, where of each row of the example just one did: the debit or
    the credit. Of two it makes two rows, of none it makes nothing."""
    filtered = any(step.by_cell for step in plan.steps) and plan.steps[-1].keeps is not None
    told = filtered or any(step.chooses_cells for step in plan.steps)
    rows = Counter(plan.relation.origins)
    if not told or len(rows) < LEAST_ROWS or set(rows) != set(start.origins) or set(rows.values()) != {1}:
        return
    ctes, source = steps_sql(start, plan, frozenset())
    yield note(
        "", "of each row of the example one cell was taken: here there are more, or none",
        f"{ctes}SELECT given._row AS _row, count(made._row) || ' rows' AS value\n"
        f"FROM input AS given LEFT JOIN {source} AS made ON made._row = given._row\n"
        "GROUP BY given._row\nHAVING count(made._row) <> 1",
    )  # fmt: skip


def _cells(start: Relation, place: int) -> list[str]:
    return [row[place] or "" for row in start.rows]


def _tell_sign(words: Sequence[str], cells: Sequence[str]) -> bool:
    """Whether numbers have both signs, and each word one."""
    told: dict[str, set[bool]] = {}
    for word, cell in zip(words, cells, strict=True):
        if not any(map(str.isdecimal, cell)) or any(map(str.isalpha, cell)):
            return False
        told.setdefault(word, set()).add(cell.strip()[0] in _MINUS)
    return all(len(signs) == 1 for signs in told.values()) and len(set().union(*told.values())) > 1


def _is_kind(word: str) -> bool:
    return word[:1].isalpha() and len(word) <= LONGEST_KIND and not any(map(str.isdecimal, word))


def rows_of_another_make(start: Relation, plan: Plan, read: frozenset[str]) -> Iterator[Guard]:
    """Rows that lack most of the cells that the program reads and every row of the example has which comes into the
    output: a total, a note below the table, a text that goes on; and such as end before the last of these. Whether they
    belong was not shown. What the program does not read a file need not have.

    They are watched as long as they are rows of the file, before sums or records are made of them.
    """
    relations = [*plan.earlier, plan.relation]
    whole = [
        place
        for place, relation in enumerate(relations)
        if set(start.names) <= set(relation.names) and len(set(relation.origins)) == len(relation.rows)
    ]
    if not whole or whole != list(range(len(whole))):
        return
    done = Plan(relations[whole[-1]], plan.steps[: whole[-1]], earlier=plan.earlier[: whole[-1]])
    rows, names = done.relation.rows, done.relation.names
    filled = [
        name
        for name in start.names[:MAX_COLUMNS]
        if name in read and all((row[names.index(name)] or "").strip(" ") for row in rows)
    ]
    least = max(LEAST_LACKING, (len(filled) + 1) // 2)
    if len(rows) < LEAST_ROWS or len(filled) < least:
        return
    ctes, source = steps_sql(start, done, frozenset(filled))
    width = start.names.index(filled[-1]) + 1
    lacking = " + ".join(f"CAST(trim(coalesce({identifier(name)}, '')) = '' AS INTEGER)" for name in filled)
    value = "concat_ws(', ', " + ", ".join(f"nullif(trim({identifier(name)}), '')" for name in filled) + ") AS value"
    words = "the row lacks most of what every row of the example had"
    # Of so many blank cells one stands among any that are left without the others: a glance at how these begin tells
    # most rows. Blanks come before `!`, those that are not of ASCII behind `~`.
    begin = (f"coalesce({identifier(name)}, '') NOT BETWEEN '!' AND '~'" for name in filled[: len(filled) - least + 1])
    outside = f"({' OR '.join(begin)}) AND {lacking} >= {least}"
    yield note("", words, f"{ctes}SELECT _row, {value}\nFROM {source}\nWHERE {outside}")
    if all(len(cells) >= width for cells in start.cells):
        cut, wide = f"len(_cells) < {width}", f"bool_or(len(_cells) >= {width}) OVER ()"
        # What lacks most of them is named already.
        outside = f"{cut} AND {lacking} < {least}"
        asked = f"SELECT _row, {value}, {outside} AS outside, {wide} AS across FROM {source}"
        words = "the row ends before what every row of the example had"
        yield note("", words, f"{ctes}SELECT _row, value FROM ({asked})\nWHERE outside AND across")
