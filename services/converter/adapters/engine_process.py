"""One engine: a process that learns and converts, one request at a time, away from the event loop and from gRPC.

It reads requests as JSON lines from standard input and answers each with one JSON line on standard output. Files pass
by path. It ends with its parent, and with the end of its input. Until the first request comes it makes ready for it.
"""

import contextlib
import ctypes
import hashlib
import json
import os
import resource
import select
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.common.core_files import leave_no_core_files
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.engine_requests import Work, instructions_of, teaching_of, write_json
from services.converter.adapters.engine_warming import warm_up
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.crew.occasion import wants_second_opinion
from services.converter.domain.faults import ConverterFault, Unanswered
from services.converter.domain.program import scale_limits
from services.converter.domain.stored_report import read_stored
from services.converter.fitting import ColumnsDrifted
from services.converter.inference import Inference, infer
from services.converter.regression import compare
from services.converter.training import Finding, SearchLimits, train

_PR_SET_PDEATHSIG = 1
_MOST_FINDINGS, _MAX_FOUND_BYTES = 4, 32 << 10
"""Pairs of which is kept what they came to, and the size above which that takes too much memory: a hundred plans, each
with its rows."""
_findings: dict[str, Finding] = {}
"""What the latest pairs came to, by their digest: to learn on from. The outcome is the same without it."""


def main() -> None:
    """Serves until the input ends. Arguments: niceness, address space in bytes."""
    niceness, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    # Not a session: the kernel weighs sessions against each other whatever the niceness of what is in them (sched(7),
    # autogroup), and engines would get half of the processor that the API waits for.
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is the parent's to handle
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    leave_no_core_files()
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library prints must not stand between replies.
    os.dup2(2, 1)
    with DuckDBSandbox() as sandbox:
        warm_up(sandbox, _is_asked)
        for line in sys.stdin:
            replies.write(json.dumps(_answer(json.loads(line), sandbox)) + "\n")
            replies.flush()


def _is_asked() -> bool:
    """Whether a request, or the end of the input, waits to be read."""
    return bool(select.select([sys.stdin], [], [], 0)[0])


def _answer(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    try:
        return {"result": _work(request["do"])(request, sandbox)}
    except ConverterFault as fault:
        return {"fault": {"reason": fault.reason, "message": fault.message}}
    except Unanswered as silence:
        return {"unanswered": silence.message}
    except MemoryError:
        return {"fault": {"reason": "INPUT_TOO_LARGE", "message": "the job needs more memory than it may have"}}


def _train(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    pair = Path(request["input"]).read_bytes(), Path(request["expected"]).read_bytes()
    references = {name: Path(path).read_bytes() for name, path in request.get("references", {}).items()}
    said = json.dumps([[request[name] for name in _OF_A_FINDING], list(references)]).encode()
    known = _digest(*pair, said, *references.values())
    training = train(
        *pair,
        runner=sandbox,
        instructions=instructions_of(request),
        limits=SearchLimits(cpu_s=request["cpu_s"], beside=lambda: sandbox.cpu_s).times(request["effort"]),
        teaching=teaching_of(request),
        finding=_findings.get(known),
        references=references,
    )
    if training.finding is not None and sum(map(len, pair)) <= _MAX_FOUND_BYTES:
        _findings.pop(known, None)
        _findings[known] = training.finding
        if len(_findings) > _MOST_FINDINGS:
            del _findings[next(iter(_findings))]
    Path(request["program"]).write_text(training.program.rstrip("\n") + "\n", encoding="utf-8")
    write_json(request["report"], training.report)
    return {
        "completed": training.status == "completed",
        "reason": training.reason,
        "code": training.code,
        "cells_right": training.judgement.cells_right,
        "questions": len(training.report["questions"]),
        "second_opinion": training.status == "completed" and wants_second_opinion(training.report),
    }


_OF_A_FINDING = "general_instructions", "column_instructions", "effort"


def _digest(*parts: bytes) -> str:
    return hashlib.sha256(b"".join(hashlib.sha256(part).digest() for part in parts)).hexdigest()


def _regress(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    taught: dict[str, list[int]] = {}
    for lesson in request["lessons"]:
        source = lesson["source"]
        if "file" in source:
            taught.setdefault(source["file"], []).extend(source.get("rows", [source.get("row")]))
    report = Path(request["report"])
    content = json.loads(report.read_text(encoding="utf-8"))
    files = _paths(request["files"])
    size = max((path.stat().st_size for path in files.values()), default=0)
    found = compare(
        Path(request["before"]).read_text(encoding="utf-8"),
        Path(request["program"]).read_text(encoding="utf-8"),
        files,
        taught,
        read_stored(content),
        sandbox=sandbox,
        spooler=FileSpooler(),
        limits=replace(scale_limits(size), time_s=request["deadline_s"]),
        references=_paths(request.get("references", {})),
    )
    write_json(request["report"], content | {"regression": found.as_json()})
    return {"untaught": found.untaught}


def _infer(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    try:
        inference = _inferred(request, sandbox)
    except ColumnsDrifted as drifted:
        fault = drifted.without_questions_on(request.get("absent", ()))
        write_json(request["report"], fault.as_json())
        asked = len(fault.questions)
        return {"completed": False, "code": fault.reason, "reason": fault.message, "questions": asked}
    write_json(request["report"], inference.as_json())
    write_json(request["review"], inference.review.as_json() if inference.review else {})
    return {
        "completed": True,
        "rows_in": inference.rows_in,
        "rows_out": inference.rows_out,
        "flagged_rows": inference.flagged_rows,
        "questions": len(inference.questions),
    }


def _inferred(request: dict[str, Any], sandbox: DuckDBSandbox) -> Inference:
    return infer(
        Path(request["program"]).read_text(encoding="utf-8"),
        Path(request["input"]),
        Path(request["output"]),
        sandbox=sandbox,
        spooler=FileSpooler(),
        training=read_stored(json.loads(Path(request["training_report"]).read_text(encoding="utf-8"))),
        on_unseen=request["on_unseen"],
        on_drift=request.get("on_drift", "ask"),
        columns=request.get("columns", {}),
        references=_paths(request.get("references", {})),
        limits=replace(scale_limits(Path(request["input"]).stat().st_size), time_s=request["deadline_s"]),
    )


def _paths(files: dict[str, str]) -> dict[str, Path]:
    return {name: Path(path) for name, path in files.items()}


_WORK: Mapping[str, Work] = {"train": _train, "infer": _infer, "regress": _regress}


def _work(name: str) -> Work:
    """What does a kind of request."""
    if name in _WORK:
        return _WORK[name]
    from services.converter.adapters.engine_agents import WORK  # noqa: PLC0415 - a parser of SQL, where there is a model

    return WORK[name]


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
