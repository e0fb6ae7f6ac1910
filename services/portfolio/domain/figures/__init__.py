"""Figures: ``compute`` turns a detected payload into its fact table.

One module a section; ``ANALYTICS`` names the groups of figures that ``sections.yaml`` may choose from. Inputs that
cannot be used raise ``InputError``; figures that cannot be had are absent with their reason, never zero.
"""

from collections.abc import Callable

from services.portfolio.domain.facts import Draft, FactTable
from services.portfolio.domain.figures import bonds, holdings, income, movers, performance, rebalancing, snapshot
from services.portfolio.domain.sections import Catalogue, Detected, suggest_fields

ANALYTICS: dict[str, tuple[str, ...]] = {
    "portfolio_snapshot": ("valuation", "allocation", "concentration", "benchmark"),
    "top_movers": ("contribution", "movers"),
    "model_and_rebalancing": ("drift", "trades", "suitability"),
    "performance_and_risk": ("growth", "risk", "relative"),
    "concentration": ("positions", "groups", "rules"),
    "income": ("yields", "sources", "calendar"),
    "fixed_income": ("ladder", "duration", "quality"),
    "holdings": ("positions", "groups", "gains", "rules"),
}
"""Section name -> groups of figures that may be switched on for it."""

_FIGURES: dict[str, Callable[[Detected, Catalogue, Draft], None]] = {
    "portfolio_snapshot": snapshot.add_figures,
    "top_movers": movers.add_figures,
    "model_and_rebalancing": rebalancing.add_figures,
    "performance_and_risk": performance.add_figures,
    "concentration": holdings.add_figures,
    "income": income.add_figures,
    "fixed_income": bonds.add_figures,
    "holdings": holdings.add_figures,
}


def load_libraries() -> None:
    """Import what figures are computed by. Takes seconds and some 100 MB, once a process; whoever needs them first
    does it else."""
    performance.load_libraries()


def compute(detected: Detected, catalogue: Catalogue) -> FactTable:
    """The facts of one payload. Raises ``InputError`` naming the field where the payload cannot be used."""
    draft = Draft(detected.section.name)
    if detected.unknown:
        meant = suggest_fields(detected)
        shown = ", ".join(
            f"{name} (did you mean {meant[name]}?)" if name in meant else name for name in list(detected.unknown)[:20]
        )
        draft.note("unknown_fields", f"Fields not used: {shown}.", warning=bool(meant))
    _FIGURES[detected.section.name](detected, catalogue, draft)
    return draft.freeze()
