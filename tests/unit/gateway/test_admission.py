"""Who is let in, and how much at once."""

from collections.abc import Callable

import pytest

from services.common.errors import Denied, Exhausted, Unauthenticated
from services.gateway.admission import Admission, Limits, Occupies
from services.gateway.keys import CreatedKey, KeyRing, create_key

SECRET = "a server secret that is long enough"
LIMITS = Limits(rate_per_s=10, burst=20, concurrency=2, max_watchers=2, max_watchers_per_key=1)


def make(*keys: CreatedKey, limits: Limits = LIMITS, clock: Callable[[], float] = lambda: 0.0) -> Admission:
    ring = KeyRing(SECRET)
    ring.replace(key.record for key in keys)
    return Admission(ring, limits, monotonic_s=clock)


def test_a_key_is_let_in_with_its_scope() -> None:
    key = create_key(SECRET, tenant="acme", scopes=["files"])
    assert make(key).admit(key.text, "files").principal.tenant == "acme"


def test_a_key_without_the_scope_is_denied_and_costs_nothing() -> None:
    key = create_key(SECRET, tenant="acme", scopes=["files"], rate_per_s=0.1)
    admission = make(key)
    with pytest.raises(Denied):
        admission.admit(key.text, "admin")
    admission.admit(key.text, "files")


def test_calls_above_the_concurrency_are_refused_until_one_ends() -> None:
    key = create_key(SECRET, tenant="acme")
    admission = make(key)
    first, _ = admission.admit(key.text, "files"), admission.admit(key.text, "files")
    with pytest.raises(Exhausted, match="at once"):
        admission.admit(key.text, "files")
    first.release()
    admission.admit(key.text, "files")


def test_releasing_twice_gives_back_once() -> None:
    key = create_key(SECRET, tenant="acme")
    admission = make(key)
    first = admission.admit(key.text, "files")
    admission.admit(key.text, "files")
    first.release()
    first.release()
    admission.admit(key.text, "files")
    with pytest.raises(Exhausted):
        admission.admit(key.text, "files")


def test_one_keys_calls_do_not_bound_anothers() -> None:
    busy, other = create_key(SECRET, tenant="acme", concurrency=1), create_key(SECRET, tenant="other")
    admission = make(busy, other)
    admission.admit(busy.text, "files")
    admission.admit(other.text, "files")


def test_watchers_take_no_calls_slots() -> None:
    key = create_key(SECRET, tenant="acme", concurrency=1)
    admission = make(key)
    admission.admit(key.text, "files", Occupies.WATCH)
    admission.admit(key.text, "files")


def test_a_refused_watcher_leaves_no_slot_behind() -> None:
    keys = [create_key(SECRET, tenant="acme") for _ in range(3)]
    admission = make(*keys)
    held = [admission.admit(key.text, "files", Occupies.WATCH) for key in keys[:2]]
    with pytest.raises(Exhausted):
        admission.admit(keys[2].text, "files", Occupies.WATCH)
    held[0].release()
    admission.admit(keys[2].text, "files", Occupies.WATCH)
    assert admission.watchers == 2


def test_a_keys_own_rate_counts() -> None:
    now = 0.0
    key = create_key(SECRET, tenant="acme", rate_per_s=0.5)
    admission = make(key, clock=lambda: now)
    admission.admit(key.text, "files").release()
    with pytest.raises(Exhausted) as caught:
        admission.admit(key.text, "files")
    assert caught.value.retry_after_s == pytest.approx(2)
    now = 2.0
    admission.admit(key.text, "files").release()


def test_tasks_are_closed_to_calls_without_a_key_by_default() -> None:
    with pytest.raises(Unauthenticated):
        make().admit_open_task(None)


def test_open_tasks_are_one_tenants_and_of_one_scope() -> None:
    admission = Admission(KeyRing(SECRET), LIMITS, open_tasks_tenant="legacy")
    principal = admission.admit_open_task(None).principal
    assert (principal.tenant, principal.scopes) == ("legacy", frozenset({"portfolio"}))


def test_a_wrong_key_does_not_fall_back_to_open_tasks() -> None:
    admission = Admission(KeyRing(SECRET), LIMITS, open_tasks_tenant="legacy")
    with pytest.raises(Unauthenticated):
        admission.admit_open_task("wrong.key")
