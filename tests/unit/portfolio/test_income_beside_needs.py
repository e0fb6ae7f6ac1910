"""A list of what sources pay beside a need is of income in every language, and one that says nothing costs no other."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Detected, detect
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
CATALOGUE = load_catalogue()
LANGUAGES = [
    # the list, name, value, yield, yearly income, need
    ("Payers", "Security", "Market value", "Yield", "Annual income", "Annual need"),
    ("Erträge", "Wertpapier", "Kurswert", "Rendite", "Jahresertrag", "Jahresbedarf"),
    ("Revenus", "Titre", "Valeur marchande", "Rendement", "Revenu annuel", "Besoin annuel"),
    ("Redditi", "Strumento", "Controvalore", "Rendimento", "Reddito annuo", "Fabbisogno annuo"),
    ("Ingresos", "Valor", "Valor de mercado", "Rentabilidad", "Ingreso anual", "Necesidad anual"),
    ("Inkomsten", "Effect", "Marktwaarde", "Rendement", "Jaarinkomen", "Jaarlijkse behoefte"),
    ("Rendimentos", "Título", "Valor de mercado", "Rentabilidade", "Renda anual", "Necessidade anual"),
]


def _send(words: tuple[str, ...], *, by_yield: bool, need: bool = True) -> Payload:
    table, name, value, rate, income, field = words
    told = (lambda amount: {rate: f"{amount}%"}) if by_yield else (lambda amount: {income: amount * 1000})
    rows = [{name: "Alfa", value: 100_000} | told(4), {name: "Beta", value: 100_000} | told(2)]
    return {"Currency": "EUR", table: rows} | ({field: 9_000} if need else {})


@pytest.mark.parametrize("by_yield", [True, False])
@pytest.mark.parametrize("words", [words for words in LANGUAGES if words[1] != "Effect"], ids=lambda words: words[0])
def test_what_sources_pay_beside_a_need_is_income_in_every_language(
    words: tuple[str, ...], by_yield: bool, facts_of: Compute
) -> None:
    (found,) = detect([_send(words, by_yield=by_yield)], CATALOGUE.sections)
    assert isinstance(found, Detected)

    assert found.section.name == "income"
    cover = facts_of(_send(words, by_yield=by_yield)).find("income_cover")
    assert cover is not None
    assert round(cover.value, 2) == Decimal("66.67")


@pytest.mark.parametrize("words", LANGUAGES[:4], ids=lambda words: words[0])
def test_without_a_need_holdings_with_a_yield_are_holdings(words: tuple[str, ...]) -> None:
    (found,) = detect([_send(("Bestand", *words[1:]), by_yield=True, need=False)], CATALOGUE.sections)

    assert isinstance(found, Detected)
    assert found.section.name == "holdings"


def test_bonds_beside_a_need_are_bonds() -> None:
    rows = [{"Titel": name, "Kupon": 3, "Fälligkeit": "2030-01-01", "Kurswert": 100, "Rendite": "3%"} for name in "AB"]
    (found,) = detect([{"Anleihen": rows, "Jahresbedarf": 5}], CATALOGUE.sections)

    assert isinstance(found, Detected)
    assert found.section.name == "fixed_income"


@pytest.mark.parametrize("said", ["n.d.", "", "k.A.", "?", None])
def test_a_source_that_says_no_income_is_named_and_costs_no_other(said: str | None, facts_of: Compute) -> None:
    payload = _send(LANGUAGES[3], by_yield=True)
    payload["Redditi"].append({"Strumento": "Fondo Gamma", "Controvalore": 50_000, "Rendimento": said})
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()
    income, whole, rate = (table.find(name) for name in ("income", "market_value", "yield"))

    assert "What Fondo Gamma pays was not sent: it is in no figure of income here" in text, text
    assert income is not None
    assert whole is not None
    assert rate is not None
    assert [income.value, whole.value, rate.value] == [6_000, 250_000, 3]
    assert table.find("income_share.fondo_gamma") is None
    assert "no_income_said" in {note.code for note in table.notes}


@pytest.mark.parametrize(
    "field",
    ["Monatsbedarf", "Bedarf pro Monat", "Besoin mensuel", "Fabbisogno mensile", "Necesidad mensual", "Maandbehoefte",
     "Behoefte per maand", "Necessidade mensal", "Monthly need"],
)  # fmt: skip
def test_a_need_of_a_month_is_taken_twelve_times(field: str, facts_of: Compute) -> None:
    payload = _send(LANGUAGES[3], by_yield=True, need=False) | {field: 750}
    need = facts_of(payload).find("annual_need")

    assert need is not None
    assert need.value == 9_000
