"""Names of columns and fields in whatever words, and the section that a payload is by the columns of its tables."""

from decimal import Decimal

import pytest

from services.portfolio.adapters.sections_file import load_catalogue
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.figures import compute
from services.portfolio.domain.reading import Context
from services.portfolio.domain.reading.tables import Tabulator
from services.portfolio.domain.sections import Detected, Undetected, detect
from tests.support.portfolio_dialects import list_dialects, list_examples, translate
from tests.support.portfolio_reports import report_columns, report_fields, report_strangers
from tests.support.portfolio_spellings import (
    Spelling,
    column_spellings,
    field_spellings,
    is_held_out,
    strangers,
)

CATALOGUE = load_catalogue()
_SECTIONS = {
    "performance series": "performance_and_risk", "bond desk": "fixed_income", "income schedules": "income",
    "super fund and SMSF tools": "income",
}  # fmt: skip
"""Systems whose names are of one kind of table."""
_COLUMNS = {
    "country_region": {"region"}, "amount": {"paid"}, "value": {"market_value", "price"},
    "nominal": {"nominal", "face_value"}, "benchmark": {"benchmark", "benchmark_return"},
}  # fmt: skip
"""Columns by what the population calls a meaning, where they have other names; a nominal is the face of bonds."""
_FIELDS = {
    "total": {"total", "total_portfolio_mv"}, "Risk Profile": {"Risk Profile", "customer_risk_profile"},
    "Benchmark Name": {"Benchmark Name", "benchmark_name"}, "Currency": {"Currency", "Base Currency"},
}  # fmt: skip
_LEAST_RIGHT, _MOST_WRONG = Decimal("0.90"), Decimal("0.02")
_LEAST_OF_REPORTS = Decimal("0.85")
"""Of names above tables in print: some say nothing without their cells (`Cote`, `Note`)."""
EXAMPLES = dict(list_examples())


def find_columns(name: str, section: str) -> tuple[str, ...]:
    found = CATALOGUE.find(section)
    assert found is not None
    return Tabulator(CATALOGUE, None, found.columns).find_columns(name)[0]


def find_fields(name: str) -> set[str]:
    return {found for section in CATALOGUE.sections if (found := section.find_field(name)[0]) is not None}


def judge_column(spelling: Spelling) -> str:
    found = set(find_columns(spelling.name, _SECTIONS.get(spelling.system, "holdings")))
    right = found & _COLUMNS.get(spelling.meaning, {spelling.meaning})
    return "right" if right else "wrong" if found else "missed"


def judge_report(section: str, spelling: Spelling) -> str:
    found = set(find_columns(spelling.name, section))
    right = found & (_COLUMNS | {"face_value": {"nominal", "face_value"}}).get(spelling.meaning, {spelling.meaning})
    return "right" if right else "wrong" if found else "missed"


def judge_field(spelling: Spelling) -> str:
    found = find_fields(spelling.name)
    right = found & _FIELDS.get(spelling.meaning, {spelling.meaning})
    return "right" if right else "wrong" if found else "missed"


def detect_one(payload: dict[str, object]) -> Detected:
    (found,) = detect([payload], CATALOGUE.sections)
    assert isinstance(found, Detected), found.error
    return found


def read(payload: dict[str, object], locale: str = "") -> FactTable:
    return compute(detect_one(payload), CATALOGUE, Context(locale=locale))


def values_of(table: FactTable) -> dict[str, Decimal]:
    return {fact.id: fact.value for fact in table.facts}


def test_the_population_is_of_many_systems_and_half_of_it_for_measuring_alone() -> None:
    names = [*column_spellings(), *field_spellings()]
    held = sum(is_held_out(spelling.name) for spelling in names)

    assert len(names) >= 800
    assert len({spelling.system for spelling in names}) >= 25
    assert 0.4 <= held / len(names) <= 0.6


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("kind", ["columns", "fields"])
def test_names_are_read_as_what_they_mean(kind: str, held_out: bool) -> None:
    spellings, judge = (column_spellings(), judge_column) if kind == "columns" else (field_spellings(), judge_field)
    judged = [judge(spelling) for spelling in spellings if is_held_out(spelling.name) is held_out]

    assert judged.count("right") >= _LEAST_RIGHT * len(judged), f"{judged.count('right')} of {len(judged)}"
    assert judged.count("wrong") <= _MOST_WRONG * len(judged), f"{judged.count('wrong')} of {len(judged)}"


