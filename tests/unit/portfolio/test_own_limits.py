"""The client's own limits, in any shape and language: they win over the house's, and where one was not understood,
that is said, and nothing is judged by the house's."""

from decimal import Decimal
from typing import Any

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.facts import AS_SENT
from services.portfolio.domain.figures.suitability import find_profile
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.reference import CASH
from services.portfolio.domain.sections import Catalogue
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
STYLE = make_style("en_GB")


def write(payload: Payload, facts_of: Compute) -> str:
    return write_narrative(facts_of(payload), STYLE).render()


def _hold(**more: object) -> Payload:
    rows = [
        {"name": "Acme", "asset_class": "Equity", "sector": "Energy", "currency": "USD", "issuer": "Acme Group",
        "market_value": 220_000},
        {"name": "World ETF", "asset_class": "Equity", "currency": "EUR", "market_value": 530_000},
        {"name": "Bund 2031", "asset_class": "Bonds", "currency": "EUR", "market_value": 250_000},
    ]  # fmt: skip
    return {"Currency": "EUR", "fx_rates": {"USD": 1}, "holdings": rows} | more


SHAPES: list[tuple[str, object]] = [
    ("single_name", {"single_name": "25%"}), ("single_name", {"single_name": 25}), ("single_name",
    {"single_name": 0.25}),
    ("single_name", {"max position": "25 %"}), ("single_name", {"position": {"max": "25%"}}),
    ("single_name", {"single name": {"limit": 25}}), ("single_name", [{"rule": "single name", "max": "25%"}]),
    ("single_name", [{"type": "position", "limit": 25}]), ("single_name", [{"name": "holding", "value": "25%"}]),
    ("single_name", ["max 25% per position"]), ("single_name", "no more than 25% in a single stock"),
    ("single_name", "Position: 25%; sector: 60%"), ("single_name", {"Einzeltitel": "25%"}),
    ("single_name", {"max. Einzelposition": "25,0 %"}), ("single_name", {"ligne": "25 %"}), ("single_name",
    {"titre": "25%"}),
    ("single_name", {"positie": "25%"}), ("single_name", {"titolo": "25%"}), ("single_name", {"posición": "25%"}),
    ("issuer", {"issuer": "25%"}), ("issuer", {"single_issuer": "25%"}), ("issuer", {"Emittent": "25%"}),
    ("issuer", {"émetteur": "25%"}), ("issuer", {"debiteur": "25%"}), ("issuer", {"emittente": "25%"}),
    ("issuer", {"emisor": "25%"}), ("issuer", ["max. 25% je Emittent"]), ("issuer", "25% par émetteur"),
    ("sector", {"sector": "25%"}), ("sector", {"Branche": "25%"}), ("sector", {"secteur": "25%"}), ("sector",
    {"settore": 25}),
    ("currency", {"currency": "25%"}), ("currency", {"Währung": "25%"}), ("currency", {"devise": "25%"}),
    ("currency", {"valuta": "25%"}), ("currency", {"divisa": "25%"}), ("cash", {"cash": "25%"}),
    ("cash", {"Liquidität": "25%"}), ("cash", {"liquidités": "25%"}), ("cash", {"liquiditeiten": "25%"}),
]  # fmt: skip
FIELDS = [
    "limits",
    "Limits",
    "rules",
    "Investment Guidelines",
    "Anlagegrenzen",
    "Limiten",
    "plafonds",
    "limieten",
    "limiti",
]


