"""A limit for single positions that stands in a sentence is read, or named as one that could not be; the client's own
day for a limit is told wherever it stands."""

from itertools import product
from typing import Any

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def _hold(**more: object) -> Payload:
    rows = [
        {"name": "Acme", "asset_class": "Equity", "market_value": 300_000},
        {"name": "World Equity Fund", "asset_class": "Equity", "market_value": 400_000},
        {"name": "Euro Bond Fund", "asset_class": "Bonds", "market_value": 300_000},
    ]
    return {"As Of": "2026-03-31", "Currency": "EUR", "holdings": rows} | more


SENTENCES = [
    "Client wants no single position above 25%.", "No more than 25% in any one stock, please.",
    "Max. 25% per position.", "No position over 25%", "Each holding is capped at 25 percent.",
    "Single names must not exceed 25%.", "Limit of 25% per single stock agreed.", "Keep every position below 25%.",
    "Einzeltitel nicht über 25 %.", "Keine Einzelposition über 25 %.", "Höchstens 25 % je Aktie.",
    "Maximal 25 Prozent pro Titel.", "Aucune ligne au-dessus de 25 %.", "Pas plus de 25 % par titre.",
    "Nessun titolo oltre il 25%.", "Al massimo il 25% per singolo titolo.", "Ningún valor por encima del 25 %.",
    "No más de 25% por acción.", "Geen positie boven 25%.", "Maximaal 25% per aandeel.",
]  # fmt: skip
FIELDS = ["remark", "Bemerkung", "comments"]


@pytest.mark.parametrize(("sentence", "field"), list(product(SENTENCES, FIELDS)))
def test_a_sentence_sets_the_limit_for_a_position(sentence: str, field: str, facts_of: Compute) -> None:
    table = facts_of(_hold(**{field: f"Met in March. {sentence}"}))
    text = write_narrative(table, STYLE).render()

    assert "5 percentage points above the client's own limit of 25%" in text, text
    assert "by selling €50,000" in text
    assert "a default" not in text


def test_a_sentence_on_one_position_is_a_limit_for_it_alone(facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(note="Acme may stay at most 25%.")), STYLE).render()

    assert "above the client's own limit of 25% for it" in text, text


OPEN = [
    "Single name cap agreed at 25% in 2021, exception for Acme signed.", "No single position above 25%, except Acme.",
    "Einzeltitel nicht über 25 %, Ausnahme Acme.", "No position above 20%, or 25% for founders' shares.",
    "Aucune ligne au-dessus de 25 %, sauf Acme.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", OPEN)
def test_a_sentence_that_says_more_is_named_as_not_read(sentence: str, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(note=sentence)), STYLE).render()

    assert "Not all of the client's limits could be held against this list" in text, text
    assert "the house limit" not in text
    assert "selling" not in text


NONE = [
    "Acme fell by 25% in March.", "Equity share not above 60%.", "The position was reduced by 25% last year.",
    "The fund charges up to 2% a year.", "Yield of at most 4% is expected.",
]  # fmt: skip


@pytest.mark.parametrize("sentence", NONE)
def test_other_sentences_with_shares_set_no_limit_for_positions(sentence: str, facts_of: Compute) -> None:
    table = facts_of(_hold(note=sentence))
    limit = table.find("limit.single_name")

    assert limit is not None
    assert limit.value == 10
    assert "could be held" not in write_narrative(table, STYLE).render()


def test_a_limit_of_its_own_field_comes_before_a_sentence(facts_of: Compute) -> None:
    payload = _hold(limits={"single position": "20%"}, note="No single position above 25%.")
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "the client's own limit of 20%" in text, text


DAYS: list[Payload] = [
    {"note": "Acme: until 30 June 2026 at most 25%."}, {"note": "No single position above 25% by 30 June 2026."},
    {"Bemerkung": "Einzeltitel höchstens 25 % bis 30.06.2026"}, {"limits": {"single stock": "25% by 30 June 2026"}},
    {"limits": {"single_name": {"max": "25%", "until": "2026-06-30"}}},
    {"limits": [{"rule": "single_name", "max": "25%", "by": "2026-06-30"}]},
    {"limits": {"single_name": "25%", "valid until": "2026-06-30"}},
    {"limits": {"single_name": "25%"}, "limit deadline": "2026-06-30"},
    {"Anlagegrenzen": {"Einzeltitel": {"max": "25 %", "bis": "30.06.2026"}}},
    {"limites": {"par titre": "25 % jusqu'au 30/06/2026"}},
]  # fmt: skip


@pytest.mark.parametrize("said", DAYS)
def test_the_clients_own_day_for_a_limit_is_told(said: Payload, facts_of: Compute) -> None:
    text = write_narrative(facts_of(_hold(**said)), STYLE).render()

    assert "5 percentage points above the client's own limit of 25%" in text, text
    assert "by 30 June 2026, the client's own day for it, by selling €50,000" in text, text
    assert "could be held" not in text
    assert "in no figure here" not in text


@pytest.mark.parametrize("said", DAYS)
def test_a_lock_beyond_the_clients_own_day_is_settled_with_the_client(said: Payload, facts_of: Compute) -> None:
    payload = _hold(**said)
    payload["holdings"][0]["lock-up"] = "until 2027-06-30"
    text = write_narrative(facts_of(payload), STYLE).render()

    assert "what holds if Acme may not be sold before 30 June 2026, the client's own day for its limit" in text, text
