"""Files whose rows stand otherwise than they are wanted: records of lines, sections, crossed tables, keys and lists.

Each kind draws facts, lays them out as some file does, and says what is wanted of them. The facts are records of a few
fields; a later file has more of them than the example, of other lengths and with blanks that the example need not have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

Lines = list[tuple[str, ...]]

_PEOPLE = (
    "Ann Berg", "Bo Chen", "Carla Diaz", "Dev Rao", "Eva Lind", "Finn O'Hara", "Gita Nair", "Hugo Blanc", "Ida Moe",
    "Jan Kowal", "Kim Lee", "Lea Roth", "Max von Arx", "Nora Ek", "Omar Said", "Pia Weiss", "Quentin Roy", "Rosa Ruiz",
)  # fmt: skip
_PLACES = (
    "Aarau",
    "Bern",
    "Chur",
    "Davos",
    "Evian",
    "Fano",
    "Gent",
    "Huy",
    "Ivrea",
    "Jena",
    "Kiel",
    "Linz",
    "St. Moritz",
)
_GOODS = ("Bond fund", "Equity A", "Equity B", "Gold", "Note 2031", "REIT", "Silver", "T-Bill", "Warrant", "ETF World")
_NAMES = ("phone", "city", "plan", "since", "desk", "fee", "rank", "branch")
FEWEST, MOST, SHOWN = 1, 5, 5
"""Records of an example, and of what somebody shows who is asked."""


@dataclass(frozen=True, slots=True)
class Facts:
    """``records``: for each key (and its group) a text for each name, blank where there is none."""

    names: tuple[str, ...]
    records: tuple[tuple[str, str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Reshaped:
    """A pair of files of one kind as lines: what stands in the file, and what is wanted; ``open``: what it does not
    show of its kind, so that an example of it does not decide."""

    given: Lines
    wanted: Lines
    open: tuple[str, ...] = ()


Shape = Callable[[Facts], Reshaped]


_FEW = ("Y", "N", "0")
"""What fields hold that have few values: cells that are the same by chance stand beside one another."""


def _value(at: Random, name: str) -> str:
    if name == "phone":
        return f"{at.randint(200, 999)}-{at.randint(1000, 9999)}"
    if name in ("city", "branch"):
        return at.choice(_PLACES)
    if name == "since":
        return f"{at.randint(1990, 2026)}-{at.randint(1, 12):02d}-{at.randint(1, 28):02d}"
    if name == "plan":
        return at.choice(("basic", "gold", "plus", "pro max"))
    if name == "desk":
        return f"{at.choice('ABC')}{at.randint(1, 99)}"
    return str(at.randint(1, 9)) if name == "rank" else f"{at.randint(1, 900)}.{at.randint(0, 99):02d}"


def draw_facts(at: Random, names: Sequence[str], count: int, *, blanks: bool, few: bool = False) -> Facts:
    """So many records of these names; in groups of one to four. ``blanks``: some cells are blank, at most one a
    record; ``few``: most cells are one of few texts."""
    keys = at.sample(_PEOPLE, count)
    groups: list[str] = []
    titles = at.sample(_GOODS, len(_GOODS))
    while len(groups) < count:
        groups += [titles.pop()] * at.randint(1, 4)
    records = []
    for key, group in zip(keys, groups, strict=False):
        texts = [at.choice(_FEW) if few and at.random() < 0.7 else _value(at, name) for name in names]
        if blanks and at.random() < 0.3:
            texts[at.randrange(len(texts))] = ""
        records.append((key, group, tuple(texts)))
    return Facts(tuple(names), tuple(records))


def _lines_of_records(at: Random) -> Shape:
    """The cells of a record below one another, perhaps with labels, perhaps with blank lines between."""
    labels, between = at.random() < 0.6, at.random() < 0.4

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        for key, _, texts in facts.records:
            cells = (key, *texts)
            names = ("name", *facts.names)
            given += [(n, c) for n, c in zip(names, cells, strict=True)] if labels else [(c,) for c in cells]
            given += [("", "") if labels else ("",)] if between else []
        return Reshaped(given, [(key, *texts) for key, _, texts in facts.records])

    return shape


def _sections(at: Random) -> Shape:
    """A title above the rows of each group, alone in its line; it stands beside each row, or rows go without it."""
    blank, behind = at.random() < 0.4, at.random() < 0.3

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        last = None
        for key, group, texts in facts.records:
            if group != last:
                given += [("",) * (len(texts) + 1)] if blank and last is not None else []
                given.append((group, *("",) * len(texts)))
            last = group
            given.append((key, *texts))
        made = [((key, *texts, group) if behind else (group, key, *texts)) for key, group, texts in facts.records]
        return Reshaped(given, made, _one_each(facts))

    return shape


def _one_each(facts: Facts) -> tuple[str, ...]:
    """Why a file does not show what a group is: none has two rows."""
    groups = [group for _, group, _ in facts.records]
    return () if len(set(groups)) < len(groups) else ("a second row of a group",)


def _crossed(at: Random) -> Shape:
    """A row for each filled cell, or for each cell, of a table with headings above and labels beside."""
    blanks_stay, corner = at.random() < 0.4, at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given: Lines = [("name" if corner else "", *facts.names)]
        given += [(key, *texts) for key, _, texts in facts.records]
        made = [
            (key, name, text)
            for key, _, texts in facts.records
            for name, text in zip(facts.names, texts, strict=True)
            if text or blanks_stay
        ]
        return Reshaped(given, made)

    return shape


def _pairs(at: Random) -> Shape:
    """A line for each name of a record: a row a record is wanted, a column a name."""
    ordered = at.random() < 0.6

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        for key, _, texts in facts.records:
            pairs = [(key, n, t) for n, t in zip(facts.names, texts, strict=True) if t or ordered]
            given += pairs
        return Reshaped(given, [("", *facts.names), *((key, *texts) for key, _, texts in facts.records)])

    return shape


def _side_by_side(at: Random) -> Shape:
    """Groups of a name and a value side by side, behind a key: a row each; groups may be blank."""
    del at

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        made: Lines = []
        for key, _, texts in facts.records:
            cells = [c for n, t in zip(facts.names, texts, strict=True) for c in ((n, t) if t else ("", ""))]
            given.append((key, *cells))
            made += [(key, n, t) for n, t in zip(facts.names, texts, strict=True) if t]
        return Reshaped(given, made)

    return shape


def _filled_down(at: Random) -> Shape:
    """A group is written in its first row only."""
    del at

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        last = None
        for key, group, texts in facts.records:
            given.append(("" if group == last else group, key, *texts))
            last = group
        return Reshaped(given, [(group, key, *texts) for key, group, texts in facts.records], _one_each(facts))

    return shape


def _listed(at: Random) -> Shape:
    """A row for each part of a cell."""
    mark = at.choice((", ", "; ", "|", "/"))

    def shape(facts: Facts) -> Reshaped:
        given = [(key, group, mark.join(t for t in texts if t)) for key, group, texts in facts.records]
        made = [(key, group, text) for key, group, texts in facts.records for text in texts if text]
        return Reshaped(given, made)

    return shape


def _turned(at: Random) -> Shape:
    """Records stand in columns."""
    del at

    def shape(facts: Facts) -> Reshaped:
        rows = [("name", *facts.names), *((key, *texts) for key, _, texts in facts.records)]
        return Reshaped([tuple(column) for column in zip(*rows, strict=True)], list(rows))

    return shape


def _without_totals(at: Random) -> Shape:
    """Lines with a word in front, or blank ones, stand between the rows and go."""
    word = at.choice(("Total", "Subtotal", "Sum"))

    def shape(facts: Facts) -> Reshaped:
        given: Lines = []
        for number, (key, group, texts) in enumerate(facts.records):
            given.append((key, group, *texts))
            following = facts.records[number + 1][1] if number + 1 < len(facts.records) else None
            if group != following:
                given.append((word, "", *("" for _ in texts[1:]), str(100 + number)))
        return Reshaped(given, [(key, group, *texts) for key, group, texts in facts.records])

    return shape


def _chosen_columns(at: Random) -> Shape:
    """Some columns, in another order, of the rows that have a text in one of them."""
    place, kept = at.randrange(2), at.random() < 0.5

    def shape(facts: Facts) -> Reshaped:
        given = [(key, group, *texts) for key, group, texts in facts.records]
        rows = [r for r in given if r[2 + place] or not kept]
        return Reshaped(given, [(row[2 + place], row[0]) for row in rows])

    return shape


def _wide_lines(at: Random) -> Shape:
    """Each record stands in two lines of several cells, which are wanted as one."""
    at_line = at.random()

    def shape(facts: Facts) -> Reshaped:
        width = len(facts.names) + 1
        cut = 1 + int(at_line * (width - 1))
        rows: Lines = [(key, *texts) for key, _, texts in facts.records]
        lines = [line for row in rows for line in (row[:cut], row[cut:])]
        widest = max(map(len, lines))
        return Reshaped([line + ("",) * (widest - len(line)) for line in lines], list(rows))

    return shape


def _folded(at: Random) -> Shape:
    """Lines of the same group become one: the group, then what stands behind it in each line."""
    del at

    def shape(facts: Facts) -> Reshaped:
        groups: dict[str, list[str]] = {}
        for key, group, texts in facts.records:
            groups.setdefault(group, []).extend((key, *texts))
        made = [(group, *cells) for group, cells in groups.items()]
        widest = max(map(len, made))
        given: Lines = [(group, key, *texts) for key, group, texts in facts.records]
        return Reshaped(given, [row + ("",) * (widest - len(row)) for row in made])

    return shape


Kinds = Mapping[str, Callable[[Random], Shape]]
KINDS: Kinds = {
    "records of lines": _lines_of_records,
    "sections": _sections,
    "crossed": _crossed,
    "pairs": _pairs,
    "groups of columns": _side_by_side,
    "filled down": _filled_down,
    "parts of a cell": _listed,
    "turned": _turned,
    "without totals": _without_totals,
    "chosen columns": _chosen_columns,
    "lines of several cells": _wide_lines,
    "folded by group": _folded,
}


def draw_tables(at: Random, kinds: Kinds = KINDS) -> tuple[str, tuple[Reshaped, Reshaped, Reshaped], tuple[str, ...]]:
    """A kind, the tables of the example, of the later file and of one that somebody shows who is asked, and why the
    example does not decide them, where it does not."""
    kind = at.choice(tuple(kinds))
    shape = kinds[kind](at)
    names = at.sample(_NAMES, at.randint(2, 4))
    count = at.randint(FEWEST, MOST)
    later_blanks, example_blanks, few = at.random() < 0.5, at.random() < 0.5, at.random() < 0.35
    example = draw_facts(at, names, count, blanks=later_blanks and example_blanks, few=few)
    later = draw_facts(at, names, at.randint(4, 9), blanks=later_blanks)
    shown = any("" in texts for _, _, texts in example.records)
    blank = any("" in texts for _, _, texts in later.records)
    open_by = {
        "one record": count == 1,
        "blanks that were not shown": blank and not shown,
        "cells alike by chance": few,
    }
    pair = shape(example), shape(later)
    shown = shape(draw_facts(at, names, SHOWN, blanks=later_blanks))
    return kind, (*pair, shown), (*(why for why, is_so in open_by.items() if is_so), *pair[0].open)


def as_grid(lines: Lines) -> Lines:
    """Lines as a file of placeholders for names has them, as wide as the widest."""
    width = max(map(len, lines))
    return [tuple(f"col{n}" for n in range(1, width + 1)), *(line + ("",) * (width - len(line)) for line in lines)]
