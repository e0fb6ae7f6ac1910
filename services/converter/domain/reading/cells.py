"""What kind of thing a cell looks like: just enough to tell headers from data and right splits from wrong ones."""

import re
from functools import lru_cache
from typing import Literal

Kind = Literal["empty", "number", "date", "time", "token", "text", "odd"]

_NUMBER = re.compile(
    r"[-+−(]?\s*(?:[A-Z]{3}\s?|[$€£¥₹₿]\s?|Rs\.?\s?)?[-+−]?(?:\d{1,3}(?:[,.'’\s]\d{2,3})+|\d+)?(?:[.,]\d*)?"
    r"(?:[eE][-+]?\d+)?\s*(?:%|[$€£¥₹]|[A-Z]{3})?\)?-?"
)
_DATE = re.compile(
    r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?:[T ]\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/.]\d{1,2}[-/.](?:\d{4}|\d{2})(?:[ ,]+\d{1,2}:\d{2}.*)?"
    r"|\d{1,2}[-/. ](?:[A-Za-z]{3,9})[-/., ]+(?:\d{4}|\d{2})(?:[ ,]+\d{1,2}:\d{2}.*)?"
    r"|[A-Za-z]{3,9}\.? \d{1,2}(?:st|nd|rd|th)?,? \d{4}(?:[ ,]+\d{1,2}:\d{2}.*)?"
    r"|(?:19|20)\d{6}"
)
_TIME = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AaPp][Mm])?(?:\s?(?:Z|[+-]\d{2}:?\d{2}|[A-Z]{3,4}))?")
_TOKEN = re.compile(r"(?=.*\d)[A-Za-z0-9_.:/#*@&=?%~+-]+|(?:https?|ftp)://\S+|[\w.+-]+@[\w-]+\.[\w.-]+")
_TEXT = re.compile(r"[\w .'’`´()/+%*$€£#:@?!°&\"\[\]{}=–—-]*")
_PLACEHOLDERS = frozenset({"-", "--", "n/a", "na", "null", "none", "nan", "not applicable", "#n/a"})


@lru_cache(maxsize=16_384)
def cell_kind(cell: str) -> Kind:
    """The kind of one cell; placeholders for nothing (`-`, `n/a`) count as empty, unreadable mixtures as odd."""
    text = cell.strip()
    if not text or text.lower() in _PLACEHOLDERS:
        return "empty"
    if len(text) <= 40:
        if any(c.isdigit() for c in text):
            if _DATE.fullmatch(text):
                return "date"
            if _TIME.fullmatch(text):
                return "time"
            if _NUMBER.fullmatch(text):
                return "number"
            if _TOKEN.fullmatch(text):
                return "token"
    elif _TOKEN.fullmatch(text):
        return "token"
    return "text" if _TEXT.fullmatch(text) else "odd"
