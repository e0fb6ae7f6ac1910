"""The client's own day for a limit, wherever it stands in what sets it: the days are taken out of the words, which say
then what the limit is of, and kept."""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from services.portfolio.domain.reading.days import list_days
from services.portfolio.domain.reading.feed import Feed
from services.portfolio.domain.reference import match_words

_STAND_IN = "zzday"
"""No word of any language begins so: it stands for a day among words that are read by their letters alone."""
_BEFORE = frozenset({"by", "on", "am", "zum", "bis zum", "le", "au", "el", "il", "al", "op", "per", "from", "ab"})


@dataclass(slots=True)
class LimitDays:
    """The days of one field that sets limits, by the words that stand for them."""

    feed: Feed
    found: list[date] = field(default_factory=list)

    def mark(self, raw: object) -> object:
        """What was sent with a word in place of each day."""
        if isinstance(raw, str):
            return self._mark_text(raw)
        if isinstance(raw, Mapping):
            return {name: self.mark(part) for name, part in raw.items()}
        if isinstance(raw, list):
            return [self.mark(part) for part in raw]
        return raw

    def take(self, text: str) -> tuple[str, date | None]:
        """The words without those for days, and the one day among them."""
        words = text.split()
        days = [self._look_up(word) for word in words if word.startswith(_STAND_IN)]
        if not days:
            return text, None
        plain = [word for word in words if not word.startswith(_STAND_IN)]
        beside = self.feed.reference.terms.until | _BEFORE
        kept = [word for word in plain if match_words(word) not in beside]
        return " ".join(kept), days[0] if len(days) == 1 else None

    def read(self, value: object) -> date | None:
        """The day that is all that a value says."""
        return self._look_up(value) if isinstance(value, str) and value.startswith(_STAND_IN) else None

    def _mark_text(self, raw: str) -> str:
        words, kept, end = raw.split(), list[str](), 0
        for start, last, day in list_days(self.feed, raw):
            if start < end or len(self.found) == len(string.ascii_lowercase):
                continue
            kept += [*words[end:start], f"{_STAND_IN}{string.ascii_lowercase[len(self.found)]}"]
            self.found.append(day)
            end = last
        return " ".join([*kept, *words[end:]]) if end else raw

    def _look_up(self, word: str) -> date | None:
        place = string.ascii_lowercase.find(word.removeprefix(_STAND_IN)[:1])
        return self.found[place] if 0 <= place < len(self.found) else None
