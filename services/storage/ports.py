"""What the storage service needs of the outside: a bucket, and places to import from."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from services.storage.domain.sources import BucketSource, WebSource


@dataclass(frozen=True, slots=True)
class StoredObject:
    """What the bucket knows of an object. ``size`` in bytes; listings leave ``content_type`` and ``metadata`` empty.

    ``metadata`` holds storage's own names in lower case: ``sha256`` and ``write-id``.
    """

    key: str
    size: int
    etag: str
    updated_at: datetime
    content_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of a listing in key order: objects, and (with a delimiter) the prefixes of what lies deeper."""

    objects: tuple[StoredObject, ...]
    prefixes: tuple[str, ...]
    is_truncated: bool


class Upload(Protocol):
    """An object that is being stored in parts, invisible until it is complete."""

    async def send_part(self, content: bytes) -> None:
        """Stores the next part: at least 5 MiB, but for the last one."""

    async def complete(self, *, if_absent: bool) -> str:
        """Makes the object visible; returns its etag. Raises AlreadyExists where ``if_absent`` and it is there."""

    async def abort(self) -> None:
        """Drops what was stored. Best effort: what stays is cleared by the bucket's lifecycle rule."""


class ObjectStore(Protocol):
    """One bucket. Every method raises Unavailable, within a bounded time, where the bucket does not answer."""

    async def get(self, key: str, *, max_size: int) -> tuple[StoredObject, bytes]:
        """Reads a small object whole. Raises NotFound, TooLarge above ``max_size`` bytes."""

    async def head(self, key: str) -> StoredObject:
        """Reads what is known of an object. Raises NotFound."""

    async def open(
        self, key: str, *, offset: int = 0, length: int = 0, if_match: str = ""
    ) -> tuple[StoredObject, AsyncIterator[bytes]]:
        """Opens an object, or ``length`` bytes of it (0: all) from ``offset``, to read in pieces of at most 256 KiB.

        All pieces are of one version. Raises NotFound, PreconditionFailed where ``if_match`` is not its etag,
        InvalidInput with reason RANGE_NOT_SATISFIABLE where ``offset`` lies beyond its end.
        """

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
        """Writes an object in one request; returns its etag.

        Raises AlreadyExists where ``if_absent`` and the key holds an object, PreconditionFailed where ``if_match`` is
        not its etag (or it is gone). A request that was applied though its answer was lost may raise these as well.
        """

    async def begin_upload(self, key: str, *, content_type: str, metadata: Mapping[str, str]) -> Upload:
        """Begins to store an object in parts."""

    async def list_page(self, prefix: str, *, start_after: str = "", limit: int, delimiter: str = "") -> Listing:
        """Lists up to ``limit`` (at most 1000) keys that begin with ``prefix`` and come after ``start_after``."""

    async def copy(self, source_key: str, key: str) -> None:
        """Copies an object with its metadata, inside of the bucket. Raises NotFound."""

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes objects; those that are not there are deleted already."""


@dataclass(frozen=True, slots=True)
class BackedUp:
    """An object of a backup. ``size`` in bytes; ``etag`` is the bucket's at the time, restored objects have others."""

    key: str
    size: int
    sha256: str
    etag: str
    content_type: str
    metadata: Mapping[str, str]


class BackupStore(Protocol):
    """Where one backup is kept."""

    def begin(self) -> None:
        """Makes room. Raises AlreadyExists where there is a backup."""

    async def keep(self, found: StoredObject, pieces: AsyncIterator[bytes]) -> BackedUp:
        """Keeps an object. Raises what the pieces raise, and keeps nothing then."""

    def read(self, item: BackedUp) -> AsyncIterator[bytes]:
        """Yields a content. Raises InvalidInput, naming the object, where it is missing or not what was written."""

    def finish(self, items: Sequence[BackedUp]) -> None:
        """Ends the backup, which is none before."""

    def items(self) -> list[BackedUp]:
        """What the backup holds. Raises NotFound where there is none, InvalidInput where it is not whole."""


class Presigner(Protocol):
    """Makes links that read an object without further authorisation."""

    async def presign(self, key: str, lifetime_s: int, file_name: str) -> str:
        """Makes a link; a browser saves what it reads as ``file_name``, or the key's last segment where empty."""


@dataclass(frozen=True, slots=True)
class SourceContent:
    """What an opened source holds: its media type (may be empty), and its bytes as they come."""

    content_type: str
    chunks: AsyncIterator[bytes]


class WebReader(Protocol):
    """Reads https addresses."""

    def open(
        self, source: WebSource, *, vet: Callable[[str], WebSource], max_size: int
    ) -> AbstractAsyncContextManager[SourceContent]:
        """Opens an address; ``vet`` reads and judges each address that it redirects to.

        Raises InvalidInput with reason SOURCE_NOT_ALLOWED or SOURCE_NOT_FOUND, TooLarge with reason SOURCE_TOO_LARGE
        where it announces more than ``max_size`` bytes, Unavailable with reason SOURCE_UNREACHABLE; the last one also
        while the chunks are read.
        """


class BucketReader(Protocol):
    """Reads objects of other buckets."""

    def open(self, source: BucketSource, *, max_size: int) -> AbstractAsyncContextManager[SourceContent]:
        """Opens an object. Raises as ``WebReader.open``."""
