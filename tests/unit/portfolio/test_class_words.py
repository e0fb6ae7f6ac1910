"""A word of debt in the class of a position, or in its name where the class says nothing, makes it debt in each
language: how much of it is equity is never said to be unknown."""

from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.sections import Catalogue
from tests.unit.portfolio.conftest import Compute

DEBT = {
    "de": ["Obligationenfonds", "Anleihefonds", "Anleihenfonds", "Rentenfonds", "Staatsanleihen", "Renten", "Bondfonds",
           "Unternehmensanleihen", "Wandelanleihen", "Festverzinsliche Wertpapiere", "Fremdwährungsobligationen"],
    "nl": ["Staatsobligaties", "Bedrijfsobligaties", "Obligatiefondsen", "Obligatiefonds", "Vastrentende waarden"],
    "fr": ["Obligations d'État", "Fonds obligataires", "Fonds obligataire", "Fonds d'obligations", "OPCVM obligataire",
           "Obligations d'entreprises"],
    "it": ["Obbligazioni governative", "Fondi obbligazionari", "Fondo obbligazionario", "Obbligazionario globale",
           "Obbligazioni societarie", "ETF obbligazionari"],
    "es": ["Bonos corporativos", "Fondos de bonos", "Fondo de renta fija", "Deuda corporativa",
           "Obligaciones del Estado"],
    "sv": ["Statsobligationer", "Företagsobligationer", "Obligationsfond", "Obligationsfonder", "Räntefonder"],
    "no": ["Obligasjonsfond", "Statsobligasjoner", "Rentefond"],
    "pt": ["Obrigações do Tesouro", "Fundos de obrigações", "Fundo de obrigações", "Renda fixa"],
    "pl": ["Obligacje skarbowe", "Obligacje korporacyjne", "Fundusze obligacji", "Fundusz obligacji", "Papiery dłużne"],
    "en": ["Bond fund", "Corporate bonds", "Government bonds", "Aggregate Bond ETF", "Emerging market bonds"],
}  # fmt: skip
EQUITY = ["Aktienfonds", "Aandelenfondsen", "Aandelenfonds", "Aandelen wereldwijd", "Fonds d'actions", "Fondi azionari",
          "Fondo azionario", "Fondos de renta variable", "Aktiefonder", "Fundos de ações",
          "Fundusze akcji"]  # fmt: skip
BEHIND = ["", " euro", " EUR", " CHF", " Schweiz", " wereld", " zone euro", " USA", " globale"]


@pytest.mark.parametrize("behind", BEHIND)
@pytest.mark.parametrize("word", [word for words in DEBT.values() for word in words])
def test_a_class_of_debt_is_debt_whatever_region_stands_behind_it(catalogue: Catalogue, word: str, behind: str) -> None:
    found = catalogue.reference.classify(word + behind, None, "Swisscanto 4711")

    assert found is not None
    assert (found.name, found.by) == ("debt", "class")


@pytest.mark.parametrize("word", EQUITY)
def test_a_class_of_shares_stays_one(catalogue: Catalogue, word: str) -> None:
    found = catalogue.reference.classify(word, None, "Swisscanto 4711")

    assert found is not None
    assert found.name == "equity"


@pytest.mark.parametrize("word", [word for words in DEBT.values() for word in words])
@pytest.mark.parametrize("class_", [None, "Beleggingsfonds", "Anlagefonds", "Others", "Sonstige Werte"])
def test_a_word_of_debt_in_the_name_counts_where_the_class_says_nothing(
    catalogue: Catalogue, class_: str | None, word: str
) -> None:
    found = catalogue.reference.classify(class_, None, f"Meridian {word} A")

    assert found is not None
    assert (found.name, found.by) == ("debt", "name")


@pytest.mark.parametrize(
    "name",
    ["Aktien- und Obligationenfonds", "Bonds and equities", "Obligations et actions", "Aandelen/obligaties"],
)
def test_words_of_both_are_no_word_of_one(catalogue: Catalogue, name: str) -> None:
    found = catalogue.reference.classify("Anlagefonds", None, f"Meridian {name}")

    assert found is None or found.name == "mixed"


@pytest.mark.parametrize("name", ["Meridian Income Fund", "Meridian Strategie", "Vagabond Partners"])
def test_a_name_without_a_word_of_debt_is_not_guessed_where_a_class_was_sent(catalogue: Catalogue, name: str) -> None:
    assert catalogue.reference.classify("Anlagefonds", None, name) is None


@pytest.mark.parametrize("section", ["holdings", "rebalancing"])
@pytest.mark.parametrize("word", [words[0] for words in DEBT.values()])
def test_no_doubt_of_the_mix_is_told_for_debt(word: str, section: str, facts_of: Compute) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "Meridian Alpha", "asset_class": "Equity", "market_value": 550, "target_weight": "55%"},
        {"name": f"{word} CHF", "asset_class": f"{word} euro", "market_value": 450, "target_weight": "45%"},
    ]
    if section == "holdings":
        rows = [{key: value for key, value in row.items() if key != "target_weight"} for row in rows]
    payload = {"As Of": "2026-06-30", "Currency": "CHF", "Risk Profile": "Balanced",
               "assets" if section == "rebalancing" else "holdings": rows}  # fmt: skip
    table = facts_of(payload)
    text = write_narrative(table, make_style("de_CH")).render()

    assert "is not known" not in text
    assert (share := table.find("equity_share")) is not None
    assert share.value == 55
