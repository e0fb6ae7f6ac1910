"""Dollars that are not American: read by their signs, by the payload's currency or the country of its locale, and said
with their currency."""

from typing import Any

import pytest

from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reading import Context
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.support.told_sources import list_differences, tell

Payload = dict[str, Any]
SIGNS = {"S$": "SGD", "SG$": "SGD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "NZ$": "NZD", "HK$": "HKD",
         "NT$": "TWD", "US$": "USD", "$": "USD"}  # fmt: skip
SHOWN = {"SGD": "SGD ", "AUD": "A$", "CAD": "CA$", "NZD": "NZ$", "HKD": "HK$", "TWD": "NT$", "USD": "US$"}


def _write(payload: Payload, catalogue: Catalogue, style: str = "en_GB", locale: str = "") -> str:
    (found,) = detect([payload], catalogue.sections)
    assert isinstance(found, Detected)
    table = compute(found, catalogue, Context(locale=locale))
    assert list_differences(tell(table, make_style(style))) == []
    return write_narrative(table, make_style(style)).render()


def _hold(sign: str, **more: object) -> Payload:
    rows = [
        {"name": "DBS Group", "asset_class": "Equity", "market_value": f"{sign}300,000", "cost": f"{sign}200,000"},
        {"name": "World ETF", "asset_class": "Equity", "market_value": f"{sign}900,000", "cost": f"{sign}800,000"},
    ]
    return {"As Of": "2026-03-31", "holdings": rows} | more


@pytest.mark.parametrize(("sign", "code"), SIGNS.items())
def test_a_sign_says_its_currency_in_every_amount(sign: str, code: str, catalogue: Catalogue) -> None:
    for currency in ({}, {"Currency": code}):
        text = _write(_hold(sign, **currency), catalogue)
        assert f"is worth {SHOWN[code]}1.2 million" in text, text
        assert text.count("$") == (text.count(SHOWN[code]) if "$" in SHOWN[code] else 0)


HOMES = {"en_AU": "AUD", "en_SG": "SGD", "en_CA": "CAD", "en_NZ": "NZD", "en_US": "USD", "en_GB": "USD", "": "USD",
         "en": "USD"}  # fmt: skip


@pytest.mark.parametrize(("locale", "code"), HOMES.items())
def test_the_bare_sign_is_the_dollar_of_the_locales_country(locale: str, code: str, catalogue: Catalogue) -> None:
    assert f"{SHOWN[code]}1.2 million" in _write(_hold("$"), catalogue, locale=locale)
    assert "A$1.2 million" in _write(_hold("$", Currency="AUD"), catalogue, locale=locale)


@pytest.mark.parametrize("style", ["en_US", "en_AU", "en_SG", "en_CA"])
@pytest.mark.parametrize("code", ["AUD", "CAD", "SGD", "NZD"])
def test_no_locale_writes_a_bare_sign_for_another_dollar(style: str, code: str, catalogue: Catalogue) -> None:
    text = _write(_hold("$", Currency=code), catalogue, style)

    assert " $" not in text, text


def test_a_need_in_another_currency_counts_at_the_rate_that_was_sent(catalogue: Catalogue) -> None:
    note = {"notes": "Client needs S$50,000 for a wedding.", "Currency": "USD"}
    text = _write(_hold("US$", fx_rates={"SGD": 0.74}, **note), catalogue)
    assert "Of the money US$37,000 is spoken for" in text, text

    assert "Money is spoken for (notes: Client needs S$50,000" in _write(_hold("US$", **note), catalogue)
