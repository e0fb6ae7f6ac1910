"""An event as it is told outside: a CloudEvent in JSON, the same in a stream and to a webhook."""

import json
import re
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass

_PREFIX = "ce-"
# As a header's value, and inside of what is signed: a point would be taken for the end of it.
_ID = re.compile(r"[A-Za-z0-9_:-]{1,200}")


@dataclass(frozen=True, slots=True)
class NewsItem:
    """An event: whose it is, and ``json``, which is told. Times as RFC 3339."""

    event_id: str
    type: str
    source: str
    subject: str
    time: str
    tenant: str
    user_id: str
    json: bytes

    @property
    def service(self) -> str:
        """Whose news it is: portfolio or converter."""
        return self.type.split(".")[1]


@dataclass(frozen=True, slots=True)
class Told:
    """An answer to a watcher: where to resume, what happened (or nothing), and whether anything before it is lost."""

    position: str
    item: NewsItem | None = None
    missed: bool = False


def read_news(headers: Mapping[str, str], payload: bytes) -> NewsItem | None:
    """Reads an event as services publish it (CloudEvents in binary mode); None where it is none."""
    attributes = {
        name.lower().removeprefix(_PREFIX): urllib.parse.unquote(value)
        for name, value in headers.items()
        if name.lower().startswith(_PREFIX)
    }
    try:
        data = json.loads(payload)
        document = json.dumps({**attributes, "data": data}, ensure_ascii=False, separators=(",", ":"))
        item = NewsItem(
            attributes["id"],
            attributes["type"],
            attributes["source"],
            attributes["subject"],
            attributes["time"],
            attributes["tenant"],
            str(data.get("user_id", "")),
            document.encode(),
        )
    except (ValueError, KeyError, AttributeError):
        return None
    return item if _ID.fullmatch(item.event_id) and item.type.count(".") >= 2 else None


def read_told(document: bytes) -> NewsItem:
    """Reads an event as it is told, such as one that waits to be delivered. Raises ValueError, KeyError."""
    fields = json.loads(document)
    data = fields["data"]
    return NewsItem(
        fields["id"], fields["type"], fields["source"], fields["subject"], fields["time"], fields["tenant"],
        str(data.get("user_id", "")), document,
    )  # fmt: skip
