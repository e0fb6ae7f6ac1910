"""Uploads and downloads of files: streamed, bounded, never whole in memory."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest
from wealth.storage.v1 import storage_pb2 as pb

from services.common.errors import InvalidInput
from services.gateway.rest.file_models import FilePage, StoredFile
from tests.support.gateway import RunningGateway, run_gateway

BOUNDARY = "b0undary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}


def store(messages: list[pb.UploadFileRequest]) -> pb.File:
    content = b"".join(message.chunk for message in messages[1:])
    header = messages[0].header
    return pb.File(
        uri="file_id:1",
        file_id="1",
        user_id=header.user_id,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
        file_name=header.file_name,
        content_type=header.content_type,
    )


@pytest.fixture
def storing(running: RunningGateway) -> RunningGateway:
    running.suite.storage.answers["UploadFile"] = store
    return running


async def test_a_raw_body_is_stored(storing: RunningGateway) -> None:
    content = b"a,b\n" * 100_000
    headers = {"content-type": "text/csv", "Idempotency-Key": "up-1"}
    answer = await storing.rest.post("/api/v1/files?file_name=t.csv&user_id=alice", content=content, headers=headers)
    stored = answer.json()
    StoredFile.model_validate(stored)
    assert (answer.status_code, stored["uri"], stored["size"], stored["sha256"]) == (
        201,
        "file_id:1",
        len(content),
        hashlib.sha256(content).hexdigest(),
    )
    header = storing.suite.storage.last("UploadFile").request[0].header
    assert (header.user_id, header.file_name, header.request_id, header.size) == (
        "alice",
        "t.csv",
        "up-1",
        len(content),
    )


async def test_a_request_without_a_body_answers_422_and_stores_nothing(storing: RunningGateway) -> None:
    answer = await storing.rest.post("/api/v1/files", headers={"content-type": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (422, "FILE_MISSING")
    assert storing.suite.storage.count("UploadFile") == 0


async def test_a_form_is_stored(storing: RunningGateway) -> None:
    content = bytes(range(256)) * 4000
    answer = await storing.rest.post(
        "/api/v1/files", data={"user_id": "alice"}, files={"file": ("C:\\x\\t.csv", content, "text/csv")}
    )
    assert answer.status_code == 201
    assert (
        answer.json().items()
        >= {
            "user_id": "alice",
            "file_name": "t.csv",
            "content_type": "text/csv",
            "sha256": hashlib.sha256(content).hexdigest(),
        }.items()
    )


async def test_chunks_stay_within_storages_limit(storing: RunningGateway) -> None:
    await storing.rest.post("/api/v1/files", content=b"x" * 3_000_000)
    messages = storing.suite.storage.last("UploadFile").request
    assert max(len(message.chunk) for message in messages) <= 1024 * 1024


@pytest.mark.parametrize(
    "body",
    [
        b"nothing of a form",
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="user_id"\r\n\r\nalice\r\n--{BOUNDARY}--'.encode(),
        f'--{BOUNDARY}\r\ncontent-disposition: form-data; name="file"; filename="t"\r\n\r\ncut off'.encode(),
        b"",
    ],
)
async def test_a_form_without_a_whole_file_answers_422_and_stores_nothing(storing: RunningGateway, body: bytes) -> None:
    answer = await storing.rest.post("/api/v1/files", content=body, headers=FORM)
    assert answer.status_code == 422
    assert storing.suite.storage.count("UploadFile") == 0


async def test_two_files_in_a_form_are_refused(storing: RunningGateway) -> None:
    answer = await storing.rest.post("/api/v1/files", files=[("file", ("a", b"1")), ("file", ("b", b"2"))])
    assert (answer.status_code, answer.json()["code"]) == (422, "TOO_MANY_FILES")


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_file_over_the_limit_answers_413(tmp_path: Any, chunked: bool) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            yield b"x" * 1000

    async with run_gateway(tmp_path, gateway_max_file_bytes=10_000) as running:
        running.suite.storage.answers["UploadFile"] = store
        answer = await running.rest.post("/api/v1/files", content=chunks() if chunked else b"x" * 20_000)
        assert (answer.status_code, answer.json()["code"]) == (413, "FILE_TOO_LARGE")
        assert running.suite.storage.count("UploadFile") == 0


async def test_an_upload_that_stands_still_is_given_up(tmp_path: Any) -> None:
    async with run_gateway(tmp_path, gateway_upload_idle_s=0.05) as running:
        running.suite.storage.answers["UploadFile"] = store
        reader, writer = await asyncio.open_connection("127.0.0.1", running.gateway.http.port)
        head = f"POST /api/v1/files HTTP/1.1\r\nhost: x\r\nx-api-key: {running.key}\r\ncontent-length: 100\r\n\r\n"
        writer.write(head.encode() + b"too little")
        answer = await asyncio.wait_for(reader.read(), 120)
        writer.close()
        assert answer.startswith(b"HTTP/1.1 422")
        assert b"UPLOAD_STALLED" in answer


async def test_a_compressed_upload_answers_415(storing: RunningGateway) -> None:
    answer = await storing.rest.post("/api/v1/files", content=b"x", headers={"content-encoding": "gzip"})
    assert answer.status_code == 415


async def test_storages_refusal_reaches_the_client(running: RunningGateway) -> None:
    def refuse(_: Any) -> None:
        raise InvalidInput("the checksum differs", reason="CHECKSUM_MISMATCH", field="sha256")

    running.suite.storage.answers["UploadFile"] = refuse
    answer = await running.rest.post("/api/v1/files", content=b"x" * 500_000)
    assert (answer.status_code, answer.json()["code"]) == (422, "CHECKSUM_MISMATCH")


async def test_a_file_is_downloaded_as_an_attachment_that_runs_nowhere(running: RunningGateway) -> None:
    info = pb.File(size=7, sha256="a" * 64, content_type="text/html", file_name="x.html")
    running.suite.storage.answers["DownloadFile"] = lambda _: [
        pb.DownloadFileResponse(file=info),
        pb.DownloadFileResponse(chunk=b"<script"),
    ]
    answer = await running.rest.get("/api/v1/files/file_id:alice/1")
    assert (answer.content, answer.headers["content-type"]) == (b"<script", "application/octet-stream")
    assert answer.headers["content-disposition"].startswith("attachment;")


async def test_files_are_listed(running: RunningGateway) -> None:
    running.suite.storage.answers["ListFiles"] = lambda _: pb.ListFilesResponse(files=[pb.File(uri="file_id:1")])
    answer = await running.rest.get("/api/v1/files?user_id=alice")
    FilePage.model_validate(answer.json())
    assert [file["uri"] for file in answer.json()["files"]] == ["file_id:1"]


async def test_a_file_is_deleted(running: RunningGateway) -> None:
    running.suite.storage.answers["DeleteFile"] = lambda _: pb.DeleteFileResponse()
    answer = await running.rest.delete("/api/v1/files/file_id:alice/1")
    assert (answer.status_code, running.suite.storage.last("DeleteFile").request.uri) == (204, "file_id:alice/1")
