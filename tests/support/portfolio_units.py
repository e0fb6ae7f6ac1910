"""Figures that state their own unit: a period beside a figure, a scale or currency in a header or cell, a bond's quote,
a pair of currencies; each in the notations of many systems, with what is true of the payload.

A notation that states its unit gives the figure; where two readings are left (``open_``), none is given and both are
named. Nothing here is computed by the product.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Payload = dict[str, Any]


@dataclass(frozen=True)
class Stated:
    """A payload, the figures that are true of it by fact id, and those that two readings are left of."""

    name: str
    payload: Payload
    truth: dict[str, str] = field(default_factory=dict)
    open_: tuple[str, ...] = ()


# Adverbs, what stands after "per", and abbreviations, by payments a year and language.
PERIODS: dict[int, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    52: {"en": (("weekly",), ("per week", "/week", "a week", "p.w.")), "de": (("wöchentlich",), ("pro Woche",))},
    26: {"en": (("fortnightly",), ("per fortnight",))},
    12: {
        "en": (("monthly",), ("per month", "/month", "a month", "each month", "p.m.", "pm", "/mo", "per mth")),
        "de": (("monatlich", "mtl."), ("pro Monat", "je Monat", "/Monat", "p. M.")),
        "fr": (("mensuel",), ("par mois", "/mois")),
        "es": (("mensual",), ("por mes", "al mes")),
        "it": (("mensile",), ("al mese",)),
        "nl": (("maandelijks",), ("per maand",)),
        "ja": (("月額", "毎月"), ("/月",)),
    },
    4: {
        "en": (("quarterly",), ("per quarter", "/quarter", "p.q.", "per qtr")),
        "de": (("vierteljährlich", "quartalsweise"), ("pro Quartal",)),
        "fr": (("trimestriel",), ("par trimestre",)),
        "es": (("trimestral",), ("por trimestre",)),
    },
    2: {
        "en": (("half-yearly", "semi-annual", "semiannual"), ("per half-year",)),
        "de": (("halbjährlich",), ("pro Halbjahr",)),
        "fr": (("semestriel",), ("par semestre",)),
    },
    1: {
        "en": (("annual", "yearly", "annually"), ("per year", "/year", "a year", "p.a.", "pa", "per annum", "/yr")),
        "de": (("jährlich",), ("pro Jahr", "p. a.")),
        "fr": (("annuel",), ("par an", "/an")),
        "es": (("anual",), ("al año", "por año")),
        "it": (("annuo",), ("all'anno",)),
        "nl": (("jaarlijks",), ("per jaar",)),
        "ja": (("年額", "年間"), ("/年",)),
    },
}
YEARLY = Decimal(62_400)
"""Divides into weeks, fortnights, months, quarters and halves without a rest."""
RATE = Decimal("6.24")


def _words() -> Iterator[tuple[int, str, str, bool]]:
    """Payments a year, language, words, and whether they are an adverb."""
    for number, languages in PERIODS.items():
        for language, (adverbs, phrases) in languages.items():
            yield from ((number, language, word, True) for word in adverbs)
            yield from ((number, language, word, False) for word in phrases)


def _headers(base: str, words: str, *, adverb: bool) -> list[str]:
    """How a header names a figure of a period."""
    if not adverb:
        snake = [f"{base}_{words}".replace(" ", "_").lower()] if words.startswith("per ") else []
        return [f"{base} {words}", f"{base} ({words})", *snake]
    found = [f"{words.title()} {base}", f"{base} ({words})", f"{base} - {words}", f"{base}, {words}"]
    if words.isascii() and words.isalpha():
        found += [f"{words}_{base}".lower(), f"{words}{base.title()}", f"{words.upper()} {base.upper()}"]
    return found


def _cells(amount: str, words: str, *, adverb: bool) -> list[str]:
    shown = [f"€ {amount} {words}", f"{amount} € {words}", f"EUR {amount} ({words})"]
    return [*shown, f"{words} {amount} €"] if adverb else [*shown, f"{amount} {words}"]


def incomes() -> Iterator[Stated]:
    """Incomes and needs that state their period: 62,400 a year however they are written."""
    truth = {"income": "62400", "income_monthly": "5200"}
    for number, language, words, adverb in _words():
        amount = YEARLY / number
        for header in _headers("Income", words, adverb=adverb):
            rows = [{"name": "Flat", header: int(amount)}]
            yield Stated(f"header {header!r}", {"income": rows, "Currency": "EUR"}, truth)
        for cell in _cells(f"{amount:,.2f}", words, adverb=adverb):
            yield Stated(f"cell {cell!r}", {"income": [{"name": "Flat", "income": cell}]}, truth)
            need = {"income": [{"name": "Flat", "annual income": "€ 31,200.00"}], "Income Need": cell}
            yield Stated(f"need {cell!r}", need, {"annual_need": "62400", "income_cover": "50"})
        for header in _headers("Need", words, adverb=adverb):
            need = {"income": [{"name": "Flat", "annual income": 31200}], f"Income {header}": int(amount)}
            if header[0].isupper() and not header.isupper() and (adverb is False or "(" in header):
                yield Stated(f"need {header!r}", need, {"annual_need": "62400"})
        if adverb:
            both = {"name": "Flat", "income": int(amount), "period": words}
            yield Stated(f"sibling period {words!r}", {"income": [both], "Currency": "EUR"}, truth)
            whole = {"income": [{"name": "Flat", "income": int(amount)}], "period": words, "Currency": "EUR"}
            yield Stated(f"payload period {words!r}", whole, truth)
        yield Stated(
            f"pair {language} {words!r}",
            {"income": {"Flat": f"€ {amount:,.2f} {words}"}, "Currency": "EUR"},
            truth,
        )


def frequencies() -> Iterator[Stated]:
    """A frequency beside a bare income: how often a year's is paid, or what each payment is; a yield tells."""
    for number, _, words, adverb in _words():
        if not adverb or number == 1:
            continue
        for key in ("frequency", "payment frequency"):
            row = {"name": "Flat", "income": int(YEARLY / number), key: words}
            yield Stated(
                f"{key} {words!r} alone", {"income": [row], "Currency": "EUR"}, open_=("income", "income_monthly")
            )
            known = row | {"market_value": 1_000_000, "yield": "6.24%"}
            yield Stated(f"{key} {words!r} beside a yield", {"income": [known]}, {"income": "62400", "yield": "6.24"})
            paid = known | {"income": 62400}
            yield Stated(f"{key} {words!r}, a year's", {"income": [paid]}, {"income": "62400", "yield": "6.24"})
            named = {"name": "Flat", "annual income": 62400, key: words}
            yield Stated(f"{key} {words!r} beside a year's", {"income": [named]}, {"income": "62400"})
        flow = {"date": "2024-06-30", "amount": 5000, "frequency": words}
        series = [{"date": "2024-01-31", "value": 100_000}, {"date": "2025-01-31", "value": 170_000}]
        yield Stated(f"standing flow {words!r}", {"series": series, "flows": [flow]}, open_=("twr", "xirr"))
        whole = {"income": [{"name": "Flat", "income": int(YEARLY / number)}], "frequency": words}
        yield Stated(f"payload frequency {words!r}", whole, open_=("income",))

    for key in ("Income Need", "Spending Need", "Living Expenses"):
        need = {"income": [{"name": "Flat", "annual income": 62400}], key: 5200}
        yield Stated(f"{key!r} of no period", need, {"income": "62400"}, open_=("income_cover",))
        yield Stated(f"{key!r} beside its period", need | {"Need Period": "monthly"}, {"annual_need": "62400"})


