"""What is pasted into the page to try an analysis on. Pure."""

import json

from services.common.errors import FieldViolation, InvalidInput
from services.common.json_limits import check_json
from services.gateway.domain.payloads import TASK_LIMITS, split_task_body


def read_pasted(text: str) -> tuple[list[str], str]:
    """The payloads in a pasted text, as the very JSON that came, and the locale that it states.

    It is a request with ``data``, a list of payloads, one payload, or, where it does not start as JSON does, the CSV
    of holdings.

    Raises InvalidInput for an empty text, for JSON that is none, and for a request with settings of its own, which
    would be lost.
    """
    text = text.strip().removeprefix("\ufeff").strip()
    if not text:
        raise _refuse("a payload or a CSV is missing")
    if text[0] not in "{[":
        return [json.dumps({"holdings_csv": text}, ensure_ascii=False)], ""
    check_json(text.encode(errors="replace"), TASK_LIMITS, field="payload")
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _refuse(f"this starts as JSON does, but cannot be read as JSON: {error}") from error
    if isinstance(document, list):
        text = f'{{"data": {text}}}'
    elif "data" not in document:
        return [text], ""
    elif others := sorted(set(document) - {"data", "username", "password", "locale"}):
        raise _refuse(f"this page takes payloads, not {', '.join(others)[:200]}: send the whole request over the API")
    body = split_task_body(text.encode())
    locale = body.fields.get("locale", "")
    if not isinstance(locale, str):
        raise _refuse("the request's locale is not a text")
    return list(body.payloads), locale


def _refuse(message: str) -> InvalidInput:
    return InvalidInput(message, violations=[FieldViolation("payload", message)])
