"""Names of months and weekdays in the languages that account files come in, and how their dates are put in English."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.date import DAYS, DAYS_SHORT, MONTHS, MONTHS_SHORT
from services.converter.domain.formats.letters import lower


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@dataclass(frozen=True, slots=True)
class DateNames:
    """One language's names, January and Monday first, and the endings of its ordinal days (a pattern)."""

    months: tuple[str, ...]
    months_short: tuple[str, ...]
    days: tuple[str, ...]
    days_short: tuple[str, ...]
    endings: str = ""
    others: tuple[tuple[str, str], ...] = ()
    """Further spellings, in small letters, with the English abbreviation of each."""

    @property
    def spellings(self) -> tuple[tuple[str, str], ...]:
        """Every name in small letters, as a pattern, with its English abbreviation; long ones before those inside them.

        A weekday's abbreviation is a word of its own, and none where it is a month's as well.
        """
        return _spellings(self)

    def may_date(self, text: str) -> bool:
        """Whether the text names a month in this language, or a half of the day with points."""
        return _named(self).search(text.lower()) is not None

    def to_english(self, text: str) -> str:
        """A date's text in small letters, with English abbreviations, and without ordinal endings and points."""
        text = lower(text)
        if self.endings:
            text = re.sub(f"([0-9])(?:{self.endings})", r"\1", text)
        text = re.sub(r"([a-z])\.", r"\1", text)
        for pattern, short in self.spellings:
            text = re.sub(pattern, short, text, flags=re.ASCII)
        return text


@lru_cache(maxsize=16)
def _named(names: DateNames) -> re.Pattern[str]:
    months = {name.lower().rstrip(".") for name in (*names.months, *names.months_short)}
    return re.compile("|".join([*sorted(months), *(name for name, _ in names.others), r"[ap]\.m\b"]))


@lru_cache(maxsize=16)
def _spellings(names: DateNames) -> tuple[tuple[str, str], ...]:
    pairs: dict[str, str] = dict(names.others)
    for some, english in (
        (names.months, MONTHS_SHORT),
        (names.months_short, MONTHS_SHORT),
        (names.days, DAYS_SHORT),
    ):
        for name, short in zip(some, english, strict=True):
            pairs.setdefault(name.lower().rstrip("."), short.lower())
    changed = ((name, short) for name, short in pairs.items() if name != short)
    months = {name.lower() for name in MONTHS_SHORT}
    days = ((day.lower().rstrip("."), short.lower()) for day, short in zip(names.days_short, DAYS_SHORT, strict=True))
    return (
        *sorted(changed, key=lambda pair: -len(pair[0])),
        *((rf"\b{day}\b", short) for day, short in days if day != short and day not in months),
    )


LANGUAGES: Mapping[str, DateNames] = {
    "English": DateNames(MONTHS, MONTHS_SHORT, DAYS, DAYS_SHORT, "st|nd|rd|th", (("sept", "sep"), ("tues", "tue"))),
    "German": DateNames(
        _names("Januar Februar März April Mai Juni Juli August September Oktober November Dezember"),
        _names("Jan. Feb. Mrz. Apr. Mai Jun. Jul. Aug. Sep. Okt. Nov. Dez."),
        _names("Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag"),
        _names("Mo. Di. Mi. Do. Fr. Sa. So."),
        others=(("maerz", "mar"), ("mär", "mar"), ("jän", "jan"), ("jänner", "jan"), ("sept", "sep")),
    ),
    "French": DateNames(
        _names("janvier février mars avril mai juin juillet août septembre octobre novembre décembre"),
        _names("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
        _names("lundi mardi mercredi jeudi vendredi samedi dimanche"),
        _names("lun. mar. mer. jeu. ven. sam. dim."),
        "er",
        (("fevrier", "feb"), ("aout", "aug"), ("decembre", "dec"), ("fév", "feb")),
    ),
    "Spanish": DateNames(
        _names("enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"),
        _names("ene. feb. mar. abr. may. jun. jul. ago. sept. oct. nov. dic."),
        _names("lunes martes miércoles jueves viernes sábado domingo"),
        _names("lun. mar. mié. jue. vie. sáb. dom."),
        "º",
        (("setiembre", "sep"),),
    ),
    "Italian": DateNames(
        _names("gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"),
        _names("gen. feb. mar. apr. mag. giu. lug. ago. set. ott. nov. dic."),
        _names("lunedì martedì mercoledì giovedì venerdì sabato domenica"),
        _names("lun. mar. mer. gio. ven. sab. dom."),
        "º",
    ),
    "Portuguese": DateNames(
        _names("janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro"),
        _names("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."),
        _names("segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo"),
        _names("seg. ter. qua. qui. sex. sáb. dom."),
        "º",
    ),
    "Dutch": DateNames(
        _names("januari februari maart april mei juni juli augustus september oktober november december"),
        _names("jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec."),
        _names("maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"),
        _names("ma. di. wo. do. vr. za. zo."),
        "e",
    ),
}