@pytest.mark.parametrize("held_out", [False, True])
@pytest.mark.parametrize("kind", ["columns", "fields"])
def test_reports_of_banks_in_eight_languages_are_read(kind: str, held_out: bool) -> None:
    columns = [(spelling.name, judge_report(section, spelling)) for section, spelling in report_columns()]
    fields = [(spelling.name, judge_field(spelling)) for spelling in report_fields()]
    judged = [told for name, told in (columns if kind == "columns" else fields) if is_held_out(name) is held_out]

    assert judged.count("right") >= _LEAST_OF_REPORTS * len(judged), f"{judged.count('right')} of {len(judged)}"
    assert judged.count("wrong") <= _MOST_WRONG * len(judged), f"{judged.count('wrong')} of {len(judged)}"


@pytest.mark.parametrize("section", ["holdings", "fixed_income", "income"])
def test_names_of_something_else_in_reports_are_none_of_the_columns(section: str) -> None:
    assert [name for name in report_strangers() if find_columns(name, section)] == []


def test_names_of_something_else_are_none_of_the_columns() -> None:
    taken = [name for name in strangers() if find_columns(name, "holdings")]

    # "Market" may be a region; a contribution is a flow, and the number of a deposit (Depot-Nr.) is an account.
    assert set(taken) <= {"Market", "Contribution", "depotNr"}


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("Market value %", "weight"), ("Percent of Total Market Value", "weight"),
        ("Market value (EUR)", "market_value"),
        ("Gain %", "return"), ("Gain (USD)", "gain"), ("Kurs (%)", "price"), ("Kurswert", "market_value"),
        ("Bewertungskurs", "price"), ("Value date", "date"),
    ],
)  # fmt: skip
def test_the_unit_in_a_name_and_its_words_together_say_what_it_is(name: str, column: str) -> None:
    assert find_columns(name, "holdings") == (column,)


def test_a_currency_by_another_name_is_a_code_and_nothing_else() -> None:
    rows = [{"name": "A", "market_value": 5}]

    assert detect_one({"Valuta": "EUR", "holdings": rows}).fields["Currency"] == "EUR"
    assert "Valuta" in detect_one({"Valuta": "31.03.2026", "holdings": rows}).unknown


@pytest.mark.parametrize("dialect", list_dialects())
@pytest.mark.parametrize("example", list(EXAMPLES))
def test_a_payload_in_another_systems_spelling_gives_the_same_facts(example: str, dialect: str) -> None:
    payload = EXAMPLES[example]

    assert values_of(read(translate(payload, dialect))) == values_of(read(payload))


@pytest.mark.parametrize(
    ("rows", "section"),
    [
        ([{"Titel": "A", "Kurswert": 5}, {"Titel": "B", "Kurswert": 7}], "holdings"),
        ([{"Sleeve": "A", "Wt %": 60}, {"Sleeve": "B", "Wt %": 40}], "holdings"),
        ([{"Asset Class": "Equity", "NAV": 60}, {"Asset Class": "Cash", "NAV": 40}], "holdings"),
        ([{"scrip": "A", "cost": "₹4", "unreal_gl": "₹1"}, {"scrip": "B", "cost": "₹6", "unreal_gl": "-₹1"}],
         "holdings"),
        ([{"Produkt": "A", "Ist": "60 %", "Ziel": "50 %"}, {"Produkt": "B", "Ist": "40 %", "Ziel": "50 %"}],
         "model_and_rebalancing"),
        ([{"libelle": "A", "coupon": 2.5, "echeance": "25/02/2030", "valorisation": 5}], "fixed_income"),
        ([{"code": "A", "payDate": "2026-03-26", "cashAmt": 5}], "income"),
        ([{"month": "2025-01", "portRet": "1 %"}, {"month": "2025-02", "portRet": "2 %"}], "performance_and_risk"),
        ([{"Datum": "2025-01-31", "Depotwert": 5}, {"Datum": "2025-02-28", "Depotwert": 6}], "performance_and_risk"),
    ],
)  # fmt: skip
def test_a_section_is_known_by_the_columns_of_its_table_whatever_it_is_called(
    rows: list[dict[str, object]], section: str
) -> None:
    assert detect_one({"Kunde": "K", "Übersicht": rows}).section.name == section


def test_rows_under_their_names_and_csv_text_are_tables_too() -> None:
    keyed = read({"lines": {"Alfa": {"mktVal": 60, "ccy": "EUR"}, "Beta": {"mktVal": 40, "ccy": "EUR"}}})
    text = read({"export": "Titel;Whg;Kurswert\nAlfa;EUR;60\nBeta;EUR;40"})

    assert values_of(keyed) == values_of(text)
    assert values_of(text)["market_value.alfa"] == 60


def test_what_a_section_was_known_by_stands_in_the_reading() -> None:
    entry = read({"Bestand": [{"Titel": "A", "Kurswert": 5}, {"Titel": "B", "Kurswert": 7}]}).reading[0]

    assert entry.field == "Bestand"
    assert entry.read_as == {"unit": "table", "section": "holdings", "columns": "market_value, name"}


