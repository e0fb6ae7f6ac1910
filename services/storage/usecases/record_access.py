"""What all that is done with records stands on: one record read by its key, and its index keys written and deleted."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

from services.common.clock import Clock, utc_now
from services.common.errors import NotFound, TooLarge, Unavailable
from services.storage.domain.keys import TenantSpace
from services.storage.domain.records import Envelope, Record, split_record
from services.storage.ports import ObjectStore
from services.storage.usecases.memory import Memory
from services.storage.usecases.namespaces import Namespaces

# The document's limit in the proto, and room for what storage adds.
MAX_RECORD_BYTES = 4 * 1024 * 1024 + 4096
READ_AT_ONCE = 16
# Is told of index keys that could not be deleted, and why.
LeftoverSink = Callable[[Sequence[str], Exception], None]


class RecordAccess:
    """Single records, and their index keys."""

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

    def _due_keys(self, envelope: Envelope, key: str) -> tuple[str, ...]:
        return envelope.due_keys(key, open_of_user=self._open_of_users)

    async def _read(self, full_key: str, key: str) -> Record:
        try:
            found, content = await self._store.get(full_key, max_size=MAX_RECORD_BYTES)
            document, envelope = split_record(content)
        except (NotFound, TooLarge, ValueError) as error:
            self._memory.forget(full_key)
            raise no_record() from error
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


def no_record() -> NotFound:
    return NotFound("there is no such record", reason="RECORD_NOT_FOUND")
