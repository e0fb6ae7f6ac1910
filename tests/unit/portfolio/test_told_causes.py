"""One telling per fact: what has one cause is told with it, what belongs together is added up, and what one trade
settles is told once."""

import random
from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.figures.siblings import add_siblings
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import Context
from services.portfolio.domain.sections import Catalogue, Detected, detect
from services.portfolio.domain.terms import spell
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(table: FactTable) -> str:
    return write_narrative(table, STYLE).render()


def list_advice(text: str) -> list[str]:
    return [line[2:] for line in text.partition("To consider:")[2].splitlines() if line.startswith("- ")]


def list_bonds(*rows: tuple[str, float, str], **more: Any) -> Payload:
    """Bonds as name, market value and rating."""
    data = [
        {
            "name": name, "market_value": value, "rating": rating, "coupon": "4%", "ytm": "4.5%", "duration": 4,
            "maturity": f"{2028 + place}-06-30",
        }
        for place, (name, value, rating) in enumerate(rows)
    ]  # fmt: skip
    return {"fixed_income": data, "Currency": "GBP", "As Of": "2026-10-31", **more}


FILL = [(f"Treasury 4.{place}% 20{30 + place}", 200_000.0, "AA") for place in range(3)]


@pytest.mark.parametrize("seed", range(20))
def test_several_bonds_of_one_debtor_are_added_up_before_single_ones_are_told(seed: int, facts_of: Compute) -> None:
    dice = random.Random(seed)
    count = dice.randint(2, 4)
    debtor = dice.choice(["Barclays", "Muthoot Finance", "EDF", "Ørsted"])
    owed = [(f"{debtor} {3 + place}.25% 20{28 + place}", dice.randint(60, 90) * 1000.0, "A") for place in range(count)]
    total = sum(value for _, value, _ in [*owed, *FILL])
    weight = sum(value for _, value, _ in owed) / total * 100
    text = write(facts_of(list_bonds(*owed, *FILL)))

    assert (f"{debtor} has a weight of" in text) is (weight > 15.05)
    if weight > 15.05:
        assert "with all of its bonds" in text
        assert "for a single debtor" not in text  # its bonds are not told once more, one by one
        assert any(line.startswith(f"Spread what {debtor} owes over more debtors") for line in list_advice(text))


@pytest.mark.parametrize("sent", [True, False])
def test_an_issuer_that_is_sent_goes_before_what_names_say(sent: bool, facts_of: Compute) -> None:
    payload = list_bonds(("Alpha 4% 2029", 150_000, "A"), ("Beta 5% 2031", 150_000, "A"), *FILL)
    if sent:
        for row in payload["fixed_income"][:2]:
            row["issuer"] = "Gamma Group"
    text = write(facts_of(payload))

    assert ("Gamma Group has a weight of 33.3% with all of its bonds" in text) is sent
    assert ("Alpha 4% 2029 has a weight of" in text) is not sent


@pytest.mark.parametrize("kind", ["Treasury", "Bundesanleihe", "Gilt"])
def test_the_bonds_of_a_state_are_not_added_up_as_those_of_a_debtor(kind: str, facts_of: Compute) -> None:
    text = write(facts_of(list_bonds((f"{kind} 4% 2029", 300_000, "AA"), (f"{kind} 3% 2033", 300_000, "AA"))))

    assert "with all of its bonds" not in text


@pytest.mark.parametrize("linked", [0.5, 1.2, 4.4])
def test_what_inflation_leaves_is_told_without_what_is_linked_to_it(linked: float, facts_of: Compute) -> None:
    payload = list_bonds(("Index-linked 0.125% 2031", 100_000, "AA"), *FILL, Inflation="3.1%")
    payload["fixed_income"][0]["ytm"] = f"{linked}%"
    text = write(facts_of(payload))

    assert "Inflation of 3.1% a year leaves 1.4 percentage points a year of the yield without Index-linked" in text


def earn(**more: Any) -> Payload:
    sources = [
        {"name": "Gilt fund", "market_value": "£400,000", "yield": "4%"},
        {"name": "Equity fund", "market_value": "£100,000", "yield": "3%"},
    ]
    return {"income": sources, "Currency": "GBP", "annual_need": "£30,000 a year", **more}


