"""What looks like a figure and is none: dates, fiscal years, ordinals, index names, identifiers and the input's names.

``mask`` blanks them out and keeps every position, so that what is found in the masked text stands where it stood.
"""

import re
from collections.abc import Iterable

_MONTHS = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_YEAR = r"(?:19|20)\d{2}"
_PATTERNS = tuple(
    re.compile(pattern, flags)
    for pattern, flags in (
        (rf"\b{_YEAR}-\d{{2}}-\d{{2}}(?:[T ]\d{{2}}:\d{{2}}(?::\d{{2}})?(?:\.\d+)?Z?)?", 0),
        (r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b(?!%)", 0),
        (rf"\b\d{{1,2}}(?:st|nd|rd|th)?(?:\s+of)?[\s-]+{_MONTHS}(?:,?[\s-]+{_YEAR})?\b", re.IGNORECASE),
        (
            rf"\b{_MONTHS}[\s-]+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+{_YEAR})?\b(?!\s*(?:%|lakh|crore|million|billion))",
            re.IGNORECASE,
        ),
        (rf"\b{_MONTHS}[\s,'’-]+(?:{_YEAR}|\d{{2}})\b", re.IGNORECASE),
        (rf"\b(?:FY|CY|AY)\s?'?(?:{_YEAR}|\d{{2}})(?:\s?[-–/]\s?(?:{_YEAR}|\d{{2}}))?\b", re.IGNORECASE),
        (
            (
                rf"\b(?:Q[1-4]|H[12]|[1-4]Q|[12]H)(?:[\s-]*(?:FY|CY)?\s?'?(?:{_YEAR}|"
                rf"\d{{2}})(?:\s?[-–/]\s?\d{{2,4}})?)?\b(?!%)"
            ),
            0,
        ),
        (rf"\b{_YEAR}\s?[-–/]\s?(?:{_YEAR}|\d{{2}})\b(?!\s*%)", 0),
        (
            (
                rf"\b(?:in|since|during|by|until|till|of|from|to|through|year|for|between|and|before|after|early|"
                rf"late|mid|end|"
                rf"calendar)[\s-]+(?P<only>{_YEAR})\b(?!\s*(?:%|\d|lakh|crore|million|billion|bps|shares|units)|[.,]\d)"
            ),
            re.IGNORECASE,
        ),
        (rf"\((?P<only>{_YEAR})\)", 0),
        (r"\b\d{1,4}(?:st|nd|rd|th)\b", re.IGNORECASE),
        (
            (
                r"\b(?:S&P(?:\s?BSE)?|S&P/\w+|BSE|NSE|CNX|Nifty(?:\s(?:Next|Midcap|Smallcap|LargeMidcap))?|Sensex|"
                r"FTSE|Russell|DAX|"
                r"CAC|Nikkei|Nasdaq(?:[\s-]composite)?|Dow(?:\sJones)?|STOXX(?:\sEurope)?|Euro\sStoxx|IBEX|SMI|ASX|"
                r"TOPIX|Hang\sSeng|"
                r"KOSPI|CSI|SSE|MSCI(?:\s\w+)?|TSX|Wilshire|OMX\w*|MIB|AEX|ATX|BEL|WIG)[\s-]?\d{2,4}\b"
            ),
            re.IGNORECASE,
        ),
        (r"\b[A-Z]{2}[A-Z0-9]{9}\d\b", 0),
        (
            (
                r"\b(?:section|sec\.?|rule|article|form|schedule|clause|note|table|figure|page|step|phase|tier|"
                r"basel|level|class)\s+"
                r"\d+[A-Z]*(?:\(\w+\))*"
            ),
            re.IGNORECASE,
        ),
        (r"\b\d{1,3}[-–](?:to[-–])?(?:\d{1,3}[-–])?(?:years?|yrs?|months?|weeks?|days?|quarters?)\b", re.IGNORECASE),
        (r"\b\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]m)?\b", re.IGNORECASE),
        (r"\b24/7\b|\b\d{2}/\d{2}(?:/\d{2})?\b(?!\s*%)", 0),
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
    for pattern in _PATTERNS:
        masked = pattern.sub(_blank, masked)
    return _LETTERED.sub(_blank, _IDENTIFIER.sub(_blank, masked))


def _blank_names(text: str, names: Iterable[str]) -> str:
    numbered = sorted({name for name in names if _is_identifier(name)}, key=len, reverse=True)
    if not numbered:
        return text
    pattern = re.compile("|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in numbered), re.IGNORECASE)
    return pattern.sub(_blank, text)


def _is_identifier(name: str) -> bool:
    """Whether a name's digits may be blanked: a name that is only a short number would hide true figures."""
    digits = sum(character.isdigit() for character in name)
    return digits > 0 and (digits >= _LONG_NUMBER or any(character.isalpha() for character in name))


def _blank(match: re.Match[str]) -> str:
    if "only" in match.re.groupindex:
        start, end = match.start("only") - match.start(), match.end("only") - match.start()
        return match[0][:start] + "\x00" * (end - start) + match[0][end:]
    return "\x00" * len(match[0])
