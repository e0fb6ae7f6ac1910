"""Whether a program leaves out of a row what it left out of no row of the example, or lacks what it always had.

Where the example's answers hold every word of the texts that they are made of, a word that an answer leaves out shows
that the rule did not foresee it: one more part, or one of another kind. Where several pieces make an answer and each
of them always found something, a piece that finds nothing leaves what is written around it. A word that is written and
stood in each of the example's texts may as well be read from them: in a text without it nobody can tell.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import (
    Column,
    Concat,
    Condition,
    Constant,
    Expression,
    Node,
    Record,
)
from services.converter.domain.synthesis.proof.column_rivals import LEAST_WITNESSES, Shown, scoped
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import charset, raw

_WORD = charset("LD") + raw("+")
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*")
_BEHIND, _BEFORE = re.compile(r" ?([^\W\d_]+)"), re.compile(r"([^\W\d_]+) ?\Z")
"""The word behind a number, and the one before it."""


def leftover_checks(shown: Shown, expression: Expression) -> Iterator[tuple[Check, tuple[Condition, ...]]]:
    """Checks, each with the conditions under which it holds, for rows of which something is left out or lacking."""
    yield from ((check, ()) for check in (*_left_out(shown, expression), *_beside_a_number(shown, expression)))
    yield from ((check, ()) for check in _filled_elsewhere(shown, expression))
    for node, scope in scoped(expression):
        if isinstance(node, Concat):
            rows = sampling.some(shown.rows, MOST_CHECKED)
            inside = [row for row in rows if all(condition.holds(row) for condition in scope)]
            checks = (*_lacking(node, inside), *_unlike_written(node, inside), *_both(node, inside))
            yield from ((check, scope) for check in checks)


def _filled_elsewhere(shown: Shown, expression: Expression) -> Iterator[Check]:
    """A check on cells that a case leaves out and others read, which were blank in all rows of the case."""
    rows = sampling.some(shown.rows, MOST_CHECKED)
    columns = {node.index: node for node in expression.walk() if isinstance(node, Column)}
    for arm, scope in _arms(expression):
        inside = [row for row in rows if all(condition.holds(row) for condition in scope)]
        asked = frozenset[int]().union(*(condition.columns for condition in scope))
        for index in sorted(set(columns) - arm.columns - asked):
            column = columns[index]
            if inside and not any((column.run(row) or "").strip() for row in inside):
                holds = " AND ".join(f"({condition.sql()})" for condition in scope)
                told = f"{column.name} is left out, which was blank in all such rows of the example"
                check = column.check("ambiguity", "note", told, f"trim(coalesce({column.sql()}, '')) <> '' AND {holds}")
                yield replace(check, reads=check.reads | asked)


def _arms(node: Node, scope: tuple[Condition, ...] = ()) -> Iterator[tuple[Expression, tuple[Condition, ...]]]:
    """What is given in each case, with the conditions of the case."""
    for part, conditions in node.scopes():
        if conditions and isinstance(part, Expression):
            yield part, (*scope, *conditions)
        yield from _arms(part, (*scope, *conditions))


def _left_out(shown: Shown, expression: Expression) -> Iterator[Check]:
    """A check on words of a text that are not in the answer, where all words of the example's texts were in theirs.

    What holds the text as it stands leaves nothing out, what reads all of it as a date or a number takes nothing else,
    and an answer out of a list, or written as a number, is no part of a text.
    """
    sources = (node.parts[0] for node in expression.walk() if node.format_read)
    reads = any(isinstance(source, Expression) and source.holds_text for source in sources)
    is_made = bool(expression.format_written) or None not in set(expression.answers())
    if len(expression.columns) != 1 or expression.holds_text or reads or is_made or shown.distinct < LEAST_WITNESSES:
        return
    column = expression.first_column
    rows = sampling.some(shown.rows, MOST_CHECKED)
    given = (((column.run(row) or "").lower(), (expression.run(row) or "").lower()) for row in rows)
    if all(word in answer for text, answer in given for word in _WORD.findall(text)):
        answer = f"coalesce({expression.sql()}, '')"
        words = f"regexp_extract_all(lower({column.sql()}), {literal(_WORD.sql)})"
        left = f"len(list_filter({words}, lambda word: NOT contains(lower({answer}), word))) > 0"
        told = "a part of the text is left out of the answer, as none of the example's was"
        yield expression.check("format", "note", told, f"{answer} <> '' AND {left}")


def _beside_a_number(shown: Shown, expression: Expression) -> Iterator[Check]:
    """Checks on a number that is cut out of a text: on all that is left out beside it, or on the word, where that was
    the same in all of the example's (decimals that were noughts, a unit), and on further digits, where there were none.
    Of another unit, or of two numbers, it is another amount.
    """
    if len(expression.columns) != 1 or expression.holds_text or expression.format_written:
        return
    column = expression.first_column
    rows = sampling.some(shown.rows, MOST_CHECKED)
    cells = ((column.run(row) or "", expression.run(row) or "") for row in rows)
    pairs = {(text, answer) for text, answer in cells if answer}
    whole = all(_NUMBER.fullmatch(answer) and answer in text and answer != text for text, answer in pairs)
    if len(pairs) < LEAST_WITNESSES or not whole:
        return
    left = {text.replace(answer, "", 1) for text, answer in pairs}
    text, answer = f"coalesce({column.sql()}, '')", f"coalesce({expression.sql()}, '')"
    if len(left) == 1 and _WORD.search(rest := left.pop()) and all(found.isdecimal() for _, found in pairs):
        told = f"what is left out beside the number is not {quoted(rest)}, as it always was in the example"
        other = f"replace({text}, {answer}, '') <> {literal(rest)}"
        yield expression.check("format", "note", told, f"{answer} <> '' AND {other}")
        return
    parted = [text.partition(answer)[::2] for text, answer in pairs]
    behind = {found[1] if (found := _BEHIND.match(after)) else "" for _, after in parted}
    before = {found[1] if (found := _BEFORE.search(before)) else "" for before, _ in parted}
    for word in (*behind, *before):
        if word and len(behind if word in behind else before) == 1:
            told = f"{quoted(word)} stood beside each number of the example, and does not stand here"
            yield expression.check("format", "note", told, f"{answer} <> '' AND NOT contains({text}, {literal(word)})")
    if not any(re.search("[0-9]", beside) for pair in parted for beside in pair):
        told = "a number more stands beside the one that is taken, as none did in the example"
        more = f"regexp_matches(replace({text}, {answer}, ''), '[0-9]')"
        yield expression.check("format", "note", told, f"{answer} <> '' AND {more}")


def _lacking(node: Concat, rows: Sequence[Record]) -> Iterator[Check]:
    """A check on pieces that find nothing beside others that do, of those that found something on every row."""
    made = [piece for piece in node.pieces if piece.columns]
    sure = [piece for piece in made if rows and all(piece.run(row) for row in rows)]
    if len(made) > 1 and sure:
        lacks = " OR ".join(f"coalesce({piece.sql()}, '') = ''" for piece in sure)
        has = " OR ".join(f"coalesce({piece.sql()}, '') <> ''" for piece in made)
        told = "a part of the answer is empty, as none of the example's was"
        yield node.check("missing", "note", told, f"({lacks}) AND ({has})")


def _both(node: Concat, rows: Sequence[Record]) -> Iterator[Check]:
    """A check on rows that have two pieces, each of which the example had without the others only: whether they are
    joined, or one of them is taken where the other is not there, was not shown."""
    made = [piece for piece in node.pieces if piece.columns]
    found = [[bool(piece.run(row)) for piece in made] for row in rows]
    if len(made) > 1 and all(map(any, zip(*found, strict=True))) and all(sum(has) <= 1 for has in found):
        has = " + ".join(f"CAST(coalesce({piece.sql()}, '') <> '' AS INTEGER)" for piece in made)
        told = "two parts stand together that the example only had one without the other"
        yield node.check("ambiguity", "note", told, f"({has}) > 1")


def _unlike_written(node: Concat, rows: Sequence[Record]) -> Iterator[Check]:
    """A check on texts without a word that the rule writes, where all of the example's had it."""
    read = {part for part in node.walk() if isinstance(part, Column)}
    if len(read) != 1 or len(rows) < LEAST_WITNESSES:
        return
    column = read.pop()
    texts = [column.run(row) or "" for row in rows]
    written = (piece.text for piece in node.pieces if isinstance(piece, Constant))
    for word in dict.fromkeys(word for text in written for word in _WORD.findall(text)):
        # A single letter stands in most texts.
        if len(word) > 1 and all(word in text for text in texts):
            told = f"{quoted(word)} is written, which stood in all texts of the example, and does not stand here"
            text = f"coalesce({column.sql()}, '')"
            yield node.check("shape", "note", told, f"trim({text}) <> '' AND NOT contains({text}, {literal(word)})")
