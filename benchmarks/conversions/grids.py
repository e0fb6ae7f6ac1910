"""Small grids without names or kinds of columns, of which a person shows one to five records: wrapped lines, forms,
parents with their details, blocks, lists below a key, junk between rows, cells of several parts.

A later file has more records than the example, of other lengths, with lines, cells and blanks that an example of few
records need not have. What an example does not show of its kind is said (`Reshaped.open`).
"""

from collections.abc import Callable, Iterator
from random import Random

from benchmarks.conversions.tables import Facts, Kinds, Lines, Reshaped, Shape

_MARKS = ("=", ": ", ":")
_JOINTS = (", ", ";", "|", " ")
_ITEMS = ("Mug", "Plate", "Spoon", "Table", "Lamp", "Chair", "Desk", "Fork", "Glass", "Bowl", "Shelf", "Clock")
_JUNK = ("Printed by desk 4", "Confidential", "Report of May", "End of page", "continued")


def _groups(facts: Facts) -> Iterator[tuple[str, Lines]]:
    """Each group with its records, as rows of key and texts."""
    found: dict[str, Lines] = {}
    for key, group, texts in facts.records:
        found.setdefault(group, []).append((key, *texts))
    yield from found.items()


def _sizes(facts: Facts) -> set[int]:
    return {len(rows) for _, rows in _groups(facts)}


def _vary(facts: Facts) -> tuple[str, ...]:
    """Why a file does not show how long a group is: all are as long."""
    return ("groups of several lengths",) if len(_sizes(facts)) < 2 else ()


def _several(facts: Facts) -> tuple[str, ...]:
    """Why a file does not show where a group ends: there is one, or none with a second row."""
    groups = [rows for _, rows in _groups(facts)]
    found = ("a second group",) if len(groups) < 2 else ()
    return (*found, *(("a second row of a group",) if max(map(len, groups)) < 2 else ()))


def _some(facts: Facts, most: int) -> Iterator[tuple[str, list[str]]]:
    """Each key with one to ``most`` texts, told by what the record holds."""
    for key, _, texts in facts.records:
        at = Random(f"{key}{texts}")
        yield key, at.sample(_ITEMS, at.randint(1, most))


def _lacks(facts: Facts, lacking: bool) -> list[tuple[str, list[tuple[str, str]]]]:
    """Each key with its names and texts, without those that are blank where records may lack some."""
    return [
        (key, [(n, t) for n, t in zip(facts.names, texts, strict=True) if t or not lacking])
        for key, _, texts in facts.records
    ]


def _form(at: Random) -> Shape:
    """A line for each field, its name before a mark: a row a record, a column a name."""
    mark, headed, between = at.choice(_MARKS), at.random() < 0.7, at.random() < 0.3

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        for key, pairs in _lacks(facts, lacking=headed):
            given += [(f"{n}{mark}{t}",) for n, t in (("name", key), *pairs)]
            given += [("",)] if between else []
        rows = [(key, *texts) for key, _, texts in facts.records]
        return Reshaped(given, [("name", *facts.names), *rows] if headed else rows)

    return shape


def _contacts(at: Random) -> Shape:
    """A line with a name alone, then a line for each label of it: crossed, or a row for each label."""
    crossed, between = at.random() < 0.6, at.random() < 0.3

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        for key, pairs in _lacks(facts, lacking=True):
            given += [(key, ""), *pairs]
            given += [("", "")] if between else []
        if not crossed:
            return Reshaped(given, [(key, *pair) for key, pairs in _lacks(facts, lacking=True) for pair in pairs])
        said = {n for _, pairs in _lacks(facts, lacking=True) for n, _ in pairs}
        labels = [n for n in facts.names if n in said]
        rows = [(key, *(dict(pairs).get(n, "") for n in labels)) for key, pairs in _lacks(facts, lacking=True)]
        told = () if set(labels) == set(facts.names) else ("all labels",)
        return Reshaped(given, [("", *labels), *rows], told)

    return shape


def _parents(at: Random) -> Shape:
    """A line of two cells and its details below, of more: details with what stands above them, or those alone."""
    alone = at.random() < 0.15

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for number, (group, rows) in enumerate(_groups(facts), 101):
            parent = (str(number), group)
            given.append((*parent, *("",) * (len(facts.names) - 1)))
            given += rows
            made += [row if alone else (*parent, *row) for row in rows]
        return Reshaped(given, made, _several(facts))

    return shape


def _columns_of_lines(at: Random) -> Shape:
    """Records stand side by side in columns, each over several lines, and again below: a row each."""
    most = at.randint(2, 3)

    def shape(facts: Facts) -> Reshaped:
        rows = [(key, *texts) for key, _, texts in facts.records]
        across = min(most, len(rows))
        rows = rows[: len(rows) - len(rows) % across]
        given: Lines = []
        for start in range(0, len(rows), across):
            given += list(zip(*rows[start : start + across], strict=True))
        return Reshaped(given, rows, ("a second block",) if len(rows) <= across else ())

    return shape


