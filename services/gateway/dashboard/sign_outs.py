"""Sign-outs that every gateway knows of: each leaves a mark in storage, and whoever shows a cookie is looked up there.

A mark is named by the digest of the session's own number, so that nothing in the bucket opens anything. It goes with
the other tombstones, a day after it was written at the earliest: no session lasts longer.
"""

import asyncio
import contextlib
import hashlib
from collections.abc import Awaitable, Callable
from typing import Any

from wealth.storage.v1 import storage_pb2 as pb

from services.common.channels import translated_errors
from services.common.context import acting_as
from services.common.errors import AlreadyExists, Denied, NotFound, Unavailable, WealthError
from services.common.identity import Principal
from services.common.logging import get_logger
from services.gateway.dashboard.sessions import Session, Sessions

_PREFIX = "tombstones/gateway/"
_KIND = "gateway.session"
# An open stream goes on while it is not known: it is not held up for longer either.
_LOOK_AGAIN_TIMEOUT_S = 2.0


class SignOuts:
    """Ends sessions for all gateways, and knows which were ended by any."""

    def __init__(self, sessions: Sessions, storage: Any, principal: Principal, *, recheck_s: float) -> None:
        """``storage`` is the stub that marks are written and read by, on behalf of ``principal``; an open stream looks
        for its session's mark every ``recheck_s``."""
        self._sessions = sessions
        self._storage = storage
        self._principal = principal
        self._recheck_s = recheck_s
        self._shared = True

    async def end(self, session: Session) -> bool:
        """Ends a session for whoever has its cookie, at every gateway; False where storage lets this gateway write no
        marks, so that it alone knows. Raises Unavailable where the mark could not be written: the session is then open
        as before.
        """
        name = _name(session)
        request = pb.CreateRecordRequest(
            record=pb.Record(key=_key(name), kind=_KIND, document=b'{"expires_s":%d}' % session.expires_s),
            write_id=name,
        )
        shared = True
        try:
            with acting_as(self._principal), translated_errors():
                await self._storage.CreateRecord(request)
        except AlreadyExists:
            pass  # by another gateway, at the same time
        except Denied:
            shared = False
        except WealthError as error:
            raise Unavailable(
                "You are not signed out yet: it cannot be written down at present. Try again.",
                reason="SIGN_OUT_NOT_WRITTEN",
                retry_after_s=2,
            ) from error
        self._note(shared=shared)
        self._sessions.end(session)
        return shared

    async def has_ended(self, session: Session, *, timeout_s: float | None = None) -> bool:
        """Whether a session was ended, here or elsewhere. Raises Unavailable where nobody can say."""
        if not self._sessions.is_open(session):
            return True
        try:
            with acting_as(self._principal), translated_errors():
                await self._storage.GetRecord(pb.GetRecordRequest(key=_key(_name(session))), timeout=timeout_s)
        except NotFound:
            self._note(shared=True)
            return False
        except Denied:
            self._note(shared=False)
            return False
        except WealthError as error:
            raise Unavailable(
                "Whether this session is still open cannot be looked up at present.",
                reason="SESSION_NOT_CHECKED",
                retry_after_s=2,
            ) from error
        self._sessions.end(session)  # from now on its cookie costs nothing any more
        return True

    def follow(self, session: Session) -> Callable[[], Awaitable[bool]]:
        """Says, as often as it is called, whether a session is still open; looks it up every ``recheck_s``.

        Where nobody can say, it counts as open until somebody can.
        """
        loop = asyncio.get_running_loop()
        looked_s = loop.time()

        async def is_open() -> bool:
            nonlocal looked_s
            if loop.time() - looked_s >= self._recheck_s and self._sessions.is_open(session):
                looked_s = loop.time()
                with contextlib.suppress(Unavailable):
                    await self.has_ended(session, timeout_s=_LOOK_AGAIN_TIMEOUT_S)
            return self._sessions.is_open(session)

        return is_open

    def _note(self, *, shared: bool) -> None:
        """Says so where storage stops, or begins again, to let marks be written: an older one, or grants without it."""
        if shared != self._shared:
            self._shared = shared
            if shared:
                get_logger().info("sign_outs_shared")
            else:
                get_logger().warning("sign_outs_not_shared", why=f"storage does not grant the gateway {_PREFIX}")


def _name(session: Session) -> str:
    return hashlib.sha256(session.nonce.encode()).hexdigest()


def _key(name: str) -> str:
    return f"{_PREFIX}{name}.json"
