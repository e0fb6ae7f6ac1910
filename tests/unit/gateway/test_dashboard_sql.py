"""SQL cut into tokens for its colours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard.sql_tokens import SqlToken, split_sql


@given(st.one_of(st.text(), st.text("'\"-/* \nselect1.e(")))
def test_the_tokens_are_the_sql(sql: str) -> None:
    assert "".join(token.text for token in split_sql(sql)) == sql


@pytest.mark.parametrize(
    ("sql", "kind"),
    [
        ("SELECT", "keyword"),
        ("'it''s -- text'", "string"),
        ('"a ""name"""', "name"),
        ("-- words 'in' a comment", "comment"),
        ("12.5e3", "number"),
        ("/* open", "comment"),
        ("quantity", ""),
    ],
)
def test_a_token_is_of_its_kind(sql: str, kind: str) -> None:
    assert split_sql(sql) == [SqlToken(kind, sql)]


def test_a_function_is_told_from_a_keyword_of_its_name() -> None:
    assert split_sql("replace(a)")[0].kind == "call"
