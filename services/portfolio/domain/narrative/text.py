"""A narrative as lines with a role, an importance and what they claim, and the words that several sections share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from services.portfolio.domain.claims.model import Claim, Relation
from services.portfolio.domain.facts import AS_SENT, Fact, Frame
from services.portfolio.domain.formats import Style

URGENT = 80
"""From this importance on, a risk is said before anything but the headline."""


class Role(StrEnum):
    """What a line is for."""

    HEADLINE = "headline"
    OBSERVATION = "observation"
    RISK = "risk"
    ACTION = "action"


TITLES = {Role.RISK: "Risks", Role.ACTION: "To consider"}
"""What stands over a list of lines of a role in rendered text."""
LISTED = frozenset({Role.RISK, Role.ACTION})
"""The roles whose lines other writers give as lists."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or two, and what they claim; ``importance`` (0 to 100) ranks it among the highlights of the whole
    task."""

    role: Role
    text: str
    importance: int
    claims: tuple[Claim, ...] = ()
    opens: bool = False
    """Whether a new thought begins, and with it a paragraph."""


@dataclass(frozen=True, slots=True)
class Narrative:
    """What is said of one section: a headline, observations, risks, and what to consider.

    Lines of the roles of ``listed`` are items under a title, all others are prose.
    """

    lines: tuple[Line, ...]
    listed: frozenset[Role] = frozenset({Role.ACTION})

    def select(self, role: Role) -> tuple[Line, ...]:
        """The lines of one role, in order."""
        return tuple(line for line in self.lines if line.role is role)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Everything that is claimed, in the order in which it is read."""
        return tuple(claim for line in self.read() for claim in line.claims)

    def read(self) -> tuple[Line, ...]:
        """The lines in the order in which they are read: what must not be missed right after the headline, and where
        nothing is urgent, the first of what is not in order."""
        risks = sorted(self.select(Role.RISK), key=lambda line: -line.importance)
        urgent = sum(line.importance >= URGENT for line in risks)
        told = urgent if urgent or Role.RISK in self.listed else 1
        first, rest = risks[:told], risks[told:]
        actions = sorted(self.select(Role.ACTION), key=lambda line: -line.importance)
        return (*self.select(Role.HEADLINE), *first, *self.select(Role.OBSERVATION), *rest, *actions)

    def render(self) -> str:
        """The narrative as plain text: headline, what must not be missed, observations, then risks and actions."""
        blocks: list[str] = []
        for role, group in groupby(self.read(), key=lambda line: line.role):
            lines = tuple(group)
            if role in self.listed:
                title = TITLES[role] if TITLES[role] not in "".join(blocks) else "Further risks"
                blocks.append("\n".join([f"{title}:", *(f"- {line.text}" for line in lines)]))
            else:
                blocks += _join_paragraphs(lines)
        return "\n\n".join(blocks)


def _join_paragraphs(lines: Sequence[Line]) -> list[str]:
    paragraphs: list[list[str]] = []
    for line in lines:
        if line.opens or not paragraphs:
            paragraphs.append([])
        paragraphs[-1].append(line.text)
    return [" ".join(texts) for texts in paragraphs]


