"""The NATS of the manifests: a user may do its own work and nothing of the others', and one server of three may go."""

import asyncio
import contextlib
import ssl
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import nats
import nats.errors
import pytest
from nats.aio.client import Client
from structlog.testing import capture_logs

from services.common.jobs.broker import Broker
from services.common.jobs.topology import EVENTS_STREAM, Topology, ensure_topology, list_parts
from services.common.settings import ServiceSettings
from services.launcher.certificates import make_certificates
from services.launcher.free_ports import LOOPBACK
from tests.e2e.test_conversions import ORDERS, SHIPMENTS, encode, make_user, train, wait_until_over
from tests.support.eventually import eventually
from tests.support.launched_suite import LaunchedSuite, launched_suite
from tests.support.manifest_nats import ManifestNats, run_manifest_nats

# Enough that a server which was away takes a moment to catch up.
MISSED_MESSAGES = 5_000
USERS = {
    "portfolio": "portfolio",
    "portfolio-worker": "portfolio-worker",
    "converter": "converter",
    "converter-worker": "converter-worker",
    "events": "events",
}


@asynccontextmanager
async def connected(server: ManifestNats, user: str, errors: list[str] | None = None) -> AsyncIterator[Client]:
    """A client as one of the users; what the server denies is appended to ``errors``."""

    async def on_error(error: Exception) -> None:
        if errors is not None:
            errors.append(str(error).lower())

    inbox = f"_INBOX_{user.removesuffix('-worker')}".encode()
    client = await nats.connect(
        server.url_of(user).split(","),
        inbox_prefix=inbox,
        error_cb=on_error,
        tls=ssl.create_default_context(cafile=server.ca_file),
        tls_handshake_first=True,
    )
    try:
        yield client
    finally:
        await client.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> ManifestNats:
    """One server with the manifests' users."""
    with run_manifest_nats(tmp_path_factory.mktemp("nats"), servers=1) as running:
        yield running


@pytest.fixture(scope="module")
def suite(tmp_path_factory: pytest.TempPathFactory, server: ManifestNats) -> LaunchedSuite:
    """The suite, with everything that speaks to NATS signed in as the user that the manifests give it."""
    with launched_suite(tmp_path_factory.mktemp("suite")) as running:
        storage = running.document["env"]["storage"]
        subprocess.run(
            [*running.document["commands"]["storage"][:-1], "bootstrap"],
            env={
                **storage,
                "NATS_URL": server.url_of("bootstrap"),
                "NATS_CA_FILE": str(server.ca_file),
                "METRICS_LISTEN": "",
            },
            check=True,
            timeout=600,
            capture_output=True,
        )
        for name, user in USERS.items():
            running.kill(name)
            running.document["env"][name] |= {
                "NATS_URL": server.url_of(user),
                "NATS_CA_FILE": str(server.ca_file),
            }
            running.start(name)
        yield running


@pytest.fixture
async def client(suite: LaunchedSuite) -> AsyncIterator[httpx.AsyncClient]:
    """A REST client of a healthy suite."""
    await suite.wait_healthy()
    async with suite.client() as client:
        yield client


async def convert(client: httpx.AsyncClient) -> str:
    """Trains once; returns how that ended."""
    user = make_user()
    answer = await train(client, user, encode(ORDERS), encode(SHIPMENTS))
    assert answer.status_code == 202, answer.text
    return (await wait_until_over(client, user, answer.json()["job_id"]))["job_status"]


@pytest.mark.slow
async def test_the_users_may_do_all_that_a_job_needs(client: httpx.AsyncClient, server: ManifestNats) -> None:
    assert await convert(client) == "completed"

    async with connected(server, "bootstrap") as nats_client:
        jetstream = nats_client.jetstream()

        async def is_acknowledged() -> bool:
            infos = [await jetstream.stream_info(stream) for stream in ("BACKLOG_CONVERTER", "JOBS_CONVERTER")]
            return all(info.state.messages == 0 for info in infos)

        await eventually(is_acknowledged, within_s=300, every_s=0.05)
        events = await jetstream.stream_info(EVENTS_STREAM, subjects_filter="wealth.converter.v1.*.completed.>")
        assert events.state.subjects


async def test_the_apis_may_make_lost_queues_again(client: httpx.AsyncClient, server: ManifestNats) -> None:
    server.lose_data()
    async with connected(server, "bootstrap") as nats_client:
        jetstream = nats_client.jetstream()

        async def is_rebuilt() -> bool:
            try:
                return all([await part.exists(jetstream) for part in list_parts(Topology())])
            except nats.errors.Error:
                return False

        await eventually(is_rebuilt, within_s=300, every_s=0.2)
    assert await convert(client) == "completed"


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("portfolio", "jobs.converter.default.j.1"),
        ("portfolio", "wealth.converter.v1.job.completed.default.j"),
        ("portfolio", "$JS.API.CONSUMER.MSG.NEXT.JOBS_PORTFOLIO.workers"),
        ("portfolio", "$JS.API.STREAM.DELETE.JOBS_PORTFOLIO"),
        ("portfolio", "$JS.API.STREAM.PURGE.JOBS_CONVERTER"),
        ("portfolio", "backlog.converter.default.u.j.1"),
        ("portfolio", "$JS.API.STREAM.MSG.DELETE.BACKLOG_CONVERTER"),
        ("portfolio", "$JS.API.STREAM.MSG.DELETE.JOBS_PORTFOLIO"),
        ("portfolio-worker", "jobs.portfolio.default.j.1"),
        ("portfolio-worker", "backlog.portfolio.default.u.j.1"),
        ("portfolio-worker", "turns.converter.again"),
        ("portfolio-worker", "$JS.API.STREAM.MSG.DELETE.BACKLOG_CONVERTER"),
        ("portfolio-worker", "$JS.API.CONSUMER.MSG.NEXT.BACKLOG_PORTFOLIO.backlog"),
        ("portfolio-worker", "$JS.API.CONSUMER.MSG.NEXT.JOBS_CONVERTER.workers"),
        ("portfolio-worker", "$KV.presence.converter.w"),
        ("portfolio-worker", "dead.converter.default.j.1"),
        ("converter", "jobs.portfolio.default.j.1"),
        ("converter", "$JS.API.STREAM.MSG.GET.JOBS_PORTFOLIO"),
        ("converter-worker", "$JS.API.STREAM.CREATE.ANYTHING"),
        ("converter-worker", "$JS.ACK.JOBS_PORTFOLIO.workers.1.1.1.1.1"),
        ("bootstrap", "jobs.portfolio.default.j.1"),
        ("bootstrap", "$JS.API.STREAM.DELETE.JOBS_PORTFOLIO"),
    ],
)
async def test_a_user_may_not_do_another_s_work(server: ManifestNats, user: str, subject: str) -> None:
    denials: list[str] = []
    async with connected(server, user, denials) as client:
        await client.publish(subject, b"{}")
        await client.flush()
        await eventually(lambda: _any(denials), within_s=300, every_s=0.02)
    assert "permissions violation for publish" in denials[0]


@pytest.mark.parametrize(
    ("user", "subject"),
    [
        ("portfolio", "_INBOX_converter.>"),
        ("portfolio-worker", "_INBOX.>"),
        ("converter-worker", "wealth.portfolio.>"),
        ("converter", ">"),
        ("bootstrap", "jobs.>"),
        ("portfolio", "turns.converter.>"),
        ("portfolio-worker", "turns.portfolio.>"),
    ],
)
async def test_a_user_hears_nothing_of_others(server: ManifestNats, user: str, subject: str) -> None:
    denials: list[str] = []
    async with connected(server, user, denials) as client:
        await client.subscribe(subject)
        await client.flush()
        await eventually(lambda: _any(denials), within_s=300, every_s=0.02)
    assert "permissions violation for subscription" in denials[0]


