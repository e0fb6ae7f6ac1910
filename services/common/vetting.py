"""Connections to hosts that somebody else names: to the very addresses that were vetted. Imports aiohttp."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from ipaddress import ip_address

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from services.common.errors import InvalidInput
from services.common.public_addresses import IPAddress


class VettingResolver(AbstractResolver):
    """Resolves names to addresses that ``may_connect`` accepts. The connection goes to the very addresses that were
    vetted: there is no second look-up that could give another answer.

    ``refuse`` makes the error for a host that has another. aiohttp asks for names alone: whoever connects to a host in
    numbers calls ``vet`` first.
    """

    def __init__(self, may_connect: Callable[[IPAddress], bool], *, refuse: Callable[[str], InvalidInput]) -> None:
        self._may_connect = may_connect
        self._refuse = refuse

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Looks a name up. Raises what ``refuse`` makes where any of its addresses is refused, OSError where it has
        none."""
        found = await asyncio.get_running_loop().getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)
        for *_, address in found:
            self.vet(str(address[0]))
        return [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=port,
                family=kind,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for kind, _, protocol, _, address in found
        ]

    def vet(self, address: str) -> None:
        """Raises what ``refuse`` makes where an address in numbers is refused."""
        if not self._may_connect(ip_address(address)):
            raise self._refuse("its host has an address that is not public")

    async def close(self) -> None:
        """Nothing to let go of."""


def vetted_session(
    resolver: VettingResolver,
    timeout: aiohttp.ClientTimeout,
    *,
    name: str,
    limit: int,
    tls: ssl.SSLContext | None = None,
) -> aiohttp.ClientSession:
    """A session that connects through ``resolver`` alone: no proxy, no cookies, no compression, no kept connection, so
    that the next is vetted again; at most ``limit`` at once (0: any). ``name`` is the User-Agent, ``tls`` stands in for
    the system's certificates."""
    connector = aiohttp.TCPConnector(
        resolver=resolver,
        use_dns_cache=False,
        ssl=tls or ssl.create_default_context(),
        limit=limit,
        force_close=True,
    )
    return aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"Accept-Encoding": "identity", "User-Agent": name},
    )
