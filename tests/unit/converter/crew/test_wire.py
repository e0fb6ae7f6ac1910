"""Whatever an endpoint answers is read, or said in words of its own; nothing of an error's text is passed on."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.converter.adapters.crew.wire import Told, read_response

JSON = {"content-type": "application/json"}
USAGE = {"prompt_tokens": 7, "completion_tokens": 3}
SECRET = "sk-live-1234"


def completion(message: Any, finish: str = "stop") -> dict[str, Any]:
    return {"choices": [{"index": 0, "finish_reason": finish, "message": message}], "usage": USAGE}


def read(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> Told:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_response(status, headers or JSON, content)


def error(words: str, **more: str) -> dict[str, Any]:
    return {"error": {"message": f"{words} {SECRET}", **more}}


STREAM = (
    b'data: {"choices": [{"delta": {"role": "assistant"}}]}\n\n'
    b'data: {"choices": [{"delta": {"content": "SELECT "}}]}\n\n'
    b'data: {"choices": [{"delta": {"content": "1"}, "finish_reason": "stop"}], '
    b'"usage": {"prompt_tokens": 7, "completion_tokens": 3}}\n\ndata: [DONE]\n'
)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (completion({"role": "assistant", "content": "SELECT 1"}), JSON),
        (completion({"content": "SELECT 1", "reasoning_content": "hm"}), JSON),
        (completion({"content": None, "tool_calls": [{"function": {"name": "f", "arguments": "SELECT 1"}}]}), JSON),
        (completion({"content": "", "function_call": {"name": "f", "arguments": "SELECT 1"}}), JSON),
        ({"choices": [{"text": "SELECT 1"}], "usage": USAGE}, {}),
        (STREAM, {"content-type": "text/event-stream"}),
        (STREAM, {}),
    ],
)
def test_a_text_is_read_with_its_tokens_however_it_comes(body: Any, headers: dict[str, str]) -> None:
    told = read(body, headers=headers)
    assert (told.content, told.prompt_tokens, told.completion_tokens, told.fault) == ("SELECT 1", 7, 3, "")


FAULTS: list[tuple[int, Any, dict[str, str], str, str]] = [
    (200, completion({"content": ""}), JSON, "malformed", "the answer is empty"),
    (200, completion({"content": None, "reasoning": "hm"}, "length"), JSON, "malformed", "the model only thought"),
    (200, {"choices": [], "usage": USAGE}, JSON, "malformed", "without any choice"),
    (200, completion({"content": None, "refusal": SECRET}), JSON, "refused", "declined"),
    (200, completion({"content": "SEL"}, "content_filter"), JSON, "refused", "content filter"),
    (200, b"<!DOCTYPE html><html>login</html>", {"content-type": "text/html"}, "refused", "web page"),
    (200, b"", JSON, "unavailable", "nothing"),
    (200, b'{"choices": [{"mess', JSON, "unavailable", "no JSON"),
    (200, {"hello": "world"}, JSON, "refused", "no completion"),
    (200, [1], JSON, "refused", "no completion"),
    (200, error("rate limit reached"), JSON, "unavailable", "busy"),
    (200, error("no", code="context_length_exceeded"), JSON, "too_long", "longer than the model"),
    (200, error("internal"), JSON, "refused", "an error with status 200"),
    (
        200,
        b'data: {"error": {"message": "overloaded"}}\n',
        {"content-type": "text/event-stream"},
        "unavailable",
        "busy",
    ),
    (400, error("This model's maximum context length is 8192 tokens"), JSON, "too_long", "400"),
    (413, b"", {}, "too_long", "413"),
    (400, error("Unsupported parameter: 'max_tokens'"), JSON, "max_tokens", "400"),
    (400, error("Unsupported value: 'temperature'"), JSON, "temperature", "400"),
    (422, error("bad request"), JSON, "refused", "422"),
    (401, error("bad key"), JSON, "refused", "the key is not accepted"),
    (403, error("no"), JSON, "refused", "may not use"),
    (404, error("no such model"), JSON, "refused", "no such model"),
    (429, error("insufficient_quota"), JSON, "refused", "no quota"),
    (429, error("slow down"), JSON, "unavailable", "429"),
    (500, b"<html>", {"content-type": "text/html"}, "unavailable", "500"),
    (529, error("overloaded"), JSON, "unavailable", "529"),
]


@pytest.mark.parametrize(("status", "body", "headers", "fault", "words"), FAULTS)
def test_what_is_no_answer_has_its_own_words(
    status: int, body: Any, headers: dict[str, str], fault: str, words: str
) -> None:
    told = read(body, status, headers)
    assert told.fault == fault
    assert words in told.message
    assert SECRET not in told.message


def test_several_answers_are_told_and_one_that_is_empty_is_none() -> None:
    choices = [*completion({"content": ""})["choices"], *completion({"content": "SELECT 1"})["choices"]]
    told = read({"choices": choices, "usage": USAGE})
    assert (told.content, told.others, told.prompt_tokens) == ("SELECT 1", (), 7)
    choices = [completion({"content": text})["choices"][0] for text in ("SELECT 1", "", "SELECT 2")]
    told = read({"choices": choices, "usage": USAGE})
    assert (told.content, told.others) == ("SELECT 1", ("SELECT 2",))


@pytest.mark.parametrize(
    "words",
    [
        "Unsupported parameter: 'n'",
        "Unsupported value: 'n' does not support 2 with this model. Only the default (1) value is supported.",
        "n must be 1",
        "Invalid value for n: must be less than or equal to 1",
        "multiple choices are not supported",
        "Only n=1 is supported",
    ],
)
def test_an_endpoint_that_gives_one_answer_only_is_asked_for_one(words: str) -> None:
    assert read(error(words), 400).fault == "n"


@pytest.mark.parametrize("words", ["the model is not known", "In 3 minutes your plan ends", "invalid value for seed"])
def test_other_refusals_are_not_about_several_answers(words: str) -> None:
    assert read(error(words), 400).fault == "refused"


def test_an_answer_that_was_cut_is_kept_and_said_to_be() -> None:
    told = read(completion({"content": "SELECT 1 FROM"}, "length"))
    assert (told.content, told.was_cut, told.fault) == ("SELECT 1 FROM", True, "")


@pytest.mark.parametrize(
    ("headers", "wait_s"),
    [
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "Sun, 06 Nov 2044 08:49:37 GMT", "date": "Sun, 06 Nov 2044 08:49:07 GMT"}, 30.0),
        ({"retry-after": "soon"}, 0.0),
        ({"retry-after": "999999"}, 3_600.0),
        ({}, 0.0),
    ],
)
def test_how_long_to_wait_is_what_the_endpoint_asks(headers: dict[str, str], wait_s: float) -> None:
    assert read({}, 429, headers).retry_after_s == wait_s


@given(st.integers(100, 599), st.binary(max_size=60), st.sampled_from(["", "text/event-stream", "application/json"]))
def test_no_bytes_are_beyond_it(status: int, body: bytes, kind: str) -> None:
    told = read_response(status, {"content-type": kind}, body)
    assert told.fault or told.content is not None
