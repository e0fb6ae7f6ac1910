"""A bucket in memory (``services.storage.ports.ObjectStore``), held to the contract of the real one."""

import asyncio
import bisect
import hashlib
import itertools
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.common.channels import STREAM_CHUNK_BYTES
from services.common.errors import AlreadyExists, InvalidInput, NotFound, PreconditionFailed, TooLarge, Unavailable
from services.storage.ports import Listing, StoredObject
from tests.simulation.wire import Answer, Request, Wire

# Is told of every change: the key, what stood there and what stands there now (None: nothing).
Watch = Callable[[str, bytes | None, bytes | None], None]


@dataclass(slots=True)
class SimulatedBucket:
    """One bucket. ``look`` reads past the wire, for whoever judges."""

    wire: Wire
    clock: Callable[[], datetime]
    watch: Watch | None = None
    part_bytes: int = 5 * 1024 * 1024
    _objects: dict[str, tuple[StoredObject, bytes]] = field(default_factory=dict)
    # The same as a listing tells of them.
    _listed: dict[str, StoredObject] = field(default_factory=dict)
    _keys: list[str] = field(default_factory=list)
    _versions: "itertools.count[int]" = field(default_factory=itertools.count)

    def look(self, key: str) -> bytes | None:
        """What stands at a key."""
        found = self._objects.get(key)
        return None if found is None else found[1]

    def keys(self, prefix: str = "") -> list[str]:
        """All keys that begin so, in order."""
        first = bisect.bisect_left(self._keys, prefix)
        return list(itertools.takewhile(lambda key: key.startswith(prefix), self._keys[first:]))

    def lose(self, draw: random.Random, part: str) -> bool:
        """Loses an object whose key has such a part, as a hand or a disk does; returns whether there was one.

        Nobody who watches is told: no law is broken by that."""
        keys = [key for key in self._keys if part in key]
        if keys:
            watch, self.watch = self.watch, None
            self._drop(draw.choice(keys))
            self.watch = watch
        return bool(keys)

    async def get(self, key: str, *, max_size: int) -> tuple[StoredObject, bytes]:
        """Reads a small object whole."""

        def do() -> tuple[StoredObject, bytes]:
            found = self._find(key)
            if found[0].size > max_size:
                raise TooLarge(f"the object has {found[0].size} bytes, more than the {max_size} allowed")
            return found

        return await self._ask("get", key, do)

    async def head(self, key: str) -> StoredObject:
        """Reads what is known of an object."""
        return await self._ask("head", key, lambda: self._find(key)[0])

    async def open(
        self, key: str, *, offset: int = 0, length: int = 0, if_match: str = ""
    ) -> tuple[StoredObject, AsyncIterator[bytes]]:
        """Opens an object or a range of it, window by window of one version."""

        def read(start: int, end: int, etag: str) -> tuple[StoredObject, bytes]:
            found, content = self._find(key)
            if etag and etag != found.etag:
                raise PreconditionFailed("the object has changed", reason="ETAG_MISMATCH")
            return found, content[start:end]

        window = self.part_bytes
        found, first = await self._ask(
            "open", key, lambda: read(offset, offset + min(length or window, window), if_match)
        )
        if offset > found.size:
            raise InvalidInput(f"the object ends at {found.size}", reason="RANGE_NOT_SATISFIABLE", field="offset")
        end = min(found.size, offset + length) if length else found.size

        async def read_on() -> AsyncIterator[bytes]:
            content, position = first, offset
            while content:
                position += len(content)
                for start in range(0, len(content), STREAM_CHUNK_BYTES):
                    yield content[start : start + STREAM_CHUNK_BYTES]
                if position >= end:
                    return
                stop, begin = min(end, position + window), position
                _, content = await self._ask("open", key, lambda: read(begin, stop, found.etag))  # noqa: B023

        return found, read_on()

    async def put(
        self,
        key: str,
        content: bytes,
        *,
        if_absent: bool = False,
        if_match: str = "",
        content_type: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Writes an object in one request; returns its etag."""

        def do() -> str:
            standing = self._objects.get(key)
            if if_absent and standing is not None:
                raise AlreadyExists("the key holds an object", reason="OBJECT_EXISTS")
            if if_match and (standing is None or standing[0].etag != if_match):
                raise PreconditionFailed("the object has changed", reason="ETAG_MISMATCH")
            return self._store(key, bytes(content), content_type, metadata or {})

        return await self._ask("put", key, do, writes=True)

    async def begin_upload(self, key: str, *, content_type: str, metadata: Mapping[str, str]) -> "SimulatedUpload":
        """Begins to store an object in parts."""
        await self._ask("begin_upload", key, lambda: None, writes=True)
        return SimulatedUpload(self, key, content_type, dict(metadata))

    async def list_page(self, prefix: str, *, start_after: str = "", limit: int, delimiter: str = "") -> Listing:
        """Lists keys in order."""
        return await self._ask("list", prefix, lambda: self._list(prefix, start_after, limit, delimiter))

    async def copy(self, source_key: str, key: str) -> None:
        """Copies an object with its metadata."""

        def do() -> None:
            found, content = self._find(source_key)
            self._store(key, content, found.content_type, found.metadata)

        await self._ask("copy", key, do, writes=True)

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes objects."""

        def do() -> None:
            for key in keys:
                self._drop(key)

        if keys:
            await self._ask("delete", keys[0], do, writes=True)

    async def _ask(self, verb: str, name: str, do: Callable[[], Answer], *, writes: bool = False) -> Answer:
        return await self.wire.ask(Request("s3", verb, writes, name), do, unanswered=_unanswered)

    def _find(self, key: str) -> tuple[StoredObject, bytes]:
        found = self._objects.get(key)
        if found is None:
            raise NotFound("there is no such object", reason="OBJECT_NOT_FOUND")
        return found

    def _store(self, key: str, content: bytes, content_type: str, metadata: Mapping[str, str]) -> str:
        before = self._objects.get(key)
        if before is None:
            bisect.insort(self._keys, key)
        # Versions differ though contents are equal: a compare-and-swap that passes on an older version would hide.
        etag = f"{hashlib.md5(content, usedforsecurity=False).hexdigest()}-{next(self._versions)}"
        stored = StoredObject(key, len(content), etag, self.clock(), content_type, dict(metadata))
        self._objects[key] = (stored, content)
        self._listed[key] = replace(stored, content_type="", metadata={})
        if self.watch is not None:
            self.watch(key, before[1] if before else None, content)
        return etag

    def _drop(self, key: str) -> None:
        before = self._objects.pop(key, None)
        if before is not None:
            del self._listed[key]
            del self._keys[bisect.bisect_left(self._keys, key)]
            if self.watch is not None:
                self.watch(key, before[1], None)

    def _list(self, prefix: str, start_after: str, limit: int, delimiter: str) -> Listing:
        objects: list[StoredObject] = []
        prefixes: list[str] = []
        place = max(bisect.bisect_left(self._keys, prefix), bisect.bisect_right(self._keys, start_after))
        while place < len(self._keys) and self._keys[place].startswith(prefix):
            key = self._keys[place]
            deeper = key.find(delimiter, len(prefix)) if delimiter else -1
            if len(objects) + len(prefixes) == limit:
                return Listing(tuple(objects), tuple(prefixes), is_truncated=True)
            if deeper < 0:
                objects.append(self._listed[key])
                place += 1
            else:
                prefixes.append(key[: deeper + 1])
                place = bisect.bisect_left(self._keys, key[:deeper] + chr(ord(delimiter) + 1))
        return Listing(tuple(objects), tuple(prefixes), is_truncated=False)


@dataclass(slots=True)
class SimulatedUpload:
    """An object that is being stored in parts (``services.storage.ports.Upload``)."""

    bucket: SimulatedBucket
    key: str
    content_type: str
    metadata: dict[str, str]
    parts: list[bytes] = field(default_factory=list)

    async def send_part(self, content: bytes) -> None:
        """Keeps the next part."""
        await self.bucket._ask("send_part", self.key, lambda: self.parts.append(bytes(content)), writes=True)

    async def complete(self, *, if_absent: bool) -> str:
        """Makes the object visible; returns its etag."""
        return await self.bucket.put(
            self.key,
            b"".join(self.parts),
            if_absent=if_absent,
            content_type=self.content_type,
            metadata=self.metadata,
        )

    async def abort(self) -> None:
        """Drops what was kept."""
        self.parts.clear()
        await asyncio.sleep(0)


def _unanswered() -> Exception:
    return Unavailable("S3 does not answer", reason="S3_UNAVAILABLE", retry_after_s=2)
