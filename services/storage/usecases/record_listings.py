"""Pages of records: newest first by their index keys, or in the order of their own."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.identity import Caller
from services.storage.domain.index import OPEN, IndexEntry, partition, read_entry
from services.storage.domain.keys import TenantSpace
from services.storage.domain.records import Envelope, Record
from services.storage.usecases.record_access import MAX_RECORD_BYTES, READ_AT_ONCE, RecordAccess

# A page of documents stays well inside of a gRPC message.
MAX_PAGE_BYTES = 3 * 1024 * 1024
SCAN_KEYS_AT_ONCE = 1000
MAX_SCANS_PER_PAGE = 10
# A listing costs S3 as much as a few reads, and an operator as much as twelve.
WORTH_CONFIRMING = 4
# Keys listed for each record of a page: records of others, and of other kinds, may stand between.
CONFIRMED_A_RECORD = 8


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records, and the position after it; empty on the last page."""

    records: tuple[Record, ...]
    position: str


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Which records to list: of a user (empty: all users) in any of the states."""

    kind: str
    user_id: str
    states: tuple[str, ...]


class RecordListings(RecordAccess):
    """Pages of records; the cost is that of the page."""

    async def list_page(
        self, caller: Caller, query: RecordQuery, *, limit: int, position: str, keys_only: bool
    ) -> RecordPage:
        """Lists records newest first, from after ``position``. The cost is that of the page.

        Entries that their record contradicts are passed over, so that a page may be short.
        """
        self._namespaces.require_kind(caller, query.kind)
        space = self._namespaces.space(caller)
        entries, next_position = await self._list_entries(space, query, limit, position)
        # A record that is changing its state may stand under both, one that was created twice at two times.
        distinct = {entry.key: (state, name, entry) for state, name, entry in reversed(entries)}
        if keys_only:
            envelopes = {
                key: Envelope(query.kind, entry.user_id, state, entry.created_ms, 0, "", entry.run)
                for key, (state, _, entry) in reversed(distinct.items())
            }
            return RecordPage(tuple(Record(key, item, b"", "") for key, item in envelopes.items()), next_position)
        names = [(key, name) for key, (_, name, _) in reversed(distinct.items())]
        records, last = await self._read_page(space, names)
        if last is not None and last != names[-1]:
            next_position = last[1]
        listed = {entry for _, _, entry in entries}
        wanted = [
            record
            for record in records
            if record.envelope.kind == query.kind
            and record.envelope.state in query.states
            and record.envelope.entry(record.key) in listed
        ]
        return RecordPage(tuple(wanted), next_position)

    async def scan_page(
        self,
        caller: Caller,
        prefix: str,
        suffix: str,
        *,
        limit: int,
        position: str,
        changed_after: datetime | None = None,
    ) -> RecordPage:
        """Walks the records under a prefix in key order, indexed or not, or those written since; a page may be
        short."""
        full_prefix = self._namespaces.locate_prefix(caller, prefix)
        space = self._namespaces.space(caller)
        keys: list[tuple[str, str]] = []
        start_after = space.prefix + position if position else ""
        for _ in range(MAX_SCANS_PER_PAGE):
            listing = await self._store.list_page(full_prefix, start_after=start_after, limit=SCAN_KEYS_AT_ONCE)
            for item in listing.objects:
                start_after = item.key
                is_wanted = changed_after is None or item.updated_at >= changed_after
                if is_wanted and item.key.endswith(suffix) and item.size <= MAX_RECORD_BYTES:
                    relative = space.relative(item.key)
                    keys.append((relative, relative))
                if len(keys) == limit:
                    break
            if len(keys) == limit or not listing.is_truncated:
                break
        else:
            listing = replace(listing, is_truncated=True)
        has_more = listing.is_truncated or (bool(listing.objects) and start_after != listing.objects[-1].key)
        records, last = await self._read_page(space, keys)
        if last is not None and last != keys[-1]:
            return RecordPage(tuple(records), last[1])
        return RecordPage(tuple(records), space.relative(start_after) if has_more else "")

    async def _list_entries(
        self, space: TenantSpace, query: RecordQuery, limit: int, position: str
    ) -> tuple[list[tuple[str, str, IndexEntry]], str]:
        """The next ``limit`` (state, name, entry) of all states in order, and the position after them if there are
        more."""

        async def list_names(state: str) -> tuple[str, list[str], bool, str]:
            if state == OPEN and query.user_id:
                return state, *await self._list_open(space, query, position)
            prefix = space.full(partition(query.kind, state, query.user_id))
            start_after = prefix + position if position else ""
            listing = await self._store.list_page(prefix, start_after=start_after, limit=limit)
            names = [item.key.removeprefix(prefix) for item in listing.objects]
            return state, names, listing.is_truncated, names[-1] if names else ""

        listings = await asyncio.gather(*(list_names(state) for state in dict.fromkeys(query.states)))
        names = sorted((name, state) for state, found, _, _ in listings for name in found)
        # Where a state's listing was cut, its next name may come before another state's: nothing beyond the cut yet.
        cuts = [last for _, _, is_truncated, last in listings if is_truncated and last]
        if cuts:
            names = [item for item in names if item[0] <= min(cuts)]
        next_position = names[limit - 1][0] if len(names) > limit else min(cuts, default="")
        entries = []
        for name, state in names[:limit]:
            try:
                entries.append((state, name, read_entry(name, query.user_id)))
            except ValueError:
                continue  # put there by another hand
        return entries, next_position

    async def _list_open(self, space: TenantSpace, query: RecordQuery, position: str) -> tuple[list[str], bool, str]:
        """The names of a user's open records out of the index of all users, whether there are more, and the last that
        was looked at."""
        prefix = space.full(partition(query.kind, OPEN, ""))
        start_after = prefix + read_entry(position, query.user_id).name if position else ""
        listing = await self._store.list_page(prefix, start_after=start_after, limit=SCAN_KEYS_AT_ONCE)
        names, last = [], ""
        for item in listing.objects:
            try:
                entry = read_entry(item.key.removeprefix(prefix), "")
            except ValueError:
                continue  # put there by another hand
            last = entry.user_name
            if entry.user_id == query.user_id:
                names.append(last)
        return names, listing.is_truncated, last

    async def _read_page(
        self, space: TenantSpace, keys: Sequence[tuple[str, str]]
    ) -> tuple[list[Record], tuple[str, str] | None]:
        """Reads records, in order, until the page is full in bytes; returns them and the last (key, name) looked at."""
        confirmed = await self._confirm([space.full(key) for key, _ in keys])
        records: list[Record] = []
        size, last = 0, None

        async def find(key: str) -> Record | None:
            return confirmed.get(space.full(key)) or await self._find(space.full(key), key)

        for start in range(0, len(keys), READ_AT_ONCE):
            batch = keys[start : start + READ_AT_ONCE]
            found = await asyncio.gather(*(find(key) for key, _ in batch))
            for pair, record in zip(batch, found, strict=True):
                size += len(record.document) if record else 0
                if record and records and size > MAX_PAGE_BYTES:
                    return records, last
                if record:
                    records.append(record)
                last = pair
        return records, last

    async def _confirm(self, full_keys: Sequence[str]) -> dict[str, Record]:
        """Those of the records that are remembered as they stand: one listing tells the etags of records that stand
        side by side in one folder."""
        folders = {full_key.rpartition("/")[0] for full_key in full_keys}
        remembered = [record for full_key in full_keys if (record := self._memory.recall(full_key))]
        if len(folders) != 1 or len(remembered) < WORTH_CONFIRMING:
            return {}
        # What sorts right before the first of them is its name without the last character.
        listing = await self._store.list_page(
            f"{folders.pop()}/",
            start_after=min(full_keys)[:-1],
            limit=min(SCAN_KEYS_AT_ONCE, CONFIRMED_A_RECORD * len(full_keys)),
        )
        etags = {item.key: item.etag for item in listing.objects}
        found = {full_key: self._memory.recall(full_key) for full_key in full_keys if full_key in etags}
        return {full_key: item for full_key, item in found.items() if item and item.etag == etags[full_key]}
