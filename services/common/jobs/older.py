"""Documents that older services wrote, read tolerantly: what is understood is taken, all else is named. Pure.

Such documents were written by several versions of programs that are not here. So every field may be missing or of
another type, times may lack their zone, and nothing that is not understood vanishes in silence.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.common.errors import InvalidInput

# The code of jobs that had not ended in the older service.
INTERRUPTED = "INTERRUPTED_BY_MIGRATION"
COMPLETED, FAILED, CANCELLED = "completed", "failed", "cancelled"
# How programs say that something ended; every other word is one of a job that had not.
_ENDINGS = {
    "completed": COMPLETED, "complete": COMPLETED, "success": COMPLETED, "succeeded": COMPLETED, "done": COMPLETED,
    "error": FAILED, "failed": FAILED, "failure": FAILED, "expired": FAILED, "timeout": FAILED,
    "cancelled": CANCELLED, "canceled": CANCELLED,
}  # fmt: skip
_SECRET = ("password", "secret", "token", "api_key", "credential")
_MOST_NAMED = 20


class OlderDocument:
    """A JSON object of an older service. Reading a field takes note of it, so that the rest can be named at the end."""

    def __init__(self, text: str, field: str) -> None:
        """Raises InvalidInput naming ``field``, where the document came from, where it is no JSON object."""
        self._field = field
        self._read: set[str] = set()
        self._notes: list[str] = []
        try:
            parsed = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise self.refuse(f"not JSON: {error}") from error
        if not isinstance(parsed, dict):
            raise self.refuse("not a JSON object")
        self._fields: Mapping[str, Any] = parsed

    def __contains__(self, name: str) -> bool:
        return name in self._fields

    def refuse(self, words: str) -> InvalidInput:
        """The error to raise where the document cannot be taken."""
        return InvalidInput(f"{self._field}: {words}", reason="OLDER_DOCUMENT_INVALID", field=self._field)

    def note(self, words: str) -> None:
        """Says something of it to whoever brings it over."""
        if words not in self._notes:
            self._notes.append(words)

    def value(self, *names: str) -> Any:
        """The first field of these names that holds something; None where none does."""
        self._read.update(names)
        return next((self._fields[name] for name in names if self._fields.get(name) not in (None, "")), None)

    def text(self, *names: str) -> str:
        """Such a field as text: a number as it is written, anything larger as JSON."""
        return as_text(self.value(*names))

    def moment(self, *names: str) -> datetime | None:
        """Such a field as a time: ISO 8601 or seconds since 1970. A time without a zone is one of UTC, and that is
        said. None where there is none; what is no time is said, too."""
        value = self.value(*names)
        if value is None:
            return None
        moment = as_moment(value)
        if moment is None:
            self.note(f"{names[0]} is no time and was left out")
        elif isinstance(value, str) and datetime.fromisoformat(value.strip()).tzinfo is None:
            self.note("its times name no zone and are taken for UTC")
        return moment

    def notes(self) -> tuple[str, ...]:
        """What was said of it, and the names of fields that nobody read. Credentials are named as left behind."""
        left = sorted(name for name in self._fields if name not in self._read)
        secrets = [name for name in left if any(part in name.lower() for part in _SECRET)]
        others = [name for name in left if name not in secrets]
        notes = list(self._notes)
        if secrets:
            notes.append(f"credentials are not brought over: {_listed(secrets)}")
        if others:
            notes.append(f"fields without a place here: {_listed(others)}")
        return tuple(notes)


def ending_of(status: Any) -> str:
    """How a job ended by its status: completed, failed or cancelled; empty where it had not ended."""
    return _ENDINGS.get(as_text(status).strip().lower(), "")


def is_document_of(content: bytes, job_id: str, names: tuple[str, ...]) -> bool:
    """Whether an object is the JSON document of a certain job: one of the fields ``names`` says its id."""
    try:
        parsed = json.loads(content)
    except (ValueError, RecursionError):
        return False
    return isinstance(parsed, dict) and job_id in (as_text(parsed.get(name)) for name in names)


def as_text(value: Any) -> str:
    """A value of JSON as text; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def as_moment(value: Any) -> datetime | None:
    """A value of JSON as a time: ISO 8601, of UTC where it names no zone, or seconds since 1970. None where it is
    neither."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value, UTC)
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMED
    return ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
