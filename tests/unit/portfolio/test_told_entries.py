"""A dated amount is a payment only where something says so: deposits that mature come back, rights lapse, commitments
may be called up to what is left of them; what may be either is quoted and in no sum."""

from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
PAID = {"Planned payments": [{"Date": "2026-09-30", "Amount": "€185,000", "Purpose": "Inheritance tax"}]}


def _overview(**more: object) -> Payload:
    return {"As Of": "2026-06-30", "Currency": "EUR", "Market Value": 6_240_000, "Investment Value": 5_800_000,
            "Top Asset": "Bonds (30%)", "Cash": 374_400,
            "XIRR_SI": "3.1%", "Benchmark XIRR": "3.0%"} | more  # fmt: skip


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), make_style("en_GB")).render()


def spoken(payload: Payload, facts_of: Compute) -> int:
    fact = facts_of(payload).find("spoken_for")
    return int(fact.value) if fact is not None else 0


MATURITIES = [
    ("Deposits", {"Bank": "OCBC", "Amount": "€150,000", "Maturity": "2026-08-31"}),
    ("Term deposits", {"Name": "OCBC", "Amount": 150_000, "Matures": "31 Aug 2026", "Rate": "2.1%"}),
    ("Festgelder", {"Bank": "OCBC", "Betrag": "150.000", "Fälligkeit": "31.08.2026"}),
    ("Festgeld", {"Name": "OCBC", "Betrag": "150.000 €", "Fällig am": "31.08.2026"}),
    ("Dépôts à terme", {"Banque": "OCBC", "Montant": "150 000 €", "Échéance": "31/08/2026"}),
    ("Depositi", {"Nome": "OCBC", "Importo": "€ 150.000", "Scadenza": "31/08/2026", "Nota": "in liquidità"}),
    ("Depósitos a plazo", {"Banco": "OCBC", "Importe": "150.000 €", "Vencimiento": "31/08/2026"}),
    ("Termijndeposito's", {"Bank": "OCBC", "Bedrag": "€ 150.000", "Vervaldatum": "31-08-2026"}),
    ("Maturities", {"Name": "OCBC", "Amount": 150_000, "Date": "2026-08-31"}),
    ("Upcoming events", {"Date": "2026-08-31", "Amount": 150_000, "Description": "OCBC fixed deposit matures"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "entry"), MATURITIES)
@pytest.mark.parametrize("shape", [list, dict])
def test_a_deposit_that_matures_is_no_payment(field: str, entry: Payload, shape: type, facts_of: Compute) -> None:
    payload = _overview(**{field: [entry] if shape is list else entry}, **PAID)
    text = write(payload, facts_of)

    assert spoken(payload, facts_of) == 185_000
    assert "€150,000 comes back on 31 August 2026" in text, text
    assert "OCBC" in text
    assert "read it before acting" not in text


RIGHTS = [
    ("Tax losses", {"Amount": "€42,000", "Expiry": "2026-12-31"}),
    ("Capital loss carry-forward", {"Amount": 42_000, "Expires": "2026-12-31"}),
    ("Unused allowances", {"Amount": 42_000, "Lapses": "2026-12-31"}),
    ("Stock options", {"Value": 42_000, "Expiry": "2026-12-31", "Strike": 12}),
    ("Verlustvorträge", {"Betrag": "42.000 €", "Verfall": "31.12.2026"}),
    ("Moins-values reportables", {"Montant": "42 000 €", "Échéance": "31/12/2026"}),
    ("Minusvalenze pregresse", {"Importo": "€ 42.000", "Scadenza": "31/12/2026", "Aliquota": "26%"}),
    ("Minusvalías pendientes", {"Importe": "42.000 €", "Vencimiento": "31/12/2026"}),
    ("Verrekenbare verliezen", {"Bedrag": "€ 42.000", "Vervaldatum": "31-12-2026"}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "entry"), RIGHTS)
@pytest.mark.parametrize("shape", [list, dict])
def test_a_right_that_lapses_is_no_payment(field: str, entry: Payload, shape: type, facts_of: Compute) -> None:
    payload = _overview(**{field: [entry] if shape is list else entry}, **PAID)
    text = write(payload, facts_of)

    assert spoken(payload, facts_of) == 185_000
    assert "€42,000 lapses on 31 December 2026" in text, text


COMMITTED = [
    ("Commitments", [{"Fund": "Alpi III", "Commitment": 1_000_000, "Called": 640_000},
                     {"Fund": "Adria", "Commitment": 500_000, "Called": 200_000}]),
    ("Private equity commitments", {"Alpi III": {"Committed": 1_000_000, "Drawn": 640_000},
                                    "Adria": {"Committed": 500_000, "Drawn": 200_000}}),
    ("Kapitalzusagen", [{"Fonds": "Alpi III", "Zusage": "1.000.000 €", "Abgerufen": "640.000 €"},
                        {"Fonds": "Adria", "Zusage": "500.000 €", "Abgerufen": "200.000 €"}]),
    ("Engagements", [{"Fonds": "Alpi III", "Engagement": "1 000 000 €", "Appelé": "640 000 €"},
                     {"Fonds": "Adria", "Engagement": "500 000 €", "Appelé": "200 000 €"}]),
    ("Impegni", [{"Fondo": "Alpi III", "Impegno": "€ 1.000.000", "Richiamato": "€ 640.000"},
                 {"Fondo": "Adria", "Impegno": "€ 500.000", "Richiamato": "€ 200.000"}]),
    ("Compromisos", [{"Fondo": "Alpi III", "Compromiso": "1.000.000 €", "Desembolsado": "640.000 €"},
                     {"Fondo": "Adria", "Compromiso": "500.000 €", "Desembolsado": "200.000 €"}]),
    ("Toezeggingen", [{"Fonds": "Alpi III", "Toezegging": "€ 1.000.000", "Opgevraagd": "€ 640.000"},
                      {"Fonds": "Adria", "Toezegging": "€ 500.000", "Opgevraagd": "€ 200.000"}]),
    ("Commitments", [{"Fund": "Alpi III", "Uncalled": 360_000}, {"Fund": "Adria", "Uncalled": 300_000}]),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), COMMITTED)
