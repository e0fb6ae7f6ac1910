"""Backup and restore over a real S3 server: what comes back is what was there, and what is damaged is refused whole."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.common.errors import AlreadyExists, InvalidInput, NotFound
from services.launcher.embedded import S3Server
from services.storage.adapters.backup_folder import MANIFEST, BackupFolder
from services.storage.adapters.s3_bucket import S3Connection
from services.storage.ports import ObjectStore, StoredObject
from services.storage.usecases.backup import back_up, restore, verify
from tests.support.storage import new_bucket

PART_BYTES = 5 * 2**20
CONTENTS: dict[str, bytes] = {
    "jobs/alice/j1/record.json": b'{"state": "completed"}',
    "index/open/a": b"",
    "jobs/alice/j1/1/output.csv": b"a,b\n1,2\n",
    "tenants/acme/files/Ünïcode name, with = signs.csv": b"a,b\n1,2\n",
    "large": os.urandom(PART_BYTES + 1000),
}


@pytest.fixture
async def connection(s3_server: S3Server) -> AsyncIterator[S3Connection]:
    """A bucket with some objects."""
    async with new_bucket(s3_server) as found:
        for key, content in CONTENTS.items():
            await found.store.put(key, content, content_type="text/csv", metadata={"sha256": "0" * 64})
        yield found


async def read_all(store: ObjectStore) -> dict[str, tuple[bytes, str, dict[str, str]]]:
    """Everything that a bucket holds."""
    found = {}
    for item in (await store.list_page("", limit=1000)).objects:
        known, content = await store.get(item.key, max_size=2**30)
        found[item.key] = (content, known.content_type, dict(known.metadata))
    return found


async def test_what_comes_back_is_what_was_there(s3_server: S3Server, connection: S3Connection, tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path / "backup")
    assert await back_up(connection.store, folder) == (len(CONTENTS), 0)
    assert await verify(folder) == len(CONTENTS)
    async with new_bucket(s3_server) as other:
        assert await restore(other.store, folder, part_bytes=PART_BYTES) == len(CONTENTS)
        assert await read_all(other.store) == await read_all(connection.store)


def flip_a_byte(folder: Path) -> None:
    content = max((folder / "contents").rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else -1)
    content.write_bytes(b"?" + content.read_bytes()[1:])


def remove_a_content(folder: Path) -> None:
    next(path for path in (folder / "contents").rglob("*") if path.is_file()).unlink()


def cut_the_manifest(folder: Path) -> None:
    lines = (folder / MANIFEST).read_text().splitlines(keepends=True)
    (folder / MANIFEST).write_text("".join(lines[:-1]))


def drop_an_object(folder: Path) -> None:
    lines = (folder / MANIFEST).read_text().splitlines(keepends=True)
    (folder / MANIFEST).write_text("".join(lines[1:]))


def empty_the_manifest(folder: Path) -> None:
    (folder / MANIFEST).write_text("")


@pytest.mark.parametrize(
    "damage", [flip_a_byte, remove_a_content, cut_the_manifest, drop_an_object, empty_the_manifest]
)
async def test_a_damaged_backup_is_refused_before_anything_is_written(
    s3_server: S3Server, connection: S3Connection, tmp_path: Path, damage: Any
) -> None:
    folder = BackupFolder(tmp_path)
    await back_up(connection.store, folder)
    damage(tmp_path)
    with pytest.raises(InvalidInput):
        await verify(folder)
    async with new_bucket(s3_server) as other:
        with pytest.raises(InvalidInput):
            await restore(other.store, folder, part_bytes=PART_BYTES)
        assert await read_all(other.store) == {}


async def test_a_bucket_in_use_is_not_written_over(connection: S3Connection, tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path)
    await back_up(connection.store, folder)
    before = await read_all(connection.store)
    with pytest.raises(AlreadyExists, match="not empty"):
        await restore(connection.store, folder, part_bytes=PART_BYTES)
    assert await read_all(connection.store) == before


async def test_a_backup_is_not_written_over_and_a_half_one_is_none(connection: S3Connection, tmp_path: Path) -> None:
    folder = BackupFolder(tmp_path)
    with pytest.raises(NotFound):
        folder.items()
    await back_up(connection.store, folder)
    with pytest.raises(AlreadyExists):
        await back_up(connection.store, folder)


class Busy:
    """A bucket that is changed while it is copied: something happens before each object is opened."""

    def __init__(self, store: ObjectStore, happenings: dict[str, Any]) -> None:
        self._store = store
        self._happenings = happenings

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def open(self, key: str, **options: Any) -> tuple[StoredObject, AsyncIterator[bytes]]:
        """Opens an object, after what happens to it."""
        if happening := self._happenings.get(key):
            await happening()
        return await self._store.open(key, **options)


async def test_a_record_that_is_copied_refers_to_what_is_copied_too(connection: S3Connection, tmp_path: Path) -> None:
    store, written = connection.store, []

    async def go_on() -> None:
        # As a worker does: the output first, then the record that names it. Each look at the record meets another.
        output = f"jobs/alice/j1/{len(written) + 2}/output.csv"
        written.append(output)
        await store.put(output, b"later")
        await store.put("jobs/alice/j1/record.json", output.encode())

    async def vanish() -> None:
        await store.delete(["index/open/a"])

    folder = BackupFolder(tmp_path)
    busy: Any = Busy(store, {"jobs/alice/j1/record.json": go_on, "index/open/a": vanish})
    _, changing = await back_up(busy, folder)
    kept = {item.key: item for item in folder.items()}
    assert changing == 1
    assert "index/open/a" not in kept
    if record := kept.get("jobs/alice/j1/record.json"):
        named = b"".join([piece async for piece in folder.read(record)]).decode()
        assert named in kept


async def test_a_record_that_changes_once_is_copied_as_it_is_then(connection: S3Connection, tmp_path: Path) -> None:
    store, changes = connection.store, [b"jobs/alice/j1/2/output.csv"]

    async def change() -> None:
        if changes:
            named = changes.pop()
            await store.put(named.decode(), b"later")
            await store.put("jobs/alice/j1/record.json", named)

    folder = BackupFolder(tmp_path)
    busy: Any = Busy(store, {"jobs/alice/j1/record.json": change})
    assert await back_up(busy, folder) == (len(CONTENTS) + 1, 0)
    (record,) = (item for item in folder.items() if item.key == "jobs/alice/j1/record.json")
    assert b"".join([piece async for piece in folder.read(record)]) == b"jobs/alice/j1/2/output.csv"


def command(s3_server: S3Server, bucket: str, folder: Path, role: str) -> subprocess.CompletedProcess[str]:
    """The command, as a pod or a person runs it."""
    settings = {
        "S3_BUCKET_NAME": bucket, "S3_ENDPOINT_URL": s3_server.url,
        "AWS_ACCESS_KEY_ID": s3_server.credentials.access_key,
        "AWS_SECRET_ACCESS_KEY": s3_server.credentials.secret_key,
        "STORAGE_BACKUP_DIR": str(folder), "LOG_FORMAT": "json",
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "services.storage", role],
        env={**os.environ, **settings}, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


@pytest.mark.slow
async def test_the_commands_copy_check_and_bring_back(
    s3_server: S3Server, connection: S3Connection, tmp_path: Path
) -> None:
    bucket = connection.options.bucket
    done = command(s3_server, bucket, tmp_path, "backup")
    assert (done.returncode, '"objects": 5' in done.stdout + done.stderr) == (0, True), done.stderr
    assert command(s3_server, bucket, tmp_path, "verify").returncode == 0
    refused = command(s3_server, bucket, tmp_path, "restore")
    assert refused.returncode == 1
    assert "BUCKET_NOT_EMPTY" in refused.stdout + refused.stderr
    async with new_bucket(s3_server) as other:
        assert command(s3_server, other.options.bucket, tmp_path, "restore").returncode == 0
        assert await read_all(other.store) == await read_all(connection.store)
    cut_the_manifest(tmp_path)
    damaged = command(s3_server, bucket, tmp_path, "verify")
    assert damaged.returncode == 1
    assert s3_server.credentials.secret_key not in damaged.stdout + damaged.stderr
