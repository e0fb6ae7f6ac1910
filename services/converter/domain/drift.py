"""Files that come later with other columns than the example's: which of them are the ones that the program reads.

A column that is missing is held against those that the example did not have: by name, by the place, by the format of
what stands in it and by the values that it shares with what was seen. Each is worth some bits; the likeness is the
posterior among all of them and of there being no such column. What it is not sure of is asked, never taken.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from services.converter.domain.column_names import NameMatch, compare_names, seen_form
from services.converter.domain.formats.date import infer_formats
from services.converter.domain.formats.number import is_currency, styles
from services.converter.domain.report import Candidate, Question, QuestionRow
from services.converter.domain.synthesis import sampling
from services.converter.domain.table import Row, Table

OnDrift = Literal["ask", "accept_renames"]
ColumnKind = Literal["blank", "date", "number", "text"]

SURE = 0.95
"""Likeness from which on a name is taken, where that was asked for."""
MOST_LOOKED_AT = 500
"""Rows of a file from which its columns are told."""
MOST_VALUES, LONGEST_VALUE = 50, 60
"""Values of a column that are kept, and their characters."""
MOST_SHAPES = 5
"""Shapes of texts that are still a format."""
MOST_CANDIDATES = 4
_NAMED = {
    NameMatch.OPPOSED: -6.0,
    NameMatch.OTHER: -3.0,
    NameMatch.NARROWER: 1.0,
    NameMatch.SAME: 7.0,
    NameMatch.EQUAL: 9.0,
}
"""Bits of evidence in how alike two names are."""
_SAME_PLACE, _SAME_NEIGHBOUR, _ELSEWHERE = 2.0, 1.5, -0.5
_SAME_KIND, _SAME_SHAPE, _ALL_VALUES, _BLANK, _UNLIKE = 2.0, 4.0, 6.0, 0.0, -12.0
_NONE_OF_THEM = 3.0
"""Bits for the column being in the file no more."""
_FITS = 0.9
"""Cells that must be like those that were seen."""


@dataclass(frozen=True, slots=True)
class ColumnSeen:
    """What the example showed of one column of its input.

    ``formats`` are strptime codes of dates, decimal marks of numbers, shapes of texts (none where these vary);
    ``values`` are all of its values where they are a set.
    """

    name: str
    kind: ColumnKind
    formats: tuple[str, ...] = ()
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """How likely a column of a file is one that the example had, 0 to 1, and why, for people."""

    column: str
    present: str
    likeness: float
    words: str
    alike: bool
    """Whether the name says the same, nothing that stands there speaks against it, and no other column may be meant."""

    @property
    def told(self) -> str:
        """For people."""
        return f'"{self.present}" looks like "{self.column}": {self.likeness:.2f} ({self.words})'

    @property
    def is_sure(self) -> bool:
        """Whether it may be taken without being asked for."""
        return self.alike and self.likeness >= SURE


def see_columns(names: Row, columns: Sequence[Sequence[str]]) -> tuple[ColumnSeen, ...]:
    """What cells show of the columns that they stand in."""
    return tuple(_see(name, sampling.some(cells, MOST_LOOKED_AT)) for name, cells in zip(names, columns, strict=True))


def see_table(table: Table) -> tuple[ColumnSeen, ...]:
    """What a table shows of its columns."""
    rows = sampling.some(table.rows, MOST_LOOKED_AT)
    names = table.column_names
    return see_columns(names, [[row[i] if i < len(row) else "" for row in rows] for i in range(len(names))])


def _see(name: str, cells: Sequence[str]) -> ColumnSeen:
    filled = [cell.strip() for cell in cells if cell.strip()]
    distinct = sorted(set(filled))
    is_set = len(distinct) <= MOST_VALUES and 2 * len(distinct) <= len(filled)
    values = tuple(distinct) if is_set and all(len(value) <= LONGEST_VALUE for value in distinct) else ()
    if not filled:
        return ColumnSeen(name, "blank")
    # Letters before figures are a currency's, or the text is a code.
    numbers = [style for style in styles(filled) if all(not unit or is_currency(unit) for unit in style.units)]
    dates = infer_formats(filled)
    if dates and (not numbers or all(len(text) == len("YYYYMMDD") for text in filled)):
        return ColumnSeen(name, "date", tuple(dates), values)
    if numbers:
        return ColumnSeen(name, "number", tuple(sorted({style.decimal for style in numbers})), values)
    shapes = tuple(sorted({_shape(text) for text in filled}))
    return ColumnSeen(name, "text", shapes if len(shapes) <= MOST_SHAPES else (), values)


def _shape(text: str) -> str:
    """A text with its letters and digits as kinds, runs of small letters as one."""
    plain = re.sub(r"\d", "9", re.sub(r"[^\W\d_]", lambda letter: "A" if letter[0].isupper() else "a", text))
    return re.sub("a+", "a", plain)[:LONGEST_VALUE]


def match_columns(
    seen: Sequence[ColumnSeen], missing: Sequence[str], present: Sequence[ColumnSeen]
) -> dict[str, list[Likeness]]:
    """For each of the missing columns those of a file that it may be called now, the likeliest first.

    ``seen`` are the example's columns, ``present`` the file's. Columns that both have are no candidates. A column of
    the file that several missing ones may be is as little sure as a missing one that several may be.
    """
    known = {column.name.lower() for column in seen}
    there = {column.name.lower() for column in present}
    gone = [column for column in seen if column.name.lower() not in there or column.name in missing]
    free = [column for column in present if column.name.lower() not in known or column.name in missing]
    bits = {(old.name, new.name): _bits(old, new, _place(old, new, seen, present)) for old in gone for new in free}
    found: dict[str, list[Likeness]] = {}
    for old in gone:
        if old.name not in missing:
            continue
        rows = []
        for new in free:
            own = 2.0 ** bits[old.name, new.name]
            by_name = own / (2.0**_NONE_OF_THEM + sum(2.0 ** bits[old.name, other.name] for other in free))
            by_column = own / (2.0**_NONE_OF_THEM + sum(2.0 ** bits[other.name, new.name] for other in gone))
            rivals = [other for other in free if other is not new and _may_be(old, other)]
            certain = not rivals and old.name.lower() not in there
            rows.append(_likeness(old, new, min(by_name, by_column), _place(old, new, seen, present), certain=certain))
        rows.sort(key=lambda row: -row.likeness)
        found[old.name] = rows[:MOST_CANDIDATES]
    return found


def _may_be(old: ColumnSeen, new: ColumnSeen) -> bool:
    """Whether a column could be meant, which makes every other one a guess."""
    return compare_names(old.name, new.name) >= NameMatch.NARROWER and _content_bits(old, new) >= 0


def _likeness(old: ColumnSeen, new: ColumnSeen, likeness: float, place: float, *, certain: bool) -> Likeness:
    name, content = compare_names(old.name, new.name), _content_bits(old, new)
    alike = certain and name >= NameMatch.SAME and content > 0
    reasons = [_WORDS[name]]
    if content < 0:
        reasons.append("other content")
    elif content >= _ALL_VALUES:
        reasons.append("the same values")
    elif content > 0:
        reasons.append("the same format")
    if place > 0:
        reasons.append("the same place")
    return Likeness(old.name, new.name, min(round(likeness, 2), 0.99), ", ".join(reasons), alike)


_WORDS = {
    NameMatch.OPPOSED: "a name that says otherwise",
    NameMatch.OTHER: "another name",
    NameMatch.NARROWER: "a name that says more or less",
    NameMatch.SAME: "a name that means the same",
    NameMatch.EQUAL: "the same name, written otherwise",
}


def _bits(old: ColumnSeen, new: ColumnSeen, place: float) -> float:
    return _NAMED[compare_names(old.name, new.name)] + _content_bits(old, new) + place


def _place(old: ColumnSeen, new: ColumnSeen, seen: Sequence[ColumnSeen], present: Sequence[ColumnSeen]) -> float:
    at, to = _index(seen, old), _index(present, new)
    if at == to:
        return _SAME_PLACE
    before = at > 0 and to > 0 and seen[at - 1].name == present[to - 1].name
    after = at + 1 < len(seen) and to + 1 < len(present) and seen[at + 1].name == present[to + 1].name
    return _SAME_NEIGHBOUR if before or after else _ELSEWHERE


def _index(columns: Sequence[ColumnSeen], column: ColumnSeen) -> int:
    return next(i for i, other in enumerate(columns) if other is column)


def _content_bits(old: ColumnSeen, new: ColumnSeen) -> float:
    """What the cells say for two columns being one."""
    if "blank" in (old.kind, new.kind):
        return _BLANK if old.kind != new.kind else _SAME_KIND
    if old.values and new.values:
        shared = len(set(old.values) & set(new.values)) / len(new.values)
        if old.kind == "text":
            return _ALL_VALUES if shared >= _FITS else _BLANK if shared > 0 else _UNLIKE
    if old.kind != new.kind:
        return _UNLIKE
    if old.kind == "text":
        if not old.formats or not new.formats:
            return _SAME_KIND
        return _SAME_SHAPE if set(new.formats) <= set(old.formats) else _BLANK
    return _SAME_KIND if set(new.formats) & set(old.formats) else _BLANK


def ask_for_names(found: Mapping[str, Sequence[Likeness]], first_row: Row) -> tuple[Question, ...]:
    """One question for each missing column: which of the file's columns it is, if any.

    ``first_row`` is a row of the file, for people to look at.
    """
    asked: list[Question] = []
    for name, rows in found.items():
        likely = [row for row in rows if row.likeness > 0]
        candidates = tuple(Candidate(row.present, row.told, 0) for row in likely)
        share = likely[0].likeness if likely else 0.0
        row = QuestionRow("input", 1 if first_row else 0, first_row)
        question = Question(f"q{len(asked) + 1}", "a name", row, name, candidates, "", share)
        asked.append(question.with_ways_out())
    return tuple(asked)


LIKELY = 0.5
"""Likeness from which on a column is rather the one that is missing than not."""


def tell_candidates(found: Mapping[str, Sequence[Likeness]], header: Row | None, seen: Sequence[ColumnSeen]) -> str:
    """What may be meant, for the words of a refusal: what is likely, or what the file may be where nothing is."""
    likely = [row for rows in found.values() for row in rows[:1] if row.likeness >= LIKELY]
    if likely:
        return "; ".join(row.told for row in likely if row.present != row.column)
    if header is not None and is_row(header, seen):
        return "its first row holds values where names are wanted: it may lack its header"
    if len(found) * 2 > len(seen):
        return "none of its columns is likely to be one of these: is it a file of another kind?"
    return ""


def is_row(header: Row, seen: Sequence[ColumnSeen]) -> bool:
    """Whether what should be a header has dates and numbers in the places of the example's columns of such."""
    shown = [(column.kind, _see(cell, (cell,)).kind) for cell, column in zip(header, seen, strict=False)]
    typed = [kind == wanted for wanted, kind in shown if kind in ("date", "number")]
    return bool(typed) and all(typed)


