"""What agents answer, in whatever form it comes: an answer is text from outside like any other.

Anything that holds a whole SELECT, or rules for columns, is taken: JSON with any fences and prose around it, fields
missing or of other names, fenced code, bare SQL. What is cut off is not: half a program is none.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.common.model_answers import join_parts, list_values, without_controls, without_thoughts
from services.converter.domain.faults import ConverterFault

MAX_SQL_CHARS = 64_000
MAX_TEXT_CHARS = 4_000
MAX_ENTRIES = 200
MOST_CANDIDATES = 3
_MAX_DEPTH = 6
"""Bounds on what an endpoint may send: a program, words, entries, candidates that are each run on the example, and
JSON within JSON."""
_PROGRAM = frozenset({
    "sql", "query", "program", "select", "code", "statement", "sql_query", "sqlquery", "duckdb", "duckdb_sql", "answer",
    "final_answer", "result", "output", "solution", "arguments", "content", "text", "response", "final",
})  # fmt: skip
_RULE = ("sql", "rule", "expression", "expr", "formula")
_RULES = frozenset({"rules", "expressions"})
_START = re.compile(r"\b(?:SELECT|WITH\s+(?:RECURSIVE\s+)?[\w\"]+\s*(?:\([^)]*\)\s*)?AS\b)", re.IGNORECASE)
_BLOCK = re.compile(r"(?:```|~~~)[ \t]*[\w+-]*[ \t]*\n?(?P<inner>.*?)(?:```|~~~)", re.DOTALL)
_TAGGED = re.compile(
    r"<(?P<tag>sql|query|answer|code|program|final_answer)>(?P<inner>.*?)</(?P=tag)>", re.DOTALL | re.IGNORECASE
)
_TRIPLE = re.compile(r"\"\"\"(?P<inner>.*?)\"\"\"|'''(?P<other>.*?)'''", re.DOTALL)
_LOOSE_SQL = re.compile(
    r"[\"']?(?:sql|query|program|code)[\"']?\s*[:=]\s*(?P<q>[\"'`])(?P<text>(?:\\.|(?!(?P=q)\s*(?:[,}]|\Z)).)+)(?P=q)",
    re.DOTALL | re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|#39);")
_SMART = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " "})


class AnswerMalformed(ConverterFault):
    """An agent's answer holds nothing that could be used; the message is fed back to it."""

    default_reason = "ANSWER_MALFORMED"


SURVIVORS = "survivors"
"""The report's field with the programs that explain the example and the lessons as well: an answer may choose one."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The Planner's answer: an approach to rows, and a rule in words for each open column."""

    approach: str
    columns: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """The Coder's answer: one SELECT, or else a SQL expression for single columns (``rules``); and in words what it
    does for each column that it made."""

    sql: str
    columns: tuple[tuple[str, str], ...] = ()
    rules: tuple[tuple[str, str], ...] = ()


def read_plan(answer: Any) -> Plan:
    """A plan of an answer: its fields where there are any, else its text. Raises `AnswerMalformed`."""
    text = _text_of(answer)
    for value in list_values(without_thoughts(text)):
        fields = next((v for v in _flat(value) if isinstance(v, Mapping)), None)
        if fields is not None and (fields.get("approach") or fields.get("columns") or fields.get("plan")):
            approach = fields.get("approach") or fields.get("plan") or ""
            words = approach if isinstance(approach, str) else json.dumps(approach, ensure_ascii=False)
            return Plan(words[:MAX_TEXT_CHARS], _entries(fields.get("columns"), ("rule", *_RULE, "words")))
    plain = without_thoughts(text).strip()
    if not plain:
        raise AnswerMalformed("the answer is empty")
    return Plan(plain[:MAX_TEXT_CHARS])


def read_code(answer: Any, columns: Iterable[str] = ()) -> list[Code]:
    """The programs of an answer, the last that it comes to first; ``columns`` are the output's names.

    Raises `AnswerMalformed` that says what is there instead. What the SQL may do is the sandbox's to say.
    """
    raw = _text_of(answer)
    if not raw.strip():
        raise AnswerMalformed("the answer is empty")
    names = {name.casefold(): name for name in columns}
    text = without_thoughts(raw)
    if _ENTITY.search(text) and '"' not in text:
        text = html.unescape(text)
    for source in dict.fromkeys((text, text.translate(_SMART))):
        found = [*_from_json(source, names), *_from_marks(source)]
        if not found:
            found = list(_from_prose(source))
        usable = [code for code in dict.fromkeys(found) if len(code.sql) <= MAX_SQL_CHARS]
        if usable:
            return usable[::-1][:MOST_CANDIDATES]
        if found:
            raise AnswerMalformed(f"the SELECT is longer than {MAX_SQL_CHARS} characters")
    if not text.strip():
        raise AnswerMalformed("the answer holds thoughts and no SELECT")
    if _START.search(text):
        raise AnswerMalformed("the answer ends within its SELECT: write it shorter, and nothing else")
    raise AnswerMalformed("the answer holds no SELECT")


def _text_of(answer: Any) -> str:
    joined = join_parts(answer)
    if joined is None:
        return ""
    return without_controls(joined) if isinstance(joined, str) else json.dumps(joined, ensure_ascii=False)


def _from_json(text: str, names: Mapping[str, str]) -> Iterator[Code]:
    for value in list_values(text.strip()):
        for fields in _flat(value):
            if isinstance(fields, str):
                continue
            program = _program_of(fields)
            words = _entries(fields.get("columns"), ("words", "description", "rule", "explanation"))
            if program:
                yield Code(program, words)
                continue
            rules = _rules_of(fields, names)
            if rules:
                yield Code("", words, rules)


