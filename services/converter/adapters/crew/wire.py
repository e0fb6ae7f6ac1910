"""What an OpenAI-compatible endpoint answered, read from the bytes: text, tokens, or what is wrong, in its own words.

Endpoints answer with streams that nobody asked for, pages of proxies, errors with status 200, empty choices. Texts of
errors are looked at and never passed on: they may repeat what was sent, or the key.
"""

import email.utils
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

WireFault = Literal["", "unavailable", "refused", "malformed", "too_long", "max_tokens", "temperature", "n"]
_LONGEST_WAIT_S = 3_600.0
"""No endpoint's wish to wait is believed beyond: a job is over before."""
_TOO_LONG = re.compile(
    r"context[ _-]?(?:length|window|size)|maximum context|max_model_len"
    r"|(?:prompt|input|request) (?:is )?too (?:long|large)"
    r"|too many tokens|string_above_max_length|exceeds? the (?:available )?context",
    re.IGNORECASE,
)
_MAX_TOKENS = re.compile(r"max_(?:completion_)?tokens", re.IGNORECASE)
_TEMPERATURE = re.compile(r"temperature", re.IGNORECASE)
_SEVERAL = re.compile(
    r"[\"'`]n[\"'`]|\bn ?(?:must|should|has to|>|=)|\b(?:for|parameter|field|value|param):? n\b"
    r"|(?:multiple|several|more than one) (?:choices|completions|candidates)",
    re.IGNORECASE,
)
_BUSY = re.compile(r"rate.?limit|overload|too many requests|capacity|temporarily", re.IGNORECASE)
_QUOTA = re.compile(r"insufficient_quota|billing|quota exceeded|payment", re.IGNORECASE)
_OK, _FORBIDDEN, _MISSING, _LARGE, _TOO_MANY, _SERVER = 200, 403, 404, 413, 429, 500
"""Statuses of HTTP."""
_LATER = frozenset({408, 409, 425, _TOO_MANY})
_BAD = frozenset({400, 422})


@dataclass(frozen=True, slots=True)
class Told:
    """An answer: its ``content`` and tokens; ``was_cut`` where the endpoint ended it at its limit.

    ``others`` are further answers, where several were asked for. Or a ``fault`` with a ``message`` for people;
    ``max_tokens``, ``temperature`` and ``n`` are faults that a call without that setting does not have.
    ``retry_after_s`` is how long the endpoint asks to wait.
    """

    content: Any = None
    prompt_tokens: int = 0
    completion_tokens: int = 0
    was_cut: bool = False
    fault: WireFault = ""
    message: str = ""
    retry_after_s: float = 0.0
    others: tuple[Any, ...] = ()


def read_response(status: int, headers: Mapping[str, str], body: bytes) -> Told:
    """Read one response to a chat completion; nothing in it raises."""
    text = body.decode("utf-8", "replace").strip()
    if status != _OK:
        return _of_status(status, headers, text)
    kind = headers.get("content-type", "").lower()
    if "event-stream" in kind or text.startswith(("data:", "event:")):
        return _of_stream(text)
    if "html" in kind or text[:15].lower().startswith(("<!doctype", "<html")):
        return Told(fault="refused", message="it answered a web page, not a completion: is the address right?")
    if not text:
        return Told(fault="unavailable", message="it answered nothing")
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return Told(fault="unavailable", message="it answered something that is no JSON")
    return _of_completion(content) if isinstance(content, dict) else _no_completion()


def _no_completion() -> Told:
    return Told(fault="refused", message="it answered JSON that is no completion: is the address right?")


def _of_status(status: int, headers: Mapping[str, str], text: str) -> Told:
    answered = f"it answered {status}"
    if status == _LARGE or (status < _SERVER and _TOO_LONG.search(text)):
        return Told(fault="too_long", message=f"{answered}: the question is longer than the model can take")
    if status == _TOO_MANY and _QUOTA.search(text):
        return Told(fault="refused", message=f"{answered}: the account has no quota left")
    if status in _LATER or status >= _SERVER:
        wait_s = _wait_s(headers)
        asked = f" and asks to wait {wait_s:g} s" if wait_s else ""
        return Told(fault="unavailable", message=f"{answered}{asked}", retry_after_s=wait_s)
    if status in _BAD and _MAX_TOKENS.search(text):
        return Told(fault="max_tokens", message=f"{answered}: it does not take max_tokens")
    if status in _BAD and _TEMPERATURE.search(text):
        return Told(fault="temperature", message=f"{answered}: it does not take a temperature")
    if status in _BAD and _SEVERAL.search(text):
        return Told(fault="n", message=f"{answered}: it does not give several answers at once")
    why = {
        401: ": the key is not accepted",
        402: ": the account has no quota left",
        _FORBIDDEN: ": the key may not use this model",
        _MISSING: ": there is no such model, or the address is wrong",
    }
    return Told(fault="refused", message=answered + why.get(status, ""))