@pytest.mark.parametrize(("fees", "amount", "names"), [
    ({"Advisory Fee": "0.8%"}, "£4,000", None),
    ({"Advisory Fee": "0.8%", "Custody Fee": "0.1%"}, "£4,500", "Advisory Fee and Custody Fee"),
    ({"Management Fee": "0.5%", "Platform Fee": "£600 a year"}, "£3,100", "Management Fee and Platform Fee"),
    ({"Custody Fee": "£300 a year", "Platform Fee": "£600 a year", "Adviser Fee": "£1,000 a year"}, "£1,900",
     "Adviser Fee, Platform Fee and Custody Fee"),
    ({"Total Fee": "1%", "Advisory Fee": "0.8%", "Custody Fee": "0.2%"}, "£5,000", None),
])  # fmt: skip
def test_all_kinds_of_fees_count_once(fees: dict[str, str], amount: str, names: str | None, facts_of: Compute) -> None:
    text = write(facts_of(earn(**fees)))

    assert f"{amount} a year" in text
    assert ("the fees together" in text) is (names is not None)
    if names is not None:
        assert f"({names})" in text


@pytest.mark.parametrize("fee", ["£300", "as agreed"])
def test_a_fee_that_says_too_little_is_named_beside_those_that_count(fee: str, facts_of: Compute) -> None:
    text = write(facts_of(earn(**{"Advisory Fee": "0.8%", "Custody Fee": fee})))

    assert "the fee of 0.8% of the value, £4,000 a year" in text
    assert "Charges sent as Custody Fee could not be used" in text


def hold(*rows: tuple[str, str, float], **more: Any) -> Payload:
    """Holdings as name, class and market value."""
    data = [{"name": name, "asset_class": kind, "market_value": value} for name, kind, value in rows]
    return {"holdings": data, "Currency": "CHF", **more}


@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("loan", [300, 700, 900])
@pytest.mark.parametrize("cash", [0, 100, 800])
def test_a_loan_above_a_limit_is_told_with_what_has_to_be_repaid(
    own: bool, loan: int, cash: int, facts_of: Compute
) -> None:
    limit = 15 if own else 10
    rows = [
        ("World ETF", "Equity", 1400.0),
        ("Bond ETF", "Bonds", 1100.0 + loan - cash),
        ("Lombard loan", "Loan", -loan),
    ]
    rows += [("Bank account", "Cash", cash)] if cash else []
    whole = sum(value for _, _, value in rows)
    more = {"limits": {"leverage": 15}} if own else {}
    payload = hold(*((name, kind, value * 1000) for name, kind, value in rows), **more, **{"Risk Profile": "Growth"})
    advice = list_advice(write(facts_of(payload)))
    repay = loan - whole * limit / 100

    told = next((line for line in advice if line.startswith("Bring leverage down")), "")
    assert bool(told) is (repay > 0)
    if told:
        most = "the client's own limit of 15%" if own else "the 10% that the profile allows"
        sum_ = STYLE.money(Decimal(repay) * 1000, "CHF")
        assert f"down to {most} by repaying {sum_} before anything is bought." in told
        assert ("The cash at hand is enough." in told) is (cash >= repay)
        assert ("Use the cash at hand before anything is sold for it." in told) is (0 < cash < repay)
    assert not any("how much may be borrowed" in line for line in advice)


@pytest.mark.parametrize("share", [20, 30, 45])
def test_what_has_to_go_into_shares_counts_the_shares_that_are_sold(share: int, facts_of: Compute) -> None:
    rows = (
        ("Nvidia", "Equity", share * 10_000),
        ("World ETF", "Equity", 100_000),
        ("Bond ETF", "Bonds", (90 - share) * 10_000),
    )
    text = write(facts_of(hold(*rows, **{"Risk Profile": "Aggressive"})))
    short, sold = 70 - share - 10, share - 10

    assert f"by moving CHF {(short + sold) * 10_000:,} into shares, what those sales take out among it" in text.replace(
        "’", ","
    )


def test_sales_that_do_no_more_than_bring_shares_into_range_leave_nothing_for_shares(facts_of: Compute) -> None:
    rows = [
        ("Nestlé", "Equity", 480_000),
        ("Roche", "Equity", 390_000),
        ("UBS", "Equity", 310_000),
        ("SPI ETF", "Equity", 900_000),
    ]
    rows += [("Swiss Confederation 1.5% 2035", "Bonds", 420_000), ("Lombard loan", "Loan", -700_000)]
    text = write(facts_of(hold(*rows, limits={"position": 10, "leverage": 15}, **{"Risk Profile": "Growth"})))

    assert "None of it may go into shares, which brings these down to the 80% that the profile allows." in text
    assert "CHF 0" not in text


