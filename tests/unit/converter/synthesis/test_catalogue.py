"""Units are found by walking the package: a new one is one file, and is learned, lawful and catalogued by it."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from services.converter.domain.learned_program import LearnedProgram
from services.converter.domain.learning import learn
from services.converter.domain.synthesis import operators
from services.converter.domain.synthesis.asking import DONE
from services.converter.domain.synthesis.columns.guidance import guidance_of
from services.converter.domain.synthesis.language import CELL, Examples, Node
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.operators.witness import Role, places
from services.converter.domain.synthesis.prices import PRICES
from services.converter.domain.table import Table
from services.converter.language_page import page
from tests.unit.converter.synthesis.duck import InProcessRunner

TOY = '''
"""Rotation of letters by thirteen places."""

from codecs import encode
from dataclasses import dataclass

from services.converter.domain.synthesis.asking import ask
from services.converter.domain.synthesis.language import CELL, Expression
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes

PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Rotated(Expression):
    """The text with each letter moved by half of the alphabet."""

    source: Expression
    asks = (ask("rotat"),)

    def edges(self, rows):
        source = self.source.sql()
        yield self.check("shape", "note", "nothing is rotated", f"NOT regexp_matches({source}, '[A-Za-z]')")

    def run(self, record):
        text = self.source.run(record)
        return None if text is None else encode(text, "rot13")

    def sql(self):
        return f"translate({self.source.sql()}, '{PLAIN}', '{encode(PLAIN, 'rot13')}')"

    def words(self):
        return f"{self.source.words()} rotated"


def law():
    return (Rotated(CELL),)


@proposes(piece=15)
def witness(task, sources):
    for source, values in sources:
        texts = tuple(encode(value, "rot13") for value in values)
        if occurs(task, texts):
            yield Candidate(Rotated(source), texts)
'''


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[Node]]:
    """The package with one more file."""
    (tmp_path / "rotated.py").write_text(TOY, encoding="utf-8")
    monkeypatch.setattr(operators, "__path__", [*operators.__path__, str(tmp_path)])
    _forget()
    yield next(unit for unit in catalogue.units() if unit.__name__ == "Rotated")
    _forget()


def _forget() -> None:
    for found in vars(catalogue).values():
        if hasattr(found, "cache_clear"):
            found.cache_clear()


def _rotated(runner: InProcessRunner) -> LearnedProgram:
    names = ("Grace", "Alan", "Barbara", "Edsger")
    words = ("Tenpr", "Nyna", "Oneonen", "Rqftre")
    return learn(
        Table(("name",), tuple((name,) for name in names)),
        Table(("secret",), tuple((f"<{word}>",) for word in words)),
        runner=runner,
    )


def test_a_unit_of_one_file_is_learned(toy: type[Node], runner: InProcessRunner) -> None:
    program = _rotated(runner)
    assert program.status == "completed"
    assert "translate(name" in program.sql
    assert any(type(example) is toy for example in catalogue.law_examples())


@pytest.mark.usefixtures("toy")
def test_a_unit_of_one_file_is_proved_by_the_edges_that_it_states(runner: InProcessRunner) -> None:
    guard = next(guard for guard in _rotated(runner).report.guards if guard.words == "nothing is rotated")
    assert runner.run(guard.sql, Table(("name",), (("Grace",), ("42",)))).rows == (("2", "42"),)


@pytest.mark.usefixtures("toy")
def test_a_unit_of_one_file_is_documented() -> None:
    written = page().partition("### Rotated\n")[2].partition("\n### ")[0]
    assert written.startswith("The text with each letter moved by half of the alphabet.")
    assert "translate(a, " in written


def test_a_unit_of_one_file_is_asked_for_by_the_words_that_it_states(toy: type[Node]) -> None:
    task = Examples(("name",), [("Grace",)], ["Tenpr"], hint="rotated, please")
    assert guidance_of(task).bonus(toy(CELL)) == DONE  # type: ignore[call-arg,arg-type]


def _tested_classes(module: Path) -> Iterator[str]:
    """The names of classes that a module tests objects for."""
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.MatchClass):
            yield from (each.id for each in ast.walk(node.cls) if isinstance(each, ast.Name))
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id in ("isinstance", "issubclass"):
                yield from (each.id for each in ast.walk(node.args[1]) if isinstance(each, ast.Name))
        elif isinstance(node, ast.Compare) and "type(" in ast.unparse(node):
            yield from (each.id for each in ast.walk(node) if isinstance(each, ast.Name))


def _operators_in(module: Path) -> set[str]:
    """The names in a module that it has from the operators."""
    tree = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    imports = [node for node in tree if isinstance(node, ast.ImportFrom) and node.module]
    own = [node for node in imports if str(node.module).startswith(operators.__name__)]
    return {alias.asname or alias.name for node in own for alias in node.names}


def test_nothing_outside_the_operators_tests_for_one_of_them() -> None:
    package = Path(*operators.__name__.split("."))
    numbers = package / "number" / "number.py"  # where one operator does ask for another: the test can see it
    assert "ReadNumber" in _operators_in(numbers).intersection(_tested_classes(numbers))
    outside = [each for each in Path("services/converter").rglob("*.py") if package not in each.parents]
    tested = {str(module): sorted(_operators_in(module).intersection(_tested_classes(module))) for module in outside}
    assert {module: names for module, names in tested.items() if names} == {}


def test_operands_are_the_fields_that_hold_nodes() -> None:
    for example in catalogue.law_examples():
        slots = [getattr(example, name) for name in type(example).__dataclass_fields__]  # type: ignore[attr-defined]
        held = [node for slot in slots for node in (slot if isinstance(slot, tuple) else (slot,))]
        nodes = [node for node in held if isinstance(node, Node)]
        # The programs and conditions of a list's items read the item, and no column of the row.
        assert list(example.parts) == nodes[: len(example.parts)]
        assert example.parts or not nodes
        assert [*example.walk()] == [example, *(node for part in example.parts for node in part.walk())]


def test_every_role_has_witnesses_in_the_places_that_they_state() -> None:
    for role in get_args(Role):
        found = catalogue.witnesses(role)
        assert found
        stated = [places(witness)[role] for witness in found]
        assert stated == sorted(set(stated))


def test_the_table_of_prices_names_units_and_those_that_have_no_price_of_their_own() -> None:
    derived = {unit.__name__ for unit in catalogue.units() if "cost" not in _defined(unit)}
    assert set(PRICES) == derived


def _defined(unit: type[Node]) -> set[str]:
    """What a unit's own class statement defines: the derived cost is put on it when it is first asked for."""
    statement = ast.parse(textwrap.dedent(inspect.getsource(unit))).body[0]
    assert isinstance(statement, ast.ClassDef)
    return {each.name for each in statement.body if isinstance(each, ast.FunctionDef)}
