"""A bucket: obstore for whatever is frequent, aioboto3 for uploads in parts."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import obstore
from botocore.exceptions import BotoCoreError, ClientError
from obstore import exceptions
from obstore.store import S3Store

from services.common.channels import STREAM_CHUNK_BYTES
from services.common.errors import (
    AlreadyExists,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    TooLarge,
    Unavailable,
    WealthError,
)
from services.common.logging import get_logger
from services.storage.adapters.s3_listing import S3Lister
from services.storage.adapters.s3_options import Breaker, S3Options, name_failure, name_refused_write
from services.storage.domain.keys import TRIAL_KEY
from services.storage.ports import Listing, StoredObject

# Small writes and reads share short time-outs; larger ones get the time of a transfer.
_SMALL_BYTES = 1024 * 1024
_DELETE_BATCH = 1000
# How often S3 is asked for the sake of health alone: where nobody works, nobody would notice sooner.
_CHECK_INTERVAL_S = 1.0
_REST_CHECK_INTERVAL_S = 30.0
_REST_AFTER_S = 600.0


class S3ObjectStore:
    """One bucket (``services.storage.ports.ObjectStore``)."""

    def __init__(
        self,
        options: S3Options,
        *,
        client: Any,
        lister: S3Lister,
        breaker: Breaker,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """``client`` is an open aioboto3 S3 client."""
        self._options = options
        self._client = client
        self._lister = lister
        self._breaker = breaker
        # Apart from reads, whose answers would close it: a disk may be full, or rights be to read alone.
        self._writes = Breaker(breaker.limit)
        self._clock = clock
        self._wrote_at = clock()
        self._small = open_store(options, options.request_timeout_s)
        self._large = open_store(options, options.transfer_timeout_s)

    def is_known_to_answer(self) -> bool:
        """Whether S3 has answered so lately that it need not be asked again to know that it does: within a second, or,
        where nothing was written for ten minutes, within half a minute. After a call that failed it never is."""
        is_at_rest = not self._writes.is_failing and self._clock() - self._wrote_at >= _REST_AFTER_S
        return self._breaker.has_answered_within(_REST_CHECK_INTERVAL_S if is_at_rest else _CHECK_INTERVAL_S)

    async def check_writes(self) -> None:
        """Raises Unavailable while S3 refuses writes. Sends one of its own where the last was refused, else nothing."""
        if self._writes.is_failing:
            await self.put(TRIAL_KEY, b"")
            await self.delete([TRIAL_KEY])

    async def get(self, key: str, *, max_size: int) -> tuple[StoredObject, bytes]:
        """Reads a small object whole. Raises NotFound, TooLarge above ``max_size`` bytes."""
        async with self._asking("get", self._options.operation_timeout_s):
            result = await obstore.get_async(self._small, key)
            found = _describe(result.meta, result.attributes)
            if found.size > max_size:
                raise TooLarge(f"the object has {found.size} bytes, more than the {max_size} allowed")
            return found, bytes(await result.bytes_async())

    async def head(self, key: str) -> StoredObject:
        """Reads what is known of an object. Raises NotFound."""
        async with self._asking("head", self._options.operation_timeout_s):
            result = await obstore.get_async(self._small, key, options={"head": True})
            return _describe(result.meta, result.attributes)

    async def open(
        self, key: str, *, offset: int = 0, length: int = 0, if_match: str = ""
    ) -> tuple[StoredObject, AsyncIterator[bytes]]:
        """Opens an object or a range of it. Reads window by window, each of the version that the first one found, so
        that no time-out bounds the whole and no slow reader holds a connection."""
        window = self._options.part_bytes
        try:
            found, content = await self._read_window(key, offset, offset + min(length or window, window), if_match)
        except _RangeNotSatisfiable:
            found, content = await self.head(key), b""
            if offset > found.size:
                raise InvalidInput(
                    f"the object ends at {found.size}", reason="RANGE_NOT_SATISFIABLE", field="offset"
                ) from None
            if if_match and if_match != found.etag:
                raise PreconditionFailed("the object has changed", reason="ETAG_MISMATCH") from None
        end = min(found.size, offset + length) if length else found.size
        return found, self._read_on(found, content, offset, end)

    async def _read_on(self, found: StoredObject, content: bytes, position: int, end: int) -> AsyncIterator[bytes]:
        """Yields the first window and those that follow, fetching one ahead."""
        ahead: asyncio.Task[tuple[StoredObject, bytes]] | None = None
        try:
            while True:
                position += len(content)
                if position < end:
                    stop = min(end, position + self._options.part_bytes)
                    ahead = asyncio.create_task(self._read_window(found.key, position, stop, found.etag))
                for start in range(0, len(content), STREAM_CHUNK_BYTES):
                    yield content[start : start + STREAM_CHUNK_BYTES]
                if ahead is None:
                    return
                _, content = await ahead
                ahead = None
        finally:
            if ahead is not None:
                ahead.cancel()
                await asyncio.gather(ahead, return_exceptions=True)

    async def _read_window(self, key: str, start: int, end: int, if_match: str) -> tuple[StoredObject, bytes]:
        options: Any = {"range": (start, end)}
        if if_match:
            options["if_match"] = _quote(if_match)
        async with self._asking("read", self._options.transfer_timeout_s):
            try:
                result = await obstore.get_async(self._large, key, options=options)
            except exceptions.BaseError as error:
                if "416" in str(error) and "Range" in str(error):
                    raise _RangeNotSatisfiable("beyond the end") from error
                raise
            return _describe(result.meta, result.attributes), bytes(await result.bytes_async())

    async def put(
        self,
        key: str,
        content: bytes,
        *,
        if_absent: bool = False,
        if_match: str = "",
        content_type: str = "",
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Writes an object in one request; returns its etag. Raises AlreadyExists, PreconditionFailed."""
        attributes: dict[str, str] = dict(metadata or {})
        if content_type:
            attributes["Content-Type"] = content_type
        mode: Any = "create" if if_absent else {"e_tag": _quote(if_match)} if if_match else "overwrite"
        is_small = len(content) <= _SMALL_BYTES
        timeout_s = self._options.operation_timeout_s if is_small else self._options.transfer_timeout_s
        async with self._asking("put", timeout_s, writes=True):
            try:
                result = await obstore.put_async(
                    self._small if is_small else self._large,
                    key,
                    content,
                    attributes=attributes,
                    mode=mode,
                    use_multipart=False,
                )
            except FileNotFoundError as error:
                if "NoSuchBucket" in str(error):
                    raise
                # A conditional one: AWS answers 404 where the object is gone.
                raise PreconditionFailed("the object is gone", reason="ETAG_MISMATCH") from error
        return (result["e_tag"] or "").strip('"')

    async def begin_upload(self, key: str, *, content_type: str, metadata: Mapping[str, str]) -> "S3Upload":
        """Begins to store an object in parts."""
        self._check_breakers(writes=True)
        upload = S3Upload(self._client, self._options, key, self._writes)
        await upload.begin(content_type, metadata)
        return upload

    async def list_page(self, prefix: str, *, start_after: str = "", limit: int, delimiter: str = "") -> Listing:
        """Lists up to ``limit`` keys that begin with ``prefix`` and come after ``start_after``."""
        return await self._lister.list_page(prefix, start_after=start_after, limit=limit, delimiter=delimiter)

    async def copy(self, source_key: str, key: str) -> None:
        """Copies an object with its metadata. Raises NotFound."""
        async with self._asking("copy", self._options.transfer_timeout_s, writes=True):
            await obstore.copy_async(self._large, source_key, key)

    async def delete(self, keys: Sequence[str]) -> None:
        """Deletes objects; those that are not there are deleted already."""
        for start in range(0, len(keys), _DELETE_BATCH):
            batch = list(keys[start : start + _DELETE_BATCH])
            async with self._asking("delete", self._options.transfer_timeout_s, writes=True):
                try:
                    await obstore.delete_async(self._small, batch[0] if len(batch) == 1 else batch)
                except FileNotFoundError:
                    continue

    def _check_breakers(self, *, writes: bool) -> None:
        self._breaker.check()
        if writes:
            try:
                self._writes.check()
            except Unavailable as refusal:
                raise name_refused_write() from refusal

    def _note_success(self, breaker: Breaker) -> None:
        if breaker is self._writes:
            self._wrote_at = self._clock()
        breaker.note_success()
        self._breaker.note_success()

    @asynccontextmanager
    async def _asking(self, operation: str, timeout_s: float, *, writes: bool = False) -> AsyncIterator[None]:
        """Bounds one operation in time and names what goes wrong in it."""
        self._check_breakers(writes=writes)
        breaker = self._writes if writes else self._breaker
        try:
            async with asyncio.timeout(timeout_s):
                yield
        except FileNotFoundError as error:
            if "NoSuchBucket" in str(error):
                raise name_failure(operation, error) from error
            self._note_success(breaker)
            raise NotFound("there is no such object", reason="OBJECT_NOT_FOUND") from error
        except exceptions.AlreadyExistsError as error:
            self._note_success(breaker)
            raise AlreadyExists("the key holds an object", reason="OBJECT_EXISTS") from error
        except exceptions.PreconditionError as error:
            self._note_success(breaker)
            raise PreconditionFailed("the object has changed", reason="ETAG_MISMATCH") from error
        except exceptions.InvalidPathError as error:
            raise InvalidInput("this is not a key that S3 takes", reason="KEY_INVALID", field="key") from error
        except (WealthError, _RangeNotSatisfiable):
            self._note_success(breaker)
            raise
        except (exceptions.BaseError, TimeoutError, OSError) as error:
            breaker.note_failure()
            raise name_failure(operation, error, writes=writes) from error
        else:
            self._note_success(breaker)


