"""What the kind of a row says: words that stand for it, what is computed for it, and the sides of what is computed.

Each table is one kind of conversion in several spellings. The later rows are ones of which the example says enough, and
ones that it leaves open: those are flagged.
"""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.program import ProgramRunner
from services.converter.domain.table import Table


def table(text: str) -> Table:
    header, *rows = (tuple(line.split(",")) for line in text.strip().splitlines())
    return Table(header, tuple(rows))


def made(program: LearnedProgram, later: Table, runner: ProgramRunner) -> list[tuple[str | None, ...]]:
    assert program.status == "completed", program.report.differences
    return list(runner.run(program.sql, later).rows)


def flagged(program: LearnedProgram, later: Table, runner: ProgramRunner) -> set[str | None]:
    return {row for guard in program.report.guards for row, *_ in runner.run(guard.sql, later).rows}


WORDS = {
    "trades": ("type", "Typ", {"Buy": "Kauf", "Savings plan": "Kauf", "Sell": "Verkauf", "Distribution": "Dividende"}),
    "bookings": ("Kind", "Kinds", {"Gutschrift": "in", "Zins": "in", "Lastschrift": "out", "Entgelt": "fee"}),
    "orders": ("order status", "Status", {"paid": "Offen", "sent": "Weg", "returned": "Zurück", "lost": "Zurück"}),
}
NAMES = ("Adler", "Birke", "Conrad", "Dorn", "Adler", "Eiche")


@pytest.mark.parametrize("case", WORDS)
def test_words_for_kinds_that_each_came_once_are_a_list_where_the_file_repeats_the_kinds(
    case: str, runner: ProgramRunner
) -> None:
    source, target, words = WORDS[case]
    kinds = list(words)
    rows = [(name, kind, "done") for name, kind in zip(NAMES, (*kinds, kinds[0], kinds[1]), strict=True)]
    # Two more rows of the kinds are left out for what is said of them elsewhere.
    rows[4:] = [(name, kind, "void") for name, kind, _ in rows[4:]]
    given = Table(("name", source, "state"), tuple(rows))
    wanted = Table(("name", target), tuple((name, words[kind]) for name, kind, _ in rows[:4]))
    later = Table(given.header, (("Falke", kinds[3], "done"), ("Gans", "Spin-off", "done")))

    program = learn(given, wanted)

    assert made(program, later, runner)[0] == ("Falke", words[kinds[3]])
    assert flagged(program, later, runner) == {"2"}


SUMS = {
    "out": ("Fee,Amount", lambda fee, amount: fee - amount),
    "with a tax": ("Tax,Amount", lambda tax, amount: tax - amount),
}
BOOKED = ((0.0, -23.45), (0.0, 300.0), (2.0, -200.0), (7.99, 0.0), (0.0, -50.0), (0.0, 39.9))


@pytest.mark.parametrize("case", SUMS)
def test_two_sides_are_of_one_amount_and_what_one_of_them_shows_alone_is_flagged(
    case: str, runner: ProgramRunner
) -> None:
    names, out = SUMS[case]
    first, second = names.split(",")
    given = Table((first, second), tuple((f"{fee:.2f}", f"{amount:.2f}") for fee, amount in BOOKED))
    sums = [out(fee, amount) for fee, amount in BOOKED]
    wanted = tuple((f"{s:.2f}" if s > 0 else "", f"{-s:.2f}" if s < 0 else "") for s in sums)
    later = Table((first, second), (("1.25", "-1000.00"), ("0.00", "80.10"), ("1.20", "100.00")))

    program = learn(given, Table(("Outflow", "Inflow"), wanted))

    assert made(program, later, runner) == [("1001.25", ""), ("", "80.10"), ("", "98.80")]
    assert flagged(program, later, runner) == {"3"}  # no row of the example had a fee on what comes in


UNITS = {
    "pence": ("GBX", "USD", "EUR", 100),
    "cents": ("USX", "EUR", "CHF", 100),
}


