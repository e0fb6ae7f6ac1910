"""Patterns of files in which nothing but ASCII stands: letters of A to Z match what all letters do there."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.converter.adapters.sandbox import letters, statements, trees
from tests.unit.converter.sandbox.test_settled_rows import CHARACTERS, CONNECTION, COUNTED, is_a_pattern

LETTERS = (
    st.lists(
        st.one_of(
            COUNTED,
            st.sampled_from(
                [r"\p{L}+", r"[\p{L}\d]", r"[^\p{L}-]", r"\P{L}", r"[\p{L}-]", r"\p{Lu}\p{Ll}*", r"(?i)\p{Lu}"]
            ),
        ),
        min_size=1,
        max_size=4,
    )
    .map("".join)
    .filter(is_a_pattern)
)


@given(pattern=LETTERS, text=st.text(st.sampled_from([c for c in CHARACTERS if c.isascii()]), max_size=9))
@example("[[]\\p{L}]", "[a]")
@example("\\[\\p{L}]", "[a]")
def test_letters_of_ascii_are_all_letters_of_a_text_of_ascii(pattern: str, text: str) -> None:
    narrowed = letters.narrow_pattern(pattern)
    asked = ", ".join(
        f"(regexp_extract_all({written}, {one}), regexp_replace({written}, {one}, '+', 'g'))"
        for written in [statements.quote_text(text)]
        for one in map(statements.quote_text, (pattern, narrowed))
    )
    first, second = CONNECTION.execute(f"SELECT {asked}").fetchall()[0]
    assert first == second


@pytest.mark.parametrize(
    ("test", "is_narrowed"),
    [
        (r"regexp_matches(upper(a), '^\p{L}+ [^\p{L}]$')", True),
        (r"NOT regexp_full_match(replace(a, '−', '-'), '\p{L}+')", True),
        (r"regexp_matches(a || 'é', '\p{L}$')", False),
        (r"regexp_matches(chr(233), '\p{L}$')", False),
        (r"regexp_matches(regexp_replace(a, 'x', 'é'), '\p{L}$')", False),
        (r"regexp_matches(a, '[]\p{L}]')", False),
    ],
)
def test_patterns_are_narrowed_where_no_other_letters_come_in(test: str, is_narrowed: bool) -> None:
    node = trees.parse(CONNECTION, f"SELECT _row FROM input WHERE {test}")["statements"][0]["node"]
    assert (r"\p{L}" not in trees.write(CONNECTION, letters.narrow(node))) is is_narrowed
