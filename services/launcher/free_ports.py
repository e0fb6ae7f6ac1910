"""Finding ports on the loopback address that nobody uses, also while other runs look for some.

A free port may be taken between the look and the server's bind, and a suite takes seconds to bind all of its own. So
ports are given out in blocks, each held by a lock file for as long as the process that asked lives.
"""

import errno
import fcntl
import os
import random
import socket
import tempfile
from pathlib import Path

LOOPBACK = "127.0.0.1"
# Ephemeral ports start at 32768 on Linux and weed opens each port + 10000 too, so both halves stay below it.
LOWEST_EPHEMERAL_PORT = 32_768
COMPANION_OFFSET = 10_000
LOWEST_PORT = 10_000
HIGHEST_PORT = 21_999
BLOCK_SIZE = 30


def is_port_free(port: int) -> bool:
    """Whether a server could listen on the port of the loopback address now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                raise
            return False
    return True


def reserve_ports() -> range:
    """Returns ``BLOCK_SIZE`` ports that are free, as are those 10000 above, and that no other run is given meanwhile.

    Raises RuntimeError where there is no such block.
    """
    folder = Path(tempfile.gettempdir()) / f"wealth-ports-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    blocks = range(LOWEST_PORT, HIGHEST_PORT - BLOCK_SIZE, BLOCK_SIZE)
    for base in random.sample(blocks, len(blocks)):
        lock = os.open(folder / str(base), os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        block = range(base, base + BLOCK_SIZE)
        if all(is_port_free(port) and is_port_free(port + COMPANION_OFFSET) for port in block):
            return block  # the lock stays open: this process's end releases it
        os.close(lock)
    raise RuntimeError(f"no {BLOCK_SIZE} free ports in a row between {LOWEST_PORT} and {HIGHEST_PORT}")


def find_free_ports(count: int) -> list[int]:
    """Returns a few ports of a block of one's own. Raises RuntimeError as ``reserve_ports`` does."""
    return list(reserve_ports()[:count])
