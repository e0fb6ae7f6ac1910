"""Rule 24: a write that lost takes back the index keys that it wrote ahead, where nobody else can want them."""

from dataclasses import replace

import pytest

from services.common.errors import AlreadyExists, Conflict, NotFound
from tests.unit.storage.test_runs import _CALLER, _FIRST, _KEY, Bench, run_bench


async def lose(bench: Bench, etag: str, *, run: int = 0) -> None:
    """A completion that read the record before somebody else changed it."""
    late = replace(_FIRST, state="completed", revision=2, write_id="write-late", run=run)
    with pytest.raises((Conflict, NotFound)):
        await bench.flipped.update(_CALLER, _KEY, b"{}", late, if_match=etag, previous_state="open", previous_run=0)


def index(bench: Bench) -> list[str]:
    """All index keys."""
    return list(bench.bucket.keys("index/"))


@run_bench
async def test_24_a_completion_that_a_deletion_overtook_leaves_no_keys(bench: Bench) -> None:
    record = await bench.flipped.create(_CALLER, _KEY, b"{}", _FIRST)
    await bench.flipped.delete(_CALLER, _KEY)
    await lose(bench, record.etag)
    assert index(bench) == []


@run_bench
async def test_24_a_completion_that_found_the_mark_of_a_deletion_leaves_no_keys(bench: Bench) -> None:
    record = await bench.flipped.create(_CALLER, _KEY, b"{}", _FIRST)
    await bench.write(bench.flipped, "", 2, run=0, was=("open", 0))
    await lose(bench, record.etag, run=3)
    assert index(bench) == []


@run_bench
async def test_24_a_creation_of_another_time_takes_back_its_own_keys_alone(bench: Bench) -> None:
    await bench.flipped.create(_CALLER, _KEY, b"{}", _FIRST)
    standing = index(bench)
    with pytest.raises(AlreadyExists):
        await bench.flipped.create(
            _CALLER, _KEY, b"{}", replace(_FIRST, created_ms=_FIRST.created_ms + 7, write_id="write-two")
        )
    assert index(bench) == standing != []
