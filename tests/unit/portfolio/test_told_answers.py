"""What a builtin text must answer: kinds that readers of whole texts found missing, each over drawn payloads."""

import random
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Catalogue
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("currency", ["USD", "EUR", "CHF", "GBP", "AUD", "JPY", "SEK", "INR"])
def test_lakh_grouping_stands_with_rupees_alone(currency: str, stated: bool) -> None:
    style = make_style("en_IN", stated=stated)
    rng = random.Random(currency)

    for _ in range(20):
        amount = Decimal(rng.randrange(100_000, 999_999))
        grouped = (style.money(amount, currency) + style.money_in_full(amount, currency))[-7:]
        assert (grouped[-4:-3], grouped[-7:-6] == ",") == (",", currency == "INR"), grouped


CLASS_WORDS = {
    "equity": (
        "Aktie, Aktien, Vorzugsaktie, Stammaktien, Aktienfonds, Aktien-ETF, action, actions, actions "
        "françaises, acción, acciones, azione, azioni, aandeel, aandelen, aktier, aktiefond, ação, "
        "ações, akcje, osakkeet, GCC Equity, Renta Variable"
    ),
    "debt": (
        "Anleihe, Anleihen, Staatsanleihe, Staatsanleihen, Unternehmensanleihe, Unternehmensanleihen, "
        "Wandelanleihe, Nachranganleihen, Pfandbrief, Pfandbriefe, Festgeld, Termingeld, Rentenfonds, "
        "Schuldverschreibung, obligation, obligations, obligation d'État, dépôt à terme, bono, bonos, "
        "obligación, obligaciones, deuda pública, plazo fijo, renta fija, obbligazione, obbligazioni, "
        "titoli di Stato, obligatie, obligaties, obligationer, statsobligationer, obrigações, Sukuk, "
        "Sukuks, Corporate Sukuk, Notes"
    ),
    "cash": (
        "T-Bill, T-Bills, Treasury bills, Tagesgeld, Tagesgeldkonto, Girokonto, Geldmarkt, "
        "Geldmarktfonds, Bargeld, Liquidität, liquidités, livret A, compte courant, efectivo, letras del "
        "tesoro, liquidez, liquidità, conto corrente, contanti, spaargeld, likvida medel, Call deposit"
    ),
    "real_estate": (
        "Immobilie, Immobilien, Immobilienfonds, offener Immobilienfonds, immobilier, SCPI, inmueble, "
        "inmuebles, immobile, immobili, vastgoed, fastigheter"
    ),
    "gold": ("Gold, Edelmetall, Edelmetalle, métaux précieux, oro, goud, guld"),
    "commodity": ("Rohstoffe, matières premières, materias primas, materie prime, grondstoffen, råvaror"),
    "mixed": ("Mischfonds, Dachfonds, fonds diversifié, fondo mixto, fondi bilanciati"),
    "alternative": (
        "Alternative, Alternativen, Hedgefonds, Private Equity, Schiffsfonds, Beteiligung, capital- "
        "investissement, capital riesgo"
    ),
}


@pytest.mark.parametrize(
    ("kind", "word"), [(kind, word.strip()) for kind, words in CLASS_WORDS.items() for word in words.split(",")]
)
def test_a_class_is_known_by_its_word_in_any_of_these_languages(kind: str, word: str, catalogue: Catalogue) -> None:
    for text in (word, word.upper(), word.lower()):
        found = catalogue.reference.classify(text, None, "Muster 7")
        assert found is not None, text
        assert found.name == kind, text


UNKNOWN = ("Strategie X", "Absolute Return", "Mandat 4")


def _mix(rng: random.Random, shares: int, unknown: int, kind: str) -> Payload:
    """A portfolio of so many percent in shares and so many in what may be shares or not."""
    profile = {"Client Risk Profile": "moderate"}
    if kind == "classes":
        rest = {"Equity": f"{shares}%", rng.choice(UNKNOWN): f"{unknown}%", "Bonds": f"{100 - shares - unknown}%"}
        return profile | {
            "Market Value": "£1,000,000",
            "Net Invested": "£900,000",
            "Largest Holding": "Equity (60%)",
            "Allocations": rest,
        }
    name = "assets" if kind == "model" else "holdings"
    rows = [
        {"name": "World ETF", "asset_class": "Equity", "market_value": shares * 1000},
        {"name": "Fund Q", "asset_class": rng.choice(UNKNOWN), "market_value": unknown * 1000},
        {"name": "Gilts", "asset_class": "Bond fund", "market_value": (100 - shares - unknown) * 1000},
    ]
    if kind == "model":
        rows = [row | {"model_weight": f"{int(row['market_value']) / 1000}%"} for row in rows]  # type: ignore[call-overload]
        return {"customer_risk_profile": "moderate", "total_portfolio_mv": 100_000, "assets": rows}
    return profile | {name: rows}


