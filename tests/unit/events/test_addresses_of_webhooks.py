"""Which addresses may be a webhook's: what leads inside, or means something else to another reader, may not."""

import pytest

from services.events.domain.news import read_news, read_told
from services.events.domain.webhook import find_url_fault

TRUSTED = {"127.0.0.1:8099", "crm.internal:8080"}


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/x",  # not https
        "https://hooks.example.com:8443/x",  # a port that leaves no cluster
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest/meta-data",
        "https://100.64.0.1/x",
        "https://168.63.129.16/x",
        "https://0.0.0.0/x",
        "https://2130706433/x",
        "https://127.1/x",
        "https://0x7f.1/x",
        "https://0x7f000001/x",
        "https://0177.0.0.1/x",
        "https://127.0.0.1./x",
        "https://[::1]/x",
        "https://[fe80::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://[64:ff9b::a00:1]/x",
        "https://[fd00::1]/x",
        "https://user@hooks.example.com/x",
        "https://user:password@hooks.example.com/x",
        "https://:@hooks.example.com/x",
        "https://hooks.example.com/x#fragment",
        "https://hooks.example.com/x#",
        "https://hooks.example.com/x\r\nwebhook-id: forged",
        "https://hooks.example.com/\tx",
        "https://hooks.example.com\\@127.0.0.1/x",
        "https://hooks.example.com/ x",
        "https:///x",
        "https://",
        "//hooks.example.com/x",
        "file:///etc/passwd",
        "gopher://hooks.example.com/x",
        "javascript:alert(1)",
        "https://hööks.example.com/x",
        "https://hooks.example.com:99999/x",
        "https://hooks.example.com:0x1bb/x",
        "https://[::1/x",
        "http://127.0.0.1:8098/x",  # not the port that is trusted
        "gopher://127.0.0.1:8099/x",
    ],
)
def test_an_address_that_may_not_be_called_is_refused(url: str) -> None:
    assert find_url_fault(url, TRUSTED)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com",
        "https://hooks.example.com:443/x?token=1",
        "https://93.184.215.14/x",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/x",
        "http://127.0.0.1:8099/x",
        "http://crm.internal:8080/x",
    ],
)
def test_public_addresses_and_those_that_the_operator_trusts_are_taken(url: str) -> None:
    assert find_url_fault(url, TRUSTED) == ""


HEADERS = {
    "ce-specversion": "1.0",
    "ce-id": "task_1:1:5",
    "ce-type": "wealth.portfolio.v1.task.completed",
    "ce-source": "/wealth/portfolio",
    "ce-subject": "task_1",
    "ce-time": "2026-01-02T03:04:05.000Z",
    "ce-tenant": "acme",
    "traceparent": "00-0-0-00",
}


def test_an_event_is_told_as_a_cloud_event_and_reads_back_as_the_same() -> None:
    item = read_news(HEADERS, b'{"user_id": "alice"}')
    assert item
    assert (item.service, item.user_id, item.tenant) == ("portfolio", "alice", "acme")
    assert b"traceparent" not in item.json
    assert read_told(item.json) == item


@pytest.mark.parametrize(
    ("change", "payload"),
    [
        ({"ce-id": "a%0D%0Awebhook-signature: v1,x"}, b"{}"),
        ({"ce-id": "a.b"}, b"{}"),
        ({"ce-id": ""}, b"{}"),
        ({"ce-type": "x"}, b"{}"),
        ({}, b"no JSON"),
        ({}, b"[]"),
    ],
)
def test_what_is_no_event_of_ours_or_would_end_a_header_is_told_to_nobody(
    change: dict[str, str], payload: bytes
) -> None:
    assert read_news({**HEADERS, **change}, payload) is None