@pytest.mark.parametrize(("name", "told"), [
    ("Gilt portfolio", "it is fixed until it matures"), ("Bundesanleihe 2.5% 2034", "it is fixed until it matures"),
    ("Fixed deposit", "it is fixed until it matures"), ("Dividend ETF", "it pays what many holdings pay"),
    ("Altria", "a cut there would be felt at once"), ("Shop rent", "a cut there would be felt at once"),
])  # fmt: skip
def test_what_may_become_of_the_largest_source_follows_from_its_kind(name: str, told: str, facts_of: Compute) -> None:
    payload = earn()
    payload["income"].append({"name": name, "income": "£30,000 a year"})

    assert f"of the income: {told}" in write(facts_of(payload))


@pytest.mark.parametrize(("rows", "told"), [
    ([("World ETF", 40), ("Bond ETF", 30), ("Europe ETF", 10), ("Gold ETF", 10), ("Asia ETF", 5), ("Cash", 5)], False),
    ([("Shell", 10), ("BP", 10), ("Novo", 10), ("SAP", 10), ("ASML", 14), ("World ETF", 46)], False),
    ([("Shell", 9), ("BP", 9), ("Novo", 9), ("SAP", 8), ("ASML", 8), ("Rio", 7), ("BHP", 50)], None),
])  # fmt: skip
def test_the_top_five_ask_for_nothing_where_they_are_funds(
    rows: list[tuple[str, int]], told: bool | None, facts_of: Compute
) -> None:
    kinds = {"Cash": "Cash", "Bond ETF": "Bonds"}
    text = write(facts_of(hold(*((name, kinds.get(name, "Equity"), part * 1000) for name, part in rows))))

    assert told is None or ("Look at what the top 5 hold" in text) is told


@pytest.mark.parametrize("name", ["KfW 2.75% 2031", "European Investment Bank 3% 2030", "Rentenbank 2% 2029"])
def test_banks_that_states_stand_behind_are_sold_last(name: str, facts_of: Compute) -> None:
    rows = (name, "Bonds", 300_000), ("Shell", "Equity", 150_000), ("World ETF", "Equity", 550_000)
    text = write(facts_of(hold(*rows)))

    assert f"Bring Shell and {name} down to the limit, in this order" in text
    assert f"{name} can wait" in text


@pytest.mark.parametrize("field", ["Sector Allocation", "Region Allocation"])
@pytest.mark.parametrize("parts", [(34, 22, 15), (40, 30, 30), (60, 50, 20)])
def test_a_list_of_sectors_need_not_name_the_whole_but_is_no_more_than_it(
    field: str, parts: tuple[int, ...], facts_of: Compute
) -> None:
    names = ("Financials", "Technology", "Energy") if field.startswith("Sector") else ("India", "Europe", "Japan")
    payload = {
        "Market Value": "£500,000", "Investment Value": "£400,000", "Top Asset": "Equity (71%)",
        "Asset Allocation": {"Equity": "71%", "Bonds": "29%"},
        field: {name: f"{part}%" for name, part in zip(names, parts, strict=True)},
    }  # fmt: skip
    text = write(facts_of(payload))

    assert ("contradict each other" in text) is (sum(parts) > 100)


@pytest.mark.parametrize("profile", ["Cautious", "Growth", None])
def test_a_profile_that_nothing_can_be_held_against_is_told(profile: str | None, facts_of: Compute) -> None:
    payload = {"Market Value": "£500,000", "Investment Value": "£400,000", "Top Asset": "Acme Fund (20%)"}
    text = write(facts_of(payload | ({"Risk Profile": profile} if profile else {})))

    assert ("cannot be told: the asset classes were not sent" in text) is (profile is not None)


WISHES = [
    ("ESG", "no tobacco or weapons", "Imperial Tobacco"), ("Exclusions", ["Tobacco", "Gambling"], "Imperial Tobacco"),
    ("ethical_restrictions", {"exclude": "energy"}, "Shell"), ("clientPreferences", "no oil", "Shell"),
    ("Exclusions", "nothing to exclude", None),
    ("Preferences", "prefers energy; no tobacco", "Imperial Tobacco"),
    ("Preferences", "no gambling, prefers energy", None),
    ("ESG", "Tobacco is fine", None), ("Sustainability Preferences", "at least 20% aligned", None),
]  # fmt: skip


