"""What the figures of ``performance_and_risk`` are computed from, and how one of them is put down."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from services.portfolio.domain.errors import InputError, MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.figures.aligning import align
from services.portfolio.domain.figures.flows import Flow
from services.portfolio.domain.figures.series import (
    Series,
    find_periods_per_year,
    read_benchmark,
    read_series,
)
from services.portfolio.domain.number_words import Unit
from services.portfolio.domain.reading import Need, Reading
from services.portfolio.domain.sections import Catalogue

HUNDRED = Decimal(100)
FLAT = 1e-12
"""Returns that differ by less than this do not vary."""
LEAST_RETURNS = 12
"""Ratios of risk want at least so many returns: of twelve, the standard deviation is known to a fifth
(1 / sqrt(2 (n - 1)))."""
LEAST_VOLATILITY = 0.005
"""A year's volatility below this is that of risk class 1 (CESR/10-673: money-market funds): accrual and rounding, by
which nothing is to be divided."""
LEAST_TRACKING_ERROR = 0.0001
"""A tracking error below a basis point is rounding."""


@dataclass(frozen=True, slots=True)
class Track:
    """Everything that the figures are computed from; ``shared`` and ``benchmark`` cover the same periods."""

    series: Series
    flows: tuple[Flow, ...]
    periods: int | None
    years: float | None
    risk_free: Decimal | None
    no_risk_free: MissingInputError | None
    confidence: Decimal
    shared: tuple[float, ...]
    benchmark: tuple[float, ...]
    shared_years: float | None
    no_benchmark: MissingInputError | None
    field: str
    needs: tuple[Need, ...] = ()
    """What the client saves for, or has to pay."""
    fall_limit: tuple[str, str, Decimal] | None = None
    """The field, and the name in it, of the most in percent that the client lets the whole fall."""

    @property
    def period_risk_free(self) -> float:
        """The risk-free return of one period; zero where none was sent. Raises where it could not be settled."""
        if self.no_risk_free is not None:
            raise self.no_risk_free
        if self.risk_free is None or self.periods is None:
            return 0.0
        return float((1 + float(self.risk_free) / 100) ** (1 / self.periods) - 1)

    def need_returns(self) -> tuple[float, ...]:
        """The returns. Raises ``MissingInputError`` where no method gives them."""
        if self.series.missing is not None:
            raise self.series.missing
        return self.series.returns


def read_track(reading: Reading, catalogue: Catalogue, draft: Draft) -> Track:
    """Reads a section. Raises ``InputError`` naming the field that is wrong."""
    draft.currency = reading.currency
    series, flows = read_series(reading, draft, catalogue.limits)
    periods = find_periods_per_year(reading, series, catalogue.reference, draft)
    risk_free, no_risk_free = _try_percent(reading, "risk_free")
    if risk_free is not None and abs(risk_free) >= HUNDRED:
        raise InputError(
            reading.name_of("risk_free"), reading.detected.get("risk_free"), "a yearly rate in percent is needed"
        )
    confidence = _try_percent(reading, "confidence")[0] or Decimal(95)
    if not Decimal(50) <= confidence < HUNDRED:
        raise InputError(
            reading.name_of("confidence"), reading.detected.get("confidence"), "50 to below 100 percent is needed"
        )
    draft.name(reading.text("benchmark_name") or "")
    shared: list[float] = []
    other: list[float] = []
    shared_years, no_benchmark = None, None
    try:
        benchmark = read_benchmark(reading, draft, catalogue.limits)
    except MissingInputError as missing:
        benchmark, no_benchmark = None, missing
    if benchmark is not None and series.missing is None:
        shared, other, shared_years = align(series, benchmark, reading.name_of("benchmark"), draft)
    field = reading.name_of("series") if "series" in reading.tables else reading.name_of("returns")
    years = series.count_years(periods)
    if years is not None and years < 1 and periods is not None:
        draft.note(
            "short", "The track is shorter than a year: returns are not annualised; volatility and ratios are, by the "
            "number of periods.",
        )  # fmt: skip
    if not (series.days and benchmark is not None and benchmark.days):
        shared_years = years
    return Track(
        series, flows, periods, years, risk_free, no_risk_free, confidence, tuple(shared), tuple(other), shared_years,
        no_benchmark, field, reading.needs, reading.fall_limit,
    )  # fmt: skip


def _try_percent(reading: Reading, name: str) -> tuple[Decimal | None, MissingInputError | None]:
    try:
        return reading.percent(name), None
    except MissingInputError as missing:
        return None, missing


def add_figure(track: Track, draft: Draft, spec_id: str, value: float, **more: Any) -> None:
    """A figure of the track, or its absence where the computation has no finite answer."""
    if not math.isfinite(value):
        draft.miss(spec_id, "the computation has no finite answer for this series")
        return
    rate = draft.specs[spec_id].unit in {Unit.PERCENT, Unit.POINTS}
    scaled = Decimal(repr(float(value))) * (HUNDRED if rate else 1)
    inputs = (track.field, *more.pop("inputs", ()))
    draft.state(spec_id, scaled, inputs, periods_per_year=track.periods, **more)
