"""What a step decides and an example may leave open is named by the step, and becomes a rival where it is."""

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.synthesis.proof.confidence import OPEN_BITS, READ_OTHERWISE
from services.converter.domain.synthesis.rows.algebra import Step
from services.converter.domain.synthesis.rows.catalogue import steps
from services.converter.domain.table import Row, Table

LAWFUL = [step for kind in steps() for step in kind.law()]
SIDE_BY_SIDE = (
    ("name", "fee", "name", "fee"),
    ("Ann", "7", "Bob", "4"),
)


def learned(given: tuple[Row, ...], wanted: tuple[Row, ...]) -> LearnedProgram:
    """From a grid without names."""
    names = (
        tuple(f"col{n}" for n in range(1, len(given[0]) + 1)),
        tuple(f"col{n}" for n in range(1, len(wanted[0]) + 1)),
    )
    program = learn(Table(names[0], given), Table(names[1], wanted))
    assert program.status == "completed"
    return program


@pytest.mark.parametrize("step", LAWFUL, ids=lambda step: type(step).__name__)
def test_a_step_read_otherwise_is_another_step_of_its_kind(step: Step) -> None:
    readings = list(step.otherwise())
    assert step not in readings
    assert {type(reading) for reading in readings} <= {type(step)}


def test_one_line_of_groups_leaves_their_order_open() -> None:
    program = learned(SIDE_BY_SIDE, (("name", "fee"), ("Ann", "7"), ("Bob", "4")))
    assert any(
        "column by column" in rival.words and rival.distance <= OPEN_BITS + READ_OTHERWISE
        for rival in program.report.rivals
    )


def test_two_lines_of_groups_show_their_order() -> None:
    given = (*SIDE_BY_SIDE, ("Cy", "3", "Di", "2"))
    program = learned(given, (("name", "fee"), ("Ann", "7"), ("Bob", "4"), ("Cy", "3"), ("Di", "2")))
    assert not any("column by column" in rival.words for rival in program.report.rivals)


def test_a_block_that_stands_alone_may_be_one_of_several() -> None:
    block = (("Ann", "Bob", "Cy"), ("Bern", "Chur", "Jena"), ("7", "4", "5"), ("gold", "plus", "basic"))
    program = learned(block, tuple(zip(*block, strict=True)))
    assert any(
        "every 4 lines" in rival.words and rival.distance > OPEN_BITS + READ_OTHERWISE
        for rival in program.report.rivals
    )
