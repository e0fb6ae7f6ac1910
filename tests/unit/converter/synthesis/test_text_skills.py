"""Texts as they stand in client files, each skill learned from a few rows and checked on rows that were not shown."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Row, Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Rows = list[tuple[str, ...]]

TEXT_SKILLS: dict[str, tuple[Rows, Rows]] = {
    # Rows of the example, then unseen rows; the last cell of each is what is wanted.
    "value behind its name, colons and all": (
        [("Fund: Alpha", "Alpha"), ("Note: cash", "cash"), ("Ref: X12", "X12")],
        [("Memo: see: page 3", "see: page 3")],
    ),
    "area code whatever is dialled before it": (
        [("(425) 706-7709", "425"), ("323-708-7700", "323")],
        [("+1 510 220 5586", "510"), ("1-510-220-5586", "510")],
    ),
    "number of a word": (
        [("three", "3"), ("twelve", "12"), ("one", "1")],
        [("seven", "7"), ("twenty-four", "24")],
    ),
    "ordinal in words": ([("1", "First"), ("3", "Third")], [("2", "Second"), ("22", "Twenty-second")]),
    "binary number without zeros before it": (
        [("11111", "31"), ("10101001", "169"), ("100001101", "269")],
        [("111", "7")],
    ),
    "whole product of numbers with decimals": (
        [("-243", "-243000"), ("-12.5", "-12500")],
        [("1.2345678", "1234.5678")],
    ),
    "interval of tenths": (
        [("8,355,928.24", "8,355,928.2 - 8,355,928.3"), ("6,023,450.72", "6,023,450.7 - 6,023,450.8")],
        [("5,205,832.30", "5,205,832.3 - 5,205,832.4")],
    ),
    "user name of a name written last name first": (
        [("Keller, Anna Maria", "anna.keller"), ("Reed, Tom", "tom.reed"), ("Ortiz, Luis P.", "luis.ortiz")],
        [("Smith, Jo", "jo.smith"), ("Ray, Al X.", "al.ray")],
    ),
    "security number inside a text": (
        [
            ("Buy 100 US0378331005 at mkt", "US0378331005"),
            ("DE0007164600 sold", "DE0007164600"),
            ("transfer of FR0000120271 (TTE)", "FR0000120271"),
        ],
        [("div CH0038863350 paid 2024", "CH0038863350")],
    ),
    "ticker in brackets": (
        [
            ("Apple Inc. (AAPL) common", "AAPL"),
            ("Nestle (NESN.SW) reg", "NESN.SW"),
            ("Berkshire (BRK-B) B", "BRK-B"),
        ],
        [("Alphabet Inc. Class A (GOOGL) x", "GOOGL"), ("Toyota (7203.T) ord", "7203.T")],
    ),
    "value of a key, wherever it stands": (
        [("id=7;ccy=EUR;amt=12.5", "EUR"), ("ccy=USD;id=9", "USD"), ("amt=1;ccy=CHF", "CHF")],
        [("x=1;ccy=GBP;id=3", "GBP")],
    ),
    "number of a query": (
        [
            ("https://a.com/p?id=7&src=mail", "7"),
            ("https://a.com/q?src=x&id=912", "912"),
            ("https://a.com/?id=33", "33"),
        ],
        [("https://b.com/p?x=1&id=5&z=2", "5")],
    ),
    "field between a line's end and a comma": (
        [("12 Oak Rd\nBoston, MA", "Boston"), ("7 Elm St\nAustin, TX", "Austin"), ("3 Bay Ln\nDenver, CO", "Denver")],
        [("9 Fir Ct\nSan Jose, CA", "San Jose")],
    ),
    "mask of accounts of any length": (
        [("123456789", "*****6789"), ("98765432101", "*******2101"), ("5555666677", "******6677")],
        [("111222333", "*****2333"), ("1234567890123", "*********0123")],
    ),
    "groups of four": (
        [
            ("DE89370400440532013000", "DE89 3704 0044 0532 0130 00"),
            ("FR1420041010050500013M02606", "FR14 2004 1010 0505 0001 3M02 606"),
            ("GB29NWBK60161331926819", "GB29 NWBK 6016 1331 9268 19"),
        ],
        [("CH9300762011623852957", "CH93 0076 2011 6238 5295 7")],
    ),
    "firm without its legal form": (
        [("Acme Holdings", "Acme"), ("Zeta GmbH", "Zeta"), ("Foo Bar Inc.", "Foo Bar")],
        [("Quux Partners LLC", "Quux Partners"), ("Delta AG", "Delta"), ("Plain", "Plain")],
    ),
    "capitals of names": (
        [("MCDONALD", "McDonald"), ("SMITH", "Smith"), ("MCGREGOR", "McGregor"), ("O'NEIL", "O'Neil")],
        [("MCKAY", "McKay"), ("REED", "Reed"), ("O'HARA", "O'Hara")],
    ),
    "words of camel case": (
        [("tradeDate", "Trade Date"), ("netAmount", "Net Amount"), ("isin", "Isin")],
        [("grossAmountUsd", "Gross Amount Usd")],
    ),
    "parts without their remarks in brackets": (
        [
            ("X1; ZRH (Zurich) -> LHR; 10:00", "zrh -> lhr"),
            ("X22; GVA -> CDG (Paris); 11:30", "gva -> cdg"),
            ("Y3; MUC -> VIE; 09:15", "muc -> vie"),
        ],
        [("Y4; OSL (Oslo) -> ARN (Stockholm); 07:00", "osl -> arn")],
    ),
    "the item of a list that is one word": (
        [
            ("Big Fund, Alpha, The Other", "Alpha"),
            ("Gamma, Old Fund, Small One", "Gamma"),
            ("A Fund, B Fund, Delta", "Delta"),
        ],
        [("Long Short, Omega, Any Thing", "Omega")],
    ),
    "items with a suffix counted": (
        [
            ("Al Ray Jr., Bo Lee", "1"),
            ("Cy Kay", "0"),
            ("Ike Ott, Jo Pim IV, Kit Low", "1"),
            ("Di Fox III, Ed Gay Sr., Flo May", "2"),
        ],
        [("Gus Orr Jr., Hal Poe Jr., Ian Roy IV", "3")],
    ),
    "each item once": (
        [("a;b;a", "a;b"), ("x;x;x", "x"), ("p;q;r", "p;q;r")],
        [("m;n;m;o", "m;n;o")],
    ),
    "which of two columns is more": (
        [("5", "3", "over"), ("2", "9", "under"), ("7", "1", "over"), ("1", "4", "under")],
        [("8", "6", "over"), ("10", "30", "under")],
    ),
    "separator where both parts are there": (
        [("Ann", "Lee", "Lee, Ann"), ("", "Acme", "Acme"), ("Bob", "Ray", "Ray, Bob"), ("", "Zeta", "Zeta")],
        [("Cy", "Kay", "Kay, Cy"), ("", "Foo", "Foo")],
    ),
    "first letters of the last word": (
        [("Milan Zupan", "Zup"), ("Rado Bogarde", "Bog")],
        [("Jo Smithers", "Smi")],
    ),
    "pieces of one row": ([("5551239876", "(555) 123-9876")], [("4259876543", "(425) 987-6543")]),
}


def learned(runner: InProcessRunner, shown: Rows, unseen: Rows, outputs: int = 1) -> list[Row]:
    """What a program learned from the rows makes of the unseen ones; ``outputs`` of the last cells are wanted."""
    names = tuple(f"c{n}" for n in range(len(shown[0]) - outputs))
    given = Table(names, tuple(row[:-outputs] for row in shown))
    wanted = Table(tuple(f"wanted {'xyzuvw'[n]}" for n in range(outputs)), tuple(row[-outputs:] for row in shown))
    program = learn(given, wanted, runner=runner)
    assert program.status == "completed", program.report.differences
    return list(runner.run(program.sql, Table(names, tuple(row[:-outputs] for row in unseen))).rows)


@pytest.mark.parametrize("skill", TEXT_SKILLS)
def test_learns_what_is_done_to_a_text(skill: str, runner: InProcessRunner) -> None:
    shown, unseen = TEXT_SKILLS[skill]
    assert learned(runner, shown, unseen) == [row[-1:] for row in unseen]


LINES: dict[str, tuple[Rows, Rows]] = {
    # A line, then the columns that it is taken apart into.
    "brackets enclose whatever they hold": (
        [("(7875) Ann Lee", "(", "7875", ") ", "Ann Lee")],
        [("(59/2) Bob van Ray", "(", "59/2", ") ", "Bob van Ray"), ("no brackets", "", "", "", "")],
    ),
    "an empty field between marks": (
        [
            ("875: Late fee (N/A)", "875", ": ", "Late fee", " (", "N/A", ")"),
            ("12:  (x)", "12", ": ", "", " (", "x", ")"),
        ],
        [("246: (Due)", "", "", "", "", "", ""), ("9: Wire out (Paid)", "9", ": ", "Wire out", " (", "Paid", ")")],
    ),
    "a date ends a text that holds the mark too": (
        [
            ("OAK; BOSTON; 2024-01-05 @ 10:00;", "OAK; BOSTON", "; ", "2024-01-05", " @ ", "10:00", ";"),
            ("ELM & FIR; 2024-01-06 @ 11:30;", "ELM & FIR", "; ", "2024-01-06", " @ ", "11:30", ";"),
        ],
        [("A; B; C; 2023-12-31 @ 09:15;", "A; B; C", "; ", "2023-12-31", " @ ", "09:15", ";")],
    ),
    "fixed widths, with a field that was always blank": (
        [
            ("010 OSLO         NO ", "010 ", "OSLO    ", "     ", "NO "),
            ("020 BERN         CH ", "020 ", "BERN    ", "     ", "CH "),
        ],
        [("030 NEW YORK  NY US ", "030 ", "NEW YORK", "  NY ", "US ")],
    ),
    "letters and digits with nothing between": (
        [("TO2594H", "TO", "2594", "H")],
        [("ABC1XY", "ABC", "1", "XY"), ("12", "", "", "")],
    ),
    "humps of camel case": (
        [("IllumAssumenda", "Illum", "Assumenda")],
        [("QuiaNatusEt", "Quia", "NatusEt")],
    ),
    "marks with more blanks or fewer": (
        [("Kp  :  8.9l", "Kp", "  :  ", "8.9", "l"), ("bV    : 9.3m ", "bV", "    : ", "9.3", "m ")],
        [("7zK: 52.0G", "7zK", ": ", "52.0", "G")],
    ),
}


@pytest.mark.parametrize("kind", LINES)
def test_takes_a_line_apart(kind: str, runner: InProcessRunner) -> None:
    shown, unseen = LINES[kind]
    assert learned(runner, shown, unseen, outputs=len(shown[0]) - 1) == [row[1:] for row in unseen]
