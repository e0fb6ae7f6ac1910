"""Finished files put in their place: renamed onto regular files, written into what is none."""

import errno
import os
import shutil
import stat
import tempfile
from pathlib import Path


def find_draft_folder(place: Path) -> Path:
    """Where a file for ``place`` is drafted: beside it, so that it can be renamed; elsewhere for a device or a pipe.

    Raises FileNotFoundError that names the folder where there is none, rather than a draft that nobody has heard of.
    """
    if is_special(place):
        return Path(tempfile.gettempdir())
    folder = place.resolve().parent
    if not folder.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(folder))
    return folder


def is_special(place: Path) -> bool:
    """Whether something stands at ``place`` that is no file and no folder: a device, a pipe, a socket."""
    try:
        mode = place.stat().st_mode
    except OSError:
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


def put_in_place(finished: Path, place: Path) -> None:
    """Rename a finished file onto ``place``, behind links; a device or a pipe gets its content and stays what it is.

    Raises OSError where that cannot be, such as for a folder or a socket. ``finished`` is gone afterwards.
    """
    if is_special(place):
        with finished.open("rb") as content, open(os.open(place, os.O_WRONLY), "wb") as special:  # noqa: PTH123
            shutil.copyfileobj(content, special)
        finished.unlink()
    else:
        finished.replace(place.resolve())
