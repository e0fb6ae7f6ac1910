"""A backup in a folder: contents by their SHA-256, and a manifest that says which object is which.

``manifest.jsonl`` has a line for each object and a last one with their number, without which it is not whole. Contents
lie under ``contents/``, each once however many objects have it.
"""

import asyncio
import hashlib
import json
import os
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path

from services.common.errors import AlreadyExists, InvalidInput, NotFound
from services.storage.ports import BackedUp, StoredObject

MANIFEST = "manifest.jsonl"
_PIECE_BYTES = 256 * 1024


class BackupFolder:
    """Reads and writes one backup."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def begin(self) -> None:
        """Makes the folder. Raises AlreadyExists where it holds a backup."""
        if (self._folder / MANIFEST).exists():
            raise AlreadyExists(f"{self._folder} holds a backup", reason="BACKUP_EXISTS")
        (self._folder / "contents").mkdir(parents=True, exist_ok=True)

    async def keep(self, found: StoredObject, pieces: AsyncIterator[bytes]) -> BackedUp:
        """Keeps an object. Raises what the pieces raise, and keeps nothing then."""
        draft = self._folder / "contents" / f".{secrets.token_hex(8)}"
        digest, size = hashlib.sha256(), 0
        try:
            # Opened here and not in a thread: what a thread opens for a task that is cancelled, nobody closes.
            with draft.open("xb") as file:
                async for piece in pieces:
                    digest.update(piece)
                    size += len(piece)
                    await asyncio.to_thread(file.write, piece)
                file.flush()
                await asyncio.to_thread(os.fsync, file.fileno())
            target = self._path(digest.hexdigest())
            target.parent.mkdir(exist_ok=True)
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)
        return BackedUp(found.key, size, digest.hexdigest(), found.etag, found.content_type, dict(found.metadata))

    async def read(self, item: BackedUp) -> AsyncIterator[bytes]:
        """Yields a content. Raises InvalidInput, naming the object, where it is missing or not what was written."""
        digest = hashlib.sha256()
        try:
            with self._path(item.sha256).open("rb") as file:
                while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                    digest.update(piece)
                    yield piece
        except FileNotFoundError as error:
            raise InvalidInput(f"the content of {item.key} is missing", reason="BACKUP_DAMAGED") from error
        if digest.hexdigest() != item.sha256:
            raise InvalidInput(f"the content of {item.key} is not what was written", reason="BACKUP_DAMAGED")

    def finish(self, items: Sequence[BackedUp]) -> None:
        """Writes the manifest: from here on the folder is a backup."""
        lines = [json.dumps(asdict(item), sort_keys=True) for item in items]
        draft = self._folder / f".{MANIFEST}"
        with draft.open("w") as file:
            file.write("".join(f"{line}\n" for line in (*lines, json.dumps({"objects": len(items)}))))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / MANIFEST)

    def items(self) -> list[BackedUp]:
        """What the backup holds. Raises NotFound where there is none, InvalidInput where its manifest is not whole."""
        try:
            *lines, last = (self._folder / MANIFEST).read_text().splitlines()
        except FileNotFoundError as error:
            raise NotFound(f"{self._folder} holds no backup", reason="BACKUP_NOT_FOUND") from error
        except ValueError as error:
            raise InvalidInput("the manifest is empty, or no text", reason="BACKUP_DAMAGED") from error
        try:
            items = [BackedUp(**json.loads(line)) for line in lines]
            if json.loads(last) != {"objects": len(items)}:
                raise ValueError("its last line does not count the others")
        except (TypeError, ValueError) as error:
            raise InvalidInput("the manifest is not whole", reason="BACKUP_DAMAGED") from error
        return items

    def _path(self, sha256: str) -> Path:
        return self._folder / "contents" / sha256[:2] / sha256
