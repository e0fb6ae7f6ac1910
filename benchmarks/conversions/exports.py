"""Files as programs export them and people keep them: what stands around, between and above the wanted rows.

As in `tables`, each kind draws facts, lays them out and says what is wanted of them; a file that leaves something out
that the kind is about says so: an example of it decides nothing.
"""

from itertools import chain, repeat
from random import Random

from benchmarks.conversions.tables import Facts, Kinds, Lines, Reshaped, Shape

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_NOTES = ("Prices are delayed", "See the terms", "Source: own records", "Subject to audit", "Rounded", "No liability")


def _money(at: Random) -> str:
    return f"{at.randint(1, 900)}.{at.randint(0, 99):02d}"


def _groups(facts: Facts) -> dict[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for key, group, texts in facts.records:
        found.setdefault(group, []).append((key, *texts))
    return found


def _two_headings(at: Random) -> Shape:
    """Years above two measures each, the year above the first only: a row for each record and year."""
    years, kept = ("2024", "2025", "2026")[: at.randint(2, 3)], at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = [("", *(cell for year in years for cell in (year, ""))), ("name", *("in", "out") * len(years))]
        made: Lines = []
        for key, _, _ in facts.records:
            pairs = [(_money(at), _money(at)) for _ in years]
            given.append((key, *(cell for pair in pairs for cell in pair)))
            if kept:
                made += [(key, year, *pair) for year, pair in zip(years, pairs, strict=True)]
            else:
                cells = [
                    (y, m, c) for y, p in zip(years, pairs, strict=True) for m, c in zip(("in", "out"), p, strict=True)
                ]
                made += [(key, *cell) for cell in cells]
        return Reshaped(given, made)

    return shape


def _blocks(at: Random) -> Shape:
    """Blocks of a label and a value in each line, a blank line between; some lack a label: its cell is blank."""
    colon = at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        for key, _, texts in facts.records:
            pairs = [("name", key), *((n, t) for n, t in zip(facts.names, texts, strict=True) if t)]
            given += [("", "")] if given else []
            given += [(f"{label}:", text) if colon else (label, text) for label, text in pairs]
        lacking = any("" in texts for _, _, texts in facts.records)
        header = tuple(f"{n}:" if colon else n for n in ("name", *facts.names))
        return Reshaped(
            given,
            [header, *((key, *texts) for key, _, texts in facts.records)],
            () if lacking else ("a label missing",),
        )

    return shape


def _subtotals(at: Random) -> Shape:
    """A line of sums below each group, and one below all: they go."""
    named = at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for group, rows in _groups(facts).items():
            lines = [(group, row[0], *row[1:], _money(at)) for row in rows]
            given += lines
            made += lines
            blanks = ("",) * len(rows[0])
            given.append((f"Total {group}" if named else "Total", *blanks, _money(at)))
        given.append(("Grand total", *("",) * (len(given[0]) - 2), _money(at)))
        return Reshaped(given, made)

    return shape


def _pages(at: Random) -> Shape:
    """The names above the rows stand again at the top of each page: they go."""
    length, numbered = at.randint(2, 3), at.random() < 0.4

    def shape(facts: Facts) -> Reshaped:
        head = ("name", "group", *facts.names)
        rows: Lines = [(key, group, *texts) for key, group, texts in facts.records]
        given: Lines = []
        for start in range(0, len(rows), length):
            given += [(f"Page {start // length + 1}", *("",) * (len(head) - 1))] if numbered else []
            given += [head, *rows[start : start + length]]
        return Reshaped(given, [head, *rows], () if len(rows) > length else ("a second page",))

    return shape


def _notes(at: Random) -> Shape:
    """Lines of notes below the table, behind a blank line: they go."""
    wide = at.random() < 0.3

    def shape(facts: Facts) -> Reshaped:
        rows: Lines = [(key, group, *texts) for key, group, texts in facts.records]
        blanks = ("",) * (len(rows[0]) - 1)
        notes: Lines = [(note, *blanks) for note in at.sample(_NOTES, at.randint(1, 3))]
        if wide:
            notes[0] = ("Note", notes[0][0], *blanks[1:])
        return Reshaped([*rows, ("", *blanks), *notes], rows)

    return shape


def _titles(at: Random) -> Shape:
    """Lines of titles above the names of the columns, as many as there are: they go, and the names stay or go."""
    stay = at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        head = ("name", "group", *facts.names)
        rows: Lines = [(key, group, *texts) for key, group, texts in facts.records]
        blanks = ("",) * (len(head) - 1)
        titles: Lines = [(note, *blanks) for note in at.sample(_NOTES, at.randint(1, 3))]
        return Reshaped(
            [*titles, ("", *blanks), head, *rows], [*([head] if stay else []), *rows], ("number of titles",)
        )

    return shape


def _partly_filled_down(at: Random) -> Shape:
    """A group is written in its first row only; blanks in the other columns are meant."""
    behind = at.random() < 0.3

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        last = None
        for key, group, texts in facts.records:
            shown = "" if group == last else group
            given.append((key, shown, *texts) if behind else (shown, key, *texts))
            last = group
        made = [((key, group, *texts) if behind else (group, key, *texts)) for key, group, texts in facts.records]
        several = len(_groups(facts)) < len(facts.records)
        real = any("" in texts for _, _, texts in facts.records)
        return Reshaped(given, made, (*(() if several else ("a blank group",)), *(() if real else ("a real blank",))))

    return shape


def _several_tables(at: Random) -> Shape:
    """Tables below one another, each with a title and the names of its columns: all rows with the title in front."""
    blank = at.random() < 0.6

    def shape(facts: Facts) -> Reshaped:
        head = ("name", *facts.names)
        given: Lines = []
        made: Lines = []
        for group, rows in _groups(facts).items():
            given += [("",) * len(head)] if blank and given else []
            given += [(group, *("",) * len(facts.names)), head, *rows]
            made += [(group, *row) for row in rows]
        sizes = {len(rows) for rows in _groups(facts).values()}
        return Reshaped(given, made, () if len(_groups(facts)) > 1 and max(sizes) > 1 else ("a second table or row",))

    return shape


def _ragged_records(at: Random) -> Shape:
    """Records of one cell a line, a blank line between, with more lines or fewer in the middle: the first and the last
    are wanted, or the first and the second."""
    last = at.random() < 0.6

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for key, _, texts in facts.records:
            middle = [text for text in texts[:-1] if text and at.random() < 0.7]
            lines = [key, *middle, texts[-1] or "none"]
            given += [("",)] if given else []
            given += [(line,) for line in lines]
            made.append((key, lines[-1] if last else lines[1]))
        lengths = {len(block) for block in _between(given)}
        return Reshaped(given, made, () if len(lengths) > 1 else ("records of another length",))

    return shape


def _between(lines: Lines) -> list[Lines]:
    blocks: list[Lines] = [[]]
    for line in lines:
        if any(line):
            blocks[-1].append(line)
        else:
            blocks.append([])
    return blocks


def _crossed_with_totals(at: Random) -> Shape:
    """A crossed table with a column and a line of totals: a row for each cell that is none."""
    line = at.random() < 0.6

    def shape(facts: Facts) -> Reshaped:
        heads = ("North", "South", "East", "West")[: len(facts.names) + 1]
        given: Lines = [("", *heads, "Total")]
        made: Lines = []
        for key, _, _ in facts.records:
            cells = [_money(at) for _ in heads]
            given.append((key, *cells, _money(at)))
            made += [(key, head, cell) for head, cell in zip(heads, cells, strict=True)]
        given += [("Total", *(_money(at) for _ in heads), _money(at))] if line else []
        return Reshaped(given, made)

    return shape


def _months(at: Random) -> Shape:
    """A column for each month, of which a later file has more: a row for each cell that is filled."""
    grouped, first = at.random() < 0.4, at.randrange(4)
    example, later = at.randint(2, 4), at.randint(3, 7)
    widths = chain((example,), repeat(later))

    def shape(facts: Facts) -> Reshaped:
        months = _MONTHS[first : first + next(widths)]
        given: Lines = [("name", *(("group",) if grouped else ()), *months)]
        made: Lines = []
        blank = False
        for key, group, _ in facts.records:
            sides = (key, group) if grouped else (key,)
            cells = ["" if at.random() < 0.15 else _money(at) for _ in months]
            blank |= "" in cells
            given.append((*sides, *cells))
            made += [(*sides, month, cell) for month, cell in zip(months, cells, strict=True) if cell]
        return Reshaped(given, made or [("", "", "")], () if blank else ("a blank month",))

    return shape


def _lines_in_cells(at: Random) -> Shape:
    """Cells of several lines: a row for each of them, or the first line only."""
    each = at.random() < 0.6

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for key, group, texts in facts.records:
            parts = [text for text in texts if text]
            given.append((key, "\n".join(parts), group))
            made += [(key, part, group) for part in parts] if each else [(key, parts[0], group)]
        return Reshaped(given, made)

    return shape


def _indented(at: Random) -> Shape:
    """Rows stand one column to the right below their group's line, which has a sum behind: group and row are wanted."""
    summed = at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for group, rows in _groups(facts).items():
            blanks = ("",) * (len(rows[0]) - 1)
            given.append((group, *blanks, _money(at) if summed else ""))
            given += [("", *row) for row in rows]
            made += [(group, *row) for row in rows]
        several = any(len(rows) > 1 for rows in _groups(facts).values())
        return Reshaped(given, made, () if several else ("a second row of a group",))

    return shape


KINDS: Kinds = {
    "two lines of headings": _two_headings,
    "blocks with missing labels": _blocks,
    "subtotals": _subtotals,
    "pages": _pages,
    "notes below": _notes,
    "titles above": _titles,
    "filled down beside real blanks": _partly_filled_down,
    "several tables": _several_tables,
    "records of any length": _ragged_records,
    "crossed with totals": _crossed_with_totals,
    "months": _months,
    "lines in cells": _lines_in_cells,
    "indented rows": _indented,
}
