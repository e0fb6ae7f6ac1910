"""A narrative as lines with a role and an importance, and the words that several sections share."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from services.portfolio.domain.facts import Fact
from services.portfolio.domain.formats import Style


class Role(StrEnum):
    """What a line is for."""

    HEADLINE = "headline"
    OBSERVATION = "observation"
    RISK = "risk"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or two; ``importance`` (0 to 100) ranks it among the highlights of the whole task."""

    role: Role
    text: str
    importance: int


@dataclass(frozen=True, slots=True)
class Narrative:
    """What is said of one section: a headline, observations, risks, and what to consider."""

    lines: tuple[Line, ...]

    def select(self, role: Role) -> tuple[Line, ...]:
        """The lines of one role, in order."""
        return tuple(line for line in self.lines if line.role is role)

    def render(self) -> str:
        """The narrative as plain text: headline, a paragraph of observations, then risks and actions as lists."""
        blocks = [line.text for line in self.select(Role.HEADLINE)]
        if observations := self.select(Role.OBSERVATION):
            blocks.append(" ".join(line.text for line in observations))
        for role, title in ((Role.RISK, "Risks"), (Role.ACTION, "To consider")):
            if lines := self.select(role):
                blocks.append("\n".join([f"{title}:", *(f"- {line.text}" for line in lines)]))
        return "\n\n".join(blocks)


@dataclass(slots=True)
class Script:
    """Lines being written."""

    style: Style
    lines: list[Line] = field(default_factory=list)

    def headline(self, text: str, importance: int = 60) -> None:
        """Say what matters first."""
        self.lines.append(Line(Role.HEADLINE, text, importance))

    def observe(self, text: str, importance: int = 40) -> None:
        """Say what is so, and why."""
        self.lines.append(Line(Role.OBSERVATION, text, importance))

    def warn(self, text: str, importance: int = 70) -> None:
        """Say what could go wrong."""
        self.lines.append(Line(Role.RISK, text, importance))

    def suggest(self, text: str, importance: int = 50) -> None:
        """Say what to consider."""
        self.lines.append(Line(Role.ACTION, text, importance))

    def money(self, fact: Fact) -> str:
        """A money fact without its sign: the words beside it say the direction."""
        return self.style.money(abs(fact.value), fact.currency)

    def percent(self, fact: Fact) -> str:
        """A percent fact without its sign."""
        return self.style.percent(abs(fact.value))

    def points(self, fact: Fact) -> str:
        """Percentage points without their sign."""
        return self.style.points(fact.value)

    def number(self, fact: Fact, digits: int = 0) -> str:
        """A plain number."""
        return self.style.number(fact.value, digits)

    def moved(self, fact: Fact, up: str = "gained", down: str = "lost") -> str:
        """``gained 3.2%`` or ``lost 2.1%``; ``was flat`` at zero."""
        if not fact.value:
            return "was flat"
        return f"{up if fact.value > 0 else down} {self.percent(fact)}"

    def ahead(self, fact: Fact, of: str) -> str:
        """``1.3 percentage points ahead of the benchmark``, ``behind`` or ``level with`` it."""
        if not fact.value:
            return f"level with {of}"
        return f"{self.points(fact)} {'ahead of' if fact.value > 0 else 'behind'} {of}"


def join_names(names: Sequence[str]) -> str:
    """``A``, ``A and B``, ``A, B and C``."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""


def spell_count(count: Decimal | int, one: str, many: str) -> str:
    """``1 asset``, ``3 assets``."""
    return f"{int(count)} {one if count == 1 else many}"
