"""Credit lines as banks send them: what is drawn against what the pledged positions are worth to the lender, how much
is left before a planned draw and after it, and how far the margin call is."""

from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
OBJECTS = [
    ("Lombardkredit", {"Beansprucht": "-1'980'000", "Limite": "2'500'000", "Zins p.a.": "1.85%",
                       "Nachdeckung bei Kredit/Belehnungswert": "100%", "Verwertung bei": "110%"}),
    ("lombardLoan", {"drawn": 1_980_000, "facilityLimit": 2_500_000, "marginCallPct": "100%", "closeOutPct": "110%"}),
    ("Credit line", {"Outstanding": "1,980,000", "Limit": "2,500,000", "Margin call": "100%", "Liquidation": "110%"}),
    ("crédit lombard", {"Encours": "1 980 000", "Plafond": "2 500 000", "Appel de marge": "100 %",
                        "Réalisation": "110 %"}),
    ("créditLombard", {"montantTiré": "1'980'000", "plafond": "2'500'000", "appelDeMarge": "100% de la valeur d'avance",
                       "réalisationForcée": "110%"}),
    ("margin_loan", {"balance": -1_980_000, "limit": 2_500_000, "rate": 0.0185,
                     "triggers": {"margin_call": "100%", "forced_sale": "110%"}}),
]  # fmt: skip
RATES = [
    ("Belehnungssatz", ["60%", "60%", "50%", "0%", "95%"]), ("lendingRate", [0.6, 0.6, 0.5, 0, 0.95]),
    ("LTV %", [60, 60, 50, 0, 95]), ("Haircut", ["40%", "40%", "50%", "100%", "5%"]),
    ("taux d'avance", ["60 %", "60 %", "50 %", "0 %", "95 %"]),
    ("tauxAvance", ["60%", "60%", "50%", "0%", "95%"]), ("tassoAnticipo", [0.6, 0.6, 0.5, 0, 0.95]),
    ("Belehnungswert", [588_000, 492_000, 575_000, 0, 90_250]),
    ("Advance rate", ["60.0%", "60.0%", "50.0%", None, "95%"]),
]  # fmt: skip
LENDING = Decimal(1_745_250)


def _hold(column: str, rates: list[Any], **more: object) -> Payload:
    values = {"Nestlé N": 980_000, "Roche GS": 820_000, "Apple Inc.": 1_150_000, "Private Equity Feeder II": 700_000,
              "Cash": 95_000}  # fmt: skip
    rows: list[Payload] = [
        {"name": name, "market_value": value, column: rate}
        for (name, value), rate in zip(values.items(), rates, strict=True)
    ]
    return {"As Of": "2026-10-31", "Currency": "CHF", "holdings": rows} | more


@pytest.mark.parametrize(("line", "rates"), list(product(OBJECTS, RATES)))
def test_what_is_drawn_is_held_against_the_lending_value(
    line: tuple[str, Payload], rates: tuple[str, list[Any]], facts_of: Compute
) -> None:
    drawn = dict(line[1])
    table = facts_of(_hold(*rates, **{line[0]: drawn}))
    text = write_narrative(table, make_style("en_GB")).render()
    value, use, room = (table.find(name) for name in ("lending_value", "credit_use", "credit_room"))

    assert value is not None
    assert use is not None
    assert room is not None
    assert value.value == LENDING
    assert round(use.value, 1) == Decimal("113.5")
    assert room.value == LENDING - 1_980_000
    assert "113.5% of the lending value of CHF 1.75 million" in text, text
    assert "above the margin call at 100%" in text
    assert "above the forced sale at 110%" in text


@pytest.mark.parametrize(("line", "source"), [
    (OBJECTS[0], "Lombardkredit"), (OBJECTS[1], "Lombard loan"), (OBJECTS[2], "credit line"),
    (OBJECTS[3], "Crédit Lombard"),
])  # fmt: skip
@pytest.mark.parametrize("draw", [100_000, 500_000, 900_000])
def test_a_planned_draw_is_told_with_what_it_makes_of_the_line(
    line: tuple[str, Payload], source: str, draw: int, facts_of: Compute
) -> None:
    first, *rest = line[1]
    parts = {first: "1'000'000"} | {name: line[1][name] for name in rest}
    need = {"date": "2026-12-12", "amount": draw, "purpose": "building", "source": source}
    table = facts_of(_hold(*RATES[0], **{line[0]: parts, "Geplante Bezüge": [need]}))
    text = write_narrative(table, make_style("en_GB")).render()
    after, room = table.find("credit_use_after"), table.find("credit_room_after")

    assert after is not None
    assert room is not None
    assert after.value == (1_000_000 + draw) * 100 / LENDING
    assert room.value == LENDING - 1_000_000 - draw
    assert "CHF 1 million of credit is drawn" in text
    assert f"CHF {draw:,} is to be drawn on 12 December 2026 (building)" in text, text
    assert ("Do not draw" in text) is (draw == 900_000)
    assert "of the money" not in text.lower()


@pytest.mark.parametrize("line", OBJECTS)
def test_without_lending_values_what_is_drawn_is_held_against_the_limit(
    line: tuple[str, Payload], facts_of: Compute
) -> None:
    table = facts_of(_hold("", [""] * 5, **{line[0]: line[1]}))
    text = write_narrative(table, make_style("en_GB")).render()

    assert "79.2% of the credit limit of CHF 2.5 million" in text, text
    assert "margin call" not in text.partition("This was sent")[0]


