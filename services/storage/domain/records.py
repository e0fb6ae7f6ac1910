"""A record in the bucket: the caller's JSON document with storage's own key ``_record`` at its end."""

import json
from dataclasses import dataclass
from typing import Any

from services.common.errors import InvalidInput
from services.storage.domain.index import OPEN, IndexEntry

ENVELOPE_KEY = "_record"
# Inside of a JSON string a quote is always escaped, so the last occurrence of this in our own writing is our key.
_JOINT = b',\n"_record": '


@dataclass(frozen=True, slots=True)
class Envelope:
    """What storage keeps of a record besides its document. ``created_ms`` in milliseconds since 1970, UTC; ``run`` is
    what its index keys carry."""

    kind: str
    user_id: str
    state: str
    created_ms: int
    revision: int
    write_id: str
    run: int = 0

    def entry(self, key: str) -> IndexEntry:
        """What the index holds of it."""
        return IndexEntry(key, self.user_id, self.created_ms, self.run)

    def index_keys(self, key: str) -> tuple[str, ...]:
        """The index keys that the record may have: any other is wrong."""
        return self.entry(key).keys(self.kind, self.state)

    def due_keys(self, key: str, *, open_of_user: bool) -> tuple[str, ...]:
        """Those that it must have: of an open record the one in the index of all users will do, and the release before
        lists by its user's as well (``open_of_user``)."""
        keys = self.index_keys(key)
        return keys if open_of_user or self.state != OPEN else keys[:1]


@dataclass(frozen=True, slots=True)
class Record:
    """A record: its key below the tenant's prefix, the version for compare-and-swap, and its document as JSON.

    ``document`` is empty where a listing or a write leaves it out.
    """

    key: str
    envelope: Envelope
    document: bytes
    etag: str


def join_record(document: bytes, envelope: Envelope) -> bytes:
    """Writes a record's object. Raises InvalidInput where the document is not a JSON object, or names ``_record``."""
    try:
        text = document.decode()  # json.loads alone would take UTF-16 as well
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidInput("the document is not JSON in UTF-8", field="record.document") from error
    if not isinstance(parsed, dict):
        raise InvalidInput("the document is not a JSON object", field="record.document")
    if ENVELOPE_KEY in parsed:
        raise InvalidInput(f"the key {ENVELOPE_KEY!r} is storage's own", field="record.document")
    fields = {name: getattr(envelope, name) for name in Envelope.__slots__}
    own = json.dumps(fields, ensure_ascii=False).encode()
    body = text.strip().encode()
    joint = _JOINT if parsed else _JOINT[1:]
    return body[:-1].rstrip() + joint + own + b"}\n"


def split_record(content: bytes) -> tuple[bytes, Envelope]:
    """Reads a record's object into its document and envelope. Raises ValueError where it is none."""
    head, joint, tail = content.rpartition(_JOINT)
    if joint:
        try:
            return head + b"}", _read_envelope(json.loads(tail.rstrip()[:-1]))
        except ValueError:
            pass  # written by another hand: read below
    parsed = json.loads(content)
    if not isinstance(parsed, dict) or ENVELOPE_KEY not in parsed:
        raise ValueError("not a record")
    own = parsed.pop(ENVELOPE_KEY)
    return json.dumps(parsed, ensure_ascii=False).encode(), _read_envelope(own)


def _read_envelope(own: Any) -> Envelope:
    try:
        return Envelope(
            kind=str(own["kind"]),
            user_id=str(own["user_id"]),
            state=str(own["state"]),
            created_ms=int(own["created_ms"]),
            revision=int(own["revision"]),
            write_id=str(own["write_id"]),
            run=int(own.get("run", 0)),
        )
    except (KeyError, TypeError) as error:
        raise ValueError("the record's own key is damaged") from error
