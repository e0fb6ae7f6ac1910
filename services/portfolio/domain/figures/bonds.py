"""Figures of ``fixed_income``: when it matures, what it yields, what a rise in rates would cost, and how good it is.

Bonds are taken as plain ones that pay a fixed coupon and their face value at maturity; a duration or yield that was
sent is used as it is. Times are actual days / 365.25.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.portfolio.domain.errors import InputError
from services.portfolio.domain.facts import Draft, Fact, slug
from services.portfolio.domain.figures import inputs
from services.portfolio.domain.figures.income import read_frequency
from services.portfolio.domain.figures.positions import HUNDRED, settle_amounts
from services.portfolio.domain.figures.rows import Row, read_table
from services.portfolio.domain.figures.weights import add_concentration
from services.portfolio.domain.numbers import Unit
from services.portfolio.domain.sections import Catalogue, Detected

_YEAR_DAYS = Decimal("365.25")
BUCKETS: tuple[tuple[str, Decimal], ...] = (
    ("under 1 year", Decimal(1)),
    ("1 to 3 years", Decimal(3)),
    ("3 to 5 years", Decimal(5)),
    ("5 to 7 years", Decimal(7)),
    ("7 to 10 years", Decimal(10)),
    ("over 10 years", Decimal("Infinity")),
)
_INVESTMENT_GRADE = ("AAA", "AA", "A", "BBB", "BAA", "SOV", "GOVT", "GOVERNMENT", "GSEC", "A1", "P1")
_DEFAULT_FREQUENCY = 2
_LONGEST_YEARS = 100


@dataclass(frozen=True, slots=True)
class Bond:
    """One bond: weight, coupon and yield in percent, duration and maturity in years."""

    name: str
    market_value: Decimal
    weight: Decimal
    coupon: Decimal | None
    maturity: date | None
    years: Decimal | None
    ytm: Decimal | None
    duration: Decimal | None
    rating: str | None
    derived: bool
    """Whether yield or duration was computed here from price, coupon and maturity."""


@dataclass(frozen=True, slots=True)
class _Ladder:
    bonds: tuple[Bond, ...]
    total: Decimal
    field: str
    currency: str | None


def add_figures(detected: Detected, catalogue: Catalogue, draft: Draft) -> None:
    """Ladder, duration and quality, as the section's analytics ask for."""
    ladder = _read(detected, catalogue, draft)
    draft.add(
        Fact(
            "market_value",
            "market value of the bonds",
            ladder.total,
            Unit.MONEY,
            "market_value",
            "sum of the bonds",
            (ladder.field,),
            ladder.currency,
        )
    )
    weights = sorted(((bond.name, bond.weight) for bond in ladder.bonds), key=lambda pair: (-pair[1], pair[0]))
    for name, weight in weights[: catalogue.limits.facts_per_group]:
        draft.add(
            Fact(
                f"weight.{slug(name)}",
                f"weight of {name}",
                weight,
                Unit.PERCENT,
                "weight",
                "market value / total",
                (ladder.field,),
                subject=name,
            )
        )
    add_concentration(draft, weights, "bonds")
    groups: dict[str, Callable[[_Ladder, Draft], None]] = {
        "ladder": _add_ladder,
        "duration": _add_duration,
        "quality": _add_quality,
    }
    for name in detected.section.analytics:
        groups[name](ladder, draft)


