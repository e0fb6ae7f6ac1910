"""How near inference is to the engine that it wraps: ours against DuckDB's own COPY of the same SQL, in pairs.

    python -m benchmarks.inference_pass [--mb 100] [--pairs 3] [--only PART] [--json FILE]

A program is learned from a broker's orders of a few rows. Files of ``--mb`` megabytes are made in its shape: plain, or
with quoted cells; with no row that a guard flags, or with half of the rows flagged. Each is converted in turn by
`infer` in this process (reading, guards, program, report; the sandbox's children included) and by one ``COPY (program)
TO`` in a bare DuckDB process that reads the file with its own options, with as many threads and the same memory limit.
What counts is the processor time of all processes, user and system; the clock on the wall and the peak of the largest
process stand beside it, and the machine's load. Ratios are medians over pairs of one run; rates of different runs do
not compare. The last line is one inference of fifteen rows.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.program import INFERENCE_LIMITS
from services.converter.domain.stored_report import StoredTraining, read_stored
from services.converter.inference import infer
from services.converter.training import Training, train

_MB = 1_000_000
_HEADER = "Trade Date,Action,Symbol,Security,Quantity,Price,Currency,Account,Note\n"
_SYMBOLS = ("ACME", "GLOBX", "INTC", "UMBR", "STARK", "WAYN", "HOOLI", "VEHM")
_SECURITIES = ("Acme Holdings", "Globex Corp", "Initech", "Umbrella Group", "Stark Metals", "Wayne Trust")
_NOTES = ("regular order", "placed by phone", "standing instruction", "client request")
_SIDES = {"B": "Buy", "S": "Sell"}
_BLOCK_ROWS = 20_000
_SMALL_ROWS = 15
_BARE = """
import json, sys, duckdb
source, output, program, threads, memory = json.loads(sys.argv[1])
config = {"threads": threads, "memory_limit": memory, "temp_directory": output + ".tmp"}
connection = duckdb.connect(config=config)
connection.execute("SET enable_progress_bar = false")
read = f"read_csv('{source}', header=true, all_varchar=true, delim=',', quote='\\"', escape='\\"')"
connection.execute(f"CREATE VIEW input AS SELECT *, row_number() OVER () AS _row FROM {read}")
connection.execute(f"COPY ({program}) TO '{output}' (FORMAT csv, HEADER)")
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """What one conversion took: processor seconds of all processes, seconds on the wall, the largest process."""

    cpu_s: float
    wall_s: float
    peak_mb: float


@dataclass(frozen=True, slots=True)
class Figures:
    """One kind of file: its size, rows flagged, medians of ours and of the bare COPY, and of their ratios."""

    file: str
    mb: float
    flagged_rows: int
    ours: Taken
    bare: Taken
    rate_ratio: float
    """MB per processor second, ours of the bare COPY's: 1 is as fast."""


def lines(rows: range, *, unseen: bool, quoted: bool) -> Iterator[str]:
    """Orders, a line each; every other one with an action that the example does not show, or with quoted cells."""
    for n in rows:
        action = "T" if unseen and n % 2 else ("B", "S")[n % 5 in (0, 2)]
        security = _SECURITIES[n % 6]
        security = f'"{security}, Inc. ""{n % 90 + 10}"""' if quoted and n % 2 else f"{security} {n % 90 + 10}"
        yield (
            f"{n % 28 + 1:02}/{n % 12 + 1:02}/{2024 + n % 3},{action},{_SYMBOLS[n % 8]},{security},{n % 400 + 5},"
            f"{n % 990 + 10}.{n % 90 + 10},{('USD', 'EUR', 'GBP')[n % 7 % 3]},AC-{n % 90000 + 610000},{_NOTES[n % 4]}\n"
        )


def example() -> tuple[bytes, bytes]:
    """The pair that the program is learned from."""
    given = list(lines(range(7, 31), unseen=False, quoted=False))
    wanted = ["date,side,ticker,name,units,price,gross,currency,account"]
    for line in given:
        date, action, symbol, security, quantity, price, currency, account, _ = line.split(",")
        day, month, year = date.split("/")
        gross = f"{int(quantity) * int(price.replace('.', '')) / 100:.2f}"
        wanted.append(
            f"{year}-{month}-{day},{_SIDES[action]},{symbol},{security.upper()},{quantity},{price},{gross},"
            f"{currency},{account.removeprefix('AC-')}"
        )
    return (_HEADER + "".join(given)).encode(), ("\n".join(wanted) + "\n").encode()


def write_file(path: Path, size: int, *, unseen: bool, quoted: bool) -> None:
    """A file of about so many bytes."""
    block = "".join(lines(range(_BLOCK_ROWS), unseen=unseen, quoted=quoted)).encode()
    with path.open("wb") as file:
        file.write(_HEADER.encode())
        for _ in range(max(1, round(size / len(block)))):
            file.write(block)


