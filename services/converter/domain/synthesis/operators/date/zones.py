"""Time zones: offsets and abbreviations that a text names, and moments of one named zone in another."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from services.converter.domain.synthesis.language import CELL, Expression, Node, Record
from services.converter.domain.synthesis.operators.date.moment import Moment, ReadMoment
from services.converter.domain.synthesis.sqltext import literal

ABBREVIATIONS: Mapping[str, int] = {
    "UTC": 0, "GMT": 0, "WET": 0, "BST": 60, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "SAST": 120, "GST": 240, "PKT": 300, "IST": 330, "SGT": 480, "HKT": 480, "AWST": 480,
    "JST": 540, "KST": 540, "AEST": 600, "AEDT": 660, "NZST": 720, "NZDT": 780, "EST": -300, "EDT": -240, "CST": -360,
    "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420, "AKST": -540, "HST": -600, "BRT": -180,
}  # fmt: skip
"""Minutes east of Greenwich. Where one stands for several zones, the one that finance means: IST India, CST Chicago."""
_NAMES = "|".join(sorted(ABBREVIATIONS, key=len, reverse=True))
_SECONDS = ":[0-9]{2}(?:[.,][0-9]+)?"
_SIZE = "([+-])([0-9]{1,2}):?([0-5][0-9])?"
_OFFSET = rf"(?:{_SECONDS}|UTC|GMT) ?(?:UTC|GMT)? ?{_SIZE}$"
_ZONE = rf"({_SECONDS}) ?(?:UTC|GMT)? ?[+-][0-9]{{1,2}}(?::?[0-5][0-9])?$| ?\b(?:{_NAMES})\b(?: ?{_SIZE}$)?|Z$"
_HAS_TIME = re.compile(r"[0-9]:[0-9]{2}|[0-9] ?[ap]\.?m\b", re.IGNORECASE)
_FIND_ZONE, _FIND_OFFSET = (re.compile(p.replace("$", r"\Z"), re.ASCII) for p in (_ZONE, _OFFSET))
_FIND_NAME = re.compile(rf"\b(?:{_NAMES})\b", re.ASCII)
_MOST_HOURS = 15
"""Hours that no zone is away from Greenwich (14 are the most)."""


def names_zone(text: str) -> bool:
    """Whether a text has a time of day and a zone with it."""
    return _HAS_TIME.search(text) is not None and offset_of(text) is not None


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


def offset_of(text: str) -> int | None:
    """Minutes east of Greenwich that a text names: `+05:30`, `UTC-5`, `EST`, `Z`; None for none."""
    if "\n" in text:
        return None
    found = _FIND_OFFSET.search(text)
    if found:
        minutes = int(found[2]) * 60 + int(found[3] or 0)
        return None if int(found[2]) >= _MOST_HOURS else -minutes if found[1] == "-" else minutes
    named = _FIND_NAME.search(text)
    return ABBREVIATIONS[named[0]] if named else 0 if text.endswith("Z") else None


@dataclass(frozen=True, slots=True)
class ToUtc(Moment):
    """A local moment less the offset that its text names: UTC. NULL where no zone is named."""

    moment: Moment
    source: Expression

    @property
    def cost(self) -> float:
        """The zone comes with the moment's text."""
        return self.moment.cost + 0.4

    def run(self, record: Record) -> datetime | None:
        """The moment in UTC."""
        moment, text = self.moment.run(record), self.source.run(record)
        return None if moment is None or text is None else self.moved(moment, text)

    @staticmethod
    def moved(moment: datetime, text: str) -> datetime | None:
        """One local moment in UTC."""
        offset = offset_of(text)
        try:
            return None if offset is None else moment - timedelta(minutes=offset)
        except OverflowError:
            return None

    def sql(self) -> str:
        """Minus `to_minutes` of the offset."""
        text = self.source.sql()
        sign, hours, minutes = (f"regexp_extract({text}, {literal(_OFFSET)}, {group})" for group in (1, 2, 3))
        size = f"CAST({hours} AS INTEGER) * 60 + coalesce(TRY_CAST({minutes} AS INTEGER), 0)"
        within = f"CASE WHEN CAST({hours} AS INTEGER) < {_MOST_HOURS} THEN {size} END"
        named = " ".join(f"WHEN {literal(name)} THEN {minutes}" for name, minutes in ABBREVIATIONS.items())
        pattern = literal(_FIND_NAME.pattern)
        offset = (
            f"CASE WHEN contains({text}, chr(10)) THEN NULL WHEN {sign} = '-' THEN -({within}) "
            f"WHEN {sign} = '+' THEN {within} WHEN regexp_matches({text}, {pattern}) "
            f"THEN CASE regexp_extract({text}, {pattern}) {named} END WHEN ends_with({text}, 'Z') THEN 0 END"
        )
        return f"{self.moment.sql()} - to_minutes({offset})"

    def words(self) -> str:
        """The moment in UTC."""
        return f"{self.moment.words()} in UTC"


