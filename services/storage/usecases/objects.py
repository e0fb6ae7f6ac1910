"""Objects: streams of bytes under keys that the suite's services choose."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta

from services.common.channels import STREAM_CHUNK_BYTES
from services.common.clock import Clock, utc_now
from services.common.identity import Caller
from services.storage.ports import ObjectStore, Presigner, StoredObject
from services.storage.usecases.memory import MOST_BYTES_OF_ONE, Memory
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.uploads import Chunks, Expectation, store_stream

DELETE_BATCH = 1000


class Objects:
    """The objects of all tenants. Keys in and out are relative to the tenant's prefix unless called full."""

    def __init__(
        self,
        store: ObjectStore,
        presigner: Presigner,
        namespaces: Namespaces,
        *,
        max_object_bytes: int,
        part_bytes: int,
        presign_max_s: int,
        memory_bytes: int = 32 * 1024 * 1024,
        clock: Clock = utc_now,
    ) -> None:
        """``memory_bytes`` bounds the small objects that are remembered."""
        self._store = store
        self._presigner = presigner
        self._namespaces = namespaces
        self._max_object_bytes = max_object_bytes
        self._part_bytes = part_bytes
        self._presign_max_s = presign_max_s
        self._memory: Memory[tuple[StoredObject, bytes]] = Memory(memory_bytes)
        self._clock = clock

    async def put(
        self,
        caller: Caller,
        key: str,
        chunks: Chunks,
        *,
        size: int | None,
        sha256: str,
        content_type: str,
        if_absent: bool,
        max_size: int,
    ) -> tuple[StoredObject, str]:
        """Stores an object; returns what is known of it, and its SHA-256. Raises as ``store_stream``."""
        full_key = self._namespaces.locate(caller, key)
        limit = min(max_size or self._max_object_bytes, self._max_object_bytes)
        self._memory.forget(full_key)
        content = bytearray()
        stored, digest = await store_stream(
            self._store,
            full_key,
            _gathered(chunks, content) if if_absent else chunks,
            Expectation(limit, size, sha256),
            part_bytes=self._part_bytes,
            content_type=content_type,
            if_absent=if_absent,
            clock=self._clock,
        )
        if len(content) == stored.size:
            self._memory.keep(full_key, (stored, bytes(content)), stored.size)
        return stored, digest

    async def open(
        self,
        caller: Caller,
        key: str,
        *,
        offset: int,
        length: int,
        if_match: str,
        never_changes: bool = False,
    ) -> tuple[StoredObject, AsyncIterator[bytes]]:
        """Opens an object or a range of it. ``never_changes``: the caller knows that nothing else ever stands under
        this name, so that what is remembered of it will do. Raises NotFound, PreconditionFailed, InvalidInput."""
        full_key = self._namespaces.locate(caller, key)
        if not never_changes or offset or length:
            return await self._store.open(full_key, offset=offset, length=length, if_match=if_match)
        remembered = self._memory.recall(full_key)
        if remembered is not None and if_match in {"", remembered[0].etag}:
            return remembered[0], _in_pieces(remembered[1])
        found, pieces = await self._store.open(full_key, if_match=if_match)
        if found.size > MOST_BYTES_OF_ONE:
            return found, pieces
        content = b"".join([piece async for piece in pieces])
        self._memory.keep(full_key, (found, content), found.size)
        return found, _in_pieces(content)

    async def get_info(self, caller: Caller, key: str) -> StoredObject:
        """Reads what is known of an object. Raises NotFound."""
        return await self._store.head(self._namespaces.locate(caller, key))

    async def list_page(
        self, caller: Caller, prefix: str, *, limit: int, position: str
    ) -> tuple[list[StoredObject], str]:
        """Lists objects in key order from after the key ``position``; returns the position after them."""
        space = self._namespaces.space(caller)
        listing = await self._store.list_page(
            self._namespaces.locate_prefix(caller, prefix),
            start_after=space.full(position) if position else "",
            limit=limit,
        )
        objects = [replace(item, key=space.relative(item.key)) for item in listing.objects]
        return objects, objects[-1].key if listing.is_truncated and objects else ""

    async def copy(self, caller: Caller, source_key: str, key: str) -> None:
        """Copies an object. Raises NotFound."""
        full_source = self._namespaces.locate(caller, source_key, "source_key")
        full_key = self._namespaces.locate(caller, key)
        self._memory.forget(full_key)
        await self._store.copy(full_source, full_key)

    async def delete(self, caller: Caller, key: str) -> None:
        """Deletes an object."""
        full_key = self._namespaces.locate(caller, key)
        self._memory.forget(full_key)
        await self._store.delete([full_key])

    async def delete_prefix(self, caller: Caller, prefix: str, *, spared_key: str = "") -> int:
        """Deletes all objects under a prefix but ``spared_key``, a batch at a time; returns how many."""
        full_prefix = self._namespaces.locate_prefix(caller, prefix, below_namespace=True)
        spared = self._namespaces.locate(caller, spared_key) if spared_key else ""
        deleted = 0
        while True:
            listing = await self._store.list_page(full_prefix, limit=DELETE_BATCH)
            keys = [item.key for item in listing.objects if item.key != spared]
            if not keys:
                return deleted
            for full_key in keys:
                self._memory.forget(full_key)
            await self._store.delete(keys)
            deleted += len(keys)
            if not listing.is_truncated:
                return deleted

    async def presign(self, caller: Caller, key: str, lifetime_s: int, file_name: str) -> tuple[str, datetime]:
        """Makes a link; returns it and when it ends. A life beyond the limit is cut. Raises NotFound."""
        full_key = self._namespaces.locate(caller, key)
        await self._store.head(full_key)
        lifetime_s = max(1, min(lifetime_s, self._presign_max_s))
        expires_at = self._clock() + timedelta(seconds=lifetime_s)
        return await self._presigner.presign(full_key, lifetime_s, file_name), expires_at


async def _gathered(chunks: Chunks, content: bytearray) -> Chunks:
    """Hands on what comes, and gathers as much of it as is remembered of an object."""
    async for item in chunks:
        if isinstance(item, bytes) and len(content) <= MOST_BYTES_OF_ONE:
            content += item
        yield item


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), STREAM_CHUNK_BYTES):
        yield content[start : start + STREAM_CHUNK_BYTES]
