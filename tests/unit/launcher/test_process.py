"""A child process: what is told of one that fails."""

import sys
from pathlib import Path

import pytest

from services.launcher.process import ChildProcess, StartFailed


def fail(log: Path, words: str) -> str:
    process = ChildProcess("worker", [sys.executable, "-c", f"print({words!r}); raise SystemExit(3)"], {}, log)
    process.start()
    with pytest.raises(StartFailed) as failed:
        process.wait_ready(lambda: False, 60)
    return str(failed.value)


def test_the_end_of_the_log_is_that_of_this_run_alone(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    assert "first" in fail(log, "first")
    told = fail(log, "second")
    assert ("status 3" in told, "second" in told, "first" in told) == (True, True, False)
    assert "first" in log.read_text()


def test_a_log_that_was_emptied_meanwhile_is_told_from_its_top(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("older\n" * 100)
    process = ChildProcess("worker", [sys.executable, "-c", ""], {}, log)
    process.start()
    process.wait()
    log.write_text("newer\n")
    assert process.read_log_tail() == "newer\n"
