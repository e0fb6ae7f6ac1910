"""Figures: ``compute`` turns a detected payload into its fact table.

One module a section. Inputs that no part of a section can be computed from raise ``InputError``; figures that cannot be
had are absent with their reason, never zero, and never built on a number whose unit was not settled.
"""

from typing import Any

from services.portfolio.domain.facts import Draft, FactTable
from services.portfolio.domain.figures import bonds, holdings, income, movers, performance, rebalancing, snapshot
from services.portfolio.domain.figures.kinds import Figures
from services.portfolio.domain.figures.specs import SPECS
from services.portfolio.domain.reading import Context, read
from services.portfolio.domain.sections import Catalogue, Detected, suggest_fields

FIGURES: dict[str, Figures[Any]] = {
    "portfolio_snapshot": snapshot.FIGURES,
    "top_movers": movers.FIGURES,
    "model_and_rebalancing": rebalancing.FIGURES,
    "performance_and_risk": performance.FIGURES,
    "concentration": holdings.FIGURES,
    "income": income.FIGURES,
    "fixed_income": bonds.FIGURES,
    "holdings": holdings.FIGURES,
}
_NO_GAINS = ("positions", "groups", "rules")
ANALYTICS: dict[str, tuple[str, ...]] = {
    name: _NO_GAINS if name == "concentration" else tuple(group.name for group in figures.groups)
    for name, figures in FIGURES.items()
}
"""Section name -> groups of figures that may be switched on for it."""


def compute(detected: Detected, catalogue: Catalogue, context: Context | None = None) -> FactTable:
    """The facts of one payload. Raises ``InputError`` naming the field where the payload cannot be used."""
    draft = Draft(detected.section.name, SPECS)
    if detected.unknown:
        meant = suggest_fields(detected)
        shown = ", ".join(
            f"{name} (did you mean {meant[name]}?)" if name in meant else name for name in list(detected.unknown)[:20]
        )
        draft.note("unknown_fields", f"Fields not used: {shown}.", warning=bool(meant))
    reading = read(detected, catalogue, context)
    for code, message, warning, field in reading.notes:
        draft.note(code, message, warning=warning, field=field)
    draft.reading = reading.entries
    FIGURES[detected.section.name].add_to(draft, reading, catalogue, detected.section.analytics)
    for entry in reading.entries:
        if entry.alternatives:
            shown = " or ".join(item.describe() for item in entry.alternatives)
            draft.note(
                "ambiguous", f"{entry.field} could be {shown}; figures that need it are left out.", warning=True,
                field=entry.field,
            )  # fmt: skip
    return draft.freeze()
