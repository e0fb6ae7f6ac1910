"""What looks like a figure and is none: dates, fiscal years, ordinals, index names, identifiers and the input's names.

``mask`` blanks them out and keeps every position, so that what is found in the masked text stands where it stood.
"""

import re
from collections.abc import Iterable

from services.portfolio.domain.claims.dates import find_dates

_PATTERNS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (r"\b\d{1,4}(?:st|nd|rd|th)\b", re.IGNORECASE),
        (r"\b[A-Z]{2}[A-Z0-9]{9}\d\b", 0),
        (
            (
                r"\b(?:section|sec\.?|article|form|schedule|clause|note|table|figure|page|tier|basel)\s+"
                r"\d+[A-Z]*(?:\(\w+\))*(?!\s?(?:%|per ?cent|[.,]\d))"
            ),
            re.IGNORECASE,
        ),
        (r"\b\d{1,3}[-–](?:to[-–])?(?:\d{1,3}[-–])?(?:months?|weeks?|days?|quarters?)\b", re.IGNORECASE),
        (r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?\b", re.IGNORECASE),
        (r"\b24/7\b", 0),
        (r"(?m)^\s*(?:\d{1,2}[.)]|\(\d{1,2}\))(?=\s)", 0),
        (r"\b40[13]\([a-z]\)", re.IGNORECASE),
    )
)
# Upper-case words with digits in them are identifiers, unless a currency code stands against its amount (USD1.2m).
_IDENTIFIER = re.compile(r"\b(?![A-Z]{3}\d[\d.,]*(?:[kmbKMB]n?|cr|Cr)?\b)[A-Z]+[A-Z0-9_/-]*\d[A-Z0-9_/-]*\b")
_LETTERED = re.compile(
    r"\b\d+[A-Z]{1,4}\b(?<!\dCR)(?<!\dM)(?<!\dBN)(?<!\dK)(?<!\dL)(?<!\dX)(?<!\dB)(?<!\dMN)(?<!\dT)(?<!\dPP)"
)

_LONG_NUMBER = 6


def mask(text: str, names: Iterable[str] = ()) -> str:
    """The text with everything blanked whose digits are no figures; its length and all positions stay.

    ``names`` are identifiers of the input (``7.26% GS 2033``, ``Nifty 50 ETF``); those with digits are blanked.
    """
    masked = _blank_names(text, names)
    pieces, place = [], 0
    for mention in find_dates(masked):
        pieces += [masked[place : mention.start], "\x00" * (mention.end - mention.start)]
        place = mention.end
    masked = "".join([*pieces, masked[place:]])
    for pattern in _PATTERNS:
        masked = pattern.sub(_blank, masked)
    return _LETTERED.sub(_blank, _IDENTIFIER.sub(_blank, masked))


def _blank_names(text: str, names: Iterable[str]) -> str:
    numbered = sorted({name for name in names if _is_identifier(name)}, key=len, reverse=True)
    if not numbered:
        return text
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in numbered), re.IGNORECASE)
    text = pattern.sub(_blank, text)
    parts = {part for name in numbered for part in re.findall(r"\d{4,}", name)}
    if not parts:
        return text
    return re.sub(rf"(?<![\w.,])(?:{'|'.join(sorted(parts))})(?![\w%]|[.,]\d|\s?%)", _blank, text)


def _is_identifier(name: str) -> bool:
    """Whether a name's digits may be blanked: a name that is only a short number would hide true figures."""
    digits = sum(character.isdigit() for character in name)
    return digits > 0 and (digits >= _LONG_NUMBER or any(character.isalpha() for character in name))


def _blank(match: re.Match[str]) -> str:
    return "\x00" * len(match[0])
