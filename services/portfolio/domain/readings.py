"""How a column or field of a payload was read: the words in which a result says so."""

from collections.abc import Mapping
from dataclasses import dataclass

DAY_AHEAD = "day_ahead"
"""The code of the note that a day of what was lies after the day that it was sent on."""
AMBIGUOUS = "AMBIGUOUS_INPUT"
MARKED, CONVENTION, COLUMN, SIBLING, SUM, RANGE, LOCALE, TENANT = (
    "marked", "convention", "column", "sibling", "sum", "range", "locale", "tenant",
)  # fmt: skip
"""Why a reading was chosen, strongest first: a mark beside the number, the request's convention, the column itself,
another field, a sum, a plausible range, the locale that the request states, the tenant's default."""


@dataclass(frozen=True, slots=True)
class Alternative:
    """One of several readings that fit, and what speaks for it. ``read_as`` as in ``Entry``."""

    read_as: Mapping[str, str]
    why: str

    def describe(self) -> str:
        """The reading in words."""
        return ", ".join(f"{name} {value}" for name, value in self.read_as.items())


@dataclass(frozen=True, slots=True)
class Entry:
    """How one column or field was read: ``field`` is the caller's path (``holdings[].price``).

    ``read_as`` has ``unit`` and, where they matter, ``currency``, ``scale``, ``order`` (of dates) and ``decimals``.
    ``why`` is one of the words above; ``rows`` names the rows that differ from the column. An entry with
    ``alternatives`` was not settled.
    """

    field: str
    read_as: Mapping[str, str]
    why: str
    alternatives: tuple[Alternative, ...] = ()
    rows: tuple[str, ...] = ()