@pytest.mark.parametrize(("field", "wish", "touched"), WISHES)
def test_a_wish_is_told_with_what_its_words_speak_of(
    field: str, wish: object, touched: str | None, facts_of: Compute
) -> None:
    payload = hold(
        ("Imperial Tobacco", "Equity", 40_000), ("Shell", "Equity", 40_000), ("World ETF", "Equity", 400_000)
    )
    payload["holdings"][1]["sector"] = "Energy"
    text = write(facts_of(payload | {field: wish}))

    told = f"speak of {touched}, by name or sector" in text or f"By its plain business {touched} is what" in text
    assert told is (touched is not None)
    assert any("client" in line and "funds too" in line for line in list_advice(text)) or f"Sell {touched}" in text


@pytest.mark.parametrize(("name", "value", "told"), [
    ("Time Horizon", "5 years", True), ("liabilities", [{"name": "Mortgage", "amount": 100}], True),
    ("client_id", "A-17", False), ("Advisor Notes", "", False), ("requestId", "x", False),
])  # fmt: skip
def test_what_no_figure_counts_is_told_with_what_it_says(
    name: str, value: object, told: bool, facts_of: Compute
) -> None:
    text = write(facts_of(hold(("World ETF", "Equity", 400_000)) | {name: value}))

    assert (f"{name}: {spell(value)}" in text) is told


def test_the_safest_debtor_is_not_told_before_a_company(facts_of: Compute) -> None:
    rows = ("KfW 2.75% 2031", "Bonds", 300_000), ("Shell", "Equity", 150_000), ("World ETF", "Equity", 550_000)
    text = write(facts_of(hold(*rows, limits={"position": 8})))

    assert text.index("Shell has a weight of") < text.index("KfW 2.75% 2031 (30%)")


@pytest.mark.parametrize("share", [30, 45, 60])
@pytest.mark.parametrize("fund", [10, 25])
def test_an_unsuitable_mix_is_told_with_the_one_name_that_makes_it_so(share: int, fund: int, facts_of: Compute) -> None:
    rows = (
        ("Acme", "Equity", share * 1000),
        ("World ETF", "Equity", fund * 1000),
        ("Gilts", "Gilts", (100 - share - fund) * 1000),
    )
    payload = hold(*rows, **{"Risk Profile": "Cautious"})
    payload["holdings"][0]["sector"] = "Technology"
    text = write(facts_of(payload))
    due = share + fund > 30 and share >= fund and fund + 10 <= 30 + 0.001

    assert ("The main reason is Acme, with a weight of" in text) is due
    if due:
        assert text.index("Equity makes up") < text.index("The main reason is")
        assert (
            "for a position: one holding going wrong would show in the whole. With such single names Technology has"
            in text.replace(" (a default, as the client has set none)", "")
        ) is (share > 30)


@pytest.mark.parametrize("limit", [8, 12])
@pytest.mark.parametrize("share", [20, 40])
def test_what_one_limit_has_told_is_not_listed_again(limit: int, share: int, facts_of: Compute) -> None:
    rows = (
        ("World ETF", "Equity", 25_000),
        ("Acme", "Equity", share * 1000),
        ("Beta", "Equity", 20_000),
        ("Bond ETF", "Bonds", 55_000 - share * 1000),
    )
    text = write(facts_of(hold(*rows, limits={"position": limit})))

    assert "By weight it is led by" not in text
    assert text.count("no risk of a single name") == 0


@pytest.mark.parametrize(("payload", "step"), [
    (hold(("Acme", "Equity", 30), ("World ETF", "Equity", 70)), "find out what Acme cost"),
    (hold(("Loan", "Loan", -30), ("World ETF", "Equity", 130), limits={"leverage": 10}), "ask the lender"),
    (earn(), "ask the client for how long the money has to last"),
    ({"top_movers_data": [{"name": "Acme", "weight": "5%", "return": "-10%"}]}, "read the latest results of Acme"),
    ({"returns": ["1%"] * 13, "benchmark": ["2%"] * 13, "periods_per_year": 12}, "have the returns of each holding"),
    (list_bonds(("EDF 4% 2029", 300_000, "BBB"), *FILL), "ask for bids on what EDF 4% 2029 owes"),
])  # fmt: skip
def test_a_text_ends_with_the_step_that_its_first_action_begins_with(
    payload: Payload, step: str, facts_of: Compute
) -> None:
    *_, last = write(facts_of(payload)).split("\n\n")

    assert last.startswith(f"Next step: {step}")
    assert last.count("Next step") == 1


