"""Names of people without their titles and suffixes, and of firms without their legal forms."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.text.split import texts_of
from services.converter.domain.synthesis.operators.witness import Candidate, proposes
from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import Pattern, either_case, raw

LONGEST_NAME = 80
"""Characters of the longest text that is a person's name."""
TITLES = raw(
    r"^(?:(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Sir|Dame|Lord|Lady|Rev|Hon|Gov|Sen|Rep|Pres"
    r"|Hr|Herr|Frau|Mme|Mlle|Dott|Ing|Capt|Col|Gen|Lt|Maj|Sgt|Fr|Br|Sr|Shri|Smt|Er|Adv|CA)\.? +)+"
)
SUFFIXES = raw(r",? +(?:Jr|Sr|II|III|IV|Esq|MD|M\.D|PhD|Ph\.D|CPA|CFA|DDS|MBA)\.?$")
FORMS = either_case(
    r",? +(?:Inc|Incorporated|Corp|Corporation|Company|Co|Ltd|Limited|LLC|LLP|LP|PLC|P\.L\.C|GmbH|AG|KG|KGaA|SE"
    r"|SA|S\.A|SAS|SARL|SpA|S\.p\.A|NV|N\.V|BV|B\.V|AB|ASA|Oyj?|A/S|Pty Ltd|Pty|Pte Ltd|Pte|Pvt Ltd|Private Limited"
    r"|Holdings?|Enterprises|Group)\.?$"
)


@dataclass(frozen=True, slots=True)
class BareName(Expression):
    """A name without titles at its beginning, or without suffixes or a legal form at its end."""

    source: Expression
    pattern: Pattern
    what: str

    def run(self, record: Record) -> str | None:
        """The name without them."""
        text = self.source.run(record)
        return None if text is None else self.pattern.sub("", text, count=1)

    def sql(self) -> str:
        """`regexp_replace` once."""
        return f"regexp_replace({self.source.sql()}, {literal(self.pattern.sql)}, '')"

    def words(self) -> str:
        """The name and what it loses."""
        return f"{self.source.words()} without {self.what}"


_TURNED = raw("^([^,]+), *([^,]+)$")


@dataclass(frozen=True, slots=True)
class InOrder(Expression):
    """A name written last name first, turned round: `Doe, John` is John Doe; other names as they stand."""

    source: Expression

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Names that stand in order already, where all were turned."""
        if all(_TURNED.match(text) for text in texts_of(self.source, sampling.some(rows, MOST_CHECKED))):
            yield from self.lacking([f"NOT regexp_matches({self.source.sql()}, {literal(_TURNED.sql)})"])

    def run(self, record: Record) -> str | None:
        """The name in order."""
        text = self.source.run(record)
        return None if text is None else _TURNED.sub(r"\2 \1", text, count=1)

    def sql(self) -> str:
        """`regexp_replace` once."""
        return f"regexp_replace({self.source.sql()}, {literal(_TURNED.sql)}, '\\2 \\1')"

    def words(self) -> str:
        """The name and its order."""
        return f"{self.source.words()} with the first name first"


@proposes(source=20)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Names of which at least one has a title or a suffix that the outputs lack."""
    del task
    for source, values in sources:
        if max(len(v) for v in values) > LONGEST_NAME:
            continue
        bare, stripped = source, values
        for pattern, what in ((TITLES, "titles"), (SUFFIXES, "suffixes"), (FORMS, "legal form")):
            if any(pattern.search(v) for v in stripped):
                bare = BareName(bare, pattern, what)
                stripped = tuple(pattern.sub("", v, count=1) for v in stripped)
                yield Candidate(bare, stripped)
        if any(_TURNED.match(v) for v in stripped):
            turned = tuple(_TURNED.sub(r"\2 \1", v, count=1) for v in stripped)
            yield Candidate(InOrder(bare), turned)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    endings = ((TITLES, "titles"), (SUFFIXES, "suffixes"), (FORMS, "legal form"))
    return (*(BareName(CELL, pattern, what) for pattern, what in endings), InOrder(CELL))