@pytest.mark.parametrize("kind", ["classes", "holdings", "model"])
@pytest.mark.parametrize("seed", range(8))
def test_a_mix_that_is_partly_unknown_lies_between_two_figures(seed: int, kind: str, facts_of: Compute) -> None:
    rng = random.Random(seed)
    shares, unknown = rng.randrange(5, 88), rng.randrange(3, 12)
    table = facts_of(_mix(rng, shares, unknown, kind))
    text = write_narrative(table, STYLE).render()
    low, high = Decimal(40), Decimal(65)
    ends = (
        f"The equity share is {shares}% as far as it is known, and {shares + unknown}% with all that may be equity in"
    )

    assert ends in text
    sides = {(share > high) - (share < low) for share in (shares, shares + unknown)}
    assert ("cannot be told" in text) is (len(sides) > 1)
    assert ("more than the 65%" in text) is (sides == {1})
    assert ("less than the 40%" in text) is (sides == {-1})
    assert (": either suits a moderate profile, whose house range" in text) is (sides == {0})


@pytest.mark.parametrize(("kind", "amount"), list(product(["classes", "holdings"], [70, 20])))
def test_what_has_to_move_at_least_is_told_whatever_is_not_known(kind: str, amount: int, facts_of: Compute) -> None:
    text = write(_mix(random.Random(amount), amount, 8, kind), facts_of)
    scale = 1000 if kind == "holdings" else 10_000
    least = (amount - 65 if amount == 70 else 40 - amount - 8) * scale

    moved = STYLE.money(Decimal(least), "GBP" if kind == "classes" else None)
    assert f"moving {moved} {'out of' if amount == 70 else 'into'} shares, and more as it turns out what is in" in text


@pytest.mark.parametrize(("foreign", "unknown"), [(30, 20), (40, 5), (10, 5), (20, 30)])
def test_foreign_currencies_are_held_against_their_limit_as_far_as_they_are_known(
    foreign: int, unknown: int, facts_of: Compute
) -> None:
    rows = [
        {
            "name": "US Aggregate Bond fund",
            "asset_class": "Bond fund",
            "currency": "USD",
            "market_value": foreign * 1000,
        },
        {"name": "Bond fund Q", "asset_class": "Bond fund", "market_value": unknown * 1000},
        {
            "name": "Gilt fund",
            "asset_class": "Bond fund",
            "currency": "GBP",
            "market_value": (100 - foreign - unknown) * 1000,
        },
    ]
    text = write(
        {"base_currency": "GBP", "Client Risk Profile": "conservative", "fx_rates": {"USD/GBP": 1}, "holdings": rows},
        facts_of,
    )

    assert (
        f"Foreign currencies are {foreign}% of the portfolio, as far as they are named, above the limit" in text
    ) is (foreign > 25)


def _list_names(rng: random.Random, parts: list[int], *, shares: bool) -> list[Payload]:
    names = rng.sample(
        ["Emaar Properties", "Nestlé SA", "Al Rajhi Bank", "Roche Holding AG", "Siemens AG", "World Index ETF"],
        len(parts),
    )
    key = "weight" if shares else "market_value"
    return [
        {"name": name, key: f"{part}%" if shares else f"£{part * 10_000:,}"}
        for name, part in zip(names, parts, strict=True)
    ]


