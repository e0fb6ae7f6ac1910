"""The bucket itself by aioboto3: sessions, setting it up, and links."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import quote

import aiohttp
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from services.common.errors import Unavailable
from services.common.logging import get_logger
from services.common.optional import doing_without
from services.storage.adapters.s3_listing import S3Lister
from services.storage.adapters.s3_objects import S3ObjectStore
from services.storage.adapters.s3_options import Breaker, S3Options, name_failure
from services.storage.domain.lifecycle import ExpiryRule, are_in_force, merge_rules

with doing_without("httpx"):  # its other way to send, which is asked for in its configuration
    import aioboto3

_MAX_CONNECTIONS = 64


class S3Connection:
    """What one process holds open to a bucket: its store, its lister and its links."""

    def __init__(self, options: S3Options, store: S3ObjectStore, lister: S3Lister, client: Any, signer: Any) -> None:
        self.options = options
        self.store = store
        self.lister = lister
        self.client = client
        self._signer = signer

    async def check(self) -> None:
        """Whether the bucket answers: asks where nobody has had an answer lately. Raises Unavailable."""
        if not self.store.is_known_to_answer():
            await self.lister.check()

    async def check_writes(self) -> None:
        """Asks whether the bucket takes writes, where the last was refused. Raises Unavailable."""
        await self.store.check_writes()

    async def presign(self, key: str, lifetime_s: int, file_name: str) -> str:
        """Makes a link (``services.storage.ports.Presigner``); no request is sent."""
        name = quote(file_name or key.rpartition("/")[2], safe="")
        return str(
            await self._signer.generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self.options.bucket,
                    "Key": key,
                    "ResponseContentDisposition": f"attachment; filename*=UTF-8''{name}",
                },
                ExpiresIn=lifetime_s,
            )
        )


@asynccontextmanager
async def connect_bucket(
    options: S3Options, breaker: Breaker, *, presign_endpoint_url: str | None = None
) -> AsyncIterator[S3Connection]:
    """Opens what a process needs of a bucket; S3 itself may be away. ``presign_endpoint_url`` stands in links."""
    key, secret = options.credentials or (None, None)
    session = aioboto3.Session(aws_access_key_id=key, aws_secret_access_key=secret, region_name=options.region)
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "path"},
        max_pool_connections=_MAX_CONNECTIONS,
        connect_timeout=options.connect_timeout_s,
        read_timeout=options.transfer_timeout_s,
        retries={"total_max_attempts": options.retries + 1, "mode": "standard"},
        # Parts are verified by their ETag and the whole by our own checksum.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(session.client("s3", endpoint_url=options.endpoint_url, config=config))
        signer = client
        if presign_endpoint_url:
            signer = await stack.enter_async_context(
                session.client("s3", endpoint_url=presign_endpoint_url, config=config)
            )
        http = await stack.enter_async_context(
            aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_MAX_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                trust_env=False,
            )
        )
        credentials = await session.get_credentials()
        if credentials is None:
            raise ValueError("no S3 credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give an identity")
        lister = S3Lister(options, credentials, http, breaker)
        store = S3ObjectStore(options, client=client, lister=lister, breaker=breaker)
        yield S3Connection(options, store, lister, client, signer)


async def ensure_bucket(connection: S3Connection) -> None:
    """Makes the bucket where it is missing. Raises Unavailable where S3 does not answer or does not let us."""
    client, bucket, region = connection.client, connection.options.bucket, connection.options.region
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    if await connection.lister.has_bucket():  # botocore would wait for up to 3 s before it asks again
        return
    await _ignoring(client.create_bucket(Bucket=bucket, **place), "BucketAlreadyOwnedByYou", "BucketAlreadyExists")
    get_logger().info("bucket_created", bucket=bucket)


async def set_lifecycle(connection: S3Connection, rules: Sequence[ExpiryRule], spaces: Sequence[str]) -> bool:
    """Brings the bucket's lifecycle rules up to date for the tenants' prefixes; rules of others stay.

    Returns whether anything had to change. Raises Unavailable where S3 does not answer, TooManyRules.
    """
    client, bucket = connection.client, connection.options.bucket
    found = await _ignoring(
        client.get_bucket_lifecycle_configuration(Bucket=bucket), "NoSuchLifecycleConfiguration", "404"
    )
    standing = (found or {}).get("Rules", [])
    merged = merge_rules(standing, rules, spaces)
    if are_in_force(standing, merged):
        return False
    await _ignoring(client.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": merged}))
    get_logger().info("lifecycle_rules_set", bucket=bucket, rules=len(merged))
    return True


async def wait_until_answering(check: Callable[[], Any], *, timeout_s: float) -> None:
    """Calls ``check`` until it succeeds, at intervals that grow from 20 to 250 ms. Raises its Unavailable where it has
    not after ``timeout_s``."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_s
    interval_s = 0.02
    while True:
        try:
            await check()
        except Unavailable:
            if loop.time() + interval_s > deadline:
                raise
            await asyncio.sleep(interval_s)
            interval_s = min(interval_s * 1.5, 0.25)
        else:
            return


async def _ignoring(request: Any, *codes: str) -> Any:
    try:
        return await request
    except ClientError as error:
        if _code(error) in codes:
            return None
        raise name_failure("bucket", error) from error
    except (BotoCoreError, OSError) as error:
        raise name_failure("bucket", error) from error


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
