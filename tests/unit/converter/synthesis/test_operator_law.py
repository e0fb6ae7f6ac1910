"""The law of the language: what a unit means in Python is what its SQL means in DuckDB, on every input."""

import math
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from services.converter.domain.synthesis.language import Condition, Expression, Node, as_bits
from services.converter.domain.synthesis.operators.catalogue import law_examples, units
from services.converter.domain.synthesis.operators.number.values import Value
from tests.unit.converter.synthesis.lawful_input import Cells, records

MADE = 700
EXAMPLES = tuple(law_examples())


class Law:
    """The input, in Python and in DuckDB."""

    def __init__(self) -> None:
        self.records = records(MADE)
        self._connection = duckdb.connect(config={"threads": 1})
        self._connection.execute('CREATE TABLE law (n INTEGER, a VARCHAR, "b b" VARCHAR)')
        columns = [list(range(len(self.records))), *map(list, zip(*self.records, strict=True))]
        self._connection.execute("INSERT INTO law SELECT unnest(?), unnest(?), unnest(?)", columns)

    def of_python(self, node: Node) -> list[object]:
        """What the node means on every record."""
        if isinstance(node, Condition):
            return [node.holds(record) for record in self.records]
        return [node.run(record) for record in self.records]  # type: ignore[attr-defined]

    def of_duckdb(self, node: Node) -> list[object]:
        """What its SQL means on every record; a failure names the first record that it fails on."""
        sql = node.sql()
        try:
            found = [row[0] for row in self._connection.execute(f"SELECT {sql} FROM law ORDER BY n").fetchall()]
        except duckdb.Error:
            for n in range(len(self.records)):
                try:
                    self._connection.execute(f"SELECT {sql} FROM law WHERE n = {n}").fetchall()
                except duckdb.Error as error:
                    raise AssertionError(f"{node.words()} fails on {self.records[n]!r}: {error}\n{sql}") from None
            raise
        return [bool(value) for value in found] if isinstance(node, Condition) else found


@pytest.fixture(scope="module")
def law() -> Law:
    return Law()


def _is_same(have: object, want: object) -> bool:
    """Text to the character, amounts but for the last bits of figures computed as DOUBLE, days as midnights."""
    if isinstance(have, Decimal) and isinstance(want, Decimal | int):
        return abs(have - want) <= abs(have) * Decimal("1e-15")
    if isinstance(have, float) and isinstance(want, int | float) and not isinstance(want, bool):
        return math.isclose(have, want, rel_tol=1e-12, abs_tol=1e-12) or (math.isnan(have) and math.isnan(want))
    if isinstance(want, date) and not isinstance(want, datetime):
        want = datetime(want.year, want.month, want.day)  # noqa: DTZ001 - files carry local times
    return type(have) is type(want) and have == want


def _differences(node: Node, law: Law) -> Iterator[tuple[Cells, object, object]]:
    for record, have, want in zip(law.records, law.of_python(node), law.of_duckdb(node), strict=True):
        if not _is_same(have, want):
            yield record, have, want


@pytest.mark.parametrize("unit", units(), ids=lambda unit: unit.__name__)
def test_unit_means_the_same_in_python_and_in_duckdb(unit: type[Node], law: Law) -> None:
    examples = [example for example in EXAMPLES if type(example) is unit]
    assert examples, f"{unit.__name__} states no example of the law: add one to law() in {unit.__module__}"
    for example in examples:
        different = sorted(_differences(example, law), key=lambda found: len(repr(found)))
        shown = "\n".join(f"{record!r}: Python {have!r}, DuckDB {want!r}" for record, have, want in different[:5])
        assert not different, f"{example.words()} differs on {len(different)} records:\n{shown}\n{example.sql()}"


@pytest.mark.parametrize("node", EXAMPLES, ids=lambda node: node.words())
def test_rows_that_are_asked_together_answer_as_each_by_itself(node: Node, law: Law) -> None:
    if isinstance(node, Condition):
        assert node.held(law.records) == as_bits(node.holds(record) for record in law.records)
    elif isinstance(node, Expression | Value):
        assert [*node.run_all(law.records)] == [node.run(record) for record in law.records]


def test_every_unit_is_a_value_of_a_kind_that_the_law_knows() -> None:
    assert all(issubclass(unit, Expression | Condition) or hasattr(unit, "run") for unit in units())


@pytest.mark.parametrize("node", [e for e in EXAMPLES if isinstance(e, Expression) and e.holds_text], ids=repr)
def test_what_holds_its_text_has_all_of_its_words(node: Expression, law: Law) -> None:
    column = node.first_column
    for record in law.records:
        text, answer = column.run(record), node.run(record)
        if text is not None and answer is not None:
            assert Counter(_letters(text)) <= Counter(_letters(answer))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.upper().casefold()))
