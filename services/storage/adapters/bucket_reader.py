"""Reads imports from other buckets, with the address and credentials of our own."""

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from typing import cast

from services.common.errors import NotFound, Unavailable
from services.storage.adapters.s3_bucket import S3Connection
from services.storage.adapters.s3_objects import S3ObjectStore
from services.storage.adapters.s3_options import Breaker
from services.storage.domain.sources import BucketSource, not_found, too_large, unreachable
from services.storage.ports import SourceContent


class S3BucketReader:
    """Reads other buckets (``services.storage.ports.BucketReader``)."""

    def __init__(self, connection: S3Connection) -> None:
        self._connection = connection
        self._stores: dict[str, S3ObjectStore] = {}

    @asynccontextmanager
    async def open(self, source: BucketSource, *, max_size: int) -> AsyncIterator[SourceContent]:
        """Opens an object. Raises InvalidInput (SOURCE_NOT_FOUND), TooLarge, Unavailable (SOURCE_UNREACHABLE)."""
        try:
            found, chunks = await self._store(source.bucket).open(source.key)
        except NotFound as error:
            raise not_found() from error
        except Unavailable as error:
            raise unreachable("the bucket does not answer or refuses us") from error
        async with aclosing(cast("AsyncGenerator[bytes, None]", chunks)) as closing:
            if found.size > max_size:
                raise too_large(max_size)
            yield SourceContent(found.content_type, closing)

    def _store(self, bucket: str) -> S3ObjectStore:
        """The store of a bucket, with a breaker of its own; allow-lists bound how many there are."""
        if bucket not in self._stores:
            self._stores[bucket] = S3ObjectStore(
                replace(self._connection.options, bucket=bucket),
                client=self._connection.client,
                lister=self._connection.lister,
                breaker=Breaker(),
            )
        return self._stores[bucket]
