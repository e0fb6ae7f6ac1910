"""Blanks at the ends, and runs of blanks inside."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.letters import BLANKS
from services.converter.domain.synthesis.asking import TRIMMED
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import MOST_KEPT, Candidate, kept_for, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import charset, raw

_BLANKS = " \t\r\n"
_RUNS = charset("S") + raw("+")


@dataclass(frozen=True, slots=True)
class Trim(Expression):
    """The text without given characters at its ends."""

    source: Expression
    characters: str = " "
    asks = (TRIMMED,)

    @property
    def is_whole(self) -> bool:
        """As whole as the text."""
        return self.source.is_whole

    @property
    def holds_text(self) -> bool:
        """Whether the text does."""
        return not any(map(str.isalnum, self.characters)) and self.source.holds_text

    @property
    def surcharge(self) -> float:
        """Blanks are cheap to trim."""
        return 0.4 if not self.characters.strip() else 1.2

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else text.strip(BLANKS if self.characters == " " else self.characters)

    def sql(self) -> str:
        return (
            f"trim({self.source.sql()})"
            if self.characters == " "
            else f"trim({self.source.sql()}, {literal(self.characters)})"
        )

    def words(self) -> str:
        what = "blanks" if not self.characters.strip() else quoted(self.characters)
        return f"{self.source.words()} without {what} at its ends"


@dataclass(frozen=True, slots=True)
class Squeeze(Expression):
    """The text trimmed, each run of blanks as one space."""

    source: Expression
    asks = (TRIMMED,)

    @property
    def is_whole(self) -> bool:
        """As whole as the text."""
        return self.source.is_whole

    @property
    def holds_text(self) -> bool:
        """Whether the text does."""
        return self.source.holds_text

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else _RUNS.sub(" ", text).strip(BLANKS)

    def sql(self) -> str:
        """`regexp_replace` inside `trim`."""
        return f"trim(regexp_replace({self.source.sql()}, {literal(_RUNS.sql)}, ' ', 'g'))"

    def words(self) -> str:
        return f"{self.source.words()} with single blanks"


@proposes(source=10, form=20)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Sources that have blanks or brackets to lose."""
    del task
    for source, values in sources:
        yield from kept_for(_trimmed, source, values)


@lru_cache(maxsize=MOST_KEPT)
def _trimmed(source: Expression, values: tuple[str, ...]) -> Sequence[Candidate]:
    made: list[Candidate] = []
    if any(value != value.strip(_BLANKS) for value in values):
        blanks = " " if all(v.strip(BLANKS) == v.strip(_BLANKS) for v in values) else _BLANKS
        made.append(Candidate(Trim(source, blanks), tuple(v.strip(blanks) for v in values)))
    squeezed = tuple([_RUNS.sub(" ", v).strip(BLANKS) for v in values])
    if squeezed != values and squeezed != tuple(v.strip(BLANKS) for v in values):
        made.append(Candidate(Squeeze(source), squeezed))
    ends = "".join(sorted({ch for v in values if v for ch in (v[0], v[-1]) if not ch.isalnum() and not ch.isspace()}))
    if ends and len(ends) <= 4:
        trimmed = tuple(v.strip(ends) for v in values)
        if trimmed != values:
            made.append(Candidate(Trim(source, ends), trimmed))
    return made


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return Trim(CELL), Trim(CELL, "()[]"), Trim(CELL, _BLANKS), Squeeze(CELL)
