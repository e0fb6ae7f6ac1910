"""What never stands in a log."""

import base64
import io
import json
import logging
import secrets
import sys
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from services.common.logging import (
    HARMLESS,
    MAX_TRACEBACK_CHARS,
    MAX_VALUE_CHARS,
    REDACTED,
    SECRET_VALUE,
    configure_logging,
    get_logger,
    redact,
)

TOKEN = jwt.encode({"sub": "alice"}, "k" * 32, algorithm="HS256")
API_KEY = f"k1d2.{base64.urlsafe_b64encode(bytes(range(32))).decode().rstrip('=')}"
SECRETS = {
    "jwt": (TOKEN, TOKEN),
    "bearer": ("Bearer abc.def-ghi", "abc.def-ghi"),
    "url": ("nats://worker:hunter2@10.0.0.1:4222", "hunter2"),
    "api key": (f"key {API_KEY} refused", API_KEY),
    "assignment": ("password=hunter2 and more", "hunter2"),
    "json": ('{"api_key": "hunter2", "x": 1}', "hunter2"),
    "presigned": ("https://s3/x?X-Amz-Signature=0123abcdef&y=1", "0123abcdef"),
}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[Any]]]:
    """Configures logging as in production; call it for the lines that were logged."""
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    root = logging.getLogger()
    before, usual = (root.handlers[:], root.level), structlog.get_config()
    configure_logging("test", "INFO", "json")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    root.handlers, root.level = before
    structlog.configure(**usual)
    structlog.contextvars.clear_contextvars()


@pytest.mark.parametrize("name", SECRETS)
def test_secret_in_a_text_is_replaced(name: str) -> None:
    text, secret = SECRETS[name]
    assert secret not in redact(text)
    assert REDACTED in redact(text)


@pytest.mark.parametrize("name", SECRETS)
def test_secret_that_the_cut_runs_through_is_replaced(name: str) -> None:
    text, secret = SECRETS[name]
    for overlap in range(1, len(text)):
        shown = redact("x " * ((MAX_VALUE_CHARS - overlap) // 2) + text)
        assert secret[:6] not in shown


@given(st.binary(min_size=32, max_size=32), st.from_regex(r"[A-Za-z0-9_-]{4,40}", fullmatch=True))
def test_every_api_key_is_recognised(secret: bytes, key_id: str) -> None:
    text = base64.urlsafe_b64encode(secret).decode().rstrip("=")
    assert text not in redact(f"the key {key_id}.{text} is not known")
    assert text not in redact(f"{key_id}.{text}")


@pytest.mark.parametrize("name", ["password", "api_key", "Authorization", "cookie", "client_secret", "access_token"])
def test_secret_fields_are_replaced_at_any_depth(name: str) -> None:
    assert "hunter2" not in str(redact({"a": [{"b": {name: "hunter2"}}]}))


@given(st.binary(max_size=100))
def test_bytes_are_told_by_their_size_only(content: bytes) -> None:
    assert redact(content) == f"[{len(content)} bytes]"


def test_objects_are_redacted_as_they_would_be_shown() -> None:
    shown = redact(ValueError("password=hunter2"))
    assert "hunter2" not in shown
    assert "ValueError" in shown


@pytest.mark.parametrize("value", [None, True, 7, 2.5, "plain words", ["a", 1], {"rows": 3}])
def test_what_is_harmless_stays(value: object) -> None:
    assert redact(value) == value


def test_logged_fields_are_redacted(lines: Any) -> None:
    get_logger().info("seen", url="s3://user:hunter2@host/x", password="hunter2", error=RuntimeError("token=hunter2"))
    (line,) = lines()
    assert "hunter2" not in json.dumps(line)
    assert (line["event"], line["service"], line["level"]) == ("seen", "test", "info")


def test_short_messages_of_libraries_are_redacted(lines: Any) -> None:
    logging.getLogger("library").warning("connecting to nats://u:hunter2@h")
    assert "hunter2" not in json.dumps(lines())


def test_traceback_keeps_its_end_and_no_secret(lines: Any) -> None:
    def fall(depth: int) -> None:
        if depth:
            fall(depth - 1)
        raise RuntimeError(f"password=hunter2 {secrets.token_hex(2)} the end")

    try:
        fall(300)
    except RuntimeError:
        get_logger().exception("failed")
    (line,) = lines()
    assert line["exception"].rstrip().endswith("the end")
    assert "hunter2" not in line["exception"]
    assert len(line["exception"]) <= MAX_TRACEBACK_CHARS


@given(st.text("eyJ.-_/{}aZ09", max_size=60) | st.from_regex(HARMLESS, fullmatch=True))
def test_the_quick_look_passes_nothing_that_the_thorough_one_would_not(value: str) -> None:
    assert not HARMLESS.fullmatch(value) or not SECRET_VALUE.search(value)


def test_what_grpc_cannot_decode_is_not_logged(lines: Callable[[], list[Any]]) -> None:
    try:
        b"hunter2-\xff".decode()
    except UnicodeDecodeError:
        logging.getLogger("grpc._cython.cygrpc").exception("Invalid encoding on %s", b"hunter2-\xff")
    assert [line["event"] for line in lines()] == ["grpc_metadata_undecodable"]
    assert "hunter2" not in str(lines())
