"""Files of any size in both directions, in pieces, each checked by length and SHA-256."""

import functools
import hashlib
import io
import os
import tempfile
import urllib.parse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, Protocol, TypeAlias

from services.client.rest import calls, converter_calls
from services.client.rest.call import Call
from services.client.rest.converter_calls import Artifact
from services.client.rest.problems import read_problem
from services.client.rest.results import Downloaded, StoredFile
from services.client.rest.retries import Attempts, Terms, no_answer, perform
from services.client.rest.subjects import HasJobRef
from services.client.rest.wire import Answer, Broken, FileBody, Flow, Open, Pause, Read, Request, Work
from services.common.errors import Conflict, Internal, InvalidInput, WealthError
from services.common.placing import find_draft_folder, is_special, put_in_place

# Told how many bytes are through, and how many there are where that is known.
OnProgress: TypeAlias = Callable[[int, int | None], None]
_SHA256_CHARS = 64


def upload_file(
    source: Path | str | bytes,
    *,
    user_id: str = "",
    file_name: str = "",
    idempotency_key: str | None = None,
    on_progress: OnProgress | None = None,
) -> "Upload":
    """Uploads a file (a text is its path) in pieces and checks that what was stored is what was sent."""
    source = Path(source) if isinstance(source, str) else source
    name = file_name or (source.name if isinstance(source, Path) else "")
    return Upload(
        calls.upload_file(user_id=user_id, file_name=name, idempotency_key=idempotency_key), source, on_progress
    )


def download(
    subject: HasJobRef,
    destination: Path | str | BinaryIO,
    *,
    what: Artifact = "output",
    safe: bool = False,
    on_progress: OnProgress | None = None,
) -> "Download":
    """Downloads a job's output, program or report as it is stored.

    ``safe`` puts an apostrophe before cells of an output that a spreadsheet would run.
    """
    ref = subject.ref
    return Download(
        converter_calls.get_artifact(ref.user_id, ref.job_id, what, safe=safe), make_sink(destination), on_progress
    )


def download_file(uri: str, destination: Path | str | BinaryIO, *, on_progress: OnProgress | None = None) -> "Download":
    """Downloads an uploaded file."""
    return Download(calls.get_file(uri), make_sink(destination), on_progress)


class Upload:
    """One upload: sent anew as a whole where it breaks, which is safe under its idempotency key.

    The file is read twice, the first time for its checksum: storage keeps it only where it came whole and right.
    """

    def __init__(self, call: Call[StoredFile], source: Path | bytes, on_progress: OnProgress | None) -> None:
        self._call = call
        self._source = source
        self._on_progress = on_progress
        self._sent_bytes = 0

    def flow(self, terms: Terms) -> Flow[StoredFile]:
        """Sends a file and gives what was stored.

        Raises InvalidInput where the file is empty, Conflict where it changed or the key was used for another one.
        """
        version: _Version = yield Work(self._look)
        if not version.size:
            name = "the file" if isinstance(self._source, bytes) else self._source
            raise InvalidInput(f"{name} is empty", reason="FILE_EMPTY", field="file")
        sha256: str = yield Work(self._hash)
        head = self._call.request(terms.timeout_s)
        body = FileBody(self._open, version.size, functools.partial(self._note, version.size))
        request = replace(head, query={**head.query, "sha256": sha256}, body=body)
        try:
            answer = yield from perform(request, terms.retries, repeatable=True)
        except WealthError as error:
            if (yield Work(self._look)) == version:
                raise
            raise Conflict(f"{self._source!s} changed while it was uploaded", reason="FILE_CHANGED") from error
        stored = self._call.read(answer)
        if (stored.size, stored.sha256) != (version.size, sha256):
            raise Internal("what was stored is not what was sent", reason="CHECKSUM_MISMATCH")
        return stored

    def _open(self) -> BinaryIO:
        self._sent_bytes = 0
        return io.BytesIO(self._source) if isinstance(self._source, bytes) else self._source.open("rb")

    def _hash(self) -> str:
        with self._open() as file:
            return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]

    def _note(self, size: int, piece: bytes) -> None:
        self._sent_bytes += len(piece)
        if self._on_progress:
            self._on_progress(self._sent_bytes, size)

    def _look(self) -> "_Version":
        if isinstance(self._source, bytes):
            return _Version(0, len(self._source))
        if is_special(self._source):
            raise InvalidInput(
                f"{self._source!s} is a pipe or a device, which cannot be read twice: send a file",
                reason="NOT_A_FILE",
            )
        found = self._source.stat()
        return _Version(found.st_mtime_ns, found.st_size)


class _Version(NamedTuple):
    modified_ns: int
    size: int


class Sink(Protocol):
    """Where a download goes."""

    def write(self, piece: bytes) -> None:
        """Adds a piece."""

    def restart(self) -> None:
        """Forgets what was written. Raises Conflict where that cannot be."""

    def commit(self) -> None:
        """Keeps what was written."""

    def abandon(self) -> None:
        """Leaves nothing behind."""


