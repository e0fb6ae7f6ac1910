"""Reads an upload from a multipart or raw body as it comes, never whole."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from services.common.channels import STREAM_CHUNK_BYTES
from services.common.errors import InvalidInput, TooLarge

_MAX_PARTS = 16
_MAX_FIELD_BYTES = 4096
_MAX_HEADER_BYTES = 8192
FILE_FIELDS = ("file", "upload")


@dataclass(frozen=True, slots=True)
class UploadHead:
    """What an upload says of itself before its content."""

    file_name: str
    content_type: str
    fields: dict[str, str]
    size: int | None = None


@dataclass(slots=True)
class Upload:
    """An upload whose content is still coming."""

    head: UploadHead
    _content: AsyncIterator[bytes]
    _limit_bytes: int

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yields the content in pieces of one size. Raises TooLarge above the limit, InvalidInput if malformed."""
        buffer = bytearray()
        total = 0
        async for piece in self._content:
            total += len(piece)
            if total > self._limit_bytes:
                raise _too_large(self._limit_bytes)
            buffer += piece
            while len(buffer) >= STREAM_CHUNK_BYTES:
                yield bytes(buffer[:STREAM_CHUNK_BYTES])
                del buffer[:STREAM_CHUNK_BYTES]
        if buffer:
            yield bytes(buffer)


async def open_upload(request: Request, *, limit_bytes: int, idle_s: float) -> Upload:
    """Reads a body up to where its file's content begins. Raises InvalidInput or TooLarge."""
    pieces = _read_pieces(request, idle_s)
    media_type, options = parse_options_header(request.headers.get("content-type", ""))
    if media_type == b"multipart/form-data":
        return await _open_multipart(pieces, options.get(b"boundary", b""), limit_bytes)
    declared = request.headers.get("content-length", "")
    size = int(declared) if declared.isdigit() else None
    if size is not None and size > limit_bytes:
        raise _too_large(limit_bytes)
    if not size and "transfer-encoding" not in request.headers:
        raise InvalidInput("the request has no body, or an empty file", reason="FILE_MISSING", field="body")
    _, disposition = parse_options_header(request.headers.get("content-disposition", ""))
    # What curl and the like say of a raw body unless they are told otherwise.
    content_type = "" if media_type == b"application/x-www-form-urlencoded" else media_type.decode("latin-1")[:128]
    head = UploadHead(_file_name(disposition), content_type, {}, size)
    return Upload(head, pieces, limit_bytes)


async def _read_pieces(request: Request, idle_s: float) -> AsyncIterator[bytes]:
    """Yields the body as it comes; a client that stops sending is not waited for."""
    stream = request.stream()
    while True:
        try:
            async with asyncio.timeout(idle_s):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise InvalidInput(f"no byte came for {idle_s:g} seconds", reason="UPLOAD_STALLED", field="body") from error
        if piece is None:
            return
        if piece:
            yield piece


async def _open_multipart(pieces: AsyncIterator[bytes], boundary: bytes, limit_bytes: int) -> Upload:
    if not boundary or len(boundary) > 200:
        raise InvalidInput("multipart/form-data without a boundary", reason="MULTIPART_INVALID", field="content-type")
    form = _Form(boundary)
    ready: list[bytes] = []
    async for piece in pieces:
        ready += form.feed(piece)
        if form.head is not None:
            return Upload(form.head, _rest_of(form, ready, pieces), limit_bytes)
    raise InvalidInput("the form has no file", reason="FILE_MISSING", field="file")


