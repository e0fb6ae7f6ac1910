"""Records: small JSON documents with compare-and-swap, listed newest first by index keys.

The record decides; index keys are hints. A new index key is written before the record says so, an old one deleted
after, so that a crash between leaves a key too many (skipped by listings, swept later), never one too few.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.common.clock import Clock, utc_now
from services.common.errors import AlreadyExists, Conflict, NotFound, PreconditionFailed, TooLarge, Unavailable
from services.common.identity import Caller
from services.storage.domain.index import OPEN, IndexEntry, kind_prefix, partition, read_entry, read_key
from services.storage.domain.keys import TENANTS_PREFIX, TenantSpace, tenant_of_prefix
from services.storage.domain.records import Envelope, Record, join_record, split_record
from services.storage.ports import ObjectStore, StoredObject
from services.storage.usecases.memory import Memory
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.unlisted import UnlistedSearch

# The document's limit in the proto, and room for what storage adds.
MAX_RECORD_BYTES = 4 * 1024 * 1024 + 4096
# A page of documents stays well inside of a gRPC message.
MAX_PAGE_BYTES = 3 * 1024 * 1024
READ_AT_ONCE = 16
SCAN_KEYS_AT_ONCE = 1000
MAX_SCANS_PER_PAGE = 10
# A listing costs S3 as much as a few reads, and an operator as much as twelve.
WORTH_CONFIRMING = 4
# Keys listed for each record of a page: records of others, and of other kinds, may stand between.
CONFIRMED_A_RECORD = 8
_RECORD_TYPE = "application/json"

# Is told of index keys that could not be deleted, and why.
LeftoverSink = Callable[[Sequence[str], Exception], None]


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


class Records:
    """The records of all tenants."""

    def __init__(
        self,
        store: ObjectStore,
        namespaces: Namespaces,
        *,
        default_tenant: str,
        clock: Clock = utc_now,
        index_grace_s: float = 60,
        begins_runs: bool = True,
        open_of_users: bool = False,
        memory_bytes: int = 32 * 1024 * 1024,
        on_leftover: LeftoverSink | None = None,
    ) -> None:
        """``index_grace_s``: index keys younger than this are left alone by repairs, as their record may be on its
        way. ``begins_runs``: index keys carry the run of a record; otherwise each keeps the run that it has, for the
        release before, which reads no others. ``open_of_users``: open records have a key in their user's index,
        too, by which the release before lists them. ``memory_bytes`` bounds the records that are remembered.
        ``on_leftover`` is told of index keys that could not be deleted."""
        self._store = store
        self._namespaces = namespaces
        self._default_tenant = default_tenant
        self._clock = clock
        self._index_grace = timedelta(seconds=index_grace_s)
        self._begins_runs = begins_runs
        self._open_of_users = open_of_users
        self._memory: Memory[Record] = Memory(memory_bytes)
        self._on_leftover = on_leftover

    async def create(self, caller: Caller, key: str, document: bytes, envelope: Envelope) -> Record:
        """Writes a record where there is none. Raises AlreadyExists where another write has, InvalidInput."""
        full_key = self._locate_for_write(caller, key, envelope)
        space = self._namespaces.space(caller)
        envelope = replace(envelope, revision=1, run=envelope.run if self._begins_runs else 0)
        content = join_record(document, envelope)
        await self._put_index_keys(space, self._due_keys(envelope, key))
        try:
            etag = await self._store.put(full_key, content, if_absent=True, content_type=_RECORD_TYPE)
        except (AlreadyExists, Unavailable) as failure:
            found = await self._read_after(failure, full_key, key)
            if found is None:
                raise
            if found.envelope.write_id == envelope.write_id:
                return replace(found, document=b"")
            if found.envelope.entry(key) != envelope.entry(key):
                # These can never become the other record's keys. Others may: it may be changing its state right now.
                await self._delete_index_keys(space, envelope.index_keys(key))
            raise AlreadyExists("the key holds another record", reason="RECORD_EXISTS") from failure
        self._remember(full_key, Record(key, envelope, document, etag))
        return Record(key, envelope, b"", etag)

    async def get(self, caller: Caller, key: str, *, may_be_old: bool = False) -> Record:
        """Reads a record, or (``may_be_old``) recalls it where it is remembered. Raises NotFound."""
        full_key = self._namespaces.locate(caller, key)
        return (may_be_old and self._memory.recall(full_key)) or await self._read(full_key, key)

    async def find_standing(self, caller: Caller, keys: Sequence[str]) -> tuple[str, ...]:
        """Those of the keys that hold a record, by what S3 says now. Raises Unavailable."""
        found = await asyncio.gather(*(self._find(self._namespaces.locate(caller, key), key) for key in keys))
        return tuple(record.key for record in found if record is not None)

    async def update(
        self,
        caller: Caller,
        key: str,
        document: bytes,
        envelope: Envelope,
        *,
        if_match: str,
        previous_state: str,
        previous_run: int = 0,
    ) -> Record:
        """Replaces a record whose etag still is ``if_match``; ``envelope.revision`` is the new one.

        Raises Conflict with reason RECORD_CHANGED, NotFound, InvalidInput.
        """
        full_key = self._locate_for_write(caller, key, envelope)
        space = self._namespaces.space(caller)
        if not self._begins_runs:
            envelope = replace(envelope, run=previous_run)
        content = join_record(document, envelope)
        is_moved = (envelope.state, envelope.run) != (previous_state, previous_run)
        new_keys = self._due_keys(envelope, key) if is_moved else ()
        await self._put_index_keys(space, new_keys)
        try:
            etag = await self._store.put(full_key, content, if_match=if_match, content_type=_RECORD_TYPE)
            self._remember(full_key, Record(key, envelope, document, etag))
            written = Record(key, envelope, b"", etag)
        except (PreconditionFailed, Unavailable) as failure:
            found = await self._read_after(failure, full_key, key)
            # Where the record is gone, or stands in no index, nobody else can be about to want these keys. Otherwise
            # somebody might: what is left over then is found by ``reconcile_page``.
            if found is None or not found.envelope.state:
                await self._delete_index_keys(space, new_keys)
            if found is None:
                raise (_no_record() if isinstance(failure, PreconditionFailed) else failure) from failure
            if found.envelope.write_id != envelope.write_id:
                if isinstance(failure, Unavailable) and found.etag == if_match:
                    raise  # nobody has changed it: S3 did not take the write, and says why
                raise Conflict("the record was changed by another write", reason="RECORD_CHANGED") from failure
            written = replace(found, document=b"")
        if is_moved:
            former = replace(envelope, run=previous_run).entry(key)
            await self._delete_index_keys(space, former.keys(envelope.kind, previous_state))
        return written

    async def delete(self, caller: Caller, key: str) -> None:
        """Deletes a record, then its index keys."""
        full_key = self._namespaces.locate(caller, key)
        try:
            found = await self._read(full_key, key)
        except NotFound:
            return
        self._memory.forget(full_key)
        await self._store.delete([full_key])
        await self._delete_index_keys(self._namespaces.space(caller), found.envelope.index_keys(key))

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

    async def list_tenants(self, *, limit: int, position: str) -> tuple[tuple[str, ...], str]:
        """Lists the tenants that have data, the default one first; and the position after them."""
        listing = await self._store.list_page(TENANTS_PREFIX, start_after=position, limit=limit, delimiter="/")
        named = [tenant_of_prefix(prefix) for prefix in listing.prefixes]
        tenants = [tenant for tenant in named if tenant is not None]
        # "0" comes right after "/": past everything below the last tenant's prefix.
        after = listing.prefixes[-1].removesuffix("/") + "0" if listing.is_truncated and listing.prefixes else ""
        return ((self._default_tenant,) if not position else ()) + tuple(tenants), after

    def _due_keys(self, envelope: Envelope, key: str) -> tuple[str, ...]:
        return envelope.due_keys(key, open_of_user=self._open_of_users)

    def _locate_for_write(self, caller: Caller, key: str, envelope: Envelope) -> str:
        if envelope.state:
            self._namespaces.require_kind(caller, envelope.kind)
        return self._namespaces.locate(caller, key, "record.key")

    async def _read(self, full_key: str, key: str) -> Record:
        try:
            found, content = await self._store.get(full_key, max_size=MAX_RECORD_BYTES)
            document, envelope = split_record(content)
        except (NotFound, TooLarge, ValueError) as error:
            self._memory.forget(full_key)
            raise _no_record() from error
        record = Record(key, envelope, document, found.etag)
        self._remember(full_key, record)
        return record

    def _remember(self, full_key: str, record: Record) -> None:
        """Keeps a record with its document in mind, where its version can be told again."""
        self._memory.forget(full_key)
        if record.etag:
            self._memory.keep(full_key, record, len(record.document))

    async def _find(self, full_key: str, key: str) -> Record | None:
        try:
            return await self._read(full_key, key)
        except NotFound:
            return None

    async def _read_after(self, failure: Exception, full_key: str, key: str) -> Record | None:
        """Reads what stands at a key after a write whose outcome is not known; None where there is no record.

        Where S3 does not answer this either, the outcome stays unknown, whatever the write's failure says: a refusal
        may be that of our own write, repeated. Raises Unavailable then.
        """
        try:
            return await self._find(full_key, key)
        except Unavailable as unanswered:
            raise unanswered from failure

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

    async def _put_index_keys(self, space: TenantSpace, names: Sequence[str]) -> None:
        full_keys = [space.full(name, "record.key") for name in names]
        await asyncio.gather(*(self._store.put(full_key, b"") for full_key in full_keys))

    async def _delete_index_keys(self, space: TenantSpace, names: Sequence[str]) -> None:
        """Deletes index keys as far as S3 answers: the record has decided, leftovers are skipped and swept."""
        if not names:
            return
        try:
            await self._store.delete([space.full(name) for name in names])
        except Unavailable as error:
            if self._on_leftover:
                self._on_leftover(names, error)

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


def _no_record() -> NotFound:
    return NotFound("there is no such record", reason="RECORD_NOT_FOUND")
