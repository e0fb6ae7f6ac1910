"""Names within JSON objects: one that stands twice means what each parser likes (RFC 8259, section 4).

Most keep the last and drop the others without a word: of two market values one is nowhere. Here that is a fault.
"""

from collections.abc import Sequence
from typing import Any

_SHOWN_CHARS = 60


class RepeatedName(ValueError):
    """An object has a name twice, with two values; ``name`` is cut where it is long."""

    def __init__(self, name: str) -> None:
        self.name = name if len(name) <= _SHOWN_CHARS else f"{name[:_SHOWN_CHARS]}…"
        super().__init__(f'"{self.name}" stands twice in one object, with two values: send it once')


def keep_names(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """An object's members, for ``object_pairs_hook`` of `json.loads`. Raises RepeatedName.

    The same value twice is none the less read: nothing is lost.
    """
    members = dict(pairs)
    if len(members) < len(pairs):
        for name, value in pairs:
            if value != members[name]:
                raise RepeatedName(name)
    return members
