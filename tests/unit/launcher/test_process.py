"""What the launcher does with a child process's log."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.launcher.process import ChildProcess, wait_until_ready

# Writes a line for each that it is told to: told through a file, as it has no standard input.
CHATTER = """
import pathlib, sys, time
count = 0
while True:
    wanted = int(pathlib.Path(sys.argv[1]).read_text() or 0)
    while count < wanted:
        count += 1
        print(f"line {count}", flush=True)
    time.sleep(0.01)
"""


@pytest.fixture
def chatter(tmp_path: Path) -> Iterator[ChildProcess]:
    (tmp_path / "wanted").write_text("0")
    command = [sys.executable, "-c", CHATTER, str(tmp_path / "wanted")]
    process = ChildProcess("chatter", command, {}, tmp_path / "chatter.log", tmp_path)
    process.start()
    yield process
    process.kill()


def until_logged(process: ChildProcess, count: int) -> str:
    process.directory.joinpath("wanted").write_text(str(count))
    assert wait_until_ready(lambda: process.log_path.read_text().endswith(f"line {count}\n"), 60)
    return process.log_path.read_text()


def test_log_over_its_bound_begins_anew_and_what_it_held_is_kept_beside_it(chatter: ChildProcess) -> None:
    before = until_logged(chatter, 100)
    chatter.bound_log(max_bytes=len(before))
    assert chatter.log_path.read_text() == before
    chatter.bound_log(max_bytes=len(before) - 1)
    assert chatter.log_path.with_name("chatter.log.1").read_text() == before
    assert until_logged(chatter, 102) == "line 101\nline 102\n"
