"""What a builtin text must answer: kinds that readers of whole texts found missing, each over drawn payloads."""

import random
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("currency", ["USD", "EUR", "CHF", "GBP", "AUD", "JPY", "SEK", "INR"])
def test_lakh_grouping_stands_with_rupees_alone(currency: str, stated: bool) -> None:
    style = make_style("en_IN", stated=stated)
    rng = random.Random(currency)

    for _ in range(20):
        amount = Decimal(rng.randrange(100_000, 999_999))
        grouped = (style.money(amount, currency) + style.money_in_full(amount, currency))[-7:]
        assert (grouped[-4:-3], grouped[-7:-6] == ",") == (",", currency == "INR"), grouped
