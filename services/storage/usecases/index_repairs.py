"""Index keys brought in line with their records: what a crash left too many of, and what was lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.common.errors import NotFound
from services.common.identity import Caller
from services.storage.domain.index import IndexEntry, kind_prefix, read_key
from services.storage.domain.keys import TenantSpace
from services.storage.ports import StoredObject
from services.storage.usecases.record_access import READ_AT_ONCE, RecordAccess
from services.storage.usecases.unlisted import UnlistedSearch


class IndexRepairs(RecordAccess):
    """Repairs; keys that are young are left to whoever may be writing their record."""

    async def reindex(
        self,
        caller: Caller,
        key: str,
        states: Sequence[str],
        *,
        kind: str,
        user_id: str,
        created_ms: int | None,
        run: int = 0,
        at_once: bool = False,
    ) -> tuple[int, int, int]:
        """Brings a record's index keys in line with it; returns how many were added and removed, and how many it must
        have (with ``at_once`` that is not looked at).

        Keys to remove are looked for under ``states``, and under the given user, time and run beside the record's own.
        With ``at_once`` the caller has seen that the given run is over: its keys under ``states`` go, and the young
        ones, too. Where keys carry runs nobody else wants them; otherwise they come back where the record runs again.
        """
        self._namespaces.require_kind(caller, kind)
        full_key = self._namespaces.locate(caller, key)
        space = self._namespaces.space(caller)
        if at_once and created_ms is not None:
            entry = IndexEntry(key, user_id, created_ms, run)
            names = [name for state in states for name in entry.keys(kind, state)]
            if not self._begins_runs:
                return 0, await self._delete_wrong(space, key, names), 0
            await self._store.delete([space.full(name) for name in names])
            return 0, len(names), 0
        found = await self._find(full_key, key)
        if found is not None:
            self._namespaces.require_kind(caller, found.envelope.kind)
            kind = found.envelope.kind
        entries = [found.envelope.entry(key)] if found is not None else []
        if created_ms is not None:
            entries.append(IndexEntry(key, user_id, created_ms, run))
        right = set(found.envelope.index_keys(key)) if found else set()
        wrong = {name for entry in entries for state in states for name in entry.keys(kind, state)} - right
        due = set(self._due_keys(found.envelope, key)) if found else set()
        added = await self._add_missing(space, due)
        stale = [name for name, item in await self._find_keys(space, wrong) if self._is_old(item)]
        return added, await self._delete_wrong(space, key, stale), len(due)

    async def reconcile_page(
        self,
        caller: Caller,
        kind: str,
        *,
        limit: int,
        position: str,
        changed_after: datetime | None = None,
        spared_state: str = "",
    ) -> tuple[int, int, str]:
        """Walks a kind's index keys in key order, all states and users, and deletes the old ones that their records
        contradict, or those of them written since; returns how many records were looked at and keys deleted, and the
        position after them. Keys of ``spared_state`` are the caller's business where all users' index has them.
        """
        self._namespaces.require_kind(caller, kind)
        space = self._namespaces.space(caller)
        prefix = space.full(kind_prefix(kind))
        listing = await self._store.list_page(prefix, start_after=prefix + position if position else "", limit=limit)
        found: dict[str, list[tuple[str, str, IndexEntry]]] = {}
        for item in listing.objects:
            name = space.relative(item.key)
            try:
                state, entry = read_key(name, kind)
            except ValueError:
                continue  # put there by another hand
            if self._is_old(item) and (changed_after is None or item.updated_at >= changed_after):
                found.setdefault(entry.key, []).append((name, state, entry))
        removed = 0
        keys = list(found)
        for start in range(0, len(keys), READ_AT_ONCE):
            batch = keys[start : start + READ_AT_ONCE]
            counts = await asyncio.gather(*(self._reconcile(space, key, found[key], spared_state) for key in batch))
            removed += sum(counts)
        next_position = listing.objects[-1].key.removeprefix(prefix) if listing.is_truncated else ""
        return len(keys), removed, next_position

    async def find_unlisted(
        self, caller: Caller, kind: str, prefix: str, suffix: str, *, after: str = ""
    ) -> tuple[tuple[str, ...], int, bool]:
        """The keys under a prefix, and after a key, that lack one of a record's index keys, as far as names alone tell;
        how many listings that took, and whether there may be more. Young ones are left out: their index keys may be on
        their way."""
        self._namespaces.require_kind(caller, kind)
        full_prefix = self._namespaces.locate_prefix(caller, prefix)
        space = self._namespaces.space(caller)
        search = UnlistedSearch(self._store, space, kind, open_of_users=self._open_of_users)
        return await search.find(full_prefix, suffix, self._is_old, after=after), search.listings, search.is_cut

    async def _reconcile(
        self, space: TenantSpace, key: str, found: Sequence[tuple[str, str, IndexEntry]], spared_state: str
    ) -> int:
        record = await self._find(space.full(key), key)
        kind = found[0][0].split("/")[1]
        right = set(record.envelope.index_keys(key)) if record else set()
        for name, state, entry in found:
            if name not in right and record is not None and state == spared_state:
                in_all = replace(entry, user_id=record.envelope.user_id).keys(kind, state)[0]
                right |= {name} if name == in_all or await self._find_keys(space, {in_all}) else set()
        return await self._delete_wrong(space, key, [name for name, _, _ in found if name not in right])

    async def _delete_wrong(self, space: TenantSpace, key: str, names: Sequence[str]) -> int:
        """Deletes a record's wrong index keys; returns how many."""
        if not names:
            return 0
        await self._store.delete([space.full(name) for name in names])
        # A writer that was slower than the grace may have moved the record meanwhile: put its keys back.
        now = await self._find(space.full(key), key)
        if now is not None:
            await self._put_index_keys(space, sorted(set(self._due_keys(now.envelope, key)).intersection(names)))
        return len(names)

    async def _find_keys(self, space: TenantSpace, names: set[str]) -> list[tuple[str, StoredObject]]:
        """Those of the index keys that exist."""

        async def find(name: str) -> StoredObject | None:
            try:
                return await self._store.head(space.full(name))
            except NotFound:
                return None

        ordered = sorted(names)
        found = await asyncio.gather(*(find(name) for name in ordered))
        return [(name, item) for name, item in zip(ordered, found, strict=True) if item is not None]

    async def _add_missing(self, space: TenantSpace, names: set[str]) -> int:
        present = {name for name, _ in await self._find_keys(space, names)}
        missing = sorted(names - present)
        await self._put_index_keys(space, missing)
        return len(missing)

    def _is_old(self, item: StoredObject) -> bool:
        return self._clock() - item.updated_at > self._index_grace
