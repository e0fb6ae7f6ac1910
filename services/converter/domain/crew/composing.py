"""Rules for single columns, put into the program that synthesis found for the others."""

from collections.abc import Mapping
from typing import Any

from services.converter.domain.crew.answers import AnswerMalformed, Code
from services.converter.domain.synthesis.sqltext import identifier
from services.converter.domain.table import Row

_EMPTY = "''"


def compose(code: Code, former: str, report: Mapping[str, Any], names: Row, *, partly: bool = False) -> str:
    """The whole SELECT of an answer: its own, or ``former`` with its rules in the place of the columns they are for.

    ``partly`` leaves columns without a rule empty. Raises `AnswerMalformed` where rules leave a column open otherwise,
    or where synthesis has no rows to put them into.
    """
    if code.sql:
        return code.sql
    known = {name.casefold(): name for name in names}
    rules = {known[name.casefold()]: rule for name, rule in code.rules if name.casefold() in known}
    solved = {str(c["name"]): str(c["expression"]) for c in report["columns"] if c["how"] != "open" and c["expression"]}
    missing = [name for name in names if name not in rules and name not in solved]
    if missing and not partly:
        raise AnswerMalformed(f"there is no rule for {', '.join(missing)}, nor a whole SELECT")
    head, tail = _frame(former)
    items = [f"    {rules.get(name) or solved.get(name, _EMPTY)} AS {identifier(name)}" for name in names]
    return "\n".join([*head, "SELECT", ",\n".join(items), *tail])


def _frame(program: str) -> tuple[list[str], list[str]]:
    """What stands before and after the list of columns of a program that synthesis wrote."""
    lines = program.rstrip().split("\n")
    starts = [place for place, line in enumerate(lines) if line == "SELECT"]
    ends = [place for place, line in enumerate(lines) if line.startswith("FROM ")]
    if not starts or not ends or ends[-1] < starts[-1]:
        raise AnswerMalformed(
            "the program that was found so far has no columns to put rules into: write a whole SELECT"
        )
    return lines[: starts[-1]], lines[ends[-1] :]
