"""Rules of what expires when: merged, compared, kept up to date."""

import asyncio
from typing import Any

import pytest

from services.common.errors import Unavailable
from services.storage.adapters.lifecycle_keeper import LifecycleKeeper
from services.storage.domain.lifecycle import ExpiryRule, TooManyRules, are_in_force, merge_rules

RULES = [ExpiryRule("tasks/", 30), ExpiryRule("files/", 7)]
MERGED = merge_rules([], RULES, ["", "tenants/acme/"])


@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (MERGED, True),
        ([{**rule, "Prefix": ""} for rule in reversed(MERGED)], True),
        (MERGED[1:], False),
        ([*MERGED, {"ID": "wealth-tenants.gone.tasks"}], False),
        ([{**rule, "Status": "Disabled"} for rule in MERGED], False),
        ([], False),
    ],
    ids=["the same", "another order, more fields", "one is missing", "one is left over", "switched off", "none"],
)
def test_21_rules_are_in_force_whatever_their_order(standing: list[dict[str, Any]], *, expected: bool) -> None:
    assert are_in_force(standing, MERGED) is expected


@pytest.mark.parametrize("failure", [Unavailable("S3 does not answer"), TooManyRules("1001 are more than 1000")])
async def test_21_the_keeper_goes_on_after_a_failure(failure: Exception) -> None:
    refreshed = asyncio.Event()
    failures = [failure]

    async def refresh() -> None:
        if failures:
            raise failures.pop()
        refreshed.set()

    keeper = LifecycleKeeper(refresh, interval_s=0.001)
    keeper.start()
    try:
        await asyncio.wait_for(refreshed.wait(), 120)
    finally:
        await keeper.stop()
