"""Measure conversion by example: learn from each case's training pair, convert its test input, write down what came.

    python -m benchmarks.by_example CASES OUT [--suite S ...] [--limit N] [--jobs N] [--timeout-s 200]

``CASES/<suite>/<case>/`` holds ``train_input.csv``, ``train_expected.csv`` and ``test_input.csv``; nothing else of a
case is opened. ``OUT/<suite>/<case>/`` gets ``output.csv`` (where the training completed and the program ran),
``program.sql``, ``report.json``, ``result.json``, ``inference.json`` (the report on the rows), ``flags.json`` (which
rows and columns of the output it names) and ``questions.json`` (what the example leaves open). The engine is the one
behind `wealth learn` and `wealth apply`. A case whose files end their lines with CR LF is known to be of the folders'
own format, comma-separated with one header row, so that no dialect is looked for; another case's files are read as
people's are, without a hint. With ``--questions K`` up to K answers are given to each case by the oracle
(`benchmarks.oracle`), and ``OUT-answered/`` gets the same of the converter that has learned from them; `taught.json`
has the scores by answers.
"""

import argparse
import csv
import json
import multiprocessing
import multiprocessing.connection
import resource
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import Any

from benchmarks import taught
from benchmarks.without import taken_out
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import ConverterFault
from services.converter.domain.program import RunLimits
from services.converter.domain.reading.reader import ReadingHints
from services.converter.domain.stored_report import read_stored
from services.converter.domain.table import Dialect, Table
from services.converter.inference import Inference, infer
from services.converter.taught import Teaching
from services.converter.training import SearchLimits, Training, train

_CASE_DIALECT = Dialect(line_end="\r\n")
CASE_HINTS = ReadingHints(dialect=_CASE_DIALECT, exact=True, has_header=True)
"""How files of the folders' own format are read."""
_MEMORY_BYTES = 6 << 30
_GRACE_S = 10.0
_PATIENCE = 10
"""How much longer than the CPU time of its search a case may take by the clock on the wall."""


Job = tuple[Path, Path] | tuple[Path, Path, str]
"""A case, where its results go, and a unit or step that is to be learned without, if any (see `ablation`)."""


_FILES = ("output.csv", "program.sql", "report.json", "result.json", "inference.json", "flags.json", "questions.json")


def run_case(case: Path, out: Path, sandbox: DuckDBSandbox, timeout_s: float, *, questions: int = 0) -> dict[str, Any]:
    """Learn and convert one case; the content of its `result.json`.

    With answers to at most so many ``questions`` it is learned on: what came then goes to the folder `answered`.
    """
    result, training = _run(case, out, sandbox, timeout_s)
    if questions:
        (out / "taught.json").unlink(missing_ok=True)
        if training is not None:
            _run_answered(case, out, training, sandbox, timeout_s, questions)
    return result


def answered(out: Path) -> Path:
    """Where the results of a case go that was asked about, by where they go without."""
    root = out.parents[1]
    return root.with_name(f"{root.name}-answered") / out.parent.name / out.name


def _run_answered(
    case: Path, out: Path, training: Training, sandbox: DuckDBSandbox, timeout_s: float, questions: int
) -> None:
    """Ask, learn on and convert with what was learned; without an answer the results are the same as before."""
    folder = answered(out)
    folder.mkdir(parents=True, exist_ok=True)

    def learn(teaching: Teaching | None, known: Training | None) -> Training:
        return _train(case, sandbox, timeout_s, teaching, known)

    def convert(learned: Training, source: Path, output: Path) -> Inference:
        return apply_training(learned, source, output, sandbox, timeout_s, hints_of(case))

    try:
        found = taught.run_taught(case, folder, questions, training, learn, convert)
    except Exception:  # noqa: BLE001 - a crash is a result of the measurement
        found = taught.unscored(questions) | {"reason": traceback.format_exc()[-2000:], "last": training}
    last: Training = found.pop("last")
    (out / "taught.json").write_text(json.dumps(found, indent=1), encoding="utf-8")
    result, _ = _run(case, folder, sandbox, timeout_s, last)
    (folder / "result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")


def _train(
    case: Path,
    sandbox: DuckDBSandbox,
    timeout_s: float,
    teaching: Teaching | None = None,
    known: Training | None = None,
) -> Training:
    return train(
        (case / "train_input.csv").read_bytes(),
        (case / "train_expected.csv").read_bytes(),
        runner=sandbox,
        limits=SearchLimits(cpu_s=timeout_s),
        hints=hints_of(case),
        teaching=teaching,
        finding=known.finding if known else None,
    )


