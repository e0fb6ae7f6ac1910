"""Listings and the health check of a bucket, by plain signed requests.

obstore lists in steps of 1000 keys whatever one needs, and aioboto3 spends 5 ms of CPU on a call; a page of 20 is the
most frequent listing here. So this one request is signed by botocore's signer and sent by aiohttp.
"""

import asyncio
from datetime import datetime
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree as ET  # the answers of our own S3 server; expat bounds entity expansion

import aiohttp
import yarl
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest

from services.storage.adapters.s3_options import Breaker, S3Options, name_failure
from services.storage.ports import Listing, StoredObject

_MAX_ANSWER_BYTES = 8 * 1024 * 1024


class S3Lister:
    """Sends signed GET and HEAD requests to one bucket."""

    def __init__(self, options: S3Options, credentials: Any, http: aiohttp.ClientSession, breaker: Breaker) -> None:
        """``credentials`` are aiobotocore's: they refresh themselves where they are temporary."""
        self._options = options
        self._credentials = credentials
        self._http = http
        self._breaker = breaker
        self._timeout = aiohttp.ClientTimeout(total=options.request_timeout_s, sock_connect=options.connect_timeout_s)

    async def check(self) -> None:
        """Asks whether the bucket answers. Raises Unavailable, unlogged: it is asked every second."""
        await self._send("HEAD", {}, tries=1)

    async def has_bucket(self) -> bool:
        """Asks once whether the bucket is there. Raises Unavailable, unlogged: it is asked until S3 has come up."""
        try:
            async with asyncio.timeout(self._options.request_timeout_s):
                status, _ = await self._send_once("HEAD", f"{self._options.base_url}/{self._options.bucket}")
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise name_failure("head_bucket", error, is_logged=False) from error
        if status not in {200, 404}:
            raise name_failure("head_bucket", RuntimeError(f"status code: {status}"))
        return status == 200

    async def list_page(self, prefix: str, *, start_after: str, limit: int, delimiter: str) -> Listing:
        """Lists up to ``limit`` keys. Raises Unavailable."""
        query = {"list-type": "2", "max-keys": str(limit), "prefix": prefix}
        if start_after:
            query["start-after"] = start_after
        if delimiter:
            query["delimiter"] = delimiter
        self._breaker.check()
        body = await self._send("GET", query, tries=self._options.retries + 1)
        try:
            return _read_listing(body)
        except (ET.ParseError, ValueError) as error:
            raise name_failure("list", error) from error

    async def _send(self, method: str, query: dict[str, str], *, tries: int) -> bytes:
        pairs = "&".join(f"{name}={quote(value, safe='-_.~')}" for name, value in sorted(query.items()))
        url = f"{self._options.base_url}/{self._options.bucket}" + (f"?{pairs}" if pairs else "")
        for attempt in range(1, tries + 1):
            try:
                async with asyncio.timeout(self._options.request_timeout_s):
                    status, body = await self._send_once(method, url)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                failure: Exception = error
            else:
                if status == 200:
                    self._breaker.note_success()
                    return body
                # A bucket's own address gives 404 for one reason; HEAD has no body to say so.
                detail = "<Code>NoSuchBucket</Code>" if status == 404 else body[:512].decode(errors="replace")
                failure = RuntimeError(f"status code: {status} {detail}")
                if status < 500 and status != 429:
                    break
            if attempt < tries:
                await asyncio.sleep(0.05 * 2**attempt)
        self._breaker.note_failure()
        raise name_failure("list", failure, is_logged=method == "GET")

    async def _send_once(self, method: str, url: str) -> tuple[int, bytes]:
        request = AWSRequest(method, url)
        S3SigV4Auth(await self._credentials.get_frozen_credentials(), "s3", self._options.region).add_auth(request)
        async with self._http.request(
            method, yarl.URL(url, encoded=True), headers=dict(request.headers), timeout=self._timeout
        ) as answer:
            body = bytearray()
            async for piece in answer.content.iter_any():
                body += piece
                if len(body) > _MAX_ANSWER_BYTES:
                    raise aiohttp.ClientPayloadError("the answer is too long for a listing")
            return answer.status, bytes(body)


def _read_listing(body: bytes) -> Listing:
    root = ET.fromstring(body)  # noqa: S314 - see the import
    namespace = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""

    def text(node: ET.Element, name: str) -> str:
        return node.findtext(namespace + name) or ""

    return Listing(
        objects=tuple(
            StoredObject(
                key=text(node, "Key"),
                size=int(text(node, "Size") or 0),
                etag=text(node, "ETag").strip('"'),
                updated_at=datetime.fromisoformat(text(node, "LastModified")),
            )
            for node in root.iter(f"{namespace}Contents")
        ),
        prefixes=tuple(text(node, "Prefix") for node in root.iter(f"{namespace}CommonPrefixes")),
        is_truncated=text(root, "IsTruncated") == "true",
    )
