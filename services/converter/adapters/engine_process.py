"""One engine: a process that learns and converts, one request at a time, away from the event loop and from gRPC.

It reads requests as JSON lines from standard input and answers each with one JSON line on standard output. Files pass
by path. It ends with its parent, and with the end of its input.
"""

import contextlib
import ctypes
import json
import os
import resource
import signal
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import ConverterFault
from services.converter.domain.instructions import Instructions
from services.converter.domain.program import INFERENCE_LIMITS
from services.converter.domain.stored_report import read_stored
from services.converter.inference import infer
from services.converter.training import train

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serves until the input ends. Arguments: niceness, address space in bytes."""
    niceness, memory_bytes = int(sys.argv[1]), int(sys.argv[2])
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal's interrupt is the parent's to handle
    os.nice(niceness)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    # Whatever a library prints must not stand between replies.
    os.dup2(2, 1)
    with DuckDBSandbox() as sandbox:
        for line in sys.stdin:
            replies.write(json.dumps(_answer(json.loads(line), sandbox)) + "\n")
            replies.flush()


def _answer(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    try:
        return {"result": (_train if request["do"] == "train" else _infer)(request, sandbox)}
    except ConverterFault as fault:
        return {"fault": {"reason": fault.reason, "message": fault.message}}
    except MemoryError:
        return {"fault": {"reason": "INPUT_TOO_LARGE", "message": "the job needs more memory than it may have"}}


def _train(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    instructions = Instructions(request["general_instructions"], request["column_instructions"])
    training = train(
        Path(request["input"]).read_bytes(),
        Path(request["expected"]).read_bytes(),
        runner=sandbox,
        instructions=instructions,
        deadline_s=request["deadline_s"],
    )
    Path(request["program"]).write_text(training.program.rstrip("\n") + "\n", encoding="utf-8")
    Path(request["report"]).write_text(json.dumps(training.report, ensure_ascii=False, indent=1), encoding="utf-8")
    return {
        "completed": training.status == "completed",
        "reason": training.reason,
        "cells_right": training.judgement.cells_right,
    }


def _infer(request: dict[str, Any], sandbox: DuckDBSandbox) -> dict[str, Any]:
    inference = infer(
        Path(request["program"]).read_text(encoding="utf-8"),
        Path(request["input"]),
        Path(request["output"]),
        sandbox=sandbox,
        spooler=FileSpooler(),
        training=read_stored(json.loads(Path(request["training_report"]).read_text(encoding="utf-8"))),
        on_unseen=request["on_unseen"],
        limits=replace(INFERENCE_LIMITS, time_s=request["deadline_s"]),
    )
    Path(request["report"]).write_text(json.dumps(inference.as_json(), ensure_ascii=False, indent=1), encoding="utf-8")
    return {"rows_in": inference.rows_in, "rows_out": inference.rows_out, "flagged_rows": inference.flagged_rows}


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError, KeyboardInterrupt):
        main()