@pytest.mark.parametrize(("rule", "shape"), SHAPES)
@pytest.mark.parametrize("field", FIELDS[:2])
def test_a_limit_is_read_in_any_shape(rule: str, shape: object, field: str, facts_of: Compute) -> None:
    payload = _hold(**{field: shape})
    payload["holdings"].append({"name": "Savings", "asset_class": "Cash", "currency": "EUR", "market_value": 1_000})
    table = facts_of(payload)
    limit = table.find(f"limit.{rule}")
    assert limit is not None

    assert (limit.value, limit.method) == (Decimal(25), AS_SENT)
    assert "could be held against" not in write_narrative(table, STYLE).render()


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("kind", ["holdings", "concentration"])
def test_limits_are_found_under_any_of_these_names(field: str, kind: str, facts_of: Compute) -> None:
    payload = _hold(**{field: {"position": "25%"}})
    payload[kind] = payload.pop("holdings")
    table = facts_of(payload)

    assert table.find("limit.single_name").method == AS_SENT  # type: ignore[union-attr]
    assert "Acme has a weight" not in write_narrative(table, STYLE).render()


NAMED: list[object] = [
    {"currency": {"USD": "20%"}}, {"USD": "20%"}, {"currency": {"USD": {"max": 20}}}, {"max currency USD": "20%"},
    [{"type": "currency", "name": "USD", "limit": 20}], ["USD at most 20%"], "max 20% USD", {"Währung": {"USD": "20%"}},
    {"devises": {"USD": "20 %"}}, {"valuta": [{"name": "USD", "max": "20%"}]},
]  # fmt: skip


@pytest.mark.parametrize("shape", NAMED)
def test_a_limit_for_one_name_holds_for_that_name(shape: object, facts_of: Compute) -> None:
    table = facts_of(_hold(limits=shape))
    limit, excess = table.find("limit.currency.usd"), table.find("excess.currency.usd")
    assert limit is not None
    assert excess is not None

    assert (limit.value, limit.method, excess.value) == (Decimal(20), AS_SENT, Decimal(2))
    assert "USD has a weight of 22%, 2 percentage points above the client's own limit of 20% for it" in (
        write_narrative(table, STYLE).render()
    )


@pytest.mark.parametrize("shape", [
    {"equity": "60%"}, {"Aktien": "60%"}, {"asset_class": {"equity": 60}}, {"classe d'actifs": {"actions": "60%"}},
    ["max 60% aandelen"], [{"rule": "asset class", "name": "Equity", "max": "60%"}], "Equity: 60%",
])  # fmt: skip
def test_a_limit_for_an_asset_class_is_a_bound(shape: object, facts_of: Compute) -> None:
    table = facts_of(_hold(limits=shape))

    assert table.find("limit.bound.equity").value == 60  # type: ignore[union-attr]
    assert table.find("excess.bound.equity").value == 15  # type: ignore[union-attr]


UNCLEAR: list[object] = [
    {"position": "as agreed"}, {"tracking error": "4%"}, {"min position": "5%"}, ["at least 3 funds"],
    "see IPS of 2021",
    {"rating": "BBB or better"}, {"position": "25%", "VaR": "8%"}, {"position": "400%"}, {"position": {"soft": None,
    "x": []}},
    {"duration": 7}, 25,
]  # fmt: skip


@pytest.mark.parametrize("shape", UNCLEAR)
def test_a_limit_that_is_not_understood_is_flagged_and_refuses_nothing(shape: object, facts_of: Compute) -> None:
    table = facts_of(_hold(limits=shape))
    text = write_narrative(table, STYLE).render()

    assert table.find("market_value").value == 1_000_000  # type: ignore[union-attr]
    assert "Not all of the client's limits could be held against this list" in text
    assert "house limit of" not in text
    assert "has set none" not in text
    assert "No concentration rule is broken" not in text


def test_a_limit_for_what_is_not_held_is_said(facts_of: Compute) -> None:
    text = write(_hold(limits={"currency": {"GBP": "10%"}}), facts_of)

    assert "currency gbp: 10%" in text


def _bonds(limits: object) -> Payload:
    rows = [
        {"name": f"{name} 4% 2031", "face_value": value, "price": 100, "coupon": "4%", "maturity": f"{year}-06-30",
        "rating": rating}
        for name, value, rating, year in (("Acme", 220_000, "A", 2029), ("Beta", 180_000, "BBB", 2030),
                                          ("Gamma", 100_000, "BB", 2045), ("Delta", 500_000, "AA", 2028))
    ]  # fmt: skip
    return {"As Of": "2026-09-30", "Currency": "EUR", "fixed_income": rows, "limits": limits}


