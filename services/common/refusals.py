"""What callers without a valid token cost a service: their first calls are answered at once, others after a wait.

Calls of methods that there are not count too: nobody who belongs here makes them.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable

from services.common.limits import Slots, TokenBucket

# A refusal costs about half a millisecond: a hundredth of the process in the long run. The burst is for a caller whose
# key was changed a moment before its own.
_PER_S = 20
_BURST = 100
_WAIT_S = 1.0
# So many wait at once, each a few kilobytes; more than that come only over many connections, and are answered at once.
_AT_ONCE = 256


class SlowRefusals:
    """Lets refusals wait above a rate, so that a caller's connection cannot ask for them as fast as it can send."""

    def __init__(
        self,
        *,
        monotonic_s: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._bucket = TokenBucket(_PER_S, _BURST)
        self._slots = Slots(_AT_ONCE)
        self._monotonic_s = monotonic_s
        self._sleep = sleep

    async def wait(self) -> None:
        """Returns when a refusal may be sent."""
        if self._bucket.take(self._monotonic_s()) == 0 or not self._slots.take():
            return
        try:
            await self._sleep(_WAIT_S)
        finally:
            self._slots.give_back()
