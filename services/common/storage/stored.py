"""What the storage service tells of records, objects and files."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record as it stands in the bucket.

    ``state`` is what it is listed under (empty: in no index); ``created_at`` orders listings; ``revision`` counts its
    writes from 1; ``write_id`` names the last one; ``etag`` is the version for compare-and-swap; ``run`` is what its
    index keys carry. ``document`` is empty in listings of keys only. ``found`` is what a creation was asked to look
    for and found; None where nobody looked.
    """

    key: str
    kind: str
    user_id: str
    state: str
    created_at: datetime
    document: dict[str, Any]
    revision: int = 0
    write_id: str = ""
    etag: str = ""
    run: int = 0
    found: frozenset[str] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What is known of an object without reading it: ``size`` in bytes, ``sha256`` in lower-case hex or empty."""

    key: str
    size: int
    sha256: str
    etag: str
    content_type: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class FileInfo:
    """A file that a user uploaded. ``file_name`` is its name at the client, for people only."""

    uri: str
    file_id: str
    user_id: str
    size: int
    sha256: str
    file_name: str
    content_type: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A page of records. It may be short, or empty, while ``next_page_token`` is set."""

    records: tuple[StoredRecord, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ObjectPage:
    """A page of objects."""

    objects: tuple[ObjectInfo, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ReindexedRecord:
    """What became of a record's index keys; ``due`` is how many it must have, 0 where no index lists it."""

    added: int
    removed: int
    due: int = 0


@dataclass(frozen=True, slots=True)
class ReconciledPage:
    """What became of a page of index keys; ``unlisted`` names records that lack theirs, found by so many listings, with
    ``more_unlisted`` where there may be more after the last of them."""

    checked: int
    removed: int
    next_page_token: str
    unlisted: tuple[str, ...] = ()
    listings: int = 0
    more_unlisted: bool = False


@dataclass(frozen=True, slots=True)
class FilePage:
    """A page of files."""

    files: tuple[FileInfo, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class TenantPage:
    """A page of tenants' names."""

    tenants: tuple[str, ...]
    next_page_token: str


@dataclass(frozen=True, slots=True)
class ByteStream(Generic[Item]):
    """An open download: what it is (an ObjectInfo or a FileInfo, always of the whole), and its bytes as they come.

    ``chunks`` can be iterated once; the next chunk is fetched when it is asked for.
    """

    info: Item
    chunks: AsyncIterator[bytes]
