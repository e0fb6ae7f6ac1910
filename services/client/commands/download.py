"""`wealth download`: a converted file, a learned program, a report, a task's page, or an uploaded file."""

import hashlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from services.client.gateway_command import (
    add_user_option,
    make_parser,
    print_json,
    ref_of,
    with_gateway,
)
from services.client.progress_bar import ProgressBar
from services.client.rest import Client, JobRef, TaskRef
from services.client.rest.converter_calls import Artifact
from services.client.rest.results import Downloaded
from services.client.rest.transfers import OnProgress
from services.client.terminal import say, write_whole
from services.common.errors import AlreadyExists

_STDOUT = "-"
_NAMES = {
    "program": "program.sql", "report": "report.json", "output": "output.csv", "page": "report.html",
    "agents": "agents.json",
}  # fmt: skip


def run(arguments: Sequence[str]) -> int:
    """0: it is in its place, whole; 2: it is not there, or a file of that name is."""
    parser = make_parser("download", "Download a converted file, a program, a report, a task's page, or an upload.")
    parser.add_argument("id", metavar="ID", help="USER/JOB, task_..., or the uri of an uploaded file")
    parser.add_argument(
        "--what",
        choices=sorted(_NAMES),
        help="of a job: output (the default), program, report or agents; of a task: page",
    )
    parser.add_argument("-o", "--output", metavar="FILE", help="where it is written; - is standard output")
    parser.add_argument("--safe", action="store_true", help="put an apostrophe before cells a spreadsheet would run")
    add_user_option(parser)
    options = parser.parse_args(arguments)

    def download(client: Client) -> int:
        if options.id.startswith("file_id:"):
            return _save(options, "upload", lambda into, bar: client.download_file(options.id, into, on_progress=bar))
        ref = ref_of(options)
        if isinstance(ref, TaskRef) or options.what == "page":
            if isinstance(ref, JobRef) or options.what not in (None, "page"):
                parser.error("a page is of a task, and all that there is of one")
            return _save_page(options, client.get_task_report(ref.task_id))
        what: Artifact = options.what or "output"
        return _save(
            options,
            _NAMES[what],
            lambda into, bar: client.download(ref, into, what=what, safe=options.safe, on_progress=bar),
        )

    return with_gateway(options, download)


def _save(options: Any, name: str, fetch: Callable[[Path | BinaryIO, OnProgress], Downloaded]) -> int:
    path = _choose_path(options, name)
    with ProgressBar("downloading") as bar:
        done = fetch(path or sys.stdout.buffer, bar.show_bytes)
    _tell(options, path, done)
    return 0


def _save_page(options: Any, page: str) -> int:
    path = _choose_path(options, _NAMES["page"])
    if path is None:
        sys.stdout.write(page)
        return 0
    write_whole(path, page)
    content = page.encode()
    _tell(options, path, Downloaded(len(content), hashlib.sha256(content).hexdigest()))
    return 0


def _tell(options: Any, path: Path | None, done: Downloaded) -> None:
    if path is None:
        return
    if options.json:
        print_json({"file": str(path), "size": done.size, "sha256": done.sha256})
    else:
        say(f"{path}: {done.size} bytes, sha256 {done.sha256}")


def _choose_path(options: Any, default_name: str) -> Path | None:
    """The file that is named, or a plain name that nothing stands under yet; None for standard output."""
    if options.output:
        return None if options.output == _STDOUT else Path(options.output)
    path = Path(default_name)
    if path.exists():
        raise AlreadyExists(f"{path} is there already; name another place with --output", reason="FILE_EXISTS")
    return path
