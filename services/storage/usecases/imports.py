"""Imports: what stands at an allow-listed address, or in a user's file, becomes an object."""

from collections.abc import AsyncIterator
from functools import partial

from services.common.errors import TooLarge
from services.common.identity import Caller
from services.storage.domain.sources import BucketSource, FileSource, SourceRules, WebSource, too_large
from services.storage.ports import BucketReader, ObjectStore, SourceContent, StoredObject, WebReader
from services.storage.usecases.files import Files
from services.storage.usecases.namespaces import Namespaces
from services.storage.usecases.uploads import Expectation, is_media_type, store_stream


class Imports:
    """Fetches addresses into objects."""

    def __init__(
        self,
        store: ObjectStore,
        namespaces: Namespaces,
        files: Files,
        rules: SourceRules,
        *,
        web: WebReader,
        buckets: BucketReader,
        max_bytes: int,
        part_bytes: int,
    ) -> None:
        self._store = store
        self._namespaces = namespaces
        self._files = files
        self._rules = rules
        self._web = web
        self._buckets = buckets
        self._max_bytes = max_bytes
        self._part_bytes = part_bytes

    async def check(self, caller: Caller, uri: str, key: str) -> None:
        """Checks that an address may be imported, fetching nothing; of a file, that it is there and the principal's.

        Raises InvalidInput with reason SOURCE_NOT_ALLOWED, NotFound of a file.
        """
        self._namespaces.locate(caller, key)
        source = self._rules.read_source(uri, caller.principal.tenant)
        if isinstance(source, FileSource):
            await self._files.get(caller, source.uri)

    async def fetch(self, caller: Caller, uri: str, key: str, *, max_size: int) -> tuple[StoredObject, str]:
        """Fetches an address into an object; returns what the bucket says of it, and its SHA-256.

        Raises InvalidInput (SOURCE_NOT_ALLOWED, SOURCE_NOT_FOUND), TooLarge (SOURCE_TOO_LARGE), Unavailable
        (SOURCE_UNREACHABLE), NotFound of a file.
        """
        full_key = self._namespaces.locate(caller, key)
        limit = min(max_size or self._max_bytes, self._max_bytes)
        tenant = caller.principal.tenant
        source = self._rules.read_source(uri, tenant)
        match source:
            case FileSource():
                return await self._copy_file(caller, source, full_key, limit)
            case BucketSource():
                async with self._buckets.open(source, max_size=limit) as content:
                    return await self._store_content(content, full_key, limit)
            case WebSource():
                vet = partial(self._rules.read_web_source, tenant=tenant)
                async with self._web.open(source, vet=vet, max_size=limit) as content:
                    return await self._store_content(content, full_key, limit)

    async def _copy_file(
        self, caller: Caller, source: FileSource, full_key: str, limit: int
    ) -> tuple[StoredObject, str]:
        if (await self._files.get(caller, source.uri)).size > limit:
            raise too_large(limit)
        file = await self._files.copy_to(caller, source.uri, full_key)
        return await self._store.head(full_key), file.sha256

    async def _store_content(self, content: SourceContent, full_key: str, limit: int) -> tuple[StoredObject, str]:
        async def chunks() -> AsyncIterator[bytes | str]:
            async for chunk in content.chunks:
                yield chunk

        try:
            return await store_stream(
                self._store,
                full_key,
                chunks(),
                Expectation(limit),
                part_bytes=self._part_bytes,
                content_type=content.content_type if is_media_type(content.content_type) else "",
            )
        except TooLarge as error:
            raise too_large(limit) from error
