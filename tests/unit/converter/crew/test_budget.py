"""The agents' budget: sums are exact, bounds hold before money is spent."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.converter.domain.crew.budget import CrewLimits, Prices, Spend, Usage, why_over

PRICES = Prices(Decimal("0.15"), Decimal("0.60"))
usages = st.builds(Usage, st.integers(0, 10**6), st.integers(0, 10**6))


@given(st.lists(usages, max_size=30))
def test_cost_is_that_of_the_tokens_to_the_last_digit(calls: list[Usage]) -> None:
    spend = Spend()
    for usage in calls:
        spend = spend.begin(5_000).end(5_000, usage, PRICES)
    total = Usage(sum(u.prompt_tokens for u in calls), sum(u.completion_tokens for u in calls))
    assert (spend.calls, spend.tokens, spend.cost) == (len(calls), total.tokens, PRICES.of(total))


@given(st.builds(Spend, *[st.integers(0, 10**6)] * 4, st.decimals(0, 1000, places=9), st.integers(0, 10**6)))
def test_a_spend_survives_the_record(spend: Spend) -> None:
    assert Spend.from_json(spend.as_json()) == spend


def test_a_call_that_was_never_answered_counts_as_reserved() -> None:
    assert Spend().begin(5_000).tokens == 5_000


@pytest.mark.parametrize(
    ("spend", "left_s", "words"),
    [
        (Spend(prompt_tokens=900), 10, "1000 tokens"),
        (Spend(reserved=900), 10, "1000 tokens"),
        (Spend(cost=Decimal("0.9999")), 10, "budget of 1"),
        (Spend(), 0, "time of 600 s"),
        (Spend(prompt_tokens=800, cost=Decimal("0.9")), 10, ""),
    ],
)
def test_no_call_is_begun_that_may_pass_a_bound(spend: Spend, left_s: float, words: str) -> None:
    limits = CrewLimits(tokens=1_000, cost=Decimal(1))
    found = why_over(spend, limits, Prices(Decimal(1), Decimal(2)), next_tokens=200, left_s=left_s)
    assert words in found
    assert bool(found) == bool(words)
