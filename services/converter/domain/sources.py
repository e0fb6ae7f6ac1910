"""Where an input file comes from, as a request names it: an uploaded file, an address, or content in the request."""

import base64
import binascii
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

from services.common.errors import InvalidInput, TooLarge
from services.converter.domain.faults import ReadingFault
from services.converter.domain.reading.containers import GZIP, ZIP
from services.converter.domain.reading.encoding import sniff_encoding

FILE_SCHEME = "file_id:"
_DATA_URI = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?P<parameters>(;[\w.%=+ -]+)*?)(?P<base64>;base64)?,", re.ASCII
)
_NAME = re.compile(r";name=([^;,]*)")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_BLANKS = b" \t\n\r\f\v"
_SHOWN_CHARS = 300
_NAME_CHARS = 255
_SNIFFED_BYTES = 64 << 10
"""What is shown of an address, and what shows whether content is base64 or the file itself."""


@dataclass(frozen=True, slots=True)
class Source:
    """An input. ``uri`` names a file or address; ``content`` is there where it came with the request.

    ``name`` is what its file is called, for people; empty where it came without, and that of an upload is storage's to
    tell.
    """

    kind: Literal["file", "address", "inline"]
    uri: str = ""
    content: bytes = b""
    name: str = ""

    @property
    def shown(self) -> str:
        """How metadata names it: never with content."""
        return self.uri[:_SHOWN_CHARS] if self.uri else "inline"


def read_source(text: str, *, field: str, max_inline_bytes: int) -> Source:
    """Reads ``input_file`` or ``expected_output_file``.

    Raises InvalidInput naming ``field`` where it is none of: ``file_id:``, ``s3://``, ``https://``, a data URI, bare
    base64 of a table; TooLarge where content in it has more than ``max_inline_bytes``, before it is decoded.
    """
    text = text.strip()
    if text.startswith(FILE_SCHEME):
        return Source("file", uri=text)
    if text.startswith(("s3://", "https://")):
        return Source("address", uri=text, name=_cap_name(text.partition("?")[0].rpartition("/")[2]))
    if text.startswith("data:"):
        content = _read_data_uri(text, field, max_inline_bytes)
        if not content:
            raise InvalidInput("the data URI holds an empty file", reason="INPUT_EMPTY", field=field)
        named = _NAME.search(text[: text.index(",")])
        return Source("inline", content=content, name=_cap_name(named[1]) if named else "")
    if "://" in text[:32]:
        scheme = text.partition("://")[0][:16]
        raise InvalidInput(f"addresses with {scheme}:// are not taken", reason="SOURCE_NOT_ALLOWED", field=field)
    content = _decode_base64(text, field, max_inline_bytes)
    _require_file(content, field)
    return Source("inline", content=content)


def _cap_name(encoded: str) -> str:
    return unquote(encoded)[:_NAME_CHARS]


def _read_data_uri(text: str, field: str, max_bytes: int) -> bytes:
    head = _DATA_URI.match(text[:1000])
    if head is None:
        raise InvalidInput("not a data URI", reason="SOURCE_INVALID", field=field)
    payload = text[head.end() :]
    if head["base64"]:
        return _decode_base64(payload, field, max_bytes)
    # Percent-encoding takes up to three characters a byte.
    _check_size(len(payload) // 3, field, max_bytes)
    content = _decode_percent(payload, field)
    _check_size(len(content), field, max_bytes)
    return content


def _decode_percent(text: str, field: str) -> bytes:
    """Undoes percent-encoding in C, as quoted-printable with another sign: a split by signs takes a second."""
    encoded = text.encode(errors="surrogatepass").replace(b"=", b"%3D")
    content = binascii.a2b_qp(encoded.replace(b"%", b"="))
    # A sign and its digits become one byte; what is no such thing gets another length, but for the end of a line.
    if len(content) != len(encoded) - 2 * encoded.count(b"%") or b"%\n" in encoded or b"%\r" in encoded:
        raise InvalidInput("a % in the data URI is not followed by two digits", reason="SOURCE_INVALID", field=field)
    return content


def _decode_base64(text: str, field: str, max_bytes: int) -> bytes:
    _check_size(len(text) * 3 // 4 - 2, field, max_bytes)
    try:
        compact = text.encode("ascii").translate(_URL_SAFE, _BLANKS)
        return base64.b64decode(compact + b"=" * (-len(compact) % 4), validate=True)
    except ValueError as error:  # binascii.Error, and UnicodeEncodeError
        raise InvalidInput(
            "neither an uploaded file's URI, an s3:// or https:// address, a data URI, nor base64",
            reason="SOURCE_INVALID",
            field=field,
        ) from error


def _require_file(content: bytes, field: str) -> None:
    """Raises InvalidInput for what decodes by chance: most words are base64 of something, a file's name too."""
    if content.startswith((ZIP, GZIP)):
        return
    head = content[:_SNIFFED_BYTES]
    try:
        sniff_encoding(head, whole=len(head) == len(content))
        if b"\n" not in head and b"\r" not in head:
            raise ReadingFault("INPUT_NOT_TEXT", "it has no line that ends")
    except ReadingFault as fault:
        raise InvalidInput(
            f"read as base64 it is no table ({fault.message}): send a file's URI, an address, a data URI, or base64",
            reason="SOURCE_INVALID",
            field=field,
        ) from fault


def _check_size(size: int, field: str, max_bytes: int) -> None:
    if size > max_bytes:
        raise TooLarge(
            f"content in the request may have {max_bytes} bytes; upload larger files first",
            reason="INLINE_TOO_LARGE",
            field=field,
        )