def same_when_seen(learned: Row, names: Row) -> dict[str, str]:
    """Columns of the example by names of the file that people cannot tell from theirs, each other's only such."""
    there, known = {name.lower() for name in names}, {name.lower() for name in learned}
    gone = [name for name in learned if name.lower() not in there]
    free = [name for name in names if name.lower() not in known]
    found = {old: [new for new in free if seen_form(new) == seen_form(old)] for old in gone}
    forms = [seen_form(old) for old in gone]
    return {old: news[0] for old, news in found.items() if len(news) == 1 and forms.count(seen_form(old)) == 1}


def names_in_doubt(learned: Row, names: Row, header: Row | None) -> frozenset[str]:
    """Names of a file that stand in it more than once, between other columns than in the example: they say nothing of
    which is which."""
    if header is None or names == learned[: len(names)]:
        return frozenset()
    plain = [cell.strip().lower() for cell in header]
    repeated = [i for i, cell in enumerate(plain[: len(names)]) if plain.count(cell) > 1 and names[i] in learned]
    return frozenset(
        names[i] for i in repeated if _neighbours(names, i) != _neighbours(learned, learned.index(names[i]))
    )


def _neighbours(names: Row, place: int) -> tuple[str, str]:
    return names[place - 1] if place else "", names[place + 1] if place + 1 < len(names) else ""


def stored_columns(columns: Sequence[ColumnSeen]) -> list[dict[str, object]]:
    """Columns as a report holds them."""
    return [{"name": c.name, "kind": c.kind, "formats": list(c.formats), "values": list(c.values)} for c in columns]
