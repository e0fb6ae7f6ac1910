"""A storage service in this process, over a real S3 server, and clients that call it as the suite's services do."""

import functools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import botocore.session
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import SecretStr

from services.common.identity import TokenSigner, encode_public_key
from services.common.storage import StorageClient
from services.launcher.embedded import S3Server
from services.storage.adapters.s3_bucket import S3Connection, connect_bucket, ensure_bucket
from services.storage.adapters.s3_options import Breaker, S3Options
from services.storage.app import StorageServer, connect
from services.storage.settings import StorageSettings

# botocore reads its descriptions of AWS anew for each session: most of what a connection of a test's own would cost.
botocore.session.create_loader = functools.cache(botocore.session.create_loader)

CALLERS = ("gateway", "portfolio", "converter", "events")


def s3_options(server: S3Server, bucket: str, **changes: Any) -> S3Options:
    """How tests reach a bucket of the server."""
    credentials = (server.credentials.access_key, server.credentials.secret_key)
    return S3Options(bucket=bucket, endpoint_url=server.url, credentials=credentials, **changes)


@asynccontextmanager
async def new_bucket(server: S3Server, **changes: Any) -> AsyncIterator[S3Connection]:
    """A connection to a bucket of the test's own."""
    options = s3_options(server, f"test-{uuid4().hex[:16]}", **changes)
    async with connect_bucket(options, Breaker(failures=1_000_000)) as connection:
        await ensure_bucket(connection)
        yield connection


@dataclass
class RunningStorage:
    """A serving storage service, and how to call it."""

    target: str
    settings: StorageSettings
    server: StorageServer
    keys: dict[str, Ed25519PrivateKey]
    clients: dict[str, StorageClient] = field(default_factory=dict)

    def client(self, service: str) -> StorageClient:
        """A client that speaks as ``service``; act as a principal (``acting_as``) while calling it."""
        if service not in self.clients:
            self.clients[service] = StorageClient.connect(self.target, TokenSigner(service, self.keys[service]))
        return self.clients[service]


@asynccontextmanager
async def run_storage(server: S3Server, bucket: str, **changes: Any) -> AsyncIterator[RunningStorage]:
    """Serves storage over a bucket on a free port. ``changes`` are settings by field name."""
    keys = {name: Ed25519PrivateKey.generate() for name in (*CALLERS, "stranger")}
    settings = StorageSettings(
        **{
            "storage_listen": "127.0.0.1:0",
            "s3_bucket_name": bucket,
            "s3_endpoint_url": server.url,
            "aws_access_key_id": SecretStr(server.credentials.access_key),
            "aws_secret_access_key": SecretStr(server.credentials.secret_key),
            "trusted_callers": {name: encode_public_key(key) for name, key in keys.items()},
            **changes,
        }
    )
    async with connect(settings) as connection:
        process = StorageServer(settings, connection)
        await process.start()
        assert process.grpc is not None
        running = RunningStorage(f"127.0.0.1:{process.grpc.port}", settings, process, keys)
        try:
            yield running
        finally:
            for client in running.clients.values():
                await client.close()
            await process.drain()
            await process.stop()
