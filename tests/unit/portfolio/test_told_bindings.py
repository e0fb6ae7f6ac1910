"""What binds a client beside the figures, in the many ways in which systems write it: what may not be sold, money that
is spoken for, calls and overdue days. Whatever is not understood is quoted, and nothing is advised past it."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import read
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")
TODAY = date(2026, 9, 30)


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


def _hold(**more: object) -> Payload:
    rows = [
        {"name": "Larkmoor Robotics Inc", "ticker": "LKMR", "asset_class": "Equity", "market_value": 600_000, **more},
        {"name": "World ETF", "asset_class": "Equity", "market_value": 300_000},
        {"name": "Savings account", "asset_class": "Cash", "market_value": 100_000},
    ]
    return {"As Of": TODAY.isoformat(), "Currency": "EUR", "holdings": rows}


DAYS = ["2027-01-20", "20.01.2027", "20 January 2027", "20-Jan-2027"]
LOCK_FIELDS = [
    "lockup_until", "lock-up end", "lockedUntil", "locked_until", "Restricted until", "restriction_end", "vesting_date",
    "vests", "holding period end", "Sperrfrist bis", "Haltefrist", "gesperrt bis", "bloqué jusqu'au",
    "indisponible jusqu'au", "geblokkeerd tot", "vincolato fino al", "bloqueado hasta",
]  # fmt: skip
LOCK_FLAGS = [
    ("restricted", True), ("locked", "yes"), ("Restricted", "Y"), ("vesting", "4 years, a quarter each"),
    ("transferable", False), ("sellable", "no"), ("tradable", "N"), ("marketable", False), ("vested", False),
    ("verkäuflich", "nein"), ("übertragbar", "nein"), ("cessible", "non"), ("verkoopbaar", "nee"), ("vendibile", "no"),
    ("transferible", "no"), ("gesperrt", "ja"), ("bloqué", "oui"),
    ("Note", "Not transferable before the IPO"), ("remark", "must be held for two years"),
    ("Bemerkung", "darf nicht verkauft werden"), ("remarque", "ne pas vendre"), ("opmerking", "niet verkopen"),
    ("nota", "non vendere"), ("observaciones", "no vender"),
]  # fmt: skip
NOTES = [
    "No sale of LKMR before the lock-up ends.", "Client will not sell Larkmoor.", "LKMR is not to be sold this year.",
    "Larkmoor nicht verkaufen.", "Ne pas vendre Larkmoor avant mars.", "Larkmoor niet verkopen.", "Non vendere LKMR.",
    "No vender Larkmoor.", "Do not sell Larkmoor Robotics",
]  # fmt: skip


def _is_bound(text: str) -> bool:
    advice = text.partition("To consider:")[2]
    sells = any(f"{word} Larkmoor Robotics Inc" in advice for word in ("sell", "selling", "Bring", "of"))
    return "Larkmoor Robotics Inc may not be sold now (" in text and not sells


@pytest.mark.parametrize(("field", "day"), list(product(LOCK_FIELDS, DAYS)))
def test_what_is_locked_until_a_day_is_not_advised_to_be_sold_before(field: str, day: str, facts_of: Compute) -> None:
    text = write(_hold(**{field: day}), facts_of)

    assert _is_bound(text), text
    assert day in text


@pytest.mark.parametrize(("field", "value"), LOCK_FLAGS)
def test_what_is_said_not_to_be_sold_is_not_advised_to_be(field: str, value: object, facts_of: Compute) -> None:
    assert _is_bound(write(_hold(**{field: value}), facts_of))


@pytest.mark.parametrize("name", ["notes", "Comment", "client_instructions", "Bemerkungen"])
@pytest.mark.parametrize("note", NOTES)
def test_a_note_that_forbids_a_sale_binds_what_it_names(note: str, name: str, facts_of: Compute) -> None:
    text = write(_hold() | {name: note}, facts_of)

    assert _is_bound(text), text
    assert "World ETF may not be sold" not in text


@pytest.mark.parametrize("days", [-400, -1, 0, 1, 400])
def test_a_lock_ends_with_its_day(days: int, facts_of: Compute) -> None:
    text = write(_hold(lockup_until=(TODAY + timedelta(days)).isoformat()), facts_of)

    assert _is_bound(text) is (days >= 0)
    assert ("which is past" in text) is (days < 0)


@pytest.mark.parametrize(("field", "value"), [
    ("restricted", False), ("locked", "no"), ("transferable", True), ("sellable", "yes"), ("vested", True),
    ("restricted", None),
    ("Pledged Qty", "0.00"), ("lock in units", 0), ("Blocked Quantity", "0"), ("frozen", "N/A"), ("Locked", "nil"),
])  # fmt: skip
def test_what_is_free_by_its_own_field_may_be_sold(field: str, value: object, facts_of: Compute) -> None:
    text = write(_hold(**{field: value}), facts_of)

    assert "may not be sold" not in text
    assert "Bring Larkmoor Robotics Inc down to the limit by selling" in text


def test_of_what_is_locked_in_one_account_the_rest_is_free(facts_of: Compute) -> None:
    payload = _hold(account="Agent", locked=True)
    free = {"name": "Larkmoor Robotics Inc", "ticker": "LKMR", "asset_class": "Equity", "market_value": 50_000}
    payload["holdings"].append(free | {"account": "Broker"})

    assert "Only 50,000 of it is free" in write(payload, facts_of).replace("€", "").replace("EUR ", "")


def test_what_is_locked_is_in_no_trade_towards_the_model(facts_of: Compute) -> None:
    rows = [
        {"name": "Alpha", "asset_class": "Equity", "market_value": 700_000, "model_weight": "40%",
        "lockup_until": "2027-06-30"},
        {"name": "Beta", "asset_class": "Bonds", "market_value": 300_000, "model_weight": "60%"},
    ]  # fmt: skip
    table = facts_of({"total_portfolio_mv": 1_000_000, "assets": rows, "As Of": TODAY.isoformat(), "Currency": "EUR"})
    text = write_narrative(table, STYLE).render()

    assert not any(fact.id.startswith("planned.alpha") for fact in table.facts)
    assert "sell €300,000 of Alpha" not in text
    assert "Keep €300,000 of Alpha" in text


NEED_FIELDS = [
    "Tax Due", "tax_payable", "Planned withdrawal", "capital_call", "upcoming payments", "School fees", "Steuerschuld",
    "Geplante Entnahme", "Impôt dû", "Retrait prévu", "Belastingschuld", "Geplande opname", "Imposta dovuta",
    "Prelievo previsto", "Impuestos", "Retirada prevista",
]  # fmt: skip
AMOUNTS = ["€60,000", "60.000,00 €", "EUR 60 000", 60000, "60'000 EUR"]


@pytest.mark.parametrize(("field", "amount"), list(product(NEED_FIELDS, AMOUNTS)))
def test_what_is_due_is_no_cash_that_could_be_invested(field: str, amount: object, facts_of: Compute) -> None:
    payload = _hold() | {field: {"amount": amount, "date": "2026-10-15"}}
    payload["holdings"][2]["market_value"] = 300_000
    text = write(payload, facts_of)

    assert "€60,000 is spoken for" in text, text
    assert "leaves cash of €240,000" in text
    assert "invest what is not needed" not in text


@pytest.mark.parametrize("note", [
    "Wants €60,000 for a house in April.", "Keep EUR 60,000 for a kitchen in January 2027.",
    "Beneficiaries expect €60,000 distribution on 15 September 2026. Loan is interest only.",
    "Kunde braucht 60.000 € im März.", "Besoin de 60 000 € pour un achat.", "Heeft in mei € 60.000 nodig.",
    "Servono 60.000 EUR a marzo.", "Necesita 60.000 € en mayo.",
])  # fmt: skip
@pytest.mark.parametrize("name", ["notes", "Comment", "Event", "Hinweis"])
def test_a_need_in_a_note_is_counted_and_quoted(note: str, name: str, facts_of: Compute) -> None:
    text = write(_hold() | {name: note}, facts_of)

    assert "€60,000 is spoken for" in text, text
    assert "leaves cash of €40,000" in text
    assert note.partition(".")[0][:20] in text


@pytest.mark.parametrize("cash", [50_000, 60_000, 70_000])
def test_what_the_cash_is_short_of_is_told(cash: int, facts_of: Compute) -> None:
    payload = _hold() | {"Tax Due": {"amount": 60_000, "date": "2026-10-15"}}
    payload["holdings"][2]["market_value"] = cash
    text = write(payload, facts_of)

    assert ("€10,000 has to come from elsewhere than the cash" in text) is (cash < 60_000)
    assert ("leaves cash of" in text) is (cash > 60_000)


@pytest.mark.parametrize(("field", "value"), [
    ("liabilities", "None"), ("reserve", 0), ("Tax Due", "nil"), ("commitments", []), ("Withdrawals YTD", 20_000),
    ("Tax Due", {"amount": "€60,000", "date": "2026-03-01"}),
])  # fmt: skip
def test_what_is_nothing_or_past_is_no_need(field: str, value: object, facts_of: Compute) -> None:
    text = write(_hold() | {field: value}, facts_of)

    assert "spoken for" not in text


def test_a_need_without_an_amount_leaves_no_cash_free(facts_of: Compute) -> None:
    payload = _hold() | {"next_distribution": {"date": "2026-12-31", "amount": None}}
    text = write(payload, facts_of)

    assert "Money is spoken for (next distribution: date 2026-12-31)" in text
    assert "invest" not in text.partition("To consider:")[2]


FOUR_WORDS = [
    ("Comment", "The sister inherits half of it."), ("spending_rule",
    "4.5% of prior September value, paid 31 December"),
    ("fixed_until", "2026-05-31"), ("esg_rating", "BBB"), ("Trustee", "P. & J. Meier"), ("Last Review", "30-04-2024"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), FOUR_WORDS)
@pytest.mark.parametrize("where", ["payload", "row"])
def test_whatever_is_in_no_figure_is_quoted(field: str, value: str, where: str, facts_of: Compute) -> None:
    payload = _hold(**({field: value} if where == "row" else {})) | ({field: value} if where == "payload" else {})

    assert value.rstrip(".") in write(payload, facts_of)


def _bonds(price: float, **more: object) -> Payload:
    rows = [
        {"name": "Alpha 4% 2030", "face_value": 400_000, "price": 99, "coupon": "4%", "maturity": "2030-06-30"},
        {"name": "Midstate 6.5% 2034", "face_value": 250_000, "price": price, "coupon": "6.5%",
        "maturity": "2034-11-01", **more},
    ]  # fmt: skip
    return {"As Of": TODAY.isoformat(), "Currency": "EUR", "fixed_income": rows}


@pytest.mark.parametrize("price", [99.5, 100, 100.5, 103.9])
@pytest.mark.parametrize("day", ["2026-11-01", "2029-11-01"])
def test_a_bond_above_its_call_price_is_told_to_its_call(price: float, day: str, facts_of: Compute) -> None:
    plain = facts_of(_bonds(price))
    table = facts_of(_bonds(price, callable=True, call_date=day, call_price=100))
    text = write_narrative(table, STYLE).render()
    duration, before = table.find("duration"), plain.find("duration")
    assert duration is not None
    assert before is not None

    likely = price > 100
    assert (duration.value < before.value) is likely
    assert ("may be called on" in text) is likely
    assert ("within a year" in text) is (likely and day == "2026-11-01")
    assert ("may be repaid before its day" in text) is not likely
    rate = table.find("ytm")
    assert rate is not None
    assert rate.value > 0


@pytest.mark.parametrize("rating", ["BBB-", "BB+"])
def test_a_bond_that_is_called_soon_is_in_no_average_yield(rating: str, facts_of: Compute) -> None:
    payload = _bonds(103.9, call_date="2026-11-01", call_price=100)
    payload["fixed_income"][1]["rating"] = "BBB"
    payload["fixed_income"].append(
        {"name": "Weak 5% 2031", "face_value": 75_000, "price": 96, "coupon": "5%", "maturity": "2031-07-01",
         "rating": rating}
    )  # fmt: skip
    table = facts_of(payload)

    assert table.find("ytm").value > 4  # type: ignore[union-attr]
    assert all(fact.value > 4 for fact in table.facts if fact.id in {"plain_ytm", "coupon"} and fact.value != 4)
    assert "below zero" not in write_narrative(table, STYLE).render()


def test_a_yield_to_call_is_that_of_the_price_at_which_it_is_called(facts_of: Compute) -> None:
    wide = {"limits": {"issuer": "90%"}}
    to_call = facts_of(_bonds(103, call_date="2029-09-30", call_price=101) | wide).find("ytm")
    rows = _bonds(103)["fixed_income"]
    # the same payments: a face of 101 for each 100, at a coupon and a price of so much less a face
    rows[1] |= {"coupon": f"{Decimal('6.5') / Decimal('1.01')}%", "price": f"{Decimal(103) / Decimal('1.01')}",
                "maturity": "2029-09-30", "market_value": 257_500, "face_value": 252_500}  # fmt: skip
    plain = facts_of({"As Of": TODAY.isoformat(), "Currency": "EUR", "fixed_income": rows} | wide).find("ytm")
    assert to_call is not None
    assert plain is not None

    assert abs(to_call.value - plain.value) < Decimal("0.001")


def test_locks_and_needs_are_read_in_one_place(catalogue: Catalogue) -> None:
    payload = _hold(lockup_until="2027-01-20") | {"Tax Due": {"amount": "€5,000", "date": "2026-10-15"}}
    (found,) = detect([payload], catalogue.sections)
    assert isinstance(found, Detected)
    reading = read(found, catalogue)

    assert [row.lock is not None for row in reading.table("holdings").rows] == [True, False, False]
    assert [(need.name, need.amount and need.amount.value, need.day) for need in reading.needs] == [
        ("Tax Due", Decimal(5000), date(2026, 10, 15))
    ]


PARTS = [
    "incl. ELSS {}, lock-in till 31-Mar-2028", "of which {} locked until 2028-03-31",
    "davon {} gesperrt bis 31.03.2028", "dont {} bloqué jusqu'au 31.03.2028", "including {} under lock-in",
]  # fmt: skip


@pytest.mark.parametrize("remark", PARTS)
@pytest.mark.parametrize(("locked", "sold"), [("EUR 120,000", 464_000), ("EUR 700,000", 280_000), ("some", 0)])
def test_a_lock_of_a_part_leaves_the_rest_to_be_sold(remark: str, locked: str, sold: int, facts_of: Compute) -> None:
    rows = [("Equity fund", 980_000, 30, remark.format(locked)), ("Debt fund", 410_000, 50, None),
            ("Gold ETF", 120_000, 10, None), ("Liquid fund", 210_000, 10, None)]  # fmt: skip
    assets = [
        {"assetClass": name, "market_value": value, "model_weight": f"{model}%", "remarks": said}
        for name, value, model, said in rows
    ]
    table = facts_of({"As Of": "2026-11-30", "Currency": "EUR", "total_portfolio_mv": 1_720_000, "assets": assets})
    text = write_narrative(table, STYLE).render()
    kept = table.find("unsold.equity_fund")
    made = table.find("trade.equity_fund")

    assert made is not None
    assert -made.value - (kept.value if kept is not None else 0) == sold, text
    assert remark.format(locked) in text
    assert ("of it is free" in text) is (locked != "some")
