"""Fields of cells: parts that are known by their kind and by what stands on one side or both, whatever else varies.

A part that no row lacks is found by the marks and kinds that all rows share; where the marks are missing, the field
is, too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.columns.parsing.cells import (
    ANYTHING_AFTER,
    CLOSING,
    FINISH,
    Mark,
    Part,
    bare,
    parts_of,
    punctuated_parts,
)
from services.converter.domain.synthesis.language import Column, Examples, Expression
from services.converter.domain.synthesis.operators.text.extract import Extract
from services.converter.domain.synthesis.operators.witness import Candidate
from services.converter.domain.synthesis.sqltext import quoted
from services.converter.domain.synthesis.tokens import (
    CLOCK,
    DAY,
    DIGITS,
    EMAIL,
    END,
    LETTERS,
    MONEY,
    NONSPACE,
    NUMBER,
    QUANTITY,
    SIGNED,
    TOKENS,
    URL,
    Pattern,
    Token,
    charset,
    encloses,
    raw,
)

MOST_FIELDS = 80
"""Fields that are tried for one column, the likeliest first."""
FIELD = 1.0
"""What a field costs, but for its kind and its marks."""
BY_KIND, UP_TO, BETWEEN = 0.2, 0.1, 0.5
"""What a kind, a mark that ends it, and any text between two marks cost more."""
_KIND_PRICES = {
    SIGNED.name: 0.1,
    NUMBER.name: 0.1,
    QUANTITY.name: 0.1,
    NONSPACE.name: 0.1,
    DIGITS.name: 0.2,
    LETTERS.name: 0.3,
}
"""What kinds cost beside a mark: whole words and whole numbers are likelier than runs of letters within them."""
_NUMBERS = frozenset({SIGNED.name, NUMBER.name, DIGITS.name})
_NO_NUMBER = raw("(?:^|") + charset("LD'.,-", negated=True) + raw(")")
"""What stands before a whole number."""
_TELLING = (SIGNED, DAY, CLOCK, EMAIL, URL, MONEY, QUANTITY)
UNTYPED = 0.5
"""What text between marks costs more where it is all of one telling kind: then the kind is what it is known by."""
LONE, LONE_DIGITS = 2.0, 4.0
"""What a mark costs more that has letters, or digits, where only one row has it."""
INNER = 0.5
"""What a part between two delimiters of one list costs more: an item may stand at either end as well."""
_NAME = re.compile(r".*\w", re.DOTALL)
MOST_STOPS = 3
"""Marks at which a field may end; more say that its end was not found."""
LEAST_ROWS = 2
"""Rows that must have a field which some rows lack."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A pattern with one group, what it is in words, and its price."""

    pattern: Pattern
    what: str
    price: float
    marks: tuple[Pattern, ...] = ()
    enclosed: bool = False


def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Fields that stand in the outputs of all rows, or of several where the others lack them."""
    for source, values in sources:
        if not isinstance(source, Column) or len(set(values)) < len(set(task.outputs)):
            continue
        yield from _of_column(task, source, values)


def punctuated(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Fields that are the outputs but for blanks and punctuation, to be written anew."""
    wanted = tuple(map(bare, task.outputs))
    for source, values in sources:
        rows = [punctuated_parts(v, w) for v, w in zip(values, wanted, strict=True)]
        if isinstance(source, Column) and all(rows):
            for node, found in _tried(source, values, (*_by_kind(rows), *_up_to(rows))):
                if tuple(map(bare, found)) == wanted:
                    yield Candidate(node, found)


