"""A short campaign, as part of the lane that kills: half a minute of random faults, and nothing is lost."""

from pathlib import Path

import pytest

from tests.chaos.campaign.__main__ import Options, run


@pytest.mark.chaos
@pytest.mark.timeout(1200)
async def test_a_short_campaign_loses_doubles_and_misjudges_nothing(tmp_path: Path) -> None:
    outcome = await run(Options(minutes=0.5, seed=1, jobs=20, drain_minutes=8, folder=tmp_path))
    verdict = outcome.verdict
    assert verdict.accepted + outcome.refused == 20
    assert (verdict.lost, verdict.doubled, verdict.wrong, outcome.deaths) == ([], [], [], [])
    assert outcome.healed_after_s is not None
    assert sum(outcome.faults.values()) > 0
