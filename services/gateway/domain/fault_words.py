"""What is wrong with a field, in words: pydantic's own where they are words, ours where they are an expression."""

from pydantic_core import ErrorDetails

JOB_ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
LOCALE_PATTERN = r"^([a-z]{2,3}(_[A-Z][a-z]{3})?(_[A-Z]{2})?)?$"
CURRENCY_PATTERN = "^([A-Z]{3})?$"
SHA256_PATTERN = r"^([0-9a-f]{64})?$"
POSITION_PATTERN = r"^(\d{1,12}-\d{1,18})?$"
HEADER_PATTERN = r"^[\x21-\x7e]*$"

PATTERN_WORDS = {
    JOB_ID_PATTERN: "not a job's id, which looks like 3f2c8a52-6f0e-4a7e-9b44-0d2f6f6b8a11",
    LOCALE_PATTERN: 'not a locale such as "en_IN", "de" or "zh_Hant_TW"',
    CURRENCY_PATTERN: 'not a currency\'s code of three capitals such as "INR"',
    SHA256_PATTERN: "not a SHA-256: 64 digits and letters a to f",
    POSITION_PATTERN: "not a position of the stream, which looks like 1767323045-7",
    HEADER_PATTERN: "may have letters, digits and signs of ASCII, and no blanks",
}
"""Each expression that a field of REST is held to, and what to say of a text that does not fit."""


def tell_fault(item: ErrorDetails) -> str:
    """One thing that pydantic found, in words."""
    context = item.get("ctx", {})
    if item["type"] == "string_pattern_mismatch":
        return PATTERN_WORDS.get(context.get("pattern", ""), item["msg"])
    if item["type"] == "string_too_short" and context.get("min_length") == 1:
        return "must not be empty"
    return item["msg"]
