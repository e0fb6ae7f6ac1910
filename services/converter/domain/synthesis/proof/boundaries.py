"""The edge of what the example showed of rows and columns: checks that tell, at inference, a file of another make."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from services.converter.domain.report import Guard
from services.converter.domain.synthesis.columns.ranking import HEADINGS
from services.converter.domain.synthesis.language import Column, Constant, Expression
from services.converter.domain.synthesis.proof.programs import Program
from services.converter.domain.synthesis.proof.unlike_rows import (
    MAX_COLUMNS,
    note,
    rows_of_another_kind,
    rows_of_another_make,
    rows_that_make_several,
)
from services.converter.domain.synthesis.rows.algebra import Plan, Relation
from services.converter.domain.synthesis.rows.cells import KIND_SQL, kind_of
from services.converter.domain.synthesis.rows.compile import compile_cells, edge_sql, steps_sql
from services.converter.domain.synthesis.sqltext import identifier, literal
from services.converter.domain.table import Row, Table

PLAIN_TABLE = 4.5
"""What a program for all cells costs at most that one record is enough to believe."""
LEAST_REPEATS = 3
"""Rows left out that repeat the row above, from which on the repeating may be why."""
_HEADING = re.compile(rf"(?:{'|'.join(HEADINGS)})([0-9]+)(?:_[0-9]+)?")
NEVER_BLANK = "a column is blank that always held something in the example"
MOVED_NAMES = 2
"""Names by which it is seen that columns moved."""


def boundaries(start: Relation, plan: Plan, expressions: Sequence[Expression], expected: Table) -> Iterator[Guard]:
    """Notes on files whose rows or columns the example of a program of steps and columns does not speak for."""
    read = frozenset(plan.relation.names[i] for e in expressions for i in e.columns)
    by_cell = any(step.by_cell for step in plan.steps)
    if by_cell:
        yield from _places_moved(start, plan)
    elif not Table(start.header or None, ()).has_names:  # by their names columns are read whatever others there are
        yield from wider(start)
    if plan.steps or all(isinstance(e, Column | Constant) for e in expressions):
        # A rule for texts shows by itself that it is meant for each row.
        yield from one_record(start, plan.relation.origins)
    yield from _never_blank(start, plan, expressions)
    yield from rows_of_another_make(start, plan, read)
    yield from rows_of_another_kind(start, plan, expressions)
    yield from rows_that_make_several(start, plan)
    yield from left_over(start, plan, read)
    yield from _filled_rows_left_out(start, plan, read)
    yield from _headings_among_rows(start, plan, read)
    yield from _repeats_left_out(start, plan, read)
    yield from _rows_between(start, plan, read)
    yield from _header_in_the_file(start, expected)


def unread_columns(start: Relation, plan: Plan) -> Iterator[Guard]:
    """The same for a program for all cells, where it makes nothing of a column more."""
    wider_rows = tuple((*row, f"{row[-1]}7") if row else row for row in start.cells)
    header = (*start.header, "another") if start.header else ()
    if not plan.steps or not start.cells:
        return
    relation = replace(start, cells=wider_rows, header=header)
    for step in plan.steps:
        relation = step.run(relation)
    if relation.even() == plan.relation.even():
        yield from wider(start)


def never_blank_cells(start: Relation, plan: Plan, *, headed: bool) -> Iterator[Guard]:
    """The same as `_never_blank` for a program for all cells: a row whose first cell is blank, as none of the example's
    is, may be meant to go, or to take the cell above."""
    rows = [row[0].strip(" ") for row in plan.relation.even()[int(headed) :] if row]
    names = int(bool(rows) and not rows[0])  # a corner above labels, which are the first cells
    if not rows[names:] or not all(rows[names:]):
        return
    program = Program(compile_cells(start, plan), plan.words(), headed=headed)
    found = note(
        "", NEVER_BLANK,
        f"WITH {program.rows('output')}\nSELECT place AS _row, array_to_string(made, ', ') AS value\nFROM output\n"
        f"WHERE place > {names} AND trim(coalesce(made[1], '')) = ''",
    )  # fmt: skip
    yield replace(found, rows="output")


def unnamed_cells(start: Relation, plan: Plan, *, headed: bool) -> Iterator[Guard]:
    """A note on rows of a program for all cells that reach beyond the names above them."""
    rows = plan.relation.even()
    unnamed = [place for place, name in enumerate(rows[0]) if not name] if rows else []
    if not headed or not rows or any(row[place].strip(" ") for row in rows for place in unnamed):
        return
    program = Program(compile_cells(start, plan), plan.words(), headed=headed)
    found = note(
        "", "a row of the output has a cell under no name",
        f"WITH {program.rows('output')}\n"
        "SELECT place AS _row, array_to_string(output.made, ', ') AS value\nFROM output\n"
        "CROSS JOIN (SELECT made AS names FROM output WHERE place = 0)\n"
        "WHERE place > 0 AND len(list_filter(output.made, lambda c, i: trim(c) <> '' AND names[i] = '')) > 0",
    )  # fmt: skip
    yield replace(found, rows="output")


def moved_columns(start: Relation, plan: Plan, *, headed: bool, counted: bool) -> Iterator[Guard]:
    """A note on all rows of a program for all cells below names that it reads from the file, where another file gives
    the same names in another order: who reads columns by their places takes one for the other.

    ``counted``: the header has numbered names, below which the file's own stand.
    """
    rows = plan.relation.even()[int(counted) :]
    names = [name for name in rows[0] if name.strip(" ")] if rows else []
    if not 2 <= len(set(names)) == len(names) <= MAX_COLUMNS:
        return
    program = Program(compile_cells(start, plan), plan.words(), headed=headed)
    listed = f"[{', '.join(map(literal, names))}]"
    place = int(counted or not headed)
    found = note(
        "", "the columns stand in another order than in the example",
        f"WITH {program.rows('output')}\nSELECT place AS _row, array_to_string(made, ', ') AS value\nFROM output\n"
        f"WHERE (SELECT list_filter({listed}, lambda c: list_contains(made, c)) <> "
        f"list_filter(made, lambda c: list_contains({listed}, c)) FROM output WHERE place = {place})",
    )  # fmt: skip
    yield replace(found, rows="output")


def _places_moved(start: Relation, plan: Plan) -> Iterator[Guard]:
    """A note on a file whose columns stand elsewhere than in the example, where a row of the output is made of one row
    by the places of its cells: who reads by places takes one column for the other."""
    header = start.header or ()
    names = [name for name in header if name.strip() and header.count(name) == 1]
    if len(names) < MOVED_NAMES or len(set(plan.relation.origins)) < len(plan.relation.rows):
        return
    listed = f"[{', '.join(map(literal, header))}]"
    known = ", ".join(map(literal, names))
    yield note(
        "", "columns stand elsewhere than in the example, and are read by their places",
        "SELECT _row, array_to_string(_cells, ', ') AS value\nFROM input\nWHERE (SELECT count(*) FROM header\n"
        f"    WHERE name IN ({known}) AND list_position({listed}, name) <> position) > 0",
    )  # fmt: skip


def wider(start: Relation) -> Iterator[Guard]:
    """A note on a file with more columns than the example's, of which nothing is read."""
    width = max((len(cells) for cells in start.cells), default=0)
    if width:
        yield note(
            "", f"the file has more columns than the {width} of the example: what stands in them is not read",
            "SELECT _row, array_to_string(_cells[" f"{width + 1}:], ', ') AS value\n"
            f"FROM input\nWHERE len(list_filter(_cells[{width + 1}:], lambda c: trim(c) <> '')) > 0",
        )  # fmt: skip


