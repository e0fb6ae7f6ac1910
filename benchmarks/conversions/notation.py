"""How a file writes dates, numbers and its lines, by language."""

import csv
import datetime as dt
import io
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "de": ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"],
    "pl": ["sty", "lut", "mar", "kwi", "maj", "cze", "lip", "sie", "wrz", "paź", "lis", "gru"],
}
_DATES = {
    "en": ("%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d M %Y", "%m/%d/%y"),
    "de": ("%d.%m.%Y", "%d.%m.%y", "%Y-%m-%d", "%d.%m.%Y"),
    "fr": ("%d/%m/%Y", "%d-%m-%Y", "%Y-%m-%d"),
    "pl": ("%Y-%m-%d", "%d.%m.%Y", "%d M %Y"),
}
_GROUPS = {"en": (",", ""), "de": (".", ""), "fr": (" ", ""), "pl": (" ", "")}
_DELIMITERS = {"en": ",,\t", "de": ";;\t", "fr": ";", "pl": ";;,"}
_UNITS = {"en": ("$", ""), "de": (" €", ""), "fr": (" €", ""), "pl": (" zł", "")}


@dataclass(frozen=True, slots=True)
class Notation:
    """``date`` is a strftime pattern, with M for the month's short name; ``minus`` is how negative numbers are marked;
    ``unit`` stands before or (with a blank) behind amounts."""

    language: str
    date: str
    decimal: str
    group: str
    minus: str = "-"
    unit: str = ""
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"

    @property
    def settles_dates(self) -> bool:
        """Whether every date can be read in one way."""
        return self.date.startswith("%Y") or "M" in self.date or "." in self.date

    def day(self, day: dt.date | None) -> str:
        """A date as the file writes it."""
        if day is None:
            return ""
        if "M" in self.date:
            return f"{day.day} {MONTHS[self.language][day.month - 1]} {day.year}"
        return day.strftime(self.date)

    def number(self, value: Decimal | None, places: int, *, money: bool = False) -> str:
        """A number as the file writes it, rounded half up."""
        if value is None:
            return ""
        rounded = round_half_up(value, places)
        whole, _, rest = f"{abs(rounded):.{places}f}".partition(".")
        if self.group and len(whole) > 3:
            whole = f"{int(whole):,}".replace(",", self.group)
        text = whole + (self.decimal + rest if rest else "")
        if money and self.unit:
            text = text + self.unit if self.unit.startswith(" ") else self.unit + text
        if rounded >= 0:
            return text
        return {"-": f"-{text}", "()": f"({text})", "behind": f"{text}-"}[self.minus]

    def write(self, rows: list[tuple[str, ...]]) -> bytes:
        """The file of rows."""
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end).writerows(rows)
        return text.getvalue().encode(self.encoding)


def round_half_up(value: Decimal, places: int) -> Decimal:
    """A number with so many decimals; never minus zero."""
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(rounded) if rounded == 0 else rounded


def draw_source(at: Random) -> Notation:
    """How some broker, bank or shop writes its files."""
    language = at.choice(("en", "en", "de", "de", "fr", "pl"))
    minus = at.choice({"en": ("-", "-", "()"), "de": ("-", "-", "behind")}.get(language, ("-",)))
    return Notation(
        language,
        at.choice(_DATES[language]),
        "." if language == "en" else ",",
        at.choice(_GROUPS[language]),
        minus,
        at.choice((*_UNITS[language], "", "")),
        at.choice(_DELIMITERS[language]),
        at.choice(("utf-8", "utf-8", "utf-8-sig", "cp1250" if language == "pl" else "cp1252")),
        at.choice(("\n", "\r\n")),
    )


def draw_target(at: Random) -> Notation:
    """How the file is written that somebody wants: no groups, no units."""
    date = at.choice(("%Y-%m-%d", "%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y%m%d", "%d M %Y"))
    decimal = at.choice("...,")
    return Notation("en", date, decimal, "", delimiter=";" if decimal == "," else at.choice(",,;"))