async def _rest_of(form: "_Form", ready: list[bytes], pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    for chunk in ready:
        yield chunk
    async for piece in pieces:
        for chunk in form.feed(piece):
            yield chunk
    form.require_end()


@dataclass(slots=True)
class _Part:
    headers: dict[bytes, bytes] = field(default_factory=dict)
    header_name: bytearray = field(default_factory=bytearray)
    header_value: bytearray = field(default_factory=bytearray)
    name: str = ""
    is_file: bool = False
    value: bytearray = field(default_factory=bytearray)


class _Form:
    """A form as it is parsed: small fields are kept, the one file's content is handed on."""

    def __init__(self, boundary: bytes) -> None:
        self.head: UploadHead | None = None
        self._fields: dict[str, str] = {}
        self._content: list[bytes] = []
        self._part = _Part()
        self._parts = 0
        self._ended = False
        callbacks: Any = {
            "on_part_begin": self._begin_part,
            "on_header_field": lambda data, start, end: self._grow(self._part.header_name, data[start:end]),
            "on_header_value": lambda data, start, end: self._grow(self._part.header_value, data[start:end]),
            "on_header_end": self._end_header,
            "on_headers_finished": self._end_headers,
            "on_part_data": self._take_data,
            "on_part_end": self._end_part,
            "on_end": self._end,
        }
        self._parser = MultipartParser(boundary, callbacks)

    def feed(self, piece: bytes) -> list[bytes]:
        """Takes a piece of the body; returns what of the file's content it held."""
        try:
            self._parser.write(piece)
        except MultipartParseError as error:
            raise InvalidInput(f"the form is malformed: {error}", reason="MULTIPART_INVALID", field="body") from error
        content, self._content = self._content, []
        return content

    def require_end(self) -> None:
        """Raises InvalidInput where the body ended before the form did."""
        if not self._ended:
            raise InvalidInput("the form ends before its last boundary", reason="MULTIPART_INVALID", field="body")

    def _begin_part(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise TooLarge(f"the form has more than {_MAX_PARTS} parts", reason="MULTIPART_INVALID", field="body")
        self._part = _Part()

    def _grow(self, buffer: bytearray, data: bytes) -> None:
        buffer += data
        if len(buffer) > _MAX_HEADER_BYTES or len(self._part.headers) > _MAX_PARTS:
            raise TooLarge("a part's headers are too long", reason="MULTIPART_INVALID", field="body")

    def _end_header(self) -> None:
        part = self._part
        part.headers[bytes(part.header_name).lower()] = bytes(part.header_value)
        part.header_name.clear()
        part.header_value.clear()

    def _end_headers(self) -> None:
        part = self._part
        _, options = parse_options_header(part.headers.get(b"content-disposition", b""))
        part.name = options.get(b"name", b"").decode("utf-8", "replace")[:100]
        part.is_file = b"filename" in options or part.name in FILE_FIELDS
        if not part.is_file:
            return
        if self.head is not None:
            raise InvalidInput("one file per upload", reason="TOO_MANY_FILES", field=part.name or "file")
        media_type, _ = parse_options_header(part.headers.get(b"content-type", b""))
        self.head = UploadHead(_file_name(options), media_type.decode("latin-1")[:128], self._fields)

    def _take_data(self, data: bytes, start: int, end: int) -> None:
        if self._part.is_file:
            self._content.append(data[start:end])
            return
        self._part.value += data[start:end]
        if len(self._part.value) > _MAX_FIELD_BYTES:
            raise TooLarge("the field is too long", reason="FIELD_TOO_LONG", field=self._part.name)

    def _end_part(self) -> None:
        if self._part.is_file:
            return
        if self.head is not None and self._part.name == "user_id":
            raise InvalidInput("user_id must stand before the file in the form", field="user_id")
        self._fields[self._part.name] = self._part.value.decode("utf-8", "replace")

    def _end(self) -> None:
        self._ended = True


def _file_name(options: dict[bytes, bytes]) -> str:
    """The client's name for the file, without a path. For people only: it never becomes a key."""
    name = options.get(b"filename", b"").decode("utf-8", "replace")
    name = name.replace("\\", "/").rpartition("/")[2]
    return "".join(character for character in name if character.isprintable())[:200]


def _too_large(limit_bytes: int) -> TooLarge:
    return TooLarge(f"the file has more than {limit_bytes} bytes", reason="FILE_TOO_LARGE", field="file")
