"""``python -m benchmarks.demo_time`` runs the demonstration and says where its time goes, by clock and processor.

Steps are the demonstration's own lines. The processor's time is that of all its processes together. The load tells
whether others were using the machine: where it is above the cores, the clock says little about the suite.
"""

import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.engine_warming import warm_up
from services.converter.domain.instructions import Instructions
from services.converter.training import train
from services.launcher.demo import EXAMPLES
from services.launcher.embedded import S3Credentials, S3Ports, S3Server
from services.launcher.settings import read_own_environment, select_machine_environment

# The lines of one step: a mark, what was done, and how long it took.
_STEP = re.compile(r"^ +✓ (?P<what>.+?) +(?P<seconds>\d+\.\d) s\b")


def measure_training(*, warm: bool) -> float:
    """Processor seconds of the demonstration's training alone, in a process that has trained nothing before; ``warm``:
    it has made ready as engines do."""
    broker = EXAMPLES / "broker"
    pair = [(broker / f"{name}-2026-09.csv").read_bytes() for name in ("statement", "holdings")]
    instructions = Instructions(
        "Positions that were closed during the month are left out.",
        {"asset_class": "ETF where the stock name contains ETF, otherwise Equity"},
    )
    with DuckDBSandbox() as sandbox:
        if warm:
            warm_up(sandbox, lambda: False)
        began_s = time.process_time()
        train(*pair, runner=sandbox, instructions=instructions)
        return time.process_time() - began_s


def measure_apart(*, warm: bool) -> float:
    """The same in a process of its own."""
    with get_context("spawn").Pool(1) as pool:
        return pool.apply(measure_training, kwds={"warm": warm})


def measure_s3_start() -> float:
    """Seconds by the clock until the S3 server takes objects, with no other process of the suite beside it: no start of
    the suite is shorter."""
    environment = select_machine_environment(read_own_environment())
    with tempfile.TemporaryDirectory() as folder:
        server = S3Server(Path(folder), S3Ports.find(), S3Credentials("start", "0" * 40), environment=environment)
        began_s = time.monotonic()
        try:
            server.start()
            server.wait_until_serving()
            return time.monotonic() - began_s
        finally:
            server.stop(10)


def main() -> int:
    """Prints a Markdown table. Returns the demonstration's exit status."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "services.launcher", "demo"], capture_output=True, text=True, check=False, timeout=600
    )
    took_s = time.monotonic() - began
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("| step | s |\n| --- | ---: |")
    for line in done.stdout.splitlines():
        if step := _STEP.match(line):
            print(f"| {step['what']} | {step['seconds']} |")
    print(f"| whole demonstration | {took_s:.1f} |")
    processor_s = used.ru_utime + used.ru_stime
    load = os.getloadavg()[0]
    print(f"\nProcessor: {processor_s:.1f} s, on {os.cpu_count()} cores at a load of {load:.1f}.")
    print(f"The S3 server alone, until it takes objects: {measure_s3_start():.2f} s by the clock.")
    fresh_s, warm_s = measure_apart(warm=False), measure_apart(warm=True)
    print(f"The training alone: {warm_s:.2f} s of processor in an engine that made ready, {fresh_s:.2f} s in another.")
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
