"""Time zones that a text names beside a moment: the moment is read without them."""

import re
from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, Expression, Node, Record
from services.converter.domain.synthesis.sqltext import literal

ABBREVIATIONS = (
    "UTC", "GMT", "WET", "BST", "WEST", "CET", "CEST", "MEZ", "MESZ", "EET", "EEST", "MSK", "SAST", "GST", "PKT", "IST",
    "SGT", "HKT", "AWST", "JST", "KST", "AEST", "AEDT", "NZST", "NZDT", "EST", "EDT", "CST", "CDT", "MST", "MDT", "PST",
    "PDT", "AKST", "HST", "BRT",
)  # fmt: skip
"""Short names of zones that stand behind a time of day."""
_NAMES = "|".join(sorted(ABBREVIATIONS, key=len, reverse=True))
_SECONDS = ":[0-9]{2}(?:[.,][0-9]+)?"
_SIZE = "[+-][0-9]{1,2}(?::?[0-5][0-9])?"
_ZONE = rf"({_SECONDS}) ?(?:UTC|GMT)? ?{_SIZE}$| ?\b(?:{_NAMES})\b(?: ?{_SIZE}$)?|Z$"
_HAS_TIME = re.compile(r"[0-9]:[0-9]{2}|[0-9] ?[ap]\.?m\b", re.IGNORECASE)
_FIND_ZONE = re.compile(_ZONE.replace("$", r"\Z"), re.ASCII)


def names_zone(text: str) -> bool:
    """Whether a text has a time of day and a zone with it."""
    return _HAS_TIME.search(text) is not None and _FIND_ZONE.search(text) is not None


@dataclass(frozen=True, slots=True)
class WithoutZone(Expression):
    """A moment's text without the zone that it names."""

    source: Expression

    def run(self, record: Record) -> str | None:
        """What is left."""
        text = self.source.run(record)
        return None if text is None else self.rest(text)

    @staticmethod
    def rest(text: str) -> str:
        """One text without its zone."""
        return _FIND_ZONE.sub(r"\1", text, count=1)

    def sql(self) -> str:
        """`regexp_replace`."""
        return f"regexp_replace({self.source.sql()}, {literal(_ZONE)}, '\\1')"

    def words(self) -> str:
        """What is taken off."""
        return f"{self.source.words()} without its time zone"


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    return (WithoutZone(CELL),)
