"""How answers travel: compressed where that is safe, as HEAD, and unchanged ones not at all."""

import gzip
from collections.abc import AsyncIterator
from typing import Any

import pytest
from wealth.converter.v1 import converter_pb2
from wealth.portfolio.v1 import portfolio_pb2

from services.gateway.rest.compression import accepts_gzip
from tests.support.eventually import eventually
from tests.support.gateway import RunningGateway, run_gateway

CSV = b"date,amount\r\n" + b"2026-01-02,1000.50\r\n" * 5000
GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


def make_task(**fields: Any) -> portfolio_pb2.Task:
    status = portfolio_pb2.TASK_STATUS_COMPLETED
    defaults = {"task_id": "t", "generation": 1, "revision": 5, "status": status, "message": "x" * 3000}
    return portfolio_pb2.Task(**{**defaults, **fields})


@pytest.fixture
async def serving(running: RunningGateway) -> RunningGateway:
    """A gateway whose services have one large task, one large output and one report."""
    running.suite.portfolio.answers |= {
        "GetTask": lambda _: make_task(),
        "GetTaskReport": lambda _: portfolio_pb2.TaskReport(html="<p>report</p>" * 500),
        "WatchTask": lambda _: [portfolio_pb2.TaskEvent(event_id="1", revision=6, terminal=True, message="x" * 3000)],
    }
    info = converter_pb2.ArtifactInfo(size=len(CSV), sha256="ab" * 32, content_type="text/csv", file_name="o.csv")

    def download(request: converter_pb2.DownloadArtifactRequest) -> list[converter_pb2.DownloadArtifactResponse]:
        part = CSV[request.offset : request.offset + request.length if request.length else len(CSV)]
        chunks = [part[start : start + 7000] for start in range(0, len(part), 7000)]
        return [
            converter_pb2.DownloadArtifactResponse(info=info),
            *(converter_pb2.DownloadArtifactResponse(chunk=chunk) for chunk in chunks),
        ]

    running.suite.converter.answers["DownloadArtifact"] = download
    return running


async def read_raw(running: RunningGateway, path: str, headers: dict[str, str]) -> tuple[Any, bytes]:
    """The answer's headers, and its body as it came over the wire."""
    async with running.rest.stream("GET", path, headers=headers) as answer:
        return answer.headers, b"".join([chunk async for chunk in answer.aiter_raw()])


async def test_a_large_answer_is_compressed_where_the_client_takes_it(serving: RunningGateway) -> None:
    headers, body = await read_raw(serving, "/task/t/status", GZIP)
    plain_headers, plain = await read_raw(serving, "/task/t/status", PLAIN)
    assert (headers["content-encoding"], headers["vary"]) == ("gzip", "Accept-Encoding")
    assert (gzip.decompress(body), "content-encoding" in plain_headers) == (plain, False)
    assert len(body) < len(plain) / 4


async def test_a_small_answer_is_not_compressed(running: RunningGateway) -> None:
    running.suite.portfolio.answers["GetTask"] = lambda _: make_task(message="")
    headers, _ = await read_raw(running, "/task/t/status", GZIP)
    assert "content-encoding" not in headers


async def test_a_small_download_is_not_compressed(serving: RunningGateway) -> None:
    chunks = [
        converter_pb2.DownloadArtifactResponse(info=converter_pb2.ArtifactInfo(size=1000, sha256="a")),
        converter_pb2.DownloadArtifactResponse(chunk=b"a" * 1000),
    ]
    serving.suite.converter.answers["DownloadArtifact"] = lambda _: chunks
    headers, body = await read_raw(serving, "/api/v1/alice/j/report", GZIP)
    assert ("content-encoding" in headers, headers["content-length"], body) == (False, "1000", b"a" * 1000)


async def test_a_download_is_compressed_as_it_streams(serving: RunningGateway) -> None:
    headers, body = await read_raw(serving, "/api/v1/alice/j/output", GZIP)
    assert (headers["content-encoding"], gzip.decompress(body)) == ("gzip", CSV)


async def test_a_compressed_download_has_a_tag_that_no_range_is_joined_to(serving: RunningGateway) -> None:
    headers, _ = await read_raw(serving, "/api/v1/alice/j/output", GZIP)
    tag = headers["etag"]
    assert tag == f'W/"{"ab" * 32}"'
    whole = await serving.rest.get("/api/v1/alice/j/output", headers={**PLAIN, "Range": "bytes=4-", "If-Range": tag})
    unchanged = await serving.rest.get("/api/v1/alice/j/output", headers={**GZIP, "If-None-Match": tag})
    assert (whole.status_code, unchanged.status_code) == (200, 304)


async def test_a_range_is_never_compressed(serving: RunningGateway) -> None:
    headers, body = await read_raw(serving, "/api/v1/alice/j/output", {**GZIP, "Range": "bytes=10-59999"})
    assert ("content-encoding" in headers, body) == (False, CSV[10:60000])


