"""What is open for a transfer is closed however the transfer ends."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, cast

import pytest

from services.common.storage.transfer import read_chunks, write_file
from services.storage.adapters.backup_folder import BackupFolder
from services.storage.ports import StoredObject
from tests.support.eventually import eventually

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class WatchedPath(type(Path())):  # type: ignore[misc]
    """A path that remembers what was opened by it and by those made from it."""

    opened: list[IO[Any]]

    def open(self, *args: Any, **kwargs: Any) -> IO[Any]:  # type: ignore[override]
        file = super().open(*args, **kwargs)
        self.opened.append(file)
        return cast("IO[Any]", file)


@pytest.fixture
def folder(tmp_path: Path) -> WatchedPath:
    WatchedPath.opened = []
    return WatchedPath(tmp_path)


async def endless() -> AsyncIterator[bytes]:
    while True:
        await asyncio.sleep(0)
        yield b"x"


async def write(folder: WatchedPath) -> None:
    await write_file(folder / "input.csv", endless(), 1, "")


async def read(folder: WatchedPath) -> None:
    (folder / "input.csv").write_bytes(b"x" * 1_000_000)
    async for _ in read_chunks(folder / "input.csv"):
        await asyncio.sleep(0)


async def keep(folder: WatchedPath) -> None:
    backup = BackupFolder(folder)
    backup.begin()
    await backup.keep(StoredObject("key", 1, "etag", NOON), endless())


@pytest.mark.parametrize("transfer", [write, read, keep])
@pytest.mark.parametrize("steps", [1, 2, 3, 5, 8])
def test_a_transfer_that_is_cancelled_leaves_no_file_open(transfer: Any, steps: int, folder: WatchedPath) -> None:
    async def cancel_it() -> None:
        task = asyncio.create_task(transfer(folder))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    # A loop of its own: at its end whatever a thread still does for the task is done.
    asyncio.run(cancel_it())
    assert all(file.closed for file in WatchedPath.opened)


async def test_what_was_cancelled_is_not_half_there(folder: WatchedPath) -> None:
    task = asyncio.create_task(write(folder))
    await eventually((folder / "input.csv").exists, within_s=300)
    task.cancel()
    await asyncio.wait([task])
    assert list(folder.iterdir()) == []


async def test_a_file_that_was_there_before_stays(folder: WatchedPath) -> None:
    (folder / "input.csv").write_bytes(b"before")
    with pytest.raises(FileExistsError):
        await write(folder)
    assert (folder / "input.csv").read_bytes() == b"before"
