"""Dates in words: names of other languages, ordinal endings and points taken off, and such names written."""

from dataclasses import dataclass
from typing import Literal, get_args

from services.converter.domain.formats.datenames import COMMON, names_of
from services.converter.domain.synthesis.language import CELL, Expression, Record
from services.converter.domain.synthesis.operators.date.moment import Moment, ReadMoment
from services.converter.domain.synthesis.sqltext import literal


@dataclass(frozen=True, slots=True)
class PlainDate(Expression):
    """A date's text as strptime can read it: `1er août 2024` as `1 aug 2024`, `March 3rd, 9 p.m.` as `mar 3, 9 pm`."""

    source: Expression
    language: str

    @property
    def surcharge(self) -> float:
        """A little above the text."""
        return 0.3 if self.language == "English" else 0.5

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else names_of(self.language).to_english(text)

    def sql(self) -> str:
        return names_of(self.language).to_english_sql(self.source.sql())

    def words(self) -> str:
        return f"{self.source.words()} ({self.language} names)"


NameKind = Literal["month", "short month", "weekday", "short weekday"]


def name_list(language: str, kind: NameKind) -> tuple[str, ...]:
    """The names of one kind in one language."""
    names = names_of(language)
    return {
        "month": names.months,
        "short month": names.months_short,
        "weekday": names.days,
        "short weekday": names.days_short,
    }[kind]


@dataclass(frozen=True, slots=True)
class NameInLanguage(Expression):
    """The name of a moment's month or weekday in a language other than English."""

    moment: Moment
    kind: NameKind
    language: str

    def run(self, record: Record) -> str | None:
        moment = self.moment.run(record)
        if moment is None:
            return None
        return name_list(self.language, self.kind)[
            moment.month - 1 if self.kind.endswith("month") else moment.weekday()
        ]

    def sql(self) -> str:
        """An index into the list of names."""
        names = ", ".join(literal(name) for name in name_list(self.language, self.kind))
        part = "month" if self.kind.endswith("month") else "isodow"
        return f"list_extract([{names}], date_part('{part}', {self.moment.sql()}))"

    def words(self) -> str:
        return f"{self.language} {self.kind} of {self.moment.words()}"


LAWFUL = (*COMMON, "Polish", "Russian")
"""Languages of the examples of the law."""


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    when = ReadMoment(CELL, ("%d/%m/%Y", "%Y-%m-%d %H:%M"))
    names = (NameInLanguage(when, kind, language) for kind in get_args(NameKind) for language in LAWFUL)
    return (*(PlainDate(CELL, language) for language in LAWFUL), *names)
