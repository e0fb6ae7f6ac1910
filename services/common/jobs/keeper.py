"""What bootstrap made in NATS is kept: looked for part by part, said in health where it is missing, and made again."""

import asyncio
from collections.abc import Sequence

import nats.errors
from prometheus_client import Counter

from services.common.errors import Unavailable
from services.common.jobs.broker import Broker
from services.common.jobs.leadership import Leadership
from services.common.jobs.queue import QueueMissingError
from services.common.jobs.topology import Part, Topology, election_bucket, list_parts
from services.common.logging import get_logger

MADE_AGAIN = Counter("wealth_nats_parts_made_again_total", "Streams, consumers and buckets found missing", ["part"])
_MAKE_TIMEOUT_S = 5.0


class TopologyKeeper:
    """Keeps what one service needs in NATS: its queue with its consumer, and what it shares with the others."""

    def __init__(self, broker: Broker, topology: Topology, service: str) -> None:
        self._broker = broker
        self._parts = list_parts(topology, (service,))
        self._election = election_bucket(topology)
        self._log = get_logger()

    async def check(self) -> None:
        """Raises Unavailable where NATS does not answer, QueueMissingError naming the parts that are not there."""
        missing = await self._find_missing()
        if missing:
            raise QueueMissingError(f"missing in NATS: {', '.join(part.name for part in missing)}")

    async def restore(self) -> bool:
        """Makes what is missing; returns whether anything was. Raises Unavailable where NATS does not answer or refuses
        one, after all were tried."""
        missing = await self._find_missing()
        await self._make(missing)
        return bool(missing)

    async def take_lead(self, leadership: Leadership) -> bool:
        """Takes or renews the lead; who has it makes again what NATS has lost (the bootstrap command made it first).

        Raises Unavailable.
        """
        try:
            leads = await leadership.hold()
        except QueueMissingError:
            await self._make([self._election])  # without it nobody can be elected to make anything
            leads = await leadership.hold()
        if leads:
            await self.restore()
        return leads

    async def _find_missing(self) -> list[Part]:
        js = self._broker.jetstream()
        try:
            there = await asyncio.gather(*(part.exists(js) for part in self._parts))
        except (nats.errors.Error, TimeoutError) as error:
            raise Unavailable("the message broker does not answer", reason="NATS_UNAVAILABLE") from error
        return [part for part, exists in zip(self._parts, there, strict=True) if not exists]

    async def _make(self, parts: Sequence[Part]) -> None:
        """One that cannot be made, for want of disk say, keeps the others from nothing."""
        refused: dict[str, Exception] = {}
        for part in parts:
            try:
                await part.make_again(self._broker.jetstream(_MAKE_TIMEOUT_S))
            except (nats.errors.Error, TimeoutError) as error:
                refused[part.name] = error
            else:
                MADE_AGAIN.labels(part.name).inc()
                self._log.warning("nats_part_made_again", part=part.name)
        if refused:
            why = ", ".join(f"{name} ({type(error).__name__})" for name, error in refused.items())
            raise Unavailable(f"cannot be made again in NATS: {why}", reason="NATS_UNAVAILABLE")
