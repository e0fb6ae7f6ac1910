"""Keeps the key ring in line with its file, without a restart."""

import asyncio
from pathlib import Path

from services.common.logging import get_logger
from services.gateway.keys import KeyRing, load_keys

_Version = tuple[int, int, int]


class KeyFileWatch:
    """Looks at the file now and then; a file that is damaged or gone leaves the keys in force, and is logged once."""

    def __init__(self, path: Path, ring: KeyRing, *, interval_s: float) -> None:
        self._path = path
        self._ring = ring
        self._interval_s = interval_s
        self._seen: _Version | None = None
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Reads the file once and begins to watch it. Raises ValueError or OSError where it cannot be read."""
        await asyncio.to_thread(self._load)
        self._task = asyncio.create_task(self._watch(), name="keys-watch")

    async def drain(self) -> None:
        """Goes on: calls in hand are still checked."""

    async def stop(self) -> None:
        """Ends the watching."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _watch(self) -> None:
        failing: str | None = None
        while True:
            await asyncio.sleep(self._interval_s)
            try:
                await asyncio.to_thread(self._load)
                failing = None
            except (OSError, ValueError) as error:
                if str(error) != failing:
                    failing = str(error)
                    get_logger().error("keys_reload_failed", path=str(self._path), error=failing)

    def _load(self) -> None:
        # The version is taken before reading: a change in between is seen by the next look.
        status = self._path.stat()
        version = (status.st_mtime_ns, status.st_ino, status.st_size)
        if version == self._seen:
            return
        records = load_keys(self._path)
        self._ring.replace(records)
        self._seen = version
        get_logger().info("keys_loaded", path=str(self._path), count=len(records))