def _of_column(task: Examples, source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    rows = [parts_of(value, output) for value, output in zip(values, task.outputs, strict=True)]
    known = [parts for parts in rows if parts]
    # Rows that have something else in their place.
    others = sum(not parts and bool(output) for parts, output in zip(rows, task.outputs, strict=True))
    if not known or (others and len(known) < LEAST_ROWS):
        return
    folded = [output.lower() for output in task.outputs]
    for node, found in _tried(source, values, (*_by_kind(known), *_up_to(known), *_between(known))):
        filled = sum(map(bool, found))
        if filled < len(known) and (filled < LEAST_ROWS or not others):
            continue
        if all(text.lower() in output for text, output in zip(found, folded, strict=True)):
            yield Candidate(node, found)


def _tried(
    source: Expression, values: tuple[str, ...], fields: Iterable[_Field]
) -> Iterator[tuple[Extract, tuple[str, ...]]]:
    """The likeliest fields, with what they find."""
    different = {field.pattern.python: field for field in fields}
    for field in sorted(different.values(), key=lambda f: (f.price, f.pattern.python))[:MOST_FIELDS]:
        search = field.pattern.search
        found = tuple(m.group(1) if (m := search(value)) else "" for value in values)
        if found != values:
            yield Extract(source, field.pattern, field.what, field.price, field.marks, enclosed=field.enclosed), found


def _shared(known: list[list[Part]]) -> list[list[Part]]:
    """The rows, those with the fewest parts first: they leave least to try."""
    return sorted(known, key=len)


def _by_kind(known: list[list[Part]]) -> Iterator[_Field]:
    """A part of one kind, with a mark on one side or on both."""
    lead, *others = _shared(known)
    seen: set[tuple[Mark, str, Mark]] = set()
    for part in lead:
        befores = [b for b in part.before if all(any(b in p.before for p in row) for row in others)]
        afters = [a for a in part.after if all(any(a in p.after for p in row) for row in others)]
        for name, token in part.kinds.items():
            same = [[p for p in row if name in p.kinds] for row in others]
            if not all(same):
                continue
            for before in befores:
                for after in afters:
                    if (before, name, after) in seen or not _may_enclose(before, token, after):
                        continue
                    if all(any(before in p.before and after in p.after for p in row) for row in same):
                        seen.add((before, name, after))
                        yield _kind_field(before, token, after, len(known))


def _may_enclose(before: Mark, token: Token, after: Mark) -> bool:
    """Whether two marks say anything; delimiters of a list stand on both sides."""
    if before.is_item or after.is_item:
        return before.is_item and after.is_item and before.text == after.text
    if token is NONSPACE and before.is_end and after.is_anything:
        return False  # a split at the first blank
    # An outline of its own is enough to know a part by.
    return not (before.is_anything and after.is_anything) or token not in TOKENS


def _price(mark: Mark, rows: int) -> float:
    """What a mark costs: the words of one row alone are likelier data than marks."""
    lone = rows == 1 and any(map(str.isalnum, mark.text))
    return mark.price + (LONE_DIGITS if lone and any(map(str.isdigit, mark.text)) else LONE if lone else 0.0)


def _kind_field(before: Mark, token: Token, after: Mark, rows: int) -> _Field:
    left = _NO_NUMBER if token.name in _NUMBERS else raw("")
    pattern = (left if before.is_anything else before.pattern) + raw("(") + token.pattern + raw(")")
    if not after.is_anything:
        pattern += after.pattern
    kind = BY_KIND + _KIND_PRICES.get(token.name, token.cost)
    if before.text.strip() == after.text.strip() and before.text.strip() and not before.is_item:
        kind += INNER
    price = FIELD + kind + _price(before, rows) + (0.0 if after.is_anything else _price(after, rows))
    marked = not (before.is_anything or before.is_end or before.is_item)
    return _Field(pattern, f"{token.name} {_around(before, after)}".strip(), price, (before.pattern,) if marked else ())


def _around(before: Mark, after: Mark) -> str:
    words = []
    if before.is_item or after.is_item:
        return f"as an item between {quoted(before.text or after.text)}"
    if not before.is_anything:
        words.append("at the start" if before.is_end else f"after {quoted(before.text)}")
    if not after.is_anything:
        words.append("at the end" if after.is_end else f"before {quoted(after.text)}")
    return " and ".join(words)


def _up_to(known: list[list[Part]]) -> Iterator[_Field]:
    """What stands behind a mark, up to the next of the marks that end it, or to the end of the text."""
    lead, *others = _shared(known)
    for before in dict.fromkeys(b for part in lead for b in part.before):
        rows = [[p for p in row if before in p.before] for row in (lead, *others)]
        if before.is_anything or before.is_item or not all(rows):
            continue
        untyped = UNTYPED if _is_typed(rows) else 0.0
        longest = [max(row, key=lambda p: len(p.text)) for row in rows]
        closing = CLOSING.get(before.text[-1:], "")
        named = any(map(str.isalpha, before.text))
        opening = {p.opening for p in longest if named and not any(p.opening in other.text for other in longest)}
        stops = sorted({closing, *opening, *(p.stop for p in longest)} - {""})
        if stops == [before.text.strip()] or len(stops) < (2 if before.is_end else 0 if named else 1):
            continue  # a split
        if len(stops) > MOST_STOPS or any(stop in p.text for p in longest for stop in stops):
            continue
        rest = charset("'\n" + "".join(stops), negated=True)
        ends = raw("(?:") + charset("'" + "".join(stops)) + raw("|") + END + raw(")") if stops else END
        pattern = before.pattern + raw("(") + rest + raw("*?)[ ]*") + ends
        ends_at = " or ".join([*map(quoted, stops), "the end"])
        price = FIELD + _price(before, len(known)) + UP_TO * len(stops) + (0.3 if " " in stops else 0.0) + untyped
        start = "text" if before.is_end else f"text after {quoted(before.text)}"
        marks = [before.pattern] if not before.is_end else []
        marks += [charset("'" + "".join(stops))] if stops else []
        enclosed = all(map(encloses, (_mark_of(before), *stops)))
        yield _Field(pattern, f"{start} up to {ends_at}", price, tuple(marks), enclosed)


def _mark_of(before: Mark) -> str:
    """What stands just before a part: behind a name, the mark that parts it from its value."""
    return _NAME.sub("", before.text)


def _is_typed(rows: list[list[Part]]) -> bool:
    """Whether each row has a part of one kind that says by itself what it is: a number, a date, an address."""
    return any(all(any(token.name in p.kinds for p in row) for row in rows) for token in _TELLING)


def _between(known: list[list[Part]]) -> Iterator[_Field]:
    """Any text between two marks that all rows have."""
    lead, *others = _shared(known)
    for part in lead:
        for before in part.before:
            for after in part.after:
                if before.is_anything or before.is_item or after.is_item or after in (ANYTHING_AFTER, FINISH):
                    continue
                if all(any(before in p.before and after in p.after for p in row) for row in others):
                    rest = charset("'\n", negated=True)
                    pattern = before.pattern + raw("(") + rest + raw("*?)") + after.pattern
                    untyped = UNTYPED if _is_typed([[part], *others]) else 0.0
                    price = FIELD + BETWEEN + _price(before, len(known)) + _price(after, len(known)) + untyped
                    enclosed = encloses(_mark_of(before)) and encloses(after.text)
                    yield _Field(pattern, f"text {_around(before, after)}", price, enclosed=enclosed)
