"""Facts of a whole file that guards ask for: found in its first rows, and in all of it where rows are hit."""

from collections.abc import Callable, Mapping

import pytest

from services.converter.adapters.sandbox import facts, settling
from services.converter.adapters.sandbox.checking import GuardTree
from tests.unit.converter.sandbox.test_settled_rows import guard_of, table_of


def asked_of(
    rows: list[tuple[str, str]], guard: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[GuardTree | None, list[bool]]:
    """A guard with its facts settled, and for each look at the file whether it was at the first rows only."""
    looks: list[bool] = []
    look: Callable[..., Mapping[str, bool | None]] = facts.look

    def counted(*arguments: object, head: bool) -> Mapping[str, bool | None]:
        looks.append(head)
        return look(*arguments, head=head)

    monkeypatch.setattr(facts, "look", counted)
    connection = table_of(rows)
    settled = facts.settle(connection, [guard_of(connection, 0, guard)], in_memory=False)
    return (settled[0] if settled else None), looks


TURNED = (
    "SELECT _row, value FROM (SELECT _row, a AS value, a <> '' AS outside, "
    "coalesce(bool_or(regexp_matches(a, '^../2')) OVER (), false) "
    "AND NOT coalesce(bool_or(starts_with(a, '2')) OVER (), false) AS across FROM input) WHERE outside AND across"
)


BLANKS = [""] * settling.HEAD_ROWS
DATES: dict[str, tuple[list[str], list[bool], bool, list[bool], bool]] = {
    "the_first_rows_tell": (["03/04/2025", "25/04/2025"], [True], False, [True], False),
    "one_is_hit_and_no_row_speaks_against_it": (["03/04/2025", "04/25/2025"], [True, False], True, [True, False], True),
    "one_is_hit_and_no_row_tells": (["03/04/2025"], [True, False], False, [True, False], False),
    "one_is_hit_and_the_last_row_tells": (
        ["03/04/2025", *BLANKS, "04/25/2025"], [True, False], True, [True, False], True,
    ),
    "none_is_hit_and_the_last_row_tells": ([*BLANKS, "04/25/2025"], [True], True, [True, False], True),
    "none_is_hit_and_no_row_tells": ([*BLANKS, "03/04/2025"], [True], True, [True, False], False),
}  # fmt: skip
"""Dates; the looks at the file (whether at the first rows only); whether the guard is asked of rows; the looks once
it hits any; whether it does hit them."""


@pytest.mark.parametrize(("dates", "looks", "is_asked", "later", "hits"), DATES.values(), ids=DATES)
def test_a_fact_of_the_file_is_looked_for_where_the_first_rows_leave_it_open_and_a_row_is_hit(
    dates: list[str], looks: list[bool], is_asked: bool, later: list[bool], hits: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard, looked = asked_of([(date, "") for date in dates], TURNED, monkeypatch)
    assert (looked, guard is not None) == (looks, is_asked)
    if guard is not None:
        assert not guard.is_in_vain(0)
        assert looked == looks
        assert [guard.is_in_vain(1), guard.is_in_vain(1)] == [not hits] * 2
    assert looked == later
