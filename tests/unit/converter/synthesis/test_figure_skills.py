"""Values with a meaning: figures, phone numbers and names learned from a few rows, checked on unseen rows.

Each case: the input's columns and the output's name, the example's rows and outputs, unseen rows and their outputs.
"""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Case = tuple[str, str, str, str, str]

FIGURES: dict[str, Case] = {
    "quantity signed by the side": (
        "side|qty|note>quantity",
        "Buy|1.200|a\nSell|300|b\nBuy|50|c\nSell|10|a",
        "1200\n-300\n50\n-10",
        "Sell|2.500|c\nBuy|7|a",
        "-2500\n7",
    ),
    "amount negative for a kind of booking": (
        "kind|amount>amount",
        "Fee|12,50\nDividend|1.100,00\nFee|3,00\nInterest|0,75",
        "-12.50\n1100.00\n-3.00\n0.75",
        "Fee|1.000,25\nDividend|8,00",
        "-1000.25\n8.00",
    ),
    "US phones with country code to E164": (
        "phone>phone",
        "(212) 555-0182\n+1 415 555 0199\n1-646-555-0134",
        "+12125550182\n+14155550199\n+16465550134",
        "3125550101\n1 (718)555-0110",
        "+13125550101\n+17185550110",
    ),
    "US phones to national": (
        "phone>phone",
        "+12125550182\n415.555.0199\n1-646-555-0134",
        "(212) 555-0182\n(415) 555-0199\n(646) 555-0134",
        "3125550101\n1 (718)555-0110\n+1 718 555 0110",
        "(312) 555-0101\n(718) 555-0110\n(718) 555-0110",
    ),
    "ext dropped": (
        "phone>phone",
        "212-555-0182 x12\n(415) 555-0199\n646.555.0134 ext. 4",
        "(212) 555-0182\n(415) 555-0199\n(646) 555-0134",
        "312.555.0101\n718 555-0110 x9",
        "(312) 555-0101\n(718) 555-0110",
    ),
    "ext kept": (
        "phone>phone",
        "212-555-0182 x12\n(415) 555-0199 ext 7\n646.555.0134 ext. 4",
        "2125550182 x12\n4155550199 x7\n6465550134 x4",
        "312.555.0101 x99",
        "3125550101 x99",
    ),
    "german phones": (
        "a>out",
        "0049 30 123456\n+49 (0)89 98765\n030/555777",
        "+4930123456\n+498998765\n+4930555777",
        "0049 40 22334\n+49 (0)30 11111\n0221/998877",
        "+494022334\n+493011111\n+49221998877",
    ),
    "00 to plus": (
        "a>out",
        "0041 44 668 18 00\n0049-30-123456\n0033 1 42 68 53 00",
        "+41446681800\n+4930123456\n+33142685300",
        "0044 20 7946 0958",
        "+442079460958",
    ),
    "indian mobile mix": (
        "a>out",
        "9876543210\n+91 91234 56780\n08899776655",
        "+91-9876543210\n+91-9123456780\n+91-8899776655",
        "70012 34567\n+917777788888",
        "+91-7001234567\n+91-7777788888",
    ),
    "iban grouped": (
        "a>out",
        "DE89370400440532013000\nGB29NWBK60161331926819\nFR1420041010050500013M02606",
        ("DE89 3704 0044 0532 0130 00\nGB29 NWBK 6016 1331 9268 19\nFR14 2004 1010 0505 0001 3M02 606"),
        "CH9300762011623852957",
        "CH93 0076 2011 6238 5295 7",
    ),
    "last four digits behind a mask": (
        "card>card",
        "4111111111111111\n5500000000000004\n4012888888881881",
        "**** **** **** 1111\n**** **** **** 0004\n**** **** **** 1881",
        "6011000990139424",
        "**** **** **** 9424",
    ),
    "card grouped": (
        "a>out",
        "4111111111111111\n5500000000000004\n4012888888881881",
        "4111 1111 1111 1111\n5500 0000 0000 0004\n4012 8888 8888 1881",
        "6011000990139424",
        "6011 0009 9013 9424",
    ),
    "number from one row": ("a>out", "000817680", "000-81-7680", "000205588\n000449775", "000-20-5588\n000-44-9775"),
    "sort code": (
        "a>out",
        "601613\n20 00 00\n40-47-84",
        "60-16-13\n20-00-00\n40-47-84",
        "309634\n11 22 33",
        "30-96-34\n11-22-33",
    ),
    "k, m, bn out trimmed": (
        "a>out",
        "1500\n2300000\n4100000000\n2000",
        "1.5k\n2.3m\n4.1bn\n2k",
        "75000\n120000000",
        "75k\n120m",
    ),
    "lakh crore out": (
        "a>out",
        "150000\n23000000\n410000",
        "1.5 lakh\n2.3 crore\n4.1 lakh",
        "7500000\n120000000",
        "75 lakh\n12 crore",
    ),
    "paren negative out": (
        "a>out",
        "-1234.5\n200\n-3.1\n55.25",
        "(1,234.50)\n200.00\n(3.10)\n55.25",
        "-5000000\n1000000",
        "(5,000,000.00)\n1,000,000.00",
    ),
    "DR CR in": (
        "a>out",
        "1,234.50 DR\n200.00 CR\n3.10 DR",
        "-1234.50\n200.00\n-3.10",
        "5,000.00 CR\n5,000.00 DR",
        "5000.00\n-5000.00",
    ),
    "DR CR out": (
        "a>out",
        "-1234.50\n200.00\n-3.10",
        "1,234.50 DR\n200.00 CR\n3.10 DR",
        "5000.00\n-5000.00",
        "5,000.00 CR\n5,000.00 DR",
    ),
    "swiss out": ("a>out", "1234.5\n12\n1000000.25", "1'234.50\n12.00\n1'000'000.25", "7654.32", "7'654.32"),
    "signed percent": (
        "a>out",
        "0.125\n-0.032\n0.075\n-0.08",
        "+12.5%\n-3.2%\n+7.5%\n-8.0%",
        "-0.01\n0.044",
        "-1.0%\n+4.4%",
    ),
    "decimal to fraction": ("a>out", "0.5\n0.75\n0.125", "1/2\n3/4\n1/8", "0.625\n0.2", "5/8\n1/5"),
    "32nds": ("a>out", "99-16\n101-08\n100-24", "99.5\n101.25\n100.75", "98-20", "98.625"),
    "feet inches to cm": ("a>out", "5'11\"\n6'0\"\n5'4\"", "180.3\n182.9\n162.6", "5'9\"", "175.3"),
    "bytes out 1dp": (
        "a>out",
        "1536\n1572864\n5368709120",
        "1.5 KB\n1.5 MB\n5.0 GB",
        "2097152\n3276",
        "2.0 MB\n3.2 KB",
    ),
    "blank aligned 1": ("a>out", "1.2\n18\n3.4", "1.2 \n18.  \n3.4 ", "1.82\n7", "1.82\n7.  "),
    "right aligned 2dp": (
        "a>out",
        "1.2\n18\n345.678",
        "    1.20\n   18.00\n  345.68",
        "1.82\n1234.5",
        "    1.82\n 1234.50",
    ),
    "ordinal numbers": ("a>out", "1\n2\n3\n11", "1st\n2nd\n3rd\n11th", "22\n113\n4", "22nd\n113th\n4th"),
    "time duration seconds to hms": (
        "a>out",
        "3661\n59\n7322",
        "01:01:01\n00:00:59\n02:02:02",
        "86399\n90000",
        "23:59:59\n25:00:00",
    ),
    "h m to minutes optional": ("a>out", "1h 15m\n2h\n59m", "75\n120\n59", "10h 5m\n3h\n7m", "605\n180\n7"),
    "iso duration to minutes": ("a>out", "PT1H30M\nPT45M\nPT2H", "90\n45\n120", "PT3H5M", "185"),
    "tenor to months": ("a>out", "6M\n1Y\n18M\n2Y", "6\n12\n18\n24", "3M\n10Y", "3\n120"),
    "tenor to days": ("a>out", "1W\n1M\n1Y\n2W", "7\n30\n360\n14", "3M\n5Y", "90\n1800"),
}

