"""Skills over whole grids: each learned from one small file, and right on a file of another width or length."""

import pytest

from services.converter.domain.learning import learn
from services.converter.domain.table import Table
from tests.unit.converter.synthesis.duck import InProcessRunner

# name: (input, expected, unseen input, its answer); "|" parts cells, a first line of "=" says that line 2 is a header
SKILLS = {
    "cells joined, however many": (
        "Ada|red|blue|green\nBob|black|white|grey", "Ada|red, blue, green\nBob|black, white, grey",
        "Cy|pink|cyan\nDi|gold|tan", "Cy|pink, cyan\nDi|gold, tan",
    ),
    "gaps filled down in every column": (
        "US|east|1\n||2\n|west|3\nUK|north|4\n||5", "US|east|1\nUS|east|2\nUS|west|3\nUK|north|4\nUK|north|5",
        "FR|a|x|1\n|b||2", "FR|a|x|1\nFR|b|x|2",
    ),
    "gaps filled from the left": (
        "a||b\nc||d\ne||f", "a|a|b\nc|c|d\ne|e|f", "x|y||z\nu||v|", "x|y|y|z\nu|u|v|v",
    ),
    "blank rows and columns left out": (
        "a||1|x\n||||\nb||2|y\n|||\nc||3|z", "a|1|x\nb|2|y\nc|3|z", "d|4|u\n||\ne|5|v", "d|4|u\ne|5|v",
    ),
    "a heading that is repeated": (
        "Day|Sum\nMon|1\nTue|2\n|\nDay|Sum\nWed|3\n|\nDay|Sum\nThu|4", "=\nDay|Sum\nMon|1\nTue|2\nWed|3\nThu|4",
        "Who|What|When\na|b|c\n||\nWho|What|When\nd|e|f", "=\nWho|What|When\na|b|c\nd|e|f",
    ),
    "a crossed table with as many headings as its corner": (
        "|x|x|y\n|p|q|p\nr1|1|2|3\nr2|4|5|6", "1|x|p|r1\n2|x|q|r1\n3|y|p|r1\n4|x|p|r2\n5|x|q|r2\n6|y|p|r2",
        "|u|v\ns|7|8", "7|u|s\n8|v|s",
    ),
    "everything in one row": ("1|2\n3|4\n5|6", "1|2|3|4|5|6", "7|8|9\n1|2|3", "7|8|9|1|2|3"),
    "keys that name the columns": (
        "name=Ada\nage=36\ntown=Leeds\nname=Bob\nage=40\ntown=York", "=\nname|age|town\nAda|36|Leeds\nBob|40|York",
        "id=7\nsum=9\nid=8\nsum=5\nid=3\nsum=1", "=\nid|sum\n7|9\n8|5\n3|1",
    ),
    "keys beside their values, records of any length": (
        "name|Ada\nage|36\ntown|Leeds\nname|Bob\ntown|York\nname|Cy\nage|40",
        "=\nname|age|town\nAda|36|Leeds\nBob||York\nCy|40|",
        "id|7\nsum|9\nid|8\nid|3\nsum|1", "=\nid|sum\n7|9\n8|\n3|1",
    ),
    "lines of a record behind a mark": (
        "*Ada\nLow St\nLeeds\n*Bob\nYork\n*Cy\nHigh St\nEly\nUK",
        "*Ada|Low St|Leeds|\n*Bob|York||\n*Cy|High St|Ely|UK",
        "*Di\nBath\n*Ed\nHull", "*Di|Bath\n*Ed|Hull",
    ),
    "groups named by their first row": (
        "Sulphur|kg|\nNorth||1\nSouth||2\nMercury|g|\nNorth||3\nSouth||4",
        "=\nwhat|unit|where|value\nSulphur|kg|North|1\nSulphur|kg|South|2\nMercury|g|North|3\nMercury|g|South|4",
        "Lead|mg|\nEast||5\nWest||6", "Lead|mg|East|5\nLead|mg|West|6",
    ),
    "a unit read from the heading": (
        "Day|Load, kg\nMon|1\nTue|2\nWed|3", "=\nday|load|unit\nMon|1|Load, kg\nTue|2|Load, kg\nWed|3|Load, kg",
        "Day|Load, lb\nThu|4", "Thu|4|Load, lb",
    ),
    "tables side by side": (
        "a|1||c|3||e|5\nb|2||d|4||f|6", "a|1\nb|2\nc|3\nd|4\ne|5\nf|6", "u|1||v|2", "u|1\nv|2",
    ),
}  # fmt: skip


def grid(text: str) -> Table:
    """A table without names, or with those of the line below "="."""
    lines = [tuple(line.split("|")) for line in text.removeprefix("=\n").split("\n")]
    if text.startswith("=\n"):
        return Table(lines[0], tuple(lines[1:]))
    return Table(None, tuple(lines))


@pytest.mark.parametrize("name", SKILLS)
def test_learns_what_holds_for_a_file_of_another_shape(name: str, runner: InProcessRunner) -> None:
    given, wanted, unseen, answer = SKILLS[name]
    program = learn(grid(given), grid(wanted), runner=runner)
    assert program.status == "completed", (program.sql, program.report.differences)
    expected = grid(answer)
    rows = [expected.header, *expected.rows] if expected.header else list(expected.rows)
    assert list(runner.run(program.sql, grid(unseen)).rows) == rows, program.sql