def test_commitments_are_callable_up_to_what_is_left_of_them(field: str, value: object, facts_of: Compute) -> None:
    payload = _overview(**{field: value}, **PAID)
    text = write(payload, facts_of)

    assert spoken(payload, facts_of) == 185_000
    assert "Up to €660,000 more may be called, on days that are not known" in text, text
    assert "Alpi III" in text
    assert "Adria" in text


def test_calls_and_payments_together_are_held_against_the_cash(facts_of: Compute) -> None:
    field, value = COMMITTED[0]
    text = write(_overview(**{field: value}, **PAID), facts_of)

    assert "€845,000" in text, text
    assert "€470,600 has to come from elsewhere than the cash" in text


def test_a_call_with_a_day_is_a_payment(facts_of: Compute) -> None:
    entry = {"Fund": "Alpi III", "Date": "2026-10-01", "Amount": 100_000}

    assert spoken(_overview(**{"Capital calls": [entry]}), facts_of) == 100_000


UNSURE = ["Dates", "Calendar", "Events", "Termine", "Dates clés", "Scadenzario", "Agenda", "Fechas"]


@pytest.mark.parametrize("field", UNSURE)
def test_what_may_be_anything_is_quoted_and_in_no_sum(field: str, facts_of: Compute) -> None:
    entry = {"Date": "2026-11-15", "Amount": "€77,000", "Description": "Project Falcon"}
    payload = _overview(**{field: [entry]}, **PAID)
    text = write(payload, facts_of)

    assert spoken(payload, facts_of) == 185_000
    assert "Project Falcon" in text


PURPOSES = ["Tax bill", "School fees", "Renovation of the house", "Einkommensteuer", "Hauskauf", "Impôt 2025", "Achat",
            "Imposta di successione", "Compra de piso", "Belasting 2025"]  # fmt: skip


@pytest.mark.parametrize(("field", "purpose"), list(product(UNSURE[:3], PURPOSES)))
def test_a_purpose_that_is_a_payment_makes_it_one(field: str, purpose: str, facts_of: Compute) -> None:
    entry = {"Date": "2026-11-15", "Amount": "€77,000", "Description": purpose}

    assert spoken(_overview(**{field: [entry]}), facts_of) == 77_000


RANGES = ["€10,000 - €15,000", "10,000 to 15,000", "€10k–15k", "10.000 bis 15.000 €", "entre 10 000 et 15 000 €"]


@pytest.mark.parametrize("amount", RANGES)
def test_a_range_of_amounts_is_quoted_and_in_no_sum(amount: str, facts_of: Compute) -> None:
    entries = [*PAID["Planned payments"], {"Date": "2026-11-15", "Amount": amount, "Purpose": "Kitchen"}]
    payload = _overview(**{"Planned payments": entries})
    text = write(payload, facts_of)

    assert spoken(payload, facts_of) == 185_000
    assert "at least €185,000 is spoken for" in text
    assert "Kitchen" in text


def test_without_the_deposit_the_cash_may_not_do(facts_of: Compute) -> None:
    deposit = {"Bank": "OCBC", "Amount": 250_000, "Maturity": "2026-08-31", "Remark": "included in cash"}
    text = write(_overview(Deposits=[deposit], **PAID), facts_of)

    assert "without it the cash is €60,600 short of what is spoken for" in text, text