def rates() -> Iterator[Stated]:
    """Yields, fees and coupons that state their period."""
    for number, _, words, adverb in _words():
        rate = RATE / number
        shown = f"{rate.normalize():f}%"
        fee = f"{(Decimal('0.624') / number).normalize():f}%"
        flat = {"name": "Flat", "market_value": 1_000_000}
        fund = {"name": "Fund", "market_value": 1_000_000}
        bond = {"name": "Bond", "market_value": 1_000, "maturity": "2031-01-01"}
        for cell in (f"{shown} {words}", f"{shown} ({words})"):
            yield Stated(
                f"fee {cell!r}", {"holdings": [fund | {"TER": fee + cell.removeprefix(shown)}]}, {"fee": "0.624"}
            )
            if adverb and number != 1:
                continue  # "5 % semi-annual" is 5 % a year, paid in halves
            yield Stated(f"yield {cell!r}", {"income": [flat | {"yield": cell}]}, {"income": "62400"})
            yield Stated(f"coupon {cell!r}", {"fixed_income": [bond | {"coupon": cell}]}, {"coupon": "6.24"})
        for header in _headers("Yield", words, adverb=adverb):
            case = {"income": [flat | {header: shown}]}
            if adverb and number != 1:
                yield Stated(f"header {header!r}", case, open_=("income",))
            else:
                yield Stated(f"header {header!r}", case, {"income": "62400"})
        for header in _headers("Coupon", words, adverb=adverb):
            case = {"fixed_income": [bond | {header: shown}], "As Of": "2026-01-01"}
            if adverb and number != 1:
                yield Stated(f"header {header!r}", case, open_=("coupon",))
            else:
                yield Stated(f"header {header!r}", case, {"coupon": "6.24"})