@pytest.mark.parametrize("limits", [
    {"single_issuer": "25%", "below_investment_grade": "5%"}, {"Emittent": 25, "high yield": 5},
    [{"rule": "issuer", "max": "25%"}, {"rule": "below grade", "max": "5%"}],
    "25% per issuer; 5% below investment grade",
    [{"regola": "emittente", "massimo": "25%"},
     {"regola": "titoli sotto investment grade", "massimo": "5%", "base": "comparto obbligazionario"}],
    {"Emittent": "25 %", "Anleihen unter Investment Grade": "5 %"},
    {"issuer": 25, "bonds below investment grade": {"max": 5, "base": "bond sleeve"}},
])  # fmt: skip
def test_bonds_are_held_against_the_clients_own_limits(limits: object, facts_of: Compute) -> None:
    text = write(_bonds(limits), facts_of)

    assert "Delta 4% 2031 has a weight of 50%, 25 percentage points above the client's own limit of 25%" in text
    assert "Acme 4% 2031 (22%)" not in text
    assert (
        "Bonds below investment grade are 10% of the portfolio, 5 percentage points above the client's own limit"
        in text
    )
    assert "has set none" not in text


@pytest.mark.parametrize("limits", ["as agreed in 2019", {"convexity": 4}])
def test_bonds_are_held_against_no_house_limit_where_the_clients_is_unclear(limits: object, facts_of: Compute) -> None:
    text = write(_bonds(limits), facts_of)

    assert "Not all of the client's limits" in text
    assert "house limit of" not in text


@pytest.mark.parametrize("limits", [{"cash": "40%"}, {"Liquidität": 40}, "max 40% cash"])
def test_an_overview_is_held_against_the_clients_own_limit_for_cash(limits: object, facts_of: Compute) -> None:
    payload = {
        "Market Value": "€1,000,000",
        "Investment Value": "€900,000",
        "Top Asset": "Cash (30%)",
        "Cash": "€300,000",
    }

    assert "Cash is 30% of the portfolio" not in write(payload | {"limits": limits}, facts_of)
    assert "Cash is 30% of the portfolio" in write(payload, facts_of)


PROFILES = {
    "conservative": "defensiv, konservativ, sicherheitsorientiert, Prudent, Défensif, Sécuritaire, Defensief, "
    "Prudente, Conservador, Profil défensif, Risikoprofil: konservativ, Profilo prudente, profil prudent",
    "moderate": "ausgewogen, Équilibré, équilibré, EQUILIBRE, Neutraal, Gebalanceerd, bilanciato, Equilibrado, "
    "Moderado, Profil équilibré, Ausgewogenes Profil, Gemäßigt",
    "moderately aggressive": "Wachstum, wachstumsorientiert, Croissance, Groei, crescita, Crecimiento",
    "aggressive": "offensiv, Dynamique, Offensief, dinamico, Agresivo, Profilo dinamico",
}


@pytest.mark.parametrize(
    ("name", "word"), [(name, word.strip()) for name, words in PROFILES.items() for word in words.split(",")]
)
def test_a_profile_is_known_by_its_word_in_any_of_these_languages(name: str, word: str, catalogue: Catalogue) -> None:
    found = find_profile(word, catalogue.profiles)

    assert found is not None
    assert found.name == name


CASH_WORDS = (
    "Liquiditeiten, Liquide middelen, Spaarrekening, Liquidités, Trésorerie, Disponibilités, Compte épargne, "
    "Liquidität, Liquide Mittel, Barmittel, Kontoguthaben, Liquidità, Disponibilità, Liquidez, "
    "Cuenta corriente, Fonds monétaires"
)


@pytest.mark.parametrize("word", CASH_WORDS.split(", "))
def test_cash_is_known_by_its_word_in_any_of_these_languages(word: str) -> None:
    found = load_catalogue().reference.classify(word, None, word)

    assert found is not None
    assert found.name == CASH


