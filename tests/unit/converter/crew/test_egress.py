"""A process that may reach one endpoint reaches nothing else, whoever in it tries."""

import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

TRIES = {
    "the endpoint": "socket.create_connection(('127.0.0.1', port)).close()",
    "another port": "socket.socket().connect(('127.0.0.1', other))",
    "another host": "socket.create_connection(('192.0.2.1', port), timeout=1)",
    "a look-up": "socket.getaddrinfo('example.com', 80)",
    "an older look-up": "socket.gethostbyname('example.com')",
    "a datagram": "socket.socket(type=socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', port))",
    "a process": "subprocess.run(['true'])",
    "a local socket": "socket.socket(socket.AF_UNIX).connect('/run/any')",
}


@pytest.fixture(scope="module")
def ports() -> Iterator[tuple[int, int]]:
    with socket.create_server(("127.0.0.1", 0)) as endpoint, socket.create_server(("127.0.0.1", 0)) as other:
        yield endpoint.getsockname()[1], other.getsockname()[1]


@pytest.mark.parametrize("name", TRIES)
def test_only_the_endpoint_is_reached(name: str, ports: tuple[int, int]) -> None:
    code = f"""
import socket, subprocess, sys
from services.converter.adapters.crew.egress import EgressRefused, allow_only
port, other = {ports[0]}, {ports[1]}
allow_only(f"http://127.0.0.1:{{port}}/v1")
try:
    {TRIES[name]}
except EgressRefused:
    sys.exit(3)
"""
    ended = subprocess.run([sys.executable, "-c", code], timeout=600, check=False)
    assert ended.returncode == (0 if name == "the endpoint" else 3)
