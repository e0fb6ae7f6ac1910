"""A narrative as lines with a role, an importance and what they claim, and the words that several sections share."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from itertools import groupby

from services.portfolio.domain.claims.model import Claim, Relation
from services.portfolio.domain.facts import AS_SENT, Fact, FactTable, Frame
from services.portfolio.domain.formats import Style

MUCH_DRAWN, SHORT_LIFE = Decimal(6), Decimal(20)
"""Percent a year, and years, from which withdrawals are told first: beyond 6% nearly no mix outlasted thirty years in
the record (Bengen 1994; Cooley, Hubbard, Walz 1998), and twenty years are about what is left at retirement (OECD)."""
_OWN = 2
"""By so much a limit of the client's own is told before one of the house that is passed as far."""
URGENT = 80
"""From this importance on, a risk is said before anything but the headline."""


_UNSHOWN = 0
"""The importance of what makes no sense alone, away from the actions that it begins."""


class Role(StrEnum):
    """What a line is for."""

    HEADLINE = "headline"
    OBSERVATION = "observation"
    RISK = "risk"
    ACTION = "action"
    STEP = "step"


TITLES = {Role.RISK: "Risks", Role.ACTION: "To consider"}
"""What stands over a list of lines of a role in rendered text."""
LISTED = frozenset({Role.RISK, Role.ACTION})
"""The roles whose lines other writers give as lists."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence or two, and what they claim, each at its place in ``text`` where it has one; ``importance`` (0 to
    100) ranks it among the highlights of the whole task."""

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
        steps = self.select(Role.STEP)
        return (*self.select(Role.HEADLINE), *first, *self.select(Role.OBSERVATION), *rest, *actions, *steps)

    def render(self) -> str:
        """The narrative as plain text: headline, what must not be missed, observations, then risks and actions."""
        return "".join(before + line.text for before, line in self._lay_out())

    def place(self) -> Iterator[tuple[int, Line]]:
        """Each line with the place in the rendered text at which it starts."""
        position = 0
        for before, line in self._lay_out():
            position += len(before)
            yield position, line
            position += len(line.text)

    def _lay_out(self) -> Iterator[tuple[str, Line]]:
        """Each line as it is read, and what stands between it and the one before it."""
        titled: set[Role] = set()
        parted = ""
        for role, group in groupby(self.read(), key=lambda line: line.role):
            title = TITLES.get(role, "") if role not in titled else "Further risks"
            before = f"{parted}{title}:\n- " if role in self.listed else parted
            for line in group:
                yield "\n\n" if before == " " and line.opens else before, line
                before = "\n- " if role in self.listed else " "
            titled.add(role)
            parted = "\n\n"