OF_COMPANIES = [
    {"single_stock": "15%"}, {"single share": "15%"}, {"max single company": "15%"},
    "no more than 15% in a single stock", {"Einzelaktie": "15%"}, {"action individuelle": "15 %"},
    [{"rule": "single stock", "max": "15%"}],
]  # fmt: skip
BROAD = [
    {"symbol": "VTI", "name": "Vanguard Total Stock Mkt ETF"}, {"symbol": "BND", "name": "Vanguard Total Bond Mkt ETF"},
    {"name": "World ETF", "asset_class": "Equity"}, {"name": "Nordic Equity Fund"}, {"name": "Euro Bond Mandate"},
]  # fmt: skip


def _hold_broad(row: dict[str, object], limits: object) -> Payload:
    rows = [row | {"market_value": 600}, {"name": "Cisco Systems Inc", "market_value": 400}]
    return {"Currency": "USD", "holdings": rows, "limits": limits}


@pytest.mark.parametrize("row", BROAD)
@pytest.mark.parametrize("limits", OF_COMPANIES)
def test_a_limit_for_a_single_stock_holds_no_fund(limits: object, row: dict[str, object], facts_of: Compute) -> None:
    text = write(_hold_broad(row, limits), facts_of)

    assert "Cisco Systems Inc has a weight of 40%, 25 percentage points above the client's own limit of 15%" in text
    assert "for a single stock" in text
    assert "as a position too" not in text
    assert "Agree in writing" not in text


@pytest.mark.parametrize(
    "limits", [{"position": "15%"}, {"max holding": "15%"}, "no more than 15% in a single position"]
)
def test_a_limit_for_a_position_is_one_for_funds_too(limits: object, facts_of: Compute) -> None:
    assert "is above the client's own limit of 15% as a position too" in write(_hold_broad(BROAD[2], limits), facts_of)


RANGES: list[Payload] = [
    {name: shape}
    for name in ("Fourchette actions", "Equity Range", "equityRange", "Aktienbandbreite", "Target Range Equity")
    for shape in ("35 % - 55 %", "35-55%", "35% to 55%", "zwischen 35 und 55 %", "35 à 55 %", {"min": 35, "max": 55},
                  {"min": "35%", "max": "55%"}, ["35%", "55%"], {"from": "35 %", "to": "55 %"})
] + [
    {name: shape}
    for name in ("allocation range", "Zielbandbreite", "Zielbandbreiten", "fourchettes")
    for shape in ({"equity": "35-55%", "bonds": "30-50%"}, {"Aktien": {"min": 35, "max": 55}, "Cash": [0, 10]},
                  [{"class": "Equity", "min": "35%", "max": "55%"}, {"class": "Bonds", "range": "30-50%"}],
                  [{"class": "Actions", "range": "35-55%"}])
] + [
    {"limits": shape}
    for shape in ({"equity": {"min": 35, "max": 55}}, {"equity": "35-55%", "position": "80%"},
                  {"equity range": "35% - 55%"}, {"Aktien": {"min": "35%", "max": "55%"}},
                  [{"class": "Equity", "min": "35%", "max": "55%"}])
]  # fmt: skip


PROFILES: list[Payload] = [{}, {"Risk Profile": "Balanced"}, {"Risk Profile": "as discussed"}]


@pytest.mark.parametrize(("sent", "profile"), [(sent, PROFILES[place % 3]) for place, sent in enumerate(RANGES)])
def test_the_clients_own_range_of_equity_wins_over_the_profiles(
    sent: Payload, profile: Payload, facts_of: Compute
) -> None:
    table = facts_of(_hold(**profile, **sent))  # 75 % equity
    text = write_narrative(table, STYLE).render()

    for name, value in (("profile_min", 35), ("profile_max", 55)):
        fact = table.find(name)
        assert fact is not None
        assert (fact.value, fact.method) == (Decimal(value), AS_SENT)
    assert "more than the 55% that suits the client by the client's own range" in text
    assert "house range" not in text
    assert "in no figure here" not in text
    assert "could be held against" not in text