SCALED = {
    "EUR": {
        1_000: ("TEUR", "T€", "k€", "kEUR", "EUR k", "€k", "€ '000", "EUR 000", "in '000 EUR", "EUR '000s", "€000s",
                "EUR in thousands", "EUR thousand", "Tsd. EUR", "Tsd. €", "in Tausend EUR", "en milliers d'euros EUR"),
        1_000_000: ("Mio. EUR", "Mio €", "MEUR", "M€", "€m", "EURm", "EUR mn", "€ million", "in EUR Millionen"),
    },
    "INR": {
        100_000: ("₹ lakh", "INR Lakhs", "Rs. in Lakhs", "₹ L", "Rs Lacs", "in ₹ lakh"),
        10_000_000: ("₹ cr", "₹ Cr.", "INR Crore", "Rs. Cr", "Rs. in Crores", "in ₹ crores"),
    },
    "USD": {
        1_000: ("$000", "$000s", "$ 000's", "USD '000", "US$ '000", "USDk", "KUSD", "$k", "in $ thousands"),
        1_000_000: ("$m", "$mn", "USDm", "US$ million", "MUSD", "$MM"),
        1_000_000_000: ("$bn", "USD bn", "US$ billion"),
    },
    "JPY": {1_000: ("千円",), 10_000: ("万円",), 1_000_000: ("百万円",), 100_000_000: ("億円",)},
    "CHF": {1_000: ("TCHF", "CHF '000", "kCHF"), 1_000_000: ("Mio. CHF", "MCHF", "CHFm")},
    "GBP": {1_000: ("£000", "£k", "£'000"), 1_000_000: ("£m", "GBPm")},
}  # fmt: skip


