"""`wealth teach`: a training's questions, the answers to them, corrections, and which of its programs serves."""

import sys
from argparse import ArgumentTypeError
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from services.client.exit_codes import REFUSED
from services.client.gateway_command import (
    add_id_option,
    add_wait_options,
    following,
    job_of,
    make_parser,
    print_json,
    print_text,
    upload,
    wait_for_end,
    with_gateway,
)
from services.client.json_files import read_json_file, take_fields
from services.client.outcomes import describe_job, describe_questions, describe_versions
from services.client.rest import Client, JobRef
from services.client.teaching_options import add_sample_option
from services.client.terminal import CommandParser
from services.common.errors import InvalidInput

_MAX_FILE_BYTES = 1 << 20


def run(arguments: Sequence[str]) -> int:
    """0: shown, learned, or accepted with ``--no-wait``; 2: refused, or the lessons could not be learned."""
    options = _parser().parse_args(arguments)

    def teach(client: Client) -> int:
        ref = job_of(options)
        if options.versions:
            versions = client.list_versions(ref.user_id, ref.job_id)
            print_json(versions) if options.json else print_text(describe_versions(versions))
            return 0
        if options.rollback:
            job = client.rollback(ref.user_id, ref.job_id, options.rollback)
            print_json(job) if options.json else print_text(describe_job(job))
            return 0
        if options.ask:
            return _ask_in_turn(client, ref, options)
        said = _said(options)
        if not said["answers"] and not said["corrections"] and not options.sample:
            questions = asdict(client.list_questions(ref.user_id, ref.job_id))
            text = describe_questions(questions) or "no question is open"
            print_json(questions) if options.json else print_text(text)
            return 0
        accepted = client.teach(
            ref.user_id, ref.job_id, answers=said["answers"], corrections=said["corrections"],
            promote=options.promote, idempotency_key=options.idempotency_key,
            samples={
                name: upload(client, file, ref.user_id, role=f"sample {name}", idempotency_key=options.idempotency_key)
                for name, file in options.sample
            },
        )  # fmt: skip
        ended = wait_for_end(client, accepted, options)
        if ended is None:
            return 0
        print_json(ended) if options.json else print_text(describe_job(ended))
        return 0 if ended.succeeded else REFUSED

    return with_gateway(options, teach)


def _ask_in_turn(client: Client, ref: JobRef, options: Any) -> int:
    """Asks the question whose answer is worth most, has the training learn from the answer, and asks what is left."""
    code = 0
    while True:
        asked = client.list_questions(ref.user_id, ref.job_id)
        if not asked.questions:
            print_text("no question is open")
            return code
        question = asked.questions[0]
        print_text(describe_questions({"questions": [question]}))
        answer = _read_answer(question)
        if answer is None:
            return code
        accepted = client.teach(
            ref.user_id, ref.job_id, answers=[answer], promote=options.promote, generation=asked.generation
        )
        with following(accepted.ref, options) as bar:
            job = client.wait(accepted, timeout_s=options.timeout_s, on_event=bar.show)
        code = 0 if job.succeeded else REFUSED
        print_text(f"{job.status}: {job.error or job.message}\n")


def _read_answer(question: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is typed: the number of an answer, or = and a value; None where nothing is, or there is no more."""
    most = len(question["candidates"])
    while True:
        sys.stderr.write(f"1 to {most}, or = and what is right; Enter alone ends: ")
        sys.stderr.flush()
        typed = sys.stdin.readline().rstrip("\r\n")
        if not typed.strip():
            return None
        if typed.startswith("="):
            return {"question_id": question["id"], "value": typed[1:]}
        if typed.strip().isdecimal() and 1 <= int(typed) <= most:
            return {"question_id": question["id"], "candidate": int(typed) - 1}


def _parser() -> CommandParser:
    parser = make_parser("teach", "Answer a training's questions and correct what it converted. Alone: list questions.")
    add_id_option(parser)
    parser.add_argument(
        "--answer", action="append", default=[], type=_answer, metavar="Q=VALUE", help="what the cell of a question is"
    )
    parser.add_argument(
        "--pick",
        action="append",
        default=[],
        type=_pick,
        metavar="Q=N",
        help="one of a question's answers, from 1; the last two are that none is right, and that you do not know",
    )
    parser.add_argument(
        "--drop", action="append", default=[], metavar="Q", help="the row of a question does not belong to the output"
    )
    parser.add_argument(
        "--correct",
        action="append",
        default=[],
        type=_correction,
        metavar="FILE:ROW:COLUMN=VALUE",
        help="what a cell of a converted file should be; FILE is input, a sample's name or an inference's job id",
    )
    parser.add_argument(
        "--drop-row", action="append", default=[], type=_dropped, metavar="FILE:ROW", help="a row that does not belong"
    )
    parser.add_argument(
        "--ask",
        action="store_true",
        help="ask one question after the other, each after what the last answer taught",
    )
    add_sample_option(parser)
    parser.add_argument("--answers", type=Path, metavar="A.json", help="answers and corrections as REST takes them")
    parser.add_argument("--promote", choices=("auto", "ask"), help="when the new program takes the old one's place")
    parser.add_argument("--versions", action="store_true", help="list the training's programs")
    parser.add_argument("--rollback", type=int, default=0, metavar="GENERATION", help="put that program in service")
    parser.add_argument("--idempotency-key", metavar="KEY", help="the same key and answers are taken once")
    add_wait_options(parser)
    return parser


def _said(options: Any) -> dict[str, list[Any]]:
    """The answers and corrections of the options, and of the file that they name."""
    said = _read(options.answers) if options.answers else {"answers": [], "corrections": []}
    said["answers"] += [*options.answer, *options.pick]
    said["answers"] += [{"question_id": question, "drop": True} for question in options.drop]
    said["corrections"] += [*options.correct, *options.drop_row]
    return said


def _read(path: Path) -> dict[str, list[Any]]:
    reason, names = "ANSWERS_INVALID", ("answers", "corrections")
    fields = take_fields(read_json_file(path, _MAX_FILE_BYTES, reason=reason), path, names, reason=reason)
    said = {name: fields.get(name, []) for name in names}
    for name, items in said.items():
        if not isinstance(items, list):
            raise InvalidInput(f"{path}: {name} is no list", reason=reason, field=name)
    return said


def _answer(text: str) -> dict[str, Any]:
    question, equals, value = text.partition("=")
    if not question or not equals:
        raise ArgumentTypeError(f"{text!r} is not QUESTION=VALUE")
    return {"question_id": question, "value": value}


def _pick(text: str) -> dict[str, Any]:
    question, _, number = text.partition("=")
    if not question or not number.isdigit() or int(number) < 1:
        raise ArgumentTypeError(f"{text!r} is not QUESTION=NUMBER")
    return {"question_id": question, "candidate": int(number) - 1}


def _correction(text: str) -> dict[str, Any]:
    place, equals, value = text.partition("=")
    file, _, rest = place.partition(":")
    row, _, column = rest.partition(":")
    if not (file and row.isdigit() and column and equals):
        raise ArgumentTypeError(f"{text!r} is not FILE:ROW:COLUMN=VALUE")
    return {"file": file, "row": int(row), "column": column, "value": value}


def _dropped(text: str) -> dict[str, Any]:
    file, _, row = text.rpartition(":")
    if not file or not row.isdigit():
        raise ArgumentTypeError(f"{text!r} is not FILE:ROW")
    return {"file": file, "row": int(row), "drop": True}
