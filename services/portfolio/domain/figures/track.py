"""What the figures of ``performance_and_risk`` are computed from, and how one of them is put down."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.series import (
    Flow,
    Series,
    align,
    find_periods_per_year,
    read_benchmark,
    read_series,
)
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected

HUNDRED = Decimal(100)
# Returns that differ by less than this do not vary.
FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class Track:
    """Everything that the figures are computed from; ``shared`` and ``benchmark`` cover the same periods."""

    series: Series
    flows: tuple[Flow, ...]
    periods: int | None
    risk_free: Decimal | None
    confidence: Decimal
    shared: tuple[float, ...]
    benchmark: tuple[float, ...]
    field: str

    @property
    def period_risk_free(self) -> float:
        """The risk-free return of one period; zero where none was sent."""
        if self.risk_free is None or self.periods is None:
            return 0.0
        return float((1 + float(self.risk_free) / 100) ** (1 / self.periods) - 1)


def read_track(detected: Detected, catalogue: Catalogue, draft: Draft) -> Track:
    """Reads a section. Raises InputError naming the field that is wrong."""
    series, flows = read_series(detected, catalogue, draft)
    periods = find_periods_per_year(detected, series, draft)
    risk_free = inputs.read_percent(detected.get("risk_free"), detected.name_of("risk_free"))
    if risk_free is not None and abs(risk_free) >= HUNDRED:
        raise InputError(detected.name_of("risk_free"), detected.get("risk_free"), "a yearly rate in percent is needed")
    confidence = inputs.read_percent(detected.get("confidence"), detected.name_of("confidence")) or Decimal(95)
    confidence = confidence * 100 if confidence <= 1 else confidence
    if not Decimal(50) <= confidence < HUNDRED:
        raise InputError(
            detected.name_of("confidence"), detected.get("confidence"), "50 to below 100 percent is needed"
        )
    draft.currency = inputs.read_currency(detected, "Currency")
    name = inputs.read_text(detected.get("benchmark_name"), detected.name_of("benchmark_name"))
    draft.name(name or "")
    benchmark = read_benchmark(detected, catalogue, draft)
    shared, other = align(series, benchmark, detected.name_of("benchmark"), draft) if benchmark else ([], [])
    field = detected.name_of("series") if detected.get("series") is not None else detected.name_of("returns")
    return Track(series, flows, periods, risk_free, confidence, tuple(shared), tuple(other), field)


def add_figure(
    track: Track, draft: Draft, fact_id: str, label: str, value: float, *, unit: Unit, method: str, **more: Any
) -> None:
    """A figure of the track, or its absence where the computation has no finite answer."""
    if not math.isfinite(value):
        draft.miss(fact_id, "the computation has no finite answer for this series")
        return
    scaled = Decimal(repr(value)) * (HUNDRED if unit in {Unit.PERCENT, Unit.POINTS} else 1)
    measure = more.pop("measure", fact_id)
    draft.add(
        Fact(fact_id, label, scaled, unit, measure, method, (track.field, *more.pop("inputs", ())),
             periods_per_year=track.periods, **more)
    )  # fmt: skip
