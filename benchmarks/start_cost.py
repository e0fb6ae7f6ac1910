"""``python -m benchmarks.start_cost [--beside TREE]`` starts the suite and says what that took its processes.

Processor seconds of each process with its children, from ``/proc``, at the moment at which every service's health is
SERVING: the clock of a busy machine says little. The least of ``--rounds`` starts, each over an empty folder.
``--beside`` names another checkout of this repository, which is started by the same interpreter in the same rounds.
"""

import argparse
import contextlib
import io
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from services.launcher.free_ports import reserve_ports
from services.launcher.settings import LauncherSettings, read_own_environment, select_machine_environment
from services.launcher.suite import Suite

_TICKS = os.sysconf("SC_CLK_TCK")
_USER_TIME, _TIMES = 11, 2
"""Where user and system time stand behind the name in ``/proc/PID/stat``."""


def read_processor_s(pid: int) -> float:
    """Processor seconds of a process and of its children that still run."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    own = sum(map(int, fields[_USER_TIME : _USER_TIME + _TIMES])) / _TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(read_processor_s(int(child)) for child in children)


def start_once() -> dict[str, float]:
    """Starts the suite once; processor seconds by process."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        suite = Suite(
            LauncherSettings(
                _env_file=None, wealth_data_dir=Path(folder), wealth_port_base=reserve_ports().start,
                wealth_start_timeout_s=300,
            ),
            select_machine_environment(read_own_environment()),
        )  # fmt: skip
        with suite.running():
            pids = json.loads(suite.suite_file.read_text())["pids"]
            return {name: read_processor_s(pid) for name, pid in pids.items()}


def start_in(tree: Path) -> dict[str, float]:
    """One start from a tree, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'protos' / 'gen'}"}
    done = subprocess.run(
        [sys.executable, __file__, "--once"], env=environment, cwd=tree, capture_output=True, check=False, text=True
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return {str(name): float(cost) for name, cost in json.loads(done.stdout).items()}


def main() -> None:
    """Prints a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--beside", type=Path, help="another checkout, started in the same rounds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--once", action="store_true", help="one start here, as JSON")
    options = parser.parse_args()
    if options.once:
        print(json.dumps(start_once()))
        return
    trees = [Path.cwd(), *([options.beside.resolve()] if options.beside else [])]
    rounds = [[start_in(tree) for tree in trees] for _ in range(options.rounds)]
    print(f"load {os.getloadavg()[0]:.1f}; processor s until SERVING, the least of {options.rounds} starts")
    print(f"{'process':20}{'here':>9}" + (f"{'beside':>9}" if len(trees) > 1 else ""))
    sums = [0.0] * len(trees)
    for name in rounds[0][0]:
        costs = [min(done[place][name] for done in rounds) for place in range(len(trees))]
        sums = [total + cost for total, cost in zip(sums, costs, strict=True)]
        print(f"{name:20}" + "".join(f"{cost:9.2f}" for cost in costs))
    print(f"{'together':20}" + "".join(f"{total:9.2f}" for total in sums))


if __name__ == "__main__":
    main()