def apply_training(
    training: Training,
    source: Path,
    output: Path,
    sandbox: DuckDBSandbox,
    timeout_s: float,
    hints: ReadingHints | None = None,
) -> Inference:
    """Convert a file by what was learned, as `wealth apply` does. Raises as `infer`."""
    return infer(
        training.program,
        source,
        output,
        sandbox=sandbox,
        spooler=FileSpooler(),
        training=read_stored(training.report),
        limits=RunLimits(time_s=timeout_s),
        hints=hints,
    )


def _run(
    case: Path, out: Path, sandbox: DuckDBSandbox, timeout_s: float, training: Training | None = None
) -> tuple[dict[str, Any], Training | None]:
    """Learn, where that is not done yet, convert, and write down what came."""
    out.mkdir(parents=True, exist_ok=True)
    for name in _FILES:
        (out / name).unlink(missing_ok=True)
    _reset_peak()
    result: dict[str, Any] = {"status": "error", "apply_s": 0.0, "flagged": False}
    started = time.perf_counter()
    try:
        training = training or _train(case, sandbox, timeout_s)
        result["learn_s"] = round(time.perf_counter() - started, 4)
        result["units"] = sorted(training.units)
        (out / "program.sql").write_text(training.program, encoding="utf-8")
        (out / "report.json").write_text(json.dumps(training.report, indent=1, ensure_ascii=False), encoding="utf-8")
        (out / "questions.json").write_text(
            json.dumps(training.report["questions"], indent=1, ensure_ascii=False), encoding="utf-8"
        )
        if training.status == "completed":
            result |= _apply(case, out, training, sandbox, timeout_s)
        else:
            right = training.judgement.cells_right
            result |= {"status": "refused", "reason": training.reason, "cells_right": right}
    except ConverterFault as fault:
        result |= {"status": "refused", "reason": f"{fault.reason}: {fault.message}"[:500]}
    except Exception:  # noqa: BLE001 - a crash is a result of the measurement
        result |= {"status": "error", "reason": traceback.format_exc()[-2000:]}
    result.setdefault("learn_s", round(time.perf_counter() - started, 4))
    result.setdefault("units", [])
    result["peak_rss_mb"] = round(max(peak_bytes(), result.pop("child_rss_bytes", 0)) / 1e6, 1)
    return result, training


def hints_of(case: Path) -> ReadingHints | None:
    """How a case's files are read: those with the benchmark's line ends in its own format, others as they come."""
    return CASE_HINTS if b"\r\n" in (case / "train_input.csv").read_bytes() else None


def _apply(case: Path, out: Path, training: Training, sandbox: DuckDBSandbox, timeout_s: float) -> dict[str, Any]:
    started = time.perf_counter()
    inference = apply_training(
        training, case / "test_input.csv", out / "output.csv", sandbox, timeout_s, hints_of(case)
    )
    took = round(time.perf_counter() - started, 4)
    (out / "inference.json").write_text(json.dumps(inference.as_json(), indent=1, ensure_ascii=False), encoding="utf-8")
    flags = list_flags(inference, _named_columns(out / "output.csv"))
    (out / "flags.json").write_text(json.dumps(flags, ensure_ascii=False), encoding="utf-8")
    return {
        "status": "completed",
        "apply_s": took,
        "flagged": bool(inference.flags) or not inference.order_learned,
        "child_rss_bytes": inference.peak_rss_bytes,
    }


def _named_columns(output: Path) -> frozenset[str]:
    """The names by which the columns of an output can be told apart: none where it has one column, or no names."""
    with output.open(encoding="utf-8", newline="") as lines:
        header = tuple(next(csv.reader(lines), ()))
    return frozenset(header) if len(header) > 1 and Table(header, ()).has_names else frozenset()


def list_flags(inference: Inference, names: frozenset[str]) -> list[dict[str, Any]]:
    """An inference's flags as the score reads them: one for each row of the output (or of the input, where the row is
    not in the output), with the columns that may be wrong.

    The score compares columns by the header's ``names``. A file of one column, or with placeholders for names, is
    headerless to it: there a flag speaks of its whole row.
    """
    found = [
        {
            "row": flag.output_row,
            "input_row": flag.row,
            "columns": [column for column in flags.output_columns if column in names],
            "order": False,
        }
        for flags in inference.flags
        for flag in flags.first
    ]
    if not inference.order_learned:
        found.append({"row": None, "input_row": None, "columns": [], "order": True})
    return found


def _reset_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """The most memory that this process has had, since its peak was last reset."""
    with suppress(OSError):
        for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@dataclass(slots=True)
class _Worker:
    process: ForkProcess
    pipe: "multiprocessing.connection.Connection[Any, Any]"
    case: Job | None = None
    deadline: float = 0.0


