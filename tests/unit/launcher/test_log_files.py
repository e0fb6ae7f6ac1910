"""Logs are bounded while the processes that write them go on."""

import sys
from pathlib import Path

from services.launcher.log_files import rotate
from services.launcher.process import ChildProcess
from tests.support.eventually import eventually


def test_a_full_log_makes_room_and_what_follows_is_written_from_the_top(tmp_path: Path) -> None:
    path = tmp_path / "storage.log"
    with path.open("ab") as log:  # as a process's output is
        log.write(b"x" * 2_000)
        log.flush()
        assert rotate(tmp_path, max_bytes=1_000) == [path]
        log.write(b"later")
        log.flush()
    assert path.read_bytes() == b"later"
    assert (tmp_path / "storage.log.1").read_bytes() == b"x" * 2_000


def test_logs_stay_within_twice_their_bound_however_much_is_written(tmp_path: Path) -> None:
    path = tmp_path / "nats.log"
    with path.open("ab") as log:
        for number in range(100):
            log.write(b"%03d" % number * 100)
            log.flush()
            rotate(tmp_path, max_bytes=1_000)
    assert sorted(item.name for item in tmp_path.iterdir()) == ["nats.log", "nats.log.1"]
    assert sum(item.stat().st_size for item in tmp_path.iterdir()) < 2 * (1_000 + 300)
    assert path.read_bytes().endswith(b"099") or (tmp_path / "nats.log.1").read_bytes().endswith(b"099")


async def test_a_running_process_goes_on_writing_into_the_emptied_file(tmp_path: Path) -> None:
    code = "import time\nwhile True: print('x' * 100, flush=True); time.sleep(0.001)"
    process = ChildProcess("writer", [sys.executable, "-c", code], {}, tmp_path / "writer.log")
    process.start()
    try:
        await eventually(lambda: process.log_path.stat().st_size > 2_000)
        assert rotate(tmp_path, max_bytes=1_000)
        await eventually(lambda: process.log_path.stat().st_size > 500)
        assert b"\0" not in process.log_path.read_bytes()  # no hole where the former lines were
    finally:
        process.kill()