def _read(detected: Detected, catalogue: Catalogue, draft: Draft) -> _Ladder:
    field = detected.name_of("fixed_income")
    table = read_table(detected.get("fixed_income"), field, catalogue)
    if not table.rows:
        raise InputError(field, None, "no rows")
    as_of = inputs.read_date(detected.get("As Of"), detected.name_of("As Of"))
    if as_of is None:
        draft.note(
            "no_date", "As Of was not sent, so nothing that depends on time to maturity is computed.", warning=True
        )
    amounts = settle_amounts(table.rows, ("market_value", "face_value"), field, detected)
    values = [_read_value(row, amounts.convert) for row in table.rows]
    total = sum(values, Decimal(0))
    if total <= 0:
        raise InputError(field, None, f"market values sum to {total}, so that no weights can be computed")
    draft.currency = amounts.currency
    bonds = tuple(
        _read_bond(row, value, total, as_of, amounts.convert) for row, value in zip(table.rows, values, strict=True)
    )
    past = [bond.name for bond in bonds if bond.years is not None and bond.years < 0]
    if past:
        draft.note(
            "matured", f"{', '.join(past[:5])} matured before the valuation date and count only by value.", warning=True
        )
    if table.unknown_columns:
        draft.note("unknown_columns", f"Columns not used: {', '.join(table.unknown_columns[:20])}.", field=field)
    return _Ladder(bonds, total, field, amounts.currency)


def _read_value(row: Row, convert: Callable[[Row, str], Decimal | None]) -> Decimal:
    value = convert(row, "market_value")
    if value is None:
        face, price = convert(row, "face_value"), row.money("price")
        value = None if face is None else face * (price.value if price else HUNDRED) / HUNDRED
    if value is None:
        raise InputError(row.path, None, "a market value, or a face value and a price per 100, is needed")
    if value < 0:
        raise InputError(row.field("market_value"), row.cells.get("market_value"), "a bond's value cannot be negative")
    return value


def _read_bond(
    row: Row, value: Decimal, total: Decimal, as_of: date | None, convert: Callable[[Row, str], Decimal | None]
) -> Bond:
    name = row.text("name") or row.text("isin") or row.text("symbol")
    if name is None:
        raise InputError(row.field("name"), None, "a bond without a name")
    maturity = inputs.read_date(row.cells.get("maturity"), row.field("maturity"))
    years = Decimal((maturity - as_of).days) / _YEAR_DAYS if maturity and as_of else None
    coupon, ytm, duration = row.percent("coupon"), row.percent("ytm"), row.number("duration")
    if coupon is not None and not 0 <= coupon < HUNDRED:
        raise InputError(row.field("coupon"), row.cells.get("coupon"), "a coupon from 0 to below 100 percent is needed")
    price = row.money("price")
    face = convert(row, "face_value")
    quoted = price.value if price else value / face * HUNDRED if face else None
    derived = False
    if (ytm is None or duration is None) and coupon is not None and years is not None and 0 < years <= _LONGEST_YEARS:
        frequency = read_frequency(row)
        payments = _DEFAULT_FREQUENCY if frequency is None else frequency
        if ytm is None and quoted is not None and quoted > 0:
            ytm, derived = solve_yield(quoted, coupon, years, payments), True
        if duration is None and ytm is not None:
            duration, derived = compute_duration(coupon, years, payments, ytm), True
    return Bond(
        name, value, value / total * HUNDRED, coupon, maturity, years, ytm, duration, row.text("rating"), derived
    )


def list_payments(coupon: Decimal, years: Decimal, frequency: int) -> list[tuple[float, float]]:
    """Times in years and amounts per 100 of face, counting back from maturity; a frequency of 0 pays all at the end."""
    if not frequency:
        whole = float(years)
        return [(whole, 100.0 * (1 + float(coupon) / 100) ** whole)]
    period, rest = 1 / frequency, float(years)
    times: list[float] = []
    while rest > 1e-9 and len(times) < 2000:
        times.append(rest)
        rest -= period
    amount = float(coupon) / frequency
    return [(moment, amount + (100.0 if moment == times[0] else 0.0)) for moment in reversed(times)]


def compute_price(payments: Iterable[tuple[float, float]], rate: float, frequency: int) -> float:
    """What payments are worth at a yearly rate (as a fraction) compounded ``frequency`` times a year."""
    periods = max(frequency, 1)
    return math.fsum(amount / (1 + rate / periods) ** (moment * periods) for moment, amount in payments)


