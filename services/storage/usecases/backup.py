"""Copies of the whole bucket, while it is in use, and back into an empty one.

What a copy holds belongs together: each pass copies objects as they were when it listed them (their etag is asked for),
so a record in it refers to nothing but what was there at that listing and is copied too. What changed meanwhile is left
to the next pass, of which there are a few; what was deleted meanwhile is left out.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import TypeVar

from services.common.errors import AlreadyExists, Internal, NotFound, PreconditionFailed
from services.storage.ports import BackedUp, BackupStore, ObjectStore, StoredObject

PASSES = 3
_PAGE = 1000
_COPIES_AT_ONCE = 16


async def back_up(store: ObjectStore, folder: BackupStore) -> tuple[int, int]:
    """Copies the bucket; returns how many objects, and how many kept changing: older than the last look, or left out.

    Raises AlreadyExists where the folder holds a backup, Unavailable.
    """
    folder.begin()
    kept: dict[str, BackedUp] = {}
    changing = 0
    for _ in range(PASSES):
        listed = {found.key: found async for found in _list(store)}
        due = [found for found in listed.values() if found.key not in kept or kept[found.key].etag != found.etag]
        copied = await _copy(store, folder, due)
        kept = {key: item for key, item in {**kept, **copied}.items() if key in listed}
        changing = len(due) - len(copied)
        if not changing:
            break
    folder.finish([kept[key] for key in sorted(kept)])
    return len(kept), changing


async def _copy(store: ObjectStore, folder: BackupStore, due: Sequence[StoredObject]) -> dict[str, BackedUp]:
    """Copies objects that still are as they were listed."""
    copied: dict[str, BackedUp] = {}

    async def copy(found: StoredObject) -> None:
        try:
            known, pieces = await store.open(found.key, if_match=found.etag)
        except (NotFound, PreconditionFailed):
            return
        copied[found.key] = await folder.keep(known, pieces)

    await _for_each(due, copy)
    return copied


async def verify(folder: BackupStore) -> int:
    """Reads a whole backup; returns how many objects it holds. Raises InvalidInput naming what is damaged, NotFound."""
    items = folder.items()

    async def read(item: BackedUp) -> None:
        async for _ in folder.read(item):
            pass

    await _for_each(items, read)
    return len(items)


async def restore(store: ObjectStore, folder: BackupStore, *, part_bytes: int) -> int:
    """Writes a backup into an empty bucket and compares; returns how many objects.

    Nothing is written unless the backup is whole. Raises AlreadyExists where the bucket holds anything, InvalidInput
    where the backup is damaged, Internal where the bucket holds something else afterwards, Unavailable.
    """
    await verify(folder)
    async for found in _list(store):
        raise AlreadyExists(f"the bucket is not empty: it holds {found.key}", reason="BUCKET_NOT_EMPTY")
    items = folder.items()

    async def write(item: BackedUp) -> None:
        if item.size <= part_bytes:
            content = b"".join([piece async for piece in folder.read(item)])
            await store.put(
                item.key, content, if_absent=True, content_type=item.content_type, metadata=dict(item.metadata)
            )
            return
        upload = await store.begin_upload(item.key, content_type=item.content_type, metadata=item.metadata)
        try:
            part = bytearray()
            async for piece in folder.read(item):
                part += piece
                if len(part) >= part_bytes:
                    await upload.send_part(bytes(part))
                    part.clear()
            if part:
                await upload.send_part(bytes(part))
            await upload.complete(if_absent=True)
        except BaseException:
            await upload.abort()
            raise

    await _for_each(items, write)
    there = {found.key: found.size async for found in _list(store)}
    if there != {item.key: item.size for item in items}:
        raise Internal("the bucket holds something else than the backup", reason="RESTORE_INCOMPLETE")
    return len(items)


async def _list(store: ObjectStore) -> AsyncIterator[StoredObject]:
    position = ""
    while True:
        page = await store.list_page("", start_after=position, limit=_PAGE)
        for found in page.objects:
            yield found
        if not page.is_truncated:
            return
        position = page.objects[-1].key


_Each = TypeVar("_Each")


async def _for_each(items: Sequence[_Each], act: Callable[[_Each], Awaitable[None]]) -> None:
    """Does something for each, a few at once; the first failure ends it and is raised."""
    waiting = iter(items)

    async def work() -> None:
        for item in waiting:
            await act(item)

    workers = [asyncio.create_task(work()) for _ in range(_COPIES_AT_ONCE)]
    try:
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