def one_record(start: Relation, origins: Sequence[int]) -> Iterator[Guard]:
    """A note where the example shows a single record and the file has more rows."""
    rows = len(start.rows)
    if len(set(origins)) == 1 and rows:
        yield note(
            "", "the example showed one record only: which part of it repeats is a guess",
            "SELECT _row, count(*) OVER () || ' rows' AS value\n"
            f"FROM input\nQUALIFY count(*) OVER () > {rows}",
        )  # fmt: skip


def one_record_table(start: Relation, plan: Plan, records: int, *, headed: bool) -> Iterator[Guard]:
    """A note for programs for all cells that rest on one record: what repeats, and how, was not shown.

    A plain program is believed where every row that it makes is like the one that was shown; another is noted on every
    file with more rows.
    """
    if records != 1:
        return
    if plan.cost > PLAIN_TABLE:
        yield from one_record(start, range(1))
    else:
        yield from _another_table(start, plan, headed=headed)


def _another_table(start: Relation, plan: Plan, *, headed: bool) -> Iterator[Guard]:
    """A note on a file of which a program for all cells makes rows of another width, or cells of another kind.

    Kinds are: blank, with letters, with digits, neither.
    """
    rows = plan.relation.even()
    kinds: dict[int, list[set[str]]] = {}
    for row in rows:
        places = kinds.setdefault(len(row), [set() for _ in row])
        for place, cell in zip(places, row, strict=True):
            place.add(kind_of(cell))
    if not kinds or max(kinds) > MAX_COLUMNS:
        return
    shown = "|".join("".join(f"[{''.join(sorted(place))}]" for place in places) for places in kinds.values())
    program = Program(compile_cells(start, plan), plan.words(), headed=headed)
    found = note(
        "", "a row of the output has another width, or cells of another kind, than those of the example",
        f"WITH {program.rows('output')}\nSELECT place AS _row, array_to_string(made, ', ') AS value\nFROM output\n"
        f"WHERE NOT regexp_full_match(array_to_string(list_transform(made, lambda c: {KIND_SQL}), ''), "
        f"{literal(shown)}) AND (SELECT count(*) FROM input) > {len(start.rows)}",
    )  # fmt: skip
    yield replace(found, rows="output")


