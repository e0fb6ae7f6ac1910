"""Dashboard sessions: a key traded once for a signed cookie. A revoked key ends them, and so does a sign-out.

What is kept here is which sessions this process knows to have ended before their time (``sign_outs`` has those of all).
"""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

COOKIE = "wealth_session"
MAX_ENDED = 100_000
_TOKEN = re.compile(r"([\w-]{4,40})\.(\d{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: the key behind it, and the token that its forms must carry. It is over at ``expires_s``."""

    key_id: str
    csrf_token: str
    nonce: str
    expires_s: int


class Sessions:
    """Signs and reads session cookies. Without a server secret sessions end with the process."""

    def __init__(self, server_secret: str | None, *, lifetime_s: int, now_s: Callable[[], float] = time.time) -> None:
        root = (server_secret or secrets.token_hex(32)).encode()
        # Derived, so that a cookie's signature says nothing about keys' hashes.
        self._key = hmac.new(root, b"dashboard sessions", hashlib.sha256).digest()
        self._lifetime_s = lifetime_s
        self._now_s = now_s
        self._ended: dict[str, int] = {}  # when the cookie would have been over, by nonce
        self._none_before_s = 0

    def open(self, key_id: str) -> str:
        """Returns the cookie of a new session."""
        body = f"{key_id}.{int(self._now_s()) + self._lifetime_s}.{secrets.token_hex(16)}"
        return f"{body}.{self._sign('session', body)}"

    def read(self, cookie: str | None) -> Session | None:
        """Returns the session of a cookie; None where it is missing, forged or over."""
        match = _TOKEN.fullmatch(cookie) if cookie else None
        if match is None:
            return None
        key_id, expires_s, nonce, signature = match.groups()
        body = f"{key_id}.{expires_s}.{nonce}"
        if not hmac.compare_digest(signature, self._sign("session", body)) or int(expires_s) <= self._now_s():
            return None
        session = Session(key_id, self._sign("csrf", body), nonce, int(expires_s))
        return session if self.is_open(session) else None

    def is_open(self, session: Session) -> bool:
        """Whether a session is neither over nor ended."""
        least_s = max(self._now_s(), self._none_before_s)
        return session.expires_s > least_s and session.nonce not in self._ended

    def end(self, session: Session) -> None:
        """Ends a session in this process, for whoever has its cookie.

        Where more are to be kept in mind than memory is set apart for, all that are as old as those forgotten end too.
        """
        self._ended[session.nonce] = session.expires_s
        if len(self._ended) > MAX_ENDED:
            now_s = self._now_s()
            kept = sorted((over_s, nonce) for nonce, over_s in self._ended.items() if over_s > now_s)
            forgotten, kept = kept[: -MAX_ENDED // 2], kept[-MAX_ENDED // 2 :]
            self._none_before_s = max([self._none_before_s, *(over_s for over_s, _ in forgotten)])
            self._ended = {nonce: over_s for over_s, nonce in kept}

    def _sign(self, purpose: str, body: str) -> str:
        return hmac.new(self._key, f"{purpose}:{body}".encode(), hashlib.sha256).hexdigest()


def read_cookie(header: str) -> str | None:
    """The session's cookie out of a ``Cookie`` header."""
    for part in header.split(";"):
        name, _, value = part.strip().partition("=")
        if name == COOKIE:
            return value
    return None


def accepts_token(session: Session, token: str) -> bool:
    """Whether a form's token is the session's."""
    return hmac.compare_digest(session.csrf_token.encode(), token.encode())


def comes_from_here(host: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a browser sent this form from one of our own pages, as far as its headers say."""
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    return origin is None or origin.partition("://")[2] == host