def test_a_text_that_asks_for_nothing_has_no_step(facts_of: Compute) -> None:
    rows = ("World ETF", "Equity", 60), ("Bond ETF", "Bonds", 40)

    assert "Next step" not in write(facts_of(hold(*rows, **{"Risk Profile": "Growth"})))


def test_a_step_is_that_of_the_first_action(facts_of: Compute) -> None:
    movers = [
        {"name": "Acme", "weight": "6%", "return": "19%"}, {"name": "Beta", "weight": "2%", "return": "-22%"},
    ]  # fmt: skip
    text = write(facts_of({"top_movers_data": movers, "Portfolio Return": "2.4%"}))

    assert list_advice(text)[0].startswith("See whether the rise has taken Acme")
    assert text.endswith("Next step: weigh Acme at today's value.")


@pytest.mark.parametrize("kind", ["sent", "share", "bonds"])
@pytest.mark.parametrize("first", [8, 11])
def test_share_and_bonds_of_one_company_are_one_issuer(kind: str, first: int, facts_of: Compute) -> None:
    names = {
        "sent": ("Saudi Aramco", "Aramco 4.25% 2039"), "share": ("Shell", "Shell 4.25% 2039"),
        "bonds": ("EDF 4% 2031", "EDF 3.5% 2035"),
    }[kind]  # fmt: skip
    rows = [(names[0], "Bonds" if kind == "bonds" else "Equity", first * 1000), (names[1], "Bonds", 9000)]
    payload = hold(*rows, ("World ETF", "Equity", 50_000), ("Bond ETF", "Bonds", (41 - first) * 1000))
    if kind == "sent":
        payload["holdings"][1]["issuer"] = "Saudi Aramco"
    text = write(facts_of(payload))

    issuer = {"sent": "Saudi Aramco group", "share": "Shell group", "bonds": "EDF"}[kind]
    assert f"{issuer} has a weight of {first + 9}%, {first - 6} percentage points above the house limit of 15%" in text
    assert "for an issuer" in text


@pytest.mark.parametrize("names", [("Treasury 4% 2031", "Treasury 3% 2035"), ("Bond ETF A", "Bond ETF B")])
def test_states_and_funds_are_no_issuers(names: tuple[str, str], facts_of: Compute) -> None:
    text = write(facts_of(hold(*((name, "Bonds", 30_000) for name in names), ("World ETF", "Equity", 40_000))))

    assert "for an issuer" not in text


@pytest.mark.parametrize("seed", range(30))
def test_one_trade_that_brings_all_within_their_bands_is_told_where_there_is_one(seed: int, facts_of: Compute) -> None:
    dice = random.Random(seed)
    band = dice.choice(["4%", "±4%", "16% relative", "16% of model weight"])
    drifts = [dice.randint(-9, 9) for _ in range(3)]
    drifts.append(-sum(drifts))
    assets = [
        {
            "name": name,
            "asset_class": "Bonds",
            "market_value": (25 + drift) * 10_000,
            "model_weight": "25%",
            "band": band,
        }
        for name, drift in zip(("Alpha", "Beta", "Gamma", "Delta"), drifts, strict=True)
    ]
    payload = {"total_portfolio_mv": 1_000_000, "assets": assets, "Currency": "GBP"}
    text = write(facts_of(payload))
    outside = [drift for drift in drifts if abs(drift) > 4]
    least = max((abs(drift) - 4 for drift in outside), default=0)
    ends = [max(drifts), min(drifts)]
    ends = [
        max((drift for drift in outside if drift > 0), default=max(drifts)),
        min((drift for drift in outside if drift < 0), default=min(drifts)),
    ]
    one = bool(outside) and all(drift in ends for drift in outside) and least < min(ends[0], -ends[1])
    twice = any(drifts.count(drift) > 1 for drift in outside)

    assert ("Or make one trade alone" in text) is (one and not twice)
    if one and not twice:
        moved = dict(zip(("Alpha", "Beta", "Gamma", "Delta"), drifts, strict=True))
        out = next(name for name in moved if f"out of {name} into" in text)
        into = next(name for name in moved if f" into {name} cures" in text)
        assert f"moving £{least * 10_000:,} out of" in text
        moved[out], moved[into] = moved[out] - least, moved[into] + least
        assert all(abs(drift) <= 4 for drift in moved.values())


