"""Amounts that are made row by row and wanted of groups: values of positions, average prices, hours."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from tests.unit.converter.synthesis.test_told_by_kind import made, table

TRADES = "Symbol,Qty,Price\nAAPL,10,150.00\nMSFT,2,300.50\nAAPL,5,165.00\nTSLA,3,200.00\nMSFT,2,310.00"
LATER = "Symbol,Qty,Price\nNVDA,100,120.55\nAAPL,5,160.00\nNVDA,50,121.00\nNVDA,1,99.10"
TIMES = "Client,Who,Duration\nAlpin,Ann,01:30:00\nBerg,Bob,00:45:00\nAlpin,Bob,02:15:00\nBerg,Ann,00:15:36\n"
TIMES += "Cid,Ann,01:00:00"
WORKED = "Client,Who,Duration\nDorn,Ann,10:20:00\nDorn,Bob,26:00:00\nAlpin,Ann,00:06:00"
CASES = {
    "value": (TRADES, "Symbol,Value\nAAPL,2325.00\nMSFT,1221.00\nTSLA,600.00", LATER, ["18204.10", "800.00"]),
    "average": (TRADES, "Symbol,Average\nAAPL,155.00\nMSFT,305.25\nTSLA,200.00", LATER, ["120.56", "160.00"]),
    "hours": (TIMES, "Client,Hours\nAlpin,3.75\nBerg,1.01\nCid,1.00", WORKED, ["36.33", "0.10"]),
}


@pytest.mark.parametrize("case", CASES)
def test_an_amount_of_each_row_is_summed_by_group(case: str, runner: ProgramRunner) -> None:
    given, wanted, later, answers = CASES[case]

    program = learn(table(given), table(wanted))

    assert [row[1] for row in made(program, table(later), runner)] == answers


def test_what_comes_in_or_goes_out_is_the_size_of_a_sum(runner: ProgramRunner) -> None:
    given = "amount,fee,tax\n1500.00,,\n-920.36,-1.00,\n-100.00,,\n2.11,,-0.56\n2.88,,-0.43\n2809.80,-1.00,-121.35"
    wanted = "Value\n1500.00\n921.36\n100.00\n1.55\n2.45\n2687.45"

    program = learn(table(given), table(wanted))

    later = table("amount,fee,tax\n693.00,-1.00,\n-10615.50,-1.00,\n5124.00,-1.00,-106.79")
    assert made(program, later, runner) == [("692.00",), ("10616.50",), ("5016.21",)]