@pytest.mark.parametrize("case", UNITS)
def test_a_price_is_divided_for_the_unit_that_says_so_and_no_other(case: str, runner: ProgramRunner) -> None:
    small, one, other, size = UNITS[case]
    prices = (
        ("1820.00", small),
        ("182.12", one),
        ("2450.50", small),
        ("84.63", other),
        ("0.20", one),
        ("26.00", small),
    )
    given = Table(("Name", "Price", "Price unit"), tuple((f"n{i}", *row) for i, row in enumerate(prices)))
    wanted = tuple((f"n{i}", f"{float(p) / (size if u == small else 1):.4f}") for i, (p, u) in enumerate(prices))
    later = Table(given.header, (("n7", "772.00", small), ("n8", "108.73", one), ("n9", "55.00", "SEK")))

    program = learn(given, Table(("Name", "Price"), wanted))

    assert made(program, later, runner)[:2] == [("n7", "7.7200"), ("n8", "108.7300")]
    assert "3" in flagged(program, later, runner)


def test_a_rate_is_of_the_amounts_that_the_output_has(runner: ProgramRunner) -> None:
    given = table(
        "id,sold,bought,fee,balance,units\n1,1'385.55,1'200.00,0.00,1'200.29,1.0\n"
        "2,1'199.71,1'251.00,0.00,0.95,1.0\n3,378.62,406.09,0.00,3'375.99,1.0"
    )
    wanted = table("sold,bought,rate\n1385.55,1200.00,0.8661\n1199.71,1251.00,1.0428\n378.62,406.09,1.0726")
    later = table("id,sold,bought,fee,balance,units\n4,11'000.00,9'870.15,0.00,1.00,1.0")

    assert made(learn(given, wanted), later, runner) == [("11000.00", "9870.15", "0.8973")]


def test_a_cell_that_stands_in_the_row_is_written_out_of_no_list(runner: ProgramRunner) -> None:
    given = table("ticker,unit\nAAPL,USD\nSHEL,GBX\nVWRP,GBP\nAAPL,USD\nSHEL,GBX\nSHEL,GBX")
    wanted = table("ticker,currency\nAAPL,USD\nSHEL,GBP\nVWRP,GBP\nAAPL,USD\nSHEL,GBP\nSHEL,GBP")
    later = table("ticker,unit\nHSBA,GBX\nNVDA,USD\nASML,EUR")

    program = learn(given, wanted)

    assert made(program, later, runner)[:2] == [("HSBA", "GBP"), ("NVDA", "USD")]
    assert "3" in flagged(program, later, runner)


LEGS = """
day,order,kind,amount,unit
2021-11-15,77639,credit,1200.00,EUR
2021-11-15,77639,debit,1385.55,USD
2021-11-13,76962,credit,1251.00,CHF
2021-11-13,76962,debit,1199.71,EUR
2021-10-08,63157,credit,406.09,USD
2021-10-08,63157,debit,378.62,CHF
"""
SWAPPED = "day,order,kind,amount,unit\n2022-01-03,9,debit,11.00,CHF\n2022-01-03,9,credit,9.87,GBP\n"


def test_a_row_whose_neighbour_is_not_its_other_leg_is_flagged_or_right(runner: ProgramRunner) -> None:
    wanted = table(
        "order,sold,out,bought,in\n77639,1385.55,USD,1200.00,EUR\n76962,1199.71,EUR,1251.00,CHF\n"
        "63157,378.62,CHF,406.09,USD"
    )
    later = table(SWAPPED + "2022-01-02,8,credit,7.00,EUR\n2022-01-02,8,debit,8.00,USD")
    program = learn(table(LEGS), wanted)

    rows = made(program, later, runner)
    assert ("8", "8.00", "USD", "7.00", "EUR") in rows
    assert ("9", "11.00", "CHF", "9.87", "GBP") in rows or {"1", "2"} & flagged(program, later, runner)
