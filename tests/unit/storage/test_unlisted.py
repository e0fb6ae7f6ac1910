"""Rule 24: records that another hand has taken index keys from are found by names alone, however old they are."""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from services.common.clock import utc_now
from services.common.identity import ALL_USERS, Caller, Principal
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope
from services.storage.usecases import unlisted
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.records import Records
from tests.simulation.bucket import SimulatedBucket
from tests.simulation.loop import SimulatedLoop
from tests.simulation.wire import Wire

_CALLER = Caller("portfolio", Principal("acme", "test", frozenset({ALL_USERS}), frozenset()))
_KIND = "portfolio.task"
_NAMES = Namespaces(AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=("portfolio.",))}), "default")


def key_of(number: int) -> str:
    """Where a record stands."""
    return f"tasks/t{number:03}.json"


class Shelf:
    """Storage with records of two users, some of a second run, and of nobody."""

    def __init__(self, count: int, *, index_grace_s: float = -1) -> None:
        self.loop = SimulatedLoop(1)
        self.bucket = SimulatedBucket(Wire(self.loop, random.Random(1)), utc_now)
        self.records = Records(self.bucket, _NAMES, default_tenant="default", index_grace_s=index_grace_s)
        for number in range(count):
            owner = ("ann", "bob", "")[number % 3]
            envelope = Envelope(_KIND, owner, "completed", 1_700_000_000_000 + number, 1, "write-one", number % 2 * 3)
            self.loop.run_until_complete(self.records.create(_CALLER, key_of(number), b"{}", envelope))
        self.loop.run_until_complete(self.bucket.put("tenants/acme/tasks/t000/input.bin", b"no record"))

    def lose(self, number: int, whose: str) -> None:
        """Takes away a record's key from the index of all, of its user, or both."""
        for key in self.bucket.keys("tenants/acme/index/"):
            if f"t{number:03}" in key and (whose == "both" or f"/{whose}/" in key):
                self.bucket._drop(key)

    def find(self) -> tuple[tuple[str, ...], int]:
        """What is found, and by how many listings."""
        found, listings, _ = self.loop.run_until_complete(self.records.find_unlisted(_CALLER, _KIND, "tasks/", ".json"))
        return found, listings

    def create_open(self, number: int) -> None:
        """Adds a record that has not ended."""
        envelope = Envelope(_KIND, "ann", "open", 1_700_000_000_000, 1, "write-one")
        self.loop.run_until_complete(self.records.create(_CALLER, key_of(number), b"{}", envelope))


@pytest.fixture
def make_shelf() -> Iterator[Callable[..., Shelf]]:
    """Makes shelves, and closes their loops after the test."""
    made: list[Shelf] = []

    def make(count: int, **options: float) -> Shelf:
        made.append(Shelf(count, **options))
        return made[-1]

    yield make
    for shelf in made:
        shelf.loop.close()


Make = Callable[..., Shelf]


def test_24_nothing_is_missing_where_every_record_is_listed(make_shelf: Make) -> None:
    found, listings = make_shelf(9).find()
    assert (found, listings) == ((), 2)


@pytest.mark.parametrize("whose", ["all", "user", "both"])
def test_24_a_record_that_lacks_any_index_key_is_found(make_shelf: Make, whose: str) -> None:
    shelf = make_shelf(9)
    lost = {0, 1, 4}  # of both users and both runs
    for number in lost:
        shelf.lose(number, whose)
    assert shelf.find()[0] == tuple(map(key_of, sorted(lost)))


def test_24_a_key_of_another_run_or_state_does_not_stand_in_for_the_lost_one(make_shelf: Make) -> None:
    shelf = make_shelf(3)
    shelf.lose(1, "user")
    other = replace(Envelope(_KIND, "bob", "open", 1_700_000_000_001, 1, "write-one"))
    for name in other.index_keys(key_of(1))[1:]:
        shelf.loop.run_until_complete(shelf.bucket.put(f"tenants/acme/{name}", b""))
    assert shelf.find()[0] == (key_of(1),)


def test_24_an_open_record_is_whole_with_its_one_key(make_shelf: Make) -> None:
    shelf = make_shelf(3)
    shelf.create_open(7)
    assert shelf.find()[0] == ()
    shelf.lose(7, "all")
    assert shelf.find()[0] == (key_of(7),)


def test_28_an_open_record_needs_the_key_of_its_user_beside_the_release_before(make_shelf: Make) -> None:
    shelf = make_shelf(3)
    shelf.create_open(7)
    beside = Records(shelf.bucket, _NAMES, default_tenant="default", index_grace_s=-1, open_of_users=True)
    found, _, _ = shelf.loop.run_until_complete(beside.find_unlisted(_CALLER, _KIND, "tasks/", ".json"))
    assert found == (key_of(7),)


def test_24_a_search_that_begins_after_the_last_one_told_tells_the_rest(
    make_shelf: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = make_shelf(5)
    for number in range(5):
        shelf.lose(number, "both")
    monkeypatch.setattr(unlisted, "MAX_TOLD", 2)
    told: list[tuple[str, ...]] = []
    after, is_cut = "", True
    while is_cut:
        search = shelf.records.find_unlisted(_CALLER, _KIND, "tasks/", ".json", after=after)
        found, _, is_cut = shelf.loop.run_until_complete(search)
        told.append(found)
        after = found[-1] if found else ""
    assert told == [(key_of(0), key_of(1)), (key_of(2), key_of(3)), (key_of(4),)]


def test_24_young_records_are_left_to_whoever_writes_them(make_shelf: Make) -> None:
    shelf = make_shelf(3, index_grace_s=60)
    shelf.lose(0, "both")
    assert shelf.find()[0] == ()


def test_24_a_search_is_bounded_in_what_it_lists_and_tells(make_shelf: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = make_shelf(9)
    for number in range(9):
        shelf.lose(number, "both")
    monkeypatch.setattr(unlisted, "MAX_TOLD", 4)
    assert shelf.find()[0] == tuple(map(key_of, range(4)))
    monkeypatch.setattr(unlisted, "_KEYS_AT_ONCE", 2)
    monkeypatch.setattr(unlisted, "MAX_LISTINGS", 2)
    assert shelf.find() == ((), 2)