def compute_accrued(coupon: Decimal, payments: Sequence[tuple[float, float]], frequency: int) -> float:
    """Interest per 100 of face since the last coupon; none for a bond that pays all at the end."""
    if not frequency:
        return 0.0
    return float(coupon) * max(1 / frequency - payments[0][0], 0.0)


def solve_yield(price: Decimal, coupon: Decimal, years: Decimal, frequency: int) -> Decimal | None:
    """The yield to maturity in percent at which the payments are worth the price; None outside -50% to 200%.

    ``price`` is per 100 of face without accrued interest, as bonds are quoted; the interest accrued since the last
    coupon is added to it. The price falls as the rate rises, so halving the range always finds it.
    """
    payments = list_payments(coupon, years, frequency)
    low, high, wanted = -0.5, 2.0, float(price) + compute_accrued(coupon, payments, frequency)
    if not compute_price(payments, high, frequency) <= wanted <= compute_price(payments, low, frequency):
        return None
    for _ in range(80):
        middle = (low + high) / 2
        if compute_price(payments, middle, frequency) > wanted:
            low = middle
        else:
            high = middle
    return Decimal(repr((low + high) / 2)) * HUNDRED


def compute_duration(coupon: Decimal, years: Decimal, frequency: int, ytm: Decimal) -> Decimal:
    """Modified duration in years: the time of the payments weighted by their worth, over one period's growth."""
    payments = list_payments(coupon, years, frequency)
    periods, rate = max(frequency, 1), float(ytm) / 100
    worths = [(moment, amount / (1 + rate / periods) ** (moment * periods)) for moment, amount in payments]
    total = sum(worth for _, worth in worths)
    macaulay = sum(moment * worth for moment, worth in worths) / total
    return Decimal(repr(macaulay / (1 + rate / periods)))


def _add_ladder(ladder: _Ladder, draft: Draft) -> None:
    timed = [bond for bond in ladder.bonds if bond.years is not None and bond.years >= 0]
    if len(timed) < len(ladder.bonds):
        draft.miss("average_maturity", "not every bond has a maturity after a known valuation date")
    else:
        average = _average(ladder, [(bond, bond.years) for bond in timed])
        draft.add(
            Fact(
                "average_maturity",
                "average time to maturity",
                average,
                Unit.YEARS,
                "maturity",
                "years to maturity weighted by market value",
                (ladder.field,),
            )
        )
    if not timed:
        draft.miss("maturity_weight", "no bond has a maturity after a known valuation date")
        return
    sums: dict[str, Decimal] = {}
    for bond in timed:
        bucket = next(name for name, most in BUCKETS if (bond.years or Decimal(0)) <= most)
        sums[bucket] = sums.get(bucket, Decimal(0)) + bond.weight
    for name, _ in BUCKETS:
        if name in sums:
            draft.add(
                Fact(
                    f"maturity_weight.{slug(name)}",
                    f"share maturing in {name}",
                    sums[name],
                    Unit.PERCENT,
                    "maturity_weight",
                    "weights of the bonds that mature in that time",
                    (ladder.field,),
                    subject=name,
                )
            )
    draft.chart("bars", "Maturity ladder", Unit.PERCENT, [(name, sums.get(name, Decimal(0))) for name, _ in BUCKETS])
    first = min(timed, key=lambda bond: (bond.years or Decimal(0), bond.name))
    draft.add(
        Fact(
            "next_maturity",
            f"next maturity, of {first.name}",
            first.market_value,
            Unit.MONEY,
            "maturity",
            "as sent",
            (ladder.field,),
            ladder.currency,
            subject=first.name,
            dates=(first.maturity,) if first.maturity else (),
        )
    )