def _wrapped_by_keys(at: Random) -> Shape:
    """Lines with the same first cells become one: those once, then what stands behind them in each line."""
    two = at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for number, (group, rows) in enumerate(_groups(facts), 101):
            keys = (str(number), group) if two else (group,)
            given += [(*keys, *row) for row in rows]
            made.append((*keys, *(cell for row in rows for cell in row)))
        width = max(map(len, made))
        return Reshaped(given, [row + ("",) * (width - len(row)) for row in made], (*_vary(facts), *_several(facts)))

    return shape


def _parts_to_rows(at: Random) -> Shape:
    """A cell holds a key and what belongs to it: a row for each of these."""
    joint, most = at.choice((" ", ",", ";")), at.choice((3, 5))

    def shape(facts: Facts) -> Reshaped:
        found = [(key.split()[-1].replace("'", ""), items) for key, items in _some(facts, most)]
        given: Lines = [(joint.join((key, *items)),) for key, items in found]
        lengths = {len(items) for _, items in found}
        told = () if len(lengths) > 1 else ("lists of several lengths",)
        return Reshaped(given, [(key, item) for key, items in found for item in items], told)

    return shape


def _named_parts(at: Random) -> Shape:
    """Each cell behind the first holds a name and a value: the names above, the values below."""
    mark = at.choice(_MARKS)

    def shape(facts: Facts) -> Reshaped:
        given: Lines = [
            (key, *(f"{n}{mark}{t}" for n, t in zip(facts.names, texts, strict=True)))
            for key, _, texts in facts.records
        ]
        return Reshaped(given, [("", *facts.names), *((key, *texts) for key, _, texts in facts.records)])

    return shape


def _junk(at: Random) -> Shape:
    """Lines of a report stand above the rows and between them, with a single cell or a blank first one: they go."""
    blank_first, often = at.random() < 0.5, at.random()

    def shape(facts: Facts) -> Reshaped:
        width = len(facts.names) + 1
        given: Lines = []
        for number, (key, _, texts) in enumerate(facts.records):
            luck = Random(f"{key}{texts}{often}")
            if number == 0 or luck.random() < 0.3:
                note = luck.choice(_JUNK)
                given.append(("", note, *("",) * (width - 2)) if blank_first else (note, *("",) * (width - 1)))
                given += [("",) * width] if luck.random() < 0.4 else []
            given.append((key, *texts))
        return Reshaped(given, [(key, *texts) for key, _, texts in facts.records])

    return shape


def _turned_blocks(at: Random) -> Shape:
    """Blocks of a line for each field, records side by side in them: a row for each column of each block."""
    labelled, between = at.random() < 0.5, at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        groups = list(_groups(facts))
        widest = max(len(rows) for _, rows in groups)
        for number, (_, rows) in enumerate(groups):
            if between and number:
                given.append(("",) * (widest + labelled))
            columns = zip(*rows, strict=True)
            for name, cells in zip(("name", *facts.names), columns, strict=True):
                line = (*((name,) if labelled else ()), *cells)
                given.append(line + ("",) * (widest + labelled - len(line)))
            made += rows
        return Reshaped(given, made, (*_several(facts), *_vary(facts)))

    return shape


def _crossed_groups(at: Random) -> Shape:
    """A crossed table whose first labels are written once for each group: a row for each filled cell."""
    all_cells = at.random() < 0.4

    def shape(facts: Facts) -> Reshaped:
        given: Lines = [("", "", *facts.names)]
        made: Lines = []
        for group, rows in _groups(facts):
            for number, (key, *texts) in enumerate(rows):
                given.append(("" if number else group, key, *texts))
                made += [(group, key, n, t) for n, t in zip(facts.names, texts, strict=True) if t or all_cells]
        return Reshaped(given, made, _several(facts))

    return shape


def _lists_below(at: Random) -> Shape:
    """A key, and below it what belongs to it in the next column: a row for each, or all behind the key."""
    wide, beside = at.random() < 0.4, at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        found = list(_some(facts, 4))
        given: Lines = []
        for key, items in found:
            given += [(key, items[0])] if beside else [(key, "")]
            given += [("", item) for item in (items[1:] if beside else items)]
        lengths = {len(items) for _, items in found}
        told = () if len(lengths) > 1 and max(lengths) > 1 else ("lists of several lengths",)
        if not wide:
            return Reshaped(given, [(key, item) for key, items in found for item in items], told)
        made: Lines = [(key, *items) for key, items in found]
        width = max(map(len, made))
        return Reshaped(given, [row + ("",) * (width - len(row)) for row in made], told)

    return shape


