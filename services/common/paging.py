"""Page tokens: opaque to clients, and bound to the query that they continue."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence

from services.common.errors import InvalidInput


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


def clamp_page_size(page_size: int, *, default: int, maximum: int) -> int:
    """Returns the page size to use: the default for 0, never above the maximum."""
    return min(page_size or default, maximum)


def _digest(query: Sequence[str]) -> str:
    return hashlib.sha256("\0".join(query).encode()).hexdigest()[:16]
