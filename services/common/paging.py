"""Page tokens: bound to the query that they continue, and sealed where they name what their holder may not see."""

import base64
import binascii
import hashlib
import json
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from services.common.errors import InvalidInput

_NONCE_BYTES = 12
_TAG_BYTES = 16


def encode_page_token(position: str, query: Sequence[str]) -> str:
    """Makes the token that continues ``query`` after ``position``; an empty position gives an empty token."""
    if not position:
        return ""
    return base64.urlsafe_b64encode(json.dumps([position, _digest(query)]).encode()).decode().rstrip("=")


def decode_page_token(token: str, query: Sequence[str]) -> str:
    """Reads the position out of a token. Raises InvalidInput where it is damaged or continues another query."""
    if not token:
        return ""
    try:
        position, digest = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise InvalidInput("not a page token", reason="PAGE_TOKEN_INVALID", field="page_token") from error
    if digest != _digest(query) or not isinstance(position, str):
        raise InvalidInput("this page token continues another query", reason="PAGE_TOKEN_INVALID", field="page_token")
    return position


class PageSeal:
    """Seals page tokens for clients: the position in a list of all users names the job that stands there.

    AES-256-GCM with ``secret`` (32 bytes), which all replicas share; ``holder`` is who may come back with a token.
    """

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(secret)

    def seal(self, token: str, holder: Sequence[str]) -> str:
        """What a client gets for a token; empty for an empty one."""
        if not token:
            return ""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = nonce + self._cipher.encrypt(nonce, token.encode(), _digest(holder).encode())
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, sealed: str, holder: Sequence[str]) -> str:
        """The token behind what a client brings. Raises InvalidInput where it was made elsewhere or for another."""
        if not sealed:
            return ""
        try:
            content = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            if len(content) < _NONCE_BYTES + _TAG_BYTES:
                raise ValueError("too short")
            nonce, rest = content[:_NONCE_BYTES], content[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, rest, _digest(holder).encode()).decode()
        except (ValueError, InvalidTag) as error:  # binascii's error and that of UTF-8 are ValueErrors
            raise InvalidInput(
                "not a page token of this list", reason="PAGE_TOKEN_INVALID", field="page_token"
            ) from error


def clamp_page_size(page_size: int, *, default: int, maximum: int) -> int:
    """Returns the page size to use: the default for 0, never above the maximum."""
    return min(page_size or default, maximum)


def _digest(query: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(query).encode()).hexdigest()[:16]
