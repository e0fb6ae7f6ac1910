"""What an answer costs: learning on from it, and running the new program beside the old one over large files.

    python -m benchmarks.relearning [--rows 100000] [--files 3] [--rounds 9]

Prints the CPU seconds of learning on from one answer, by itself and with what the sandbox takes, and those of the
regression over so many made-up files of so many rows.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path
from statistics import median

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.program import INFERENCE_LIMITS
from services.converter.domain.reading.reader import read_table
from services.converter.domain.stored_report import read_stored
from services.converter.regression import compare
from services.converter.taught import Teaching
from services.converter.training import train

_KINDS = "Kauf", "Verkauf", "Dividende"
_ACTIONS = "BUY", "SELL", "DIVIDEND"


def made_up(rows: int, *, new: str = "") -> bytes:
    """Trades; every 50th of another kind where there is one."""
    lines = ["day;kind;name;count;price"]
    for n in range(rows):
        kind = new if new and n % 50 == 0 else _KINDS[n % 3]
        lines.append(
            f"{n % 28 + 1:02}.{n % 12 + 1:02}.2026;{kind};Paper {n % 97};{n % 89 + 1};{n % 1000},{n % 90 + 10}"
        )
    return ("\n".join(lines) + "\n").encode()


def wanted(rows: int) -> bytes:
    """What the trades should become."""
    lines = ["date,action,name,value"]
    for n in range(rows):
        value = (n % 89 + 1) * ((n % 1000) * 100 + n % 90 + 10)
        lines.append(
            f"2026-{n % 12 + 1:02}-{n % 28 + 1:02},{_ACTIONS[n % 3]},PAPER {n % 97},{value // 100}.{value % 100:02}"
        )
    return ("\n".join(lines) + "\n").encode()


def cpu_s() -> float:
    """What this process and its children that have ended have spent."""
    own, others = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + others.ru_utime + others.ru_stime


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.relearning", description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--files", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    pair, samples = (made_up(12), wanted(12)), {"sample": made_up(60, new="Sparplan")}
    lessons = [{"source": {"file": "sample", "row": 1}, "output": {"action": "PLAN"}}]
    with tempfile.TemporaryDirectory() as folder, DuckDBSandbox() as sandbox:
        first = train(*pair, runner=sandbox)
        took, taught = [], first
        before = cpu_s()
        with DuckDBSandbox() as own:
            own.run("SELECT kind FROM input", read_table(pair[0]).table)
        beginning, before = cpu_s() - before, cpu_s()
        with DuckDBSandbox() as own:
            for _ in range(options.rounds):
                started = time.process_time()
                taught = train(*pair, runner=own, teaching=Teaching(lessons, samples), finding=first.finding)
                took.append(time.process_time() - started)
        whole = (cpu_s() - before - beginning) / options.rounds
        print(
            f"learned on from an answer in {median(took):.2f} s of CPU (median of {len(took)}), "
            f"with its proof in a sandbox that runs already {whole:.2f} s (mean): {taught.status}"
        )
        files = {f"file {n}": Path(folder) / f"{n}.csv" for n in range(options.files)}
        for path in files.values():
            path.write_bytes(made_up(options.rows, new="Sparplan"))
        started = cpu_s()
        with DuckDBSandbox() as own:
            found = compare(
                first.program, taught.program, files, {}, read_stored(taught.report),
                sandbox=own, spooler=FileSpooler(), limits=INFERENCE_LIMITS,
            )  # fmt: skip
        changed = sum(file.changed for file in found.files)
        spent = cpu_s() - started
        print(f"regression over {len(files)} files of {options.rows} rows: {spent:.1f} s of CPU, {changed} rows change")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
