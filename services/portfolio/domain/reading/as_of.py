"""The one day at the top of a payload with a track: that of the payload, whatever it is called."""

from dataclasses import replace
from datetime import date, timedelta

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.headers import Header
from services.portfolio.domain.reading.dates import Day, scan_day
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reading.scanning import scan_field
from services.portfolio.domain.readings import DAY_AHEAD
from services.portfolio.domain.table_fields import POINTS, TABLES

_AS_OF = "As Of"
_PAST_FIELDS = frozenset({_AS_OF, "Inception Date"})
_ZONE = timedelta(days=1)
"""Somewhere on earth it may be the next day already."""
_LATE = timedelta(days=31)
"""A report is of the end of its track, or within the month that follows: a later day is of something that comes."""


def adopt_day(feed: Feed) -> None:
    """Take the one day among the fields that are not known as that of the payload, where the track ends then and no
    other day says so. A day of birth, or of the next review, is none that a track ends on."""
    detected = feed.detected
    if _AS_OF in detected.fields or _AS_OF not in detected.section.optional:
        return
    days = [(name, day) for name, value in detected.unknown.items() if (day := read_whole_day(value)) is not None]
    columns = (feed.columns.get((table, "date")) for table in ("series", "returns"))
    track = [found for column in columns if column is not None for cell in column.cells.values()
             if isinstance(cell, Day) for found in list_options(cell)]  # fmt: skip
    if len(days) != 1 or not track:
        return
    name, day = days[0]
    last = max(track)
    if not any(last <= found <= last + _LATE for found in list_options(day)):
        return
    feed.detected = replace(
        detected,
        fields={**detected.fields, _AS_OF: detected.unknown[name]},
        written={**detected.written, _AS_OF: name},
        headers={**detected.headers, _AS_OF: Header(name)},
        unknown={other: value for other, value in detected.unknown.items() if other != name},
    )
    scan_field(feed, _AS_OF)


def tell_days_ahead(feed: Feed, received: date | None) -> None:
    """Say which days of what was, the payload's own and those of a track, lie after the day that it was sent on: a
    slip, or figures that somebody has projected. Their figures are computed as they stand."""
    if received is None:
        return
    for (table, name), column in feed.columns.items():
        is_past = name == "date" and TABLES[table] == POINTS if table else name in _PAST_FIELDS
        if column.reason is not None or not is_past:
            continue
        found = [day for cell in column.days if (day := cell.under(column.order or "")) is not None]
        if found and (last := max(found)) > received + _ZONE:
            told = f"{column.path} has {last.isoformat()}, which was still to come when this was sent ({received})."
            feed.note(DAY_AHEAD, told, field=column.path, warning=True)


def list_options(day: Day) -> list[date]:
    """The days that a cell may be."""
    return list(day.options.values()) if day.options is not None else [day.fixed] if day.fixed is not None else []


def read_whole_day(raw: object) -> Day | None:
    """The day that a cell is, as far as it is settled; None for what is none, and for bare numbers."""
    if not isinstance(raw, str | date) or (isinstance(raw, str) and raw.strip().isdecimal()):
        return None
    try:
        return scan_day(raw, "day")
    except InputError:
        return None
