"""Signatures as Standard Webhooks has them (https://www.standardwebhooks.com): HMAC-SHA256 of id, time and body."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterable

_PREFIX = "whsec_"
_SECRET_BYTES = 32


def make_secret() -> str:
    """A new secret: ``whsec_`` and the base64 of 32 bytes."""
    return _PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def sign(keys: Iterable[str], message_id: str, timestamp: int, body: bytes) -> str:
    """The header ``webhook-signature``: ``v1,`` and base64 for each secret, with a space in between.

    ``timestamp`` is in seconds since 1970. A receiver accepts what any of them signs, so that secrets can be replaced.
    """
    content = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return " ".join(f"v1,{_digest(key, content)}" for key in keys)


def _digest(key: str, content: bytes) -> str:
    return base64.b64encode(hmac.digest(base64.b64decode(key.removeprefix(_PREFIX)), content, hashlib.sha256)).decode()