def test_how_far_what_is_lent_on_may_fall_is_told(facts_of: Compute) -> None:
    table = facts_of(_hold(*RATES[0], Lombardkredit={"drawn": 1_500_000, "margin call": "100%"}))
    fall = table.find("credit_fall")

    assert fall is not None
    assert round(fall.value, 1) == Decimal("14.1")
    assert "A fall of 14.1% in what is lent on" in write_narrative(table, make_style("en_GB")).render()


def test_a_loan_among_the_rows_is_what_is_drawn(facts_of: Compute) -> None:
    payload = _hold(*RATES[0])
    payload["holdings"].append({"name": "Credit Line (SOFR+175)", "market_value": -1_500_000})
    table = facts_of(payload)
    drawn, use = table.find("credit_drawn"), table.find("credit_use")

    assert drawn is not None
    assert use is not None
    assert drawn.value == 1_500_000
    assert round(use.value, 1) == Decimal("85.9")


LINES: list[tuple[str, Any]] = [
    ("credit lines", [{"bank": "UBS Lombard", "drawn": 200_000, "limit": 400_000, "rate": "2.1%"},
                      {"bank": "Pictet Lombard", "drawn": 100_000, "limit": 150_000, "rate": "2.9%"}]),
    ("Lombardkredite", [{"Bank": "UBS Lombard", "Beansprucht": "-200'000", "Limite": "400'000", "Zinssatz": "2.1%"},
                        {"Bank": "Pictet Lombard", "Beansprucht": "-100'000", "Limite": "150'000", "Zins": "2.9%"}]),
    ("loans", {"UBS Lombard": {"outstanding": 200_000, "limit": 400_000, "interestRate": 0.021},
               "Pictet Lombard": {"outstanding": 100_000, "limit": 150_000, "interestRate": 0.029}}),
    ("lignes de crédit", [{"nom": "UBS Lombard", "encours": "200 000", "plafond": "400 000", "taux": "2,1 %"},
                          {"nom": "Pictet Lombard", "encours": "100 000", "plafond": "150 000", "taux": "2,9 %"}]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "lines"), LINES)
@pytest.mark.parametrize("profile", ["Growth", None])
def test_several_lines_are_told_each_with_its_limit_and_rate(
    name: str, lines: object, profile: str | None, facts_of: Compute
) -> None:
    rows = [{"name": "World ETF", "asset_class": "Equity", "market_value": 900_000},
            {"name": "Bund 2031", "asset_class": "Bonds", "market_value": 300_000}]  # fmt: skip
    payload = {"As Of": "2026-03-31", "Currency": "CHF", "holdings": rows, name: lines}
    table = facts_of(payload | ({"Risk Profile": profile} if profile else {}))
    text = write_narrative(table, make_style("en_GB")).render()

    assert "UBS Lombard: CHF 200,000 is drawn on it, under a line limit of CHF 400,000" in text, text
    assert "Pictet Lombard: CHF 100,000 is drawn on it" in text
    assert "at a lending rate of 2.9% a year" in text
    assert "All lines together, CHF 300,000 of credit is drawn" in text
    assert "begin with Pictet Lombard" in text
    assert "in no figure here" not in text
    leverage = table.find("leverage")
    assert (leverage is not None) is (profile is not None)
    if leverage is not None:
        assert leverage.value == 25
        assert "where the profile allows leverage of at most 10%" in text, text


@pytest.mark.parametrize(
    ("rate", "told"), [("2.4%", "2.4%"), (0.024, "2.4%"), (2.4, "2.4%"), (0.25, None), ("n/a", None)]
)
def test_the_rate_of_a_line_is_told_where_it_can_be_one_thing_alone(
    rate: object, told: str | None, facts_of: Compute
) -> None:
    rows = [{"name": "World ETF", "asset_class": "Equity", "market_value": 900_000}]
    line = {"drawn": 200_000, "limit": 400_000, "rate": rate}
    text = write_narrative(
        facts_of({"Currency": "CHF", "holdings": rows, "lombard": line}), make_style("en_GB")
    ).render()

    assert ("at a lending rate of" in text) is (told is not None), text
    if told is not None:
        assert f"at a lending rate of {told} a year" in text


@pytest.mark.parametrize(("line", "name"), [
    ("créditLombard", {"montantTiré": 1_640_000, "seuilAlerte": "90% de la valeur d'avance", "appelDeMarge": "100%"}),
    ("Lombardkredit", {"Beansprucht": 1_640_000, "Warnschwelle": "90%", "Nachdeckung": "100%"}),
    ("lombardLoan", {"drawn": 1_640_000, "alertLevel": 0.9, "marginCall": "100% of lending value"}),
])  # fmt: skip
@pytest.mark.parametrize("drawn", [1_640_000, 1_500_000])
def test_a_line_above_the_lenders_alert_is_told_as_that(
    line: str, name: Payload, drawn: int, facts_of: Compute
) -> None:
    first = next(iter(name))
    text = write_narrative(facts_of(_hold(*RATES[0], **{line: name | {first: drawn}})), make_style("en_GB")).render()

    side = "above" if drawn == 1_640_000 else "below"
    assert f"{side} the lender's alert at 90%" in text, text
    assert ("Bring the line back below the lender's alert" in text) is (side == "above")