def test_the_documented_names_count_before_the_columns_of_a_table() -> None:
    rows = [{"name": "A", "coupon": 2, "maturity": "2030-01-01", "market_value": 5}]

    assert detect_one({"holdings": rows}).section.name == "holdings"


def test_two_tables_that_fit_equally_well_are_both_named() -> None:
    bonds = [{"bond": "A", "cpn": 2, "mat": "2030-01-01", "mkt val": 5}]
    model = [{"product": "A", "act wt": 60, "tgt wt": 50}, {"product": "B", "act wt": 40, "tgt wt": 50}]
    (found,) = detect([{"one": bonds, "two": model}], CATALOGUE.sections)

    assert isinstance(found, Undetected)
    assert "fixed_income (by 'one')" in str(found.error)
    assert "model_and_rebalancing (by 'two')" in str(found.error)


def test_a_name_of_several_columns_is_settled_by_its_cells() -> None:
    units = read({"holdings": [{"Scheme": "A", "Units": 10, "NAV": 5}, {"Scheme": "B", "Units": 5, "NAV": 10}]})
    values = read({"holdings": [{"Valor": "A", "Position": 10, "Kurs": 5}, {"Valor": "B", "Position": 5, "Kurs": 10}]})

    assert values_of(units)["market_value"] == 100
    assert values_of(values)["market_value"] == 100


def test_a_name_that_its_cells_do_not_settle_is_told_and_not_used() -> None:
    rows = [{"name": "A", "market_value": 100, "gain": 5}, {"name": "B", "market_value": 200, "gain": 7}]
    table = read({"holdings": rows})

    assert "“gain” may be gain or return" in " ".join(note.message for note in table.notes)
    assert table.find("cost") is None


def test_a_documented_name_counts_before_another_of_its_meaning() -> None:
    rows = [{"name": "A", "market_value": 5}]
    found = detect_one({"Datum": "2025-01-01", "As Of": "2025-03-31", "holdings": rows})

    assert found.written["As Of"] == "As Of"
    assert "Datum" in found.unknown


def test_a_benchmark_beside_the_returns_is_the_benchmark() -> None:
    rows = [{"month": f"2025-{month:02}", "portRetNet": "1 %", "bmRet": "0.5 %"} for month in range(1, 13)]
    table = read({"track": rows, "benchmark": "60% World / 40% Bonds"})

    assert round(values_of(table)["twr"], 2) == Decimal("12.68")
    assert round(values_of(table)["benchmark_twr"], 2) == Decimal("6.17")


def make_payments(days: list[str], amount: int = 100) -> list[dict[str, object]]:
    return [{"stock": "Alfa", "payDate": day, "amount": amount, "status": "EST"} for day in days]


def test_payments_of_less_than_a_year_say_what_is_due_and_no_yearly_income() -> None:
    rows = [{"stock": "Alfa", "payDate": "2026-03-01", "amount": 100, "status": "PAID"},
            *make_payments(["2026-05-01", "2026-07-01"])]  # fmt: skip
    table = read({"As Of": "2026-03-31", "income": rows})

    assert [fact.dates[0].isoformat() for fact in table.facts if fact.measure == "next_payment"] == [
        "2026-05-01", "2026-07-01",
    ]  # fmt: skip
    assert next(item.reason for item in table.absent if item.id == "income") == (
        "the payments sent run from 2026-03-01 to 2026-07-01, which is not one year"
    )


def test_payments_of_one_year_are_its_income() -> None:
    rows = make_payments([f"2026-{month:02}-15" for month in range(1, 13)])

    assert values_of(read({"income": rows}))["income"] == 1200


def test_a_payment_that_comes_again_within_the_list_makes_it_more_than_a_year() -> None:
    rows = make_payments(["2026-01-15", "2026-12-31"])

    assert read({"income": rows}).find("income") is None


def test_a_payment_without_an_amount_costs_the_sum_and_not_the_section() -> None:
    rows = [*make_payments([f"2026-{month:02}-15" for month in range(1, 13)]),
            {"stock": "Beta", "payDate": "2026-04-01", "amount": "n/k"}]  # fmt: skip
    table = read({"income": rows})

    assert table.find("income") is None
    assert len([fact for fact in table.facts if fact.measure == "next_payment"]) == 12


def test_a_gain_tells_the_cost_that_was_not_sent() -> None:
    rows = [
        {"name": "A", "market_value": 120, "Unrealized G/L": 20},
        {"name": "B", "market_value": 90, "Unrealized G/L": -10},
    ]
    table = read({"holdings": rows})

    assert values_of(table)["cost"] == 200
    assert "by_gain" in {note.code for note in table.notes}
