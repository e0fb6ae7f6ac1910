"""The receiver of docs/webhooks.md is run as it stands: it takes what the suite signs, once, and nothing else."""

import http.client
import re
import threading
import time
from collections.abc import Iterator
from http.server import HTTPServer
from pathlib import Path
from typing import Any

import pytest

from services.events.domain.signature import make_secret, sign

PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"
BODY = b'{"type":"wealth.portfolio.v1.task.completed","subject":"task_1"}'


@pytest.fixture
def receiver() -> Iterator[tuple[dict[str, Any], int]]:
    """The page's names, and the port of its receiver."""
    (code,) = re.findall(r"<!-- receiver:begin -->\n```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102 - our own page
    names["SECRET"] = make_secret()
    names["Receiver"].log_message = lambda *_: None
    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield names, server.server_port
        finally:
            server.shutdown()
            thread.join()


def post(port: int, event_id: str, timestamp: int, signature: str, body: bytes = BODY) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    headers = {"webhook-id": event_id, "webhook-timestamp": str(timestamp), "webhook-signature": signature}
    try:
        connection.request("POST", "/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()


def test_it_takes_what_is_signed_and_a_repetition_once(
    receiver: tuple[dict[str, Any], int], capsys: pytest.CaptureFixture[str]
) -> None:
    names, port = receiver
    now = int(time.time())
    for secrets in ([names["SECRET"]], [make_secret(), names["SECRET"]]):
        assert post(port, "a:1:5", now, sign(secrets, "a:1:5", now, BODY)) == 204
    assert capsys.readouterr().out == "wealth.portfolio.v1.task.completed task_1\n"


@pytest.mark.parametrize("fault", ["secret", "id", "body", "old"])
def test_it_refuses_what_is_forged_changed_or_old(receiver: tuple[dict[str, Any], int], fault: str) -> None:
    names, port = receiver
    now = int(time.time()) - (3600 if fault == "old" else 0)
    signature = sign([make_secret() if fault == "secret" else names["SECRET"]], "a:1:5", now, BODY)
    event_id = "b:1:5" if fault == "id" else "a:1:5"
    assert post(port, event_id, now, signature, b"{}" if fault == "body" else BODY) == 401
    assert names["seen"] == set()