PLACES: Mapping[str, tuple[str, ...]] = {
    "UTC": ("utc", "gmt", "zulu"),
    "Europe/London": ("london", "uk", "lse", "bst"),
    "America/New_York": ("new york", "ny", "nyc", "et", "est", "edt", "eastern", "nyse", "nasdaq"),
    "Europe/Zurich": ("zurich", "zürich", "swiss", "cet", "cest", "frankfurt", "paris", "milan", "madrid", "berlin"),
    "Asia/Tokyo": ("tokyo", "jst", "japan"),
    "Asia/Hong_Kong": ("hong kong", "hk", "hkt"),
    "Asia/Singapore": ("singapore", "sg", "sgt"),
    "Asia/Kolkata": ("mumbai", "india", "ist", "kolkata", "delhi"),
    "Asia/Dubai": ("dubai", "gst"),
    "Australia/Sydney": ("sydney", "aest", "aedt"),
    "America/Chicago": ("chicago", "ct", "cst", "cdt", "central"),
    "America/Los_Angeles": ("los angeles", "la", "pt", "pst", "pdt", "pacific", "san francisco"),
    "America/Denver": ("denver", "mt", "mst", "mdt"),
    "America/Sao_Paulo": ("sao paulo", "são paulo"),
    "Africa/Johannesburg": ("johannesburg", "sast"),
    "Europe/Athens": ("athens", "eet", "helsinki"),
    "Asia/Shanghai": ("shanghai", "beijing", "china"),
}
"""Named zones with the words of a column's name that mean them; zones that keep one clock stand once."""


@dataclass(frozen=True, slots=True)
class InZone(Moment):
    """The moment at which the clocks of one zone show ``moment``, as the clocks of another show it then.

    Summer time is that of the zone's own rules on that day. An hour that a zone's clocks skip or show twice is read as
    standard time, as DuckDB's ICU does.
    """

    moment: Moment
    given: str
    wanted: str
    named: bool = False

    @property
    def surcharge(self) -> float:
        """Above a fixed shift, below it where the columns' names name the zones."""
        return 0.6 if self.named else 1.3

    def run(self, record: Record) -> datetime | None:
        """The moment on the other zone's clocks."""
        moment = self.moment.run(record)
        return None if moment is None else in_zone(moment, self.given, self.wanted)

    def sql(self) -> str:
        """`timezone` both ways: `AT TIME ZONE`."""
        return f"timezone({literal(self.wanted)}, timezone({literal(self.given)}, {self.moment.sql()}))"

    def words(self) -> str:
        """From where to where."""
        return f"{self.moment.words()}, {self.given} time as {self.wanted} time"


@lru_cache(maxsize=20000)
def in_zone(moment: datetime, given: str, wanted: str) -> datetime | None:
    """The wall clock of ``wanted`` when that of ``given`` shows ``moment``; None outside of 1972 to 2037."""
    zone = ZoneInfo(given)
    offsets = (moment.replace(tzinfo=zone, fold=fold).utcoffset() or timedelta() for fold in (0, 1))
    try:
        shown = (moment - min(offsets)).replace(tzinfo=UTC).astimezone(ZoneInfo(wanted))
    except OverflowError:
        return None
    return shown.replace(tzinfo=None, fold=0)


def conversions(
    moment: Moment, moments: Sequence[datetime], wanted: Sequence[datetime], names: Iterable[str], target: str
) -> Iterator[InZone]:
    """Pairs of zones whose clocks show the moments and the wanted ones at once: named ones first, then the usual."""
    gaps = {(b - a).total_seconds() for a, b in zip(moments, wanted, strict=True)}
    given, asked = _named(names), _named([target])
    if any(gap % 900 or abs(gap) > 26 * 3600 for gap in gaps) or (len(gaps) < 2 and not (given and asked)):
        return
    found = 0
    for here in given or tuple(PLACES):
        for there in asked or tuple(PLACES):
            if here != there and all(in_zone(a, here, there) == b for a, b in zip(moments, wanted, strict=True)):
                yield InZone(moment, here, there, bool(given and asked))
                found += 1
                if found > 1:
                    return


def _named(names: Iterable[str]) -> tuple[str, ...]:
    """Zones that the names of columns name."""
    words = " ".join(" " + re.sub(r"[^a-zà-ÿ]+", " ", name.lower()) + " " for name in names)
    return tuple(zone for zone, spellings in PLACES.items() if any(f" {spelling} " in words for spelling in spellings))


def law() -> tuple[Node, ...]:
    """Instances on which `run` equals `sql`."""
    when = ReadMoment(CELL, ("%Y-%m-%d %H:%M",))
    local = ReadMoment(WithoutZone(CELL), ("%Y-%m-%d %H:%M",))
    return (
        WithoutZone(CELL),
        ToUtc(local, CELL),
        InZone(when, "America/New_York", "Europe/London"),
        InZone(when, "UTC", "Australia/Sydney"),
    )
