"""What users ask for in plain words, in three languages: each example fits several programs, the words name one."""

from dataclasses import dataclass

import pytest

from services.converter.domain.instructions import Instructions
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner


@dataclass(frozen=True)
class Kind:
    """Ways to ask for one thing: an example (rows parted by |), and later rows that only the words settle."""

    given: str
    wanted: str
    later: str
    answer: str
    phrasings: tuple[str, ...]


def table(text: str) -> Table:
    header, *rows = (tuple(line.split()) for line in text.split("|"))
    return Table(header, tuple(rows))


KINDS = {
    "rows that are kept": Kind(
        "id status amount side|A1 open 10 buy|A2 filled 20 buy|A3 filled 30 sell|A4 cancelled 40 sell",
        "id amount|A2 20|A3 30",
        "id status amount side|B1 partial 25 buy|B2 filled 99 sell",
        "id amount|B2 99",
        (
            "keep only rows where status is filled",
            "only rows with status filled",
            "Keep the lines whose status equals filled.",
            "nur Zeilen mit status filled behalten",
            "behalte nur die Zeilen, bei denen status gleich filled ist",
            "garder uniquement les lignes où status est filled",
            "ne garder que les lignes dont status est égal à filled",
            "please just take rows having status filled",
            "filter status = filled",
            "nur status = filled",
            "es sollen ausschließlich Zeilen mit status filled übernommen werden",
            "ne conserver que status = filled",
            "seules les lignes avec le status filled doivent rester",
        ),
    ),
    "rows that are left out": Kind(
        "id status amount|A1 filled 10|A2 cancelled 20|A3 filled 30",
        "id amount|A1 10|A3 30",
        "id status amount|B1 open 20|B2 cancelled 5",
        "id amount|B1 20",
        (
            "ignore rows where status is cancelled",
            "exclude rows with status cancelled",
            "drop all lines whose status is cancelled",
            "skip records if status is cancelled",
            "rows where status is cancelled are ignored",
            "ignoriere Zeilen mit status cancelled",
            "Zeilen mit status cancelled weglassen",
            "überspringe alle Zeilen, wenn status cancelled ist",
            "ignorer les lignes où status est cancelled",
            "exclure les lignes dont status vaut cancelled",
            "supprimer les lignes avec status cancelled",
            "we don't need rows where status is cancelled",
            "without the rows whose status is cancelled",
            "rows with status cancelled should not appear",
            "Zeilen mit status cancelled werden nicht benötigt",
            "bitte alle Zeilen mit status cancelled entfernen",
            "ne pas garder les lignes où status est cancelled",
            "sans les lignes dont status est cancelled",
        ),
    ),
    "rows that no example shows": Kind(
        "id status amount|A1 filled 10|A2 filled 20|A3 filled 30",
        "id amount|A1 10|A2 20|A3 30",
        "id status amount|B1 open 20|B2 cancelled 5",
        "id amount|B1 20",
        (
            "ignore rows where status is cancelled",
            "Zeilen mit status cancelled ignorieren",
            "ignorer les lignes dont status est cancelled",
        ),
    ),
    "rows by a value that is a verb": Kind(
        "id status amount|A1 dropped 10|A2 open 20|A3 dropped 30|A4 kept 45",
        "id amount|A1 10|A3 30",
        "id status amount|B1 open 25|B2 dropped 99|B3 without 5",
        "id amount|B2 99",
        (
            "keep rows where status is dropped",
            "keep only the rows whose status is dropped",
            "Take lines with status dropped.",
            "nur Zeilen mit status dropped behalten",
            "garder uniquement les lignes où status est dropped",
        ),
    ),
    "rows by a number": Kind(
        "id amount note|A1 10 x|A2 20 y|A3 30 z|A4 12 w",
        "id amount|A2 20|A3 30",
        "id amount note|B1 15 x|B2 14 y",
        "id amount|B1 15",
        (
            "drop rows where amount is below 15",
            "keep rows where amount >= 15",
            "Zeilen mit amount kleiner als 15 weglassen",
            "exclure les lignes où amount est inférieur à 15",
            "leave out everything with amount under 15",
            "nur Zeilen mit amount ab 15",
            "seulement les lignes avec amount d'au moins 15",
        ),
    ),
    "values that stand for others": Kind(
        "id type|A1 Kauf|A2 Verkauf|A3 Kauf|A4 Verkauf",
        "id side|A1 BUY|A2 SELL|A3 BUY|A4 SELL",
        "id type|B1 Storno|B2 Kauf",
        "id side|B1 CANCEL|B2 BUY",
        (
            "Kauf = BUY, Verkauf = SELL, Storno = CANCEL",
            "Kauf -> BUY; Verkauf -> SELL; Storno -> CANCEL",
            "map Kauf to BUY, Verkauf to SELL and Storno to CANCEL",
            'translate "Kauf" to "BUY", "Verkauf" to "SELL", "Storno" to "CANCEL"',
            "side: Kauf becomes BUY, Verkauf becomes SELL, Storno becomes CANCEL",
            "Kauf means BUY, Verkauf means SELL, Storno means CANCEL",
            "Kauf wird BUY, Verkauf wird SELL, Storno wird CANCEL",
            "ersetze Kauf durch BUY, Verkauf durch SELL und Storno durch CANCEL",
            "Kauf bedeutet BUY, Verkauf bedeutet SELL, Storno bedeutet CANCEL",
            "Kauf devient BUY, Verkauf devient SELL, Storno devient CANCEL",
            "remplacer Kauf par BUY, Verkauf par SELL et Storno par CANCEL",
            "Kauf: BUY, Verkauf: SELL, Storno: CANCEL",
            "use BUY for Kauf, SELL for Verkauf and CANCEL for Storno",
            "write BUY instead of Kauf, SELL instead of Verkauf, CANCEL instead of Storno",
            "BUY for Kauf, SELL for Verkauf, CANCEL for Storno",
            "aus Kauf wird BUY, aus Verkauf wird SELL, aus Storno wird CANCEL",
            "Kauf correspond à BUY, Verkauf correspond à SELL, Storno correspond à CANCEL",
        ),
    ),
    "what a sign means": Kind(
        "id quantity price|A1 5 10|A2 -3 20|A3 7 12|A4 -2 25",
        "id side|A1 buy|A2 sell|A3 buy|A4 sell",
        "id quantity price|B1 -1 5|B2 9 90",
        "id side|B1 sell|B2 buy",
        (
            "negative quantity means sell",
            "a negative quantity is a sell, otherwise buy",
            "sell if quantity is negative, otherwise buy",
            "if quantity < 0 then sell, else buy",
            "negative quantity bedeutet sell",
            "sell, wenn quantity negativ ist, sonst buy",
            "quantity négative signifie sell",
            "sell si quantity est négatif, sinon buy",
            "quantities below zero are sells, the rest are buys",
            "when the quantity is less than zero it is a sell, else buy",
            "bei negativer quantity sell, sonst buy",
            "ist quantity kleiner als 0, dann sell, sonst buy",
            "si quantity est inférieure à 0 alors sell, sinon buy",
            "quantity < 0 => sell, else buy",
        ),
    ),
    "amounts of one sign": Kind(
        "id fee|A1 2.50|A2 1.25|A3 4.75",
        "id fee|A1 -2.50|A2 -1.25|A3 -4.75",
        "id fee|B1 -3.25|B2 9.50",
        "id fee|B1 -3.25|B2 -9.50",
        (
            "fee is always negative",
            "fees are negative",
            "fee ist immer negativ",
            "fee est toujours négatif",
            "fees should be shown as negative numbers",
            "make fee negative",
            "fee must be negative",
            "fee doit être négatif",
        ),
    ),
    "what a row stands for": Kind(
        "order name qty|O1 ann 2|O1 ann 3|O2 bob 4|O2 bob 1|O3 eve 6",
        "total|5|5|6",
        "order name qty|O5 ann 1|O6 ann 2|O6 ann 3",
        "total|1|5",
        (
            "one row per order",
            "group by order",
            "a single line for each order",
            "eine Zeile pro order",
            "nach order gruppieren",
            "une ligne par order",
            "regrouper par order",
            "sum up per order",
            "merge the lines of each order into one",
            "aggregate by order",
            "pro order zusammenfassen",
            "je order eine Zeile",
            "additionner par order",
        ),
    ),
    "how dates are read": Kind(
        "id day|A1 05/05/2025|A2 06/06/2025|A3 07/07/2025",
        "id date|A1 2025-05-05|A2 2025-06-06|A3 2025-07-07",
        "id day|B1 03/04/2025",
        "id date|B1 2025-03-04",
        (
            "dates are MM/DD/YYYY",
            "the day column is in the format mm/dd/yyyy",
            "month first",
            "Datum im Format MM/TT/JJJJ",
            "dates au format MM/JJ/AAAA",
            "US dates",
            "american date format",
            "dates are in US format",
            "month comes before day",
            "amerikanisches Datumsformat",
            "der Monat steht vor dem Tag",
            "le mois vient avant le jour",
            "format américain des dates",
        ),
    ),
    "how numbers are written": Kind(
        "id rate|A1 5.25|A2 7.50|A3 1.75",
        "id rate|A1 5.25|A2 7.50|A3 1.75",
        "id rate|B1 3.14159",
        "id rate|B1 3.14",
        (
            "rate with two decimals",
            "round to 2 decimals",
            "2 decimal places",
            "zwei Nachkommastellen",
            "auf 2 Nachkommastellen gerundet",
            "deux décimales",
            "arrondi à 2 décimales",
            "rate to 2 dp",
            "show two digits after the decimal point",
            "two decimals please",
            "mit zwei Dezimalstellen",
            "2 Stellen nach dem Komma",
            "deux chiffres après la virgule",
        ),
    ),
    "what never changes": Kind(
        "id currency|A1 EUR|A2 EUR|A3 EUR|A4 EUR|A5 EUR",
        "id currency|A1 EUR|A2 EUR|A3 EUR|A4 EUR|A5 EUR",
        "id currency|B1 USD",
        "id currency|B1 EUR",
        (
            "currency is always EUR",
            "set currency to EUR",
            "always EUR for currency",
            "currency ist immer EUR",
            "currency est toujours EUR",
            "the currency column is EUR throughout",
            "fill currency with EUR",
            "immer EUR als currency",
            "toujours EUR comme currency",
        ),
    ),
    "the order of rows": Kind(
        "id date amount|A1 2025-01-01 10|A2 2025-02-01 20|A3 2025-03-01 30",
        "id date amount|A3 2025-03-01 30|A2 2025-02-01 20|A1 2025-01-01 10",
        "id date amount|B1 2025-06-01 50|B3 2025-08-01 40|B2 2025-07-01 60",
        "id date amount|B3 2025-08-01 40|B2 2025-07-01 60|B1 2025-06-01 50",
        (
            "sorted by date, newest first",
            "order by date descending",
            "nach date sortiert, neueste zuerst",
            "sortiere absteigend nach date",
            "trié par date, du plus récent au plus ancien",
            "trier par date décroissante",
            "latest date on top",
            "descending date",
            "absteigend nach Datum (date)",
            "par date décroissante",
        ),
    ),
    "what is computed": Kind(
        "amount fee|2 2|0 0",
        "total|4|0",
        "amount fee|3 5",
        "total|8",
        (
            "total = amount + fee",
            "total is amount plus fee",
            "total = fee plus amount",
            "total ist die Summe von amount und fee",
            "total est la somme de amount et fee",
            "add fee to amount to get total",
            "total should be the sum of amount and fee",
            "total: amount + fee",
            "total = Summe aus amount und fee",
            "total ergibt sich aus amount plus fee",
            "total = amount plus fee",
            "additionner amount et fee pour total",
        ),
    ),
}

