"""One portfolio in the notations of the world: numbers, dates, shares, rates, currencies, totals and accounts as feeds
of eight countries write them, each payload with the figures that are true of it.

The truth is computed here from the portfolio itself, independently of the product.
"""

import itertools
import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

Payload = dict[str, Any]
HUNDRED = Decimal(100)
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Country:
    """How one country writes numbers and days."""

    code: str
    locale: str
    currency: str
    sign: str
    decimal: str
    group: str
    day: Callable[[date], str]
    indian: bool = False
    total: str = "Total"


def _us(day: date) -> str:
    return f"{day.month:02d}/{day.day:02d}/{day.year}"


def _uk(day: date) -> str:
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def _dotted(day: date) -> str:
    return f"{day.day:02d}.{day.month:02d}.{day.year}"


def _indian_day(day: date) -> str:
    return f"{day.day:02d}-{day:%b}-{day.year}"


def _japanese(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


COUNTRIES = (
    Country("us", "en_US", "USD", "$", ".", ",", _us),
    Country("uk", "en_GB", "GBP", "£", ".", ",", _uk),
    Country("de", "de_DE", "EUR", "€", ",", ".", _dotted, total="Gesamt"),
    Country("fr", "fr_FR", "EUR", "€", ",", "\u202f", _uk, total="Total général"),
    Country("ch", "de_CH", "CHF", "CHF", ".", "’", _dotted, total="Summe"),
    Country("in", "en_IN", "INR", "₹", ".", ",", _indian_day, indian=True, total="Grand Total"),
    Country("jp", "ja_JP", "JPY", "¥", ".", ",", _japanese, total="合計"),
    Country("iso", "en_US", "USD", "USD", ".", "", lambda day: day.isoformat()),
)


@dataclass(frozen=True)
class Style:
    """What else a feed chooses. ``rates``: how shares and rates are written; ``percent`` and ``fraction`` are bare."""

    name: str
    rates: str
    money: str
    csv: bool = False
    totals: str = ""
    accounts: bool = False
    foreign: bool = False
    native: bool = False
    states_units: bool = True


STYLES = (
    Style("native", "percent", "bare", native=True, states_units=False),
    Style("marked", "marked", "signed", accounts=True, totals="total"),
    Style("fractions", "fraction", "bare", csv=True, totals="total", states_units=False),
    Style("points", "bps", "coded", csv=True, totals="subtotals", foreign=True),
    Style("scaled", "marked", "scaled", foreign=True, accounts=True),
)


@dataclass(frozen=True)
class Notation:
    """One country's feed in one style. ``convention`` states what the feed uses where the style does not."""

    country: Country
    style: Style

    @property
    def name(self) -> str:
        """What tests call it."""
        return f"{self.country.code}-{self.style.name}"

    @property
    def locale(self) -> str:
        """The locale that the request states."""
        return self.country.locale

    def digits(self, value: Decimal) -> str:
        """A number with the country's decimal and grouping signs."""
        text = f"{abs(value):f}"
        whole, _, rest = text.partition(".")
        head, tail = whole[:-3], whole[-3:]
        step = 2 if self.country.indian else 3
        groups = []
        while len(head) > step:
            groups.insert(0, head[-step:])
            head = head[:-step]
        whole = self.country.group.join([*([head] if head else []), *groups, tail])
        return ("-" if value < 0 else "") + whole + (f"{self.country.decimal}{rest}" if rest else "")

    def number(self, value: Decimal) -> Any:
        """A number without a unit: a JSON number in native feeds, else text."""
        if self.style.native:
            return int(value) if value == value.to_integral_value() else value
        return self.digits(value)

    def money(self, value: Decimal, currency: str | None = None) -> Any:
        """An amount; scaled ones are exact, so that nothing is lost."""
        country = self.country
        code = currency or country.currency
        if self.style.money == "signed":
            sign = country.sign if code == country.currency else code + " "
            tail = "/-" if country.indian and value == value.to_integral_value() else ""
            return f"{sign}{self.digits(value)}{tail}"
        if self.style.money == "coded":
            return f"{code} {self.digits(value)}"
        if self.style.money == "scaled":
            scale, word = (Decimal(100_000), "lakh") if country.indian else (Decimal(1_000_000), "mn")
            return f"{code} {self.digits(value / scale)} {word}"
        return self.number(value)

    def rate(self, percent: Decimal) -> Any:
        """A share or rate that is so many percent."""
        if self.style.rates == "marked":
            return f"{self.digits(percent)} %"
        if self.style.rates == "bps":
            return f"{self.digits(percent * 100)} bps"
        return self.number(percent / HUNDRED if self.style.rates == "fraction" else percent)

    def day(self, day: date) -> str:
        """A day as the country writes it."""
        return self.country.day(day)

    def table(self, rows: list[Payload]) -> Any:
        """Rows as a list, or as CSV text with the country's delimiter."""
        if not self.style.csv:
            return rows
        names = list(dict.fromkeys(name for row in rows for name in row))
        delimiter = ";" if self.country.decimal == "," or self.country.group == "," else ","
        lines = [delimiter.join(names)]
        lines += [delimiter.join(str(row.get(name, "")) for name in names) for row in rows]
        return "\n".join(lines) + "\n"


NOTATIONS = tuple(Notation(country, style) for country in COUNTRIES for style in STYLES)


@dataclass(frozen=True)
class Holding:
    """One position in the reporting currency, unless ``foreign``: then at ``rate`` of it for one unit."""

    name: str
    isin: str
    asset_class: str
    quantity: Decimal
    price: Decimal
    cost: Decimal
    fee: Decimal
    band: Decimal
    foreign: bool = False
    rate: Decimal = Decimal(1)

    @property
    def local_value(self) -> Decimal:
        return self.quantity * self.price

    @property
    def value(self) -> Decimal:
        return self.local_value * self.rate


@dataclass(frozen=True)
class Case:
    """A payload with what is true of it, by fact id; ``unit_stated`` where nothing may be ambiguous."""

    notation: Notation
    section: str
    payload: Payload
    truth: dict[str, Decimal]
    days: tuple[date, ...] = field(default=())

    @property
    def name(self) -> str:
        """What tests call it."""
        return f"{self.section}-{self.notation.name}"


NAMES = (
    ("Alpha Industries", "US0000000018", "Equity"), ("Beta Pharma", "US0000000026", "Equity"),
    ("Gamma Government Bond", "US0000000034", "Debt"), ("Delta Gold Trust", "US0000000042", "Gold"),
    ("Epsilon Liquid Fund", "US0000000059", "Liquid Fund"), ("Zeta Logistics", "US0000000067", "Equity"),
)  # fmt: skip


def make_holdings(rng: random.Random, notation: Notation) -> list[Holding]:
    """Six positions worth some hundred thousands each; every amount is exact to the cent."""
    scale = {"JPY": 150, "INR": 85}.get(notation.country.currency, 1)
    held = []
    for index, (name, isin, asset_class) in enumerate(NAMES):
        quantity = Decimal(rng.randrange(1_000, 9_000))
        price = (Decimal(rng.randrange(4_000, 25_000)) / 100 * scale).quantize(CENT)
        value = quantity * price
        cost = (value * Decimal(rng.randrange(60, 140)) / HUNDRED).quantize(CENT)
        fee = Decimal(rng.randrange(20, 180)) / 100
        band = Decimal(rng.choice([2, 3, 5, 10]))
        foreign = notation.style.foreign and index == 1
        held.append(
            Holding(
                name,
                isin,
                asset_class,
                quantity,
                price,
                cost,
                fee,
                band,
                foreign,
                Decimal("1.25") if foreign else Decimal(1),
            )
        )
    return held


def _ratio(part: Decimal, whole: Decimal) -> Decimal:
    return part / whole * HUNDRED


def slug(name: str) -> str:
    """A name as the product puts it in an id."""
    return name.lower().replace(" ", "_")


def holdings_case(rng: random.Random, notation: Notation) -> Case:
    """Positions with quantities, prices, values, cost and fees, with totals and accounts as the style has them."""
    held = make_holdings(rng, notation)
    other = "USD" if notation.country.currency != "USD" else "EUR"
    rows: list[Payload] = []
    for item in held:
        code = other if item.foreign else notation.country.currency
        parts = [Decimal("0.5"), Decimal("0.5")] if notation.style.accounts and item is held[0] else [Decimal(1)]
        for number, part in enumerate(parts):
            spelling = item.name.upper() if number else item.name
            row = {
                "Security Name": spelling,
                "ISIN": item.isin,
                "Asset Class": item.asset_class,
                "Quantity": notation.number(item.quantity * part),
                "Price": notation.number(item.price),
                "Market Value": notation.money(item.local_value * part, code),
                "Cost": notation.money(item.cost * part, code),
                "TER": notation.rate(item.fee),
                "Currency": code,
            }
            if notation.style.accounts:
                row["Account"] = f"A{number + 1}"
            rows.append(row)
    total = sum((item.value for item in held), Decimal(0))
    cost = sum((item.cost * item.rate for item in held), Decimal(0))
    if notation.style.totals:
        rows = _with_totals(rows, held, notation, total, cost)
    payload: Payload = {
        "holdings_csv" if notation.style.csv else "holdings": notation.table(rows),
        "Base Currency": notation.country.currency,
    }
    if notation.style.foreign:
        payload["Fx Rates"] = {other: notation.number(Decimal("1.25"))}
    weights = {item.name: _ratio(item.value, total) for item in held}
    truth = {
        "market_value": total,
        "cost": cost,
        "gain": total - cost,
        "gain_pct": _ratio(total - cost, cost),
        "count": Decimal(len(held)),
        "hhi": sum(((weight / HUNDRED) ** 2 for weight in weights.values()), Decimal(0)),
        "top_5": sum(sorted(weights.values())[-5:], Decimal(0)),
        "fee": sum((weights[item.name] * item.fee for item in held), Decimal(0)) / HUNDRED,
    }
    truth |= {f"weight.position.{slug(name)}": weight for name, weight in weights.items()}
    return Case(notation, "holdings", payload, truth)


def _with_totals(
    rows: list[Payload], held: list[Holding], notation: Notation, total: Decimal, cost: Decimal
) -> list[Payload]:
    def line(name: str, value: Decimal, paid: Decimal) -> Payload:
        return {"Security Name": name, "Market Value": notation.money(value), "Cost": notation.money(paid)}

    if notation.style.totals == "total":
        return [*rows, line(notation.country.total, total, cost)]
    first, second = held[:3], held[3:]
    sums = [
        (sum((item.value for item in part), Decimal(0)), sum((item.cost * item.rate for item in part), Decimal(0)))
        for part in (first, second)
    ]
    return [
        *rows[:3], line("Sub Total", *sums[0]), *rows[3:], line("Sub Total", *sums[1]),
        line(notation.country.total, total, cost),
    ]  # fmt: skip


def rebalancing_case(rng: random.Random, notation: Notation) -> Case:
    """Assets against a model; shares, model shares and bands in the style's unit."""
    held = [replace(item, foreign=False, rate=Decimal(1)) for item in make_holdings(rng, notation)]
    models = [Decimal(30), Decimal(20), Decimal(20), Decimal(10), Decimal(10), Decimal(10)]
    total = sum((item.value for item in held), Decimal(0))
    rows = [
        {
            "name": item.name,
            "asset_class": item.asset_class,
            "market_value": notation.money(item.value),
            "model_weight": notation.rate(model),
            "band": notation.rate(item.band),
        }
        for item, model in zip(held, models, strict=True)
    ]
    payload = {
        "total_portfolio_mv": notation.money(total),
        "customer_risk_profile": "Moderate",
        "assets": notation.table(rows),
        "Currency": notation.country.currency,
    }
    truth: dict[str, Decimal] = {"market_value": total}
    drifts = []
    for item, model in zip(held, models, strict=True):
        drift = _ratio(item.value, total) - model
        drifts.append((abs(drift), item.band))
        truth |= {
            f"model_weight.{slug(item.name)}": model,
            f"band.{slug(item.name)}": item.band,
            f"drift.{slug(item.name)}": drift,
        }
    truth["breaches"] = Decimal(sum(drift > band for drift, band in drifts))
    truth["equity_share"] = _ratio(
        sum((item.value for item in held if item.asset_class == "Equity"), Decimal(0)), total
    )
    truth["active_share"] = sum((drift for drift, _ in drifts), Decimal(0)) / 2
    return Case(notation, "model_and_rebalancing", payload, truth)


def performance_case(rng: random.Random, notation: Notation) -> Case:
    """Thirty month-end values; every style's dates and amounts, the risk-free rate in its unit."""
    values, days = [Decimal(rng.randrange(800_000, 2_000_000))], [date(2023, 1, 31)]
    for _ in range(29):
        following = (days[-1].replace(day=1) + timedelta(days=63)).replace(day=1) - timedelta(days=1)
        days.append(following)
        values.append((values[-1] * (1 + Decimal(rng.randrange(-400, 600)) / 10_000)).quantize(CENT, ROUND_HALF_EVEN))
    rows = [
        {"date": notation.day(day), "value": notation.money(value)} for day, value in zip(days, values, strict=True)
    ]
    payload = {"series": notation.table(rows), "Currency": notation.country.currency}
    changes = [float(later / earlier) - 1 for earlier, later in itertools.pairwise(values)]
    mean = sum(changes) / len(changes)
    volatility = (sum((change - mean) ** 2 for change in changes) / (len(changes) - 1) * 12) ** 0.5
    growth = values[-1] / values[0]
    truth = {
        "twr": (growth - 1) * HUNDRED,
        "volatility": Decimal(repr(volatility)) * HUNDRED,
        "start_value": values[0],
        "market_value": values[-1],
        "cagr": Decimal(repr(float(growth) ** (12 / 29) - 1)) * HUNDRED,  # 29 complete months
    }
    return Case(notation, "performance_and_risk", payload, truth, (days[0], days[-1]))


def snapshot_case(rng: random.Random, notation: Notation) -> Case:
    """A snapshot with its rates, its allocation and its day."""
    scale = {"JPY": 150, "INR": 85}.get(notation.country.currency, 1)
    cost = Decimal(rng.randrange(1_000_000, 2_000_000)) * scale
    value = (cost * Decimal(rng.randrange(115, 160)) / HUNDRED).quantize(CENT)
    xirr, other = (Decimal(rng.randrange(700, 1500)) / 100 for _ in range(2))
    shares = {"Equity": Decimal("61.5"), "Debt": Decimal("28.5"), "Gold": Decimal(10)}
    payload = {
        "Market Value": notation.money(value),
        "Investment Value": notation.money(cost),
        "Top Asset": f"Equity ({notation.rate(shares['Equity'])})",
        "XIRR_SI": notation.rate(xirr),
        "Benchmark XIRR": notation.rate(other),
        "As Of": notation.day(date(2026, 3, 31)),
        "Asset Allocation": {name: notation.rate(share) for name, share in shares.items()},
        "Currency": notation.country.currency,
    }
    truth = {
        "market_value": value, "cost": cost, "gain_pct": _ratio(value - cost, cost), "xirr": xirr,
        "benchmark_xirr": other, "xirr_excess": xirr - other,
        **{f"weight.asset_class.{name.lower()}": share for name, share in shares.items()},
    }  # fmt: skip
    return Case(notation, "portfolio_snapshot", payload, truth, (date(2026, 3, 31),))


def income_case(rng: random.Random, notation: Notation) -> Case:
    """Sources with values and yields, a tax rate and a yearly need."""
    held = [replace(item, foreign=False, rate=Decimal(1)) for item in make_holdings(rng, notation)][:4]
    yields = [Decimal(rng.randrange(250, 900)) / 100 for _ in held]
    rows = [
        {"name": item.name, "market_value": notation.money(item.value), "yield": notation.rate(rate)}
        for item, rate in zip(held, yields, strict=True)
    ]
    payload = {
        "income": notation.table(rows),
        "tax_rate": notation.rate(Decimal("31.2")),
        "Currency": notation.country.currency,
    }
    paid = sum((item.value * rate / HUNDRED for item, rate in zip(held, yields, strict=True)), Decimal(0))
    total = sum((item.value for item in held), Decimal(0))
    truth = {
        "income": paid, "yield": _ratio(paid, total), "tax_rate": Decimal("31.2"),
        "income_after_tax": paid * (1 - Decimal("0.312")),
    }  # fmt: skip
    return Case(notation, "income", payload, truth)


def bonds_case(rng: random.Random, notation: Notation) -> Case:
    """Bonds with coupons, yields, maturities and ratings."""
    rows, truth = [], {}
    faces, coupons, yields, prices = [], [], [], []
    today = date(2026, 3, 31)
    days = []
    for number in range(4):
        faces.append(Decimal(rng.randrange(2, 40)) * 100_000)
        prices.append(Decimal(rng.randrange(9_000, 11_000)) / 100)
        coupons.append(Decimal(rng.randrange(450, 900)) / 100)
        yields.append(Decimal(rng.randrange(450, 900)) / 100)
        days.append(today + timedelta(days=rng.randrange(500, 3000)))
        rows.append(
            {
                "name": f"Issuer {'ABCD'[number]} Bond",
                "face_value": notation.money(faces[-1]),
                "price": notation.number(prices[-1]),
                "coupon": notation.rate(coupons[-1]),
                "ytm": notation.rate(yields[-1]),
                "maturity": notation.day(days[-1]),
                "rating": ("AAA", "Baa1", "[ICRA]AA", "BB+")[number],
            }
        )
    values = [face * price / HUNDRED for face, price in zip(faces, prices, strict=True)]
    total = sum(values, Decimal(0))

    def average(figures: list[Decimal]) -> Decimal:
        return sum((value * figure for value, figure in zip(values, figures, strict=True)), Decimal(0)) / total

    truth = {
        "market_value": total,
        "coupon": average(coupons),
        "ytm": average(yields),
        "below_investment_grade": _ratio(values[3], total),
    }
    payload = {
        "fixed_income": notation.table(rows), "As Of": notation.day(today), "Currency": notation.country.currency,
    }  # fmt: skip
    return Case(notation, "fixed_income", payload, truth, (today, *days))


def movers_case(rng: random.Random, notation: Notation) -> Case:
    """Movers with weights and returns."""
    rows, truth, total = [], {}, Decimal(0)
    for name, _, _ in NAMES[:5]:
        weight = Decimal(rng.randrange(200, 900)) / 100
        change = Decimal(rng.choice([-1, 1]) * rng.randrange(150, 1800)) / 100
        rows.append({"name": name, "weight": notation.rate(weight), "return": notation.rate(change)})
        truth |= {f"return.{slug(name)}": change, f"contribution.{slug(name)}": weight * change / HUNDRED}
        total += weight * change / HUNDRED
    truth["total_contribution"] = total
    return Case(notation, "top_movers", {"top_movers_data": notation.table(rows)}, truth)


MAKERS: dict[str, Callable[[random.Random, Notation], Case]] = {
    "holdings": holdings_case,
    "model_and_rebalancing": rebalancing_case,
    "performance_and_risk": performance_case,
    "portfolio_snapshot": snapshot_case,
    "income": income_case,
    "fixed_income": bonds_case,
    "top_movers": movers_case,
}


def make_cases(seed: int = 7) -> list[Case]:
    """Every section in every notation; payloads went through JSON as a caller's do."""
    cases = []
    for notation in NOTATIONS:
        for section, make in MAKERS.items():
            case = make(random.Random(f"{seed}-{section}"), notation)
            text = json.dumps(case.payload, default=float)
            cases.append(replace(case, payload=json.loads(text, parse_float=Decimal)))
    return cases
