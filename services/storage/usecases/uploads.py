"""Storing a stream of bytes: whole in one request where it is small, in parts where it is not, verified before it can
be seen, and with no more in memory than two parts."""

import asyncio
import hashlib
import re
import secrets
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass

from services.common.clock import Clock, utc_now
from services.common.errors import AlreadyExists, InvalidInput, NotFound, TooLarge, Unavailable
from services.storage.ports import ObjectStore, StoredObject, Upload

DEFAULT_TYPE = "application/octet-stream"
# A media type with parameters, in what a header can carry.
_MEDIA_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+( *;[ -~]*)?", re.ASCII)
SHA256 = "sha256"
WRITE_ID = "write-id"


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is known of an upload before it comes: ``size`` in bytes and ``sha256`` where given, and the limit."""

    max_size: int
    size: int | None = None
    sha256: str = ""

    def require_room(self, received: int) -> None:
        """Raises TooLarge above the limit, InvalidInput with reason SIZE_MISMATCH above the size that was announced."""
        if received > self.max_size:
            raise TooLarge(
                f"larger than the {self.max_size} bytes allowed", field="size", metadata={"limit": str(self.max_size)}
            )
        if self.size is not None and received > self.size:
            raise _wrong_size(self.size, "more")

    def require_match(self, received: int, sha256: str) -> None:
        """Raises InvalidInput with reason SIZE_MISMATCH or CHECKSUM_MISMATCH."""
        if self.size is not None and received != self.size:
            raise _wrong_size(self.size, str(received))
        if self.sha256 and self.sha256 != sha256:
            raise _wrong_checksum()


class Digest:
    """The checksum and size of what came so far; a sender's own checksum at the end is compared with it."""

    def __init__(self) -> None:
        self._sha256 = hashlib.sha256()
        self.size = 0

    def update(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        self._sha256.update(chunk)
        self.size += len(chunk)

    @property
    def sha256(self) -> str:
        """The checksum in lower-case hex."""
        return self._sha256.hexdigest()


# A stream's items: chunks, and at most one checksum (a string) as the last.
Chunks = AsyncIterator[bytes | str]


async def store_stream(
    store: ObjectStore,
    full_key: str,
    chunks: Chunks,
    expected: Expectation,
    *,
    part_bytes: int,
    content_type: str = "",
    if_absent: bool = False,
    clock: Clock = utc_now,
) -> tuple[StoredObject, str]:
    """Stores what comes; returns what is known of it, with the time of ``clock``, and its SHA-256.

    Nothing is visible where this raises: TooLarge, InvalidInput (SIZE_MISMATCH, CHECKSUM_MISMATCH), AlreadyExists,
    Unavailable, or what ``chunks`` raises.
    """
    expected.require_room(expected.size or 0)
    if content_type and not is_media_type(content_type):
        raise InvalidInput("this is not a media type", field="content_type")
    digest, buffer = Digest(), bytearray()
    write_id = secrets.token_hex(16)
    metadata = {WRITE_ID: write_id} | ({SHA256: expected.sha256} if expected.sha256 else {})
    content_type = content_type or DEFAULT_TYPE
    parts: _Parts | None = None
    try:
        async with aclosing(_measured(chunks, digest, expected)) as measured:
            async for item in measured:
                buffer += item
                while len(buffer) > part_bytes:
                    if parts is None:
                        parts = _Parts(await store.begin_upload(full_key, content_type=content_type, metadata=metadata))
                    await parts.send(bytes(memoryview(buffer)[:part_bytes]))
                    del buffer[:part_bytes]
        expected.require_match(digest.size, digest.sha256)
        try:
            if parts is None:
                metadata[SHA256] = digest.sha256
                etag = await store.put(
                    full_key, bytes(buffer), if_absent=if_absent, content_type=content_type, metadata=metadata
                )
            else:
                await parts.send(bytes(buffer))
                etag = await parts.complete(if_absent=if_absent)
        except (AlreadyExists, Unavailable) as failure:
            # The first may be this very write, repeated after its answer was lost; the second may have been applied.
            stored = await _find_own_write(store, full_key, write_id, failure)
            parts = None
        else:
            parts = None
            # The answer to the write says which version it made: nothing is left to be asked.
            stored = StoredObject(full_key, digest.size, etag, clock(), content_type, metadata)
        return stored, digest.sha256
    finally:
        if parts is not None:
            await asyncio.shield(parts.abort())


async def digest_stream(chunks: Chunks, expected: Expectation) -> Digest:
    """Reads what comes, without storing it. Raises as ``store_stream`` does of what comes."""
    digest = Digest()
    async with aclosing(_measured(chunks, digest, expected)) as measured:
        async for _ in measured:
            pass
    expected.require_match(digest.size, digest.sha256)
    return digest


async def _measured(chunks: Chunks, digest: Digest, expected: Expectation) -> AsyncGenerator[bytes, None]:
    """The bytes that come, each counted before it is handed on, up to the sender's checksum."""
    async for item in chunks:
        if isinstance(item, str):
            if item != digest.sha256:
                raise _wrong_checksum()
            return
        digest.update(item)
        expected.require_room(digest.size)
        yield item


def is_media_type(text: str) -> bool:
    """Whether a text is a media type such as ``text/csv; charset=utf-8``."""
    return _MEDIA_TYPE.fullmatch(text) is not None


class _Parts:
    """The parts of one upload: one is on its way while the next one fills."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self._sending: asyncio.Task[None] | None = None

    async def send(self, content: bytes) -> None:
        await self._settle()
        self._sending = asyncio.create_task(self._upload.send_part(content))

    async def complete(self, *, if_absent: bool) -> str:
        await self._settle()
        return await self._upload.complete(if_absent=if_absent)

    async def abort(self) -> None:
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)
        await self._upload.abort()

    async def _settle(self) -> None:
        if self._sending is not None:
            sending, self._sending = self._sending, None
            await sending


async def _find_own_write(store: ObjectStore, full_key: str, write_id: str, failure: Exception) -> StoredObject:
    """Raises ``failure`` where another write stands there, or none; Unavailable where nobody can tell."""
    try:
        found = await store.head(full_key)
    except NotFound:
        raise failure from None
    except Unavailable as unanswered:
        raise unanswered from failure
    if found.metadata.get(WRITE_ID) != write_id:
        raise failure
    return found


def _wrong_size(expected: int, received: str) -> InvalidInput:
    return InvalidInput(f"{expected} bytes were announced, {received} came", reason="SIZE_MISMATCH", field="size")


def _wrong_checksum() -> InvalidInput:
    return InvalidInput("what came has another SHA-256 than announced", reason="CHECKSUM_MISMATCH", field="sha256")
