"""Imports from a real https server and a real bucket. Rule 19: what was vetted is what is connected to."""

import asyncio
import gzip
import hashlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from uuid import uuid4

import pytest
from aiohttp import web

from services.common.errors import InvalidInput, WealthError
from services.common.identity import Caller, service_principal
from services.common.public_addresses import is_public
from services.launcher.embedded import S3Server
from services.storage.adapters.bucket_reader import S3BucketReader
from services.storage.adapters.s3_bucket import S3Connection
from services.storage.adapters.web_reader import HttpsReader
from services.storage.domain.access import AccessRules, Grant
from services.storage.domain.sources import AllowedSources, SourceRules
from services.storage.usecases.files import Files
from services.storage.usecases.imports import Imports
from services.storage.usecases.namespaces import Namespaces
from tests.support.storage import new_bucket
from tests.support.web import HttpsServer, run_https_server

LIMIT = 200_000
CSV = b"a,b\n1,2\n" * 1000
KEY = "jobs/alice/1/input.csv"


async def serve_csv(request: web.Request) -> web.Response:
    return web.Response(body=CSV, content_type="text/csv")


async def serve_unannounced(request: web.Request) -> web.StreamResponse:
    """Sends more than is allowed, in chunks, without saying how much."""
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range(4):
        await response.write(b"x" * LIMIT)
    return response


async def serve_large(request: web.Request) -> web.Response:
    return web.Response(body=b"x" * (LIMIT + 1))


async def serve_compressed(request: web.Request) -> web.Response:
    return web.Response(body=gzip.compress(CSV), headers={"Content-Encoding": "gzip"})


async def serve_cut_short(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b"x" * 10)
    assert request.transport is not None
    request.transport.close()
    return response


async def serve_nothing(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    await asyncio.Event().wait()
    return response


async def serve_status(request: web.Request) -> web.Response:
    return web.Response(status=int(request.match_info["status"]))


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": request.query["to"]})


async def redirect_for_ever(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": str(request.rel_url)})


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[HttpsServer]:
    app = web.Application()
    app.router.add_get("/a.csv", serve_csv)
    app.router.add_get("/unannounced", serve_unannounced)
    app.router.add_get("/large", serve_large)
    app.router.add_get("/compressed", serve_compressed)
    app.router.add_get("/cut-short", serve_cut_short)
    app.router.add_get("/nothing", serve_nothing)
    app.router.add_get("/status/{status}", serve_status)
    app.router.add_get("/redirect", redirect)
    app.router.add_get("/redirect-for-ever", redirect_for_ever)
    async with run_https_server(app, tmp_path_factory.mktemp("https")) as running:
        yield running


@pytest.fixture(scope="module")
async def connection(s3_server: S3Server) -> AsyncIterator[S3Connection]:
    async with new_bucket(s3_server) as opened:
        yield opened


class Importer:
    """The import use case for one tenant, over one web server and one bucket."""

    def __init__(self, connection: S3Connection, reader: HttpsReader, allowed: AllowedSources) -> None:
        tenant = f"t-{uuid4().hex[:8]}"
        self.caller = Caller("converter", service_principal(tenant, "converter"))
        self.store = connection.store
        namespaces = Namespaces(AccessRules({"converter": Grant(("jobs/",), (), True)}), "default")
        files = Files(self.store, namespaces, max_file_bytes=LIMIT, part_bytes=5 * 1024 * 1024)
        self.imports = Imports(
            self.store,
            namespaces,
            files,
            SourceRules({tenant: allowed}, connection.options.bucket),
            web=reader,
            buckets=S3BucketReader(connection),
            max_bytes=LIMIT,
            part_bytes=5 * 1024 * 1024,
        )
        self.full_key = f"tenants/{tenant}/{KEY}"

    async def fetch(self, uri: str, *, max_size: int = 0) -> bytes:
        await self.imports.fetch(self.caller, uri, KEY, max_size=max_size)
        return (await self.store.get(self.full_key, max_size=LIMIT))[1]

    async def reason(self, uri: str, **options: int) -> str:
        """The reason for which an import is refused; nothing may have been stored."""
        with pytest.raises(WealthError) as caught:
            await self.fetch(uri, **options)
        assert not (await self.store.list_page(self.full_key, limit=1)).objects
        return caught.value.reason


@asynccontextmanager
async def make_importer(
    connection: S3Connection, server: HttpsServer, *, may_connect=lambda address: True, hosts=(), buckets=()
) -> AsyncIterator[Importer]:
    reader = HttpsReader(timeout_s=20, idle_timeout_s=0.5, may_connect=may_connect, tls=server.trust)
    await reader.start()
    try:
        allowed = AllowedSources(frozenset(buckets), frozenset({f"localhost:{server.port}", *hosts}))
        yield Importer(connection, reader, allowed)
    finally:
        await reader.close()


@pytest.fixture
async def importer(connection: S3Connection, server: HttpsServer) -> AsyncIterator[Importer]:
    async with make_importer(connection, server) as made:
        yield made


async def test_an_https_address_becomes_an_object(importer: Importer, server: HttpsServer) -> None:
    stored, sha256 = await importer.imports.fetch(importer.caller, server.url("/a.csv"), KEY, max_size=0)
    assert (stored.size, stored.content_type, sha256) == (len(CSV), "text/csv", hashlib.sha256(CSV).hexdigest())
    assert (await importer.store.get(importer.full_key, max_size=LIMIT))[1] == CSV


async def test_checking_an_address_fetches_nothing(importer: Importer, server: HttpsServer) -> None:
    await importer.imports.check(importer.caller, server.url("/status/500"), KEY)
    with pytest.raises(InvalidInput) as caught:
        await importer.imports.check(importer.caller, "https://elsewhere.example/x", KEY)
    assert (caught.value.reason, caught.value.field) == ("SOURCE_NOT_ALLOWED", "source_uri")


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/large", "SOURCE_TOO_LARGE"),
        ("/unannounced", "SOURCE_TOO_LARGE"),
        ("/compressed", "SOURCE_NOT_ALLOWED"),
        ("/cut-short", "SOURCE_UNREACHABLE"),
        ("/nothing", "SOURCE_UNREACHABLE"),
        ("/status/404", "SOURCE_NOT_FOUND"),
        ("/status/403", "SOURCE_NOT_FOUND"),
        ("/status/500", "SOURCE_UNREACHABLE"),
        ("/status/204", "SOURCE_UNREACHABLE"),
    ],
)
async def test_what_is_not_plain_content_within_the_limit_is_refused(
    importer: Importer, server: HttpsServer, path: str, reason: str
) -> None:
    assert await importer.reason(server.url(path)) == reason


