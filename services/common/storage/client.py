"""The client of the storage service: records and objects over gRPC, with the service's errors rebuilt.

Every call acts for the current principal (``services.common.context``), whose tenant prefixes every key. All calls
raise Unavailable or Exhausted where storage, or S3 behind it, does not answer or is full, and Denied outside of the
caller's namespaces; the docstrings name what they raise beyond that.
"""

import hashlib
import json
import secrets
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import grpc.aio
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from grpc_health.v1 import health_pb2, health_pb2_grpc
from wealth.storage.v1 import storage_pb2 as pb
from wealth.storage.v1 import storage_pb2_grpc

from services.common.channels import open_channel, translated_errors
from services.common.errors import AlreadyExists, Conflict, InvalidInput, TooLarge, Unavailable
from services.common.identity import TokenSigner
from services.common.storage.stored import (
    ByteStream,
    FileInfo,
    FilePage,
    ObjectInfo,
    ObjectPage,
    ReconciledPage,
    RecordPage,
    ReindexedRecord,
    StoredRecord,
    TenantPage,
)
from services.common.storage.transfer import Source, measure, open_download, read_chunks, require_size, write_file
from services.common.tasks import map_in_turns

SERVICE_NAME = "wealth.storage.v1.StorageService"
MAX_DOCUMENT_BYTES = 4 * 1024 * 1024
"""Of a record, as the proto says: what is over it is not even sent."""
AUDIENCE = "storage"
# Safe to repeat at once: reads, deletions, and writes that carry a write_id or give the same result twice. Not imports:
# a source that does not answer would be waited for once per try.
IDEMPOTENT_METHODS = (
    "CreateRecord", "GetRecord", "UpdateRecord", "DeleteRecord", "ListRecords", "ScanRecords", "ReindexRecord",
    "ReconcileIndex", "ListTenants", "GetObject", "GetObjectInfo", "ListObjects", "CopyObject", "DeleteObject",
    "DeletePrefix", "PresignObject", "GetFile", "ListFiles", "DownloadFile", "DeleteFile",
)  # fmt: skip
_SERVING = health_pb2.HealthCheckResponse.SERVING
# What of storage's own health stops those who need it, with the reason and the words for it.
_DEPENDENCIES = {
    "s3": ("STORAGE_UNAVAILABLE", "S3 does not answer"),
    "s3-writes": ("S3_NOT_WRITABLE", "S3 takes no writes at present"),
}


