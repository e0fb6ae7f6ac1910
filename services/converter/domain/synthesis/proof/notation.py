"""Numbers and dates that are taken as they stand: a cell that is written otherwise than the example's is flagged.

What reads a text as a number or a date takes it in all notations of the class, or flags it. What copies it, joins it or
cuts it passes marks on that no row of the example has: marks of thousands, a sign behind, a unit, another decimal mark,
another order of days. That the rows below a thousand are shown alone says nothing of how the others are written.
"""

import re
from collections.abc import Iterator, Sequence

from services.converter.domain.formats.number import CURRENCY, styles
from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import Column, Expression
from services.converter.domain.synthesis.proof.answers import pieces_of
from services.converter.domain.synthesis.proof.column_rivals import LEAST_FORMATTED, LEAST_WITNESSES, Shown
from services.converter.domain.synthesis.proof.forms import OUTLINE
from services.converter.domain.synthesis.rows.proposals.ordering import date_styles
from services.converter.domain.synthesis.sqltext import literal

NUMBERS_FOR_A_MARK = 10
"""Numbers that a column must show for each other text in it, to be one of numbers alone."""
LEAST_NUMBERS = 10
"""Different numbers, in as many rows, that make a column one of plain numbers: any other text without letters is a
surprise then. After n alike the next is another once in n + 2 times, whatever the column holds (the rule of
succession)."""
MOST_MAKES = 3
"""Makes of dates in one column: of more, none is the one that is meant."""
_THOUSAND = 3
"""Digits of a group of thousands."""
_BLANKS = "\u00a0\u202f\u2009"
_UNIT = r"[^0-9\s.,;:/#+()'_-]{1,10}[.]?"
_NUMERIC = (
    f"[(]? ?[-+−]? ?(?:{CURRENCY} ?)?[-+−]? ?"
    f"(?:[0-9]+(?:[ ,.'’{_BLANKS}][0-9]+)*[.,]?|[.,][0-9]+)(?:[eE][-+]?[0-9]{{1,3}})?"
    f"(?: ?{_UNIT})?[-−]? ?[)]?"
)
"""A pattern of whole texts that are numbers in some notation, with a unit or none."""
_DATED = r"[0-9]{1,4}[-/. ]{1,2}(?:[0-9]{1,2}|[^0-9\s/-]{3,9})[-/. ]{1,2}[0-9]{1,4}(?:[^0-9].*)?|[0-9]{5,14}"
"""A pattern of whole texts that are dates in some notation, or as programs count days."""


def notation_checks(shown: Shown, expression: Expression) -> Iterator[Check]:
    """A check on each column that the program takes as it stands, where the example has numbers or dates in it, and on
    each number that is cut out of a text."""
    if any(node.format_read for node in expression.walk()):
        return
    rows = len(set(shown.relation.origins))
    pieces = [piece for piece in pieces_of(expression) if piece.columns]
    for column in dict.fromkeys(node for node in expression.walk() if isinstance(node, Column)):
        texts = _texts(shown, column)
        # Digits that are cut or looked up are a code's; a number is copied.
        if column in pieces or not all(map(str.isalnum, texts)):
            yield from _number_check(column, texts, rows)
            yield from _date_check(column, texts)
    for piece in pieces:
        if not isinstance(piece, Column) and None in set(piece.answers()):
            yield from _number_check(piece, _texts(shown, piece), rows)


def _texts(shown: Shown, source: Expression) -> list[str]:
    found = (source.run(row) for row in sampling.some(shown.rows, MOST_CHECKED))
    return [text.strip() for text in found if text and text.strip()]


def _number_check(source: Expression, texts: Sequence[str], rows: int) -> Iterator[Check]:
    """A check on texts that are numbers where they have digits: on such in another notation; where it is known for one
    of numbers, on all texts that are none and have no letters."""
    numbers = sorted({text for text in texts if any(map(str.isdecimal, text))})
    known = _known_numbers(source, numbers)
    if 2 * sum(text in numbers for text in texts) <= len(texts) or len(numbers) < LEAST_WITNESSES or not known:
        return
    text = f"trim({source.sql()})"
    other = f"regexp_full_match({text}, {literal(_NUMERIC)})"
    marks = sorted(set(texts) - set(numbers))
    sure = min(len(numbers), rows) >= LEAST_NUMBERS
    if sure and len(marks) * NUMBERS_FOR_A_MARK < len(texts):
        seen = "".join(f", {literal(mark)}" for mark in marks)
        other += f" OR ({text} NOT IN (''{seen}) AND NOT regexp_matches({text}, '\\p{{L}}'))"
    words = f"{source.words()} is taken as it stands, and is no number as the example writes them"
    yield source.check("number", "note", words, f"NOT {known} AND ({other})")


def _known_numbers(source: Expression, numbers: Sequence[str]) -> str:
    """SQL that holds on numbers as the example writes them; empty where they are not all numbers of one notation.

    Three digits behind the mark of plain numbers are thousands as well, unless some number of the example has them.
    """
    text = f"trim({source.sql()})"
    for mark in (".", ","):
        plain = [re.fullmatch(rf"-?([0-9]+)(?:{re.escape(mark)}([0-9]+))?", number) for number in numbers]
        decimals = [len(found[2] or "") for found in plain if found]
        if len(decimals) < len(numbers) or (mark == "," and set(decimals) == {_THOUSAND}):
            continue
        doubtful = len(numbers) >= LEAST_FORMATTED and len(set(decimals)) == 1 and _THOUSAND not in decimals
        point = f"[{mark}]"
        fraction = f"{point}[0-9]+" if not doubtful else f"{point}(?:[0-9]{{1,2}}|[0-9]{{4,}})"
        more = f"|(?:0|[0-9]{{4,}}){point}[0-9]{{3}}" if doubtful else ""
        return f"regexp_full_match({text}, '-?(?:[0-9]+(?:{fraction})?{more})')"
    found = next((style for style in styles(numbers)), None)
    return f"(({found.exact_sql(source.sql())}) IS NOT NULL)" if found is not None else ""


def _date_check(column: Column, texts: Sequence[str]) -> Iterator[Check]:
    """A check on a column of dates of few makes: on whatever else stands there. Digits alone may be another code."""
    makes = sorted(set(map(OUTLINE.of, texts)))
    if len(set(texts)) < LEAST_WITNESSES or len(makes) > MOST_MAKES or not date_styles(texts):
        return
    text = f"trim(coalesce({column.sql()}, ''))"
    known = "|".join(_make(make) for make in makes)
    other = f"regexp_full_match({text}, {literal(_DATED)})" if all(map(str.isalnum, texts)) else f"{text} <> ''"
    words = f"{column.name} is taken as it stands, and is no date as the example writes them"
    yield column.check("date", "note", words, f"NOT regexp_full_match({text}, {literal(known)}) AND {other}")


def _make(outline: str) -> str:
    """The pattern of texts of an outline."""
    classes = {"a": r"[^0-9\s./-]+", "9": "[0-9]+"}
    return "".join(classes.get(mark) or re.escape(mark) for mark in outline)
