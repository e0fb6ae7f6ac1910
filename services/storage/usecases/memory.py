"""What storage remembers of records that it has read or written: true once, and only believed again where S3 says that
the version still stands - by a listing's etags, or by a compare-and-swap."""

from collections import OrderedDict

from services.storage.domain.records import Record

_MOST_BYTES_OF_ONE = 256 * 1024
# Beside a document: keys, labels and Python's own, so that many small records keep within the bound, too.
_BYTES_BESIDE = 1024


class RecordMemory:
    """The records that were seen last, by their full keys, within a bound of bytes."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._records: OrderedDict[str, Record] = OrderedDict()

    def keep(self, full_key: str, record: Record) -> None:
        """Remembers a record with its document, and forgets those that were seen longest ago."""
        self.forget(full_key)
        if not record.etag or len(record.document) > _MOST_BYTES_OF_ONE:
            return
        self._records[full_key] = record
        self._bytes += _weigh(record)
        while self._bytes > self._most_bytes:
            _, oldest = self._records.popitem(last=False)
            self._bytes -= _weigh(oldest)

    def recall(self, full_key: str) -> Record | None:
        """The record as it was seen last."""
        record = self._records.get(full_key)
        if record is not None:
            self._records.move_to_end(full_key)
        return record

    def forget(self, full_key: str) -> None:
        """Remembers nothing of a key."""
        record = self._records.pop(full_key, None)
        if record is not None:
            self._bytes -= _weigh(record)


def _weigh(record: Record) -> int:
    return len(record.document) + _BYTES_BESIDE
