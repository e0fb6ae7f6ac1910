"""The search finds the cheapest spelling: looking ahead makes it faster, not worse."""

import string
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.converter.domain.synthesis.columns import search
from services.converter.domain.synthesis.columns.learning import learn_column
from services.converter.domain.synthesis.language import Examples

WORDS = st.text(string.ascii_lowercase[:4] + "-. 12", min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(WORDS, WORDS), min_size=2, max_size=3),
    st.sampled_from(["{0}{1}", "{1}: {0}", "<{0}>", "{0[0]}.{1}"]),
)
def test_cheapest_spelling_is_found_whether_or_not_the_search_looks_ahead(
    rows: list[tuple[str, str]], form: str
) -> None:
    task = Examples(("a", "b"), list(rows), [form.format(*row) for row in rows])
    pool = search.build_pool(task, 0)
    ahead = search.spell(task, pool, limit=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "MAX_BOUNDED", -1)
        patch.setattr(search, "MAX_EXPANSIONS", 200_000)
        blind = search.spell(task, pool, limit=1)
    assert [task.price(e) for e in ahead] == pytest.approx([task.price(e) for e in blind])


TEXTS = ("ab 1; x", "cd 2; y", "ef", "gh")


@pytest.mark.parametrize("answers", [*product(("", "yes", "no"), repeat=len(TEXTS))], ids="/".join)
def test_blank_and_repeated_answers_end_a_search_in_programs_or_in_none(answers: tuple[str, ...]) -> None:
    task = Examples(("text",), [(text,) for text in TEXTS], list(answers))
    learned = learn_column(task)
    assert learned is None or task.explains(learned.expression)
