"""A name server as a cluster has one: addresses of headless Services, which change, and answers kept for a while."""

import asyncio
import ipaddress
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

_A, _AAAA, _IN = 1, 28, 1
_NXDOMAIN = 3
# A response, authoritative, recursion available; the question's own "recursion desired" is the client's.
_RESPONSE = 0x8480


class Names(asyncio.DatagramProtocol):
    """Answers for names in ``zone``, each with the addresses that ``addresses`` has for its first part.

    An answer is given again for ``keep_s`` seconds, as CoreDNS's cache does: what changed meanwhile is not seen.
    """

    def __init__(self, zone: str, addresses: Mapping[str, Sequence[str]], *, keep_s: float = 0) -> None:
        self._zone = zone.lower().encode()
        self._addresses = addresses
        self._keep_s = keep_s
        self._kept: dict[str, tuple[float, tuple[str, ...]]] = {}
        self.questions: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Notes where answers go."""
        self._transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        """Answers one question; what is none is dropped."""
        answer = self.answer(data)
        if answer is not None:
            self._transport.sendto(answer, addr)  # type: ignore[attr-defined]

    def answer(self, data: bytes) -> bytes | None:
        """The datagram that answers one; None where it is no question."""
        if len(data) < 17 or int.from_bytes(data[4:6]) != 1:
            return None
        labels, at = [], 12
        while (length := data[at]) != 0:
            labels.append(data[at + 1 : at + 1 + length].lower())
            at += 1 + length
        question = data[12 : at + 5]
        kind = int.from_bytes(data[at + 1 : at + 3])
        name = labels[0].decode() if labels else ""
        known = b".".join(labels[1:]) == self._zone and name in self._addresses
        found = self._look_up(name) if known and kind == _A else ()
        flags = _RESPONSE | (int.from_bytes(data[2:4]) & 0x0100) | (0 if known else _NXDOMAIN)
        head = data[:2] + flags.to_bytes(2) + bytes([0, 1, 0, len(found), 0, 0, 0, 0])
        records = b"".join(
            # The name is a pointer to the question's.
            b"\xc0\x0c" + _A.to_bytes(2) + _IN.to_bytes(2) + int(self._keep_s).to_bytes(4) + b"\0\4"
            + ipaddress.IPv4Address(address).packed
            for address in found
        )  # fmt: skip
        return head + question + records

    def _look_up(self, name: str) -> tuple[str, ...]:
        self.questions.append(name)
        now = time.monotonic()
        until, kept = self._kept.get(name, (0.0, ()))
        if now >= until:
            kept = tuple(self._addresses[name])
            self._kept[name] = (now + self._keep_s, kept)
        return kept


@asynccontextmanager
async def serving_names(names: Names, host: str, port: int = 0) -> AsyncIterator[int]:
    """Serves names over UDP; yields the port."""
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(lambda: names, (host, port))
    try:
        yield transport.get_extra_info("sockname")[1]
    finally:
        transport.close()
