"""Rule 24: what was named as lacking index keys is looked at as often as it is named, unless it is no record."""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

import pytest

from services.common.clock import utc_now
from services.common.context import CallContext, serving
from services.common.identity import service_principal
from services.common.jobs import upkeep as upkeep_module
from services.common.jobs.upkeep import Upkeep, UpkeepTimes
from services.common.storage.stored import ReconciledPage, ReindexedRecord

_KIND = SimpleNamespace(name="probe.job", service="probe", record_prefix="jobs/", record_suffix=".json")


class Shelf:
    """A storage that names the same keys each time, ``told`` at once; ``due`` says which of them are records."""

    def __init__(self, due: Mapping[str, int], *, told: int = 100) -> None:
        self.due = due
        self.added: dict[str, int] = {}
        self.asked: list[str] = []
        self._told = told

    async def reconcile_index(self, _kind: str, *, records_after: str = "", **_options: Any) -> ReconciledPage:
        """Names what comes after a key."""
        named = [key for key in sorted(self.due) if key > records_after]
        return ReconciledPage(0, 0, "", tuple(named[: self._told]), 1, more_unlisted=len(named) > self._told)

    async def reindex_record(self, key: str, **_options: Any) -> ReindexedRecord:
        """Notes that it was asked for."""
        self.asked.append(key)
        return ReindexedRecord(self.added.get(key, 0), 0, self.due[key])


def compare(upkeep: Upkeep, *, rounds: int = 1, changed_after: datetime | None = None) -> None:
    """Has rounds compare names."""

    async def run() -> None:
        with serving(CallContext("test", service_principal("default", "probe"))):
            for _ in range(rounds):
                upkeep.begin(changed_after=changed_after, finds_unlisted=True)
                await upkeep.reconcile()

    asyncio.run(run())


def make_upkeep(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Upkeep:
    """Upkeep of that storage, which compares names in every round."""
    monkeypatch.setattr(upkeep_module, "_PAUSE_PER_LISTING", upkeep_module._PAUSE_PER_LISTING * 0)
    store: Any = SimpleNamespace(storage=shelf, kind=_KIND, clock=utc_now)
    nothing: Any = None
    return Upkeep(store, nothing, nothing, nothing, times=UpkeepTimes(0, 0, 0), maintain=None)


def test_24_a_record_that_lacked_nothing_is_looked_at_when_it_is_named_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names were compared while it changed, or while it was open: its keys may be lost yet."""
    shelf = Shelf({"jobs/a.json": 2})
    compare(make_upkeep(shelf, monkeypatch), rounds=2, changed_after=utc_now())
    assert shelf.asked == ["jobs/a.json"] * 2


def test_24_what_is_no_record_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf({"jobs/a.json": 0})
    upkeep = make_upkeep(shelf, monkeypatch)
    compare(upkeep, rounds=2, changed_after=utc_now())
    assert shelf.asked == ["jobs/a.json"]
    compare(upkeep)  # over everything
    assert shelf.asked == ["jobs/a.json"] * 2


def test_24_what_is_no_record_keeps_none_behind_it_from_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf({"jobs/a.json": 0, "jobs/b.json": 0, "jobs/c.json": 2}, told=2)
    compare(make_upkeep(shelf, monkeypatch), rounds=3, changed_after=utc_now())
    assert shelf.asked == ["jobs/a.json", "jobs/b.json", "jobs/c.json"]