@dataclass(slots=True)
class Script:
    """Lines being written."""

    style: Style
    lines: list[Line] = field(default_factory=list)
    _made: list[Claim] = field(default_factory=list)
    _steps: list[tuple[int, str]] = field(default_factory=list)
    _opens: bool = False
    _said_default: bool = False
    _part: FactTable | None = None

    def paragraph(self) -> None:
        """Begin a new paragraph with the next line."""
        self._opens = True

    @contextmanager
    def within(self, part: FactTable) -> Iterator[None]:
        """Write a part of the section: its headline is one of the observations, and what was said is not said again."""
        self._part = part
        self.paragraph()
        yield
        self._part = None

    @property
    def is_within(self) -> bool:
        """Whether a part of the section is being written."""
        return self._part is not None

    def headline(self, text: str, importance: int = 60, *claims: Claim) -> None:
        """Say what matters first."""
        told = any(line.role is Role.HEADLINE for line in self.lines)
        self._add(Role.OBSERVATION if self.is_within and told else Role.HEADLINE, text, importance, claims)

    def observe(self, text: str, importance: int = 40, *claims: Claim) -> None:
        """Say what is so, and why."""
        self._add(Role.OBSERVATION, text, importance, claims)

    def warn(self, text: str, importance: int = 70, *claims: Claim) -> None:
        """Say what could go wrong."""
        self._add(Role.RISK, text, importance, claims)

    def suggest(self, text: str, importance: int = 50, *claims: Claim) -> None:
        """Say what to consider."""
        self._add(Role.ACTION, text, importance, claims)

    def prepare(self, step: str, importance: int) -> None:
        """Keep what somebody would do first for an action of that importance."""
        self._steps.append((importance, step))

    def close(self) -> None:
        """End with the step that the most important action begins with, or that goes before all of them, where one is
        known; of equals with the one that was kept first."""
        top = max((line.importance for line in self.lines if line.role is Role.ACTION), default=0)
        step = next((step for importance, step in self._steps if importance >= top), None)
        if step is not None:
            self._add(Role.STEP, f"Next step: {step}.", _UNSHOWN, ())

    def _add(self, role: Role, text: str, importance: int, claims: tuple[Claim, ...]) -> None:
        """Keep a line with its claims: those given, and those that were made of what it says, each at its place."""
        plain, placed = _read_marks(text, self._made)
        own = {id(claim) for claim in claims}
        given = [placed[id(claim)][0] if id(claim) in placed else claim for claim in claims]
        found = [claim for key, places in placed.items() for claim in places[key in own :]]
        found.sort(key=lambda claim: claim.start)
        if self._part is not None:
            if any(line.text == plain for line in self.lines):
                return
            aliases = self._part.aliases
            given, found = ([_rename(claim, aliases) for claim in claims] for claims in (given, found))
        self.lines.append(Line(role, plain, importance, (*given, *found), self._opens))
        self._opens = False

    def mark(self, text: str, claim: Claim) -> str:
        """Words of a line being written, with what they claim; the line that they end up in has it at their place."""
        self._made.append(claim)
        return f"{_OPEN}{len(self._made) - 1}{_NUMBERED}{text}{_CLOSE}"

    def money(self, fact: Fact) -> str:
        """A money fact without its sign: the words beside it say the direction."""
        return self._state(fact, self.style.money(abs(fact.value), fact.currency))

    def percent(self, fact: Fact) -> str:
        """A percent fact without its sign where it has a direction, which the words beside it say; else with it: no
        word beside a yield or a weight says that it is below zero."""
        return self._state(fact, self.style.percent(abs(fact.value) if fact.signed else fact.value))

    def as_of(self, frame: Frame) -> str:
        """`` as of 31 March 2026``; nothing where no day is known."""
        return f" as of {self.date(frame.as_of)}" if frame.as_of is not None else ""

    def points(self, fact: Fact) -> str:
        """Percentage points without their sign."""
        return self._state(fact, self.style.points(fact.value))

    def above(self, limit: Fact, says: Claim) -> str:
        """``above the client's own limit of 8%``, or ``above the house limit of 10%``, which is said to be a default
        once."""
        if limit.method == AS_SENT:
            return f"above {self.own(limit)}"
        why = "" if self._said_default else " (a default, as the client has set none)"
        self._said_default = True
        return f"{self.mark('above the house limit', says)} of {self.percent(limit)}{why}"

    def bound(self, limit: Fact) -> str:
        """``the client's own limit of 8%``, or ``the house limit of 10%``, of what is not above it."""
        return self.own(limit) if limit.method == AS_SENT else f"the house limit of {self.percent(limit)}"

    def own(self, limit: Fact) -> str:
        """``the client's own limit of 8%``."""
        return f"the client's own limit of {self.percent(limit)}"

    def number(self, fact: Fact, digits: int = 0) -> str:
        """A plain number."""
        return self._state(fact, self.style.number(fact.value, digits))

    def count(self, fact: Fact, unit: str) -> str:
        """``7 months``; years are a unit of figures, so that ``7 years`` is said as one."""
        if unit.startswith("year"):
            return self._state(fact, f"{self.style.number(fact.value, 0)} {unit}")
        return f"{self.number(fact)} {unit}"

    def day(self, fact: Fact, place: int = 0) -> str:
        """One of the days that a fact speaks of."""
        return self.date(fact.dates[place], fact)

    def years(self, fact: Fact) -> str:
        """``4.2 years``, ``1 year``."""
        years = f"{self.style.number(fact.value, 1)} year{'' if round(fact.value, 1) == 1 else 's'}"
        return self._state(fact, years)

    def days(self, fact: Fact) -> str:
        """``214 days``, ``1 day``."""
        return self._state(fact, f"{self.style.number(fact.value, 0)} day{'' if fact.value == 1 else 's'}")

    def date(self, day: date, fact: Fact | None = None) -> str:
        """A day of a fact, else of the section."""
        known = fact if fact is not None and day in fact.dates else None
        of = (known.measure, known.subject, known.id) if known is not None else (None, None, None)
        text = self.style.day(day)
        return self.mark(text, Claim(text, 0, 0, Relation.DATED, of[0], of[1], dates=(day,), fact=of[2]))

    def profile(self, name: str) -> str:
        """``moderate profile``, as the section calls the client's."""
        text = f"{name} profile"
        return self.mark(text, Claim(text, 0, 0, Relation.NAMED, subject=name))

    def moved(self, fact: Fact, up: str = "gained", down: str = "lost") -> str:
        """``gained 3.2%`` or ``lost 2.1%``; ``was flat`` at zero."""
        if not fact.value:
            return self.mark("was flat", relate(Relation.LEVEL, fact))
        word = up if fact.value > 0 else down
        return f"{self.mark(word, relate(_find_side(fact), fact))} {self.percent(fact)}"

    def ahead(self, fact: Fact, of: str, per: str = "") -> str:
        """``1.3 percentage points ahead of the benchmark``, ``behind`` or, where nothing is printed, ``level with``
        it."""
        if abs(fact.value) < _PRINTED:
            return f"{self.mark('level with', relate(Relation.LEVEL, fact))} {of}"
        above = fact.value > 0
        word = self.mark("ahead of" if above else "behind", relate(Relation.ABOVE if above else Relation.BELOW, fact))
        return f"{self.points(fact)}{per} {word} {of}"

    def _state(self, fact: Fact, text: str) -> str:
        claim = Claim(
            text, 0, 0, Relation.IS, fact.measure, fact.subject, fact.value, fact.unit, fact.bases, fact=fact.id
        )
        return self.mark(text, claim)


