"""The user's words as a judge of a program that others wrote: each sentence is met, broken at a row, or cannot be told.

The words are not interpreted by a model: values that a sentence gives for others are tried on rows made for them, and
rows that it asks to leave out are given to the program alone.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from services.converter.domain.crew.spoken import stands_in
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.program import ProgramRunner
from services.converter.domain.report import Heard
from services.converter.domain.synthesis.proof.forms import OUTLINE
from services.converter.domain.synthesis.rows.algebra import Relation
from services.converter.domain.synthesis.rows.proposals.said import asked_of_rows
from services.converter.domain.table import Row, Table
from services.converter.domain.wording.sentences import sentences_of

_MOST_SENTENCES = 100
_MOST_PAIRS = 200
_MOST_ROWS = 400
_LONGEST = 60
"""Bounds on holding every sentence against every cell: words of a page, pairs and rows that show what is meant, and
the longest cell that is said in words."""
_PARTS = re.compile(r"[,;\n]|\s(?:and|und|et)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Given:
    """A value that the words give for a value of an input column: ``value`` of output ``column`` for ``key``."""

    sentence: str
    source: int
    key: str
    column: int
    value: str


def hear(sql: str, source: Table, expected: Table, said: Instructions, runner: ProgramRunner) -> tuple[Heard, ...]:
    """What each sentence says of a program that runs on ``source``: ``used`` where it is met, ``contradicts`` where it
    is broken, with the row (0: one made for it); ``not understood`` where that cannot be told."""
    spoken = [("", sentence) for sentence in sentences_of(said.general)]
    spoken += [(name, sentence) for name, words in said.columns.items() for sentence in sentences_of(words)]
    table = replace(source, rows=source.rows[:_MOST_ROWS])
    heard = []
    for column, sentence in spoken[:_MOST_SENTENCES]:
        found = _on_rows(sql, table, expected, sentence, runner) or _on_values(sql, table, expected, sentence, runner)
        outcome, words, row = found or ("not understood", "it cannot be told whether the program does it", 0)
        heard.append(Heard(sentence, column, outcome, words, row))  # type: ignore[arg-type]
    return tuple(heard)


def given_values(sentence: str, source: Table, expected: Table) -> list[Given]:
    """The values that a sentence gives for others, those among them that the example does not show.

    How the sentence puts it is learned from what the example does show: from the first value of an input column that
    stands in it before the value that its row has in the output.
    """
    if len(source.rows) != len(expected.rows):
        return []
    sources, targets = source.columns(), expected.columns()
    for i, cells in enumerate(sources):
        keys = [key for key in dict.fromkeys(cells) if 0 < len(key) <= _LONGEST and stands_in(sentence, key)]
        for j, values in enumerate(targets):
            for key in keys:
                value = values[cells.index(key)]
                if not value or value == key or not stands_in(sentence, value):
                    continue
                between = _between(sentence, key, value)
                if between is not None:
                    names = {name.casefold() for name in (*source.column_names, *expected.column_names)}
                    looks = set(map(_look, cells))
                    pairs = _pairs(sentence, between, i, j)
                    # A subject of the sentence is no value, though it stands where one might.
                    fit = [p for p in pairs if _look(p.key) in looks and p.key.casefold() not in names]
                    return fit[:_MOST_PAIRS]
    return []


def _look(text: str) -> tuple[str, bool, bool]:
    """How a value looks: its form, and its case."""
    return OUTLINE.of(text), text.isupper(), text.islower()


def _between(sentence: str, key: str, value: str) -> str | None:
    """The words between a key and the value right behind it."""
    pattern = rf"(?<!\w){re.escape(key)}(?!\w)(?P<between>[^\w]*(?:\w+[^\w]+){{0,3}}?[\"'“”]?){re.escape(value)}(?!\w)"
    found = re.search(pattern, sentence, re.IGNORECASE)
    return found["between"] if found else None


def _pairs(sentence: str, between: str, source: int, column: int) -> Iterator[Given]:
    """The parts of a sentence that put a value for another as ``between`` does."""
    pattern = re.compile(rf"(?P<key>.+?){re.escape(between)}(?P<value>.+)", re.IGNORECASE | re.DOTALL)
    for part in _PARTS.split(sentence):
        if found := pattern.fullmatch(part.strip().rstrip(".!")):
            key, value = (text.strip(" \"'“”‘’`") for text in found.groups())
            key = key if ":" in between else key.rpartition(":")[2].strip()
            if key and value:
                yield Given(sentence, source, key, column, value)


def _on_values(
    sql: str, source: Table, expected: Table, sentence: str, runner: ProgramRunner
) -> tuple[str, str, int] | None:
    given = given_values(sentence, source, expected)
    if not given:
        return None
    rows, first = [], source.columns()[given[0].source]
    for each in given:
        place = next((n for n, cell in enumerate(first) if cell.casefold() == each.key.casefold()), None)
        model = source.rows[place if place is not None else 0]
        key = first[place] if place is not None else each.key
        rows.append((*model[: each.source], key, *model[each.source + 1 :]))
    made = _run(sql, replace(source, rows=tuple(rows)), runner)
    if made is None or len(made) != len(given):
        return None
    for each, row in zip(given, made, strict=True):
        got = row[each.column] if each.column < len(row) else ""
        # A value that holds an "and" was parted at it.
        if not each.value or not got.strip().casefold().startswith(each.value.casefold()):
            place = next((n for n, cell in enumerate(first, 1) if cell.casefold() == each.key.casefold()), 0)
            words = f'"{each.key}" is to give "{each.value}", the program gives "{got}"'
            return "contradicts", words, place
    return "used", f"{len(given)} values are given as it says", 0


def _on_rows(
    sql: str, source: Table, expected: Table, sentence: str, runner: ProgramRunner
) -> tuple[str, str, int] | None:
    asked = asked_of_rows(sentence, source, expected.column_names)
    if asked is None or asked.keeps is None:
        return None
    relation = Relation.of(source)
    going = [place for place, row in enumerate(relation.rows) if not asked.keeps.holds(row)]
    if not going:
        return None
    left = _run(sql, replace(source, rows=tuple(source.rows[place] for place in going)), runner)
    none = _run(sql, replace(source, rows=()), runner)
    if left is None or none is None:
        return None
    if len(left) > len(none):  # totals are there without any row
        return "contradicts", f"the program keeps row {going[0] + 1}, which is to go", going[0] + 1
    return "used", f"{len(going)} rows of the input go as it says", 0


def _run(sql: str, table: Table, runner: ProgramRunner) -> Sequence[Row] | None:
    try:
        return runner.run(sql, table).rows
    except ConverterFault:
        return None  # a program that cannot take such rows says nothing of them
