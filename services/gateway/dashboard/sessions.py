"""Dashboard sessions: a key traded once for a signed cookie. Nothing is kept on the server; a revoked key ends them."""

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

COOKIE = "wealth_session"
_TOKEN = re.compile(r"([\w-]{4,40})\.(\d{1,12})\.([0-9a-f]{32})\.([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: the key behind it, and the token that its forms must carry."""

    key_id: str
    csrf_token: str


class Sessions:
    """Signs and reads session cookies. Without a server secret sessions end with the process."""

    def __init__(self, server_secret: str | None, *, lifetime_s: int, now_s: Callable[[], float] = time.time) -> None:
        root = (server_secret or secrets.token_hex(32)).encode()
        # Derived, so that a cookie's signature says nothing about keys' hashes.
        self._key = hmac.new(root, b"dashboard sessions", hashlib.sha256).digest()
        self._lifetime_s = lifetime_s
        self._now_s = now_s

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
        return Session(key_id, self._sign("csrf", body))

    def _sign(self, purpose: str, body: str) -> str:
        return hmac.new(self._key, f"{purpose}:{body}".encode(), hashlib.sha256).hexdigest()


def accepts_token(session: Session, token: str) -> bool:
    """Whether a form's token is the session's."""
    return hmac.compare_digest(session.csrf_token.encode(), token.encode())


def comes_from_here(host: str, origin: str | None, fetch_site: str | None) -> bool:
    """Whether a browser sent this form from one of our own pages, as far as its headers say."""
    if fetch_site is not None:
        return fetch_site in {"same-origin", "none"}
    return origin is None or origin.partition("://")[2] == host
