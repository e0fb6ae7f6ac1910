"""Patterns as Python tries them: with ASCII's letters alone where a text has no others."""

import random
import re

import pytest

from services.converter.domain.formats import letters
from services.converter.domain.synthesis.operators.logic.kinds import PATTERNS
from services.converter.domain.synthesis.tokens import TOKENS, Pattern, charset, raw, shape

MADE = 400
_ALPHABET = "aZ09 .,-_/@()'$€₹–—²Ⅷ\u00a0éßÄΩжあ漢\u0301\t\n"
_MORE = (
    charset("L", negated=True) + raw("+"),
    charset("LD'.,-", negated=True),
    charset("U") + charset("W") + raw("*"),
    raw("^") + charset("LDS", negated=True),
)


def texts() -> list[str]:
    """Made-up texts: of ASCII alone, with marks beyond it, with letters beyond it."""
    made = random.Random(1)
    kinds = (_ALPHABET[:20], _ALPHABET[:25], _ALPHABET)
    return ["".join(made.choices(kinds[n % 3], k=made.randrange(1, 14))) for n in range(MADE)]


def every_pattern() -> list[Pattern]:
    """Patterns with classes of letters in them, from all places that have some."""
    return [*(token.pattern for token in TOKENS), *(pattern for pattern, *_ in PATTERNS), *_MORE]


@pytest.mark.parametrize("pattern", every_pattern(), ids=lambda pattern: pattern.sql)
def test_a_pattern_finds_what_it_finds_with_all_letters_in_its_classes(pattern: Pattern) -> None:
    whole = re.compile(pattern.python, re.ASCII)

    assert [pattern.findall(text) for text in texts()] == [whole.findall(text) for text in texts()]
    assert [pattern.sub("*", text) for text in texts()] == [whole.sub("*", text) for text in texts()]


def test_the_outline_of_a_text_does_not_depend_on_what_stands_beside_it() -> None:
    marked = "|é"  # a letter that is none of ASCII, in no run of others

    assert [shape(text + marked) for text in texts()] == [shape(text) + shape(marked) for text in texts()]


def test_letters_of_which_python_makes_several_are_known_in_all_of_unicode() -> None:
    several = {chr(code) for code in range(0x110000) if len(chr(code).upper()) > 1}

    assert {ch for ch in map(chr, range(0x110000)) if letters._several().search(ch)} == several
