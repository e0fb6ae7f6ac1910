"""`wealth learn`: a program and a report from one input file and the file that it should become. Needs no server."""

import argparse
import gc
import json
from collections.abc import Sequence
from pathlib import Path

from services.client.exit_codes import UNAVAILABLE
from services.client.json_files import read_instructions_file, read_json_file
from services.client.outcomes import describe_questions
from services.client.teaching_options import add_reference_option, add_teaching_options
from services.client.terminal import CommandParser, duration_s, progress, say, write_whole
from services.common.errors import WealthError
from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.faults import ConverterFault, Unanswered
from services.converter.domain.instructions import Instructions
from services.converter.taught import Teaching
from services.converter.training import DEFAULT_CPU_S, MOST_EFFORT, SearchLimits, Training, train

_DONE, _REFUSED = 0, 2
_MAX_LESSONS_BYTES = 4 << 20


def run(arguments: Sequence[str]) -> int:
    """0: learned; 2: refused or failed, the reason and the first differences on stderr; 64: usage; 69: no processor."""
    options = _parser().parse_args(arguments)
    try:
        instructions = Instructions(*read_instructions_file(options.instructions)) if options.instructions else None
        lessons = ()
        if options.lessons:
            lessons = read_json_file(options.lessons, _MAX_LESSONS_BYTES, reason="LESSONS_INVALID")
        gc.freeze()  # what is imported stays: looking through it again and again takes a tenth of a training
        with progress("learning"), DuckDBSandbox() as sandbox:
            training = train(
                options.input.read_bytes(),
                options.expected.read_bytes(),
                runner=sandbox,
                instructions=instructions,
                limits=SearchLimits(cpu_s=options.timeout_s).times(options.effort),
                teaching=Teaching(
                    lessons,
                    {name: Path(file).read_bytes() for name, file in options.sample},
                    options.on_ambiguity or "keep",
                ),
                references={name: Path(file).read_bytes() for name, file in options.reference},
            )
        write_whole(options.program, training.program)
        write_whole(options.report, json.dumps(training.report, indent=2, ensure_ascii=False) + "\n")
    except (ConverterFault, WealthError) as fault:
        say(f"{fault.reason}: {fault.message}")
        return _REFUSED
    except Unanswered as silence:
        say(f"ENGINE_UNANSWERED: {silence.message}: nothing is known of the files; try again when less runs here")
        return UNAVAILABLE
    except OSError as error:
        say(f"FILE_FAILED: {error.strerror}: {error.filename}")
        return _REFUSED
    _tell(training, options.program)
    return _DONE if training.status == "completed" else _REFUSED


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="wealth learn", description="Learn a conversion program from a pair of tables: CSV, .xlsx, .gz, .zip."
    )
    parser.add_argument("--input", type=Path, required=True, metavar="A.csv", help="a file as it comes")
    parser.add_argument("--expected", type=Path, required=True, metavar="B.csv", help="the file that it should become")
    parser.add_argument(
        "--instructions",
        type=Path,
        metavar="I.json",
        help='words on the conversion: {"general_instructions": "...", "column_instructions": {"column": "..."}}',
    )
    add_teaching_options(parser)
    add_reference_option(parser)
    parser.add_argument(
        "--lessons",
        type=Path,
        metavar="L.json",
        help='what becomes of single rows: [{"source": {"file": "C.csv", "row": 14}, "output": {"Action": "Buy"}}, '
        '...]; the output may be "drop" or "keep"',
    )
    parser.add_argument("--program", type=Path, required=True, metavar="P.sql", help="where the program is written")
    parser.add_argument("--report", type=Path, required=True, metavar="R.json", help="where the report is written")
    parser.add_argument(
        "--effort", type=_effort, default=1, metavar="N", help="search N times longer than usual, 1 to 16 (%(default)d)"
    )
    parser.add_argument(
        "--timeout-s",
        type=duration_s,
        default=DEFAULT_CPU_S,
        help="CPU seconds after which the search is given up, for each effort (%(default)g)",
    )
    return parser


def _effort(text: str) -> int:
    effort = int(text)
    if not 1 <= effort <= MOST_EFFORT:
        raise argparse.ArgumentTypeError(f"{effort} is not from 1 to {MOST_EFFORT}")
    return effort


def _tell(training: Training, program: Path) -> None:
    for file, notes in training.report["reading"].items():
        for note in notes:
            say(f"{file}: {note}")
    for heard in training.report.get("instructions", ()):
        where = f'"{heard["column"]}": ' if heard["column"] else ""
        say(f"instruction {heard['outcome']}: {where}{heard['sentence']} ({heard['words']})")
    questions = describe_questions(training.report)
    if questions:
        say(f"open questions; each is answered by a lesson (--lessons):\n{questions}")
    if training.status != "completed":
        say(f"{training.code}: {training.reason}")
        if training.judgement.differences:
            say(training.judgement.describe())
        return
    say(f"learned: {training.judgement.describe()}; the program is in {program}")
    for found in training.report.get("ambiguities", ())[:5]:
        either = f"{found['chosen']}, or {found['alternative']}"
        say(f'ambiguous: column "{found["column"]}": {either}; one more example decides')
    for warning in training.report.get("warnings", ()):
        say(f"warning: {warning}")