def test_no_trade_to_the_edge_of_a_band_is_told_where_the_profile_asks_for_more(facts_of: Compute) -> None:
    assets = [
        {"name": "Shares", "asset_class": "Equity", "market_value": 720_000, "model_weight": "60%", "band": "5%"},
        {"name": "Gilts", "asset_class": "Bonds", "market_value": 280_000, "model_weight": "40%", "band": "5%"},
    ]
    payload = {"total_portfolio_mv": 1_000_000, "assets": assets, "Currency": "GBP", "Risk Profile": "Balanced"}

    assert "Or make one trade alone" not in write(facts_of(payload))
    assert "Or make one trade alone" in write(facts_of(payload | {"Risk Profile": "Growth"}))


def tell_all(payloads: list[Payload], catalogue: Catalogue) -> list[str]:
    """The texts of all sections of a task."""
    found = detect(payloads, catalogue.sections)
    context = add_siblings(found, catalogue, Context())
    return [write(compute(item, catalogue, context)) for item in found if isinstance(item, Detected)]


def list_task(equity: int, model: int, profile: str, client: str = "Ann") -> list[Payload]:
    """An overview, holdings and a model of the same million."""
    rest = 100 - equity
    return [
        {
            "Market Value": "£1,000,000", "Investment Value": "£800,000", "Top Asset": f"Equity ({equity}%)",
            "Asset Allocation": {"Equity": f"{equity}%", "Bonds": f"{rest}%"}, "Risk Profile": profile,
            "Client Name": client,
        },
        {
            "holdings": [
                {"name": "Acme", "asset_class": "Equity", "market_value": f"£{equity // 2 * 10_000:,}"},
                {"name": "World ETF", "asset_class": "Equity", "market_value": f"£{(equity - equity // 2) * 10_000:,}"},
                {"name": "Gilts", "asset_class": "Gilts", "market_value": f"£{rest * 10_000:,}"},
            ],
            "Risk Profile": profile, "Client Name": client,
        },
        {
            "total_portfolio_mv": "£1,000,000", "customer_risk_profile": profile, "Client Name": "Ann",
            "assets": [
                {"name": "Shares", "asset_class": "Equity", "market_value": f"£{equity * 10_000:,}",
                 "model_weight": f"{model}%", "band": "5%"},
                {"name": "Bonds", "asset_class": "Bonds", "market_value": f"£{rest * 10_000:,}",
                 "model_weight": f"{100 - model}%", "band": "5%"},
            ],
        },
    ]  # fmt: skip


@pytest.mark.parametrize(("equity", "model", "profile", "client", "joined"), [
    (80, 60, "Balanced", "Ann", True), (30, 60, "Balanced", "Ann", True), (80, 78, "Balanced", "Ann", False),
    (80, 90, "Balanced", "Ann", False), (80, 60, "Balanced", "Ben", False), (60, 50, "Balanced", "Ann", None),
])  # fmt: skip
def test_sections_of_one_client_advise_one_set_of_trades(
    equity: int, model: int, profile: str, client: str, joined: bool | None, catalogue: Catalogue
) -> None:
    overview, holdings, trades = tell_all(list_task(equity, model, profile, client), catalogue)

    assert ("To return to the model" in trades) is (joined is not False or client == "Ben")
    assert ("Make the trades towards the model, which are listed with it" in overview) is (joined is True)
    assert (", by moving £" in overview) is (joined is False)
    assert ("Count this among the trades towards the model" in holdings) is (joined is not False)


@pytest.mark.parametrize("equity", [50, 80])
def test_what_has_to_leave_shares_pays_the_gap_of_the_income(equity: int, catalogue: Catalogue) -> None:
    overview, income = tell_all([list_task(equity, 60, "Balanced")[0], earn()], catalogue)

    told = f"Pay it first out of the £{(equity - 65) * 10_000:,} of equity above the profile's range"
    assert (told in income) is (equity > 65)
    assert ("out of shares" in overview) is (equity > 65)


@pytest.mark.parametrize("model", [60, 90])
def test_a_gap_is_paid_out_of_the_trades_where_there_are_some(model: int, catalogue: Catalogue) -> None:
    overview, _, trades = list_task(80, model, "Balanced")
    texts = tell_all([overview, trades, earn()], catalogue)

    assert ("Pay it first out of what the trades towards the model sell" in texts[2]) is (model == 60)
    assert ("Pay it first out of the £150,000 of equity" in texts[2]) is (model == 90)


