"""A worker's folder: there while it lives, gone when it stops, and swept by the next one where it was killed."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.converter.adapters.work_folder import WorkFolder

WORKER = """
import asyncio, sys
from pathlib import Path
from services.converter.adapters.work_folder import WorkFolder
folder = WorkFolder(Path(sys.argv[1]))
asyncio.run(folder.start())
(folder.path / "wealth-job-1").mkdir()
(folder.path / "wealth-job-1" / "input.csv").write_text("a client's data")
print(folder.path, flush=True)
sys.stdin.read()
"""


@pytest.fixture
def other_worker(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], Path]]:
    """Another worker's process with a job's file in its folder, and that folder."""
    command = [sys.executable, "-c", WORKER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, Path(process.stdout.readline().strip())
        finally:
            process.kill()


def names_in(folder: Path) -> list[str]:
    """What stands in a folder."""
    return sorted(path.name for path in folder.iterdir())


async def test_a_worker_makes_its_folder_for_itself_alone_and_removes_it(tmp_path: Path) -> None:
    folder = WorkFolder(tmp_path / "not" / "there")
    await folder.start()
    assert folder.path.stat().st_mode & 0o777 == 0o700
    (folder.path / "job").write_text("x")
    await folder.stop()
    assert names_in(tmp_path / "not" / "there") == []


async def test_what_a_killed_worker_left_is_removed_by_the_next(
    tmp_path: Path, other_worker: tuple[subprocess.Popen[str], Path]
) -> None:
    process, left = other_worker
    process.kill()
    process.wait()
    assert (left / "wealth-job-1" / "input.csv").exists()

    folder = WorkFolder(tmp_path)
    await folder.start()
    assert names_in(tmp_path) == [folder.path.name]
    await folder.stop()


async def test_a_living_worker_keeps_its_files(
    tmp_path: Path, other_worker: tuple[subprocess.Popen[str], Path]
) -> None:
    folder = WorkFolder(tmp_path)
    await folder.start()
    await folder.stop()
    assert (other_worker[1] / "wealth-job-1" / "input.csv").exists()


async def test_links_and_the_files_of_others_stay(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("x")
    (tmp_path / "parent").mkdir()
    (tmp_path / "parent" / "wealth-worker-link").symlink_to(elsewhere)
    (tmp_path / "parent" / "notes.txt").write_text("x")

    folder = WorkFolder(tmp_path / "parent")
    await folder.start()
    await folder.stop()
    assert (elsewhere / "precious").exists()
    assert names_in(tmp_path / "parent") == ["notes.txt", "wealth-worker-link"]


async def test_workers_that_start_together_leave_one_another_their_folders(tmp_path: Path) -> None:
    folders = [WorkFolder(tmp_path) for _ in range(20)]
    await asyncio.gather(*(folder.start() for folder in folders))
    assert all(folder.path.is_dir() for folder in folders)
    for folder in folders:
        await folder.stop()
