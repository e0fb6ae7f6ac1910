"""How pages put states and times into words. Pure."""

from datetime import datetime

_TONES = {
    "completed": "good",
    "error": "bad",
    "failed": "bad",
    "cancelled": "still",
    "pending": "still",
    "enabled": "good",
    "disabled": "still",
}
_STATES = {
    "pending": "waiting",
    "initializing": "starting",
    "uploading": "reading files",
    "processing": "working",
    "error": "failed",
}


def tone_of(status: str) -> str:
    """How a status is shown: "good", "bad", "still" or "busy"."""
    return _TONES.get(status, "busy")


def describe_status(status: str) -> str:
    """A status in plain words."""
    return _STATES.get(status, status.replace("_", " "))


def describe_time(moment: str | None) -> str:
    """An RFC 3339 time in UTC as people read it; what is none is shown as it is."""
    if not moment:
        return ""
    try:
        return f"{datetime.fromisoformat(moment):%d %b %Y, %H:%M} UTC"
    except ValueError:
        return moment


def describe_duration(seconds: float) -> str:
    """How long something took: "0.4 s", "12 s", "3 min 5 s", "2 h 10 min"."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def name_section(name: str) -> str:
    """A section's name in words: ``top_movers_2`` reads "Top movers 2"."""
    words = name.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def begin_sentence(text: str) -> str:
    """A text as a sentence begins; names in it stay as they are."""
    return text[:1].upper() + text[1:]
