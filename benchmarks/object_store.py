"""What storage costs: aioboto3 against obstore on one S3 server, then the service itself over gRPC.

``python -m benchmarks.object_store`` starts a real S3 server of its own and prints a table per question:
which client for the hot path; how long record calls take; whether a page of a listing costs more in a long history;
and how much memory the transfer of a large object takes. ``--history`` and ``--large-mib`` make it bigger.
"""

import argparse
import asyncio
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from services.common.context import acting_as
from services.common.identity import service_principal
from services.common.logging import configure_logging
from services.common.storage import StorageClient
from services.launcher.embedded import S3Server
from services.storage.adapters.s3_bucket import S3Connection
from services.storage.domain.index import IndexEntry
from tests.support.servers import run_s3_server
from tests.support.storage import new_bucket, run_storage

ME = service_principal("default", "portfolio")
KIND = "portfolio.task"
BODY = b"x" * 2000
IN_FLIGHT = 32
Call = Callable[[int], Awaitable[Any]]


async def measure(name: str, call: Call, count: int = 200) -> None:
    """Prints a call's median time one at a time, and its rate and CPU with many in flight."""
    for n in range(5):
        await call(-1 - n)
    times = []
    for n in range(count):
        started = time.perf_counter()
        await call(n)
        times.append(time.perf_counter() - started)
    slots = asyncio.Semaphore(IN_FLIGHT)

    async def one(n: int) -> None:
        async with slots:
            await call(n)

    cpu, started = time.process_time(), time.perf_counter()
    await asyncio.gather(*(one(count + n) for n in range(2 * count)))
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    quantiles = statistics.quantiles(times, n=100)
    print(
        f"{name:44} p50 {quantiles[49] * 1e3:6.2f} ms  p95 {quantiles[94] * 1e3:6.2f} ms  "
        f"{2 * count / wall:6.0f}/s  {cpu / (2 * count) * 1e3:5.2f} ms CPU"
    )


async def compare_clients(connection: S3Connection) -> None:
    """obstore and aioboto3 on the same requests."""
    print(f"\nClients, {len(BODY)} bytes, one at a time and {IN_FLIGHT} in flight")
    store, client, bucket = connection.store, connection.client, connection.options.bucket

    async def get_by_aioboto3(n: int) -> bytes:
        answer = await client.get_object(Bucket=bucket, Key=f"o/{n % 100}")
        async with answer["Body"] as body:
            return bytes(await body.read())

    await measure("obstore put", lambda n: store.put(f"o/{n}", BODY))
    await measure("aioboto3 put", lambda n: client.put_object(Bucket=bucket, Key=f"b/{n}", Body=BODY))
    await measure("obstore get", lambda n: store.get(f"o/{n % 100}", max_size=10_000))
    await measure("aioboto3 get", get_by_aioboto3)
    await measure("signed request, list 20", lambda _: store.list_page("o/", limit=20))
    await measure("aioboto3 list 20", lambda _: client.list_objects_v2(Bucket=bucket, Prefix="o/", MaxKeys=20))


async def time_records(client: StorageClient) -> None:
    """Record calls over gRPC, S3 included; client and service share this process."""
    print("\nRecord calls over gRPC (one process for client and service)")
    started = datetime.now(UTC)
    run = os.urandom(4).hex()

    async def create(n: int) -> None:
        await client.create_record(
            f"tasks/{run}-{n}.json", {"text": BODY.decode()}, kind=KIND, user_id="alice", state="open",
            created_at=started + timedelta(seconds=n),
        )  # fmt: skip

    async def complete(n: int) -> None:
        record = await client.get_record(f"tasks/{run}-{n}.json")
        await client.update_record(
            record.key, record.document, kind=KIND, user_id="alice", created_at=record.created_at, state="completed",
            previous_state="open", if_match=record.etag, if_revision=record.revision,
        )  # fmt: skip

    await measure("CreateRecord (two index keys)", create)
    await measure("GetRecord", lambda n: client.get_record(f"tasks/{run}-{n % 100}.json"))
    await measure("GetRecord and UpdateRecord to another state", complete, count=195)
    await measure(
        "ListRecords, 20 of all states", lambda _: client.list_records(KIND, ["open", "completed"], page_size=20)
    )


async def time_listing(connection: S3Connection, client: StorageClient, history: int) -> None:
    """A page of 20 of a short and of a long history."""
    print(f"\nA page of 20 records, of a history of 100 and of {history}")
    start_ms, slots = 1_700_000_000_000, asyncio.Semaphore(IN_FLIGHT)

    async def index(kind: str, n: int) -> None:
        entry = IndexEntry(f"tasks/{kind}-{n % 100}.json", "alice", start_ms + n)
        async with slots:
            await connection.store.put(entry.keys(kind, "open")[0], b"")

    with acting_as(ME):
        for kind, count in (("portfolio.short", 100), ("portfolio.long", history)):
            await asyncio.gather(*(index(kind, n) for n in range(count)))
            await measure(f"keys of 20 of {count}", lambda _, kind=kind: client.list_records(
                kind, ["open"], page_size=20, keys_only=True
            ), count=100)  # fmt: skip


async def transfer_large(client: StorageClient, size_mib: int, folder: Path) -> None:
    """A large object up and down again: its speed, and the most memory that this process ever took."""
    print(f"\nAn object of {size_mib} MiB through the service (client and service in one process)")

    async def chunks() -> AsyncIterator[bytes]:
        for n in range(size_mib):
            yield n.to_bytes(4, "big") * (256 * 1024)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()
    await client.put_object("tasks/large", chunks())
    up = time.perf_counter() - started
    started = time.perf_counter()
    await client.get_object_to_file("tasks/large", folder / "large")
    down = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(
        f"up {size_mib / up:.0f} MiB/s, down {size_mib / down:.0f} MiB/s, "
        f"memory {before // 1024} MiB before, {peak // 1024} MiB at most"
    )


async def run(server: S3Server, folder: Path, options: argparse.Namespace) -> None:
    """Answers all questions against one server."""
    async with (
        new_bucket(server) as connection,
        run_storage(server, connection.options.bucket, storage_max_object_bytes=8 << 30) as storage,
    ):
        await compare_clients(connection)
        client = storage.client("portfolio")
        with acting_as(ME):
            await time_records(client)
        await time_listing(connection, client, options.history)
        with acting_as(ME):
            await transfer_large(client, options.large_mib, folder)


def main() -> None:
    """Runs the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--history", type=int, default=5_000, help="records of the long history (%(default)s)")
    parser.add_argument("--large-mib", type=int, default=256, help="size of the large object (%(default)s)")
    options = parser.parse_args()
    configure_logging("benchmark", "WARNING", "console")
    with tempfile.TemporaryDirectory() as folder, run_s3_server(Path(folder)) as server:
        asyncio.run(run(server, Path(folder), options))


if __name__ == "__main__":
    sys.exit(main())
