"""The one language of claims: the builtin writer makes claims and renders them, the checker parses text into claims,
and
both hold them against facts.

``check(text, tables, style)`` gives a verdict for everything that a text claims; ``ground`` is its summary for one
section's narrative.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from services.portfolio.domain.claims.checking import FigureChecker
from services.portfolio.domain.claims.evidence import Evidence, gather
from services.portfolio.domain.claims.model import Outcome, Printed, Verdict
from services.portfolio.domain.claims.printed import make_plain, read_figures
from services.portfolio.domain.claims.quantifiers import check_quantifiers, drop_decided
from services.portfolio.domain.claims.relations import check_relations
from services.portfolio.domain.claims.sentences import split
from services.portfolio.domain.claims.subjects import Mention
from services.portfolio.domain.claims.unread import check_unread
from services.portfolio.domain.errors import BoundError
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


def check(
    text: str, tables: Sequence[tuple[str, FactTable]], style: Style, *, forecasts_are_faults: bool = True
) -> list[Verdict]:
    """A verdict for every claim of ``text``, written in ``style``, against the facts of sections by their keys.

    Raises ``BoundError`` for a text of more than 100,000 characters.
    """
    if len(text) > MAX_CHARACTERS:
        raise BoundError("text", None, f"longer than {MAX_CHARACTERS} characters")
    return check_against(text, gather(tables), style, forecasts_are_faults=forecasts_are_faults)


def check_against(text: str, evidence: Evidence, style: Style, *, forecasts_are_faults: bool = True) -> list[Verdict]:
    """As ``check``, against evidence that was gathered before."""
    plain = make_plain(text)
    figures = read_figures(plain, evidence.vocabulary, evidence.names, style.decimal, style.group)
    names = evidence.subjects.find(plain)
    figures = [
        replace(
            item,
            currency=evidence.settle_currency(item.currency, item.text),
            sign=max(item.sign, 0) if _is_of_name(item, names, plain) else item.sign,
        )
        for item in figures
        if not any(_is_within(item, name) for name in names)
    ]
    sentences = split(plain, figures, names, evidence)
    checker = FigureChecker(evidence)
    verdicts: list[Verdict] = []
    for sentence in sentences:
        own = checker.check(sentence)
        relations = check_relations(sentence, own, evidence, forecasts_are_faults=forecasts_are_faults)
        quantified = check_quantifiers(sentence, evidence)
        found = [*drop_decided([*own, *relations], quantified), *quantified]
        verdicts += [*found, *check_unread(sentence, found, evidence)]
    return sorted(verdicts, key=lambda verdict: verdict.claim.start)


def _is_within(figure: Printed, name: Mention) -> bool:
    """Whether a figure is part of a longer name (``one to three years``)."""
    longer = name.end - name.start > figure.end - figure.start
    end = figure.end - figure.text.endswith("%")  # a name's words are read without the sign behind them
    return longer and name.start <= figure.start and end <= name.end


def _is_of_name(figure: Printed, names: Sequence[Mention], text: str) -> bool:
    """Whether a figure stands in brackets behind a name, whatever word that ends with (``Plan A (4%)``): they are no
    minus then."""
    bracketed = figure.text.startswith("(") and "-" not in figure.text
    return bracketed and any(name.end <= figure.start and not text[name.end : figure.start].strip() for name in names)


def ground(text: str, table: FactTable, style: Style, *, forecasts_are_faults: bool = True) -> Grounding:
    """Check every claim of ``text``, written in ``style``, against the facts of ``table``.

    Raises ``BoundError`` for a text of more than 100,000 characters.
    """
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