class StorageClient:
    """Calls StorageService for the current principal."""

    def __init__(
        self, channel: grpc.aio.Channel, *, slow_call_timeout_s: float = 60, transfer_timeout_s: float = 1800
    ) -> None:
        """``slow_call_timeout_s`` bounds scans, prefix deletions and copies; ``transfer_timeout_s`` up- and downloads
        and imports; other calls take the channel's time-out."""
        self._channel = channel
        self._stub = storage_pb2_grpc.StorageServiceStub(channel)
        # Typed as Any: the stubs of the health package lag behind its List method.
        self._health: Any = health_pb2_grpc.HealthStub(channel)
        self._slow_call_timeout_s = slow_call_timeout_s
        self._transfer_timeout_s = transfer_timeout_s

    @classmethod
    def connect(cls, target: str, signer: TokenSigner, *, call_timeout_s: float = 10, **timeouts: float) -> Self:
        """Opens a channel to ``target`` that connects on first use; calls are signed by ``signer``."""
        channel = open_channel(
            target,
            audience=AUDIENCE,
            signer=signer,
            service=SERVICE_NAME,
            idempotent_methods=IDEMPOTENT_METHODS,
            call_timeout_s=call_timeout_s,
        )
        return cls(channel, **timeouts)

    async def close(self) -> None:
        """Closes the channel."""
        await self._channel.close()

    async def check(self) -> None:
        """Raises Unavailable where the storage service, or S3 behind it, does not answer or takes no writes."""
        with translated_errors():
            reply = await self._health.List(health_pb2.HealthListRequest(), timeout=2)  # type: ignore[attr-defined]
        for dependency, (reason, message) in _DEPENDENCIES.items():
            # An older storage has no word for whether S3 takes writes.
            if dependency in reply.statuses and reply.statuses[dependency].status != _SERVING:
                raise Unavailable(message, reason=reason, retry_after_s=2)

    # Records

    async def create_record(
        self,
        key: str,
        document: Mapping[str, Any],
        *,
        kind: str,
        user_id: str = "",
        state: str = "",
        created_at: datetime | None = None,
        write_id: str = "",
        spare_bytes: int = 0,
        look_for: Sequence[str] = (),
    ) -> StoredRecord:
        """Writes a record where there is none. ``created_at`` (now, where None) orders listings.

        ``write_id`` names this write (8-64 characters; a fresh one where empty): repeating the call with it is
        success. ``spare_bytes`` of the largest document are left for later. ``look_for`` are keys of other records,
        which are read afresh once this one stands: ``found`` of what is returned are those that hold one, or None where
        storage is of a release that does not look. Raises AlreadyExists where the key holds another write, TooLarge
        with reason RECORD_TOO_LARGE.
        """
        record = pb.Record(
            key=key, kind=kind, user_id=user_id, state=state, created_at=_to_timestamp(created_at),
            document=encode_document(document, spare_bytes=spare_bytes),
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.CreateRecord(
                pb.CreateRecordRequest(record=record, write_id=write_id or new_write_id(), look_for=look_for)
            )
        return _to_stored(reply, document)

    async def get_record(self, key: str, *, may_be_old: bool = False) -> StoredRecord:
        """Reads a record, or (``may_be_old``) what storage remembers of it: for whoever changes it by compare-and-swap,
        which finds out. Raises NotFound."""
        with translated_errors():
            return _to_stored(await self._stub.GetRecord(pb.GetRecordRequest(key=key, may_be_old=may_be_old)))

    async def update_record(
        self,
        key: str,
        document: Mapping[str, Any],
        *,
        kind: str,
        created_at: datetime,
        if_match: str,
        if_revision: int,
        user_id: str = "",
        state: str = "",
        previous_state: str = "",
        run: int = 0,
        previous_run: int = 0,
        write_id: str = "",
        spare_bytes: int = 0,
    ) -> StoredRecord:
        """Replaces a record whose etag and revision still are ``if_match`` and ``if_revision``.

        ``kind``, ``user_id`` and ``created_at`` are those of the record; it is listed under ``previous_state`` as
        ``previous_run`` now, under ``state`` as ``run`` from now on, as far as storage begins runs (its answer tells);
        ``spare_bytes`` as in ``create_record``. Raises Conflict with reason RECORD_CHANGED
        where the etag no longer stands, NotFound where the record is gone, TooLarge with reason RECORD_TOO_LARGE. A
        write that was applied although its answer was lost is success.
        """
        record = pb.Record(
            key=key, kind=kind, user_id=user_id, state=state, created_at=_to_timestamp(created_at),
            document=encode_document(document, spare_bytes=spare_bytes), run=run,
        )  # fmt: skip
        request = pb.UpdateRecordRequest(
            record=record, if_match=if_match, if_revision=if_revision, previous_state=previous_state,
            previous_run=previous_run, write_id=write_id or new_write_id(),
        )  # fmt: skip
        with translated_errors():
            return _to_stored(await self._stub.UpdateRecord(request), document)

    async def delete_record(self, key: str) -> None:
        """Deletes a record and its index keys; what is not there is deleted already."""
        with translated_errors():
            await self._stub.DeleteRecord(pb.DeleteRecordRequest(key=key))

    async def list_records(
        self,
        kind: str,
        states: Sequence[str],
        *,
        user_id: str = "",
        page_size: int = 0,
        page_token: str = "",
        keys_only: bool = False,
    ) -> RecordPage:
        """Lists a user's records, or (empty) all users', in the given states, newest first.

        With ``keys_only`` the items have key, kind, user_id, state and created_at, from the index alone. Raises
        InvalidInput on a page token of another query.
        """
        request = pb.ListRecordsRequest(
            kind=kind, user_id=user_id, states=states, page_size=page_size, page_token=page_token, keys_only=keys_only
        )
        with translated_errors():
            reply = await self._stub.ListRecords(request)
        return RecordPage(tuple(await map_in_turns(_to_stored, reply.records)), reply.next_page_token)

    async def scan_records(
        self,
        prefix: str,
        *,
        suffix: str = "",
        page_size: int = 0,
        page_token: str = "",
        changed_after: datetime | None = None,
    ) -> RecordPage:
        """Walks the records whose keys begin and end so, in key order, indexed or not. Slow: for sweepers.

        With ``changed_after`` only those written since.
        """
        request = pb.ScanRecordsRequest(
            prefix=prefix, suffix=suffix, page_size=page_size, page_token=page_token,
            changed_after=_to_timestamp(changed_after),
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.ScanRecords(request, timeout=self._slow_call_timeout_s)
        return RecordPage(tuple(await map_in_turns(_to_stored, reply.records)), reply.next_page_token)

    async def reindex_record(
        self,
        key: str,
        *,
        kind: str,
        user_id: str = "",
        created_at: datetime | None = None,
        states: Sequence[str] = (),
        run: int = 0,
        at_once: bool = False,
    ) -> ReindexedRecord:
        """Brings a record's index keys in line with the record.

        ``user_id``, ``created_at`` and ``run`` say where to look beside the record's own, ``states`` which to look
        under. Keys that are young are left to whoever may be writing their record, but with ``at_once``, which looks
        under the given ones alone.
        """
        request = pb.ReindexRecordRequest(
            key=key, kind=kind, user_id=user_id, created_at=_to_timestamp(created_at), states=states, at_once=at_once,
            run=run,
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.ReindexRecord(request)
        return ReindexedRecord(reply.added, reply.removed, reply.due)

    async def reconcile_index(
        self,
        kind: str,
        *,
        page_size: int = 0,
        page_token: str = "",
        changed_after: datetime | None = None,
        spared_state: str = "",
        records: tuple[str, str] = ("", ""),
        records_after: str = "",
    ) -> ReconciledPage:
        """Deletes those of a page of a kind's index keys that their records contradict.

        With ``changed_after`` only keys that were written since; those of ``spared_state`` only where they do not stand
        in the index of all users. ``records`` is what the keys of the kind's records begin and end with: the first page
        then names those that index keys are missing of, after ``records_after``, as far as storage knows how to look.
        """
        request = pb.ReconcileIndexRequest(
            kind=kind, page_size=page_size, page_token=page_token, changed_after=_to_timestamp(changed_after),
            spared_state=spared_state, record_prefix=records[0], record_suffix=records[1],
            records_after=records_after,
        )  # fmt: skip
        with translated_errors():
            reply = await self._stub.ReconcileIndex(request, timeout=self._slow_call_timeout_s)
        return ReconciledPage(
            reply.checked,
            reply.removed,
            reply.next_page_token,
            tuple(reply.unlisted),
            reply.listings,
            reply.more_unlisted,
        )

    async def list_tenants(self, *, page_size: int = 0, page_token: str = "") -> TenantPage:
        """Lists the tenants that have data, the default one first."""
        with translated_errors():
            reply = await self._stub.ListTenants(pb.ListTenantsRequest(page_size=page_size, page_token=page_token))
        return TenantPage(tuple(reply.tenants), reply.next_page_token)

    # Objects

    async def put_object(
        self,
        key: str,
        source: Source,
        *,
        content_type: str = "application/octet-stream",
        if_absent: bool = False,
        size: int | None = None,
        sha256: str = "",
        max_size: int = 0,
    ) -> ObjectInfo:
        """Stores an object. Nothing is visible before all of it arrived and its checksum agreed.

        ``size`` and ``sha256`` are checked where given; the checksum of what was sent always is. Raises AlreadyExists
        (``if_absent``), TooLarge (above ``max_size`` bytes or the service's cap), InvalidInput with reason
        SIZE_MISMATCH or CHECKSUM_MISMATCH.
        """
        measured_size, measured_sha256 = await measure(source, sha256)
        header = pb.PutObjectHeader(
            key=key,
            size=measured_size if size is None else size,
            sha256=measured_sha256,
            content_type=content_type,
            if_absent=if_absent,
            max_size=max_size,
        )

        async def send() -> AsyncIterator[pb.PutObjectRequest]:
            yield pb.PutObjectRequest(header=header)
            digest = None if header.sha256 else hashlib.sha256()
            async for chunk in read_chunks(source):
                if digest:
                    digest.update(chunk)
                yield pb.PutObjectRequest(chunk=chunk)
            if digest:
                yield pb.PutObjectRequest(sha256=digest.hexdigest())

        with translated_errors():
            return _to_object_info(await self._stub.PutObject(send(), timeout=self._transfer_timeout_s))

    async def keep_object(self, key: str, source: bytes | Path, *, content_type: str) -> ObjectInfo:
        """Stores an object under a name that is its attempt's, or its content's, alone: nothing is ever replaced.

        Where the same stands there already, that is success. Raises as ``put_object``; Conflict with reason
        OBJECT_DIFFERS where something else does.
        """
        size, sha256 = await measure(source, "")
        try:
            return await self.put_object(
                key, source, content_type=content_type, if_absent=True, size=size, sha256=sha256
            )
        except AlreadyExists:
            standing = await self.get_object_info(key)
            if (standing.size, standing.sha256) != (size, sha256):
                raise Conflict("other content stands under this name", reason="OBJECT_DIFFERS") from None
            return standing

    @asynccontextmanager
    async def get_object(
        self, key: str, *, offset: int = 0, length: int = 0, if_match: str = "", never_changes: bool = False
    ) -> AsyncIterator[ByteStream[ObjectInfo]]:
        """Opens an object, or ``length`` bytes of it from ``offset`` (0: all that follow), to read chunk by chunk.
        ``never_changes`` says that nothing else ever stands under its name: what storage remembers of it will do.

        Raises NotFound, PreconditionFailed where ``if_match`` is not its etag, InvalidInput with reason
        RANGE_NOT_SATISFIABLE where ``offset`` lies beyond its end.
        """
        request = pb.GetObjectRequest(
            key=key, offset=offset, length=length, if_match=if_match, never_changes=never_changes
        )
        call = self._stub.GetObject(request, timeout=self._transfer_timeout_s)
        async with open_download(call) as (first, chunks):
            yield ByteStream(_to_object_info(first.info), chunks)

    async def get_object_bytes(self, key: str, *, max_size: int) -> bytes:
        """Reads a small object whole. Raises NotFound, TooLarge above ``max_size`` bytes."""
        async with self.get_object(key) as stream:
            require_size(key, stream.info.size, max_size)
            return b"".join([chunk async for chunk in stream.chunks])

    async def get_object_to_file(
        self, key: str, path: Path, *, max_size: int = 0, never_changes: bool = False
    ) -> ObjectInfo:
        """Downloads an object into a new local file, checked against its size and checksum.

        ``max_size`` in bytes, 0 for none; ``never_changes`` as for ``get_object``. Raises NotFound, TooLarge,
        FileExistsError; on an error no file is left.
        """
        async with self.get_object(key, never_changes=never_changes) as stream:
            require_size(key, stream.info.size, max_size)
            await write_file(path, stream.chunks, stream.info.size, stream.info.sha256)
            return stream.info

    async def get_object_info(self, key: str) -> ObjectInfo:
        """Reads an object's size, checksum and times. Raises NotFound."""
        with translated_errors():
            return _to_object_info(await self._stub.GetObjectInfo(pb.GetObjectInfoRequest(key=key)))

    async def list_objects(self, prefix: str, *, page_size: int = 0, page_token: str = "") -> ObjectPage:
        """Lists the objects whose keys begin so, in key order, without checksums and media types."""
        request = pb.ListObjectsRequest(prefix=prefix, page_size=page_size, page_token=page_token)
        with translated_errors():
            reply = await self._stub.ListObjects(request)
        return ObjectPage(tuple(map(_to_object_info, reply.objects)), reply.next_page_token)

    async def copy_object(self, source_key: str, key: str) -> None:
        """Copies an object within the bucket; what stood at ``key`` is replaced. Raises NotFound."""
        request = pb.CopyObjectRequest(source_key=source_key, key=key)
        with translated_errors():
            await self._stub.CopyObject(request, timeout=self._slow_call_timeout_s)

    async def delete_object(self, key: str) -> None:
        """Deletes an object; what is not there is deleted already."""
        with translated_errors():
            await self._stub.DeleteObject(pb.DeleteObjectRequest(key=key))

    async def delete_prefix(self, prefix: str, *, spared_key: str = "") -> int:
        """Deletes every object whose key begins with ``prefix``, which ends in "/", but ``spared_key``; returns how
        many went."""
        with translated_errors():
            reply = await self._stub.DeletePrefix(
                pb.DeletePrefixRequest(prefix=prefix, spared_key=spared_key), timeout=self._slow_call_timeout_s
            )
        return reply.deleted

    async def presign_object(self, key: str, lifetime: timedelta, *, file_name: str = "") -> tuple[str, datetime]:
        """Makes a link that reads an object without further authorisation; returns it and when it ends.

        A browser saves it as ``file_name``. Raises NotFound.
        """
        duration = Duration()
        duration.FromTimedelta(lifetime)
        request = pb.PresignObjectRequest(key=key, lifetime=duration, file_name=file_name)
        with translated_errors():
            reply = await self._stub.PresignObject(request)
        return reply.url, reply.expires_at.ToDatetime(UTC)

    async def import_object(self, source_uri: str, key: str, *, max_size: int = 0) -> ObjectInfo:
        """Fetches an allow-listed ``s3://`` or ``https://`` address into an object.

        Raises InvalidInput with reason SOURCE_NOT_ALLOWED or SOURCE_NOT_FOUND and field ``source_uri``, TooLarge with
        reason SOURCE_TOO_LARGE, Unavailable with reason SOURCE_UNREACHABLE.
        """
        request = pb.ImportObjectRequest(source_uri=source_uri, key=key, max_size=max_size)
        with translated_errors():
            return _to_object_info(await self._stub.ImportObject(request, timeout=self._transfer_timeout_s))

    async def check_source(self, source_uri: str, key: str) -> None:
        """Checks that an address may be imported, without fetching it. Raises InvalidInput as ``import_object``."""
        with translated_errors():
            await self._stub.ImportObject(pb.ImportObjectRequest(source_uri=source_uri, key=key, validate_only=True))

    # Files of users

    async def upload_file(
        self,
        source: Source,
        *,
        user_id: str = "",
        file_name: str = "",
        content_type: str = "",
        size: int | None = None,
        sha256: str = "",
        request_id: str = "",
    ) -> FileInfo:
        """Stores a user's file. With an empty ``user_id`` it becomes the principal's only user's, or shared.

        A repetition with the same ``request_id`` gives the same file. Raises as ``put_object``, and Denied where the
        principal may not act for the user.
        """
        measured_size, measured_sha256 = await measure(source, sha256)
        header = pb.UploadFileHeader(
            user_id=user_id,
            file_name=file_name,
            content_type=content_type,
            size=measured_size if size is None else size,
            sha256=measured_sha256,
            request_id=request_id,
        )

        async def send() -> AsyncIterator[pb.UploadFileRequest]:
            yield pb.UploadFileRequest(header=header)
            async for chunk in read_chunks(source):
                yield pb.UploadFileRequest(chunk=chunk)

        with translated_errors():
            return _to_file_info(await self._stub.UploadFile(send(), timeout=self._transfer_timeout_s))

    async def get_file(self, uri: str) -> FileInfo:
        """Reads a file's description. Raises NotFound, also where it is another user's."""
        with translated_errors():
            return _to_file_info(await self._stub.GetFile(pb.GetFileRequest(uri=uri)))

    async def list_files(self, *, user_id: str = "", page_size: int = 0, page_token: str = "") -> FilePage:
        """Lists a user's files in id order."""
        request = pb.ListFilesRequest(user_id=user_id, page_size=page_size, page_token=page_token)
        with translated_errors():
            reply = await self._stub.ListFiles(request)
        return FilePage(tuple(map(_to_file_info, reply.files)), reply.next_page_token)

    @asynccontextmanager
    async def download_file(self, uri: str, *, offset: int = 0, length: int = 0) -> AsyncIterator[ByteStream[FileInfo]]:
        """Opens a file to read chunk by chunk. Raises NotFound and InvalidInput as ``get_object``."""
        request = pb.DownloadFileRequest(uri=uri, offset=offset, length=length)
        call = self._stub.DownloadFile(request, timeout=self._transfer_timeout_s)
        async with open_download(call) as (first, chunks):
            yield ByteStream(_to_file_info(first.file), chunks)

    async def download_file_to(self, uri: str, path: Path, *, max_size: int = 0) -> FileInfo:
        """Downloads a file into a new local file, checked as in ``get_object_to_file``."""
        async with self.download_file(uri) as stream:
            require_size(uri, stream.info.size, max_size)
            await write_file(path, stream.chunks, stream.info.size, stream.info.sha256)
            return stream.info

    async def delete_file(self, uri: str) -> None:
        """Deletes a file; what is not there is deleted already."""
        with translated_errors():
            await self._stub.DeleteFile(pb.DeleteFileRequest(uri=uri))


def new_write_id() -> str:
    """Makes a name for one write."""
    return secrets.token_hex(16)


def encode_document(document: Mapping[str, Any], *, spare_bytes: int = 0) -> bytes:
    """Writes a record's document as compact JSON. Raises InvalidInput on what JSON cannot hold (NaN among it), TooLarge
    where it leaves fewer than ``spare_bytes`` of the most that a document may have."""
    try:
        content = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    except (TypeError, ValueError) as error:
        raise InvalidInput(f"the document is not JSON: {error}", field="record.document") from error
    most = MAX_DOCUMENT_BYTES - spare_bytes
    if len(content) > most:
        raise TooLarge(
            f"the record would have {len(content)} bytes; at most {most} are kept", reason="RECORD_TOO_LARGE"
        )
    return content


def _to_timestamp(moment: datetime | None) -> Timestamp | None:
    if moment is None:
        return None
    timestamp = Timestamp()
    timestamp.FromDatetime(moment)
    return timestamp


def _to_stored(record: pb.Record, document: Mapping[str, Any] | None = None) -> StoredRecord:
    """``document`` is what the caller has just written: storage answers a write without sending it back."""
    if document is None:
        document = json.loads(record.document) if record.document else {}
    return StoredRecord(
        key=record.key,
        kind=record.kind,
        user_id=record.user_id,
        state=record.state,
        created_at=record.created_at.ToDatetime(UTC),
        document=dict(document),
        revision=record.revision,
        write_id=record.write_id,
        etag=record.etag,
        run=record.run,
        found=frozenset(record.found) if record.looked else None,
    )


def _to_object_info(info: pb.ObjectInfo) -> ObjectInfo:
    return ObjectInfo(info.key, info.size, info.sha256, info.etag, info.content_type, info.updated_at.ToDatetime(UTC))


def _to_file_info(file: pb.File) -> FileInfo:
    return FileInfo(
        uri=file.uri,
        file_id=file.file_id,
        user_id=file.user_id,
        size=file.size,
        sha256=file.sha256,
        file_name=file.file_name,
        content_type=file.content_type,
        created_at=file.created_at.ToDatetime(UTC),
    )
