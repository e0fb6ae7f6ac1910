"""Records: small JSON documents with compare-and-swap, listed newest first by index keys.

The record decides; index keys are hints. A new index key is written before the record says so, an old one deleted
after, so that a crash between leaves a key too many (skipped by listings, swept later), never one too few.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from services.common.errors import AlreadyExists, Conflict, NotFound, PreconditionFailed, Unavailable
from services.common.identity import Caller
from services.storage.domain.keys import TENANTS_PREFIX, tenant_of_prefix
from services.storage.domain.records import Envelope, Record, join_record
from services.storage.usecases.index_repairs import IndexRepairs
from services.storage.usecases.record_access import no_record
from services.storage.usecases.record_listings import RecordListings

_RECORD_TYPE = "application/json"


class Records(RecordListings, IndexRepairs):
    """The records of all tenants."""

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
                raise (no_record() if isinstance(failure, PreconditionFailed) else failure) from failure
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

    async def list_tenants(self, *, limit: int, position: str) -> tuple[tuple[str, ...], str]:
        """Lists the tenants that have data, the default one first; and the position after them."""
        listing = await self._store.list_page(TENANTS_PREFIX, start_after=position, limit=limit, delimiter="/")
        named = [tenant_of_prefix(prefix) for prefix in listing.prefixes]
        tenants = [tenant for tenant in named if tenant is not None]
        # "0" comes right after "/": past everything below the last tenant's prefix.
        after = listing.prefixes[-1].removesuffix("/") + "0" if listing.is_truncated and listing.prefixes else ""
        return ((self._default_tenant,) if not position else ()) + tuple(tenants), after

    def _locate_for_write(self, caller: Caller, key: str, envelope: Envelope) -> str:
        if envelope.state:
            self._namespaces.require_kind(caller, envelope.kind)
        return self._namespaces.locate(caller, key, "record.key")

    async def _read_after(self, failure: Exception, full_key: str, key: str) -> Record | None:
        """Reads what stands at a key after a write whose outcome is not known; None where there is no record.

        Where S3 does not answer this either, the outcome stays unknown, whatever the write's failure says: a refusal
        may be that of our own write, repeated. Raises Unavailable then.
        """
        try:
            return await self._find(full_key, key)
        except Unavailable as unanswered:
            raise unanswered from failure
