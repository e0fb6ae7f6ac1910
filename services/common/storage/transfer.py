"""Bytes on their way: what is uploaded, measured and cut into chunks; what is downloaded, checked as it is written."""

import asyncio
import hashlib
from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from services.common.channels import STREAM_CHUNK_BYTES, translated_stream
from services.common.errors import Internal, TooLarge, Unavailable

# What can be uploaded: bytes, a local file, or chunks as they come.
Source = bytes | Path | AsyncIterable[bytes]


async def measure(source: Source, sha256: str) -> tuple[int | None, str]:
    """The size of a source and its checksum (``sha256`` where it is given), as far as they can be had beforehand."""
    if isinstance(source, Path):
        return await asyncio.to_thread(_measure_file, source, sha256)
    if isinstance(source, bytes):
        return len(source), sha256 or hashlib.sha256(source).hexdigest()
    return None, sha256


def _measure_file(path: Path, sha256: str) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, sha256 or hashlib.file_digest(file, "sha256").hexdigest()


async def read_chunks(source: Source) -> AsyncIterator[bytes]:
    """Yields a source in pieces of at most ``STREAM_CHUNK_BYTES``."""
    if isinstance(source, bytes):
        for start in range(0, len(source), STREAM_CHUNK_BYTES):
            yield source[start : start + STREAM_CHUNK_BYTES]
    elif isinstance(source, Path):
        # Opened here and not in a thread: what a thread opens for a task that is cancelled, nobody closes.
        with source.open("rb") as file:
            while chunk := await asyncio.to_thread(file.read, STREAM_CHUNK_BYTES):
                yield chunk
    else:
        async for piece in source:
            async for chunk in read_chunks(piece):
                yield chunk


@asynccontextmanager
async def open_download(call: Any) -> AsyncIterator[tuple[Any, AsyncIterator[bytes]]]:
    """Yields a download's first message and its chunks; leaving early cancels the call."""
    messages = translated_stream(call)

    async def read() -> AsyncIterator[bytes]:
        async for message in messages:
            yield message.chunk

    try:
        first = await anext(messages, None)
        if first is None:
            raise Unavailable("the download ended before it began", reason="STREAM_BROKEN")
        yield first, read()
    finally:
        call.cancel()


def require_size(name: str, size: int, max_size: int) -> None:
    if max_size and size > max_size:
        raise TooLarge(f"{name} has {size} bytes, more than the {max_size} allowed", metadata={"limit": str(max_size)})


async def write_file(path: Path, chunks: AsyncIterator[bytes], size: int, sha256: str) -> None:
    digest, written = hashlib.sha256(), 0
    # Outside of what follows: a file that was there before is not this one's to take away.
    file = path.open("xb")
    try:
        with file:
            async for chunk in chunks:
                digest.update(chunk)
                written += len(chunk)
                await asyncio.to_thread(file.write, chunk)
        if written != size:
            raise Unavailable(f"the download ended after {written} of {size} bytes", reason="STREAM_BROKEN")
        if sha256 and digest.hexdigest() != sha256:
            raise Internal("what was downloaded has another checksum than what was stored", reason="CHECKSUM_MISMATCH")
    except BaseException:
        await asyncio.to_thread(path.unlink)
        raise
