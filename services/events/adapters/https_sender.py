"""One try over https: to vetted public addresses, with no redirect, no proxy, and nothing read but the status."""

import contextlib
import socket
import ssl
import time
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp
from aiohttp.abc import ResolveResult

from services.common.errors import InvalidInput
from services.common.public_addresses import IPAddress, is_public
from services.common.vetting import VettingResolver, vetted_session
from services.events.domain.news import NewsItem
from services.events.domain.signature import sign
from services.events.domain.webhook import Target, read_target
from services.events.ports import Failure

_CONNECT_TIMEOUT_S = 5.0
_MAX_RETRY_AFTER_S = 24 * 3600.0


class _Resolver(VettingResolver):
    """Vets all hosts but those that the operator trusts."""

    def __init__(self, may_connect: Callable[[IPAddress], bool], trusted: Collection[str]) -> None:
        super().__init__(may_connect, refuse=lambda why: InvalidInput(why, reason="ADDRESS_REFUSED"))
        self._trusting = VettingResolver(lambda _: True, refuse=InvalidInput)
        self._trusted = trusted

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Looks a name up. Raises InvalidInput where any of its addresses is refused, OSError where it has none."""
        if f"{host}:{port}" in self._trusted:
            return await self._trusting.resolve(host, port, family)
        return await super().resolve(host, port, family)


class HttpsSender:
    """``services.events.ports.Sender``, as a component of a process.

    ``trusted`` are receivers that the operator allows although they are not public (``host:port``), ``may_connect``
    judges the addresses of all others; ``tls`` stands in for the system's certificates.
    """

    def __init__(
        self,
        *,
        trusted: Collection[str] = (),
        may_connect: Callable[[IPAddress], bool] = is_public,
        tls: ssl.SSLContext | None = None,
        timeout_s: float = 10.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._trusted = frozenset(trusted)
        self._resolver = _Resolver(may_connect, self._trusted)
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(total=timeout_s, sock_connect=min(timeout_s, _CONNECT_TIMEOUT_S))
        self._clock = clock
        self._session: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        """Opens the session; nothing is connected yet."""
        # How many at once is the lanes' to say.
        self._session = vetted_session(self._resolver, self._timeout, name="wealth-webhooks", limit=0, tls=self._tls)

    async def drain(self) -> None:
        """Does nothing: what is in hand ends with its time."""

    async def stop(self) -> None:
        """Closes the session."""
        if self._session is not None:
            await self._session.close()

    async def send(self, url: str, item: NewsItem, secrets: Sequence[str]) -> Failure | None:
        """Sends an event, signed; None where the receiver took it. Raises nothing of the network's."""
        if self._session is None:
            raise RuntimeError("the sender is not started")
        target = read_target(url, self._trusted)
        if isinstance(target, str):
            return Failure("ADDRESS_REFUSED", f"the address {target}")
        timestamp = int(self._clock())
        headers = {
            "content-type": "application/cloudevents+json",
            "webhook-id": item.event_id,
            "webhook-timestamp": str(timestamp),
            "webhook-signature": sign(secrets, item.event_id, timestamp, item.json),
        }
        try:
            self._vet_numbers(target)
            async with self._session.post(url, data=item.json, headers=headers, allow_redirects=False) as answer:
                # The status is all that is asked for: leaving here closes the connection on whatever else comes.
                return _judge(answer, self._clock())
        except InvalidInput as error:
            return Failure("ADDRESS_REFUSED", error.message)
        except TimeoutError:
            return Failure("NO_ANSWER", f"no answer within {self._timeout.total:g} s")
        except aiohttp.ClientConnectorCertificateError:
            return Failure("CERTIFICATE_REFUSED", "the certificate of the receiver is not valid for its name")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return _describe(error)

    def _vet_numbers(self, target: Target) -> None:
        """The resolver is asked for names alone. Raises InvalidInput."""
        if not target.is_trusted:
            with contextlib.suppress(ValueError):  # a name
                self._resolver.vet(target.host)


def _describe(error: Exception) -> Failure:
    """What went wrong on the way."""
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failure("NAME_UNKNOWN", "the receiver's name has no address")
    if isinstance(error, aiohttp.ClientConnectorError):
        return Failure("NO_CONNECTION", "the receiver cannot be connected to")
    return Failure("ANSWER_BROKEN", "the connection broke before there was an answer, or it was none of HTTP")


def _judge(answer: aiohttp.ClientResponse, now_s: float) -> Failure | None:
    status = answer.status
    if 200 <= status < 300:
        return None
    if status == HTTPStatus.GONE:
        return Failure("ANSWERED_410", "the receiver is gone (410)", is_final=True)
    if 300 <= status < 400:
        return Failure(f"ANSWERED_{status}", f"the receiver redirects ({status}), which is not followed")
    retry_after_s = _read_retry_after(answer.headers.get("Retry-After", ""), now_s)
    return Failure(f"ANSWERED_{status}", f"the receiver answered with status {status}", retry_after_s)


def _read_retry_after(text: str, now_s: float) -> float:
    """Seconds, given as such or as a date; 0 where it is neither."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _MAX_RETRY_AFTER_S)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, min((moment - datetime.fromtimestamp(now_s, UTC)).total_seconds(), _MAX_RETRY_AFTER_S))
