"""The kinds of sections: one object each, with its figures, its writer, and what stands for it elsewhere."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import bonds, holdings, income, movers, performance, rebalancing, snapshot
from services.portfolio.domain.figures.kinds import Figures
from services.portfolio.domain.narrative import bonds as bonds_text
from services.portfolio.domain.narrative import holdings as holdings_text
from services.portfolio.domain.narrative import income as income_text
from services.portfolio.domain.narrative import movers as movers_text
from services.portfolio.domain.narrative import performance as performance_text
from services.portfolio.domain.narrative import rebalancing as rebalancing_text
from services.portfolio.domain.narrative import snapshot as snapshot_text
from services.portfolio.domain.narrative.text import Script


@dataclass(frozen=True, slots=True)
class SectionKind:
    """One kind of section.

    ``write`` says what an adviser would of its facts. ``chosen`` are the groups of figures that a section has where
    ``sections.yaml`` names none, all of them if empty. ``is_part`` where it speaks of a part of the portfolio: its
    totals are no other section's, but no more than the whole. ``example`` is its file in ``examples/portfolio``.
    """

    name: str
    figures: Figures[Any]
    write: Callable[[FactTable, Script], None]
    example: str
    chosen: tuple[str, ...] = ()
    is_part: bool = False

    @property
    def analytics(self) -> tuple[str, ...]:
        """The groups of figures that may be switched on for it."""
        return self.chosen or tuple(group.name for group in self.figures.groups)


_ALL = (
    SectionKind("portfolio_snapshot", snapshot.FIGURES, snapshot_text.write, "review.json"),
    SectionKind("top_movers", movers.FIGURES, movers_text.write, "review.json"),
    SectionKind("model_and_rebalancing", rebalancing.FIGURES, rebalancing_text.write, "review.json"),
    SectionKind("performance_and_risk", performance.FIGURES, performance_text.write, "performance.json"),
    SectionKind(
        "concentration", holdings.FIGURES, holdings_text.write, "concentration.json",
        chosen=("positions", "groups", "rules"),
    ),
    SectionKind("income", income.FIGURES, income_text.write, "income.json", is_part=True),
    SectionKind("fixed_income", bonds.FIGURES, bonds_text.write, "fixed_income.json", is_part=True),
    SectionKind("holdings", holdings.FIGURES, holdings_text.write, "holdings.json"),
)  # fmt: skip
KINDS: Mapping[str, SectionKind] = {kind.name: kind for kind in _ALL}
"""Every kind by its name."""
