"""StorageService: proto in, use case, proto out."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, cast

from wealth.storage.v1 import storage_pb2 as pb
from wealth.storage.v1 import storage_pb2_grpc

from services.common.clock import Clock, utc_now
from services.common.context import current_call
from services.common.errors import InvalidInput, Unauthenticated, Unavailable
from services.common.identity import Caller
from services.common.paging import clamp_page_size, decode_page_token, encode_page_token
from services.common.tasks import map_in_turns
from services.storage import mapping
from services.storage.slots import Slots
from services.storage.usecases.files import Files, NewFile
from services.storage.usecases.imports import Imports
from services.storage.usecases.objects import Objects
from services.storage.usecases.record_listings import RecordQuery
from services.storage.usecases.records import Records
from services.storage.usecases.uploads import Chunks

MAX_PAGE_SIZE = 1000


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is served at once, and how long an upload may send nothing."""

    max_calls: int = 256
    max_transfers: int = 24
    max_waiting: int = 1024
    wait_s: float = 5
    transfer_idle_timeout_s: float = 60


class StorageServicer(storage_pb2_grpc.StorageServiceServicer):
    """Serves StorageService for the caller and principal that the interceptor verified."""

    def __init__(
        self,
        records: Records,
        objects: Objects,
        files: Files,
        imports: Imports,
        *,
        limits: Limits,
        clock: Clock = utc_now,
    ) -> None:
        self._records = records
        self._objects = objects
        self._files = files
        self._imports = imports
        self._clock = clock
        self._idle_timeout_s = limits.transfer_idle_timeout_s
        self._calls = Slots(limits.max_calls, "calls", wait_s=limits.wait_s, max_waiting=limits.max_waiting)
        self._transfers = Slots(limits.max_transfers, "transfers", wait_s=limits.wait_s, max_waiting=limits.max_waiting)

    # Records

    async def CreateRecord(self, request: pb.CreateRecordRequest, context: Any) -> pb.Record:
        """Creates a record, then looks for others; the answer leaves the document out."""
        envelope = mapping.read_envelope(request.record, write_id=request.write_id, revision=1, clock=self._clock)
        async with self._calls.taken(_tenant()):
            record = await self._records.create(_caller(), request.record.key, request.record.document, envelope)
            found = await self._records.find_standing(_caller(), request.look_for)
        return mapping.write_created(record, found)

    async def GetRecord(self, request: pb.GetRecordRequest, context: Any) -> pb.Record:
        """Reads a record, or recalls it."""
        async with self._calls.taken(_tenant()):
            return mapping.write_record(await self._records.get(_caller(), request.key, may_be_old=request.may_be_old))

    async def UpdateRecord(self, request: pb.UpdateRecordRequest, context: Any) -> pb.Record:
        """Replaces a record; the answer leaves the document out."""
        if not request.record.HasField("created_at"):
            raise InvalidInput("a change of a record names its creation", field="record.created_at")
        envelope = mapping.read_envelope(
            request.record, write_id=request.write_id, revision=request.if_revision + 1, clock=self._clock
        )
        async with self._calls.taken(_tenant()):
            return mapping.write_record(
                await self._records.update(
                    _caller(),
                    request.record.key,
                    request.record.document,
                    envelope,
                    if_match=request.if_match,
                    previous_state=request.previous_state,
                    previous_run=request.previous_run,
                )
            )

    async def DeleteRecord(self, request: pb.DeleteRecordRequest, context: Any) -> pb.DeleteRecordResponse:
        """Deletes a record."""
        async with self._calls.taken(_tenant()):
            await self._records.delete(_caller(), request.key)
        return pb.DeleteRecordResponse()

    async def ListRecords(self, request: pb.ListRecordsRequest, context: Any) -> pb.ListRecordsResponse:
        """Lists records newest first."""
        caller = _caller()
        query = RecordQuery(request.kind, request.user_id, tuple(sorted(set(request.states))))
        bound = _bind(caller, "records", request.kind, request.user_id, *query.states)
        async with self._calls.taken(_tenant()):
            page = await self._records.list_page(
                caller,
                query,
                limit=clamp_page_size(request.page_size, default=50, maximum=MAX_PAGE_SIZE),
                position=decode_page_token(request.page_token, bound),
                keys_only=request.keys_only,
            )
        records = await map_in_turns(mapping.write_record, page.records)
        return pb.ListRecordsResponse(records=records, next_page_token=encode_page_token(page.position, bound))

    async def ScanRecords(self, request: pb.ScanRecordsRequest, context: Any) -> pb.ScanRecordsResponse:
        """Walks records in key order."""
        caller = _caller()
        bound = _bind(caller, "scan", request.prefix, request.suffix)
        async with self._calls.taken(_tenant()):
            page = await self._records.scan_page(
                caller,
                request.prefix,
                request.suffix,
                limit=clamp_page_size(request.page_size, default=100, maximum=MAX_PAGE_SIZE),
                position=decode_page_token(request.page_token, bound),
                changed_after=mapping.read_time(request, "changed_after"),
            )
        records = await map_in_turns(mapping.write_record, page.records)
        return pb.ScanRecordsResponse(records=records, next_page_token=encode_page_token(page.position, bound))

    async def ReindexRecord(self, request: pb.ReindexRecordRequest, context: Any) -> pb.ReindexRecordResponse:
        """Repairs a record's index keys."""
        created_ms = mapping.read_milliseconds(request.created_at) if request.HasField("created_at") else None
        async with self._calls.taken(_tenant()):
            added, removed, due = await self._records.reindex(
                _caller(),
                request.key,
                request.states,
                kind=request.kind,
                user_id=request.user_id,
                created_ms=created_ms,
                run=request.run,
                at_once=request.at_once,
            )
        return pb.ReindexRecordResponse(added=added, removed=removed, due=due)

    async def ReconcileIndex(self, request: pb.ReconcileIndexRequest, context: Any) -> pb.ReconcileIndexResponse:
        """Puts a page of a kind's index keys right."""
        caller = _caller()
        bound = _bind(caller, "index", request.kind)
        async with self._calls.taken(_tenant()):
            checked, removed, position = await self._records.reconcile_page(
                caller,
                request.kind,
                spared_state=request.spared_state,
                limit=clamp_page_size(request.page_size, default=100, maximum=MAX_PAGE_SIZE),
                position=decode_page_token(request.page_token, bound),
                changed_after=mapping.read_time(request, "changed_after"),
            )
            unlisted: tuple[str, ...] = ()
            listings, is_cut = 0, False
            if request.record_prefix and not request.page_token:
                unlisted, listings, is_cut = await self._records.find_unlisted(
                    caller, request.kind, request.record_prefix, request.record_suffix, after=request.records_after
                )
        return pb.ReconcileIndexResponse(
            checked=checked,
            removed=removed,
            next_page_token=encode_page_token(position, bound),
            unlisted=unlisted,
            listings=listings,
            more_unlisted=is_cut,
        )

    async def ListTenants(self, request: pb.ListTenantsRequest, context: Any) -> pb.ListTenantsResponse:
        """Lists tenants."""
        async with self._calls.taken(_tenant()):
            tenants, position = await self._records.list_tenants(
                limit=clamp_page_size(request.page_size, default=MAX_PAGE_SIZE, maximum=MAX_PAGE_SIZE),
                position=decode_page_token(request.page_token, ("tenants",)),
            )
        return pb.ListTenantsResponse(tenants=tenants, next_page_token=encode_page_token(position, ("tenants",)))

    # Objects

    async def PutObject(self, requests: AsyncIterator[pb.PutObjectRequest], context: Any) -> pb.ObjectInfo:
        """Stores an object."""
        async with self._transfers.taken(_tenant()):
            header = (await self._read_first(requests)).header
            found, sha256 = await self._objects.put(
                _caller(),
                header.key,
                self._read_chunks(requests),
                size=header.size if header.HasField("size") else None,
                sha256=header.sha256,
                content_type=header.content_type,
                if_absent=header.if_absent,
                max_size=header.max_size,
            )
            return mapping.write_object(found, header.key, sha256)

    async def GetObject(self, request: pb.GetObjectRequest, context: Any) -> AsyncIterator[pb.GetObjectResponse]:
        """Streams an object."""
        async with self._transfers.taken(_tenant()):
            found, chunks = await self._objects.open(
                _caller(),
                request.key,
                offset=request.offset,
                length=request.length,
                if_match=request.if_match,
                never_changes=request.never_changes,
            )
            async with _closing(chunks):
                yield pb.GetObjectResponse(info=mapping.write_object(found, request.key))
                async for chunk in chunks:
                    yield pb.GetObjectResponse(chunk=chunk)

    async def GetObjectInfo(self, request: pb.GetObjectInfoRequest, context: Any) -> pb.ObjectInfo:
        """Reads what is known of an object."""
        async with self._calls.taken(_tenant()):
            return mapping.write_object(await self._objects.get_info(_caller(), request.key), request.key)

    async def ListObjects(self, request: pb.ListObjectsRequest, context: Any) -> pb.ListObjectsResponse:
        """Lists objects in key order."""
        caller = _caller()
        bound = _bind(caller, "objects", request.prefix)
        async with self._calls.taken(_tenant()):
            objects, position = await self._objects.list_page(
                caller,
                request.prefix,
                limit=clamp_page_size(request.page_size, default=MAX_PAGE_SIZE, maximum=MAX_PAGE_SIZE),
                position=decode_page_token(request.page_token, bound),
            )
        return pb.ListObjectsResponse(
            objects=[mapping.write_object(item, item.key) for item in objects],
            next_page_token=encode_page_token(position, bound),
        )

    async def CopyObject(self, request: pb.CopyObjectRequest, context: Any) -> pb.ObjectInfo:
        """Copies an object."""
        async with self._calls.taken(_tenant()):
            await self._objects.copy(_caller(), request.source_key, request.key)
        return pb.ObjectInfo(key=request.key)

    async def DeleteObject(self, request: pb.DeleteObjectRequest, context: Any) -> pb.DeleteObjectResponse:
        """Deletes an object."""
        async with self._calls.taken(_tenant()):
            await self._objects.delete(_caller(), request.key)
        return pb.DeleteObjectResponse()

    async def DeletePrefix(self, request: pb.DeletePrefixRequest, context: Any) -> pb.DeletePrefixResponse:
        """Deletes all objects under a prefix."""
        async with self._calls.taken(_tenant()):
            deleted = await self._objects.delete_prefix(_caller(), request.prefix, spared_key=request.spared_key)
        return pb.DeletePrefixResponse(deleted=deleted)

    async def PresignObject(self, request: pb.PresignObjectRequest, context: Any) -> pb.PresignObjectResponse:
        """Makes a link."""
        async with self._calls.taken(_tenant()):
            url, expires_at = await self._objects.presign(
                _caller(), request.key, request.lifetime.ToSeconds(), request.file_name
            )
        return pb.PresignObjectResponse(url=url, expires_at=mapping.write_time(expires_at))

    async def ImportObject(self, request: pb.ImportObjectRequest, context: Any) -> pb.ObjectInfo:
        """Fetches an address into an object."""
        caller = _caller()
        if request.validate_only:
            async with self._calls.taken(_tenant()):
                await self._imports.check(caller, request.source_uri, request.key)
            return pb.ObjectInfo()
        async with self._transfers.taken(_tenant()):
            found, sha256 = await self._imports.fetch(
                caller, request.source_uri, request.key, max_size=request.max_size
            )
        return mapping.write_object(found, request.key, sha256)

    # Files of users

    async def UploadFile(self, requests: AsyncIterator[pb.UploadFileRequest], context: Any) -> pb.File:
        """Stores a file."""
        async with self._transfers.taken(_tenant()):
            header = (await self._read_first(requests)).header
            new = NewFile(
                user_id=header.user_id,
                file_name=header.file_name,
                content_type=header.content_type,
                size=header.size if header.HasField("size") else None,
                sha256=header.sha256,
                request_id=header.request_id,
            )
            return mapping.write_file(await self._files.upload(_caller(), new, self._read_chunks(requests)))

    async def GetFile(self, request: pb.GetFileRequest, context: Any) -> pb.File:
        """Reads a file's description."""
        async with self._calls.taken(_tenant()):
            return mapping.write_file(await self._files.get(_caller(), request.uri))

    async def ListFiles(self, request: pb.ListFilesRequest, context: Any) -> pb.ListFilesResponse:
        """Lists a user's files."""
        caller = _caller()
        bound = _bind(caller, "files", request.user_id)
        async with self._calls.taken(_tenant()):
            files, position = await self._files.list_page(
                caller,
                request.user_id,
                limit=clamp_page_size(request.page_size, default=50, maximum=MAX_PAGE_SIZE),
                position=decode_page_token(request.page_token, bound),
            )
        return pb.ListFilesResponse(
            files=map(mapping.write_file, files), next_page_token=encode_page_token(position, bound)
        )

    async def DownloadFile(
        self, request: pb.DownloadFileRequest, context: Any
    ) -> AsyncIterator[pb.DownloadFileResponse]:
        """Streams a file."""
        async with self._transfers.taken(_tenant()):
            file, chunks = await self._files.open(_caller(), request.uri, offset=request.offset, length=request.length)
            async with _closing(chunks):
                yield pb.DownloadFileResponse(file=mapping.write_file(file))
                async for chunk in chunks:
                    yield pb.DownloadFileResponse(chunk=chunk)

    async def DeleteFile(self, request: pb.DeleteFileRequest, context: Any) -> pb.DeleteFileResponse:
        """Deletes a file."""
        async with self._calls.taken(_tenant()):
            await self._files.delete(_caller(), request.uri)
        return pb.DeleteFileResponse()

    async def _read_first(self, requests: AsyncIterator[Any]) -> Any:
        first = await self._read_next(requests)
        if first is None or first.WhichOneof("part") != "header":
            raise InvalidInput("the first message is the header", field="header")
        return first

    async def _read_chunks(self, requests: AsyncIterator[Any]) -> Chunks:
        """Yields the chunks after the header, and the checksum where the sender ends with one."""
        while (request := await self._read_next(requests)) is not None:
            match request.WhichOneof("part"):
                case "chunk":
                    yield request.chunk
                case "sha256":
                    yield request.sha256
                    return
                case _:
                    raise InvalidInput("the header comes once", field="header")

    async def _read_next(self, requests: AsyncIterator[Any]) -> Any:
        try:
            async with asyncio.timeout(self._idle_timeout_s):
                return await anext(requests, None)
        except TimeoutError as error:
            raise Unavailable("the sender stopped sending", reason="UPLOAD_IDLE") from error


def _caller() -> Caller:
    caller = current_call().caller
    if caller is None:
        raise Unauthenticated("no verified caller")
    return caller


def _tenant() -> str:
    return _caller().principal.tenant


def _bind(caller: Caller, *query: str) -> tuple[str, ...]:
    """What a page token is bound to: the tenant and the query."""
    return (caller.principal.tenant, caller.service, *query)


def _closing(chunks: AsyncIterator[bytes]) -> aclosing[AsyncGenerator[bytes, None]]:
    return aclosing(cast("AsyncGenerator[bytes, None]", chunks))