async def test_an_event_stream_is_never_compressed(serving: RunningGateway) -> None:
    headers, body = await read_raw(serving, "/task/t/events", GZIP)
    assert ("content-encoding" in headers, b"x" * 3000 in body) == (False, True)


async def test_a_page_that_holds_a_token_is_never_compressed(running: RunningGateway) -> None:
    # The page of signing in is over a kilobyte already; those behind it hold the token of forms.
    async with running.rest.stream("GET", "/dashboard", headers=GZIP, follow_redirects=True) as answer:
        body = b"".join([chunk async for chunk in answer.aiter_raw()])
    assert (answer.status_code, "content-encoding" in answer.headers, b"<html" in body) == (200, False, True)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("gzip", True),
        ("br, GZIP;q=0.5", True),
        ("*", True),
        ("gzip; q=0", False),
        ("gzip;q=0.000, *", False),
        ("identity", False),
        ("xgzip", False),
        ("", False),
    ],
)
def test_gzip_is_taken_where_the_client_says_so(header: str, expected: bool) -> None:
    assert accepts_gzip(header) is expected


@pytest.mark.parametrize(
    "path",
    ["/task/t/status", "/task/t/result", "/task/t/report", "/task/t/events", "/api/v1/alice/j/output", "/livez",
     "/docs", "/docs/assets/docs.js", "/openapi.json"],
)  # fmt: skip
@pytest.mark.parametrize("accepted", [GZIP, PLAIN], ids=["gzip", "plain"])
async def test_head_answers_as_get_does_without_a_body(
    serving: RunningGateway, path: str, accepted: dict[str, str]
) -> None:
    got, _ = await read_raw(serving, path, accepted)
    async with serving.rest.stream("HEAD", path, headers=accepted) as head:
        body = b"".join([chunk async for chunk in head.aiter_raw()])
    # uvicorn names the framing where there is a body to frame.
    one_by_one = {"date", "x-request-id", "transfer-encoding"}
    kept = {name: value for name, value in got.items() if name not in one_by_one}
    assert (head.status_code, body) == (200, b"")
    assert {name: value for name, value in head.headers.items() if name not in one_by_one} == kept


async def test_head_opens_no_watch(serving: RunningGateway) -> None:
    await serving.rest.head("/task/t/events")
    assert serving.suite.portfolio.count("WatchTask") == 0


async def test_head_ignores_ranges(serving: RunningGateway) -> None:
    answer = await serving.rest.head("/api/v1/alice/j/output", headers={**PLAIN, "Range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["content-length"]) == (200, str(len(CSV)))


async def test_head_of_what_is_not_read_answers_405(running: RunningGateway) -> None:
    answer = await running.rest.head("/task/submit")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


async def test_head_needs_a_key_as_get_does(running: RunningGateway) -> None:
    assert (await running.rest.head("/tasks", headers={"X-API-KEY": "wrong"})).status_code == 401


async def test_head_is_audited_under_its_route(serving: RunningGateway, capsys: pytest.CaptureFixture[str]) -> None:
    await serving.rest.head("/task/t/status")
    output = capsys.readouterr()
    (line,) = [line for line in (output.out + output.err).splitlines() if " audit " in line]
    assert "method=HEAD" in line
    assert "route=/task/{task_id}/status" in line


async def test_head_of_a_download_ends_the_services_stream(serving: RunningGateway) -> None:
    async def endless() -> AsyncIterator[converter_pb2.DownloadArtifactResponse]:
        yield converter_pb2.DownloadArtifactResponse(info=converter_pb2.ArtifactInfo(size=10**12, sha256="a"))
        while True:
            yield converter_pb2.DownloadArtifactResponse(chunk=b"x" * 100_000)

    serving.suite.converter.answers["DownloadArtifact"] = lambda _: endless()
    assert (await serving.rest.head("/api/v1/alice/j/output")).status_code == 200
    await eventually(lambda: serving.suite.converter.running == 0)


async def test_an_unchanged_result_answers_304(serving: RunningGateway) -> None:
    first = await serving.rest.get("/task/t/result")
    again = await serving.rest.get("/task/t/result", headers={"If-None-Match": first.headers["etag"]})
    assert (first.status_code, again.status_code, again.content) == (200, 304, b"")


async def test_cors_lets_pages_of_allowed_origins_read_what_they_need(tmp_path: Any) -> None:
    async with run_gateway(tmp_path, gateway_cors_origins=["https://app.example"]) as running:
        asked = {
            "origin": "https://app.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "x-api-key, idempotency-key, content-type",
        }
        allowed = await running.rest.options("/task/submit", headers=asked)
        refused = await running.rest.options("/task/submit", headers={**asked, "origin": "https://evil.example"})
        answer = await running.rest.get("/livez", headers={"origin": "https://app.example"})
    assert (allowed.status_code, allowed.headers["access-control-allow-origin"]) == (200, "https://app.example")
    assert "access-control-allow-origin" not in refused.headers
    assert "access-control-allow-credentials" not in answer.headers
    assert "etag" in answer.headers["access-control-expose-headers"].lower()
