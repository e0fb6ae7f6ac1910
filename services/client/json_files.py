"""JSON files that commands take: within a bound, every name of them read, and what is wrong said with the next step."""

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.common.errors import InvalidInput, TooLarge
from services.common.json_names import keep_names
from services.common.near import find_near


def read_json_file(path: Path, most_bytes: int, *, reason: str, instead: str = "") -> Any:
    """The content of a file, its numbers exact.

    Raises TooLarge, and InvalidInput with ``reason`` for what is no JSON, in which case ``instead`` tells what to do
    with a file that does not even begin as JSON does. OSError as the file system has it.
    """
    if path.stat().st_size > most_bytes:
        raise TooLarge(f"{path} has more than {most_bytes} bytes")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{path} is no text in UTF-8, as JSON is", reason=reason) from error
    try:
        return json.loads(text, parse_float=Decimal, object_pairs_hook=keep_names)
    except (ValueError, RecursionError) as error:
        words = f"{path} is not JSON: {error}"
        if instead and text.lstrip()[:1] not in ("{", "["):
            words += f"; {instead}"
        raise InvalidInput(words, reason=reason) from error


def take_fields(content: Any, path: Path, names: Sequence[str], *, reason: str) -> dict[str, Any]:
    """An object that may have these names and no other. Raises InvalidInput with ``reason``, which names the other."""
    listed = ", ".join(names)
    if not isinstance(content, dict):
        raise InvalidInput(f"{path} holds no object with {listed}", reason=reason)
    for name in content:
        if name not in names:
            near = find_near(name, names)
            hint = f"is {near} meant?" if near else f"there are {listed}"
            raise InvalidInput(f'{path}: nobody reads "{name[:60]}": {hint}', reason=reason, field=name[:60])
    return content


_INSTRUCTION_NAMES = ("general_instructions", "column_instructions")
_MAX_INSTRUCTIONS_BYTES = 4 << 20
_MOST_GENERAL, _MOST_COLUMNS, _MOST_OF_A_COLUMN = 20_000, 500, 5_000
"""What an instruction may be long, as the services take it over gRPC."""


def read_instructions_file(path: Path) -> tuple[str, dict[str, str]]:
    """General words on a conversion, and words on single columns. Raises InvalidInput (``INSTRUCTIONS_INVALID``)."""
    reason = "INSTRUCTIONS_INVALID"
    content = read_json_file(path, _MAX_INSTRUCTIONS_BYTES, reason=reason)
    fields = take_fields(content, path, _INSTRUCTION_NAMES, reason=reason)
    general, columns = fields.get(_INSTRUCTION_NAMES[0], ""), fields.get(_INSTRUCTION_NAMES[1], {})
    if not isinstance(general, str):
        raise InvalidInput(f"{path}: general_instructions is no text", reason=reason, field=_INSTRUCTION_NAMES[0])
    if not isinstance(columns, dict) or not all(isinstance(words, str) for words in columns.values()):
        words = "column_instructions is no object of texts by column"
        raise InvalidInput(f"{path}: {words}", reason=reason, field=_INSTRUCTION_NAMES[1])
    if len(general) > _MOST_GENERAL:
        raise TooLarge(f"{path}: general_instructions has more than {_MOST_GENERAL} characters", reason=reason)
    if len(columns) > _MOST_COLUMNS or any(len(words) > _MOST_OF_A_COLUMN for words in columns.values()):
        words = f"column_instructions has more than {_MOST_COLUMNS} columns or {_MOST_OF_A_COLUMN} characters for one"
        raise TooLarge(f"{path}: {words}", reason=reason)
    return general, columns
