"""What a text claims, and what the facts say to it: the types of the one language of claims.

The builtin writer makes ``Claim`` objects and renders them; the checker parses text into them. Both hold them against
facts with the same words (``vocabulary.yaml``).
"""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.portfolio.domain.facts import Fact
from services.portfolio.domain.number_words import Unit


class Bound(StrEnum):
    """How exactly a figure is meant."""

    EXACT = "exact"
    ABOVE = "above"
    BELOW = "below"
    NEAR = "near"
    UNDER = "under"
    OVER = "over"


class Relation(StrEnum):
    """What a claim says of its subject: that it is a value, or how it stands to others."""

    IS = "is"
    ROSE = "rose"
    FELL = "fell"
    ABOVE = "above"
    BELOW = "below"
    LEVEL = "level"
    WITHIN = "within"
    OUTSIDE = "outside"
    MOST = "most"
    LEAST = "least"
    FURTHEST = "furthest"
    COVERS = "covers"
    NONE = "none"
    DATED = "dated"
    NAMED = "named"
    PREDICTS = "predicts"


class Outcome(StrEnum):
    """What the facts say to a claim.

    ``grounded``: a fact states it. ``derived``: it is one step from facts. ``contradicted``: the fact that its words
    name
    says otherwise. ``unsupported``: no fact is like it. ``unverifiable``: no fact of today could decide it.
    """

    GROUNDED = "grounded"
    DERIVED = "derived"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"
    UNVERIFIABLE = "unverifiable"


@dataclass(frozen=True, slots=True)
class Held:
    """A fact with the key of its section; ``formula`` where it follows from other facts by counting."""

    fact: Fact
    section: str
    formula: str | None = None
    nouns: str = ""
    """What a count is of."""
    subject: str | None = None
    """The subject's key, by which mentions are compared with it."""


@dataclass(frozen=True, slots=True)
class Printed:
    """One figure in a text. ``value`` has its scale applied and the printed sign; ``step`` is one unit of its last
    digit.

    ``sign`` is 1 or -1 where one was printed, else 0. ``text`` stands at ``start:end``. ``rounded`` figures are in
    words (a third, doubled) and stand for what is near them. ``noun`` is what a number in words counts.
    """

    text: str
    start: int
    end: int
    value: Decimal
    step: Decimal
    unit: Unit
    sign: int = 0
    currency: str | None = None
    scaled: bool = False
    rounded: bool = False
    bound: Bound = Bound.EXACT


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing that a text says: of which measure and subject, in which relation, with which value.

    ``measure`` and ``subject`` are as the words name them, None where they name none (the whole portfolio). ``bases``
    are those that stand beside it (``per_year``). ``other`` is what it is set against: a subject, or the writer's fact.
    """

    text: str
    start: int
    end: int
    relation: Relation = Relation.IS
    measure: str | None = None
    subject: str | None = None
    value: Decimal | None = None
    unit: Unit | None = None
    bases: tuple[str, ...] = ()
    bound: Bound = Bound.EXACT
    other: str | None = None
    dates: tuple[date, ...] = ()
    fact: str | None = None
    """The id of the fact that the writer made it of; None where it was parsed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the facts say to a claim: the fact that decides it, the formula where it was derived, and why not."""

    claim: Claim
    outcome: Outcome
    fact: Fact | None = None
    formula: str | None = None
    why: str | None = None
    fault: bool = field(default=False)
    """Whether the text is wrong, or says what nobody can know."""
    counted: bool = False
    """Whether what a number counts is what the fact counts."""
