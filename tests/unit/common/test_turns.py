"""Rule 27's order: tenants take turns by weight, users within a tenant too, whatever came and went before."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st

from services.common.jobs.turns import FairTurns, Waiting

TENANTS = ("acme", "beta", "gamma", "delta")
USERS = ("u1", "u2", "u3")
# Arrivals as (tenant, user), takes as numbers.
STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(TENANTS), st.sampled_from(USERS)),
        st.integers(min_value=1, max_value=6),
    ),
    max_size=80,
)


def make_job(number: int, tenant: str, user: str) -> Waiting:
    return Waiting(number, f"jobs.probe.{tenant}.j{number}.1", tenant, user, b"")


def play(steps: list[tuple[str, str] | int], weights: Mapping[str, int]) -> tuple[FairTurns, list[Waiting]]:
    """What is left, and what was taken in order."""
    turns, taken = FairTurns(weights), []
    for number, step in enumerate(steps):
        if isinstance(step, int):
            taken += turns.take(step)
        else:
            turns.add(make_job(number, *step))
    return turns, taken


@given(STEPS)
def test_every_job_is_taken_once(steps: list[tuple[str, str] | int]) -> None:
    turns, taken = play(steps, {})
    taken += turns.take(len(turns))
    arrived = {number for number, step in enumerate(steps) if not isinstance(step, int)}
    assert sorted(job.sequence for job in taken) == sorted(arrived)
    assert len(turns) == 0


@given(STEPS)
def test_the_jobs_of_a_user_keep_their_order(steps: list[tuple[str, str] | int]) -> None:
    turns, taken = play(steps, {})
    taken += turns.take(len(turns))
    for tenant in TENANTS:
        for user in USERS:
            own = [job.sequence for job in taken if (job.tenant, job.user) == (tenant, user)]
            assert own == sorted(own)


@given(STEPS)
def test_a_tenant_that_begins_to_wait_lets_each_other_before_it_at_most_once(
    steps: list[tuple[str, str] | int],
) -> None:
    turns, _ = play(steps, {})
    turns.add(make_job(1000, "newcomer", "u1"))
    before = []
    for job in turns.take(len(turns)):
        if job.tenant == "newcomer":
            break
        before.append(job.tenant)
    assert max(Counter(before).values(), default=0) <= 1


@given(STEPS)
def test_a_user_that_begins_to_wait_lets_each_other_of_the_tenant_before_it_at_most_once(
    steps: list[tuple[str, str] | int],
) -> None:
    turns, _ = play(steps, {})
    turns.add(make_job(1000, "acme", "newcomer"))
    before = []
    for job in turns.take(len(turns)):
        if job.user == "newcomer":
            break
        if job.tenant == "acme":
            before.append(job.user)
    assert max(Counter(before).values(), default=0) <= 1


@given(STEPS, st.dictionaries(st.sampled_from(TENANTS), st.integers(min_value=1, max_value=5)))
def test_while_all_wait_each_has_turns_by_its_weight(
    steps: list[tuple[str, str] | int], weights: dict[str, int]
) -> None:
    turns, _ = play(steps, weights)
    for number, tenant in enumerate(TENANTS * 200, start=1000):
        turns.add(make_job(number, tenant, "u1"))
    rounds = 10
    all_weights = {tenant: weights.get(tenant, 1) for tenant in TENANTS}
    served = Counter(job.tenant for job in turns.take(rounds * sum(all_weights.values())))
    # One who had just been served, or is about to be, has a turn less or more.
    assert all(abs(served[tenant] - rounds * weight) <= weight + 1 for tenant, weight in all_weights.items())


def test_what_is_tried_again_comes_before_the_other_jobs_of_its_user() -> None:
    turns = FairTurns({})
    for number in range(3):
        turns.add(make_job(number, "acme", "u1"))
    (tried,) = turns.take(1)
    turns.add(tried, first=True)
    assert [job.sequence for job in turns.take(3)] == [0, 1, 2]


def test_a_job_that_waits_already_is_not_added_again() -> None:
    turns = FairTurns({})
    job = make_job(1, "acme", "u1")
    turns.add(job)
    turns.add(job)
    assert turns.take(5) == [job]


def test_tenants_that_have_nothing_left_are_forgotten() -> None:
    turns = FairTurns({})
    for number in range(2000):
        turns.add(make_job(number, f"tenant-{number}", "u1"))
        turns.take(1)
    assert len(turns._tenants._last) <= 64