def _add_duration(ladder: _Ladder, draft: Draft) -> None:
    _add_average(
        ladder,
        draft,
        "coupon",
        "average coupon",
        unit=Unit.PERCENT,
        values=[(bond, bond.coupon) for bond in ladder.bonds],
    )
    _add_average(
        ladder,
        draft,
        "ytm",
        "average yield to maturity",
        unit=Unit.PERCENT,
        values=[(bond, bond.ytm) for bond in ladder.bonds],
    )
    duration = _add_average(
        ladder,
        draft,
        "duration",
        "modified duration",
        unit=Unit.YEARS,
        values=[(bond, bond.duration) for bond in ladder.bonds],
    )
    if duration is None:
        draft.miss("sensitivity", "needs the duration of every bond")
        return
    draft.add(
        Fact(
            "sensitivity",
            "change in value if rates rise by one percentage point",
            -duration,
            Unit.PERCENT,
            "sensitivity",
            "-modified duration x 1 percentage point",
            (ladder.field,),
            signed=True,
        )
    )
    draft.add(
        Fact(
            "sensitivity_amount",
            "change in value if rates rise by one percentage point",
            -duration * ladder.total / HUNDRED,
            Unit.MONEY,
            "sensitivity",
            "-modified duration x market value x 1%",
            (ladder.field,),
            ladder.currency,
            signed=True,
        )
    )


def _add_average(
    ladder: _Ladder,
    draft: Draft,
    fact_id: str,
    label: str,
    *,
    unit: Unit,
    values: Sequence[tuple[Bond, Decimal | None]],
) -> Decimal | None:
    missing = [bond.name for bond, value in values if value is None]
    if missing:
        draft.miss(fact_id, f"not known for {', '.join(missing[:5])}{' ...' if len(missing) > 5 else ''}")
        return None
    average = _average(ladder, values)
    computed = fact_id != "coupon" and any(bond.derived for bond in ladder.bonds)
    method = "weighted by market value" + (
        ", computed from price, coupon and maturity where not sent (compounding at the coupon's frequency)"
        if computed
        else ""
    )
    draft.add(Fact(fact_id, label, average, unit, fact_id, method, (ladder.field,)))
    return average


def _average(ladder: _Ladder, values: Sequence[tuple[Bond, Decimal | None]]) -> Decimal:
    return sum((bond.market_value * (value or Decimal(0)) for bond, value in values), Decimal(0)) / ladder.total


def _add_quality(ladder: _Ladder, draft: Draft) -> None:
    if not any(bond.rating for bond in ladder.bonds):
        draft.miss("quality_weight", "no bond has a rating")
        return
    sums: dict[str, Decimal] = {}
    for bond in ladder.bonds:
        rating = bond.rating or "Unrated"
        sums[rating] = sums.get(rating, Decimal(0)) + bond.weight
    ranked = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    for name, weight in ranked:
        draft.add(
            Fact(
                f"quality_weight.{slug(name)}",
                f"share rated {name}",
                weight,
                Unit.PERCENT,
                "quality_weight",
                "weights summed by rating",
                (ladder.field,),
                subject=name,
            )
        )
    low = sum((weight for name, weight in ranked if not is_investment_grade(name)), Decimal(0))
    draft.add(
        Fact(
            "below_investment_grade",
            "share below investment grade or unrated",
            low,
            Unit.PERCENT,
            "low_quality",
            "weights of bonds not rated BBB- or better",
            (ladder.field,),
        )
    )
    draft.chart("bars", "Credit quality", Unit.PERCENT, ranked[:12])


def is_investment_grade(rating: str) -> bool:
    """Whether a rating, of any agency and with or without its prefix (``CRISIL AAA``, ``Baa2``), is BBB- or better."""
    for word in rating.upper().replace("(", " ").replace("/", " ").split():
        stem = word.rstrip("+-123").removeprefix("IND").strip()
        if word.rstrip("+-") in _INVESTMENT_GRADE or stem in _INVESTMENT_GRADE:
            return True
    return False
