"""The keys' file as it is watched: replaced, swapped by a link, damaged, gone."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from services.gateway.key_file import KeyFileWatch
from services.gateway.keys import CreatedKey, KeyRing, add_key, create_key, load_keys, revoke_key
from tests.support.eventually import eventually

SECRET = "a server secret that is long enough"


@dataclass(slots=True)
class Watched:
    """A file that is watched, and the ring that follows it."""

    path: Path
    ring: KeyRing

    def knows(self, key: CreatedKey) -> bool:
        """Whether a key is in force."""
        return key.record.id in self.ring._records


@pytest.fixture
def first() -> CreatedKey:
    return create_key(SECRET, tenant="acme")


@pytest.fixture
async def watched(tmp_path: Path, first: CreatedKey) -> AsyncIterator[Watched]:
    """A file behind two links, as Kubernetes mounts a Secret, with one key in force."""
    folder = tmp_path / "mount"
    (folder / "v1").mkdir(parents=True)
    add_key(folder / "v1" / "keys.json", first)
    (folder / "data").symlink_to("v1")
    (folder / "keys.json").symlink_to("data/keys.json")
    found = Watched(folder / "keys.json", KeyRing(SECRET))
    watch = KeyFileWatch(found.path, found.ring, interval_s=0.005)
    await watch.start()
    yield found
    await watch.stop()


async def test_a_file_that_is_swapped_behind_a_link_counts(watched: Watched, first: CreatedKey) -> None:
    second = create_key(SECRET, tenant="acme")
    folder = watched.path.parent
    (folder / "v2").mkdir()
    add_key(folder / "v2" / "keys.json", second)
    (folder / "next").symlink_to("v2")
    (folder / "next").rename(folder / "data")
    await eventually(lambda: watched.knows(second) and not watched.knows(first))


async def test_a_file_that_is_gone_leaves_the_keys_in_force(watched: Watched, first: CreatedKey) -> None:
    real = watched.path.resolve()
    moved = real.rename(real.with_name("moved.json"))
    second = create_key(SECRET, tenant="acme")
    add_key(moved, second)
    assert watched.knows(first)
    moved.rename(real)
    await eventually(lambda: watched.knows(second) and watched.knows(first))


async def test_a_damaged_file_leaves_the_keys_in_force_until_it_is_whole(watched: Watched, first: CreatedKey) -> None:
    real = watched.path.resolve()
    whole = real.read_text()
    real.write_text("{")
    second = create_key(SECRET, tenant="acme")
    real.with_name("new.json").write_text(whole)
    add_key(real.with_name("new.json"), second)
    assert watched.knows(first)
    real.with_name("new.json").replace(real)
    await eventually(lambda: watched.knows(second))


async def test_the_last_key_can_be_revoked(watched: Watched, first: CreatedKey) -> None:
    real = watched.path.resolve()
    revoke_key(real, first.record.id)
    assert load_keys(real) == []
    await eventually(lambda: not watched.knows(first))
