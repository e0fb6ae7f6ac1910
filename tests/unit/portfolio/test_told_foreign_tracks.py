"""A track as systems of other languages send it: what stands beside the values is what was paid in and out, the
benchmark's column is the benchmark's, and the one day at the top is that of the payload; what cannot be told leaves no
return."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from tests.unit.portfolio.conftest import Compute

Payload = dict[str, Any]
Rows = list[dict[str, Any]]
RETURNS = [0.011, 0.006, 0.009, -0.005, 0.014, -0.003, 0.012, -0.006, -0.023, 0.015, 0.009, 0.008]
INDEX = [0.019, 0.009, 0.024, 0.017, -0.009, 0.004, 0.021, -0.016, -0.041, 0.032, 0.020, 0.015]
PAID = {4: 300_000, 7: -120_000, 10: 80_000}
PERFORMANCE = ("twr", "cagr", "xirr", "volatility", "drawdown", "sharpe", "sortino", "earned", "best_period", "var")
GROWTH = (math.prod(1 + change for change in RETURNS) - 1) * 100


class Words(NamedTuple):
    """What a language calls the parts of a track."""

    series: str
    day: str
    value: str
    amount: str
    what: str
    paid_in: str
    taken_out: str
    flows: str
    ins: str
    outs: str
    other: str
    moved: str
    index_return: str
    index_level: str
    as_of: str


LANGUAGES = {
    "en": Words("Valuations", "Date", "Value", "Amount", "Description", "Contribution", "Withdrawal", "Money flows",
                "Contributions", "Withdrawals", "Ledger", "Wire", "Bench %", "Benchmark level", "Cut-off date"),
    "de": Words("Verlauf", "Datum", "Wert", "Betrag", "Vorgang", "Einzahlung", "Entnahme", "Zahlungsströme",
                "Einzahlungen", "Entnahmen", "Buchungen", "Überweisung", "Vgl.-Index Rendite", "Vergleichsindex",
                "Stichtag"),
    "fr": Words("Historique", "Date", "Valeur", "Montant", "Libellé", "Versement", "Retrait", "Flux", "Versements",
                "Retraits", "Mouvements", "Virement", "Rdt indice", "Niveau indice", "Date d'arrêté"),
    "es": Words("Serie", "Fecha", "Valor", "Importe", "Concepto", "Aportación", "Retirada", "Flujos", "Aportaciones",
                "Retiradas", "Movimientos", "Transferencia", "Rend. benchmark", "Índice de referencia",
                "Fecha de corte"),
    "it": Words("Serie storica", "Data", "Valore", "Importo", "Causale", "Versamento", "Prelievo", "Flussi",
                "Versamenti", "Prelievi", "Movimenti", "Bonifico", "Rend. indice", "Indice di riferimento",
                "Data di riferimento"),
    "nl": Words("Reeks", "Datum", "Waarde", "Bedrag", "Omschrijving", "Storting", "Onttrekking", "Kasstromen",
                "Stortingen", "Onttrekkingen", "Mutaties", "Overboeking", "Rendement benchmark", "Benchmark",
                "Peildatum"),
    "pt": Words("Série", "Data", "Valor", "Montante", "Descrição", "Aporte", "Resgate", "Fluxos", "Aportes", "Resgates",
                "Movimentações", "Transferência", "Rent. índice", "Índice", "Data-base"),
}  # fmt: skip


def list_days() -> list[str]:
    """The ends of thirteen months, as Europe writes them."""
    day = date(2025, 6, 30)
    found: list[str] = []
    while len(found) <= len(RETURNS):
        found.append(f"{day:%d/%m/%Y}")
        day = (day + timedelta(days=32)).replace(day=1) - timedelta(days=1)
    return found


DAYS = list_days()


def make(words: Words, **more: object) -> Payload:
    """A track of known returns that holds the payments of ``PAID``."""
    held = [1_640_000.0]
    for place, change in enumerate(RETURNS, 1):
        held.append(held[-1] * (1 + change) + PAID.get(place, 0))
    rows = [{words.day: day, words.value: f"{value:,.2f}"} for day, value in zip(DAYS, held, strict=True)]
    return {"Currency": "EUR", words.series: rows, **more}


def write(amount: float) -> str:
    """An amount without a sign."""
    return f"{abs(amount):,.2f}"


def by_words(words: Words, paid: dict[int, int]) -> Rows:
    """Amounts without a sign, and the word beside each."""
    return [
        {
            words.day: DAYS[place],
            words.amount: write(amount),
            words.what: words.paid_in if amount > 0 else words.taken_out,
        }
        for place, amount in paid.items()
    ]


def signed(words: Words, paid: dict[int, int]) -> Rows:
    return [{words.day: DAYS[place], words.amount: amount} for place, amount in paid.items()]


def in_csv(words: Words) -> str:
    rows = by_words(words, PAID)
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(";".join(str(cell) for cell in line) for line in lines)


Shape = Callable[[Words], Payload]
TOLD: dict[str, Shape] = {
    "words beside amounts": lambda w: {w.flows: by_words(w, PAID)},
    "words under another name": lambda w: {w.other: by_words(w, PAID)},
    "a name that says nothing": lambda w: {"T2": by_words(w, PAID)},
    "signs": lambda w: {w.flows: signed(w, PAID)},
    "signs under another name": lambda w: {w.other: signed(w, PAID)},
    "currency beside": lambda w: {w.flows: [{**row, "Currency": "EUR"} for row in by_words(w, PAID)]},
    "a table for each way": lambda w: {
        w.ins: [{w.day: row[w.day], w.amount: write(row[w.amount])} for row in signed(w, PAID) if row[w.amount] > 0],
        w.outs: [{w.day: row[w.day], w.amount: write(row[w.amount])} for row in signed(w, PAID) if row[w.amount] < 0]},
    "a column for each way": lambda w: {w.other: [
        {w.day: row[w.day], w.paid_in: write(row[w.amount]) if row[w.amount] > 0 else "",
         w.taken_out: write(row[w.amount]) if row[w.amount] < 0 else ""} for row in signed(w, PAID)]},
    "text": lambda w: {w.other: in_csv(w)},
    "days as names": lambda w: {w.flows: {DAYS[place]: amount for place, amount in PAID.items()}},
    "pairs": lambda w: {w.flows: [[DAYS[place], amount] for place, amount in PAID.items()]},
    "deeper": lambda w: {"X": {w.other: by_words(w, PAID)}},
    "a row after the track": lambda w: {
        w.other: [*by_words(w, PAID), {w.day: "31/12/2026", w.amount: "5,000.00", w.what: w.paid_in}]},
    "a line of sums": lambda w: {w.other: [*by_words(w, PAID), {w.day: "Total", w.amount: "500,000.00"}]},
    "two days and a number": lambda w: {w.other: [
        {"Nr": place + 17, **row, "Booked on": row[w.day]} for place, row in enumerate(by_words(w, PAID))]},
    "the way of the client's own books": lambda w: {w.other: [
        {**row, w.amount: f"-{row[w.amount]}" if row[w.what] == w.paid_in else row[w.amount]}
        for row in by_words(w, PAID)]},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", TOLD)
def test_payments_beside_a_track_are_no_gain(shape: str, language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]
    table = facts_of(make(words, **TOLD[shape](words)))
    total, net = table.find("twr"), table.find("net_flows")

    assert total is not None, [(item.id, item.reason) for item in table.absent][:3]
    assert float(total.value) == pytest.approx(GROWTH, abs=0.02)
    assert net is not None
    assert net.value == sum(PAID.values())
    assert not table.unread


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_single_payment_may_be_an_object(language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]
    payload = make(words)
    held = [1_640_000.0]
    for place, change in enumerate(RETURNS, 1):
        held.append(held[-1] * (1 + change) + (300_000 if place == 4 else 0))
    for row, value in zip(payload[words.series], held, strict=True):
        row[words.value] = f"{value:,.2f}"
    table = facts_of(payload | {words.other: by_words(words, {4: 300_000})[0]})
    total = table.find("twr")

    assert total is not None
    assert float(total.value) == pytest.approx(GROWTH, abs=0.02)


UNTOLD: dict[str, Shape] = {
    "trades": lambda w: {"Trades": [
        {"Date": DAYS[4], "ISIN": "US0378331005", "Qty": 10, "Amount": "200,000.00", "Side": "Buy"}]},
    "told twice": lambda w: {w.flows: by_words(w, PAID), w.ins: by_words(w, {4: 300_000})},
    "a word that goes either way": lambda w: {
        w.other: [{**row, w.what: w.moved} for row in by_words(w, PAID)]},
    "one row of unknown way": lambda w: {
        w.flows: [{**row, w.what: w.moved if place == 1 else row[w.what]}
                  for place, row in enumerate(by_words(w, PAID))]},
    "no word and no sign": lambda w: {
        w.other: [{w.day: row[w.day], w.amount: row[w.amount]} for row in by_words(w, PAID)]},
    "two columns of amounts": lambda w: {
        "T2": [{w.day: DAYS[place], "A1": abs(amount), "A2": -amount * 3} for place, amount in PAID.items()]},
    "no days": lambda w: {w.flows: [{w.amount: row[w.amount], w.what: row[w.what]} for row in by_words(w, PAID)]},
    "sums by kind": lambda w: {w.flows: {w.ins: "380,000.00", w.outs: "120,000.00"}},
    "lists of columns": lambda w: {w.flows: {w.day: [DAYS[4], DAYS[7]], w.amount: [300_000, -120_000]}},
    "sentences": lambda w: {w.flows: [f"{DAYS[4]}: {w.paid_in} 300,000.00", f"{DAYS[7]}: {w.taken_out} 120,000.00"]},
    "a sentence": lambda w: {w.ins: f"300,000.00 ({DAYS[4]})"},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", UNTOLD)
def test_amounts_that_cannot_be_told_leave_no_return(shape: str, language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]
    sent = UNTOLD[shape](words)
    table = facts_of(make(words, **sent))
    text = write_narrative(table, make_style("en_GB")).render()

    assert not [fact.id for fact in table.facts if fact.id in PERFORMANCE]
    assert "no return and no risk can be told" in text, text
    assert any(name in text for name in sent), text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["paid_in", "moved", "other"])
def test_a_column_of_amounts_beside_the_values_leaves_no_return(name: str, language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]
    payload = make(words)
    for place, row in enumerate(payload[words.series]):
        row[getattr(words, name)] = PAID.get(place, 0)
    table = facts_of(payload)
    text = write_narrative(table, make_style("en_GB")).render()

    assert not [fact.id for fact in table.facts if fact.id in PERFORMANCE]
    assert "no return and no risk can be told" in text, text


BESIDE: dict[str, Shape] = {
    "after the track": lambda w: {w.other: [{w.day: "31/12/2026", w.amount: "5,000.00", w.what: w.moved}]},
    "without amounts": lambda w: {"Events": [{w.day: DAYS[4], w.what: "x"}]},
    "percentages": lambda w: {"T2": [{w.day: DAYS[4], "A1": "1.25%"}, {w.day: DAYS[5], "A1": "1.5%"}]},
    "nothing": lambda w: {w.flows: [{w.day: DAYS[4], w.amount: 0, w.what: w.paid_in}]},
    "levels": lambda w: {"DAX": [{w.day: day, "Close": 18_000 + 37 * place} for place, day in enumerate(DAYS[1:])]},
}  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("shape", BESIDE)
def test_what_moves_no_money_leaves_the_return(shape: str, language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]

    assert facts_of(make(words, **BESIDE[shape](words))).find("twr") is not None


def put_beside(payload: Payload, words: Words, name: str, cells: list[object]) -> Payload:
    for row, cell in zip(payload[words.series], cells, strict=True):
        row[name] = cell
    return payload | {words.flows: by_words(words, PAID)}


def list_levels() -> list[object]:
    level, found = 4000.0, [4000.0]
    for change in INDEX:
        level *= 1 + change
        found.append(round(level, 3))
    return list(found)


INDEX_GROWTH = (math.prod(1 + change for change in INDEX) - 1) * 100
CELLS: dict[str, list[object]] = {
    "marked": [None, *(f"{change:.1%}" for change in INDEX)],
    "bare": [None, *(round(change * 100, 1) for change in INDEX)],
    "first of nothing": ["0.0%", *(f"{change:.1%}" for change in INDEX)],
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("cells", CELLS)
def test_a_column_of_a_benchmarks_returns_is_read(cells: str, language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]
    table = facts_of(put_beside(make(words), words, words.index_return, CELLS[cells]))
    found = table.find("benchmark_twr")

    assert words.index_return not in str([note.message for note in table.notes if note.code == "unknown_columns"])
    assert found is not None, [fact.id for fact in table.facts]
    assert float(found.value) == pytest.approx(INDEX_GROWTH, abs=0.02)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["index_return", "index_level"])
def test_levels_are_levels_or_are_not_used(name: str, language: str, facts_of: Compute) -> None:
    """Levels under a name that says returns could be either, and are neither."""
    words = LANGUAGES[language]
    table = facts_of(put_beside(make(words), words, getattr(words, name), list_levels()))
    found = table.find("benchmark_twr")

    assert found is None or float(found.value) == pytest.approx(INDEX_GROWTH, abs=0.02)
    if name == "index_level":
        assert found is not None


@pytest.mark.parametrize(
    "name",
    [
        "Excess vs benchmark",
        "Abweichung zum Index",
        "Écart indice",
        "Bench. cumulé",
        "Diff. benchmark",
        "Tracking error index",
        "Alpha vs. índice",
        "Benchmark YTD %",
    ],
)
def test_what_is_said_against_a_benchmark_is_not_its_return(name: str, facts_of: Compute) -> None:
    words = LANGUAGES["en"]
    table = facts_of(put_beside(make(words), words, name, CELLS["marked"]))

    assert table.find("benchmark_twr") is None
    assert any(name in note.message for note in table.notes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_one_day_at_the_top_is_the_payloads(language: str, facts_of: Compute) -> None:
    words = LANGUAGES[language]
    table = facts_of(make(words, **{words.as_of: DAYS[-1], words.flows: by_words(words, PAID)}))

    assert table.frame.as_of == date(2026, 6, 30)
    assert any(entry.field == words.as_of for entry in table.reading)
    assert words.as_of not in table.unread


@pytest.mark.parametrize("name", ["Geburtsdatum", "Fecha de nacimiento", "Next review", "Inception"])
@pytest.mark.parametrize("day", ["12/03/1961", "15/01/2030", "28/02/2026"])
def test_a_day_that_the_track_denies_is_not_the_payloads(name: str, day: str, facts_of: Compute) -> None:
    words = LANGUAGES["en"]

    assert facts_of(make(words, **{name: day, words.flows: by_words(words, PAID)})).frame.as_of is None


def test_of_two_days_none_is_taken(facts_of: Compute) -> None:
    words = LANGUAGES["es"]
    payload = make(words, **{"Corte A": DAYS[-1], "Corte B": "01/07/2026", words.flows: by_words(words, PAID)})

    assert facts_of(payload).frame.as_of is None
