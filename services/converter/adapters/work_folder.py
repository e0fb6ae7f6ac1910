"""A worker's folder for its jobs' files, and the removal of those that killed workers left behind."""

import asyncio
import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from uuid import uuid4

from services.common.logging import get_logger

_PREFIX = "wealth-worker-"
_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class WorkFolder:
    """A folder of this process's own below ``parent`` (the system's temporary folder where it is None). A component.

    The process holds a lock on its folder, which goes with it however it ends: a folder that can be locked is nobody's.
    That holds between containers that share a volume too, where process ids tell nothing.
    """

    def __init__(self, parent: Path | None) -> None:
        self._parent = parent or Path(tempfile.gettempdir())
        self.path = self._parent / f"{_PREFIX}{uuid4().hex}"
        self._lock: int | None = None

    async def start(self) -> None:
        """Removes what dead processes left, and makes the folder. Raises OSError where it cannot be made."""
        await asyncio.to_thread(self._start)

    async def drain(self) -> None:
        """The jobs in it are the worker's to drain."""

    async def stop(self) -> None:
        """Removes the folder."""
        if self._lock is not None:
            await asyncio.to_thread(shutil.rmtree, self.path, ignore_errors=True)
            os.close(self._lock)
            self._lock = None

    def _start(self) -> None:
        self._parent.mkdir(parents=True, exist_ok=True)
        for folder in self._parent.glob(f"{_PREFIX}*"):
            _remove_if_left(folder)
        while self._lock is None:
            self.path.mkdir(mode=0o700)
            self._lock = self._hold()

    def _hold(self) -> int | None:
        """Locks the new folder; None where another worker's sweep was faster and has removed it."""
        with contextlib.suppress(FileNotFoundError):
            descriptor = os.open(self.path, _OPEN_FOLDER)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if self.path.exists():
                return descriptor
            os.close(descriptor)
        return None


def _remove_if_left(folder: Path) -> None:
    """Removes a folder whose process is gone. One that is in use, or is not ours to touch, stays."""
    try:
        descriptor = os.open(folder, _OPEN_FOLDER)
    except OSError:  # a link, another user's, or gone by now
        return
    try:
        if os.fstat(descriptor).st_uid != os.geteuid():
            return
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder)
        get_logger().info("left_work_folder_removed", folder=folder.name)
    except BlockingIOError:
        return
    except OSError as error:
        get_logger().warning("left_work_folder_kept", folder=folder.name, error=type(error).__name__)
    finally:
        os.close(descriptor)