class S3Upload:
    """An object that is being stored in parts (``services.storage.ports.Upload``)."""

    def __init__(self, client: Any, options: S3Options, key: str, writes: Breaker) -> None:
        self._client = client
        self._options = options
        self._writes = writes
        self._target = {"Bucket": options.bucket, "Key": key}
        self._parts: list[dict[str, Any]] = []

    async def begin(self, content_type: str, metadata: Mapping[str, str]) -> None:
        """Opens the upload. Raises Unavailable."""
        headers = {"ContentType": content_type} if content_type else {}
        answer = await self._ask("create_multipart_upload", Metadata=dict(metadata), **headers)
        self._target["UploadId"] = answer["UploadId"]

    async def send_part(self, content: bytes) -> None:
        """Stores the next part. Raises Unavailable."""
        number = len(self._parts) + 1
        answer = await self._ask("upload_part", PartNumber=number, Body=content)
        self._parts.append({"PartNumber": number, "ETag": answer["ETag"]})

    async def complete(self, *, if_absent: bool) -> str:
        """Makes the object visible; returns its etag. Raises AlreadyExists, Unavailable."""
        condition = {"IfNoneMatch": "*"} if if_absent else {}
        answer = await self._ask("complete_multipart_upload", MultipartUpload={"Parts": self._parts}, **condition)
        return str(answer["ETag"]).strip('"')

    async def abort(self) -> None:
        """Drops what was stored, as far as S3 answers."""
        try:
            await self._ask("abort_multipart_upload")
        except WealthError as error:
            get_logger().warning("upload_not_aborted", reason=error.reason)

    async def _ask(self, method: str, **arguments: Any) -> Any:
        try:
            async with asyncio.timeout(self._options.transfer_timeout_s):
                answer = await getattr(self._client, method)(**self._target, **arguments)
        except ClientError as error:
            code = error.response.get("Error", {}).get("Code", "")
            if code in {"PreconditionFailed", "ConditionalRequestConflict", "412", "409"}:
                raise AlreadyExists("the key holds an object", reason="OBJECT_EXISTS") from error
            self._writes.note_failure()
            raise name_failure(method, _with_status(error), writes=True) from error
        except (BotoCoreError, TimeoutError, OSError) as error:
            self._writes.note_failure()
            raise name_failure(method, error) from error
        self._writes.note_success()
        return answer


