"""Payload files of commands: a submission's body, a bare list of section payloads, or one of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.client.json_files import read_json_file
from services.client.terminal import say
from services.common.errors import InvalidInput
from services.common.near import find_near

MAX_PAYLOAD_BYTES = 64 << 20
MAX_SECTIONS = 64
_FIELDS = ("data", "username", "password", "locale", "input_conventions")
_REASON = "INVALID_PAYLOAD"
_INSTEAD = 'a CSV of positions goes into {"data": [{"holdings_csv": "..."}]}'


@dataclass(frozen=True, slots=True)
class PayloadFile:
    """Section payloads, and what stands beside them."""

    payloads: list[Any]
    fields: Mapping[str, Any]

    def text(self, name: str) -> str:
        """A field that is a text; empty where there is none."""
        return str(self.fields.get(name) or "")


def read_payload_file(path: Path) -> PayloadFile:
    """Raises InvalidInput (``INVALID_PAYLOAD``) and TooLarge naming what is wrong; OSError.

    Of what stands beside the payloads, a slip of the pen is refused and what nobody reads is told, as REST does.
    """
    body = read_json_file(path, MAX_PAYLOAD_BYTES, reason=_REASON, instead=_INSTEAD)
    whole = isinstance(body, dict) and "data" in body
    payloads = body["data"] if whole else [body] if isinstance(body, dict) else body
    if not isinstance(payloads, list) or not payloads:
        raise InvalidInput(f"{path}: data: a list of section payloads is needed", reason=_REASON, field="data")
    if len(payloads) > MAX_SECTIONS:
        words = f"{path}: data: {len(payloads)} payloads, more than {MAX_SECTIONS}"
        raise InvalidInput(words, reason=_REASON, field="data")
    fields = body if whole else {}
    for name in fields:
        if name not in _FIELDS:
            _tell_unread(path, name)
    return PayloadFile(payloads, fields)


def _tell_unread(path: Path, name: str) -> None:
    shown = name[:60]
    if near := find_near(name, _FIELDS):
        words = f'{path}: nobody reads "{shown}": is {near} meant?'
        raise InvalidInput(words, reason=_REASON, field=shown)
    say(f'{path}: nobody reads "{shown}"; beside data there may be {", ".join(_FIELDS[1:])}')