def _wait_s(headers: Mapping[str, str]) -> float:
    said = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", said):
        return min(float(said), _LONGEST_WAIT_S)
    until, now = email.utils.parsedate_tz(said), email.utils.parsedate_tz(headers.get("date", ""))
    if until is None or now is None:
        return 0.0
    return float(min(max(0, email.utils.mktime_tz(until) - email.utils.mktime_tz(now)), _LONGEST_WAIT_S))


def _of_completion(content: Mapping[str, Any]) -> Told:
    usage = content.get("usage")
    tokens = _tokens(usage if isinstance(usage, dict) else {})
    if error := content.get("error"):
        said = json.dumps(error)
        if _TOO_LONG.search(said):
            return Told(None, *tokens, fault="too_long", message="the question is longer than the model can take")
        if _BUSY.search(said):
            return Told(None, *tokens, fault="unavailable", message="it answered that it is busy")
        return Told(None, *tokens, fault="refused", message="it answered an error with status 200")
    choices = content.get("choices")
    if not isinstance(choices, list):
        return _no_completion()
    first = choices[0] if choices and isinstance(choices[0], dict) else None
    if first is None:
        return Told(None, *tokens, fault="malformed", message="it answered without any choice")
    told, *further = (_of_choice(choice, tokens) for choice in choices if isinstance(choice, dict))
    if told.fault:  # one of several answers is enough
        told, further = next(((t, []) for t in further if not t.fault), (told, []))
    return replace(told, others=tuple(t.content for t in further if not t.fault))


def _of_choice(choice: Mapping[str, Any], tokens: tuple[int, int]) -> Told:
    message = choice.get("message")
    message = message if isinstance(message, dict) else {"content": choice.get("text")}
    return _of_message(message, str(choice.get("finish_reason") or ""), tokens)


def _of_message(message: Mapping[str, Any], finish: str, tokens: tuple[int, int]) -> Told:
    said = message.get("content")
    if not said:
        said = "\n".join(_arguments(message)) or None
    if message.get("refusal") and not said:
        return Told(None, *tokens, fault="refused", message="the model declined to answer")
    if finish == "content_filter":
        return Told(None, *tokens, fault="refused", message="the endpoint's content filter ended the answer")
    was_cut = finish in {"length", "max_tokens"}
    if not said:
        thought = any(message.get(name) for name in ("reasoning", "reasoning_content", "thinking"))
        why = "the answer was cut at its limit before it began" if was_cut else "the answer is empty"
        words = f"{why}: the model only thought" if thought else why
        return Told(None, *tokens, was_cut=was_cut, fault="malformed", message=words)
    return Told(said, *tokens, was_cut=was_cut)


def _arguments(message: Mapping[str, Any]) -> Iterator[str]:
    """What is said in calls of functions that nobody offered."""
    calls = message.get("tool_calls")
    functions = [call.get("function") for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    for function in (*functions, message.get("function_call")):
        if isinstance(function, dict) and isinstance(function.get("arguments"), str):
            yield function["arguments"]


def _of_stream(text: str) -> Told:
    """A completion that came as server-sent events."""
    pieces: list[str] = []
    finish, tokens, error = "", (0, 0), None
    for line in text.splitlines():
        if not line.startswith("data:"):
            continue
        try:
            event = json.loads(line[5:])
        except ValueError:
            continue  # [DONE], or a line that was cut off
        if not isinstance(event, dict):
            continue
        error = event.get("error") or error
        if isinstance(event.get("usage"), dict):
            tokens = _tokens(event["usage"])
        for choice in event.get("choices") or ():
            piece = (choice.get("delta") or choice.get("message") or {}).get("content") or choice.get("text")
            pieces += [piece] if isinstance(piece, str) else []
            finish = choice.get("finish_reason") or finish
    if error:
        return _of_completion({"error": error})
    return _of_message({"content": "".join(pieces)}, finish, tokens)


def _tokens(usage: Mapping[str, Any]) -> tuple[int, int]:
    counted = [usage.get(name) for name in ("prompt_tokens", "completion_tokens")]
    first, second = (value if isinstance(value, int) and value >= 0 else 0 for value in counted)
    return first, second
