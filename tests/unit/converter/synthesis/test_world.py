"""Names and codes that people expect to be known without a model, and what happens beyond their tables."""

import subprocess
import sys

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

# what -> (inputs, outputs, unseen input, its answer); the first letters would explain some of them wrongly
KNOWN = {
    "country to two letters": ("France|Italy|Norway", "FR|IT|NO", "Germany", "DE"),
    "two letters to country": ("FR|IT|NO", "France|Italy|Norway", "VN", "Vietnam"),
    "country to three letters": ("France|Italy|Japan", "FRA|ITA|JPN", "Switzerland", "CHE"),
    "three letters to two": ("AUS|AUT|CHE", "AU|AT|CH", "DEU", "DE"),
    "country in capitals": ("FRANCE|SPAIN|INDIA", "FR|ES|IN", "GERMANY", "DE"),
    "currency to its name": ("USD|CHF|SEK", "US Dollar|Swiss Franc|Swedish Krona", "INR", "Indian Rupee"),
    "currency to its sign": ("USD|EUR|GBP", "$|€|£", "INR", "₹"),
    "sign to currency": ("$|€|£", "USD|EUR|GBP", "₹", "INR"),
    "US state": ("Texas|Ohio|Maine", "TX|OH|ME", "California", "CA"),
    "Indian state": ("Kerala|Bihar|Goa", "KL|BR|GA", "Tamil Nadu", "TN"),
    "month to number": ("March|January|June", "3|1|6", "December", "12"),
    "weekday to its short name": ("Monday|Sunday|Friday", "Mon|Sun|Fri", "Thursday", "Thu"),
    "unit": ("kg|lb|oz", "kilogram|pound|ounce", "km", "kilometre"),
}


def learned(given: str, wanted: str, runner: InProcessRunner) -> LearnedProgram:
    rows = tuple((cell, str(n)) for n, cell in enumerate(given.split("|")))
    program = learn(Table(("it", "n"), rows), Table(("out",), tuple((c,) for c in wanted.split("|"))), runner=runner)
    assert program.status == "completed", program.sql
    return program


@pytest.mark.parametrize("what", KNOWN)
def test_a_few_pairs_are_enough_for_a_table_of_the_world(what: str, runner: InProcessRunner) -> None:
    given, wanted, unseen, answer = KNOWN[what]
    program = learned(given, wanted, runner)
    assert runner.run(program.sql, Table(("it", "n"), ((unseen, "9"),))).rows == ((answer,),)


def test_a_value_beyond_the_table_is_flagged_and_left_empty(runner: InProcessRunner) -> None:
    program = learned("France|Italy|Norway", "FR|IT|NO", runner)
    unseen = Table(("it", "n"), (("Atlantis", "1"), ("Spain", "2")))
    flagged = {
        row
        for guard in program.report.guards
        if guard.kind == "value_set"
        for row in runner.run(guard.sql, unseen).rows
    }
    assert flagged == {("1", "Atlantis")}
    assert runner.run(program.sql, unseen).rows == (("",), ("ES",))


def test_numbers_are_padded_and_not_looked_up(runner: InProcessRunner) -> None:
    program = learned("1|4|12", "01|04|12", runner)
    assert runner.run(program.sql, Table(("it", "n"), (("31", "9"),))).rows == (("31",),)


def test_tables_are_not_loaded_for_a_conversion_without_names() -> None:
    script = (
        "import sys\n"
        "from services.converter.domain.learning import learn\n"
        "from services.converter.domain.table import Table\n"
        "learn(Table(('a',), (('x-1',), ('y-2',), ('z-3',))), Table(('b',), (('1',), ('2',), ('3',))))\n"
        "print('pycountry' in sys.modules, 'babel' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=600)
    assert ran.stdout.split() == ["False", "False"]
