"""Values with a meaning: dates, times and zones learned from a few rows, checked on rows that were not shown.

Each case: the input's columns and the output's name, the example's rows and outputs, unseen rows and their outputs.
"""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

Case = tuple[str, str, str, str, str]

SKILLS: dict[str, Case] = {
    "ordinal in 2": (
        "a>out",
        "1st March 2024\n31st December 2023\n15th July 2024",
        "2024-03-01\n2023-12-31\n2024-07-15",
        "2nd January 2022\n23rd June 2022",
        "2022-01-02\n2022-06-23",
    ),
    "dotted ampm in": ("a>out", "9:30 a.m.\n11:59 p.m.\n12:10 a.m.", "09:30\n23:59\n00:10", "3:04 p.m.", "15:04"),
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
    "sept": (
        "a>out",
        "5 Sept 2024\n31 Dec 2023\n15 Sept 2024",
        "2024-09-05\n2023-12-31\n2024-09-15",
        "2 Jan 2022\n2 Sept 2022",
        "2022-01-02\n2022-09-02",
    ),
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
