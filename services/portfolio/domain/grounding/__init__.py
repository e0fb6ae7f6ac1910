"""Grounding: every figure of a narrative is traced to a fact, or named as unsupported with the reason.

``ground(text, table, style)`` masks what is no figure, reads the rest, and checks value (within half a unit of the last
printed digit times its scale), unit, currency, sign against the verb, and that the fact's own asset or label stands
nearby. A figure that is one step (difference, ratio, sum) from facts in the same or the previous sentence is derived,
and its formula recorded.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.errors import BoundError
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import Style
from services.portfolio.domain.grounding.checking import Checker
from services.portfolio.domain.grounding.reading import read_claims

_MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A figure that no fact supports: as printed, its value, and why it was refused."""

    text: str
    value: Decimal
    why: str


@dataclass(frozen=True, slots=True)
class Derivation:
    """A figure that is one step from facts: as printed, and the formula over their ids."""

    text: str
    formula: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A figure of the text and the id of the fact that it states."""

    text: str
    start: int
    fact_id: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """What became of the figures of a text. ``claims`` counts all, ``grounded`` those that state a fact directly."""

    claims: int
    grounded: int
    derived: tuple[Derivation, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    traces: tuple[Trace, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every figure is supported."""
        return not self.unsupported


def ground(text: str, table: FactTable, style: Style) -> Grounding:
    """Check every figure of ``text``, written in ``style``, against the facts of ``table``.

    Raises ``BoundError`` for a text of more than 100,000 characters.
    """
    if len(text) > _MAX_CHARACTERS:
        raise BoundError("response", None, f"longer than {_MAX_CHARACTERS} characters")
    claims = read_claims(text, table.names, style.decimal, style.group)
    verdicts = Checker(table).check(text, claims)
    direct = [verdict for verdict in verdicts if verdict.fact is not None and verdict.formula is None]
    return Grounding(
        claims=len(claims),
        grounded=len(direct),
        derived=tuple(Derivation(verdict.claim.text, verdict.formula) for verdict in verdicts if verdict.formula),
        unsupported=tuple(
            Unsupported(verdict.claim.text, verdict.claim.value, verdict.why or "")
            for verdict in verdicts
            if verdict.fact is None
        ),
        traces=tuple(
            Trace(verdict.claim.text, verdict.claim.start, verdict.fact.id) for verdict in direct if verdict.fact
        ),
    )
