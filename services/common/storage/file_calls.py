"""Calls on the files that users upload."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC
from pathlib import Path

from wealth.storage.v1 import storage_pb2 as pb

from services.common.channels import translated_errors
from services.common.storage.connection import StorageConnection
from services.common.storage.stored import (
    ByteStream,
    FileInfo,
    FilePage,
)
from services.common.storage.transfer import Source, measure, open_download, read_chunks, require_size, write_file


class FileCalls(StorageConnection):
    """Files of the users that the current principal acts for."""

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