@pytest.mark.parametrize("name", ["range", "Zielbandbreite", "Bond Range", "Fourchette obligations", "price range"])
def test_a_range_of_something_else_is_none_of_equity(name: str, facts_of: Compute) -> None:
    table = facts_of(_hold(**{"Risk Profile": "Balanced", name: "35-55%"}))

    assert table.find("profile_max").method != AS_SENT  # type: ignore[union-attr]


@pytest.mark.parametrize("sent", ["35-55%", {"min": 35, "max": 55}, "90-20%", "60% - 140%"])
def test_a_range_that_judges_nothing_is_quoted(sent: object, facts_of: Compute) -> None:
    income = {"Currency": "EUR", "income": [{"name": "Acme", "market_value": 1000, "yield": "3%"}]}
    assert "quity" in write({**income, "Equity Range": sent}, facts_of)

    text = write(_hold(**{"Risk Profile": "Balanced", "limits": {"equity": {"min": 90, "max": 20}}}), facts_of)
    assert "could be held against" in text

    table = facts_of(_hold(**{"Risk Profile": "Balanced", "Equity Range": "90-20%"}))
    assert table.find("profile_max").method != AS_SENT  # type: ignore[union-attr]
    assert "90-20%" in write_narrative(table, STYLE).render()


@pytest.mark.parametrize("share", [20, 45, 60])
def test_an_overview_is_held_to_the_clients_range(share: int, facts_of: Compute) -> None:
    classes = [{"classe": "Actions", "poids": f"{share} %"}, {"classe": "Obligations", "poids": f"{100 - share} %"}]
    payload = {"Market Value": "412 600 €", "Investment Value": "352 000 €", "Asset Allocation": classes,
               "Profil de risque": "Équilibré", "Fourchette actions": "35 % - 55 %"}  # fmt: skip
    text = write(payload, facts_of)

    assert ("suits the client, whose own range is 35% to 55%" in text) is (share == 45)
    assert ("more than the 55%" in text) is (share == 60)
    assert ("less than the 35%" in text) is (share == 20)


@pytest.mark.parametrize(("words", "name"), [
    ("4 - Balanced", "moderate"), ("Ausgewogen 55", "moderate"), ("Balanced (5/10)", "moderate"),
    ("Risk level 3: Balanced", "moderate"), ("Équilibré - niveau 4", "moderate"), ("7 of 10", None),
    ("4", None), ("Balanced / Aggressive", None), ("conservative 3, aggressive 7", None),
])  # fmt: skip
def test_numbers_beside_a_profile_say_nothing_of_it(words: str, name: str | None, catalogue: Catalogue) -> None:
    found = find_profile(words, catalogue.profiles)

    assert (found.name if found is not None else None) == name


OF_SHARES = ["single stock", "max. single equity", "Einzelaktie", "je Aktie", "par action", "per azione", "por acción",
             "per aandeel", "individual stock", "per share"]  # fmt: skip
NO_SHARES = [
    {"name": "BTP 4% 2030", "asset_class": "Bonds"}, {"name": "Allianz 3% 2029", "asset_class": "Corporate bonds"},
    {"name": "Pictet Global Fund", "asset_class": "Equity"}, {"name": "Bund 2031", "asset_class": "Government bonds"},
    {"name": "Gold bars", "asset_class": "Commodities"}, {"name": "Festgeld", "asset_class": "Cash"},
]  # fmt: skip