async def test_the_callers_limit_holds(importer: Importer, server: HttpsServer) -> None:
    assert await importer.reason(server.url("/a.csv"), max_size=100) == "SOURCE_TOO_LARGE"


async def test_19_a_redirect_on_the_list_is_followed(importer: Importer, server: HttpsServer) -> None:
    assert await importer.fetch(server.url("/redirect?to=/a.csv")) == CSV


@pytest.mark.parametrize(
    "target", ["https://elsewhere.example/", "http://localhost/a.csv", "file:///etc/passwd", "s3://bucket/key"]
)
async def test_19_a_redirect_off_the_list_is_refused(importer: Importer, server: HttpsServer, target: str) -> None:
    assert await importer.reason(server.url(f"/redirect?to={target}")) == "SOURCE_NOT_ALLOWED"


async def test_19_redirects_are_counted(importer: Importer, server: HttpsServer) -> None:
    assert await importer.reason(server.url("/redirect-for-ever")) == "SOURCE_UNREACHABLE"


async def test_19_an_allowed_name_with_a_private_address_is_refused(
    connection: S3Connection, server: HttpsServer
) -> None:
    async with make_importer(connection, server, may_connect=is_public) as importer:
        assert await importer.reason(server.url("/a.csv")) == "SOURCE_NOT_ALLOWED"


async def test_19_an_allowed_private_address_in_numbers_is_refused(
    connection: S3Connection, server: HttpsServer
) -> None:
    hosts = [f"127.0.0.1:{server.port}"]
    async with make_importer(connection, server, may_connect=is_public, hosts=hosts) as importer:
        assert await importer.reason(server.url("/a.csv", "127.0.0.1")) == "SOURCE_NOT_ALLOWED"


async def test_19_a_name_is_looked_up_once_and_that_answer_is_connected_to(
    connection: S3Connection, server: HttpsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name server that answers with a good address first and a bad one after gains nothing."""
    loop, asked = asyncio.get_running_loop(), []
    look_up = type(loop).getaddrinfo

    async def answer_differently(self, host, port, **options):
        asked.append(host)
        return await look_up(self, "127.0.0.1" if len(asked) == 1 else "169.254.169.254", port, **options)

    monkeypatch.setattr(type(loop), "getaddrinfo", answer_differently)
    vetted = []

    def note(address) -> bool:
        vetted.append(address)
        return address == ip_address("127.0.0.1")

    async with make_importer(connection, server, may_connect=note) as importer:
        assert await importer.fetch(server.url("/a.csv")) == CSV
    assert asked == ["localhost"]
    assert set(vetted) == {ip_address("127.0.0.1")}


async def test_a_host_that_does_not_listen_is_unreachable(connection: S3Connection, server: HttpsServer) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with make_importer(connection, server, hosts=[f"localhost:{port}"]) as importer:
            assert await importer.reason(f"https://localhost:{port}/") == "SOURCE_UNREACHABLE"


async def test_a_certificate_that_nobody_vouches_for_is_refused(connection: S3Connection, server: HttpsServer) -> None:
    reader = HttpsReader(timeout_s=5, idle_timeout_s=1, may_connect=lambda address: True)
    await reader.start()
    importer = Importer(connection, reader, AllowedSources(frozenset(), frozenset({f"localhost:{server.port}"})))
    assert await importer.reason(server.url("/a.csv")) == "SOURCE_UNREACHABLE"
    await reader.close()


async def test_an_object_of_an_allowed_bucket_is_imported(
    connection: S3Connection, server: HttpsServer, s3_server: S3Server
) -> None:
    async with new_bucket(s3_server) as other:
        bucket = other.options.bucket
        await other.store.put("in/a b%20.csv", CSV, content_type="text/csv")
        async with make_importer(connection, server, buckets=[bucket]) as importer:
            assert await importer.reason(f"s3://{bucket}/none") == "SOURCE_NOT_FOUND"
            assert await importer.fetch(f"s3://{bucket}/in/a b%20.csv") == CSV


async def test_our_own_bucket_is_never_a_source(connection: S3Connection, server: HttpsServer) -> None:
    bucket = connection.options.bucket
    async with make_importer(connection, server, buckets=[bucket]) as importer:
        assert await importer.reason(f"s3://{bucket}/tenants/other/tasks/a.json") == "SOURCE_NOT_ALLOWED"
