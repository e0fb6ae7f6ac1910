"""Answers and corrections as they are submitted, and what they make a lesson say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from services.common.errors import InvalidInput
from services.converter.domain.lessons import DROP, KEEP, LINES, is_of_table, order_of

Promote = Literal["auto", "ask"]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to a question of the report: one of a value, a candidate's place from 0, or whether the row goes."""

    question_id: str
    value: str | None = None
    candidate: int | None = None
    drop: bool | None = None


@dataclass(frozen=True, slots=True)
class Correction:
    """What becomes of a row of a file: a cell's value, or (without a column) whether the row goes."""

    file: str
    row: int
    column: str = ""
    value: str = ""
    drop: bool = False
    left: Mapping[str, Any] | None = None
    """What was left open of it, as a lesson has it (`domain.left_open`), instead of all that."""


@dataclass(frozen=True, slots=True)
class TeachingOrder:
    """Answers and corrections as they are submitted."""

    user_id: str
    job_id: str
    answers: Sequence[Answer] = ()
    corrections: Sequence[Correction] = ()
    promote: Promote = "auto"
    request_id: str = ""
    generation: int = 0
    """The generation whose questions are answered; 0: that of now."""
    samples: Mapping[str, str] = field(default_factory=dict)
    """Further inputs without an output, by name, to look at."""


@dataclass(frozen=True, slots=True)
class ExplainingOrder:
    """Output ``columns`` whose program is to be explained in words; none: all, as many as are explained at once."""

    user_id: str
    job_id: str
    columns: tuple[str, ...] = ()
    request_id: str = ""


def no_such_question(where: str) -> InvalidInput:
    return InvalidInput("the report has no such question", field=f"{where}.question_id", reason="QUESTION_NOT_FOUND")


def said_by(answer: Answer, question: Mapping[str, Any], where: str) -> dict[str, Any]:
    """What an answer makes a lesson say: its output, or that it is open still (`domain.left_open`)."""
    if answer.candidate is None:
        return {
            "output": row_word(answer.drop) if answer.drop is not None else output_of(answer.value, question, where)
        }
    candidates = question["candidates"]
    if answer.candidate >= len(candidates):
        raise InvalidInput(f"the question has {len(candidates)} candidates", field=f"{where}.candidate")
    picked = candidates[answer.candidate]
    # Questions of older reports offer values alone.
    says = picked.get("says", "value")
    if says == "value":
        return {"output": output_of(picked["value"], question, where)}
    offered = [each["value"] for each in candidates if each.get("says", "value") == "value"]
    left = {"kind": question["kind"], "column": question["column"], "not": offered if says == "none" else []}
    return {"open": left}


def output_of(value: str | None, question: Mapping[str, Any], where: str) -> Any:
    """A lesson's output of a value."""
    if question["column"]:
        return {question["column"]: value or ""}
    if is_of_table(question["kind"], question["column"]):
        return {LINES: (value or "").split("\n")}
    if question["kind"] == "which order" and order_of(value) is not None:
        return value
    if value not in (DROP, KEEP):
        raise InvalidInput(f'"{KEEP}" or "{DROP}" answers whether a row belongs', field=f"{where}.value")
    return value


def row_word(drop: bool) -> str:
    return DROP if drop else KEEP


def fields_of(order: TeachingOrder) -> dict[str, Any]:
    """An order as the idempotency key's body, without the key itself."""
    return {
        "user_id": order.user_id,
        "job_id": order.job_id,
        "answers": [[a.question_id, a.value, a.candidate, a.drop] for a in order.answers],
        "corrections": [
            [c.file, c.row, c.column, c.value, c.drop, *([c.left] if c.left else [])] for c in order.corrections
        ],
        "promote": order.promote,
        **({"generation": order.generation} if order.generation else {}),
        **({"samples": dict(order.samples)} if order.samples else {}),
    }
