"""`wealth apply`: a learned program applied to a file of any size. Needs no server."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from services.client.exit_codes import UNAVAILABLE
from services.client.outcomes import list_findings
from services.client.teaching_options import add_drift_options, add_reference_option
from services.client.terminal import CommandParser, duration_s, progress, say, write_whole
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.adapters.spool import FileSpooler
from services.converter.domain.faults import ConverterFault, ProgramNotAllowed, Unanswered
from services.converter.domain.program import INFERENCE_LIMITS, scale_limits
from services.converter.domain.stored_report import ReportInvalid, StoredTraining, read_stored
from services.converter.fitting import ColumnsDrifted
from services.converter.inference import Inference, infer

_DONE, _REFUSED, _NOT_ALLOWED = 0, 2, 3
_MAX_REPORT_BYTES = 64 << 20
_MAX_PROGRAM_BYTES = INFERENCE_LIMITS.program_bytes


def run(arguments: Sequence[str]) -> int:
    """0: done; 2: refused or failed, with the reason; 3: the sandbox does not allow the program;
    64: usage; 69: the sandbox had no processor."""
    parser = _parser()
    options = parser.parse_args(arguments)
    with_report = (options.on_unseen, options.on_drift, options.rename, options.reference)
    if options.report is None and any(with_report):
        parser.error("--on-unseen, --on-drift, --rename and --reference need --report: it says what the example showed")
    try:
        training = _read_report(options.report) if options.report else None
        program = _read_text(options.program, _MAX_PROGRAM_BYTES, "PROGRAM_TOO_LARGE")
        limits = scale_limits(options.input.stat().st_size)
        with progress("converting"), DuckDBSandbox() as sandbox:
            inference = infer(
                program,
                options.input,
                options.output,
                sandbox=sandbox,
                spooler=FileSpooler(),
                training=training,
                on_unseen=options.on_unseen or "null",
                on_drift=options.on_drift or "ask",
                columns=dict(options.rename),
                references={name: Path(file) for name, file in options.reference},
                limits=replace(limits, time_s=options.timeout_s or limits.time_s),
            )
        if options.out_report:
            write_whole(options.out_report, json.dumps(inference.as_json(), indent=2, ensure_ascii=False) + "\n")
    except ColumnsDrifted as fault:
        if options.out_report:
            write_whole(options.out_report, json.dumps(fault.as_json(), indent=2, ensure_ascii=False) + "\n")
        say(f"{fault.reason}: {fault.message}; say what is meant by --rename COLUMN=PRESENT")
        return _REFUSED
    except ProgramNotAllowed as fault:
        say(f"{fault.reason}: {fault.message}")
        return _NOT_ALLOWED
    except ConverterFault as fault:
        say(f"{fault.reason}: {fault.message}")
        return _REFUSED
    except Unanswered as silence:
        say(f"ENGINE_UNANSWERED: {silence.message}: nothing is known of the program; try again when less runs here")
        return UNAVAILABLE
    except OSError as error:
        say(f"FILE_FAILED: {error.strerror}: {error.filename}")
        return _REFUSED
    _tell(inference)
    return _DONE


def _parser() -> CommandParser:
    parser = CommandParser(prog="wealth apply", description="Apply a learned conversion program to a CSV file.")
    parser.add_argument("--program", type=Path, required=True, metavar="P.sql", help="the program")
    parser.add_argument("--report", type=Path, metavar="R.json", help="the report of its training")
    parser.add_argument("--input", type=Path, required=True, metavar="C.csv", help="the file to convert")
    parser.add_argument("--output", type=Path, required=True, metavar="D.csv", help="where the result is written")
    parser.add_argument(
        "--on-unseen",
        choices=("null", "keep", "fail"),
        help="cells that the example did not show how to convert: leave them empty (the default), "
        "keep what the program makes of them, or fail; needs --report",
    )
    add_drift_options(parser)
    add_reference_option(parser)
    parser.add_argument("--out-report", type=Path, metavar="S.json", help="where the report on this file is written")
    parser.add_argument(
        "--timeout-s", type=duration_s, help="seconds (default: a minute, and a second for each MiB of the input)"
    )
    return parser


def _read_report(path: Path) -> StoredTraining:
    try:
        return read_stored(json.loads(_read_text(path, _MAX_REPORT_BYTES, "REPORT_INVALID")))
    except ValueError as error:
        raise ReportInvalid(f"the report is not JSON: {error}") from error


def _read_text(path: Path, limit: int, reason: str) -> str:
    if path.stat().st_size > limit:
        raise ConverterFault(f"{path} is over {limit} bytes", reason=reason)
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ConverterFault(f"{path} is not UTF-8 text", reason=reason) from error


def _tell(inference: Inference) -> None:
    say(f"{inference.rows_in} rows in, {inference.rows_out} rows out")
    for line in list_findings(inference.as_json()):
        say(line)
