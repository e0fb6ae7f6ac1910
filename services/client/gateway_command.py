"""What the commands that call a gateway share: options, errors in one line, following to the end, JSON on stdout."""

import argparse
import hashlib
import json
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, overload

from services.client.exit_codes import INTERRUPTED, NOT_OVER_YET, REFUSED, exit_code_of
from services.client.progress_bar import ProgressBar
from services.client.rest import Client, Overdue, as_json, parse_ref
from services.client.rest.converter_results import Job
from services.client.rest.results import JobRef, Task, TaskRef
from services.client.rest.subjects import HasJobRef, HasTaskRef
from services.client.settings import SUITE_HELP, find_gateway, load_settings
from services.client.tables import clean
from services.client.terminal import CommandParser, duration_s, say
from services.common.errors import InvalidInput, WealthError

REMOTE_URIS = ("file_id:", "s3://", "https://", "data:")


def make_parser(name: str, description: str) -> CommandParser:
    """A parser with what every such command takes."""
    parser = CommandParser(prog=f"wealth {name}", description=description)
    parser.add_argument("--url", metavar="URL", help="the gateway's address (WEALTH_URL)")
    parser.add_argument("--suite", type=Path, metavar="PATH", help=SUITE_HELP)
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser


def add_wait_options(parser: CommandParser) -> None:
    """The options of commands that begin something."""
    parser.add_argument("--no-wait", action="store_true", help="do not wait for the end; print the id")
    add_timeout_option(parser)


def add_timeout_option(parser: CommandParser) -> None:
    """How long to wait for the end."""
    parser.add_argument("--timeout-s", type=duration_s, metavar="S", help="seconds to wait for the end (no limit)")


def add_user_option(parser: CommandParser) -> None:
    """Whose: conversions belong to a user."""
    parser.add_argument("--user", metavar="USER", default="", help="the user that it belongs to (WEALTH_USER)")


def add_id_option(parser: CommandParser) -> None:
    """Which task or job."""
    parser.add_argument("id", metavar="ID", help="task_..., or USER/JOB")
    add_user_option(parser)


def ref_of(options: argparse.Namespace) -> TaskRef | JobRef:
    """The task or job that is named. Raises InvalidInput."""
    return parse_ref(options.id, options.user or load_settings().wealth_user)


def job_of(options: argparse.Namespace) -> JobRef:
    """The training that is named. Raises InvalidInput, also where it is a task."""
    ref = ref_of(options)
    if not isinstance(ref, JobRef):
        raise InvalidInput("a training is wanted: USER/JOB", field="id")
    return ref


def with_gateway(options: argparse.Namespace, do: Callable[[Client], int]) -> int:
    """Opens a client, runs a command with it, and turns errors into one line and an exit code."""
    try:
        address = find_gateway(options.url, options.suite, load_settings())
        with Client(address.url, address.api_key) as client:
            return do(client)
    except WealthError as error:
        say(describe_error(error))
        return exit_code_of(error)
    except Overdue as error:
        say(f"NOT_OVER_YET: {error}")
        return NOT_OVER_YET
    except OSError as error:
        say(f"FILE_FAILED: {error.strerror or error}: {error.filename}")
        return REFUSED


def describe_error(error: WealthError) -> str:
    """An error in one line: reason, words with the field, and the request to quote."""
    field = error.field if isinstance(error, InvalidInput) else ""
    words = error.message if not field or field in error.message else f"{field}: {error.message}"
    request = f" (request {clean(error.request_id)})" if error.request_id else ""
    return f"{error.reason}: {clean(words)}{request}"


def user_of(options: argparse.Namespace) -> str:
    """The user that is named. Raises InvalidInput where none is."""
    user: str = options.user or load_settings().wealth_user
    if not user:
        raise InvalidInput("whose is it? Give --user or set WEALTH_USER", reason="USER_MISSING", field="user")
    return user


@contextmanager
def told_on_interrupt(ref: TaskRef | JobRef, options: argparse.Namespace) -> Iterator[None]:
    """Says that a task or job goes on where the block is left by Ctrl-C, and exits, or by its time running out."""
    again = ["wealth", "watch", str(ref)]
    again += ["--url", options.url] if options.url else []
    again += ["--suite", str(options.suite)] if options.suite else []
    hint = f"{ref} goes on; to watch it again: {shlex.join(again)}"
    try:
        yield
    except KeyboardInterrupt:
        say(f"\ninterrupted: {hint}")
        raise SystemExit(INTERRUPTED) from None
    except Overdue:
        say(hint)
        raise


@contextmanager
def following(ref: TaskRef | JobRef, options: argparse.Namespace) -> Iterator[ProgressBar]:
    """A bar to wait behind; leaving it early says how to watch again."""
    with told_on_interrupt(ref, options), ProgressBar(str(ref)) as bar:
        yield bar


@overload
def wait_for_end(client: Client, accepted: HasTaskRef, options: argparse.Namespace) -> Task | None: ...


@overload
def wait_for_end(client: Client, accepted: HasJobRef, options: argparse.Namespace) -> Job | None: ...


def wait_for_end(client: Client, accepted: Any, options: argparse.Namespace) -> Task | Job | None:
    """How ended what was begun; None where ``--no-wait`` is given: what was accepted is printed then."""
    if options.no_wait:
        print_json(accepted) if options.json else print_text(str(accepted.ref))
        return None
    with following(accepted.ref, options) as bar:
        ended: Task | Job = client.wait(accepted, timeout_s=options.timeout_s, on_event=bar.show)
    return ended


def upload(client: Client, file: str, user_id: str, *, role: str, idempotency_key: str | None) -> str:
    """The URI of an input: what is one already, or a local file that is uploaded.

    Under an idempotency key the file of each ``role`` gets one derived from it, and so the same URI: otherwise the
    call that names it would be another one.
    """
    if file.startswith(REMOTE_URIS):
        return file
    path = Path(file)
    key = hashlib.sha256(f"{idempotency_key}/{role}".encode()).hexdigest() if idempotency_key else None
    with ProgressBar(f"uploading {path.name}") as bar:
        return client.upload_file(path, user_id=user_id, idempotency_key=key, on_progress=bar.show_bytes).uri


def print_json(value: Any) -> None:
    """Prints a result as JSON."""
    sys.stdout.write(json.dumps(as_json(value), indent=2, ensure_ascii=False) + "\n")


def print_text(text: str) -> None:
    """Prints a text that ends in one line end."""
    sys.stdout.write(text.rstrip("\n") + "\n")