@pytest.mark.parametrize("field", ["Top Holdings", "Largest Positions", "Top 10 Holdings", "Holdings"])
@pytest.mark.parametrize("shares", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_a_list_of_what_is_largest_contradicts_only_above_the_whole(
    seed: int, shares: bool, field: str, facts_of: Compute
) -> None:
    rng = random.Random(f"{seed}{field}")
    parts = [rng.randrange(3, 22) for _ in range(rng.randrange(2, 5))]
    if seed == 3:
        parts[0] += 105 - sum(parts)
    rows = _list_names(rng, parts, shares=shares)
    text = write(
        {"Market Value": "£1,000,000", "Net Invested": "£900,000", "Largest Holding": "Equity (60%)", field: rows},
        facts_of,
    )

    assert ("contradict each other" in text) is (seed == 3)
    for row, part in zip(rows, parts, strict=True):
        if seed < 3 and part > 10:
            assert (f"{row['name']} has a weight of {part}%" in text or f"{row['name']} ({part}%)" in text) is (
                "ETF" not in row["name"]
            )


@pytest.mark.parametrize("field", ["Sector Allocation", "Region Allocation"])
@pytest.mark.parametrize("whole", [40, 75, 120])
def test_sectors_in_amounts_need_not_name_the_whole(field: str, whole: int, facts_of: Compute) -> None:
    parts = {"A": f"£{whole * 6_000:,}", "B": f"£{whole * 4_000:,}"}
    text = write(
        {"Market Value": "£1,000,000", "Net Invested": "£900,000", "Largest Holding": "Equity (60%)", field: parts},
        facts_of,
    )

    assert ("contradict each other" in text) is (whole > 100)
    assert (f"A leads with a weight of {whole * 0.6:g}%" in text or f"A has a weight of {whole * 0.6:g}%" in text) or (
        whole > 100
    )


BOUND = [
    ("Nordic Buyout Fund (closed-ended)", "Private Equity"),
    ("Hedge Fund", "Hedge Funds"),
    ("Holiday flat Nice", "Property"),
    ("Acme Unlisted Property Trust", "Real Estate"),
    ("Venture Fund II", "Venture Capital"),
    ("Whole life policy", "Insurance"),
    ("Private credit", "Alternative"),
    ("Geschlossener Schiffsfonds", "Alternative"),
    ("95 day notice account", "Cash"),
]
FREE = [
    ("Shares", "Equity"),
    ("World", "Equity"),
    ("Gilts", "Government bond"),
    ("Credit", "Corporate bond"),
    ("Cash", "Cash"),
]


@pytest.mark.parametrize(("name", "kind"), BOUND)
@pytest.mark.parametrize("seed", range(5))
def test_a_plan_towards_a_model_sells_nothing_that_cannot_be_sold_at_will(
    seed: int, name: str, kind: str, facts_of: Compute
) -> None:
    rng = random.Random(f"{seed}{name}")
    assets = [{"name": name, "asset_class": kind, "market_value": 1200, "model_weight": 5, "band": 2}]
    held, models = [88], [95]
    for parts in (held, models):
        for left in range(len(FREE) - 1, 0, -1):
            parts.append(part := rng.randrange(2, max(3, parts[0] // (left + 1) * 2 - 2)))
            parts[0] -= part
    for (free, of), weight, model in zip(FREE, held, models, strict=True):
        assets.append(
            {
                "name": free,
                "asset_class": of,
                "market_value": weight * 100,
                "model_weight": model,
                "band": rng.randrange(1, 5),
            }
        )
    table = facts_of({"assets": assets, "total_portfolio_mv": 10_000, "Currency": "EUR", "As Of": "2026-03-31"})
    text = write_narrative(table, STYLE).render()
    trades = {fact.subject: fact.value for fact in table.list_measure("trade", "planned.")}

    assert name not in trades
    assert sum(trades.values(), Decimal(0)) == 0
    assert (
        f"Keep €700 of {name}, which the model would sell: it cannot be sold freely. That stays open until it" in text
    )
    drifts = {fact.subject: fact.value for fact in table.list_measure("drift")}
    bands = {fact.subject: fact.value for fact in table.list_measure("band")}
    after = {asset: drift + trades.get(asset, Decimal(0)) / 100 for asset, drift in drifts.items() if asset != name}
    outside = {asset: -left - bands[asset] for asset, left in after.items() if -left > bands[asset]}
    if outside:  # then nothing within its band got anything
        first = max((asset for asset in drifts if asset != name), key=lambda asset: -drifts[asset] - bands[asset])
        assert trades.get(first, Decimal(0)) > 0
        assert all(-drifts[asset] > bands[asset] for asset, trade in trades.items() if trade > 0)
    assert all(left <= Decimal("0.01") for left in after.values())


def _lend(rng: random.Random, rate: int) -> tuple[Payload, Decimal, Decimal]:
    """Bonds of which one yields so much, with their average yield and that without it."""
    rows = [
        {
            "name": f"Bond {n} 20{30 + n}",
            "market_value": rng.randrange(20, 60) * 1000,
            "ytm": rng.randrange(30, 55) / 10,
            "rating": "A",
            "duration": rng.randrange(2, 9),
            "maturity": f"20{30 + n}-05-01",
        }
        for n in range(4)
    ]
    odd = {
        "name": "Utility 2031",
        "market_value": rng.randrange(5, 12) * 1000,
        "ytm": rate,
        "rating": "CCC",
        "duration": 2,
        "maturity": "2031-06-01",
    }
    averages = [
        sum((Decimal(str(row["market_value"])) * Decimal(str(row["ytm"])) for row in part), Decimal(0))
        / sum(int(str(row["market_value"])) for row in part)
        for part in ([*rows, odd], rows)
    ]
    payload = {
        "fixed_income": [*({**row, "ytm": f"{row['ytm']}%"} for row in (*rows, odd))],
        "Currency": "GBP",
        "As Of": "2026-10-31",
    }
    return payload, averages[0], averages[1]


@pytest.mark.parametrize("rate", [9, 12, 25, 60, 90])
@pytest.mark.parametrize("seed", range(4))
def test_an_average_that_one_doubtful_bond_makes_is_told_without_it_first(
    seed: int, rate: int, facts_of: Compute
) -> None:
    payload, average, plain = _lend(random.Random(seed * 100 + rate), rate)
    text = write(payload, facts_of)

    told = f"Without Utility 2031 the average yield is {STYLE.percent(plain)}. The average yield to maturity of all is"
    assert f"{told} {STYLE.percent(average)}." in text
    assert "with an average yield" not in text
    assert ("no return to count on" in text) is (rate > 20)
    assert ("so much is pay for a risk" in text) is (rate < 20)


AT_HOME = [
    ("Bundesanleihe 2,5% 2035", "Staatsanleihe"),
    ("UK Treasury 4% 2031", "Government bond"),
    ("Tagesgeld", "Cash"),
    ("Savings account", "Cash"),
    ("Festgeld 2027", "Festgeld"),
    ("OAT 3% 2032", "Bond"),
    ("Swiss Confederation 2032", "Debt"),
]


@pytest.mark.parametrize(("name", "kind"), AT_HOME)
@pytest.mark.parametrize(
    ("shares", "currency", "own"), [(50, "EUR", False), (60, "EUR", True), (55, "USD", False), (76, "EUR", False)]
)
def test_money_and_debt_of_states_at_home_count_towards_no_region(
    name: str, kind: str, shares: int, currency: str, own: bool, facts_of: Compute
) -> None:
    rows = [
        {
            "name": f"Fund {n} ETF",
            "asset_class": "Equity",
            "country": "Homeland",
            "currency": "EUR",
            "market_value": shares * 500,
        }
        for n in range(2)
    ]
    rows.append(
        {
            "name": name,
            "asset_class": kind,
            "country": "Homeland",
            "currency": currency,
            "market_value": (95 - shares) * 1000,
        }
    )
    rows.append(
        {"name": "World ETF", "asset_class": "Equity", "country": "Global", "currency": "EUR", "market_value": 5000}
    )
    limits = {"limits": {"region": 70}} if own else {}
    text = write({"holdings": rows, "base_currency": "EUR", "fx_rates": {"USD/EUR": 1}, **limits}, facts_of)

    assert ("Homeland has a weight of" in text and "for a region" in text) is (own or currency == "USD" or shares > 70)
    assert ("Homeland has a weight of 76% without money and debt of states" in text) is (shares > 70)
    assert ("moving 6,000 out of Homeland" in text.replace("€", "")) is (shares > 70)


@pytest.mark.parametrize("account", ["Roth IRA", "Joint Brokerage (taxable)"])
@pytest.mark.parametrize("gain", [-20, 0, 40])
def test_what_leaves_a_region_leaves_it_where_no_gain_is_taxed_first(
    gain: int, account: str, facts_of: Compute
) -> None:
    rows = [
        {
            "name": f"Fund {n} ETF",
            "asset_class": "Equity",
            "country": "Japan",
            "market_value": 40_000,
            "cost": 40_000 - (gain if n else 30) * 100,
            "account": account if n else "Joint Brokerage (taxable)",
        }
        for n in range(2)
    ]
    rows.append({"name": "World ETF", "asset_class": "Equity", "country": "Global", "market_value": 20_000})
    text = write({"holdings": rows, "Currency": "USD"}, facts_of)
    free = gain <= 0 or "IRA" in account

    assert ("New money first, then Fund 1 ETF, as that sale is not taxed" in text) is free
    assert ("all of it stands at a gain that would be taxed" in text) is not free


@pytest.mark.parametrize("account", [None, "Depot", "Demat", "GIA"])
@pytest.mark.parametrize("sold", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_a_loss_is_set_against_what_advised_sales_realise_and_no_other_gain(
    seed: int, sold: bool, account: str | None, facts_of: Compute
) -> None:
    rng = random.Random(seed)
    gain = rng.randrange(4, 30) * 1000
    where = {"account": account} if account else {}
    rows: list[Payload] = [
        {
            "name": "Acme Group",
            "asset_class": "Equity",
            "market_value": 40_000 if sold else 8_000,
            "cost": (40_000 if sold else 8_000) - gain // 5,
        },
        {"name": "Growth ETF", "asset_class": "Equity", "market_value": 90_000, "cost": 90_000 - gain * 2},
        {
            "name": "Fallen plc",
            "asset_class": "Equity",
            "market_value": 6_000,
            "cost": 6_000 + rng.randrange(2, 5) * 1000,
        },
    ]
    text = write({"holdings": [row | where for row in rows], "Currency": "GBP"}, facts_of)
    total = sum(row["market_value"] for row in rows)
    realised = Decimal(gain // 5) * (1 - Decimal(total) / 400_000)

    gained = STYLE.money(realised, "GBP")
    told = f"what the sale of Acme Group realises. That sale of Acme Group realises a capital gain of {gained}."
    assert "Growth ETF realises" not in text
    assert "on Growth ETF" not in text
    taxed = account in {"Demat", "GIA"} and sold  # then it is told with the sale's own tax
    assert (told in text) is (sold and not taxed)
    assert ("the loss of" in text and "on Fallen plc can be set against it" in text) is taxed


@pytest.mark.parametrize("seed", range(24))
def test_withdrawals_are_told_with_their_rate_and_for_how_long_they_last(seed: int, facts_of: Compute) -> None:
    rng = random.Random(seed)
    value, step = Decimal(1_000_000), Decimal(rng.choice([4_000, 9_000, 14_000, 20_000, 30_000]))
    days = [f"{2023 + (n + 2) // 4}-{(n + 2) % 4 * 3 + 3:02}-{28}" for n in range(13)]
    series, flows = [], []
    for place, day in enumerate(days):
        if place:
            value = value * Decimal(str(1 + rng.uniform(-0.01, 0.03))) - step
            flows.append({"date": day, "amount": -float(step)})
        if place == 7 and seed % 2:  # one larger sum is not regular
            value -= 80_000
            flows.append({"date": day, "amount": -80_000})
        series.append({"date": day, "value": round(float(value), 2)})
    table = facts_of({"series": series, "flows": flows, "Currency": "AUD"})
    text = write_narrative(table, STYLE).render()
    left, draw, cagr = Decimal(str(series[-1]["value"])), step * 4, table.find("cagr")
    rate = draw / left * 100
    assert cagr is not None
    held, years = float(left), 0.0
    growth = 1 + float(cagr.value) / 100
    while held > 0 and years < 400:
        held = held * growth**0.01 - float(draw) * 0.01
        years += 0.01

    assert (
        f"regular withdrawals come to {STYLE.money(draw, 'AUD')} a year, {STYLE.percent(rate)} of what is left" in text
    )
    told = table.find("draw_years_earning")
    if told is not None and years < 45:  # beyond that a hundredth of a percent is years
        assert float(told.value) == pytest.approx(years, rel=0.05)
    lead = text.split("\n\n")[1].startswith("The regular withdrawals")
    longest = told.value if told is not None else left / draw
    assert lead is (rate > cagr.value and (rate > 6 or longest < 20))


@pytest.mark.parametrize("need", [6, 8, 12, 20, 30])
@pytest.mark.parametrize("yields", [2, 4])
def test_a_gap_drawn_from_capital_is_told_with_how_long_that_lasts(need: int, yields: int, facts_of: Compute) -> None:
    rows = [
        {"name": f"Fund {n} ETF", "market_value": 500_000, "yield": f"{yields}%", "income": 5_000 * yields}
        for n in range(2)
    ]
    text = write({"income": rows, "annual_need": need * 10_000, "Currency": "GBP"}, facts_of)
    held, years = 1_000_000.0, 0.0
    while held > 0:
        held += (held * yields / 100 - need * 10_000) * 0.01
        years += 0.01
    soon = years < 20 or need - yields > 6

    assert "as what is drawn pays no more" in text
    lasts = Decimal(text.partition("would last about ")[2].partition(" year")[0])
    assert float(lasts) == pytest.approx(years, rel=0.05)
    assert text.split("\n\n")[1].startswith("The gap would take") is soon


@pytest.mark.parametrize("sector", ["Energy", "Diversified", "Health Care", None])
def test_that_a_fund_may_hold_the_same_share_is_told_where_it_is_of_its_sector(
    sector: str | None, facts_of: Compute
) -> None:
    rows: list[Payload] = [
        {"name": "Acme Oil", "asset_class": "Equity", "sector": "Energy", "market_value": 30_000},
        {"name": "Fund A ETF", "asset_class": "Equity", "market_value": 70_000}
        | ({"sector": sector} if sector else {}),
    ]
    assert ("it may hold Acme Oil too" in write({"holdings": rows}, facts_of)) is (sector == "Energy")


@pytest.mark.parametrize("field", ["As Of", "As On", "Valuation Date", "Stichtag", "As At"])
@pytest.mark.parametrize("kind", ["holdings", "concentration", "assets", "fixed_income", "income"])
def test_the_day_of_a_list_is_read_by_any_of_its_names(field: str, kind: str, facts_of: Compute) -> None:
    row = {
        "name": "World ETF",
        "market_value": 1000,
        "weight": "100%",
        "model_weight": "100%",
        "yield": "2%",
        "income": 20,
    }
    more = {"total_portfolio_mv": 1000} if kind == "assets" else {}
    table = facts_of({kind: [row], field: "2026-03-31", "Currency": "EUR", **more})

    assert table.frame.as_of is not None
    text = write_narrative(table, STYLE).render()
    assert f"{field}: 2026-03-31" not in text


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Real Estate AIF Cat II", "Real Estate"),
        ("Private debt IV", "Alternative"),
        ("Nordic Buyout II", "Private Equity"),
        ("Schiffsbeteiligung Helena", "Alternative"),
    ],
)
def test_what_is_not_sold_at_will_is_in_no_sale_of_single_names(name: str, kind: str, facts_of: Compute) -> None:
    rows: list[Payload] = [
        {"name": name, "asset_class": kind, "market_value": 20_000, "cost": 30_000},
        {"name": "Acme Oil", "asset_class": "Equity", "market_value": 30_000, "cost": 10_000},
        {"name": "World ETF", "asset_class": "Equity", "market_value": 50_000, "cost": 50_000},
    ]
    advice = write({"holdings": rows}, facts_of).partition("To consider:")[2]

    assert "Bring Acme Oil down to the limit by selling 20,000" in advice
    assert f"Find out when the money of {name} can be had" in advice
    assert f"of {name}, " not in advice
    assert f"Decide on {name}: hold" not in advice


@pytest.mark.parametrize("first", ["30.06.2026", "2026-06-30"])
@pytest.mark.parametrize("second", ["2026-06-30", "30.06.2026", "2026-05-31"])
def test_what_is_sent_twice_under_two_names_is_not_told_as_unused(first: str, second: str, facts_of: Compute) -> None:
    rows = [{"name": "World ETF", "market_value": 1000}]
    text = write({"holdings": rows, "Stichtag": first, "As Of": second, "Currency": "EUR"}, facts_of)

    assert (f"Stichtag: {first}" in text) is (second == "2026-05-31")


@pytest.mark.parametrize(
    ("equity", "use"),
    [
        (30, "put what that brings into other shares"),
        (50, "spread what that brings more widely"),
        (80, "keep what that brings outside shares"),
    ],
)
def test_what_a_large_name_of_an_overview_brings_goes_where_the_profile_asks(
    equity: int, use: str, facts_of: Compute
) -> None:
    text = write(
        {
            "Market Value": "£1,000,000",
            "Net Invested": "£900,000",
            "Largest Holding": "Acme Oil (19%)",
            "Client Risk Profile": "moderate",
            "Allocations": {"Equity": f"{equity}%", "Bonds": f"{100 - equity}%"},
            "Top Holdings": [{"name": "Acme Oil", "market_value": "£190,000"}],
        },
        facts_of,
    )

    assert f"Bring Acme Oil down to the limit by £90,000, and {use}" in text