def test_a_task_with_a_payload_that_cannot_be_used_tells_the_others(catalogue: Catalogue) -> None:
    payloads = list_task(80, 60, "Balanced")
    payloads[2]["total_portfolio_mv"] = "minus one"
    found = detect(payloads, catalogue.sections)

    assert add_siblings(found, catalogue, Context()).siblings.trades_settle is False


@pytest.mark.parametrize("share", [11, 14, 18])
@pytest.mark.parametrize("fund", [60, 70])
def test_sales_of_single_names_are_a_part_of_what_has_to_leave_shares(share: int, fund: int, facts_of: Compute) -> None:
    rows = ("Acme", "Equity", share * 1000), ("World ETF", "Equity", fund * 1000)
    text = write(facts_of(hold(*rows, ("Gilts", "Gilts", (100 - share - fund) * 1000), **{"Risk Profile": "Balanced"})))
    move, sale = share + fund - 65, share - 10
    advice = list_advice(text)

    if move > sale:
        assert f"by moving CHF {move},000 out of shares, the sales of single names counted in" in advice[0]
        assert "keep what that brings outside shares" in advice[1]
    else:
        assert "out of shares" not in text


@pytest.mark.parametrize(("held", "told"), [(5_000_000, False), (100_000, True)])
def test_a_gain_is_spread_over_years_where_it_is_large_enough(held: int, told: bool, facts_of: Compute) -> None:
    payload = hold(("Acme", "Equity", held * 0.12), ("World ETF", "Equity", held * 0.88))
    for row in payload["holdings"]:
        row |= {"account": "Taxable", "cost": row["market_value"] * (0.5 if told else 0.9)}
    payload["holdings"][0]["market_value"] = held * (0.3 if told else 0.12)

    assert ("Choose the tax years" in write(facts_of(payload))) is told


@pytest.mark.parametrize(("value", "need", "spare"), [(30_000, 25, True), (150_000, 35, False)])
def test_a_doubtful_payer_is_no_risk_to_a_need_that_is_covered_without_it(
    value: int, need: int, spare: bool, facts_of: Compute
) -> None:
    payload = earn(annual_need=f"£{need},000 a year")
    payload["income"] += [
        {"name": "Pension", "income": "£11,000"},
        {"name": "Doubt plc", "market_value": value, "yield": "12%"},
    ]
    text = write(facts_of(payload))

    assert ("but the need does not hang on it" in text) is spare
    assert ("Look at what the payments of Doubt plc are paid from" in text) is not spare


@pytest.mark.parametrize(("scale", "told"), [(1.0, True), (0.7, True), (1.5, False)])
def test_a_track_that_is_ahead_is_judged_by_its_swings(scale: float, told: bool, facts_of: Compute) -> None:
    index = [1.2, -0.8, 0.9, 1.4, -1.1, 0.7] * 4
    mean = sum(index) / len(index)
    own = [f"{0.3 + mean + (value - mean) * scale:.3f}%" for value in index]
    payload = {"returns": own, "benchmark": [f"{value}%" for value in index], "periods_per_year": 12}

    assert ("So it did better with" in write(facts_of(payload))) is told


@pytest.mark.parametrize("band", ["20% relative", "±20% of target", "20% of the model weight", "+/-20% rel."])
@pytest.mark.parametrize("gold", [5.5, 7.0])
def test_a_relative_band_is_a_part_of_the_model_weight(band: str, gold: float, facts_of: Compute) -> None:
    assets = [
        {"name": "Shares", "asset_class": "Equity", "market_value": 550_000, "model_weight": "55%", "band": band},
        {"name": "Gilts", "asset_class": "Bonds", "market_value": 450_000 - gold * 10_000, "model_weight": "40%",
         "band": band},
        {"name": "Gold", "asset_class": "Gold", "market_value": gold * 10_000, "model_weight": "5%", "band": band},
    ]  # fmt: skip
    text = write(facts_of({"total_portfolio_mv": 1_000_000, "assets": assets, "Currency": "GBP"}))

    assert ("1 asset is outside the band" in text) is (gold > 6)
    assert ("moving £10,000 out of Gold into Gilts cures the breach" in text) is (gold > 6)


