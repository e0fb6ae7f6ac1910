"""Between the messages of StorageService and the domain."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from google.protobuf.message import Message
from google.protobuf.timestamp_pb2 import Timestamp
from wealth.storage.v1 import storage_pb2 as pb

from services.common.clock import Clock
from services.storage.domain.files import FileDescription
from services.storage.domain.records import Envelope, Record
from services.storage.ports import StoredObject
from services.storage.usecases.uploads import SHA256

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def read_envelope(record: pb.Record, *, write_id: str, revision: int, clock: Clock) -> Envelope:
    """What storage keeps of a record that is to be written."""
    created_ms = read_milliseconds(record.created_at) if record.HasField("created_at") else None
    return Envelope(
        kind=record.kind,
        user_id=record.user_id,
        state=record.state,
        created_ms=(clock() - _EPOCH) // timedelta(milliseconds=1) if created_ms is None else created_ms,
        revision=revision,
        write_id=write_id,
        run=record.run,
    )


def write_record(record: Record) -> pb.Record:
    """A record as a message."""
    envelope = record.envelope
    return pb.Record(
        key=record.key,
        kind=envelope.kind,
        user_id=envelope.user_id,
        state=envelope.state,
        created_at=write_milliseconds(envelope.created_ms),
        document=record.document,
        revision=envelope.revision,
        write_id=envelope.write_id,
        etag=record.etag,
        run=envelope.run,
    )


def write_created(record: Record, found: Iterable[str]) -> pb.Record:
    """A record that was created, and the keys that were found to hold others after that."""
    written = write_record(record)
    written.found.extend(found)
    written.looked = True
    return written


def write_object(found: StoredObject, key: str, sha256: str = "") -> pb.ObjectInfo:
    """An object as a message; ``key`` is relative to the tenant's prefix."""
    return pb.ObjectInfo(
        key=key,
        size=found.size,
        sha256=sha256 or found.metadata.get(SHA256, ""),
        etag=found.etag,
        content_type=found.content_type,
        updated_at=write_time(found.updated_at),
    )


def write_file(file: FileDescription) -> pb.File:
    """A file as a message. Shared files have no user."""
    return pb.File(
        uri=file.address.uri,
        file_id=file.address.file_id,
        user_id=file.address.user_id,
        size=file.size,
        sha256=file.sha256,
        file_name=file.file_name,
        content_type=file.content_type,
        created_at=write_milliseconds(file.created_ms),
    )


def read_milliseconds(moment: Timestamp) -> int:
    """Milliseconds since 1970, UTC."""
    return moment.seconds * 1000 + moment.nanos // 1_000_000


def read_time(request: Message, field: str) -> datetime | None:
    """A message's field as a time; None where it says nothing."""
    return getattr(request, field).ToDatetime(UTC) if request.HasField(field) else None


def write_milliseconds(milliseconds: int) -> Timestamp:
    """A time of ``milliseconds`` since 1970, UTC."""
    return Timestamp(seconds=milliseconds // 1000, nanos=milliseconds % 1000 * 1_000_000)


def write_time(moment: datetime) -> Timestamp:
    """A time as a message."""
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp
