"""The embedded NATS and S3 servers: ready when they say so, and with their data after a kill."""

import asyncio
import os
import signal
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path

import boto3
import nats
import pytest
from botocore.exceptions import ClientError

from services.launcher.embedded import NatsServer, NatsUser, S3Server, fetch_json
from services.launcher.free_ports import COMPANION_OFFSET, LOOPBACK, find_free_ports, is_port_free
from services.launcher.process import ChildProcess, StartFailed, wait_until_ready
from tests.support.servers import run_nats_server, run_s3_server

STARTS_A_CHILD = """
import os, sys, signal, pathlib
from services.launcher.process import ChildProcess
child = ChildProcess("child", ["sleep", "600"], os.environ, pathlib.Path(sys.argv[1]) / "log")
child.start()
print(child.pid, flush=True)
signal.pause()
"""


def make_client(server: S3Server):
    return boto3.client(
        "s3",
        endpoint_url=server.url,
        aws_access_key_id=server.credentials.access_key,
        aws_secret_access_key=server.credentials.secret_key,
        region_name="us-east-1",
    )


async def test_a_message_acknowledged_before_kill_9_is_there_after_the_restart(tmp_path: Path) -> None:
    with run_nats_server(tmp_path) as server:
        client = await nats.connect(server.url)
        stream = client.jetstream()
        await stream.add_stream(name="orders", subjects=["orders.>"])
        await stream.publish("orders.1", b"keep me")
        server.kill()
        await client.close()

        server.start()
        server.wait_until_serving()
        client = await nats.connect(server.url)
        message = await client.jetstream().get_msg("orders", 1)
        await client.close()
    assert message.data == b"keep me"


def test_jetstream_flushes_before_it_acknowledges(tmp_path: Path) -> None:
    server, pages = NatsServer(tmp_path, *find_free_ports(1), environment=os.environ), find_free_ports(1)[0]
    server.command = [*server.command, "--http_port", str(pages)]
    server.start()
    try:
        server.wait_until_serving()
        assert fetch_json(f"http://{LOOPBACK}:{pages}/varz")["jetstream"]["config"]["sync_always"] is True
    finally:
        server.kill()


async def test_a_nats_user_publishes_only_to_its_subjects(tmp_path: Path) -> None:
    refusals: asyncio.Queue[Exception] = asyncio.Queue()

    with run_nats_server(tmp_path, (NatsUser("clerk", "pass-word", publish=("clerk.>",)),)) as server:
        client = await nats.connect(server.url_of("clerk"), error_cb=refusals.put)
        await client.publish("clerk.note", b"")
        await client.publish("boss.note", b"")
        first_refusal = str(await asyncio.wait_for(refusals.get(), 120))
        await client.close()
    assert "boss.note" in first_refusal


def test_an_object_acknowledged_before_kill_9_is_there_after_the_restart(tmp_path: Path) -> None:
    with run_s3_server(tmp_path) as server:
        client = make_client(server)
        client.create_bucket(Bucket="kept")
        client.put_object(Bucket="kept", Key="one", Body=b"keep me")
        server.kill()

        server.start()
        server.wait_until_serving()
        assert client.get_object(Bucket="kept", Key="one")["Body"].read() == b"keep me"


def test_a_put_to_a_missing_bucket_is_refused_as_by_the_real_one(s3_server: S3Server) -> None:
    with pytest.raises(ClientError, match="NoSuchBucket"):
        make_client(s3_server).put_object(Bucket="never-made", Key="one", Body=b"")


def test_wrong_s3_credentials_are_refused(s3_server: S3Server) -> None:
    client = boto3.client(
        "s3",
        endpoint_url=s3_server.url,
        aws_access_key_id=s3_server.credentials.access_key,
        aws_secret_access_key="wrong",
        region_name="us-east-1",
    )
    with pytest.raises(ClientError, match="SignatureDoesNotMatch"):
        client.list_buckets()


def test_a_taken_port_is_a_start_failure_that_shows_the_log(nats_server: NatsServer, tmp_path: Path) -> None:
    rival = NatsServer(tmp_path, nats_server.port, environment=os.environ)
    rival.start()
    with pytest.raises(StartFailed, match="address already in use"):
        # The first server answers on the rival's port, so only the rival's end tells.
        rival.wait_ready(lambda: False, 10)


def test_a_port_in_use_is_not_free(nats_server: NatsServer) -> None:
    assert not is_port_free(nats_server.port)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children of their parent's death")
def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            STARTS_A_CHILD,
            str(tmp_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    with parent:
        child_pid = int(parent.stdout.readline())
        assert wait_until_ready(lambda: Path(f"/proc/{child_pid}/comm").read_text() == "sleep\n", 300)
        parent.send_signal(signal.SIGKILL)
    assert wait_until_ready(lambda: not _is_running(child_pid), 300)


def _is_running(pid: int) -> bool:
    """Whether a process runs; one that ended and waits for its reaper does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def test_a_child_that_ignores_sigterm_is_killed_after_the_grace(tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    child = ChildProcess(
        "stubborn",
        ["sh", "-c", f"trap '' TERM; touch {ready}; while :; do sleep 1; done"],
        os.environ,
        tmp_path / "log",
    )
    child.start()
    child.wait_ready(ready.exists, 10)
    assert child.stop(grace_s=0.1) is False
    assert not child.alive


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux's table of sockets")
def test_the_servers_listen_on_the_loopback_address_only(nats_server: NatsServer, s3_server: S3Server) -> None:
    ports = {nats_server.port, *astuple(s3_server.ports)}
    ports |= {port + COMPANION_OFFSET for port in astuple(s3_server.ports)}
    sockets = [line.split() for path in ("tcp", "tcp6") for line in Path(f"/proc/net/{path}").read_text().splitlines()]
    listening = [fields[1].split(":") for fields in sockets if fields[3] == "0A"]
    addresses = {address for address, port in listening if int(port, 16) in ports}
    assert addresses == {"0100007F"}
