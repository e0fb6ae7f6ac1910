"""What people ask of statements, orders and lists every day: each kind with other data than it was learned from."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner


def table(text: str) -> Table:
    """A table from lines of cells that are separated by bars."""
    header, *rows = (tuple(cell.strip() for cell in line.split("|")) for line in text.strip().splitlines())
    return Table(header, tuple(rows))


CASES = {
    "a sign tells the side": (
        """
        isin|count|price|value
        AA1|-5|48.10|240.50
        BB2|-80|1.40|112.00
        CC3|10|18.30|-183.00
        DD4|-20|160.50|3210.00
        EE5|3|85.00|-255.00
        FF6|-8|25.90|207.20
        """,
        """
        isin|side|quantity
        AA1|SELL|5
        BB2|SELL|80
        CC3|BUY|10
        DD4|SELL|20
        EE5|BUY|3
        FF6|SELL|8
        """,
        """
        isin|count|price|value
        GG7|1200|1.20|-1440.00
        HH8|-1|7.00|7.00
        """,
        [("GG7", "BUY", "1200"), ("HH8", "SELL", "1")],
    ),
    "a column for each member of a list": (
        """
        url|tags
        a|RED;GREEN;BLUE;GREY
        b|GREEN;GREY;BLACK
        c|RED
        d|BLACK;RED
        e|BLUE;GREY
        """,
        """
        url|RED|BLACK
        a|1|0
        b|0|1
        c|1|0
        d|1|1
        e|0|0
        """,
        """
        url|tags
        f|DARK RED;BLACK
        g|RED
        h|
        """,
        [("f", "0", "1"), ("g", "1", "0"), ("h", "0", "0")],
    ),
    "parts that some rows lack, joined without gaps": (
        """
        no|street|unit|first|middle|last
        838|Lake Place||Joe||Average
        12|Oak Street|Flat 3|Ann|B|Smith
        4400|South Main||Raj||Patel
        7|Elm Avenue|No 12|Mia|K|Lee
        90|Hill Road||Tom|J|Ford
        """,
        """
        address|name
        838 Lake Place|Joe Average
        12 Oak Street Flat 3|Ann B. Smith
        4400 South Main|Raj Patel
        7 Elm Avenue No 12|Mia K. Lee
        90 Hill Road|Tom J. Ford
        """,
        """
        no|street|unit|first|middle|last
        1|First Street|Suite 9|Zoe||Doe
        22|West 5th||Ian|Q|van Dyk
        """,
        [("1 First Street Suite 9", "Zoe Doe"), ("22 West 5th", "Ian Q. van Dyk")],
    ),
    "what stands in a cell of its own is not cut out of another": (
        """
        date|details|amount|side
        2026-01-01|Purchase 13.44 EUR at Duona|13.44|D
        2026-01-03|Salary|2150.00|K
        2026-01-04|Purchase 60.10 EUR at Benzinas|60.10|D
        2026-01-07|Loan|25.00|K
        2026-01-09|Purchase 7.00 EUR at Kioskas|7.00|D
        """,
        """
        date|out|in
        2026-01-01|13.44|
        2026-01-03||2150.00
        2026-01-04|60.10|
        2026-01-07||25.00
        2026-01-09|7.00|
        """,
        """
        date|details|amount|side
        2026-02-14|Gift|100.00|D
        2026-02-28|Salary of 10.00 EUR a day|300.00|K
        """,
        [("2026-02-14", "100.00", ""), ("2026-02-28", "", "300.00")],
    ),
    "what rows of one kind add up to": (
        """
        date|type|symbol|amount
        2026-01-02|Dividend|AAA|10.00
        2026-01-03|Buy|AAA|-500.00
        2026-01-05|Dividend|BBB|4.50
        2026-02-02|Dividend|AAA|11.00
        2026-02-03|Fee||-1.00
        2026-02-07|Sell|BBB|250.00
        2026-03-01|Dividend|BBB|5.50
        """,
        """
        symbol|dividends
        AAA|21.00
        BBB|10.00
        """,
        """
        date|type|symbol|amount
        2026-04-02|Dividend|CCC|1.00
        2026-04-03|Buy|CCC|-900.00
        2026-04-05|Dividend|CCC|2.25
        2026-04-09|Dividend|AAA|12.00
        """,
        [("CCC", "3.25"), ("AAA", "12.00")],
    ),
    "the first of two columns that is filled": (
        """
        vest|sale
        $151.20|
        $151.20|$153.00
        $160.05|
        $151.20|$161.25
        $10.00|$11.00
        """,
        """
        price
        151.20
        153.00
        160.05
        161.25
        11.00
        """,
        """
        vest|sale
        $1,202.40|
        $202.40|$1,201.50
        """,
        [("1202.40",), ("1201.50",)],
    ),
    "amounts that are computed from amounts of the output": (
        """
        shop|foreign|rate|fee %
        Uno|200.00|1.0800|1.5
        Due|17.20|0.8600|1.5
        Tre|47.50|0.9500|0
        Quattro|54.00|1.0800|2
        Cinque|99.00|1.1000|3
        """,
        """
        shop|booked|fee|total
        Uno|185.19|2.78|187.97
        Due|20.00|0.30|20.30
        Tre|50.00|0.00|50.00
        Quattro|50.00|1.00|51.00
        Cinque|90.00|2.70|92.70
        """,
        """
        shop|foreign|rate|fee %
        Sei|21.60|1.0800|1.5
        Sette|12400.00|155.0000|1.5
        """,
        [("Sei", "20.00", "0.30", "20.30"), ("Sette", "80.00", "1.20", "81.20")],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_learns_what_people_ask_for_every_day(name: str, runner: InProcessRunner) -> None:
    given, wanted, unseen, expected = CASES[name]
    program = learn(table(given), table(wanted), runner=runner)
    assert program.status == "completed", (program.report.doubts, [c.words for c in program.report.columns])
    assert list(runner.run(program.sql, table(unseen)).rows) == expected, program.sql


def test_a_group_of_one_where_all_had_two_is_flagged(runner: InProcessRunner) -> None:
    given = """
        id|kind|amount
        a1|trade|-374.58
        a1|fee|-1.00
        b2|trade|-479.76
        b2|fee|-4.90
        c3|trade|491.00
        c3|fee|-2.00
        """
    program = learn(table(given), table("id|amount|fee\na1|-374.58|1.00\nb2|-479.76|4.90\nc3|491.00|2.00"))
    assert program.status == "completed"
    later = table("id|kind|amount\nd4|trade|-100.00\nd4|fee|-0.50\ne5|trade|20.00")
    flagged = {row[0] for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    assert flagged == {"3"}


def test_a_row_with_more_lines_behind_it_than_any_had_is_flagged(runner: InProcessRunner) -> None:
    given = """
        day|details|out
        2 Oct|CREDIT|1.25
        |SALARY ACME|
        5 Oct|CARD|120.40
        |SHOP 12|
        9 Oct|RENT|3000.00
        |FLAT 3|
        """
    program = learn(
        table(given),
        table("day|details|out\n2 Oct|CREDIT SALARY ACME|1.25\n5 Oct|CARD SHOP 12|120.40\n9 Oct|RENT FLAT 3|3000.00"),
    )
    assert program.status == "completed"
    later = table("day|details|out\n3 Nov|TRANSFER|5.00\n|TO SAVINGS|\n4 Nov|CHEQUE|7.00\n|NO 11|\n|BANK OF X|")
    flagged = {row[0] for guard in program.report.guards for row in runner.run(guard.sql, later).rows}
    assert flagged == {"3"}


def test_a_record_without_a_line_that_all_of_the_example_have_is_blank_there(
    runner: InProcessRunner,
) -> None:
    given = table("key|text\nid|127\npos|17;51\nh|1014.6\nid|126\npos|18;52\nh|1016.6\nid|125\npos|19;53\nh|1015.0")
    wanted = table("id|x|y|h\n127|17|51|1014.6\n126|18|52|1016.6\n125|19|53|1015.0")
    program = learn(given, wanted)
    assert program.status == "completed"
    later = table("key|text\nid|7\npos|20;54\nh|998.1\nid|8\npos|21;55\nid|9\npos|22;56\nh|-3.25")
    assert runner.run(program.sql, later).rows[1:] == (("8", "21", "55", ""), ("9", "22", "56", "-3.25"))
