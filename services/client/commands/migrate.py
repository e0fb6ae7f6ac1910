"""`wealth migrate`: what older services left, brought over record by record.

Nothing is written without ``--apply``; what stands here already is left alone. So the command may be interrupted and
begun again, and running it twice is as good as once.
"""

import base64
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from services.client.exit_codes import exit_code_of
from services.client.gateway_command import describe_error, make_parser, print_text, with_gateway
from services.client.older_store import (
    MAX_FILE_BYTES,
    OlderJob,
    OlderStore,
    OlderTask,
    Unreadable,
    find_records,
    open_source,
)
from services.client.rest import Client
from services.client.tables import format_table
from services.client.terminal import say
from services.common.errors import Denied, RetryableError, Unauthenticated, WealthError

_FINE, _SOME_REFUSED = 0, 1
_RETRAIN_REQUIRED = "RETRAIN_REQUIRED"
# Errors that every further record would meet as well: a key that may not, a suite that does not answer.
_FOR_ALL = (Unauthenticated, Denied, RetryableError)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the report. ``outcome`` is valid, imported, present, retraining or refused."""

    place: str
    what: str
    id: str
    outcome: str
    notes: tuple[str, ...] = ()


def run(arguments: Sequence[str]) -> int:
    """0: all of it; 1: some were refused (each is said); 2: the source cannot be read; else as other commands."""
    parser = make_parser("migrate", "Bring over tasks and jobs of older services. Without --apply nothing is written.")
    parser.add_argument("source", metavar="SOURCE", help="a folder, a tasks.json, or s3://BUCKET/PREFIX")
    parser.add_argument("--apply", action="store_true", help="write; without it, only say what would come of each")
    parser.add_argument("--retrain", action="store_true", help="train again what has its input and expected file")
    parser.add_argument("--user", metavar="USER", default="", help="whose records are that do not say it")
    parser.add_argument("--report", type=Path, metavar="FILE", help="also write a line of JSON for each record")
    options = parser.parse_args(arguments)
    if options.retrain and not options.apply:
        parser.error("--retrain trains, and needs --apply")

    def migrate(client: Client) -> int:
        store = open_source(options.source)
        with ExitStack() as stack:
            report = stack.enter_context(options.report.open("w", encoding="utf-8")) if options.report else None
            migration = _Migration(client, store, apply=options.apply, retrain=options.retrain, user=options.user)
            return _tell(migration.lines(), report, as_json=options.json)

    return with_gateway(options, migrate)


class _Migration:
    def __init__(self, client: Client, store: OlderStore, *, apply: bool, retrain: bool, user: str) -> None:
        self._client = client
        self._store = store
        self._validate_only = not apply
        self._retrain = retrain
        self._user = user

    def lines(self) -> Iterator[Line]:
        """Brings over one record after another. Raises what no further record would be spared."""
        for record in find_records(self._store):
            try:
                yield self._bring_over(record)
            except _FOR_ALL:
                raise
            except WealthError as error:
                yield Line(record.place, _kind_of(record), _id_of(record), "refused", (describe_error(error),))

    def _bring_over(self, record: OlderTask | OlderJob | Unreadable) -> Line:
        if isinstance(record, Unreadable):
            return Line(record.place, "?", "", "refused", (record.why,))
        if "_job" in (record.document if isinstance(record, OlderTask) else record.metadata):
            return Line(record.place, _kind_of(record), _id_of(record), "present", ("of this suite already",))
        if isinstance(record, OlderTask):
            found = self._client.import_task(record.document, username=self._user, validate_only=self._validate_only)
            return Line(record.place, "task", _id_of(record), found.outcome, found.notes)
        return self._bring_over_job(record)

    def _bring_over_job(self, record: OlderJob) -> Line:
        output = self._store.read(record.output_path, MAX_FILE_BYTES) if record.output_path else None
        found = self._client.import_job(
            record.metadata,
            user_id=self._user,
            output_csv_base64=None if output is None else base64.b64encode(output).decode(),
            validate_only=self._validate_only,
        )
        job, notes, outcome = found.job, found.notes, found.outcome
        if job.error_code == _RETRAIN_REQUIRED:
            if not (record.input_path and record.expected_path):
                notes += ("its input and expected file are not there: it cannot be trained again",)
            elif self._retrain:
                self._train(record, job.user_id, job.job_id, job.job_title)
                outcome = "retraining"
            else:
                notes += ("--retrain trains it again",)
        return Line(record.place, job.mode, str(job.ref), outcome, notes)

    def _train(self, record: OlderJob, user_id: str, job_id: str, title: str) -> None:
        """Trains a job again from its own files. Their digests make the key: a second run begins nothing twice."""
        files = [self._store.read(path, MAX_FILE_BYTES) for path in (record.input_path, record.expected_path)]
        digest = hashlib.sha256(b"\0".join(files) + job_id.encode()).hexdigest()
        uris = [
            self._client.upload_file(
                content, user_id=user_id, file_name=name, idempotency_key=f"{digest[:40]}-{name[0]}"
            ).uri
            for content, name in zip(files, ("input.csv", "expected.csv"), strict=True)
        ]
        instructions = record.metadata.get("column_instructions")
        self._client.train(
            user_id=user_id,
            input_file=uris[0],
            expected_output_file=uris[1],
            job_title=title or "brought over",
            owner=str(record.metadata.get("user_name") or ""),
            description=str(record.metadata.get("job_description") or ""),
            general_instructions=str(record.metadata.get("general_instructions") or ""),
            column_instructions=instructions if isinstance(instructions, dict) else None,
            job_id=job_id,
            idempotency_key=digest[:40],
        )


def _kind_of(record: OlderTask | OlderJob | Unreadable) -> str:
    if isinstance(record, OlderJob):
        return str(record.metadata.get("mode") or "training")
    return "task" if isinstance(record, OlderTask) else "?"


def _id_of(record: OlderTask | OlderJob | Unreadable) -> str:
    if isinstance(record, OlderJob):
        return f"{record.metadata.get('user_id', '')}/{record.metadata.get('job_id', '')}"
    return (
        str(record.document.get("task_id") or record.document.get("id") or "") if isinstance(record, OlderTask) else ""
    )


def _tell(lines: Iterator[Line], report: TextIO | None, *, as_json: bool) -> int:
    """Prints the lines, and how many there were of each kind. Keeps what is known where one record ends it all."""
    told: list[Line] = []
    status = _FINE
    try:
        for line in lines:
            told.append(line)
            if report:
                report.write(json.dumps(asdict(line), ensure_ascii=False) + "\n")
                report.flush()
    except _FOR_ALL as error:
        say(f"stopped after {len(told)} record(s): {describe_error(error)}; the same command goes on from here")
        status = exit_code_of(error)
    if as_json:
        sys.stdout.write(json.dumps([asdict(line) for line in told], indent=2, ensure_ascii=False) + "\n")
    else:
        rows = [(line.what, line.id or line.place, line.outcome, "; ".join(line.notes)) for line in told]
        print_text(format_table(("what", "id", "outcome", "notes"), rows))
    counts = Counter(line.outcome for line in told)
    say(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())) or "nothing of an older service")
    return status or (_SOME_REFUSED if counts["refused"] else _FINE)