async def test_nobody_is_heard_without_tls(server: ManifestNats) -> None:
    reader, writer = await asyncio.open_connection(LOOPBACK, server.client_ports[0])
    writer.write(b"CONNECT {}\r\nPING\r\n")
    heard = b""
    with contextlib.suppress(ConnectionResetError):
        heard = await asyncio.wait_for(reader.read(), 120)
    writer.close()
    assert b"INFO" not in heard
    assert b"PONG" not in heard


async def test_a_password_is_not_told_to_a_server_of_another_authority(server: ManifestNats, tmp_path: Path) -> None:
    other = tmp_path / "ca.crt"
    other.write_text(make_certificates("wealth NATS", ["nats"])["ca.crt"])
    settings = ServiceSettings(nats_ca_file=other)
    broker = Broker(server.url_of("portfolio"), name="portfolio", tls=settings.nats_tls())
    with capture_logs() as logs:
        await broker.start()
        try:
            await eventually(lambda: any("CERTIFICATE_VERIFY_FAILED" in str(entry) for entry in logs), within_s=300)
        finally:
            await broker.stop()
    assert not broker.is_connected


async def lay_out(cluster: ManifestNats) -> None:
    """Makes streams and consumers with a copy on each of three servers."""
    async with connected(cluster, "bootstrap") as client:

        async def is_laid_out() -> bool:
            # Until the three have a leader, nobody answers.
            try:
                await ensure_topology(client.jetstream(timeout=2), Topology(replicas=3))
            except (nats.errors.Error, TimeoutError):
                return False
            return True

        await eventually(is_laid_out, within_s=300, every_s=0.1)


async def test_three_servers_keep_taking_jobs_when_one_is_away(tmp_path: Path) -> None:
    with run_manifest_nats(tmp_path, servers=3) as cluster:
        await lay_out(cluster)
        async with connected(cluster, "portfolio") as client:
            await client.jetstream(timeout=5).publish("jobs.portfolio.default.before.1", b"{}")
        cluster.processes[0].kill()
        async with connected(cluster, "portfolio") as client:
            jetstream = client.jetstream(timeout=2)

            async def is_taken() -> bool:
                try:
                    await jetstream.publish("jobs.portfolio.default.after.1", b"{}")
                except (nats.errors.Error, TimeoutError):
                    return False
                return True

            await eventually(is_taken, within_s=300, every_s=0.2)
            info = await jetstream.stream_info("JOBS_PORTFOLIO", subjects_filter=">")
        assert set(info.state.subjects or ()) >= {
            "jobs.portfolio.default.before.1",
            "jobs.portfolio.default.after.1",
        }


async def test_a_server_that_lacks_messages_is_not_ready(tmp_path: Path) -> None:
    with run_manifest_nats(tmp_path, servers=3) as cluster:
        await lay_out(cluster)
        cluster.processes[2].kill()
        async with connected(cluster, "portfolio") as client:
            jetstream = client.jetstream(timeout=2)

            async def publish(number: int) -> None:
                async def is_taken() -> bool:
                    # Until the two that are left have a leader, nobody answers.
                    try:
                        await jetstream.publish(f"wealth.portfolio.v1.task.running.default.t{number}", b"x" * 500)
                    except (nats.errors.Error, TimeoutError):
                        return False
                    return True

                await eventually(is_taken, within_s=300)

            await publish(0)
            for first in range(0, MISSED_MESSAGES, 250):
                await asyncio.gather(*map(publish, range(first, first + 250)))
            stored = max(cluster.last_sequence(server, EVENTS_STREAM) or 0 for server in (0, 1))
            assert stored > MISSED_MESSAGES
        cluster.processes[2].start()

        async def is_ready() -> bool:
            ready, held = await cluster.counts_as_ready(2), cluster.last_sequence(2, EVENTS_STREAM)
            assert not ready or held in (stored, None)
            return ready and held is not None

        await eventually(is_ready, within_s=90)


async def _any(items: list[str]) -> bool:
    return bool(items)
