"""What attempts of a job have uploaded and its record does not name: lost attempts', cancelled and failed ones'."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from services.common.jobs.record import JobRecord
from services.common.storage import StorageClient
from services.converter.domain.places import Places

# An attempt that has lost its job may still be uploading for as long as it takes to notice.
_AFTER = timedelta(hours=1)
# Several of the slow scans, each of which looks at every record there is: what it finds nothing at, it asks nothing of.
_UNTIL = timedelta(days=7)
_OF_AN_ATTEMPT = re.compile(r"g(\d+)/a\d+/")


def may_have_left_something(record: JobRecord, now: datetime, *, completed: str) -> bool:
    """Whether to look: a job that took one attempt to complete has nothing but what its manifest names."""
    if record.finished_at is None or not _AFTER < now - record.finished_at < _UNTIL:
        return False
    return record.status != completed or record.attempt > 1 or record.generation > 1


async def clear_leftovers(storage: StorageClient, places: Places, record: JobRecord) -> int:
    """Deletes them; returns how many there were. The record must have ended; what a later generation uploads meanwhile
    stays."""
    folder = places.folder(record.user_id, record.job_id)
    named = {item.key for item in record.manifest.values()} | set(_strings(record.body))
    cleared, token = 0, ""
    while True:
        page = await storage.list_objects(f"{folder}g", page_token=token)
        for item in page.objects:
            place = _OF_AN_ATTEMPT.match(item.key.removeprefix(folder))
            if place and int(place[1]) <= record.generation and item.key not in named:
                await storage.delete_object(item.key)
                cleared += 1
        token = page.next_page_token
        if not token:
            return cleared


def _strings(value: Any) -> Iterator[str]:
    """Every text in a document, however deep: whatever of it is a key is in use."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
