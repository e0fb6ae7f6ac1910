"""Files of what was bought and sold, sent where holdings are asked for: told as transactions, in the layouts and
languages that brokers and banks export them in; and lists of what is held that look a little like them."""

import csv
import io
from typing import Any

import pytest

from services.portfolio.domain.errors import InputError
from tests.unit.portfolio.test_reading import read, value_of

NAMES = (("SAP", "DE0007164600"), ("ASML", "NL0010273215"), ("Nestle", "CH0038863350"))
BOUGHT, SOLD = ("2024-01-15", "2024-03-05", "2024-05-21"), ("2025-02-13", "2025-06-30", "2025-07-17")

SALES = {
    "en": ("Security", "ISIN", "Buy date", "Sell date", "Gain"), "en 2": ("Name", "ISIN", "Opened", "Closed", "P/L"),
    "en 3": ("Description", "ISIN", "Date acquired", "Date sold", "Proceeds"),
    "de": ("Wertpapier", "ISIN", "Kaufdatum", "Verkaufsdatum", "Gewinn"),
    "fr": ("Libellé", "ISIN", "Date d'achat", "Date de vente", "Plus-value"),
    "it": ("Titolo", "ISIN", "Data acquisto", "Data vendita", "Utile"),
    "es": ("Nombre", "ISIN", "Fecha de compra", "Fecha de venta", "Plusvalía"),
    "nl": ("Naam", "ISIN", "Aankoopdatum", "Verkoopdatum", "Winst"),
}  # fmt: skip
"""Columns of sales that were closed, with a gain and no value."""

STATEMENTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en": (("Date", "Time", "Value date", "Product", "ISIN", "Description", "Change", "Balance"),
           ("Buy 10 SAP @ 200", "Dividend", "Deposit")),
    "de": (("Datum", "Uhrzeit", "Valutadatum", "Produkt", "ISIN", "Beschreibung", "Änderung", "Saldo"),
           ("Kauf 10 zu je 200 EUR", "Dividende", "Einzahlung")),
    "nl": (("Datum", "Tijd", "Valutadatum", "Product", "ISIN", "Omschrijving", "Mutatie", "Saldo"),
           ("Koop 10 @ 200 EUR", "Dividend", "iDEAL storting")),
    "fr": (("Date", "Heure", "Date de valeur", "Produit", "ISIN", "Description", "Mouvements", "Solde"),
           ("Achat 10 @ 200 EUR", "Dividende", "Versement")),
    "it": (("Data", "Ora", "Data valuta", "Prodotto", "ISIN", "Descrizione", "Variazione", "Saldo"),
           ("Acquisto 10 @ 200 EUR", "Dividendo", "Versamento")),
    "es": (("Fecha", "Hora", "Fecha valor", "Producto", "ISIN", "Descripción", "Variación", "Saldo"),
           ("Compra 10 @ 200 EUR", "Dividendo", "Ingreso")),
}  # fmt: skip
"""Statements of an account: what was bought, came in and is left."""

TRADES: dict[str, tuple[str, ...]] = {
    "en": ("Date", "Time", "Product", "ISIN", "Quantity", "Price", "Value", "Total"),
    "de": ("Datum", "Uhrzeit", "Produkt", "ISIN", "Anzahl", "Kurs", "Wert", "Gesamt"),
    "nl": ("Datum", "Tijd", "Product", "ISIN", "Aantal", "Koers", "Waarde", "Totaal"),
    "fr": ("Date", "Heure", "Produit", "ISIN", "Quantité", "Cours", "Montant", "Total"),
    "en trade date": ("Trade Date", "Time", "Product", "ISIN", "Quantity", "Price", "Amount", "Total"),
    "de trade date": ("Handelstag", "Uhrzeit", "Produkt", "ISIN", "Anzahl", "Kurs", "Betrag", "Gesamt"),
}
"""Trades, with what was paid for each."""


def _csv(*lines: tuple[object, ...]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(lines)
    return stream.getvalue()


def _refusal(payload: dict[str, Any]) -> str:
    with pytest.raises(InputError) as refused:
        read(payload)
    return refused.value.message


@pytest.mark.parametrize("language", SALES)
def test_closed_sales_are_transactions(language: str) -> None:
    lines = [(*NAMES[at], BOUGHT[at], SOLD[at], (1200, -300, 450)[at]) for at in range(3)]

    assert "transactions" in _refusal({"holdings_csv": _csv(SALES[language], *lines), "Currency": "EUR"})


@pytest.mark.parametrize("language", STATEMENTS)
def test_statements_of_an_account_are_transactions(language: str) -> None:
    head, texts = STATEMENTS[language]
    lines = [(BOUGHT[at], f"09:0{at}", BOUGHT[at], NAMES[at][0], NAMES[at][1], text, (-2000, 30, 500)[at], 1000 + at)
             for at, text in enumerate(texts)]  # fmt: skip

    assert "transactions" in _refusal({"holdings_csv": _csv(head, *lines), "Currency": "EUR"})


@pytest.mark.parametrize("language", TRADES)
@pytest.mark.parametrize("sides", ["bought", "both"])
def test_trades_are_transactions(language: str, sides: str) -> None:
    quantities = (10, 5, 8) if sides == "bought" else (10, -5, 8)
    lines = [(BOUGHT[at], f"09:0{at}", *NAMES[at], held, 200, -200 * held, -200 * held - 2)
             for at, held in enumerate(quantities)]  # fmt: skip

    assert "transactions" in _refusal({"holdings_csv": _csv(TRADES[language], *lines), "Currency": "EUR"})


@pytest.mark.parametrize("day", ["Trade Date", "Handelstag", "Transaction date"])
def test_trades_without_a_sign_are_told_by_their_day(day: str) -> None:
    lines = [(NAMES[at][0], BOUGHT[at], 10, 200, 2000) for at in range(3)]

    text = _csv(("Symbol", day, "Quantity", "Price", "Amount"), *lines)

    assert "transactions" in _refusal({"holdings_csv": text, "Currency": "EUR"})


HELD: dict[str, tuple[str, ...]] = {
    "lots": ("Name", "ISIN", "Purchase date", "Quantity", "Price", "Market Value"),
    "priced on days of their own": ("Name", "ISIN", "Price date", "Quantity", "Price", "Market Value"),
    "days of trade beside a market value": ("Name", "ISIN", "Trade Date", "Quantity", "Price", "Market Value"),
    "locked": ("Name", "ISIN", "Earliest sale date", "Quantity", "Price", "Market Value"),
    "lots in German": ("Wertpapier", "ISIN", "Kaufdatum", "Stück", "Kurs", "Kurswert"),
}


@pytest.mark.parametrize("layout", HELD)
@pytest.mark.parametrize("name", ["SAP", "High Dividend Fund", "Interest Rate Hedge"])
def test_what_is_held_with_days_is_no_transaction(layout: str, name: str) -> None:
    lines = [(f"{name} {at}", NAMES[at][1], BOUGHT[at], 10, 200, 2000) for at in range(3)]

    table = read({"holdings_csv": _csv(HELD[layout], *lines), "Currency": "EUR"})

    assert value_of(table, "market_value") == 6000
