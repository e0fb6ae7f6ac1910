"""What is wrong with a field, in words: those of its library where they are words, ours where it quotes an expression.

Fields of REST, of the protos and of settings are held to expressions; each of these has its words here.
"""

from collections.abc import Mapping
from typing import Any

JOB_ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
LOCALE_PATTERN = r"^([a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?)?$"
CURRENCY_PATTERN = "^([A-Z]{3})?$"
SHA256_PATTERN = r"^([0-9a-f]{64})?$"
POSITION_PATTERN = r"^(\d{1,12}-\d{1,18})?$"
HEADER_PATTERN = r"^[\x21-\x7e]*$"
OPTIONAL_JOB_ID_PATTERN = r"^([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})?$"
ADDRESS_PATTERN = r"^[^\s/]+:\d{1,5}$"
COLLECTOR_PATTERN = r"^https?://[^\s/@]+(/\S*)?$"
SERVER_PATTERN = r"^https?://[^/]+/?$"
BUCKET_PATTERN = r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"
PREFIX_PATTERN = r"^([\w.-]+/)+$"

_JOB_ID_WORDS = "not a job's id, which looks like 3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11"
_SHA256_WORDS = "not a SHA-256: 64 digits and letters a to f"
_KIND_WORDS = "not a kind of record: small letters, digits, underscores and points, with a letter first, 63 at most"
_STATE_WORDS = "not a state of a record: small letters and underscores, 32 at most"

PATTERN_WORDS = {
    JOB_ID_PATTERN: _JOB_ID_WORDS,
    OPTIONAL_JOB_ID_PATTERN: _JOB_ID_WORDS,
    LOCALE_PATTERN: 'not a locale such as "en_IN", "de" or "zh_Hant_TW"',
    CURRENCY_PATTERN: 'not a currency\'s code of three capitals such as "INR"',
    SHA256_PATTERN: _SHA256_WORDS,
    "^[0-9a-f]{64}$": _SHA256_WORDS,
    POSITION_PATTERN: "not a position of the stream, which looks like 1767323045-7",
    HEADER_PATTERN: "may have letters, digits and signs of ASCII, and no blanks",
    "^[a-z][a-z0-9_.]{0,62}$": _KIND_WORDS,
    "^[a-z_]{0,32}$": _STATE_WORDS,
    "^[a-z_]{1,32}$": _STATE_WORDS,
    "^[A-Z]{3}$": 'not a currency\'s code of three capitals such as "INR"',
    ADDRESS_PATTERN: 'not a host and a port such as "127.0.0.1:9090"',
    COLLECTOR_PATTERN: 'not an address such as "http://collector:4318", without a user\'s name in it',
    SERVER_PATTERN: 'not the address of a server such as "https://s3.example.com", without a path',
    BUCKET_PATTERN: 'not a bucket\'s name such as "wealth-data": 3 to 63 small letters, digits, points and dashes, '
    "the first and last of them no point or dash",
    PREFIX_PATTERN: 'not a prefix such as "jobs/": names of letters, digits, points and dashes, a slash behind each',
}
"""Each expression that a field is held to, and what to say of a text that does not fit."""


def tell_fault(item: Mapping[str, Any]) -> str:
    """One thing that pydantic found, in words."""
    context = item.get("ctx", {})
    message = str(item["msg"])
    if item["type"] == "string_pattern_mismatch":
        return PATTERN_WORDS.get(context.get("pattern", ""), message)
    if item["type"] == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    return message
