"""Ids and names as segments of bucket keys: encoded reversibly, so that no client's string becomes structure."""

import functools
from urllib.parse import quote, unquote

# quote() keeps letters, digits and "_.-~"; "~" is encoded as well, so that it can separate encoded parts.
_SEPARATOR = "~"


# Users' and records' names come again and again; a few megabytes at most.
@functools.lru_cache(maxsize=4096)
def encode_segment(text: str) -> str:
    """Encodes any string as one segment of a key: letters, digits, ``_``, ``-`` and inner dots stay, all else becomes
    ``%XX`` of its UTF-8 bytes, leading dots included (``..`` must not be a segment).

    Raises ValueError on an empty string, which is no segment, and on lone surrogates, which have no UTF-8.
    """
    if not text:
        raise ValueError("an empty string is no segment")
    inner = text.lstrip(".")
    return "%2E" * (len(text) - len(inner)) + quote(inner, safe="").replace(_SEPARATOR, "%7E")


def decode_segment(segment: str) -> str:
    """Reads what ``encode_segment`` wrote. Raises ValueError on anything else."""
    text = unquote(segment, errors="strict")
    if encode_segment(text) != segment:
        raise ValueError(f"not an encoded segment: {segment!r}")
    return text
