"""A task's body taken apart without touching its payloads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.gateway.domain.payloads import split_task_body

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(st.text(max_size=5), children, max_size=3),
    max_leaves=10,
)
payloads = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), min_size=1, max_size=4)


@given(payloads=payloads, indent=st.none() | st.integers(0, 3))
def test_each_payload_reads_as_it_was_written(payloads: list[dict[str, Any]], indent: int | None) -> None:
    body = split_task_body(json.dumps({"username": "a", "data": payloads, "z": [1]}, indent=indent).encode())
    assert [json.loads(text) for text in body.payloads] == payloads


@pytest.mark.parametrize("number", ["1.10", "12345678901234567890.123", "1e-400", "9" * 5000, "-0"])
def test_numbers_keep_their_digits(number: str) -> None:
    body = split_task_body(f'{{"data": [ {{"v":{number}}} ]}}'.encode())
    assert body.payloads == [f'{{"v":{number}}}']


def test_a_field_behind_the_payloads_is_read() -> None:
    assert split_task_body(b'{"data":[{}],"username":"a"}').fields == {"username": "a"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"{}", "data"),
        (b'{"data": []}', "data"),
        (b'{"data": {}}', "data"),
        (b'{"data": "x"}', "data"),
        (b'{"data": [{}, []]}', "data.1"),
        (b'{"data": [{}] ', "body"),
        (b'{"data": [{},]}', "body"),
        (b'{"data": [{}]} x', "body"),
        (b"[]", "body"),
        (b"", "body"),
        (b'{"data": [{"a": NaN}]}', "body"),
        (b'{1: 2, "data": [{}]}', "body"),
        (b'{"data": [{}], "data": [{}]}', "data"),
        (b'{"username": "a", "data": [{}], "username": "b"}', "username"),
        (b'{"datas": [{}]}', "datas"),
        (b'{"Data": [{}]}', "Data"),
        (b"\xff", "body"),
    ],
)
def test_a_malformed_body_is_refused_naming_the_field(body: bytes, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        split_task_body(body)
    assert caught.value.field == field


def test_too_many_payloads_are_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        split_task_body(json.dumps({"data": [{}] * 3}).encode(), max_payloads=2)
    assert caught.value.field == "data"