def _stacked(at: Random) -> Shape:
    """The same columns side by side two or three times: below one another; places without a record are blank."""
    times, headed, by_line = at.randint(2, 3), at.random() < 0.5, at.random() < 0.6

    def shape(facts: Facts) -> Reshaped:
        rows = [(key, *texts) for key, _, texts in facts.records]
        blank = ("",) * len(rows[0])
        full = rows + [blank] * (-len(rows) % times)
        names = ("name", *facts.names)
        lines = [full[i : i + times] for i in range(0, len(full), times)]
        given: Lines = [names * times] if headed else []
        given += [tuple(cell for row in line for cell in row) for line in lines]
        ordered = rows if by_line else [row for column in zip(*lines, strict=True) for row in column if row != blank]
        return Reshaped(given, ([names] if headed else []) + ordered, ("a second line",) if len(lines) < 2 else ())

    return shape


def _totals_of_groups(at: Random) -> Shape:
    """A title, its rows and a line of sums: the rows with the title beside them, without the sums."""
    word, blank = at.choice(("Total", "Sum", "Subtotal")), at.random() < 0.4

    def shape(facts: Facts) -> Reshaped:
        width = len(facts.names) + 1
        given: Lines = []
        made: Lines = []
        for number, (group, rows) in enumerate(_groups(facts)):
            given += [("",) * width] if blank and number else []
            given += [(group, *("",) * (width - 1)), *rows, (word, *("",) * (width - 2), str(100 + number))]
            made += [(group, *row) for row in rows]
        return Reshaped(given, made, _several(facts))

    return shape


def _marked_titles(at: Random) -> Shape:
    """One column of titles, which a mark tells, and of items below them: a row for each item."""
    dress: Callable[[str], str] = at.choice((lambda t: f"[{t}]", lambda t: f"# {t}", lambda t: f"{t}:", lambda t: t))
    indent = at.choice(("", "  ", "- "))

    def shape(facts: Facts) -> Reshaped:
        plain = not indent and dress("a") == "a"
        found = list(_some(facts, 4))
        given: Lines = []
        for key, items in found:
            given.append((f"# {key}" if plain else dress(key),))
            given += [(f"{indent}{item}",) for item in items]
        title = (lambda key: f"# {key}") if plain else dress
        made = [(title(key), f"{indent}{item}") for key, items in found for item in items]
        told = ("lists of several lengths",) if len({len(items) for _, items in found}) < 2 else ()
        return Reshaped(given, made, told)

    return shape


def _lent(at: Random) -> Shape:
    """Something is said once above the rows: it stands beside each of them."""
    named, word = at.random() < 0.5, at.choice(("Account", "As of", "Desk"))

    def shape(facts: Facts) -> Reshaped:
        width = len(facts.names) + 1
        said = Random(str(facts.records)).choice(("A-17", "B-4", "C-221", "D-9"))
        given: Lines = [(word, said, *("",) * (width - 2))]
        given += [("name", *facts.names)] if named else []
        rows = [(key, *texts) for key, _, texts in facts.records]
        return Reshaped(given + rows, [(said, *row) for row in rows])

    return shape


def _some_lines(at: Random) -> Shape:
    """Records of as many lines each, of which some cells are wanted."""
    taken = at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for number, (key, group, texts) in enumerate(facts.records, 1):
            given += [(str(number), key), (group, texts[0]), ("", texts[1])]
            made.append((key, texts[1]) if taken else (key, group, texts[1]))
        return Reshaped(given, made)

    return shape


def _split_cells(at: Random) -> Shape:
    """A cell of parts becomes cells, as many as the widest has."""
    joint = at.choice(_JOINTS[:3])

    def shape(facts: Facts) -> Reshaped:
        found = list(_some(facts, 4))
        given: Lines = [(key, joint.join(items)) for key, items in found]
        width = max(len(items) for _, items in found)
        made: Lines = [(key, *items, *("",) * (width - len(items))) for key, items in found]
        told = ("lists of several lengths",) if len({len(items) for _, items in found}) < 2 else ()
        return Reshaped(given, made, told)

    return shape


KINDS: Kinds = {
    "form": _form,
    "contacts": _contacts,
    "parents and details": _parents,
    "columns of lines": _columns_of_lines,
    "wrapped by keys": _wrapped_by_keys,
    "parts to rows": _parts_to_rows,
    "named parts": _named_parts,
    "junk lines": _junk,
    "turned blocks": _turned_blocks,
    "crossed groups": _crossed_groups,
    "lists below a key": _lists_below,
    "side by side": _stacked,
    "totals of groups": _totals_of_groups,
    "marked titles": _marked_titles,
    "said above": _lent,
    "some lines": _some_lines,
    "split cells": _split_cells,
}
