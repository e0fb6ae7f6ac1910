"""Every number that the converter keeps as a constant of a module says beside it what it is, or what it rests on; and
every function that is longer than a page says why."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import services.converter

PAGE = 60
"""Lines that are read at a glance. That no function branches too often, ruff holds."""
WHY = "# Longer than a page"
ROOT = Path(services.converter.__file__).parent
MODULES = sorted(ROOT.rglob("*.py"))


def is_number(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return isinstance(value.value, int | float) and not isinstance(value.value, bool)
    if isinstance(value, ast.UnaryOp):
        return is_number(value.operand)
    if isinstance(value, ast.BinOp):
        return is_number(value.left) and is_number(value.right)
    return isinstance(value, ast.Tuple) and bool(value.elts) and all(map(is_number, value.elts))


def is_assignment(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign | ast.AnnAssign)


def is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def unexplained(source: str) -> Iterator[str]:
    """The constants that no text or comment stands beside: behind or above a run of lines without a gap, or in it."""
    lines, body = source.split("\n"), ast.parse(source).body

    def is_explained(place: int) -> bool:
        end = place
        while end + 1 < len(body) and body[end + 1].lineno == (body[end].end_lineno or 0) + 1:
            end += 1
            if is_text(body[end]):
                return True
            if not is_assignment(body[end]):
                break
        first = place
        while first and is_assignment(body[first - 1]) and body[first - 1].end_lineno == body[first].lineno - 1:
            first -= 1
        above = lines[body[first].lineno - 2].lstrip() if body[first].lineno > 1 else ""
        return above.startswith("#") or "#" in lines[(body[place].end_lineno or 1) - 1]

    for place, node in enumerate(body):
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if value is not None and is_number(value) and not is_explained(place):
            yield f"line {node.lineno}: {ast.unparse(node)}"


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_constant_has_its_reason_beside_it(module: Path) -> None:
    assert not list(unexplained(module.read_text(encoding="utf-8")))


def test_a_number_without_words_is_found() -> None:
    source = (
        'A = 1\n"""Why."""\nB = 2\n\n# Why.\nC, D = 3, 4\n\nE = 5  # why\nF: int = 6 << 20\n\n\ndef f() -> None: ...\n'
    )
    assert list(unexplained(source)) == ["line 3: B = 2", "line 9: F: int = 6 << 20"]


def long_functions(source: str) -> Iterator[str]:
    """The functions of more lines than a page without the reason above them."""
    lines = source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (node.end_lineno or 0) - node.lineno >= PAGE:
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            if not lines[first - 2].lstrip().startswith(WHY):
                yield node.name


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_function_that_is_longer_than_a_page_says_why(module: Path) -> None:
    assert not list(long_functions(module.read_text(encoding="utf-8")))
