"""Files that come later, each changed in one way that senders change their files in, with what they should become.

The rows are drawn as the example's were, so that whatever is wrong is due to the change. Each kind of change is a
function of a `Following`; None where a file gives no room for it.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Any

from benchmarks.conversions.columns import OPEN, Draw, Wanted, cell
from benchmarks.conversions.layouts import LANGUAGES, Field, Record
from benchmarks.conversions.notation import MONTHS, Notation
from benchmarks.conversions.rows import Line, Made, Output, Rows

FEWEST_ROWS, MOST_ROWS = 8, 14
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d M %Y")
_ROW_BY_ROW = ("every row", "filter by category", "filter by two categories", "filter by sign", "filter by blank")
_AS_THEY_STAND = ("copy", "date", "number", "upper case", "join", "part of a text", "part of a date")


@dataclass(frozen=True, slots=True)
class Later:
    """A changed file. Any of ``outputs`` is right; ``refusal``: whether to refuse it by name is right, too."""

    kind: str
    content: bytes
    outputs: tuple[Output, ...]
    refusal: bool = False


@dataclass(frozen=True, slots=True)
class Following:
    """What a file is made of that follows an example: its rows, and how they are written."""

    at: Random
    draw: Draw
    rule: Rows
    rows: Sequence[Record]
    write: Callable[[Sequence[Record], Notation], list[Line]]
    """All lines of a file of these rows: perhaps a title, a header, rows, and perhaps a line of totals."""
    has_title: bool
    has_total: bool
    example: Sequence[Record]

    @property
    def source(self) -> Notation:
        """How the example is written."""
        return self.draw.source

    @property
    def output(self) -> Output:
        """What the rows should become."""
        return self.rule.output(self.rows)

    @property
    def lines(self) -> list[Line]:
        """The lines of the file as it was."""
        return self.write(self.rows, self.source)

    @property
    def head(self) -> int:
        """Which of the lines is the header."""
        return 2 if self.has_title else 0

    @property
    def end(self) -> int:
        """Behind which of the lines the last row stands."""
        return self.head + 1 + len(self.rows)

    def changed(self, lines: Sequence[Line], *outputs: Output, refusal: bool = False) -> Later:
        """The file of other lines; without ``outputs`` it should become what it would have."""
        return self.written(lines, self.source, *outputs, refusal=refusal)

    def written(self, lines: Sequence[Line], notation: Notation, *outputs: Output, refusal: bool = False) -> Later:
        """The file of lines in some notation."""
        return Later("", encoded(notation, lines), outputs or (self.output,), refusal)

    def noted(self, **notation: Any) -> Later:
        """The same rows written otherwise."""
        other = replace(self.source, **notation)
        return self.written(self.write(self.rows, other), other)

    def put(self, number: int, name: str, value: object) -> list[Record]:
        """The rows with another value in one of them."""
        return [{**row, name: value} if n == number else row for n, row in enumerate(self.rows)]

    def with_cell(self, number: int, name: str, change: Callable[[str], str]) -> list[Line]:
        """The lines with another text in one cell."""
        column = [field.name for field in self.draw.layout.fields].index(name)
        return [
            tuple(change(c) if (n, k) == (self.head + 1 + number, column) else c for k, c in enumerate(line))
            for n, line in enumerate(self.lines)
        ]

    def filled(self, *kinds: str) -> list[Field]:
        """The fields of some kinds that are blank in no row."""
        rows = [*self.rows, *self.example]
        return [f for f in self.draw.layout.fields if f.kind in kinds and all(row[f.name] is not None for row in rows)]

    def uncertain(self, number: int, name: str, *also: object, stands: str = "") -> tuple[Output, ...]:
        """What may become of a file one of whose cells nobody can read as the example's: whatever hangs on the cell is
        named, or blank or what ``stands`` there where it stands for the cell alone, or is what it would be for one of
        the values ``also``. Empty where the rows themselves hang on it, in another way than by a filter.
        """
        known = {row[name] for row in (*self.rows, *self.example)}
        made = [self.rule.output(self.put(number, name, value)) for value in known]
        if len({(len(one.rows), tuple(r.origin for r in one.rows)) for one in made}) > 1:
            if self.rule.kind not in _ROW_BY_ROW:
                return ()
            whole = self.output
            rest = [row for row in whole.rows if row.origin != number]
            return (replace(whole, rows=rest, asked=whole.asked | {number}),)
        if self.rule.kind not in _ROW_BY_ROW:
            return tuple(made[:1]) if len({str(one) for one in made}) == 1 else ()
        own = self.output
        texts = [[row.cells for row in one.rows if row.origin == number] for one in made]
        if not texts[0]:
            return (own,)
        loose = [len({rows[0][column] for rows in texts}) > 1 for column in range(len(own.header))]
        plain = [self._column(column) in _AS_THEY_STAND for column in own.header]
        fills = [{k: OPEN for k, open_ in enumerate(loose) if open_}]
        for k, open_ in enumerate(loose):
            if open_ and plain[k]:
                fills += [{**fill, k: text} for fill in fills for text in {"", stands}]
        found = [_filled(own, number, fill) for fill in fills[:32]]
        return (*found, *(self.rule.output(self.put(number, name, value)) for value in also))

    def _column(self, name: str) -> str:
        return next((c.kind for c in self.rule.columns if c.name == name), "")


Change = Callable[[Following], Later | None]


def _filled(output: Output, number: int, cells: Mapping[int, str]) -> Output:
    rows = [
        Made(tuple(cells.get(k, c) for k, c in enumerate(row.cells)), row.origin) if row.origin == number else row
        for row in output.rows
    ]
    return replace(output, rows=rows)


def encoded(notation: Notation, lines: Sequence[Line]) -> bytes:
    """The lines in their encoding, or in UTF-8 where that lacks a letter."""
    try:
        return notation.write(list(lines))
    except UnicodeEncodeError:
        return replace(notation, encoding="utf-8").write(list(lines))


def _as_before(it: Following) -> Later:
    return it.changed(it.lines)


def _new_category(it: Following) -> Later | None:
    fields = [f for f in it.draw.layout.having("category") if it.draw.layout.unseen.get(f.name)]
    if not fields:
        return None
    name, number = it.at.choice(fields).name, it.at.randrange(len(it.rows))
    rows = it.put(number, name, it.at.choice(it.draw.layout.unseen[name]))
    return it.changed(it.write(rows, it.source), it.rule.output(rows))


def _category_in_other_case(it: Following) -> Later | None:
    fields = it.filled("category")
    if not fields:
        return None
    name, number = it.at.choice(fields).name, it.at.randrange(len(it.rows))
    text = str(it.rows[number][name])
    other = text.lower() if text != text.lower() else text.upper()
    outputs = it.uncertain(number, name)
    rows = it.put(number, name, other)
    # What is copied stands as it stands; what goes by the category may take it for the one that it looks like.
    copied = [_like(output, it.rule.output(rows), number, it.rule.columns) for output in (it.output, *outputs)]
    return it.changed(it.write(rows, it.source), it.output, *copied) if outputs and text != other else None


def _like(output: Output, stands: Output, number: int, columns: Sequence[Wanted]) -> Output:
    copies = {c.name for c in columns if c.kind in ("copy", "join", "join with a blank part")}
    own = next((row for row in stands.rows if row.origin == number), None)
    if own is None:
        return output
    return _filled(output, number, {k: own.cells[k] for k, name in enumerate(stands.header) if name in copies})


def _blank_cell(it: Following) -> Later | None:
    fields = it.filled("text", "category", "date", "number", "count", "code")
    name, number = it.at.choice(fields).name, it.at.randrange(len(it.rows))
    outputs = it.uncertain(number, name)
    return it.changed(it.with_cell(number, name, lambda _: ""), *outputs) if outputs else None


def _word_for_a_blank(it: Following) -> Later | None:
    fields = it.filled("number", "date", "count")
    if not fields:
        return None
    name, number = it.at.choice(fields).name, it.at.randrange(len(it.rows))
    word = it.at.choice(("-", "n/a", "N/A", "--", "?"))
    outputs = it.uncertain(number, name, stands=word)
    return it.changed(it.with_cell(number, name, lambda _: word), *outputs) if outputs else None


def _marks_of_groups(it: Following) -> Later | None:
    marks = [mark for mark in (",", ".", " ", "'", "\xa0", "") if mark not in (it.source.group, it.source.decimal)]
    return it.noted(group=it.at.choice(marks)) if it.draw.layout.having("number") else None


def _decimal_mark(it: Following) -> Later | None:
    decimal = "," if it.source.decimal == "." else "."
    group = {",": ".", ".": ","}.get(it.source.group, it.source.group)
    return it.noted(decimal=decimal, group=group) if it.draw.layout.having("number") else None


def _negatives(it: Following) -> Later | None:
    if not any((row.get("amount") or 0) < 0 for row in it.rows):
        return None
    ways = [way for way in ("-", "()", "behind") if way != it.source.minus]
    return it.noted(minus=it.at.choice(ways))


def _debit_and_credit_marks(it: Following) -> Later | None:
    if not any((row.get("amount") or 0) < 0 for row in it.rows) or it.draw.has("mark"):
        return None
    column = [field.name for field in it.draw.layout.fields].index("amount")
    marks = it.at.choice(((" DR", " CR"), (" S", " H"), ("D", "C")))
    lines = list(it.lines)
    for n, row in enumerate(it.rows, it.head + 1):
        text = it.source.number(abs(row["amount"]), 2) + marks[row["amount"] >= 0]
        lines[n] = tuple(text if k == column else c for k, c in enumerate(lines[n]))
    return it.changed(lines)


def _unit(it: Following) -> Later | None:
    if not any(field.money for field in it.draw.layout.fields):
        return None
    return it.noted(unit=it.at.choice([unit for unit in ("$", " €", " EUR", "") if unit != it.source.unit]))


def _exponent(it: Following) -> Later | None:
    fields = it.filled("number")
    if not fields:
        return None
    name, number = it.at.choice(fields).name, it.at.randrange(len(it.rows))
    text = f"{it.rows[number][name]:.7E}".replace("E+0", "E+").replace(".", it.source.decimal)
    return it.changed(it.with_cell(number, name, lambda _: text))


def _date_widths(it: Following) -> Later | None:
    fields = it.filled("date")
    if not fields:
        return None
    ways = ["short year", "no zeros", "a time beside"]
    way = it.at.choice(ways if "M" not in it.source.date else ["a time beside"])
    names = [field.name for field in it.draw.layout.fields]
    lines = list(it.lines)
    for n, row in enumerate(it.rows, it.head + 1):
        line = list(lines[n])
        for field in fields:
            line[names.index(field.name)] = _other_width(line[names.index(field.name)], way, it.source, row[field.name])
        lines[n] = tuple(line)
    return it.changed(lines) if lines != it.lines else None


def _other_width(text: str, way: str, source: Notation, day: dt.date | None) -> str:
    if way == "a time beside":
        return f"{text} 00:00:00"
    if way == "no zeros":
        mark = next((m for m in "./-" if m in text), "-")
        return mark.join(part.lstrip("0") for part in text.split(mark))
    swapped = source.date.replace("%Y", "%y") if "%Y" in source.date else source.date.replace("%y", "%Y")
    return replace(source, date=swapped).day(day)


def _date_order(it: Following) -> Later | None:
    fields = it.filled("date")
    days = [row[field.name].day for field in fields for row in it.rows]
    if not fields or sum(day > 12 for day in days) < 2:
        return None
    known = [d for d in _DATES if d != it.source.date and ("M" not in d or it.source.language in MONTHS)]
    return it.noted(date=it.at.choice(known))


def _total_appended(it: Following) -> Later | None:
    if it.has_total:
        return None
    names = {f.name for f in it.draw.layout.fields if f.kind in ("number", "count") and f.name != "price"}
    sums: Record = {
        f.name: sum((row[f.name] or Decimal(0) for row in it.rows), Decimal(0)) if f.name in names else None
        for f in it.draw.layout.fields
    }
    line = [cell(it.source, field, sums) for field in it.draw.layout.fields]
    word = {"en": "Total", "de": "Summe", "fr": "Total", "pl": "Razem"}[it.source.language]
    line[0] = it.at.choice((word, word.upper(), f"{word}:", ""))
    return it.changed([*it.lines, tuple(line)])


def _header_repeated(it: Following) -> Later:
    lines, where = it.lines, it.at.randrange(it.head + 2, it.end)
    return it.changed([*lines[:where], lines[it.head], *lines[where:]])


def _text_goes_on(it: Following) -> Later | None:
    fields = it.filled("text")
    if not fields or it.rule.kind not in _ROW_BY_ROW:
        return None
    number = it.at.randrange(len(it.rows))
    column = it.draw.layout.fields.index(it.at.choice(fields))
    more = tuple("and other texts" if k == column else "" for k in range(len(it.draw.layout.fields)))
    where = it.head + 2 + number
    base = it.output
    # The line is named itself, or the text that it goes on in: as a row that is one too many, flagged.
    shifted = replace(base, asked=frozenset(n + (n > number) for n in base.asked) | {number + 1})
    return it.changed([*it.lines[:where], more, *it.lines[where:]], shifted)


def _columns_moved(it: Following) -> Later:
    order = list(range(len(it.draw.layout.fields)))
    while order == sorted(order):
        it.at.shuffle(order)
    head = it.lines[: it.head]
    return it.changed([*head, *(tuple(line[k] for k in order) for line in it.lines[it.head :])])


def _column_renamed(it: Following) -> Later:
    column = it.at.randrange(len(it.draw.layout.fields))
    field, old = it.draw.layout.fields[column], it.lines[it.head][column]
    others = [field.header(language) for language in LANGUAGES if field.header(language) != old]
    new = it.at.choice((old.upper(), old.lower(), f"{old} (neu)", f"{old}s", *others))
    taken = it.lines[it.head]
    new = new if new not in taken else f"{old} 2"
    lines = list(it.lines)
    lines[it.head] = tuple(new if k == column else c for k, c in enumerate(lines[it.head]))
    return it.changed(lines, refusal=True)


def _one_more_column(it: Following) -> Later:
    column = it.at.randrange(len(it.draw.layout.fields) + 1)
    lines = [
        line if n < it.head else (*line[:column], it.at.choice(("x", "y", "12", "")), *line[column:])
        for n, line in enumerate(it.lines)
    ]
    lines[it.head] = (*lines[it.head][:column], "Remark", *lines[it.head][column + 1 :])
    return it.changed(lines)


def _column_gone(it: Following) -> Later:
    column = it.at.randrange(len(it.draw.layout.fields))
    lines = [line if n < it.head else (*line[:column], *line[column + 1 :]) for n, line in enumerate(it.lines)]
    return it.changed(lines, refusal=True)


def _footer(it: Following) -> Later:
    text = it.at.choice(("Generated on 2026-09-01 12:00", "End of report", "* estimated", "Page 1 of 1"))
    blank = [("",)] * it.at.randint(0, 1)
    width = len(it.draw.layout.fields) if it.at.random() < 0.5 else 1
    return it.changed([*it.lines, *blank, (text, *("",) * (width - 1))])


def _blank_lines(it: Following) -> Later:
    where = it.at.randrange(it.head + 2, it.end)
    width = len(it.draw.layout.fields) if it.at.random() < 0.5 else 1
    return it.changed([*it.lines[:where], ("",) * width, *it.lines[where:], ("",)])


def _title(it: Following) -> Later:
    lines = it.lines[it.head :]
    titles: list[list[Line]] = [[], [("Report", "No. 7")], [("Report",), ("Date", "2026-09-01"), ("",)]]
    if it.has_title:
        return it.changed([*it.at.choice((titles[0], titles[2])), *lines])
    return it.changed([*it.at.choice(titles[1:]), *lines])


def _line_ends(it: Following) -> Later:
    return it.noted(line_end="\n" if it.source.line_end == "\r\n" else "\r\n")


def _encoding(it: Following) -> Later:
    latin = "cp1250" if it.source.language == "pl" else "cp1252"
    ways = [way for way in ("utf-8", "utf-8-sig", "utf-16", latin) if way != it.source.encoding]
    return it.noted(encoding=it.at.choice(ways))


def _delimiter(it: Following) -> Later:
    return it.noted(delimiter=it.at.choice([mark for mark in ",;\t|" if mark != it.source.delimiter]))


def _order_reversed(it: Following) -> Later:
    rows = list(reversed(it.rows))
    return it.changed(it.write(rows, it.source), it.rule.output(rows))


def _quoted(it: Following) -> Later:
    text = io.StringIO(newline="")
    notation = it.source
    csv.writer(text, quoting=csv.QUOTE_ALL, delimiter=notation.delimiter, lineterminator="\n").writerows(it.lines)
    return Later("", text.getvalue().encode(), (it.output,))


def _blanks_around_cells(it: Following) -> Later:
    lines = [line if n <= it.head else tuple(f" {c} " for c in line) for n, line in enumerate(it.lines)]
    return it.changed(lines)


def _quote_left_open(it: Following) -> Later | None:
    fields = it.filled("text")
    if not fields:
        return None
    name, number = it.at.choice(fields).name, it.at.randrange(len(it.rows) - 1)
    content = encoded(it.source, it.with_cell(number, name, lambda text: f"\0{text}")).replace(b"\0", b'"')
    outputs = it.uncertain(number, name, f'"{it.rows[number][name]}')
    return Later("", content, (*outputs, it.output), refusal=True) if outputs else None


def _short_row(it: Following) -> Later | None:
    if it.rule.kind != "every row" or it.has_total:
        return None
    last, whole = len(it.rows) - 1, it.output
    rest = [row for row in whole.rows if row.origin != last]
    cut = it.lines[it.end - 1][: len(it.draw.layout.fields) // 2]
    outputs = [replace(whole, rows=rest, asked=whole.asked | {last})]
    gone = it.draw.layout.fields[len(cut) :]
    if all(field.blank for field in gone):  # such cells are blank in whole rows, too
        row = {**it.rows[last], **{field.name: None for field in gone}}
        outputs.append(it.rule.output([*it.rows[:last], row]))
    return it.changed([*it.lines[: it.end - 1], cut], *outputs, refusal=True)


def _row_twice(it: Following) -> Later:
    where = it.at.randrange(len(it.rows))
    rows = [*it.rows[:where], it.rows[where], *it.rows[where:]]
    return it.changed(it.write(rows, it.source), it.rule.output(rows))


def _no_rows(it: Following) -> Later | None:
    if it.has_total:
        return None
    return it.changed(it.write([], it.source), it.rule.output([]), refusal=True)


KINDS: Mapping[str, Change] = {
    "as before": _as_before, "a new category": _new_category, "a category in another case": _category_in_other_case,
    "a blank cell": _blank_cell, "a word for a blank": _word_for_a_blank, "other marks of groups": _marks_of_groups,
    "another decimal mark": _decimal_mark, "negatives marked otherwise": _negatives,
    "marks of debit and credit": _debit_and_credit_marks, "another unit": _unit, "an exponent": _exponent,
    "other widths of dates": _date_widths, "dates in another order": _date_order, "a total appended": _total_appended,
    "the header repeated": _header_repeated, "a text goes on": _text_goes_on, "columns moved": _columns_moved,
    "a column renamed": _column_renamed, "one more column": _one_more_column, "a column gone": _column_gone,
    "a footer": _footer, "blank lines": _blank_lines, "another title": _title, "other line ends": _line_ends,
    "another encoding": _encoding, "another delimiter": _delimiter, "the order reversed": _order_reversed,
    "all cells quoted": _quoted, "blanks around cells": _blanks_around_cells, "a quote left open": _quote_left_open,
    "a short row": _short_row, "a row twice": _row_twice, "no rows": _no_rows,
}  # fmt: skip
"""How a file that comes later may differ from the example, one way each."""


def draw_later(following: Following, kind: str) -> Later | None:
    """A later file that is changed in one way, if there is room for it."""
    made = KINDS[kind](following)
    return made and replace(made, kind=kind)