CASES = [pytest.param(kind, words, id=f"{name}: {words}") for name, kind in KINDS.items() for words in kind.phrasings]


@pytest.mark.parametrize(("kind", "words"), CASES)
def test_words_settle_rows_that_the_example_does_not_show(kind: Kind, words: str, runner: InProcessRunner) -> None:
    program = learn(table(kind.given), table(kind.wanted), instructions=Instructions(words), runner=runner)
    assert program.status == "completed", program.report.doubts
    assert runner.run(program.sql, table(kind.later)).rows == table(kind.answer).rows, program.sql


# Said of what the example does not show, in a form that is not known: whoever said it must be told, as rows come out
# otherwise.
UNKNOWN = (
    ("rows that are kept", "I only want the filled ones"),
    ("rows that are kept", "status must be filled"),
    ("rows that are left out", "remove cancelled rows"),
    ("rows by a number", "only amounts of at least 15"),
    ("rows by a number", "amount must be 15 or more"),
    ("rows by a number", "amount mindestens 15"),
    ("values that stand for others", "Kauf soll BUY heißen, Verkauf soll SELL heißen, Storno soll CANCEL heißen"),
    ("amounts of one sign", "Gebühren (fee) immer mit Minus"),
    ("amounts of one sign", "fee follows what the bank wants"),
    ("how numbers are written", "rate as in the contract of May"),
    ("what never changes", "currency: EUR"),
    ("what never changes", "currency like that of the client"),
    ("the order of rows", "newest first"),
    ("the order of rows", "les plus récents d'abord"),
    ("what is computed", "total with the usual deduction"),
)


@pytest.mark.parametrize(("name", "words"), UNKNOWN)
def test_words_that_change_nothing_are_never_said_to_be_used(name: str, words: str, runner: InProcessRunner) -> None:
    kind = KINDS[name]
    program = learn(table(kind.given), table(kind.wanted), instructions=Instructions(words), runner=runner)
    (heard,) = program.report.instructions
    assert heard.outcome in {"not understood", "not used"}


@pytest.mark.parametrize("words", ["currency", "currency comes from the column currency", "copy currency as it is"])
def test_words_that_say_where_a_column_comes_from_are_used(words: str, runner: InProcessRunner) -> None:
    kind = KINDS["what never changes"]
    program = learn(table(kind.given), table(kind.wanted), instructions=Instructions(words), runner=runner)
    assert [heard.outcome for heard in program.report.instructions] == ["used"]