class FileSink:
    """A file that appears once it is whole: written beside its place, then renamed onto it; a device is written to."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: BinaryIO | None = None
        self._beside: Path | None = None

    def write(self, piece: bytes) -> None:
        """Adds a piece."""
        self._open().write(piece)

    def restart(self) -> None:
        """Forgets what was written."""
        file = self._open()
        file.seek(0)
        file.truncate()

    def commit(self) -> None:
        """Puts the file in its place, with the mode that a new file has."""
        file, beside = self._open(), self._beside
        assert beside is not None  # noqa: S101 - opened together
        file.close()
        umask = os.umask(0)
        os.umask(umask)
        beside.chmod(0o666 & ~umask)
        put_in_place(beside, self._path)
        self._beside = None

    def abandon(self) -> None:
        """Removes what was written."""
        if self._file is not None:
            self._file.close()
        if self._beside is not None:
            self._beside.unlink(missing_ok=True)

    def _open(self) -> BinaryIO:
        if self._file is None:
            descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", dir=find_draft_folder(self._path))
            self._file, self._beside = os.fdopen(descriptor, "wb"), Path(name)
        return self._file


class StreamSink:
    """A stream of the caller's, such as standard output, which takes nothing back."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._written = False

    def write(self, piece: bytes) -> None:
        """Adds a piece."""
        self._written = True
        self._stream.write(piece)

    def restart(self) -> None:
        """Raises Conflict where anything was written: a stream takes nothing back."""
        if self._written:
            raise Conflict("the content changed while it was read", reason="CONTENT_CHANGED")

    def commit(self) -> None:
        """Hands on what is buffered."""
        self._stream.flush()

    def abandon(self) -> None:
        """Leaves the stream as it is."""


def make_sink(destination: Path | str | BinaryIO) -> Sink:
    """The sink for a path or a stream."""
    return FileSink(Path(destination)) if isinstance(destination, Path | str) else StreamSink(destination)


class Download:
    """One download: goes on where a broken connection left it, and begins anew where the content changed meanwhile."""

    def __init__(self, call: Call[bytes], sink: Sink, on_progress: OnProgress | None) -> None:
        self._call = call
        self._sink = sink
        self._on_progress = on_progress
        self._digest = hashlib.sha256()
        self._written = 0
        self._tag = ""
        self._size: int | None = None
        self._file_name = ""

    def flow(self, terms: Terms) -> Flow[Downloaded]:
        """Gives what came. Raises Internal where it is not what was announced; a path is left as it was then."""
        request = self._call.request(terms.timeout_s)
        attempts = Attempts(terms.retries)
        try:
            while True:
                try:
                    yield from self._receive(request, attempts)
                    break
                except Broken as broken:
                    yield Pause(attempts.choose_pause_s(no_answer(broken)))
            self._check()
            yield Work(self._sink.commit)
        except BaseException:
            self._sink.abandon()
            raise
        return Downloaded(self._written, self._digest.hexdigest(), self._file_name)

    def _receive(self, request: Request, attempts: Attempts) -> Flow[None]:
        head = yield from self._open(request, attempts)
        if head.status != 206 and self._written:
            yield Work(self._sink.restart)
            self._digest, self._written = hashlib.sha256(), 0
        if head.status != 206:
            length = head.headers.get("content-length", "")
            self._size = int(length) if length.isdigit() and "content-encoding" not in head.headers else None
            self._tag = head.headers.get("etag", "")
            self._file_name = _file_name(head.headers.get("content-disposition", ""))
        while (piece := (yield Read())) is not None:
            yield Work(functools.partial(self._sink.write, piece))
            self._digest.update(piece)
            self._written += len(piece)
            attempts.restart()
            if self._on_progress:
                self._on_progress(self._written, self._size)
        if self._size is not None and self._written < self._size:
            raise Broken("the answer ended too early")

    def _open(self, request: Request, attempts: Attempts) -> Flow[Answer]:
        resumes = self._written and self._tag and self._size is not None
        headers = {**request.headers, "accept-encoding": "identity"}
        if resumes:
            headers |= {"range": f"bytes={self._written}-", "if-range": self._tag}
        while True:
            head: Answer = yield Open(replace(request, headers=headers))
            if head.status < 400:
                return head
            yield Pause(attempts.choose_pause_s(read_problem(head)))

    def _check(self) -> None:
        # The tag of a file that is sent as it is stored is its SHA-256.
        tag = self._tag.strip('"')
        announced = tag if len(tag) == _SHA256_CHARS else ""
        if (self._size is not None and self._written != self._size) or (
            announced and announced != self._digest.hexdigest()
        ):
            raise Internal("what came is not what is stored", reason="CHECKSUM_MISMATCH")


def _file_name(disposition: str) -> str:
    """The name in a Content-Disposition header, without any path."""
    for part in disposition.split(";"):
        name, _, value = part.strip().partition("=")
        if name.lower() == "filename*" and "''" in value:
            return urllib.parse.unquote(value.partition("''")[2]).replace("\\", "/").rpartition("/")[2]
    return ""