def _with_status(error: ClientError) -> RuntimeError:
    """A failure of aioboto3 in the words that obstore has for its own."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", "")
    code = error.response.get("Error", {}).get("Code", "")
    return RuntimeError(f"status code: {status} <Code>{code}</Code>")


class _RangeNotSatisfiable(Exception):
    """S3 answered that a range begins at or beyond the object's end."""


def open_store(options: S3Options, timeout_s: float) -> S3Store:
    """Opens an obstore client for a bucket; it connects on first use."""
    key, secret = options.credentials or (None, None)
    config: dict[str, Any] = {"access_key_id": key, "secret_access_key": secret} if key else {}
    return S3Store(
        options.bucket,
        region=options.region,
        endpoint=options.base_url,
        virtual_hosted_style_request=False,
        client_options={
            "allow_http": options.base_url.startswith("http://"),
            "connect_timeout": timedelta(seconds=options.connect_timeout_s),
            "timeout": timedelta(seconds=timeout_s),
        },
        retry_config={
            "max_retries": options.retries,
            "retry_timeout": timedelta(seconds=timeout_s),
            "backoff": {
                "init_backoff": timedelta(milliseconds=50),
                "max_backoff": timedelta(milliseconds=500),
                "base": 2,
            },
        },
        **config,
    )


def _describe(meta: Any, attributes: Mapping[str, str]) -> StoredObject:
    return StoredObject(
        key=meta["path"],
        size=meta["size"],
        etag=(meta["e_tag"] or "").strip('"'),
        updated_at=meta["last_modified"],
        content_type=attributes.get("Content-Type", ""),
        metadata={name.lower(): value for name, value in attributes.items() if name != "Content-Type"},
    )


def _quote(etag: str) -> str:
    return f'"{etag}"'
