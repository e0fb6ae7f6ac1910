"""Listing costs the page, not the history: counted in requests, keys listed and records read."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from services.common.identity import Caller, service_principal
from services.launcher.embedded import S3Server
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.record_listings import CONFIRMED_A_RECORD, RecordQuery
from services.storage.usecases.records import Records
from tests.support.storage import new_bucket

CALLER = Caller("portfolio", service_principal("default", "portfolio"))
STATES = ("open", "completed", "error")


class CountingStore:
    """A store over a real one that counts what is asked of it."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.counts: Counter[str] = Counter()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def list_page(self, prefix: str, **options: Any) -> Any:
        listing = await self._store.list_page(prefix, **options)
        self.counts["lists"] += 1
        self.counts["keys listed"] += len(listing.objects)
        return listing

    async def get(self, key: str, **options: Any) -> Any:
        self.counts["gets"] += 1
        return await self._store.get(key, **options)


@pytest.mark.parametrize("position", ["first page", "later page"])
async def test_8_a_page_of_a_long_history_asks_for_what_a_page_of_a_short_one_does(
    s3_server: S3Server, position: str
) -> None:
    async with new_bucket(s3_server) as connection:
        store = CountingStore(connection.store)
        namespaces = Namespaces(AccessRules({"portfolio": Grant(("tasks/",), ("portfolio.",))}), "default")
        records = Records(store, namespaces, default_tenant="default")
        counted = []
        for kind, length in (("portfolio.short", 60), ("portfolio.long", 600)):
            await asyncio.gather(
                *(
                    records.create(
                        CALLER, f"tasks/{kind}-{n}", b"{}", Envelope(kind, "", STATES[n % 3], n, 1, f"write-{n}")
                    )
                    for n in range(length)
                )
            )
            query = RecordQuery(kind, "", STATES)
            page = await records.list_page(CALLER, query, limit=10, position="", keys_only=False)
            store.counts.clear()
            start = "" if position == "first page" else page.position
            page = await records.list_page(CALLER, query, limit=10, position=start, keys_only=False)
            counted.append((len(page.records), dict(store.counts)))
    short, long = counted
    assert long[0] == short[0] == 10
    # Of records that this process has seen before, one listing says that they still stand.
    assert long[1].pop("keys listed") <= 30 + 10 * CONFIRMED_A_RECORD >= short[1].pop("keys listed")
    assert long[1] == short[1] == {"lists": 4}