def _flat(value: Any, depth: int = 0) -> Iterator[Any]:
    """The objects of a value, inner ones after those that hold them."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _flat(item, depth + 1)
    elif isinstance(value, Mapping):
        yield value
        for name, item in value.items():
            if isinstance(item, Mapping | list) and str(name).casefold() not in {"columns", *_RULES}:
                yield from _flat(item, depth + 1)
            elif isinstance(item, str) and item.strip()[:1] in {"{", "["}:
                for inner in list_values(item.strip()):
                    yield from _flat(inner, depth + 1)


def _program_of(fields: Mapping[str, Any]) -> str:
    for name, value in fields.items():
        if str(name).strip().casefold().replace(" ", "_") not in _PROGRAM:
            continue
        joined = "\n".join(value) if isinstance(value, list) and all(isinstance(v, str) for v in value) else value
        if isinstance(joined, str) and joined.strip()[:1] not in {"{", "["}:
            inner = [code.sql for code in _from_marks(joined)]
            program = inner[-1] if inner else _whole(joined)
            if program:
                return program
    return ""


def _rules_of(fields: Mapping[str, Any], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Expressions for columns, however they are listed."""
    listed = next((fields[name] for name in fields if str(name).casefold() in {"columns", *_RULES}), fields)
    if isinstance(listed, list):
        found = _entries(listed, _RULE)
    elif isinstance(listed, Mapping):
        found = tuple((str(name), value) for name, value in listed.items() if isinstance(value, str) and value.strip())
    else:
        return ()
    return tuple((name, rule.strip().rstrip(";")) for name, rule in found if name.casefold() in names)


def _entries(listed: Any, what: Iterable[str]) -> tuple[tuple[str, str], ...]:
    """What is said of columns, by name; entries that say nothing are left out."""
    if isinstance(listed, Mapping):
        listed = [{"name": name, "words": value, "rule": value} for name, value in listed.items()]
    if not isinstance(listed, list):
        return ()
    found = []
    for entry in listed[:MAX_ENTRIES]:
        if not isinstance(entry, Mapping):
            continue
        name = entry.get("name", entry.get("column", ""))
        said = next((entry[key] for key in what if isinstance(entry.get(key), str) and entry[key].strip()), "")
        if isinstance(name, str) and name and said:
            found.append((name[:MAX_TEXT_CHARS], said[:MAX_TEXT_CHARS]))
    return tuple(found)


def _from_marks(text: str) -> Iterator[Code]:
    """SELECTs in fences, tags or triple quotes."""
    for pattern in (_BLOCK, _TAGGED, _TRIPLE):
        for found in pattern.finditer(text):
            inner = next(group for group in found.groupdict().values() if group is not None and group != found[0])
            inner = found.groupdict().get("inner") or found.groupdict().get("other") or inner
            program = "" if inner.strip()[:1] in {"{", "["} else _whole(inner)
            if program:
                yield Code(program)


def _from_prose(text: str) -> Iterator[Code]:
    """A SELECT that stands in a text as it is, or under a name in something that was meant as JSON."""
    loose = list(_LOOSE_SQL.finditer(text))
    if loose:
        inner = re.sub(
            r"\\(.)", lambda found: {"n": "\n", "t": " ", "r": ""}.get(found[1], found[1]), loose[-1]["text"]
        )
        program = _whole(inner)
        if program:
            yield Code(program)
        return
    if text.lstrip()[:1] in {"{", "["}:
        return  # meant as JSON, and not whole
    opening = re.search(r"(?:```|~~~)[ \t]*[\w+-]*[ \t]*\n", text)
    program = _whole(text[opening.end() :] if opening else text)
    if program:
        yield Code(program)


def _whole(text: str) -> str:
    """The SELECT that a text holds, to a semicolon or to where prose begins; "" where none is whole."""
    plain = text.strip()
    if "\\n" in plain and "\n" not in plain:
        plain = plain.replace("\\n", "\n").replace('\\"', '"').replace("\\t", " ")
    found = next((m for m in _START.finditer(plain) if _begins(plain, m.start())), None)
    if found is None:
        return ""
    program, depth, place, quote = plain[found.start() :], 0, 0, ""
    end = len(program)
    while place < len(program):
        sign = program[place]
        if quote:
            quote = "" if sign == quote else quote
        elif program.startswith("--", place):
            place = program.find("\n", place)
            if place < 0:
                break
        elif sign in "'\"":
            quote = sign
        elif sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif (
            sign == ";"
            or program.startswith("```", place)
            or (sign == "\n" and depth == 0 and re.match(r"\n\s*\n\s*(?!--)(?![A-Z_]{2,}\b)\w", program[place:]))
        ):
            end = place
            break
        place += 1
    if quote or depth > 0 or depth < 0:
        return ""
    program = program[:end].strip().strip("`").strip()
    return (
        program if re.search(r"\bFROM\b|\bVALUES\b", program, re.IGNORECASE) or end < len(plain) - found.start() else ""
    )


def _begins(text: str, place: int) -> bool:
    """Whether a SELECT at this place is the beginning of a program and no word of a sentence."""
    line = text[text.rfind("\n", 0, place) + 1 : place].strip().strip("`*>#-")
    after = re.match(r"\w+\s+(?:[\w\"'*(\[\-:`]|--)", text[place:])
    if not after:
        return False
    return (
        not line or line.endswith((":", "(", "=", "is", "`", "'", '"')) or bool(re.search(r"\bFROM\s+\w", text[place:]))
    )