@pytest.mark.parametrize("word", OF_SHARES)
@pytest.mark.parametrize("row", NO_SHARES)
def test_a_limit_for_a_single_stock_binds_no_bond_fund_or_gold(
    word: str, row: dict[str, object], facts_of: Compute
) -> None:
    rows = [row | {"market_value": 120_000}, {"name": "Siemens", "asset_class": "Equity", "market_value": 90_000},
            {"name": "World ETF", "asset_class": "Equity", "market_value": 790_000}]  # fmt: skip
    table = facts_of({"Currency": "EUR", "limits": {word: "5%"}, "holdings": rows})
    over = {fact.subject for fact in table.list_measure("excess", "excess.single_name.")}

    assert over == {"Siemens"}, word
    assert table.find("limit.single_name").method == AS_SENT  # type: ignore[union-attr]


@pytest.mark.parametrize("word", OF_SHARES)
def test_a_limit_for_a_single_stock_is_none_for_debtors(word: str, facts_of: Compute) -> None:
    bonds = [{"name": f"Debtor {place} 3% 2030", "market_value": value, "coupon": "3%", "maturity": "2030-01-01"}
             for place, value in enumerate((9_000, 45_000, 46_000))]  # fmt: skip
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "limits": {word: "5%"}, "fixed_income": bonds})

    assert "Debtor 0 3% 2030" not in {fact.subject for fact in table.list_measure("excess", "excess.single_name.")}


CAPS = [
    {"Max Duration": 4}, {"Sensibilité max.": "4"}, {"Duration-Obergrenze": "4,0"}, {"limits": {"duration": 4}},
    {"limits": {"max modified duration": "4.0 years"}}, {"Anlagegrenzen": {"Duration max.": "4 Jahre"}},
    {"guidelines": {"sensibilité maximale": 4}}, {"duration limit": "4 years"}, {"durata massima": 4},
    {"limits": [{"rule": "duration", "max": 4}]}, {"limits": "modified duration at most 4 years"},
    {"duration range": "0-4"}, {"limits": {"duration": {"max": 4}}},
]  # fmt: skip


@pytest.mark.parametrize("sent", CAPS)
@pytest.mark.parametrize("maturity", ["2040-05-25", "2028-05-25"])
def test_a_limit_for_the_duration_is_held(sent: Payload, maturity: str, facts_of: Compute) -> None:
    bonds = [
        {"name": "Bund 2027", "face_value": 100_000, "price": 99.8, "coupon": "0.5%", "maturity": "2027-06-15"},
        {"name": "OAT", "face_value": 200_000, "price": 98.5, "coupon": "2.5%", "maturity": maturity},
    ]  # fmt: skip
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "fixed_income": bonds} | sent)
    text = write_narrative(table, STYLE).render()
    duration, limit = table.find("duration"), table.find("duration_limit")

    assert limit is not None, sent
    assert limit.value == 4
    assert duration is not None
    assert ("above the client's own limit of 4 years" in text) is (duration.value > 4), text
    assert ("within the client's own limit of 4 years" in text) is (duration.value <= 4)
    assert "could be held against" not in text
    assert "in no figure here" not in text
    if duration.value > 4:
        assert "out of OAT" in text
        moved = table.find("duration_move")
        assert moved is not None
        assert 0 < moved.value < 197_000


@pytest.mark.parametrize(
    "sent", [{"min duration": 4}, {"Duration": 4}, {"duration limit": "n/a"}, {"max duration": 90}]
)
def test_what_is_no_limit_for_the_duration_is_quoted(sent: Payload, facts_of: Compute) -> None:
    bonds = [{"name": "OAT", "face_value": 200, "price": 98.5, "coupon": "2.5%", "maturity": "2040-05-25"}]
    table = facts_of({"As Of": "2026-03-31", "Currency": "EUR", "fixed_income": bonds} | sent)

    assert table.find("duration_limit") is None


@pytest.mark.parametrize("name", ["emittente singolo", "einzelner Emittent", "émetteur unique", "emisor individual",
                                  "per afzonderlijke emittent", "each issuer", "chaque émetteur"])  # fmt: skip
def test_a_word_for_each_beside_a_limit_says_no_more(name: str, facts_of: Compute) -> None:
    limit = facts_of(_hold(limits={name: "40%"})).find("limit.issuer")

    assert limit is not None
    assert limit.value == 40
