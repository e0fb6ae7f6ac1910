"""Finding ports on the loopback address that nobody uses."""

import errno
import random
import socket

LOOPBACK = "127.0.0.1"
# Ephemeral ports start at 32768 on Linux and weed opens each port + 10000 too, so both halves stay below it.
LOWEST_EPHEMERAL_PORT = 32_768
LOWEST_PORT = 10_000
HIGHEST_PORT = 21_999
COMPANION_OFFSET = 10_000


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


def find_free_ports(count: int, *, companions: bool = False) -> list[int]:
    """Returns ``count`` free ports, chosen at random so that parallel runs rarely meet.

    ``companions``: port + 10000 is free as well. Raises RuntimeError where there are too few.
    """
    ports: list[int] = []
    for port in random.sample(range(LOWEST_PORT, HIGHEST_PORT + 1), 2_000):
        if is_port_free(port) and (not companions or is_port_free(port + COMPANION_OFFSET)):
            ports.append(port)
            if len(ports) == count:
                return ports
    raise RuntimeError(f"fewer than {count} free ports between {LOWEST_PORT} and {HIGHEST_PORT}")