@pytest.mark.parametrize("vested", [20, 50])
@pytest.mark.parametrize("unvested", [5, 15])
def test_shares_that_may_be_of_one_company_are_added_up(vested: int, unvested: int, facts_of: Compute) -> None:
    rows = ("Acme", "Equity", vested * 1000), ("Acme RSU (unvested)", "Equity", unvested * 1000)
    text = write(facts_of(hold(*rows, ("World ETF", "Equity", (100 - vested - unvested) * 1000))))

    told = f"Acme and Acme RSU (unvested) may be of one company, and have a weight of {vested + unvested}% together."
    assert told in text


@pytest.mark.parametrize("name", ["PPF", "Public Provident Fund", "NSC VIII", "Post Office MIS"])
def test_savings_that_a_state_owes_are_no_single_name(name: str, facts_of: Compute) -> None:
    text = write(facts_of(hold((name, "Debt", 30_000), ("World ETF", "Equity", 70_000))))

    assert f"{name} has a weight of" not in text


@pytest.mark.parametrize("own", [True, False])
def test_a_default_on_accounts_asks_for_nothing(own: bool, facts_of: Compute) -> None:
    payload = hold(("World ETF", "Equity", 90_000), ("Gilts", "Gilts", 10_000))
    for row, account in zip(payload["holdings"], ("Depot", "Bank"), strict=True):
        row["account"] = account
    text = write(facts_of(payload | ({"limits": {"account": 75}} if own else {})))

    assert ("Check that what may be paid out of Depot" in text) is own


@pytest.mark.parametrize(("equity", "first", "rest", "told"), [
    (80, 46, 20, True), (80, 25, 20, False), (80, 60, 40, False), (100, 60, 40, True), (60, 31, 20, True),
])  # fmt: skip
def test_a_sector_of_an_overview_is_held_against_its_limit_where_the_list_is_of_the_whole(
    equity: int, first: int, rest: int, told: bool, facts_of: Compute
) -> None:
    payload = {
        "Market Value": "£500,000", "Investment Value": "£400,000", "Top Asset": f"Equity ({equity}%)",
        "Asset Allocation": {"Equity": f"{equity}%", "Bonds": f"{100 - equity}%"},
        "Sector Allocation": {"Technology": f"{first}%", "Health": f"{rest}%"},
    }  # fmt: skip
    text = write(facts_of(payload))

    assert (f"Technology has a weight of {first}%, {first - 30} percentage point" in text) is told
    assert ("By sector, Technology leads" in text) is not told


@pytest.mark.parametrize(("client", "named"), [("Ann", True), ("Ben", False)])
@pytest.mark.parametrize("rows", [0, 600])
def test_an_overview_names_the_share_that_the_list_of_holdings_sells(
    client: str, named: bool, rows: int, catalogue: Catalogue
) -> None:
    overview, held, _ = list_task(80, 60, "Balanced")
    held["Client Name"] = client
    held["holdings"] += [
        {"name": f"Fund {place} ETF", "asset_class": "Bonds", "market_value": "£1"} for place in range(rows)
    ]
    told, _ = tell_all([overview, held], catalogue)

    assert ("Acme first as the list of holdings says" in told) is (named and not rows)


@pytest.mark.parametrize("weak", [1, 2])
def test_a_weak_bond_alone_is_told_once(weak: int, facts_of: Compute) -> None:
    rows = [(f"Weak{place} 6% 2031", 120_000.0, "BB") for place in range(weak)]
    text = write(facts_of(list_bonds(*rows, *FILL)))

    assert ("Weak0 6% 2031 is rated BB, has a weight of" in text) is (weak == 1)
    assert text.count("a speculative grade") == 1
    assert ("Bonds below investment grade or without a rating are" in text) is (weak > 1)


@pytest.mark.parametrize("count", [16, 36, 100])
@pytest.mark.parametrize("scale", [1.15, 1.7])
def test_more_risk_for_less_return_is_told_from_two_standard_errors_on(
    count: int, scale: float, facts_of: Compute
) -> None:
    index = [1.2, -0.8, 0.9, 1.4, -1.1, 0.7, 1.5, -0.4] * 13
    mean = sum(index) / len(index)
    own = [f"{mean - 0.3 + (value - mean) * scale:.3f}%" for value in index[:count]]
    payload = {"returns": own, "benchmark": [f"{value}%" for value in index[:count]], "periods_per_year": 12}

    assert ("It took more risk for less return" in write(facts_of(payload))) is (scale >= 1 + 2 / count**0.5)