def scales() -> Iterator[Stated]:
    """Scales and currencies in the headers of columns, in the names of fields, in cells, and for a whole payload."""
    for currency, scales_ in SCALED.items():
        for scale, spellings in scales_.items():
            small, large = Decimal(12), Decimal("7.5")
            total = (small + large) * scale
            truth = {"market_value": f"{total:f}", "weight.position.alpha": f"{small * 100 / (small + large):f}"}
            for spelling in spellings:
                for header in (f"Market Value ({spelling})", f"Market Value {spelling}", f"Market Value, {spelling}"):
                    rows = [{"name": "Alpha", header: small}, {"name": "Beta", header: large}]
                    yield Stated(f"header {header!r}", {"holdings": rows}, truth)
                assets = [{"name": "Alpha", "weight": 60, "model_weight": 50},
                          {"name": "Beta", "weight": 40, "model_weight": 50}]  # fmt: skip
                field_ = f"Total Portfolio MV ({spelling})"
                yield Stated(
                    f"field {field_!r}", {field_: small, "assets": assets}, {"market_value": f"{small * scale:f}"}
                )
                plain = [{"name": "Alpha", "Market Value": small}, {"name": "Beta", "Market Value": large}]
                for key in ("Units", "Amounts In", "values_in"):
                    yield Stated(f"payload {key} {spelling!r}", {"holdings": plain, key: spelling}, truth)
                units = [row | {"unit": spelling, "currency": currency} for row in plain]
                if "in " not in spelling and "000" not in spelling and "milliers" not in spelling:
                    yield Stated(f"row's unit {spelling!r}", {"holdings": units}, truth)
                if not any(mark in spelling for mark in ("in ", "000", "thousands", "Millionen", "milliers")):
                    cells = [{"name": name, "value": f"{amount:f} {spelling}"}
                             for name, amount in (("Alpha", small), ("Beta", large))]  # fmt: skip
                    yield Stated(f"cell {cells[1]['value']!r}", {"holdings": cells}, truth)
                    before = [
                        {"name": "Alpha", "value": f"{spelling} 12"},
                        {"name": "Beta", "value": f"{spelling} 7.5"},
                    ]
                    yield Stated(f"cell {before[1]['value']!r}", {"holdings": before}, truth)
    for cell in ("1,000.00 (USD)", "1,000.00 (in USD)", "(USD) 1,000.00"):
        yield Stated(f"cell {cell!r}", {"holdings": [{"name": "Alpha", "value": cell}]}, {"market_value": "1000"})


def pence() -> Iterator[Stated]:
    """Prices in hundredths by the name of their column."""
    for header in ("price_gbx", "Price (GBX)", "Price GBp", "price_pence", "Price (pence)", "Price (p)", "priceGBX",
                   "Last Price (GBX)"):  # fmt: skip
        row = {"name": "Vodafone", "quantity": 10_000, header: "72.50", "currency": "GBP"}
        yield Stated(f"header {header!r}", {"holdings": [row]}, {"market_value": "7250"})


def quotes() -> Iterator[Stated]:
    """Bonds by their face value and a quote that says what it is per."""
    ticks = {"99-16": "99.5", "99-16+": "99.515625", "101'08": "101.25", "99:16": "99.5", "99-162": "99.5078125",
             "99-164": "99.515625", "99 16/32": "99.5", "99 1/2": "99.5", "100-00": "100", "98-31": "98.96875",
             "99-16 1/4": "99.5078125"}  # fmt: skip
    for quote, price in ticks.items():
        row = {"name": "Treasury", "face_value": 1_000_000, "price": quote, "coupon": "4%", "maturity": "2031-05-15"}
        value = Decimal(price) * 10_000
        yield Stated(f"price {quote!r}", {"fixed_income": [row], "Currency": "USD"}, {"market_value": f"{value:f}"})
    for header in ("nominal", "Nom.", "Nominal", "Nennwert", "Nominalbetrag", "Valeur nominale", "Nominal Amount",
                   "nominal_value", "Nominal (EUR)", "Nominale"):  # fmt: skip
        row = {"name": "OAT", header: 200_000, "price": "98.50", "coupon": "2.5%", "maturity": "2030-05-25"}
        value = {"market_value": "197000"}
        yield Stated(f"bond {header!r}", {"fixed_income": [row], "Currency": "EUR"}, value)
        yield Stated(f"position {header!r}", {"holdings": [row], "Currency": "EUR"}, value)
    for header, cell in (("Price", "98.50%"), ("Kurs (%)", "98.50"), ("Price %", "98.50"), ("Kurs", "98,50 %")):
        row = {"name": "OAT", "quantity": 200_000, header: cell, "coupon": "2.5%", "maturity": "2030-05-25"}
        value = {"market_value": "197000"}
        yield Stated(f"position at {header!r} {cell!r}", {"holdings": [row], "Currency": "EUR"}, value)
        face = {"name": "OAT", "face_value": 200_000, header: cell, "coupon": "2.5%", "maturity": "2030-05-25"}
        yield Stated(f"bond at {header!r} {cell!r}", {"fixed_income": [face], "Currency": "EUR"}, value)
    shares = {"name": "Vodafone", "asset_class": "Equity", "nominal": 1_000, "price": "1.25"}
    yield Stated("shares by their nominal", {"holdings": [shares], "Currency": "GBP"}, {"market_value": "1250"})
    unclear = {"name": "Kommunal 2031", "nominal": 1_000, "price": "98.5"}
    yield Stated("nominal of what", {"holdings": [unclear], "Currency": "EUR"}, open_=("market_value",))
    eighths = {"name": "T", "face_value": 1_000_000, "price": "99-165", "coupon": 4, "maturity": "2031-05-15"}
    other = {"name": "U", "market_value": 1_000_000, "coupon": 4, "maturity": "2031-05-15"}
    yield Stated("five eighths or a half", {"fixed_income": [eighths, other]})