def _never_blank(start: Relation, plan: Plan, expressions: Sequence[Expression]) -> Iterator[Guard]:
    """Blanks that may ask for a row more or less: in the parts of a list, in the rows' first column, and in any column
    where rows are left out.

    Elsewhere a blank cell is copied as the blank that it is.
    """
    relation = plan.relation
    parts = frozenset[str]().union(*(step.parts(done.relation) for done, step in plan.stages()))
    chosen = len(set(relation.origins)) < len(start.rows)
    telling = set(relation.names) - _blank_together(start, plan) if chosen else {*start.names[:1], *parts}
    copied = dict.fromkeys(e for e in expressions if isinstance(e, Column))
    names = [
        column.name
        for column in list(copied)[:MAX_COLUMNS]
        if column.name in telling and relation.rows and all((column.run(row) or "").strip(" ") for row in relation.rows)
    ]
    if names:
        ctes, source = steps_sql(start, plan, frozenset(names))
        tests = {name: f"trim(coalesce({identifier(name)}, '')) = ''" for name in names}
        yield note("", NEVER_BLANK, ctes + _any_of(tests, source))


def _blank_together(start: Relation, plan: Plan) -> set[str]:
    """Columns that are blank on all rows that go for a blank cell, where they are several: one alone says nothing of
    whether a row goes, and of all of them the filter's rivals speak."""
    kept = [step.keeps for step in plan.steps if step.keeps is not None]
    if not kept or not kept[-1].bare.asks_for_blank:
        return set()
    stay = set(plan.relation.origins)
    gone = [row for origin, row in zip(start.origins, start.rows, strict=True) if origin not in stay]
    found = {name for i, name in enumerate(start.names) if not any((row[i] or "").strip(" ") for row in gone)}
    return found if len(found) > 1 else set()


def _filled_rows_left_out(start: Relation, plan: Plan, read: frozenset[str]) -> Iterator[Guard]:
    """Rows that go for a blank cell, with something in a column that the program reads and that was blank in all of the
    example's rows that go: what they say is lost."""
    for done, step in plan.stages():
        if step.keeps is None or not step.keeps.bare.asks_for_blank:
            continue
        relation = done.relation
        gone = [row for row in relation.rows if not step.keeps.holds(row)]
        asked = {relation.names[i] for i in step.keeps.columns}
        blank = [
            name
            for i, name in enumerate(relation.names[:MAX_COLUMNS])
            if name in read - asked and gone and not any((row[i] or "").strip(" ") for row in gone)
        ]
        if blank:
            ctes, source = steps_sql(start, done, frozenset({*blank, *asked}))
            tests = {name: f"NOT ({step.stays}) AND trim(coalesce({identifier(name)}, '')) <> ''" for name in blank}
            yield note(
                "",
                "a row is left out that says more than those which the example left out",
                ctes + _any_of(tests, source),
            )


def _any_of(tests: dict[str, str], source: str) -> str:
    """A SELECT of the rows on which one of the tests holds, with the name of the first such column."""
    cases = "\n".join(f"    WHEN {test} THEN {literal(name)}" for name, test in tests.items())
    return f"SELECT _row, CASE\n{cases}\nEND AS value\nFROM {source}\nWHERE {' OR '.join(tests.values())}"


def left_over(start: Relation, plan: Plan, read: frozenset[str] = frozenset()) -> Iterator[Guard]:
    """Rows left out unlike those of the example, or left over where records, or groups of cells, have a fixed size, or
    columns are made of known values. ``read``: the columns that the program reads."""
    for number, (done, step) in enumerate(plan.stages(), 1):
        for edge in step.edges(done.relation):
            if edge.together and not any(names <= read for names in edge.together):
                continue
            found = note(edge.column, edge.words, edge_sql(start, done, edge))
            if not edge.made:
                yield found
            elif all(later.in_place for later in plan.steps[number:]):
                yield replace(found, rows="output")


def heading_rows(names: Iterable[str]) -> list[int]:
    """The rows that columns of headings stand for; those that are named by a label stand for none."""
    return [int(found[1]) for name in names if (found := _HEADING.fullmatch(name))]


