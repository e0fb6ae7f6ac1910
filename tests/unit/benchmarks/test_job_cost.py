"""What a job costs: each training is learned, and the processor time of all processes behind a role is counted."""

import os
import subprocess
import sys

import pytest

from benchmarks.job_cost import TASK_STATES, is_done, make_example, read_cpu_ms
from services.converter.domain.learning import learn
from services.converter.domain.table import Table

SPENT_S = 0.2
#: The kernel counts user and system time in whole ticks, so each may lag by one.
COUNTED_LATE_MS = 2 * 1000 / os.sysconf("SC_CLK_TCK")
CHILD = f"import time\nwhile time.process_time() < {SPENT_S}: pass\nprint(flush=True)\ninput()"
PARENT = f"""
import subprocess, sys, threading
def start():
    child = subprocess.Popen([sys.executable, "-c", {CHILD!r}])
    child.wait()
thread = threading.Thread(target=start)
thread.start()
thread.join()
"""


def table(text: str) -> Table:
    header, *rows = (tuple(line.split(",")) for line in text.splitlines())
    return Table(header, tuple(rows))


def test_each_training_has_an_example_of_its_own_that_is_learned() -> None:
    examples = [make_example(number) for number in (1, 79)]
    assert len({given for given, _ in examples}) == len(examples)
    assert all(learn(table(given), table(wanted)).status == "completed" for given, wanted in examples)


def test_the_time_of_a_child_counts_whichever_thread_started_it() -> None:
    command = [sys.executable, "-c", PARENT]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()  # the child has spent its time, and waits
        spent_ms = read_cpu_ms(process.pid)
        process.communicate(b"\n")
    assert spent_ms >= SPENT_S * 1000 - COUNTED_LATE_MS


def test_a_job_that_fails_is_not_measured() -> None:
    assert not is_done("running", TASK_STATES)
    assert is_done("completed", TASK_STATES)
    with pytest.raises(RuntimeError, match="ended failed"):
        is_done("failed", TASK_STATES)
