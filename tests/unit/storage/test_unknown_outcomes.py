"""Rule 6: a refused write may be one's own, repeated. While nobody can look, its outcome is unknown: no verdict."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest

from services.common.errors import AlreadyExists, PreconditionFailed, Unavailable, WealthError
from services.common.identity import ALL_USERS, Caller, Principal
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.records import Envelope
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.records import Records
from services.storage.usecases.uploads import Expectation, store_stream

_PRINCIPAL = Principal("default", "test", frozenset({ALL_USERS}), frozenset())
_CALLER = Caller("portfolio", _PRINCIPAL)
_ENVELOPE = Envelope("portfolio.task", "alice", "open", 1, 2, "a-write-of-ours")


class AwayAfterwards:
    """A bucket that answers a write with ``refusal``, and nothing after that."""

    def __init__(self, refusal: WealthError) -> None:
        self._refusal = refusal

    async def put(self, key: str, _content: bytes, **_conditions: Any) -> str:
        """Index keys are taken; the write itself is refused."""
        if "index/" in key:
            return "etag"
        raise self._refusal

    async def delete(self, _keys: object) -> None:
        """Done."""

    async def get(self, _key: str, **_limits: Any) -> Any:
        """Does not answer."""
        raise Unavailable("S3 does not answer", reason="S3_UNAVAILABLE")

    head = get


async def _create(bucket: Any) -> object:
    return await _records(bucket).create(_CALLER, "tasks/a.json", b"{}", _ENVELOPE)


async def _update(bucket: Any) -> object:
    return await _records(bucket).update(
        _CALLER, "tasks/a.json", b"{}", _ENVELOPE, if_match="etag", previous_state="open"
    )


async def _upload(bucket: Any) -> object:
    async def chunks() -> AsyncIterator[bytes | str]:
        yield b"content"

    return await store_stream(bucket, "tasks/a", chunks(), Expectation(100), part_bytes=1 << 20, if_absent=True)


def _records(bucket: Any) -> Records:
    rules = AccessRules({"portfolio": Grant(prefixes=("tasks/",), kinds=("portfolio.",))})
    return Records(bucket, Namespaces(rules, "default"), default_tenant="default")


_EXISTS = AlreadyExists("the key holds an object", reason="OBJECT_EXISTS")
_CHANGED = PreconditionFailed("the object has changed", reason="ETAG_MISMATCH")
_AWAY = Unavailable("S3 does not answer", reason="S3_UNAVAILABLE")


@pytest.mark.parametrize(
    ("write", "refusal"),
    [(_create, _EXISTS), (_create, _AWAY), (_update, _CHANGED), (_update, _AWAY), (_upload, _EXISTS), (_upload, _AWAY)],
)
async def test_6_a_refusal_that_nobody_can_look_into_is_no_verdict(
    write: Callable[[Any], Awaitable[object]], refusal: WealthError
) -> None:
    with pytest.raises(Unavailable):
        await write(AwayAfterwards(refusal))
