"""What older services left, found in a folder, in an S3 bucket or in a ``tasks.json``.

The task service kept one JSON object a task (``tasks/task_....json``), or all of them in one file ``tasks.json``; the
CSV converter kept a folder a job: ``{user}/{job}/job_metadata.json`` with ``input.csv``, ``expected.csv`` and
``output.csv``. They are told apart by these names alone, wherever in the bucket they stand.
"""

import json
import posixpath
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from services.common.errors import InvalidInput, NotFound, TooLarge, Unavailable

METADATA = "job_metadata.json"
TASKS_FILE = "tasks.json"
_TASK_FILE = re.compile(r"task_[^/]*\.json")
_S3_SCHEME = "s3://"
MAX_DOCUMENT_BYTES = 4 << 20
# All tasks of a service in one file.
MAX_TASKS_FILE_BYTES = 256 << 20
MAX_FILE_BYTES = 64 << 20


class OlderStore(Protocol):
    """Where the objects are."""

    def paths(self) -> list[str]:
        """All paths, in order."""

    def read(self, path: str, limit_bytes: int) -> bytes:
        """Reads an object. Raises TooLarge above the limit, NotFound, Unavailable."""


@dataclass(frozen=True, slots=True)
class OlderTask:
    """A task's document, and where it was found."""

    place: str
    document: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OlderJob:
    """A job's metadata, where they were found, and the paths of its files; empty for those that are not there."""

    place: str
    metadata: dict[str, Any]
    input_path: str
    expected_path: str
    output_path: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What has the name of a task or a job and is none, and why."""

    place: str
    why: str


class Folder:
    """A folder on this machine: a copy of a bucket, or a single ``tasks.json``."""

    def __init__(self, root: Path) -> None:
        """Raises NotFound where there is neither a folder nor a file."""
        if not root.exists():
            raise NotFound(f"there is no {root}", reason="SOURCE_NOT_FOUND")
        self._root = root if root.is_dir() else root.parent
        self._only = None if root.is_dir() else root.name

    def paths(self) -> list[str]:
        """All files, in order; links are not followed."""
        if self._only:
            return [self._only]
        found = (path for path in self._root.rglob("*") if path.is_file() and not path.is_symlink())
        return sorted(path.relative_to(self._root).as_posix() for path in found)

    def read(self, path: str, limit_bytes: int) -> bytes:
        """Reads a file. Raises TooLarge above the limit."""
        with (self._root / path).open("rb") as file:
            content = file.read(limit_bytes + 1)
        return _within(content, path, limit_bytes)


class Bucket:
    """A bucket, or what stands under a prefix of it, read with the credentials of this machine."""

    def __init__(self, url: str) -> None:
        """Raises InvalidInput where this machine has no client of S3, or the address names no bucket."""
        try:
            from obstore.store import S3Store  # noqa: PLC0415 - buckets alone need it, and not every machine has it
        except ImportError as error:
            raise InvalidInput(
                "reading a bucket needs the package's extra `storage`; a copy in a folder does as well",
                reason="S3_CLIENT_MISSING",
                field="source",
            ) from error
        try:
            self._store = S3Store.from_url(url.rstrip("/"))
        except Exception as error:
            raise InvalidInput(f"{url}: {error}", reason="SOURCE_INVALID", field="source") from error

    def paths(self) -> list[str]:
        """All keys, in order. Raises Unavailable."""
        try:
            return sorted(item["path"] for page in self._store.list() for item in page)
        except Exception as error:
            raise Unavailable(f"the bucket cannot be listed: {_first_line(error)}", reason="SOURCE_FAILED") from error

    def read(self, path: str, limit_bytes: int) -> bytes:
        """Reads an object. Raises TooLarge above the limit, Unavailable."""
        try:
            found = self._store.get(path)
            content = bytes(found.bytes()) if found.meta["size"] <= limit_bytes else b"\0" * (limit_bytes + 1)
        except Exception as error:
            raise Unavailable(f"{path} cannot be read: {_first_line(error)}", reason="SOURCE_FAILED") from error
        return _within(content, path, limit_bytes)


def open_source(text: str) -> OlderStore:
    """Opens a folder, a file, or ``s3://bucket/prefix``. Raises as these do."""
    return Bucket(text) if text.startswith(_S3_SCHEME) else Folder(Path(text))


def find_records(store: OlderStore) -> Iterator[OlderTask | OlderJob | Unreadable]:
    """Yields all that older services left, in the order of the paths."""
    paths = store.paths()
    present = frozenset(paths)
    for path in paths:
        name = posixpath.basename(path)
        if name == METADATA:
            yield _read_job(store, path, present)
        elif name == TASKS_FILE:
            yield from _read_tasks(store, path)
        elif _TASK_FILE.fullmatch(name):
            document = _parse(store, path, MAX_DOCUMENT_BYTES)
            yield document if isinstance(document, Unreadable) else OlderTask(path, document)


def _read_job(store: OlderStore, path: str, present: Collection[str]) -> OlderJob | Unreadable:
    metadata = _parse(store, path, MAX_DOCUMENT_BYTES)
    if isinstance(metadata, Unreadable):
        return metadata
    folder = posixpath.dirname(path)

    def find(*names: str) -> str:
        candidates = (posixpath.join(folder, name) for name in names)
        return next((candidate for candidate in candidates if candidate in present), "")

    # Whose it is stands in the path, too: {user}/{job}/job_metadata.json.
    segments = folder.split("/")
    if len(segments) > 1:
        metadata = {"user_id": segments[-2], "job_id": segments[-1], **metadata}
    return OlderJob(path, metadata, find("input.csv"), find("expected.csv", "expected_output.csv"), find("output.csv"))


def _read_tasks(store: OlderStore, path: str) -> Iterator[OlderTask | Unreadable]:
    found = _parse(store, path, MAX_TASKS_FILE_BYTES)
    if isinstance(found, Unreadable):
        yield found
        return
    held = found.get("tasks", found)
    entries = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    for name, entry in entries:
        place = f"{path}#{name}"
        if isinstance(entry, dict):
            # A table by id need not say the id again.
            yield OlderTask(place, {"task_id": name, **entry} if isinstance(name, str) else entry)
        else:
            yield Unreadable(place, "not a JSON object")


def _parse(store: OlderStore, path: str, limit_bytes: int) -> dict[str, Any] | Unreadable:
    try:
        parsed = json.loads(store.read(path, limit_bytes))
    except TooLarge as error:
        return Unreadable(path, error.message)
    except (ValueError, RecursionError) as error:
        return Unreadable(path, f"not JSON: {error}")
    if isinstance(parsed, list):
        parsed = {"tasks": parsed}
    return parsed if isinstance(parsed, dict) else Unreadable(path, "not a JSON object")


def _within(content: bytes, path: str, limit_bytes: int) -> bytes:
    if len(content) > limit_bytes:
        raise TooLarge(f"{path} has more than {limit_bytes} bytes", reason="FILE_TOO_LARGE")
    return content


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
