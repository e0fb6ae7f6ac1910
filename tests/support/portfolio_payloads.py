"""Payloads of invented clients for every section, in the many ways that systems write them; one seed, one payload."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

Payload = dict[str, Any]

COMPANIES = (
    "Infosys", "TCS", "HDFC Bank", "ICICI Bank", "Reliance Industries", "Wipro", "Larsen & Toubro", "ITC",
    "Asian Paints", "Bharti Airtel", "State Bank of India", "Maruti Suzuki", "Sun Pharma", "Titan Company", "Axis Bank",
    "Nestle India",
    "Power Grid", "NTPC", "Apple Inc", "Microsoft Corp", "Nifty 50 ETF", "HDFC Top 100 Fund", "SBI Bluechip Fund",
    "Parag Parikh Flexi Cap Fund", "Sovereign Gold Bond 2031", "7.26% GS 2033", "7.10% GS 2029",
    "Embassy Office Parks REIT",
)  # fmt: skip
CLASSES = ("Equity", "Debt", "Gold", "Real Estate", "Cash", "International Equity", "Alternatives")
SECTORS = ("Banks", "Technology", "Energy", "Consumer", "Pharma", "Utilities", "Telecom")
REGIONS = ("India", "United States", "Europe", "Japan")
PROFILES = ("Conservative", "Moderate", "Balanced", "Aggressive", "moderately aggressive")
RATINGS = ("SOV", "CRISIL AAA", "AA+", "A", "BBB-", "BB+", "Unrated")


def _indian(amount: int) -> str:
    digits = str(amount)
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while len(head) > 2:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return ",".join([*([head] if head else []), *groups, tail])


def write_amount(rng: random.Random, amount: int) -> Any:
    """An amount as one of many systems would send it."""
    return rng.choice(
        [amount, str(amount), _indian(amount), f"₹{_indian(amount)}", f"Rs. {_indian(amount)}", f"INR {amount}",
         f"{amount:,}", float(amount)]
    )  # fmt: skip


def make_shares(rng: random.Random, names: list[str]) -> dict[str, float]:
    """Shares in percent to one decimal that sum to exactly one hundred."""
    cuts = sorted(rng.sample(range(1, 1000), len(names) - 1))
    tenths = [high - low for low, high in zip([0, *cuts], [*cuts, 1000], strict=True)]
    return {name: tenth / 10 for name, tenth in zip(names, tenths, strict=True)}


def make_snapshot(rng: random.Random) -> Payload:
    value = rng.randrange(100_000, 500_000_000)
    cost = int(value * rng.uniform(0.6, 1.5))
    shares = make_shares(rng, rng.sample(CLASSES, rng.randrange(2, 6)))
    top = max(shares, key=lambda name: shares[name])
    payload: Payload = {
        rng.choice(["Market Value", "market_value", "Current Value"]): write_amount(rng, value),
        rng.choice(["Investment Value", "investmentValue", "Amount Invested"]): write_amount(rng, cost),
        "Top Asset": f"{top} ({shares[top]}%)",
        "Currency": "INR",
    }
    if rng.random() < 0.7:
        payload["XIRR_SI"] = rng.choice([f"{rng.uniform(-8, 22):.2f}%", round(rng.uniform(-8, 22), 2)])
    if rng.random() < 0.7:
        payload["Benchmark XIRR"] = f"{rng.uniform(-5, 18):.1f}%"
    if rng.random() < 0.6:
        payload["Cash"] = rng.choice(
            [f"{rng.uniform(0, 30):.1f}%", write_amount(rng, int(value * rng.uniform(0, 0.3)) + 1000)]
        )
    if rng.random() < 0.7:
        payload["Asset Allocation"] = {name: f"{share}%" for name, share in shares.items()}
    if rng.random() < 0.4:
        payload["Sector Allocation"] = make_shares(rng, rng.sample(SECTORS, 4))
    if rng.random() < 0.3:
        payload["Region Allocation"] = make_shares(rng, rng.sample(REGIONS, 3))
    return payload


def make_movers(rng: random.Random) -> Payload:
    names = rng.sample(COMPANIES, rng.randrange(1, 12))
    rows = [
        {"name": name, "weight": round(rng.uniform(0.5, 9), 2), "return": round(rng.gauss(0, 8), 2)} for name in names
    ]
    payload: Payload = {"top_movers_data": rows}
    if rng.random() < 0.3:
        for row in rows:
            del row["weight"]
    elif rng.random() < 0.5:
        payload["Portfolio Return"] = f"{rng.gauss(1, 4):.2f}%"
    if rng.random() < 0.3:
        header = ",".join(rows[0])
        payload["top_movers_data"] = "\n".join(
            [header, *(",".join(str(value) for value in row.values()) for row in rows)]
        )
    return payload


def make_rebalancing(rng: random.Random) -> Payload:
    names = rng.sample(COMPANIES, rng.randrange(2, 10))
    models = make_shares(rng, names)
    assets = [
        {
            "name": name,
            "asset_class": rng.choice(["Equity", "Debt", "Gold"]),
            "market_value": rng.randrange(10_000, 9_000_000),
            "model_weight": models[name],
        }
        for name in names
    ]
    total = sum(asset["market_value"] for asset in assets)  # type: ignore[misc]
    return {
        "total_portfolio_mv": write_amount(rng, total), "customer_risk_profile": rng.choice(PROFILES), "assets": assets,
        "Currency": "INR",
    }  # fmt: skip


def make_holdings(rng: random.Random, field: str = "holdings") -> Payload:
    rows = []
    for name in rng.sample(COMPANIES, rng.randrange(1, 22)):
        value = rng.randrange(5_000, 20_000_000)
        row: Payload = {"name": name, "market_value": write_amount(rng, value), "sector": rng.choice(SECTORS)}
        if rng.random() < 0.9:
            row["cost"] = int(value * rng.uniform(0.5, 1.6))
        row |= {
            "asset_class": rng.choice(CLASSES),
            "region": rng.choice(REGIONS),
            "currency": rng.choice(["INR", "USD"]),
        }
        row |= {"account": rng.choice(["Demat 1", "Demat 2"]), "expense ratio": f"{rng.uniform(0, 2.5):.2f}%"}
        rows.append(row)
    return {field: rows, "Valuation Currency": "INR"}  # rows name what they are exposed to


def make_concentration(rng: random.Random) -> Payload:
    return make_holdings(rng, "concentration") | {"limits": {"single_name": rng.randrange(5, 30), "sector": "40%"}}


def make_performance(rng: random.Random) -> Payload:
    day, value, index = date(2018, 1, 31), float(rng.randrange(100, 10_000_000)), 100.0
    series, benchmark = [], []
    for _ in range(rng.choice([2, 3, 5, 13, 40, 90])):
        series.append({"date": day.isoformat(), "value": round(value, 2)})
        benchmark.append({"date": day.isoformat(), "value": round(index, 4)})
        market = rng.gauss(0.006, 0.045)
        value *= 1 + market * rng.uniform(0.5, 1.4) + rng.gauss(0, 0.01)
        index *= 1 + market
        day = (day + timedelta(days=31)).replace(day=28)
    payload: Payload = {"series": series, "Currency": "INR"}
    if rng.random() < 0.7:
        payload["benchmark"] = benchmark
    if rng.random() < 0.6:
        payload["risk_free"] = f"{rng.uniform(2, 8):.1f}%"
    if rng.random() < 0.3 and len(series) > 5:
        payload["flows"] = [{"date": series[3]["date"], "amount": round(float(series[0]["value"]) * 0.1, 2)}]
    return payload


def make_income(rng: random.Random) -> Payload:
    rows = []
    for name in rng.sample(COMPANIES, rng.randrange(1, 9)):
        row: Payload = {
            "name": name,
            "market_value": rng.randrange(50_000, 5_000_000),
            "yield": f"{rng.uniform(0.2, 12):.2f}%",
        }
        if rng.random() < 0.6:
            row |= {"frequency": rng.choice(["monthly", "quarterly", "annual"]), "next_payment": "2026-08-15"}
        if rng.random() < 0.5:
            row["kind"] = rng.choice(["Dividend", "Interest", "Rent"])
        rows.append(row)
    payload: Payload = {"income": rows, "Currency": "INR"}
    if rng.random() < 0.5:
        payload["annual_need"] = f"₹{rng.randrange(2, 30)} lakh"
    if rng.random() < 0.5:
        payload["tax_rate"] = "31.2%"
    return payload


def make_bonds(rng: random.Random) -> Payload:
    rows = []
    for number in range(rng.randrange(1, 9)):
        matures = date(2026, 6, 30) + timedelta(days=rng.randrange(30, 5500))
        coupon = round(rng.uniform(4, 11), 2)
        rows.append(
            {
                "name": f"{coupon}% {rng.choice(['GS', 'NCD', 'Acme Finance', 'SDL'])} {matures.year} "
                f"{'ABCDEFGHI'[number]}",
                "face_value": rng.randrange(1, 40) * 100_000,
                "price": round(rng.uniform(88, 112), 2),
                "coupon": f"{coupon}%",
                "maturity": matures.isoformat(),
                "rating": rng.choice(RATINGS),
            }
        )
    return {"fixed_income": rows, "As Of": "2026-03-31", "Currency": "INR"}


MAKERS: dict[str, Callable[[random.Random], Payload]] = {
    "portfolio_snapshot": make_snapshot,
    "top_movers": make_movers,
    "model_and_rebalancing": make_rebalancing,
    "performance_and_risk": make_performance,
    "concentration": make_concentration,
    "income": make_income,
    "fixed_income": make_bonds,
    "holdings": make_holdings,
}


def make_payload(seed: int) -> Payload:
    """One payload; seeds go round the eight sections."""
    names = list(MAKERS)
    return MAKERS[names[seed % len(names)]](random.Random(seed))