def pairs() -> Iterator[Stated]:
    """Exchange rates named by their pair of currencies: 1,000 USD and 1,000 EUR at 1.25 dollars a euro."""
    rows = [{"name": "Alpha", "currency": "USD", "market_value": 1_000},
            {"name": "Beta", "currency": "EUR", "market_value": 1_000}]  # fmt: skip
    in_euros = {"market_value": "1800", "market_value.alpha": "800"}
    for key in ("EUR/USD", "EURUSD", "EUR-USD", "EUR_USD", "eurusd", "EUR/USD ", "EURUSD=X", "EURUSD Curncy",
                "EUR to USD", "EUR->USD", "USD per EUR", "1 EUR in USD", "EUR:USD", "EUR.USD"):  # fmt: skip
        yield Stated(f"{key!r}", {"holdings": rows, "base_currency": "EUR", "fx_rates": {key: "1.25"}}, in_euros)
    for key in ("USD/EUR", "USDEUR", "EUR per USD"):
        yield Stated(f"{key!r}", {"holdings": rows, "base_currency": "EUR", "fx_rates": {key: "0.80"}}, in_euros)
    listed: tuple[list[Payload], ...] = (
        [{"from": "USD", "to": "EUR", "rate": 0.8}], [{"pair": "EUR/USD", "rate": 1.25}],
        [{"base": "EUR", "quote": "USD", "rate": "1.25"}], [{"currency": "USD", "rate": 0.8}],
        [{"from_currency": "USD", "to_currency": "EUR", "value": 0.8}],
    )  # fmt: skip
    for index, given in enumerate(listed):
        case = {"holdings": rows, "base_currency": "EUR", "fx_rates": given}
        yield Stated(f"list {index}", case, in_euros)
    crossed = {"EURUSD": "1.25", "USDINR": "80"}
    indian = [{"name": "Gamma", "currency": "INR", "market_value": 100_000}, *rows]
    yield Stated(
        "across the dollar", {"holdings": indian, "base_currency": "EUR", "fx_rates": crossed}, {"market_value": "2800"}
    )
    yield Stated(
        "the one currency of all pairs",
        {"holdings": indian, "fx_rates": {"EURUSD": "1.25", "INRUSD": "0.0125"}},
        {"market_value": "3500"},
    )


FAMILIES = {
    "incomes": incomes, "frequencies": frequencies, "rates": rates, "scales": scales, "pence": pence,
    "quotes": quotes, "pairs": pairs,
}  # fmt: skip
