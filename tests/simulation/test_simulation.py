"""The protocol's laws under drawn schedules, and that broken protocols break them."""

from collections.abc import Iterator

import pytest
import structlog

from tests.simulation.many import find
from tests.simulation.mutant import Mutant
from tests.simulation.mutants import MUTANTS
from tests.simulation.run import be_quiet, run_seed

# `make simulate` runs ten thousand.
SEEDS = 40


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    former = structlog.get_config()
    be_quiet()
    yield
    structlog.configure(**former)


@pytest.mark.parametrize("first", range(0, SEEDS, 20))
def test_no_schedule_breaks_a_law(first: int) -> None:
    broken = {seed: verdict.broken for seed in range(first, first + 20) if (verdict := run_seed(seed)).broken}
    assert not broken, "replay with: make simulate SEED=n"


def test_a_run_is_worth_its_name() -> None:
    verdict = run_seed(1)
    assert verdict.steps >= 200
    assert verdict.jobs >= 3
    assert len(verdict.faults) >= 3


def test_a_seed_runs_the_same_every_time() -> None:
    first, second = run_seed(3), run_seed(3)
    assert (first.steps, first.requests, first.faults) == (second.steps, second.requests, second.faults)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_wrong_protocol_is_made_of_the_one_that_there_is(mutant: Mutant) -> None:
    with mutant.applied():
        pass


@pytest.mark.parametrize("mutant", [mutant for mutant in MUTANTS if not mutant.is_rare], ids=lambda mutant: mutant.name)
def test_a_protocol_that_is_wrong_in_one_place_is_found(mutant: Mutant) -> None:
    assert find(mutant, seeds=300)