def _headings_among_rows(start: Relation, plan: Plan, read: frozenset[str]) -> Iterator[Guard]:
    """Rows that are read as headings and come out as rows as well, where the example had none such."""
    tops = heading_rows(read)
    if tops and all(origin > max(tops) for origin in plan.relation.origins):
        ctes, source = steps_sql(start, plan, frozenset())
        yield note(
            "", f"one of the first {max(tops)} rows is read as a heading and as a row of its own",
            f"{ctes}SELECT _row, 'row ' || _row AS value\nFROM {source}\nWHERE _row <= {max(tops)}",
        )  # fmt: skip
        if set(plan.relation.origins) >= set(range(max(tops) + 1, len(start.rows) + 1)):
            yield note(
                "", f"a row below the {max(tops)} heading rows is left out: the example had none such",
                f"{ctes}SELECT _row, 'row ' || _row AS value\nFROM input\n"
                f"WHERE _row > {max(tops)} AND _row NOT IN (SELECT _row FROM {source})",
            )  # fmt: skip


def _repeats_left_out(start: Relation, plan: Plan, read: frozenset[str]) -> Iterator[Guard]:
    """Rows that a condition keeps or not, where in the example the first of each run of rows with equal keys stayed.

    The keys are the columns that outputs are made of. That the others repeat may be why they went, whatever the
    condition says; where the two differ, one of them is wrong.
    """
    keys = [i for i, name in enumerate(start.names) if name in read]
    kept = set(plan.relation.origins)
    if not keys or len(kept) < 2 or not any(step.keeps for step in plan.steps):
        return
    first = min(kept)
    rows = {origin: row for origin, row in zip(start.origins, start.rows, strict=True) if origin >= first}
    texts = {origin: [row[i] or "" for i in keys] for origin, row in rows.items()}
    begun = {origin for origin in texts if origin == first or texts.get(origin - 1) != texts[origin]}
    if begun != kept or len(texts) - len(begun) < LEAST_REPEATS:
        return
    names = [identifier(start.names[i]) for i in keys]
    begins = " OR ".join(
        f"coalesce({name}, '') IS DISTINCT FROM lag(coalesce({name}, '')) OVER (ORDER BY _row)" for name in names
    )
    ctes, source = steps_sql(start, plan, frozenset())
    yield note(
        start.names[keys[0]], "what the example leaves out repeats the row above: here the rule decides otherwise",
        f"{ctes}SELECT _row, value\nFROM (\n    SELECT _row, {names[0]} AS value, {begins} AS begins\n"
        f"    FROM input\n    WHERE _row >= {first}\n)\n"
        f"WHERE begins <> (_row IN (SELECT _row FROM {source}))",
    )  # fmt: skip


def _rows_between(start: Relation, plan: Plan, read: frozenset[str]) -> Iterator[Guard]:
    """More rows left out between two that stay than ever in the example, where the rows that stay read the next one:
    what the others say is read by none."""
    sides = {step.neighbours for step in plan.steps if step.neighbours}
    kept = sorted(set(plan.relation.origins))
    if not sides or not kept or not read & plan.lent:
        return
    ctes, source = steps_sql(start, plan, frozenset())
    for side in sorted(sides):
        ends = (*kept, len(start.rows) + 1) if side > 0 else (0, *kept)
        most = max(b - a - 1 for a, b in pairwise(ends))
        other = (
            "coalesce(lead(_row) OVER (ORDER BY _row), (SELECT max(_row) + 1 FROM input)) - _row"
            if side > 0
            else "_row - coalesce(lag(_row) OVER (ORDER BY _row), 0)"
        )
        yield note(
            "", f"more than {most} rows are left out beside this one: the example had no more, and one is read",
            f"{ctes}SELECT _row, between_rows || ' rows' AS value\n"
            f"FROM (\n    SELECT _row, {other} - 1 AS between_rows\n    FROM {source}\n)\nWHERE between_rows > {most}",
        )  # fmt: skip


def _header_in_the_file(start: Relation, expected: Table) -> Iterator[Guard]:
    """Names of output columns that stood in a row of the example's file: another file may have others there."""
    header: Row = expected.header or ()
    if header == start.header or len(set(header) - {""}) < 2:
        return
    names = sorted({cell for cell in header if cell})
    for number, top in enumerate(start.tops, 1):
        shared = [name for name in names if name in top]
        gone = "NOT list_contains(_cells, c)"
        if len(shared) < 2 and all(any(name in cell for cell in top) for name in names):
            shared, gone = names, "NOT contains(array_to_string(_cells, ' '), c)"
        if len(shared) >= 2:
            listed = f"list_filter([{', '.join(literal(name) for name in shared)}], lambda c: {gone})"
            yield note(
                "", f"row {number} of the example held the names of the output's columns: here it has others",
                "SELECT _row, array_to_string(_cells, ', ') AS value\nFROM input\n"
                f"WHERE _row = {number} AND len({listed}) > 0",
            )  # fmt: skip
            return