def measure(work: Callable[[], None]) -> Taken:
    """Run ``work`` in a process of its own and wait for it and for all that it started."""
    started = time.monotonic()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    _, status, used = os.wait4(pid, 0)
    if os.waitstatus_to_exitcode(status):
        raise RuntimeError("the measured process failed")
    return Taken(used.ru_utime + used.ru_stime, time.monotonic() - started, used.ru_maxrss / 1024)


def bare(source: Path, output: Path, program: str) -> Callable[[], None]:
    """One COPY in a process that does nothing else."""
    limits = INFERENCE_LIMITS
    settings = [str(source), str(output), program, limits.threads, f"{limits.memory_bytes}B"]

    def work() -> None:
        subprocess.run([sys.executable, "-I", "-c", _BARE, json.dumps(settings)], check=True)

    return work


def measure_pairs(name: str, source: Path, program: str, training: StoredTraining, pairs: int, folder: Path) -> Figures:
    """Convert a file both ways, in turn."""
    output, report = folder / "output.csv", folder / "inference.json"

    def ours() -> None:
        with DuckDBSandbox(directory=folder) as sandbox:
            done = infer(program, source, output, sandbox=sandbox, spooler=FileSpooler(), training=training)
        report.write_text(json.dumps({"flagged": done.flagged_rows, "peak": done.peak_rss_bytes}))

    found = [(measure(ours), measure(bare(source, output, program))) for _ in range(pairs)]
    flagged = json.loads(report.read_text())["flagged"]
    return Figures(
        name,
        source.stat().st_size / _MB,
        flagged,
        _median([pair[0] for pair in found]),
        _median([pair[1] for pair in found]),
        statistics.median(theirs.cpu_s / own.cpu_s for own, theirs in found),
    )


def _median(taken: list[Taken]) -> Taken:
    return Taken(*(statistics.median(asdict(one)[field] for one in taken) for field in ("cpu_s", "wall_s", "peak_mb")))


def measure_small(program: str, training: StoredTraining, folder: Path, times: int = 20) -> float:
    """Processor milliseconds of one inference of a few rows in an engine that is warm."""
    source = folder / "small.csv"
    source.write_text(_HEADER + "".join(lines(range(_SMALL_ROWS), unseen=False, quoted=False)), encoding="utf-8")

    def convert(sandbox: DuckDBSandbox, count: int) -> None:
        for _ in range(count):
            infer(program, source, folder / "small.out", sandbox=sandbox, spooler=FileSpooler(), training=training)

    def run(count: int) -> Callable[[], None]:
        def work() -> None:
            with DuckDBSandbox(directory=folder) as sandbox:
                convert(sandbox, 1 + count)

        return work

    return (measure(run(times)).cpu_s - measure(run(0)).cpu_s) * 1000 / times


def learn(folder: Path) -> Training:
    """The program of the example."""
    with DuckDBSandbox(directory=folder) as sandbox:
        training = train(*example(), runner=sandbox)
    if training.status != "completed":
        raise RuntimeError(f"the example was not learned: {training.reason}")
    return training


def main() -> None:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--mb", type=float, default=100)
    parser.add_argument("--pairs", type=int, default=3)
    parser.add_argument("--only", default="", help="a part of the kinds' names")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    kinds = [
        (f"{'quoted' if quoted else 'plain'}, {'half flagged' if unseen else 'none flagged'}", unseen, quoted)
        for quoted in (False, True)
        for unseen in (False, True)
    ]
    with tempfile.TemporaryDirectory(prefix="wealth-bench-") as private:
        folder = Path(private)
        learned = learn(folder)
        training = read_stored(json.loads(json.dumps(learned.report)))
        print(f"{len(training.guards)} guards; load {_load()} on {os.cpu_count()} processors; {arguments.pairs} pairs")
        head = ("file", "MB", "flagged", "ours CPU s", "bare CPU s", "MB/CPU-s ratio", "ours s", "bare s", "MB peak")
        print("| " + " | ".join(head) + " |")
        print("|" + " --- |" * len(head))
        figures = []
        for name, unseen, quoted in kinds:
            if arguments.only not in name:
                continue
            source = folder / "input.csv"
            write_file(source, int(arguments.mb * _MB), unseen=unseen, quoted=quoted)
            one = measure_pairs(name, source, learned.program, training, arguments.pairs, folder)
            figures.append(asdict(one))
            cells = (
                one.file, f"{one.mb:.0f}", f"{one.flagged_rows}", f"{one.ours.cpu_s:.2f}", f"{one.bare.cpu_s:.2f}",
                f"{one.rate_ratio:.2f}", f"{one.ours.wall_s:.1f}", f"{one.bare.wall_s:.1f}", f"{one.ours.peak_mb:.0f}",
            )  # fmt: skip
            print("| " + " | ".join(cells) + " |", flush=True)
        small = measure_small(learned.program, training, folder)
        print(f"{_SMALL_ROWS} rows: {small:.0f} ms of CPU an inference; load {_load()}")
        if arguments.json:
            arguments.json.write_text(json.dumps({"files": figures, "small_cpu_ms": small}, indent=1))


def _load() -> str:
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


if __name__ == "__main__":
    main()
