"""Payloads as they are submitted: JSON text, checked before anything is stored. Pure."""

import json
from collections.abc import Sequence
from typing import Any

from services.common.errors import InvalidInput, TooLarge
from services.common.json_limits import JsonLimits, check_json
from services.common.json_names import RepeatedName, keep_names
from services.portfolio.domain import references
from services.portfolio.domain.references import Reference

# Names of fields stand in a task's record, which is a small document; values do not.
# 16 MiB of a holdings table have about 400,000 cells.
TASK_LIMITS = JsonLimits(values=500_000)
# Claims are checked in the process that serves calls: a parse of so many takes a few hundredths of a second.
CLAIM_LIMITS = JsonLimits(values=50_000)


def measure(payloads_json: Sequence[str], max_bytes: int) -> int:
    """The bytes of all payloads. Raises TooLarge above the limit."""
    size = sum(len(text.encode()) for text in payloads_json)
    if size > max_bytes:
        raise TooLarge(
            f"the payloads have {size} bytes; at most {max_bytes} are taken", reason="PAYLOAD_TOO_LARGE", field="data"
        )
    return size


def find_references(payloads_json: Sequence[str], limits: JsonLimits) -> list[tuple[str, Reference]]:
    """Checks payloads; returns the converter jobs that they refer to, each with its payload's field.

    Raises InvalidInput naming the payload at fault, also for more values than the limits allow to all of them.
    """
    contents = [text.encode() for text in payloads_json]
    for index, content in enumerate(contents):
        check_json(content, limits, field=f"data.{index}")
    check_json(b",".join(contents), limits, field="data")
    found = []
    for index, text in enumerate(payloads_json):
        field = f"data.{index}"
        found += [(field, reference) for reference in references.find_references(_parse(text, field), field)]
    return found


def _parse(text: str, field: str) -> dict[str, Any]:
    try:
        payload = json.loads(text, object_pairs_hook=keep_names)
    except RepeatedName as error:
        raise InvalidInput(str(error), reason="NAME_REPEATED", field=f"{field}.{error.name}") from error
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"not JSON: {error}", reason="INVALID_PAYLOAD", field=field) from error
    if "\\u" in text and not _is_unicode(payload):
        raise InvalidInput("it has half of a surrogate pair", reason="INVALID_PAYLOAD", field=field)
    if not isinstance(payload, dict) or not payload:
        raise InvalidInput("not a JSON object with fields", reason="INVALID_PAYLOAD", field=field)
    return payload


def _is_unicode(payload: Any) -> bool:
    """Whether every string of a payload can be written: JSON may spell characters that are none."""
    try:
        json.dumps(payload, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
