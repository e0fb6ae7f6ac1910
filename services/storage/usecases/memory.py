"""What storage remembers of the bucket: true once.

A record is only believed again where S3 says that its version still stands - by a listing's etags, or by a
compare-and-swap; an object only where nothing else ever stands under its name.
"""

from collections import OrderedDict
from typing import Generic, TypeVar

Item = TypeVar("Item")

MOST_BYTES_OF_ONE = 256 * 1024
# Beside a content: keys, labels and Python's own, so that many small things keep within the bound, too.
_BYTES_BESIDE = 1024


class Memory(Generic[Item]):
    """What was seen last, by full keys, within a bound of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._items: OrderedDict[str, tuple[Item, int]] = OrderedDict()

    def keep(self, full_key: str, item: Item, size: int) -> None:
        """Remembers an item of ``size`` bytes, and forgets those that were seen longest ago."""
        self.forget(full_key)
        if size > MOST_BYTES_OF_ONE:
            return
        self._items[full_key] = item, size + _BYTES_BESIDE
        self._bytes += size + _BYTES_BESIDE
        while self._bytes > self._most_bytes:
            self.forget(next(iter(self._items)))

    def recall(self, full_key: str) -> Item | None:
        """The item as it was seen last."""
        if full_key not in self._items:
            return None
        self._items.move_to_end(full_key)
        return self._items[full_key][0]

    def forget(self, full_key: str) -> None:
        """Remembers nothing of a key."""
        if full_key in self._items:
            self._bytes -= self._items.pop(full_key)[1]
