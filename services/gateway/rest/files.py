"""Files over REST: uploaded once, named by URI in later jobs."""

from collections.abc import AsyncIterator
from typing import Annotated, Any

import grpc.aio
from fastapi import APIRouter, Depends, Path, Query, Request
from pydantic import BaseModel, Field
from starlette.convertors import PathConvertor, register_url_convertor
from starlette.responses import Response
from wealth.storage.v1 import storage_pb2 as pb

from services.common.errors import FieldViolation, InvalidInput
from services.common.fault_words import SHA256_PATTERN
from services.gateway.rest.bodies import IdempotencyKey, json_answer, refuse_encoded
from services.gateway.rest.converter_mapping import stored_file
from services.gateway.rest.door import Door, Guard, TheDoor
from services.gateway.rest.downloads import answer_download, describe_download
from services.gateway.rest.file_models import FilePage, StoredFile
from services.gateway.rest.segments import restore_slashes
from services.gateway.rest.uploads import Upload, open_upload


class WholePath(PathConvertor):
    """All that is left of a path, line feeds included: Starlette's own passes such a path on to other routes."""

    regex = "(?s:.*)"

    def convert(self, value: str) -> str:
        """Returns the rest as its sender meant it: some encode all of a uri, its slash too."""
        return restore_slashes(value)


register_url_convertor("whole", WholePath())

router = APIRouter(prefix="/api/v1/files", tags=["files"])

_CALL = [Depends(Guard("files"))]
_FileUri = Annotated[str, Path(max_length=300, description="The file's uri, or its id where that is enough")]
_WHOSE = "Whose; empty for the key's only user, or the tenant's shared files"
_UserId = Annotated[str, Query(max_length=128, description=_WHOSE)]
_BINARY = {"type": "string", "format": "binary"}


class _UploadQuery(BaseModel):
    """What an upload may say beside its body."""

    user_id: str = Field("", max_length=128, description=_WHOSE)
    file_name: str = Field("", max_length=200, description="The name at the client, for a raw body")
    sha256: str = Field("", pattern=SHA256_PATTERN, description="Refuse the file where its content differs")


UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "user_id": {"type": "string", "description": "Whose it becomes; stands before the file"},
                        "file": _BINARY,
                    },
                }
            },
            "text/csv": {"schema": {**_BINARY, "minLength": 1}},
            "application/octet-stream": {"schema": {**_BINARY, "minLength": 1}},
        },
    }
}


@router.post(
    "",
    status_code=201,
    response_model=StoredFile,
    dependencies=_CALL,
    openapi_extra=UPLOAD_BODY,
    summary="Upload a file",
)
async def upload_file(
    request: Request,
    door: TheDoor,
    query: Annotated[_UploadQuery, Query()],
    idempotency_key: IdempotencyKey = "",
) -> Response:
    """Streams a file into the bucket, from a form or as the raw body. The answer's `uri` is a job's `input_file`."""
    refuse_encoded(request)
    settings = door.settings
    upload = await open_upload(
        request, limit_bytes=settings.gateway_max_file_bytes, idle_s=settings.gateway_upload_idle_s
    )
    form_user = upload.head.fields.get("user_id", "")
    if form_user and query.user_id and form_user != query.user_id:
        message = "the form's user_id is not the query's"
        raise InvalidInput(message, violations=[FieldViolation("user_id", message)])
    header = pb.UploadFileHeader(
        user_id=query.user_id or form_user,
        file_name=query.file_name or upload.head.file_name,
        content_type=upload.head.content_type,
        sha256=query.sha256,
        request_id=idempotency_key,
    )
    if upload.head.size is not None:
        header.size = upload.head.size
    return json_answer(stored_file(await store_upload(door, header, upload)), 201)


@router.get("", response_model=FilePage, dependencies=_CALL, summary="List files")
async def list_files(
    door: TheDoor,
    user_id: _UserId = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    page_token: Annotated[str, Query(max_length=2048)] = "",
) -> Response:
    """Lists a user's files."""
    page = await door.backends.storage.ListFiles(
        pb.ListFilesRequest(user_id=user_id, page_size=limit, page_token=page_token)
    )
    return json_answer({"files": [stored_file(file) for file in page.files], "next_page_token": page.next_page_token})


@router.get(
    "/{uri:whole}",
    dependencies=_CALL,
    response_class=Response,
    responses=describe_download("The file"),
    summary="Download a file",
)
async def download_file(request: Request, uri: _FileUri, door: TheDoor) -> Response:
    """Streams an uploaded file as an attachment."""

    def open_part(offset: int, length: int) -> Any:
        return door.backends.storage.DownloadFile(pb.DownloadFileRequest(uri=uri, offset=offset, length=length))

    return await answer_download(request, open_part)


@router.delete("/{uri:whole}", status_code=204, dependencies=_CALL, summary="Delete a file")
async def delete_file(uri: _FileUri, door: TheDoor) -> Response:
    """Deletes an uploaded file. Deleting what is not there is success."""
    await door.backends.storage.DeleteFile(pb.DeleteFileRequest(uri=uri))
    return Response(status_code=204)


async def store_upload(door: Door, header: pb.UploadFileHeader, upload: Upload) -> pb.File:
    """Streams an upload to storage. Raises what reading the body raised, or AioRpcError."""
    failure: Exception | None = None

    async def messages() -> AsyncIterator[pb.UploadFileRequest]:
        nonlocal failure
        yield pb.UploadFileRequest(header=header)
        try:
            async for chunk in upload.chunks():
                yield pb.UploadFileRequest(chunk=chunk)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing may be stored; it is raised below
            failure = error
            # A message without a part is against storage's rules: it refuses the upload, and keeps nothing.
            yield pb.UploadFileRequest()

    try:
        return await door.backends.storage.UploadFile(messages())
    except grpc.aio.AioRpcError:
        if failure is not None:
            raise failure from None
        raise
