"""Kinds that the words of a text tell, several texts for each: the later rows begin as the example's did, or otherwise;
what begins otherwise is flagged and has no answer."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.test_told_by_kind import flagged, made

TEXTS = {
    "capitals": (
        [
            ("YOU BOUGHT APPLE INC (AAPL) (Cash)", "BUY"),
            ("DIVIDEND RECEIVED MICROSOFT CORP (MSFT) (Cash)", "DIVIDEND"),
            ("YOU SOLD TESLA INC (TSLA) (Cash)", "SELL"),
            ("YOU BOUGHT VANGUARD INDEX FDS (VTI) (Cash)", "BUY"),
            ("YOU SOLD FORD MTR CO (F) (Cash)", "SELL"),
            ("DIVIDEND RECEIVED APPLE INC (AAPL) (Cash)", "DIVIDEND"),
        ],
        [("YOU BOUGHT BOEING CO (BA) (Margin)", "BUY"), ("YOU SOLD NVIDIA CORP (NVDA) (Cash)", "SELL")],
        "INTEREST EARNED CASH (Cash)",
    ),
    "several words for a kind": (
        [
            ("Kauf 10 Stk SAP SE Auftrag 123", "BUY"),
            ("Dividendengutschrift SAP SE", "DIVIDEND"),
            ("Verkauf 5 Stk BMW AG Auftrag 124", "SELL"),
            ("Zins Tagesgeld", "INTEREST"),
            ("Kauf Sparplan MSCI WORLD", "BUY"),
            ("Ausschüttung MSCI WORLD", "DIVIDEND"),
            ("Depotgebühr Q1", "FEE"),
        ],
        [("Verkauf 1500 Stk Allianz SE Auftrag 133", "SELL"), ("Ausschüttung EM ETF", "DIVIDEND")],
        "Steuererstattung 2023",
    ),
    "behind a number": (
        [
            ("ACH credit salary ACME", "in"),
            ("Card 1234 purchase REWE", "shop"),
            ("Card 9911 withdrawal ATM Zurich", "cash"),
            ("Online transfer to Bob", "moved"),
            ("Card 1234 purchase SHELL", "shop"),
            ("ACH credit rent", "in"),
        ],
        [("Card 7777 withdrawal ATM Bern", "cash"), ("ACH credit bonus", "in")],
        "Card 7777 refund ALDI",
    ),
    "letters of a number": (
        [
            ("B885120934", "BUY"),
            ("FPC", "CONTRIBUTION"),
            ("MANAGE FEE", "FEE"),
            ("S884410022", "SELL"),
            ("B883307718", "BUY"),
            ("INTEREST", "INCOME"),
            ("MANAGE FEE 2", "FEE"),
        ],
        [("S991110022", "SELL"), ("B100000000", "BUY")],
        "TRANSFER",
    ),
}


@pytest.mark.parametrize("case", TEXTS)
def test_the_words_of_a_text_tell_its_kind_and_others_are_flagged(case: str, runner: ProgramRunner) -> None:
    shown, later, other = TEXTS[case]
    amounts = [f"{17 * (number + 3) % 101}.{number}5" for number in range(len(shown))]
    given = Table(("Text", "Amount"), tuple((text, a) for (text, _), a in zip(shown, amounts, strict=True)))
    wanted = Table(("Type", "Amount"), tuple((kind, a) for (_, kind), a in zip(shown, amounts, strict=True)))
    rows = (*((text, "15000.00") for text, _ in later), (other, "1.00"))

    program = learn(given, wanted)

    assert [row[0] for row in made(program, Table(given.header, rows), runner)[: len(later)]] == [k for _, k in later]
    assert str(len(rows)) in flagged(program, Table(given.header, rows), runner)
    assert not {str(number) for number in range(1, len(rows))} & flagged(program, Table(given.header, rows), runner)


def test_texts_of_which_no_words_recur_are_no_list(runner: ProgramRunner) -> None:
    texts = ("Alpha Fund A", "Beta Fund B", "Gamma Fund C", "Delta Fund D")
    given = Table(("Name", "n"), tuple((text, str(n)) for n, text in enumerate(texts)))
    wanted = Table(("Class",), (("Core",), ("Core",), ("Satellite",), ("Core",)))

    program = learn(given, wanted)

    assert program.status == "failed" or program.report.questions


def test_a_word_cut_out_of_a_text_is_flagged_where_it_is_none_of_the_kinds(runner: ProgramRunner) -> None:
    texts = ("Buy", "Qualified Dividend", "Sell", "Cash Dividend", "Buy", "Sell")
    given = Table(("Action", "n"), tuple((text, f"{n}.5") for n, text in enumerate(texts)))
    wanted = Table(("Type",), tuple((text.split()[-1].upper(),) for text in texts))
    later = Table(given.header, (("Reinvest Dividend", "7.5"), ("Non-Qualified Div", "8.5")))

    program = learn(given, wanted)

    assert made(program, later, runner)[0] == ("DIVIDEND",)
    assert "2" in flagged(program, later, runner)