def _rename(claim: Claim, aliases: Mapping[str, str]) -> Claim:
    """A claim with the ids by which the whole section knows its figures."""
    fact, other = (aliases.get(name, name) if name is not None else None for name in (claim.fact, claim.other))
    return replace(claim, fact=fact, other=other) if (fact, other) != (claim.fact, claim.other) else claim


def _find_side(fact: Fact) -> Relation:
    return Relation.ROSE if fact.value > 0 else Relation.FELL


_OPEN, _NUMBERED, _CLOSE = "\ud800", "\ud801", "\ud802"
"""What stands around words that claim something while a line is written: halves of characters, which no text that
travels as UTF-8 can hold. They go where the words go, so that nobody has to look for a figure in a text."""
_MARKS = re.compile(f"{_OPEN}(\\d+){_NUMBERED}|{_CLOSE}")


def _put(claim: Claim, words: str, start: int, end: int) -> Claim:
    """A claim at its place; a copy by ``replace`` takes twice as long, and there are dozens in a text."""
    return Claim(
        words, start, end, claim.relation, claim.measure, claim.subject, claim.value, claim.unit, claim.bases,
        claim.bound, claim.other, claim.dates, claim.fact,
    )  # fmt: skip


def _read_marks(text: str, made: Sequence[Claim]) -> tuple[str, dict[int, list[Claim]]]:
    """A text without its marks, and the claims of its words by identity, each as often as it is said."""
    parts: list[str] = []
    placed: dict[int, list[Claim]] = {}
    opened: list[tuple[int, int]] = []
    read = length = 0
    for match in _MARKS.finditer(text):
        parts.append(text[read : match.start()])
        length += match.start() - read
        read = match.end()
        if match[1] is not None:
            opened.append((int(match[1]), length))
        elif opened:
            number, start = opened.pop()
            if number < len(made):
                words = "".join(parts)[start:]
                claim = made[number]
                placed.setdefault(id(claim), []).append(_put(claim, words, start, length))
    parts.append(text[read:])
    return "".join(parts), placed


_PRINTED = Decimal("0.005")
"""Points below this are printed as nothing."""


def relate(relation: Relation, fact: Fact, other: Fact | None = None) -> Claim:
    """A claim on how a fact stands: to another one, to its peers, or to zero."""
    return Claim(
        "", 0, 0, relation, fact.measure, fact.subject, fact.value, fact.unit, fact.bases,
        other=other.id if other is not None else None, fact=fact.id,
    )  # fmt: skip


def rank(base: int, excess: Decimal, limit: Fact) -> int:
    """How urgent a limit is that is passed: by how far against the limit itself, and among the first where it is the
    client's own: one of the house never goes before it."""
    far = min(int(excess * 9 / limit.value), 9) if limit.value > 0 else 9
    if limit.method == AS_SENT:
        return max(base, URGENT) + _OWN + far
    return min(base + far, URGENT + 1)


def article(noun: str) -> str:
    """``a moderate``, ``an aggressive``."""
    first = unicodedata.normalize("NFKD", noun[:1]).casefold()[:1]
    return f"{'an' if first in set('aeiou') else 'a'} {noun}"


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
