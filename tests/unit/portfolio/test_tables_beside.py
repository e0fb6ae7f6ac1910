"""Which of several tables a payload is of, and what rows are called where no column is known to hold names."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.conftest import Compute

POSITIONS = {
    "posiciones": [
        {"nombre": "Fondo Global", "claseActivo": "Renta variable", "valorMercado": "838.000 €", "coste": "655.000 €"},
        {"nombre": "Bonos Euro", "claseActivo": "Renta fija", "valorMercado": "520.000 €", "coste": "512.000 €"},
    ],
    "Depotpositionen": [
        {"Bezeichnung": "Weltfonds", "Kurswert": "838.000 €", "Einstand": "655.000 €"},
        {"Bezeichnung": "Rentenfonds", "Kurswert": "520.000 €", "Einstand": "512.000 €"},
    ],
}
PAYMENTS = {
    "pagosPrevistos": [
        {"fecha": "15/05/2026", "importe": "90.000 €", "concepto": "Desembolso"},
        {"fecha": "30/06/2026", "importe": "185.000 €", "concepto": "IRPF"},
    ],
    "Geplante Zahlungen": [
        {"Datum": "15.05.2026", "Betrag": "90.000 €", "Zweck": "Kapitalabruf"},
        {"Datum": "30.06.2026", "Betrag": "185.000 €", "Zweck": "Steuer"},
    ],
    "planned_payments": [
        {"date": "2026-05-15", "amount": 90_000, "purpose": "call"},
        {"date": "2026-06-30", "amount": 185_000},
    ],
    "commitments": [{"date": "2026-05-15", "value": 90_000}, {"date": "2026-06-30", "value": 185_000}],
}


@pytest.mark.parametrize("payments", PAYMENTS)
@pytest.mark.parametrize("positions", POSITIONS)
def test_positions_beside_payments_to_come_are_holdings(positions: str, payments: str, catalogue: Catalogue) -> None:
    payload: dict[str, Any] = {
        "Currency": "EUR",
        "As Of": "2026-03-31",
        payments: PAYMENTS[payments],
        positions: POSITIONS[positions],
    }
    (found,) = detect([payload], catalogue.sections)

    assert isinstance(found, Detected), found
    assert found.section.name == "holdings"


@pytest.mark.parametrize("column", ["Counter", "Libellé du fonds X", "Was", "銘柄名称など"])
@pytest.mark.parametrize("other", ["Sector", "Branche", "Remark"])
def test_movers_are_called_by_the_column_of_texts_that_differ(column: str, other: str, facts_of: Compute) -> None:
    rows = [
        ("Gold Fields", "Mining", "6.2", "21.5"),
        ("Naspers", "Technology", "8.4", "9.2"),
        ("Sasol", "Mining", "2.1", "-16.8"),
    ]
    lines = [f"{column},{other},Opening Weight %,Return %", *(",".join(row) for row in rows)]
    table = facts_of({"Currency": "ZAR", "Period": "Q2 2026", "top_movers_data": "\n".join(lines)})

    text = write_narrative(table, make_style("en_GB")).render()

    assert "Gold Fields" in text
    assert "Sasol" in text
