"""No sentence of the instructions is dropped in silence: the report says what became of each."""

import pytest

from services.converter.domain.instructions import InstructionRefused, Instructions
from services.converter.domain.learning import learn
from services.converter.domain.report import Heard
from services.converter.domain.table import Table
from services.converter.training import train
from tests.unit.converter.synthesis.duck import InProcessRunner

TRADES = Table(
    ("id", "type", "status", "amount", "fee"),
    (
        ("A1", "Kauf", "filled", "10", "1"),
        ("A2", "Verkauf", "open", "20", "2"),
        ("A3", "Kauf", "filled", "30", "3"),
        ("A4", "Verkauf", "filled", "45", "4"),
        ("A5", "Kauf", "open", "50", "5"),
    ),
)
WANTED = Table(("id", "side", "total"), (("A1", "BUY", "11"), ("A3", "BUY", "33"), ("A4", "SELL", "49")))


def heard(words: str, column: str = "") -> Heard:
    said = Instructions(columns={column: words}) if column else Instructions(words)
    (answer,) = learn(TRADES, WANTED, instructions=said).report.instructions
    return answer


@pytest.mark.parametrize(
    ("words", "column"),
    [
        ("Keep rows where status is filled.", ""),
        ("Kauf = BUY, Verkauf = SELL", "side"),
        ("Storno = CANCEL", "type"),
        ("total = amount + fee", ""),
        ("die Summe von amount und fee", "total"),
        ("type", "side"),
        ("Lass alle Zeilen mit status open weg", ""),
        ("Les lignes avec status open sont à ignorer", ""),
        ("type Kauf -> BUY, Verkauf -> SELL", ""),
    ],
)
def test_a_sentence_that_is_done_is_said_to_be_used(words: str, column: str) -> None:
    answer = heard(words, column)
    assert (answer.outcome, answer.sentence, answer.column) == ("used", words, column), answer.words


@pytest.mark.parametrize(
    ("words", "row"),
    [
        ("keep rows where status is open", 1),
        ("ignore rows where amount is above 40", 4),
        ("Kauf = SELL", 1),
        ("total = amount - fee", 1),
        ("side is always BUY", 4),
    ],
)
def test_a_sentence_against_the_example_names_the_row_of_the_input(words: str, row: int) -> None:
    answer = heard(words)
    assert (answer.outcome, answer.row) == ("contradicts", row), answer.words


@pytest.mark.parametrize(
    "words",
    [
        "Bananas are nice.",
        "keep rows where mood is good",
        "sorted by mood",
        "keep rows where status is filled, sorted by id",
        "keep rows where status is filled or amount above 30",
        "drop rows where amount is below 5 or above 49",
        "drop rows where fee is blank or status is open",
        "Kauf = BUY, Verkauf SELL, Storno = CANCEL",
    ],
)
def test_a_sentence_of_which_a_part_is_not_known_is_said_to_be_not_understood(words: str) -> None:
    assert heard(words).outcome == "not understood"


def test_a_sentence_that_another_program_makes_needless_is_said_to_be_not_used() -> None:
    assert heard("one row per status").outcome == "not used"


def test_every_sentence_is_answered_for_in_turn() -> None:
    said = Instructions("Keep rows where status is filled. Bananas are nice.", {"total": "amount plus fee"})
    answers = learn(TRADES, WANTED, instructions=said).report.instructions
    assert [answer.outcome for answer in answers] == ["used", "not understood", "used"]


def test_words_on_a_column_that_neither_file_has_are_refused_by_name() -> None:
    said = Instructions(columns={"Gebühr": "always positive"})
    with pytest.raises(InstructionRefused, match=r'column_instructions\["Gebühr"\]') as refused:
        said.check_columns(TRADES.column_names, WANTED.column_names)
    assert refused.value.reason == "INSTRUCTIONS_UNKNOWN_COLUMN"


def test_a_training_is_refused_for_words_on_a_column_that_neither_file_has(runner: InProcessRunner) -> None:
    said = Instructions(columns={"Gebühr": "always positive"})
    with pytest.raises(InstructionRefused):
        train(b"id,fee\n1,2\n3,4\n", b"id\n1\n3\n", runner=runner, instructions=said)


def test_words_on_a_column_of_the_input_are_heard() -> None:
    Instructions(columns={"Type": "Kauf = BUY"}).check_columns(TRADES.column_names, WANTED.column_names)