def _start_worker(timeout_s: float, questions: int) -> _Worker:
    ours, theirs = multiprocessing.get_context("fork").Pipe()
    process = multiprocessing.get_context("fork").Process(
        target=_work, args=(theirs, timeout_s, questions), daemon=True
    )
    process.start()
    theirs.close()
    return _Worker(process, ours)


def _work(pipe: "multiprocessing.connection.Connection[Any, Any]", timeout_s: float, questions: int) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    with DuckDBSandbox(limits=RunLimits(time_s=timeout_s)) as sandbox:
        while (job := pipe.recv()) is not None:
            case, out, *without = job
            with taken_out(*without) if without else nullcontext():
                result = run_case(case, out, sandbox, timeout_s, questions=questions)
            pipe.send(result)


def run_cases(cases: Sequence[Job], jobs: int, timeout_s: float, questions: int = 0) -> dict[str, int]:
    """Run all cases in ``jobs`` worker processes, each killed where a case takes far longer than its limit, or where
    this process is told to end."""
    waiting = list(reversed(cases))
    # As an exception it passes through the loop below, which ends the workers.
    former = signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    workers = [_start_worker(timeout_s, questions) for _ in range(min(jobs, len(cases)))]
    counts: dict[str, int] = {}
    done = 0
    try:
        while waiting or any(worker.case for worker in workers):
            for i, worker in enumerate(workers):
                if worker.case is None and waiting:
                    worker.case = waiting.pop()
                    worker.deadline = time.monotonic() + _PATIENCE * timeout_s + _GRACE_S
                    worker.pipe.send(worker.case)
                elif worker.case and (time.monotonic() > worker.deadline or not worker.process.is_alive()):
                    _finish(worker, {"status": "error", "reason": "killed: over its time or memory"}, counts)
                    worker.process.kill()
                    worker.process.join()
                    workers[i] = _start_worker(timeout_s, questions)
            ready = multiprocessing.connection.wait([w.pipe for w in workers if w.case], timeout=0.5)
            for worker in workers:
                if worker.pipe in ready:
                    try:
                        result = worker.pipe.recv()
                    except EOFError:
                        continue  # it died; the loop above sees that
                    _finish(worker, result, counts)
            finished = sum(counts.values())
            if finished >= done + 50 or (finished == len(cases) and finished > done):
                done = finished
                print(f"{done}/{len(cases)} {counts}", file=sys.stderr, flush=True)
    finally:
        for worker in workers:
            with suppress(OSError):
                worker.pipe.send(None)
            worker.process.join(timeout=0 if worker.case else _GRACE_S)
            worker.process.kill()
            worker.process.join()
        signal.signal(signal.SIGTERM, former)
    return counts


def _finish(worker: _Worker, result: dict[str, Any], counts: dict[str, int]) -> None:
    assert worker.case is not None
    out = worker.case[1]
    out.mkdir(parents=True, exist_ok=True)
    if result["status"] != "completed":
        (out / "output.csv").unlink(missing_ok=True)
    (out / "result.json").write_text(json.dumps(result, indent=1), encoding="utf-8")
    counts[result["status"]] = counts.get(result["status"], 0) + 1
    worker.case = None


def find_cases(root: Path, out: Path, suites: list[str], limit: int | None) -> list[tuple[Path, Path]]:
    """The case folders (and where their results go), at most ``limit`` of each suite, in order."""
    found: list[tuple[Path, Path]] = []
    for suite in sorted(path for path in root.iterdir() if path.is_dir()):
        if not suites or suite.name in suites:
            cases = sorted(path for path in suite.iterdir() if (path / "test_input.csv").exists())
            found += [(case, out / suite.name / case.name) for case in cases[:limit]]
    return found


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What all measurements by example are told."""
    parser.add_argument("cases", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--suite", action="append", default=[], help="only this suite; may be given several times")
    parser.add_argument("--limit", type=int, help="at most this many cases of each suite")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--timeout-s", type=float, default=200.0, help="CPU seconds of a search (%(default)g)")


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.by_example", description=__doc__.split("\n")[0])
    add_arguments(parser)
    parser.add_argument("--questions", type=int, default=0, help="answers that each case gets at most (%(default)s)")
    options = parser.parse_args()
    cases = find_cases(options.cases, options.out, options.suite, options.limit)
    counts = run_cases(cases, max(1, options.jobs), options.timeout_s, options.questions)
    print(json.dumps(counts))
    if options.questions:
        print(taught.summary([(out.parent.name, taught.scores(out, options.questions)) for _, out in cases]))
    return 0 if cases else 1


if __name__ == "__main__":
    sys.exit(main())
