"""What agents must answer, checked field by field: an answer is text from outside like any other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.converter.domain.faults import ConverterFault

MAX_SQL_CHARS = 64_000
MAX_TEXT_CHARS = 4_000
MAX_ENTRIES = 200


class AnswerMalformed(ConverterFault):
    """An agent's answer is not what it was asked for; the message is fed back to it."""

    default_reason = "ANSWER_MALFORMED"


@dataclass(frozen=True, slots=True)
class Plan:
    """The Planner's answer: an approach to rows, and a rule in words for each open column."""

    approach: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The Coder's answer: one SELECT, and in words what it does for each column that it made."""

    sql: str
    columns: tuple[tuple[str, str], ...] = ()


def read_plan(answer: Any) -> Plan:
    """Raises `AnswerMalformed` with the field that is wrong."""
    fields = _mapping(answer)
    return Plan(_text(fields, "approach", MAX_TEXT_CHARS), _entries(fields, "rule"))


def read_code(answer: Any) -> Code:
    """Raises `AnswerMalformed` with the field that is wrong. What the SQL may do is the sandbox's to say."""
    fields = _mapping(answer)
    sql = _strip_fence(_text(fields, "sql", MAX_SQL_CHARS)).strip().rstrip(";").strip()
    if not sql:
        raise AnswerMalformed("sql: one SELECT is wanted, this is empty")
    return Code(sql, _entries(fields, "words"))


def _mapping(answer: Any) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise AnswerMalformed("the answer is not one whole JSON object of the schema")
    return answer


def _text(fields: Mapping[str, Any], name: str, limit: int) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise AnswerMalformed(f"{name}: a text is wanted")
    if len(value) > limit:
        raise AnswerMalformed(f"{name}: longer than {limit} characters")
    return value


def _entries(fields: Mapping[str, Any], what: str) -> tuple[tuple[str, str], ...]:
    entries = fields.get("columns", [])
    if not isinstance(entries, list) or len(entries) > MAX_ENTRIES:
        raise AnswerMalformed(f"columns: a list of at most {MAX_ENTRIES} entries is wanted")
    found = []
    for entry in entries:
        checked = _mapping(entry)
        found.append((_text(checked, "name", MAX_TEXT_CHARS), _text(checked, what, MAX_TEXT_CHARS)))
    return tuple(found)


def _strip_fence(text: str) -> str:
    """SQL without the code fence that some models put around it."""
    inner = text.strip()
    if not inner.startswith("```"):
        return text
    return inner.removeprefix("```").removeprefix("sql").removesuffix("```")
