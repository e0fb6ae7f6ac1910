"""Marks that part fields: what is asked first of a text never settles what the dear tests would have found."""

import re

import duckdb
from hypothesis import given
from hypothesis import strategies as st

from services.converter.domain.synthesis.proof.surroundings import parting_sql

TEXTS = st.lists(st.text(alphabet="aZé٣7 -.'’_&+%,;/|()€ \t", max_size=8), min_size=40, max_size=80)
KNOWN = st.sets(st.sampled_from(",;/ ]^"), max_size=3).map(frozenset)


@given(texts=TEXTS, known=KNOWN)
def test_what_is_asked_first_hides_nothing(texts: list[str], known: frozenset[str]) -> None:
    whole = parting_sql("x", known)
    first, joint, rest = whole.removeprefix("(").removesuffix(")").partition(" AND ")
    assert joint
    assert re.match(r"regexp_matches\(x, ", first)
    with duckdb.connect() as connection:
        found = connection.execute(f"SELECT {whole}, {rest} FROM (SELECT unnest(?) AS x)", [texts]).fetchall()
    assert [one for one, _ in found] == [other for _, other in found]
