"""A fee or a tax beside a trade that becomes a row of its own, where there is one.

Each table is one spelling of the kind. The later rows hold larger amounts, blanks and noughts, and cells of which the
example does not say whether they are worth a row: those are flagged.
"""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.test_told_by_kind import flagged, made, table

TRADES = "Date,Type,Symbol,Amount,{fee}\n2024-01-02,Buy,AAPL,-1000.00,1.00\n2024-01-03,Dividend,MSFT,12.50,{none}\n"
TRADES += "2024-01-05,Sell,TSLA,500.00,1.50\n2024-01-08,Buy,VTI,-250.10,{none}"
WANTED = "Date,Type,Symbol,Amount\n2024-01-02,Buy,AAPL,-1000.00\n2024-01-02,{said},AAPL,-1.00\n"
WANTED += "2024-01-03,Dividend,MSFT,12.50\n"
WANTED += "2024-01-05,Sell,TSLA,500.00\n2024-01-05,{said},TSLA,-1.50\n2024-01-08,Buy,VTI,-250.10"
CASES = {
    "a nought for none": ("Fee", "0.00", "Fee"),
    "blank for none": ("Commission", "", "Cost"),
    "named as it is called": ("Tax", "", "Tax"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_fee_is_a_row_of_its_own_where_there_is_one(case: str, runner: ProgramRunner) -> None:
    fee, none, said = CASES[case]
    given = table(TRADES.format(fee=fee, none=none))
    later = Table(
        given.header,
        (
            ("1", "Buy", "BA", "-10000.00", "21.00"),
            ("2", "Dividend", "KO", "1200.50", none),
            ("3", "Sell", "NVDA", "500.00", "1.50"),
            ("4", "Sell", "F", "7.00", "n/a"),
            ("5", "Sell", "T", "7.00", "-2.00"),
        ),
    )

    program = learn(given, table(WANTED.format(said=said)))

    assert made(program, later, runner)[:5] == [
        ("1", "Buy", "BA", "-10000.00"),
        ("1", said, "BA", "-21.00"),
        ("2", "Dividend", "KO", "1200.50"),
        ("3", "Sell", "NVDA", "500.00"),
        ("3", said, "NVDA", "-1.50"),
    ]
    outside = flagged(program, later, runner)
    assert {"4", "5"} <= outside, "no amount, and one of the other sign"
    assert not {"1", "2", "3"} & outside


def test_a_text_of_its_own_stands_beside_what_is_copied(runner: ProgramRunner) -> None:
    given = table(
        "id,amount,fee,memo\nc1,49.00,0.99,Order 1 - Anna\nc2,129.50,2.19,Order 2 - Piet\n"
        "r1,-49.00,0.00,Refund 1\nc4,480.00,22.45,Order 3 - Hotel\np1,-2.00,0.00,Payout"
    )
    wanted = table(
        "id,amount,memo\nc1,49.00,Order 1 - Anna\nc1,-0.99,Processing fee\nc2,129.50,Order 2 - Piet\n"
        "c2,-2.19,Processing fee\nr1,-49.00,Refund 1\nc4,480.00,Order 3 - Hotel\nc4,-22.45,Processing fee\n"
        "p1,-2.00,Payout"
    )

    program = learn(given, wanted)

    later = table("id,amount,fee,memo\nc9,240.00,3.85,\nr9,-12.00,0.00,Refund 9")
    assert made(program, later, runner) == [
        ("c9", "240.00", ""),
        ("c9", "-3.85", "Processing fee"),
        ("r9", "-12.00", "Refund 9"),
    ]
