"""A record's one JSON form in the bucket."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.storage.domain.records import ENVELOPE_KEY, Envelope, join_record, split_record

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.just(ENVELOPE_KEY), inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(TEXT.filter(lambda key: key != ENVELOPE_KEY), JSON, max_size=4)
ENVELOPES = st.builds(Envelope, TEXT, TEXT, TEXT, st.integers(0, 10**13), st.integers(1, 10**6), TEXT)


@given(DOCUMENTS, ENVELOPES, st.sampled_from([None, 1]), st.booleans())
def test_splitting_gives_back_what_was_joined(
    document: dict, envelope: Envelope, indent: int | None, ascii_only: bool
) -> None:
    written = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    found, read = split_record(join_record(b" " + written + b"\n", envelope))
    assert (json.loads(found), read) == (document, envelope)


@given(DOCUMENTS, ENVELOPES)
def test_the_object_is_one_readable_json_object(document: dict, envelope: Envelope) -> None:
    parsed = json.loads(join_record(json.dumps(document).encode(), envelope))
    assert parsed.pop(ENVELOPE_KEY)["revision"] == envelope.revision
    assert parsed == document


@given(DOCUMENTS, ENVELOPES)
def test_a_record_that_another_tool_has_rewritten_still_reads(document: dict, envelope: Envelope) -> None:
    rewritten = json.dumps(json.loads(join_record(json.dumps(document).encode(), envelope)), indent=2, sort_keys=True)
    found, read = split_record(rewritten.encode())
    assert (json.loads(found), read) == (document, envelope)


def test_a_string_that_looks_like_the_joint_does_not_confuse() -> None:
    envelope = Envelope("k", ',\n"_record": {}', "open", 1, 1, "w")
    document = {"a": ',\n"_record": {"kind": "x"}}', "b": {"c": 1, ENVELOPE_KEY: {}}}
    found, read = split_record(join_record(json.dumps(document).encode(), envelope))
    assert (json.loads(found), read) == (document, envelope)


@pytest.mark.parametrize("document", [b"", b"[]", b'"a"', b"{", b"{}{}", b'{"_record": 1}', b"\xff", b"[" * 99_999])
def test_what_is_no_plain_object_is_refused(document: bytes) -> None:
    with pytest.raises(InvalidInput):
        join_record(document, Envelope("k", "", "", 1, 1, "w"))


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"_record": 1}', b'{"_record": {"kind": "k"}}', b"a,b\n"])
def test_what_storage_did_not_write_is_no_record(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"record|Expecting"):
        split_record(content)
