"""The one language of claims: the builtin writer makes claims and renders them, the checker parses text into claims,
and both hold them against facts.

``ground(text, table, style)`` sums up the verdicts on what one section's narrative claims. The checker is in
``texts``, which is imported when a text of somebody else is read: the builtin one needs none of it.
"""

from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims.model import Outcome
from services.portfolio.domain.facts import Fact, FactTable
from services.portfolio.domain.formats import Style

MAX_CHARACTERS = 100_000


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A claim that the facts do not bear: as printed, its value (None where it is none of a figure), why, and whether
    it is ``contradicted``, ``unsupported`` or ``unverifiable``.
    ``fact`` is the one that says otherwise, where one does."""

    text: str
    value: Decimal | None
    why: str
    verdict: Outcome = Outcome.UNSUPPORTED
    fact: Fact | None = None


@dataclass(frozen=True, slots=True)
class Derivation:
    """A claim that is one step from facts: as printed, and the formula over their ids."""

    text: str
    formula: str


@dataclass(frozen=True, slots=True)
class Trace:
    """A claim of the text and the id of the fact that it states."""

    text: str
    start: int
    fact_id: str


@dataclass(frozen=True, slots=True)
class Grounding:
    """What became of the claims of a text. ``claims`` counts all, ``grounded`` those that state a fact directly."""

    claims: int
    grounded: int
    derived: tuple[Derivation, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    traces: tuple[Trace, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every claim is supported."""
        return not self.unsupported


def ground(text: str, table: FactTable, style: Style, *, forecasts_are_faults: bool = True) -> Grounding:
    """Check every claim of ``text``, written in ``style``, against the facts of ``table``.

    Raises ``BoundError`` for a text of more than 100,000 characters.
    """
    from services.portfolio.domain.claims.texts import check  # noqa: PLC0415 - see above

    verdicts = check(text, [(table.section, table)], style, forecasts_are_faults=forecasts_are_faults)
    direct = [item for item in verdicts if item.outcome is Outcome.GROUNDED]
    return Grounding(
        claims=len(verdicts),
        grounded=len(direct),
        derived=tuple(
            Derivation(item.claim.text, item.formula or "") for item in verdicts if item.outcome is Outcome.DERIVED
        ),
        unsupported=tuple(
            Unsupported(item.claim.text, item.claim.value, item.why or "", item.outcome, item.fact)
            for item in verdicts
            if item.fault
        ),
        traces=tuple(Trace(item.claim.text, item.claim.start, item.fact.id) for item in direct if item.fact),
    )