@dataclass(slots=True)
class Script:
    """Lines being written."""

    style: Style
    lines: list[Line] = field(default_factory=list)
    _made: list[Claim] = field(default_factory=list)
    _opens: bool = False
    _said_default: bool = False

    def paragraph(self) -> None:
        """Begin a new paragraph with the next line."""
        self._opens = True

    def headline(self, text: str, importance: int = 60, *claims: Claim) -> None:
        """Say what matters first."""
        self._add(Role.HEADLINE, text, importance, claims)

    def observe(self, text: str, importance: int = 40, *claims: Claim) -> None:
        """Say what is so, and why."""
        self._add(Role.OBSERVATION, text, importance, claims)

    def warn(self, text: str, importance: int = 70, *claims: Claim) -> None:
        """Say what could go wrong."""
        self._add(Role.RISK, text, importance, claims)

    def suggest(self, text: str, importance: int = 50, *claims: Claim) -> None:
        """Say what to consider."""
        self._add(Role.ACTION, text, importance, claims)

    def _add(self, role: Role, text: str, importance: int, claims: tuple[Claim, ...]) -> None:
        """Keep a line with its claims: those given, and those of the figures that were written for it."""
        written = sorted((claim for claim in self._made if claim.text in text), key=lambda claim: text.find(claim.text))
        self._made.clear()
        self.lines.append(Line(role, text, importance, (*claims, *written), self._opens))
        self._opens = False

    def money(self, fact: Fact) -> str:
        """A money fact without its sign: the words beside it say the direction."""
        return self._state(fact, self.style.money(abs(fact.value), fact.currency))

    def percent(self, fact: Fact) -> str:
        """A percent fact without its sign."""
        return self._state(fact, self.style.percent(abs(fact.value)))

    def as_of(self, frame: Frame) -> str:
        """`` as of 31 March 2026``; nothing where no day is known."""
        return f" as of {self.style.day(frame.as_of)}" if frame.as_of is not None else ""

    def points(self, fact: Fact) -> str:
        """Percentage points without their sign."""
        return self._state(fact, self.style.points(fact.value))

    def limit(self, fact: Fact) -> str:
        """``the client's own limit of 8%``, or ``the house limit of 10%``, which is said to be a default once."""
        if fact.method == AS_SENT:
            return f"the client's own limit of {self.percent(fact)}"
        why = "" if self._said_default else " (a default, as the client has set none)"
        self._said_default = True
        return f"the house limit of {self.percent(fact)}{why}"

    def number(self, fact: Fact, digits: int = 0) -> str:
        """A plain number."""
        return self._state(fact, self.style.number(fact.value, digits))

    def day(self, fact: Fact, place: int = 0) -> str:
        """One of the days that a fact speaks of."""
        text = self.style.day(fact.dates[place])
        self._made.append(
            Claim(text, 0, 0, Relation.DATED, fact.measure, fact.subject, dates=(fact.dates[place],), fact=fact.id)
        )
        return text

    def moved(self, fact: Fact, up: str = "gained", down: str = "lost") -> str:
        """``gained 3.2%`` or ``lost 2.1%``; ``was flat`` at zero."""
        if not fact.value:
            self._made.append(relate(Relation.LEVEL, fact, text="was flat"))
            return "was flat"
        word = up if fact.value > 0 else down
        self._made.append(relate(Relation.ROSE if fact.value > 0 else Relation.FELL, fact, text=word))
        return f"{word} {self.percent(fact)}"

    def ahead(self, fact: Fact, of: str, per: str = "") -> str:
        """``1.3 percentage points ahead of the benchmark``, ``behind`` or, where nothing is printed, ``level with``
        it."""
        if abs(fact.value) < _PRINTED:
            self._made.append(relate(Relation.LEVEL, fact, text="level with"))
            return f"level with {of}"
        word = "ahead of" if fact.value > 0 else "behind"
        self._made.append(relate(Relation.ABOVE if fact.value > 0 else Relation.BELOW, fact, text=word))
        return f"{self.points(fact)}{per} {word} {of}"

    def _state(self, fact: Fact, text: str) -> str:
        self._made.append(
            Claim(text, 0, 0, Relation.IS, fact.measure, fact.subject, fact.value, fact.unit, fact.bases, fact=fact.id)
        )
        return text


_PRINTED = Decimal("0.005")
"""Points below this are printed as nothing."""


def relate(relation: Relation, fact: Fact, other: Fact | None = None, text: str = "") -> Claim:
    """A claim on how a fact stands: to another one, to its peers, or to zero."""
    return Claim(
        text, 0, 0, relation, fact.measure, fact.subject, fact.value, fact.unit, fact.bases,
        other=other.id if other is not None else None, fact=fact.id,
    )  # fmt: skip


def rank(base: int, excess: Decimal, limit: Fact) -> int:
    """How urgent a limit is that is passed: by how far against the limit itself, and among the first where it is the
    client's own."""
    base = max(base, URGENT) if limit.method == AS_SENT else base
    far = excess * 9 / limit.value if limit.value > 0 else Decimal(9)
    return base + min(int(far), 9)


def article(noun: str) -> str:
    """``a moderate``, ``an aggressive``."""
    return f"{'an' if noun[:1].casefold() in 'aeiou' else 'a'} {noun}"


def name_portfolio(frame: Frame) -> str:
    """``The portfolio``, or whose it is where the payload says so."""
    if frame.client is None:
        return "The portfolio"
    return f"The portfolio of {frame.client}"


def name_benchmark(frame: Frame) -> str:
    """``the benchmark``, with its name where the payload gives one."""
    return f"the benchmark ({frame.benchmark})" if frame.benchmark else "the benchmark"


def spell_count(count: Decimal | int, one: str, many: str) -> str:
    """``1 asset``, ``3 assets``."""
    return f"{int(count)} {one if count == 1 else many}"