NAMES: dict[str, Case] = {
    "country to currency": (
        "country>currency",
        "United States\nGermany\nJapan",
        "USD\nEUR\nJPY",
        "United Kingdom\nIndia",
        "GBP\nINR",
    ),
    "alpha2 to calling code": ("a>out", "US\nDE\nJP", "1\n49\n81", "GB\nIN", "44\n91"),
    "country to continent": (
        "a>out",
        "France\nJapan\nBrazil\nKenya",
        "Europe\nAsia\nSouth America\nAfrica",
        "Germany\nIndia\nEgypt",
        "Europe\nAsia\nAfrica",
    ),
    "country alias": ("a>out", "USA\nUK\nGermany\nJapan", "US\nGB\nDE\nJP", "South Korea\nUAE\nRussia", "KR\nAE\nRU"),
    "german country": (
        "a>out",
        "Deutschland\nSchweiz\nÖsterreich\nFrankreich",
        "DE\nCH\nAT\nFR",
        "Italien\nSpanien",
        "IT\nES",
    ),
    "german country to english": (
        "a>out",
        "Deutschland\nSchweiz\nFrankreich",
        "Germany\nSwitzerland\nFrance",
        "Italien\nSpanien",
        "Italy\nSpain",
    ),
    "canadian province": ("a>out", "Ontario\nQuebec\nAlberta", "ON\nQC\nAB", "Manitoba\nBritish Columbia", "MB\nBC"),
    "australian state": ("a>out", "New South Wales\nVictoria\nQueensland", "NSW\nVIC\nQLD", "Tasmania", "TAS"),
    "us state embedded": (
        "a>out",
        "Austin, TX\nColumbus, OH\nPortland, ME",
        "Texas\nOhio\nMaine",
        "Albany, NY",
        "New York",
    ),
    "us state embedded 2": (
        "a>out",
        "Austin, Texas\nColumbus, Ohio\nPortland, Maine",
        "Austin, TX\nColumbus, OH\nPortland, ME",
        "Albany, New York",
        "Albany, NY",
    ),
    "country embedded": (
        "a>out",
        "Paris, France\nRome, Italy\nOslo, Norway",
        "FR\nIT\nNO",
        "Berlin, Germany\nBern, Switzerland",
        "DE\nCH",
    ),
    "isin country": (
        "a>out",
        "US0378331005\nDE0007164600\nFR0000120271",
        "United States\nGermany\nFrance",
        "GB0002634946\nJP3633400001",
        "United Kingdom\nJapan",
    ),
    "mic": ("a>out", "NYSE\nNASDAQ\nLSE", "XNYS\nXNAS\nXLON", "TSE", "XTKS"),
    "currency symbol in code": ("a>out", "A$\nC$\nHK$", "AUD\nCAD\nHKD", "NZ$", "NZD"),
    "language codes": ("a>out", "English\nGerman\nFrench", "en\nde\nfr", "Spanish\nItalian", "es\nit"),
    "language codes back": ("a>out", "en\nde\nfr", "English\nGerman\nFrench", "es\nja", "Spanish\nJapanese"),
    "currency sign to code with amount": (
        "a>out",
        "$1,200.50\n€300.00\n£45.10",
        "USD 1200.50\nEUR 300.00\nGBP 45.10",
        "¥7000.00\n$5.00",
        "JPY 7000.00\nUSD 5.00",
    ),
    "code to sign with amount": (
        "a>out",
        "USD 1200.50\nEUR 300.00\nGBP 45.10",
        "$1,200.50\n€300.00\n£45.10",
        "INR 7000.00\nUSD 5.00",
        "₹7,000.00\n$5.00",
    ),
    "two columns to money": (
        "amount|ccy>money",
        "1200.5|USD\n300|EUR\n45.1|GBP",
        "$1,200.50\n€300.00\n£45.10",
        "7000|INR\n5|USD",
        "₹7,000.00\n$5.00",
    ),
    "german weekday": ("a>out", "Montag\nFreitag\nSonntag", "Monday\nFriday\nSunday", "Mittwoch", "Wednesday"),
    "futures month letter": (
        "expiry>code",
        "2024-03\n2023-12\n2024-06\n2024-09",
        "H24\nZ23\nM24\nU24",
        "2025-03",
        "H25",
    ),
}

SKILLS = FIGURES | NAMES


@pytest.mark.parametrize("skill", SKILLS)
def test_learns_figures_and_names_that_hold_on_new_rows(skill: str, runner: InProcessRunner) -> None:
    names, given, wanted, unseen, answers = SKILLS[skill]
    columns, _, target = names.partition(">")
    header = tuple(columns.split("|"))
    rows, others = (tuple(tuple(line.split("|")) for line in text.split("\n")) for text in (given, unseen))
    outputs = Table((target,), tuple((line,) for line in wanted.split("\n")))
    program = learn(Table(header, rows), outputs, runner=runner)
    assert program.status == "completed", program.sql
    found = runner.run(program.sql, Table(header, others)).rows
    assert found == tuple((line,) for line in answers.split("\n")), program.sql
