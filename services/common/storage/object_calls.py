"""Calls on objects: streams of bytes under a key."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from google.protobuf.duration_pb2 import Duration
from wealth.storage.v1 import storage_pb2 as pb

from services.common.channels import translated_errors
from services.common.errors import AlreadyExists, Conflict
from services.common.storage.connection import StorageConnection
from services.common.storage.stored import (
    ByteStream,
    ObjectInfo,
    ObjectPage,
)
from services.common.storage.transfer import Source, measure, open_download, read_chunks, require_size, write_file


class ObjectCalls(StorageConnection):
    """Objects of the current principal's tenant."""

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


def _to_object_info(info: pb.ObjectInfo) -> ObjectInfo:
    return ObjectInfo(info.key, info.size, info.sha256, info.etag, info.content_type, info.updated_at.ToDatetime(UTC))
