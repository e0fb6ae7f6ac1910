"""Rule 23, held of whatever a test has the services write: a kept object is named by its attempt or its content."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from services.common.storage import StorageClient
from services.common.storage.transfer import measure

_OF_ATTEMPT = re.compile(r"/g\d+/a\d+/[^/]+$")
# A task's input is written before its record, once: its id is new, and a repetition brings the same bytes.
_OF_JOB = re.compile(r"^task-inputs/[^/]+\.json$")
_DIGITS = 16


def says_whose(key: str, sha256: str) -> bool:
    """Whether a name is of one attempt, of one content, or of one job that writes there once."""
    return bool(_OF_ATTEMPT.search(key) or _OF_JOB.search(key)) or sha256[:_DIGITS] in key.rpartition("/")[2]


@contextmanager
def watched_names() -> Iterator[list[str]]:
    """Gathers the names that objects are kept under inside of the block, and fails where one says nobody's."""
    kept: list[str] = []
    keep = StorageClient.keep_object

    async def keep_object(client: StorageClient, key: str, source: bytes | Path, **options: Any) -> Any:
        _, sha256 = await measure(source, "")
        assert says_whose(key, sha256), f"{key} is named neither by an attempt nor by its content"
        kept.append(key)
        return await keep(client, key, source, **options)

    with mock.patch.object(StorageClient, "keep_object", keep_object):
        yield kept
