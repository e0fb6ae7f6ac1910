"""Values with a meaning: dates, times and zones learned from a few rows, checked on rows that were not shown.

Each case: the input's columns and the output's name, the example's rows and outputs, unseen rows and their outputs.
"""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Case = tuple[str, str, str, str, str]

SKILLS: dict[str, Case] = {
    "buckets of maturities": (
        "bond|maturity>bucket",
        "A|2027-05-01\nB|2031-01-15\nC|2045-07-01\nD|2028-12-31\nE|2039-01-01\nF|2033-06-30",
        "short\nmedium\nlong\nshort\nlong\nmedium",
        "G|2026-01-01\nH|2050-01-01\nI|2032-02-29",
        "short\nlong\nmedium",
    ),
    "weekend": (
        "day>open",
        "2024-01-06\n2024-01-08\n2024-01-09\n2024-01-07\n2024-01-12",
        "no\nyes\nyes\nno\nyes",
        "2024-01-13\n2024-01-11\n2024-02-18",
        "no\nyes\nno",
    ),
    "time of day": (
        "at>part",
        "08:15\n13:20\n19:45\n10:00\n16:59\n22:10",
        "morning\nafternoon\nevening\nmorning\nafternoon\nevening",
        "09:15\n12:30\n18:45",
        "morning\nafternoon\nevening",
    ),
    "which weekday of the month": (
        "a>out",
        "17 Dec 1973\n15 Aug 1947\n10 Jan 1975",
        "Monday #3 December 1973\nFriday #3 August 1947\nFriday #2 January 1975",
        "05 Jun 2016\n12 Dec 2002",
        "Sunday #1 June 2016\nThursday #2 December 2002",
    ),
    "third Friday": (
        "expiry>rule",
        "2024-03-15\n2024-06-05\n2024-09-28",
        "3rd Friday of March\n1st Wednesday of June\n4th Saturday of September",
        "2024-12-20\n2025-01-10",
        "3rd Friday of December\n2nd Friday of January",
    ),
    "offset to UTC": (
        "a>out",
        "2024-03-01T09:30:00+05:30\n2023-12-31T23:59:59-05:00\n2024-07-15T01:00:10+02:00",
        "2024-03-01 04:00:00\n2024-01-01 04:59:59\n2024-07-14 23:00:10",
        "2022-01-02T03:04:05+01:00\n2022-06-02T03:04:05-08:00",
        "2022-01-02 02:04:05\n2022-06-02 11:04:05",
    ),
    "offset to UTC Z": (
        "a>out",
        "2024-03-01T09:30:00+05:30\n2023-12-31T23:59:59-05:00\n2024-07-15T01:00:10+02:00",
        "2024-03-01T04:00:00Z\n2024-01-01T04:59:59Z\n2024-07-14T23:00:10Z",
        "2022-01-02T03:04:05+01:00\n2022-06-02T03:04:05Z",
        "2022-01-02T02:04:05Z\n2022-06-02T03:04:05Z",
    ),
    "London to NY (DST)": (
        "London time>New York time",
        "2024-03-01 09:30\n2024-03-20 12:00\n2024-07-15 18:45\n2024-11-01 10:00",
        "2024-03-01 04:30\n2024-03-20 08:00\n2024-07-15 13:45\n2024-11-01 06:00",
        "2024-12-05 14:30\n2024-03-12 15:00",
        "2024-12-05 09:30\n2024-03-12 11:00",
    ),
    "UTC to Frankfurt (DST)": (
        "utc>local",
        "2024-01-10 08:00:00\n2024-07-10 08:00:00\n2024-12-31 23:30:00",
        "10.01.2024 09:00\n10.07.2024 10:00\n01.01.2025 00:30",
        "2024-08-01 22:15:00\n2023-02-01 10:00:00",
        "02.08.2024 00:15\n01.02.2023 11:00",
    ),
    "abbrev trailing to UTC": (
        "a>out",
        "2024-01-05 09:30 EST\n2024-01-08 10:00 CET\n2024-02-01 16:15 PST",
        "2024-01-05 14:30\n2024-01-08 09:00\n2024-02-02 00:15",
        "2024-03-01 12:00 IST\n2024-07-01 12:00 EDT",
        "2024-03-01 06:30\n2024-07-01 16:00",
    ),
    "zone abbreviation to UTC": (
        "a>out",
        "09:30 EST 2024-01-05\n10:00 CET 2024-01-08\n16:15 PST 2024-02-01",
        "14:30 UTC 2024-01-05\n09:00 UTC 2024-01-08\n00:15 UTC 2024-02-02",
        "12:00 EST 2024-03-01\n08:00 JST 2024-03-02",
        "17:00 UTC 2024-03-01\n23:00 UTC 2024-03-01",
    ),
    "epoch s to date": (
        "a>out",
        "1709285400\n1704067199\n1721001610",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "1641092645",
        "2022-01-02",
    ),
    "epoch ms to iso": (
        "a>out",
        "1709285400000\n1704067199000\n1721001610000",
        "2024-03-01T09:30:00Z\n2023-12-31T23:59:59Z\n2024-07-15T00:00:10Z",
        "1641092645000",
        "2022-01-02T03:04:05Z",
    ),
    "epoch ms of date": (
        "a>out",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "1709251200000\n1703980800000\n1721001600000",
        "2022-01-02",
        "1641081600000",
    ),
    "excel serial to date": (
        "a>out",
        "45352\n45291\n45488",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "44563",
        "2022-01-02",
    ),
    "date to excel serial": (
        "a>out",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "45352\n45291\n45488",
        "2022-01-02",
        "44563",
    ),
    "fiscal quarter april": (
        "a>out",
        "2024-04-01\n2023-12-31\n2024-07-15\n2024-02-01",
        "Q1 FY25\nQ3 FY24\nQ2 FY25\nQ4 FY24",
        "2022-05-02\n2022-01-02",
        "Q1 FY23\nQ4 FY22",
    ),
    "fiscal year april": (
        "a>out",
        "2024-04-01\n2023-12-31\n2024-07-15\n2024-02-01",
        "FY2024-25\nFY2023-24\nFY2024-25\nFY2023-24",
        "2022-05-02\n2022-01-02",
        "FY2022-23\nFY2021-22",
    ),
    "fiscal year oct": (
        "a>out",
        "2024-10-01\n2023-12-31\n2024-07-15\n2024-02-01",
        "FY2025\nFY2024\nFY2024\nFY2024",
        "2022-11-02\n2022-01-02",
        "FY2023\nFY2022",
    ),
    "quarter to end date": (
        "a>out",
        "Q1 2024\nQ4 2023\nQ3 2024",
        "2024-03-31\n2023-12-31\n2024-09-30",
        "Q2 2022",
        "2022-06-30",
    ),
    "quarter to start date": (
        "a>out",
        "2024Q1\n2023Q4\n2024Q3",
        "2024-01-01\n2023-10-01\n2024-07-01",
        "2022Q2",
        "2022-04-01",
    ),
    "month end": (
        "a>out",
        "2024-02-11\n2023-12-31\n2024-07-15",
        "2024-02-29\n2023-12-31\n2024-07-31",
        "2023-02-02",
        "2023-02-28",
    ),
    "quarter end of date": (
        "a>out",
        "2024-02-11\n2023-12-31\n2024-07-15",
        "31.03.2024\n31.12.2023\n30.09.2024",
        "2023-05-02",
        "30.06.2023",
    ),
    "month end of period": (
        "a>out",
        "2024-02\n2023-12\n2024-07",
        "2024-02-29\n2023-12-31\n2024-07-31",
        "2023-02",
        "2023-02-28",
    ),
    "iso week": (
        "a>out",
        "2024-03-01\n2023-12-31\n2024-07-15\n2024-12-30",
        "2024-W09\n2023-W52\n2024-W29\n2025-W01",
        "2022-01-02\n2022-02-02",
        "2021-W52\n2022-W05",
    ),
    "week start": (
        "a>out",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "2024-02-26\n2023-12-25\n2024-07-15",
        "2022-01-02",
        "2021-12-27",
    ),
    "ordinal in 2": (
        "a>out",
        "1st March 2024\n31st December 2023\n15th July 2024",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "2nd January 2022\n23rd June 2022",
        "2022-01-02\n2022-06-23",
    ),
    "dotted ampm in": ("a>out", "9:30 a.m.\n11:59 p.m.\n12:10 a.m.", "09:30\n23:59\n00:10", "3:04 p.m.", "15:04"),
    "dotted ampm out": ("a>out", "09:30\n23:59\n00:10", "9:30 a.m.\n11:59 p.m.\n12:10 a.m.", "15:04", "3:04 p.m."),
    "german with dot": (
        "a>out",
        "1. März 2024\n31. Dezember 2023\n15. Juli 2024",
        "01.03.2024\n31.12.2023\n15.07.2024",
        "2. Januar 2022",
        "02.01.2022",
    ),
    "french months": (
        "a>out",
        "1 mars 2024\n31 décembre 2023\n15 juillet 2024",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "2 février 2022\n2 août 2022",
        "2022-02-02\n2022-08-02",
    ),
    "spanish months": (
        "a>out",
        "1 de marzo de 2024\n31 de diciembre de 2023\n15 de julio de 2024",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "2 de enero de 2022",
        "2022-01-02",
    ),
    "german months out": (
        "a>out",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "1. März 2024\n31. Dezember 2023\n15. Juli 2024",
        "2022-01-02",
        "2. Januar 2022",
    ),
    "french months out": (
        "a>out",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "1 mars 2024\n31 décembre 2023\n15 juillet 2024",
        "2022-02-02",
        "2 février 2022",
    ),
    "age on a date": (
        "born|as_of>age",
        "1980-05-10|2024-03-01\n1955-12-31|2024-03-01\n2001-03-01|2024-03-01",
        "43\n68\n23",
        "1990-03-02|2024-03-01\n1970-01-01|2023-01-01",
        "33\n53",
    ),
    "days between mixed": (
        "from|to>days",
        "01/03/2024|15-Mar-2024\n31/12/2023|10-Jan-2024\n15/07/2024|15-Sep-2024",
        "14\n10\n62",
        "02/01/2022|25-Dec-2022",
        "357",
    ),
    "months between": (
        "from|to>months",
        "2024-03-01|2024-06-01\n2023-12-15|2024-12-15\n2024-07-01|2024-09-01",
        "3\n12\n2",
        "2022-01-01|2024-03-01",
        "26",
    ),
    "minutes between": (
        "start|end>minutes",
        ("2024-03-01 09:00|2024-03-01 09:45\n2024-03-01 23:50|2024-03-02 00:10\n2024-03-03 10:00|2024-03-03 12:00"),
        "45\n20\n120",
        "2024-03-04 08:00|2024-03-05 08:01",
        "1441",
    ),
    "maturity date add months": (
        "start|months>maturity",
        "2024-03-01|6\n2023-12-15|12\n2024-01-31|1",
        "2024-09-01\n2024-12-15\n2024-02-29",
        "2022-05-31|3\n2022-08-31|6",
        "2022-08-31\n2023-02-28",
    ),
    "add years": (
        "issue|years>maturity",
        "2024-03-01|5\n2023-12-15|10\n2024-02-29|1",
        "2029-03-01\n2033-12-15\n2025-02-28",
        "2022-05-31|30",
        "2052-05-31",
    ),
    "add days column": (
        "issue|days>maturity",
        "2024-03-01|30\n2023-12-15|90\n2024-02-29|1",
        "2024-03-31\n2024-03-14\n2024-03-01",
        "2022-05-31|60",
        "2022-07-30",
    ),
    "one year later": (
        "a>out",
        "2024-03-01\n2023-12-15\n2022-06-30",
        "2025-03-01\n2024-12-15\n2023-06-30",
        "2021-05-31\n2024-02-29",
        "2022-05-31\n2025-02-28",
    ),
    "two working days later": (
        "trade date>settlement date",
        "2024-03-01\n2024-03-04\n2024-03-07\n2024-03-08",
        "2024-03-05\n2024-03-06\n2024-03-11\n2024-03-12",
        "2024-03-13\n2024-03-14",
        "2024-03-15\n2024-03-18",
    ),
    "next business day": (
        "a>out",
        "2024-03-01\n2024-03-04\n2024-03-07",
        "2024-03-04\n2024-03-05\n2024-03-08",
        "2024-03-08\n2024-03-09",
        "2024-03-11\n2024-03-11",
    ),
    "julian in": ("a>out", "2024061\n2023365\n2024197", "2024-03-01\n2023-12-31\n2024-07-15", "2022002", "2022-01-02"),
    "previous month end": (
        "a>out",
        "2024-03-11\n2023-12-31\n2024-07-15",
        "2024-02-29\n2023-11-30\n2024-06-30",
        "2023-03-02\n2024-01-15",
        "2023-02-28\n2023-12-31",
    ),
    "first of next month": (
        "a>out",
        "2024-03-11\n2023-12-31\n2024-07-15",
        "2024-04-01\n2024-01-01\n2024-08-01",
        "2023-02-02",
        "2023-03-01",
    ),
    "sept": (
        "a>out",
        "5 Sept 2024\n31 Dec 2023\n15 Sept 2024",
        "2024-09-05\n2023-12-31\n2024-09-15",
        "2 Jan 2022\n2 Sept 2022",
        "2022-01-02\n2022-09-02",
    ),
    "days in month": ("a>out", "2024-02-11\n2023-12-31\n2022-06-15", "29\n31\n30", "2021-02-02", "28"),
    "accrual act/360": (
        "notional|from|to|rate>interest",
        ("1000000|2024-03-01|2024-03-31|0.036\n500000|2024-01-01|2024-07-01|0.02\n250000|2023-12-31|2024-03-31|0.05"),
        "3000.00\n5055.56\n3159.72",
        "1000000|2024-06-01|2024-06-11|0.05",
        "1388.89",
    ),
}


@pytest.mark.parametrize("skill", SKILLS)
def test_learns_dates_and_times_that_hold_on_new_rows(skill: str, runner: InProcessRunner) -> None:
    names, given, wanted, unseen, answers = SKILLS[skill]
    columns, _, target = names.partition(">")
    header = tuple(columns.split("|"))
    rows, others = (tuple(tuple(line.split("|")) for line in text.split("\n")) for text in (given, unseen))
    outputs = Table((target,), tuple((line,) for line in wanted.split("\n")))
    program = learn(Table(header, rows), outputs, runner=runner)
    assert program.status == "completed", program.sql
    found = runner.run(program.sql, Table(header, others)).rows
    assert found == tuple((line,) for line in answers.split("\n")), program.sql
