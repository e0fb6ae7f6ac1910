"""Conditions as instructions spell them out: a column, a relation and a value in plain words."""

import re
from collections.abc import Sequence

from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.language import Column, Condition, Constant, Examples, Expression
from services.converter.domain.synthesis.operators.logic.branch import Branch
from services.converter.domain.synthesis.operators.logic.combined import Both, Not
from services.converter.domain.synthesis.operators.logic.comparing import Comparator, Comparison
from services.converter.domain.synthesis.operators.logic.condition import Blank, Contains, Equals
from services.converter.domain.synthesis.operators.number.values import ReadNumber
from services.converter.domain.wording.sentences import named

_RELATIONS: tuple[tuple[str, str], ...] = (
    (r"is (?:at least|no less than|greater than or equal to)|is not (?:below|under|less than)|>=|≥|reaches", ">="),
    (r"is (?:at most|no more than|less than or equal to)|is not (?:above|over|more than)|<=|≤", "<="),
    (r"is (?:greater|more|larger|higher|bigger) than|is (?:above|over)|exceeds|>", ">"),
    (r"is (?:less|smaller|lower|fewer) than|is (?:below|under)|<", "<"),
    (r"is negative", "negative"),
    (r"is positive", "positive"),
    (r"is (?:blank|empty|missing)", "blank"),
    (r"is not (?:blank|empty|missing)", "not blank"),
    (r"does not contain", "not contains"),
    (r"contains|includes|has", "contains"),
    (r"starts with|begins with", "starts_with"),
    (r"ends with", "ends_with"),
    (r"is not(?: equal to)?|is different from|!=|<>|≠", "!="),
    (r"is(?: equal to)?|equals|are|was|==?", "="),
)
_COMPLETE = frozenset({"blank", "not blank", "negative", "positive"})
"""Relations that need no value."""
_GRAMMAR = re.compile(
    r"\b(?:is|are|be|to|by|with|where|whose|if|when|unless|except|but|and|or|then|should|must|above|below|than|sorted)\b",
    re.IGNORECASE,
)
"""Words that begin another request or condition, and are no part of a value."""
_SIGNS: dict[str, Comparator] = {"negative": "<", "positive": ">"}
_COMPARATORS: dict[str, Comparator] = {">=": ">=", "<=": "<=", ">": ">", "<": "<"}
_RELATION = "|".join(f"(?P<r{i}>{pattern})" for i, (pattern, _) in enumerate(_RELATIONS))
_TEST = re.compile(
    rf"^\s*(?:the |its )?(?P<name>.+?)\s*(?:(?<=\s)|(?=[<>=!≠≤≥]))(?:{_RELATION})(?![\w=])\s*(?P<value>.*?)\s*$",
    re.IGNORECASE | re.DOTALL,
)

_BEGINS = re.compile(rf"[<>=!≠≤≥]|(?:{'|'.join(pattern for pattern, _ in _RELATIONS)})(?!\w)", re.IGNORECASE)


def spoken(task: Examples, text: str) -> Condition | None:
    """A condition in words over the task's columns; None where a column or relation is not known."""
    parts = re.split(
        r"\s+and\s+(?=(?:the )?[\w ]+? (?:is|contains|starts|ends|equals|[<>=!]))", text.strip(), maxsplit=1
    )
    conditions = [_simple(task, part) for part in parts]
    if any(c is None for c in conditions):
        return None
    first = conditions[0]
    second = conditions[1] if len(conditions) > 1 else None
    return Both(first, second) if first is not None and second is not None else first


def by_cases(cases: Sequence[tuple[Condition, str]], rest: str) -> Expression:
    """The program that gives the text of the first case that holds, or else the rest."""
    result: Expression = Constant(rest)
    for condition, value in reversed(cases):
        result = Branch(condition, Constant(value), result)
    return result


def _with_verb(task: Examples, text: str) -> str:
    """A test with its relation after the column's name: `negative amount`, `status filled`, `amount less than 5 is`."""
    said = re.sub(r"^(?:the|a|an|all|its)\s+", "", text.strip(), flags=re.IGNORECASE)
    said = re.sub(r"^(negative|positive)\s+(\S.*)\Z", r"\2 \1", said, flags=re.IGNORECASE)
    said = re.sub(r"(?<=\w)\s+(?:is|are)\Z", "", said)
    for name in sorted(task.names, key=len, reverse=True):
        rest = said[len(name) :].strip()
        if said.lower().startswith(name.lower()) and said[len(name) :][:1].isspace() and not _BEGINS.match(rest):
            return f"{said[: len(name)]} is {rest}"
    return said


def _simple(task: Examples, text: str) -> Condition | None:
    found = _TEST.match(_with_verb(task, text))
    if found is None:
        return None
    relation = next(name for i, (_, name) in enumerate(_RELATIONS) if found[f"r{i}"] is not None)
    column = _column(task, found["name"])
    if column is None:
        return None
    said = found["value"].strip().rstrip(".,")
    if relation in _COMPLETE:
        if said:
            return None
        if relation in _SIGNS:
            return _comparison(task, column, _SIGNS[relation], "0")
        return Blank(column) if relation == "blank" else Not(Blank(column))
    if relation in _COMPARATORS:
        return _comparison(task, column, _COMPARATORS[relation], said)
    cells = frozenset((r[column.index] if column.index < len(r) else None) or "" for r in task.records)
    if relation in ("=", "!="):
        parts = re.split(r"\s*,\s*|\s+or\s+", said)
        values = [_cell(part, cells) for part in parts]
        whole = _cell(said, cells)
        if whole not in cells and not all(v in cells or _is_value(task, p) for v, p in zip(values, parts, strict=True)):
            return None
        equals = Equals(column, (whole,) if whole in cells else tuple(dict.fromkeys(values)))
        return equals if relation == "=" else Not(equals)
    inside = _part(said, cells)
    if relation == "starts_with":
        return Contains(column, inside, "starts_with")
    if relation == "ends_with":
        return Contains(column, inside, "ends_with")
    holds = Contains(column, inside)
    return Not(holds) if relation == "not contains" else holds


def _column(task: Examples, said: str) -> Column | None:
    """The column whose name ends what was said before the relation: `the order status` -> order_status."""
    wanted = re.sub(r"[^a-z0-9]+", "", re.sub(r"^(?:the|its|column|field|value of)\s+", "", said.strip().lower()))
    best: tuple[int, int] | None = None
    for index, name in enumerate(task.names):
        plain = re.sub(r"[^a-z0-9]+", "", name.lower())
        if plain and wanted.endswith(plain) and (best is None or len(plain) > best[0]):
            best = (len(plain), index)
    return None if best is None else task.column(best[1])


def _is_value(task: Examples, said: str) -> bool:
    """Whether what the example does not show can be a value: it is quoted, or no further request stands in it."""
    quoted = re.fullmatch(r"\s*[\"'“‘„«].*[\"'”’“»]\s*", said) is not None
    return quoted or (bool(said.strip()) and not _GRAMMAR.search(said) and not named(said, task.names))


def _cell(said: str, cells: frozenset[str]) -> str:
    """A value as the column writes it; as it was said where the example does not hold it."""
    text = said.strip().strip("\"'“”‘’`").strip()
    return text if text in cells else next((c for c in sorted(cells) if c.strip().lower() == text.lower()), text)


def _part(said: str, cells: frozenset[str]) -> str:
    text = said.strip().strip("\"'“”‘’`")
    if any(text in c for c in cells):
        return text
    for cell in sorted(cells):
        place = cell.lower().find(text.lower())
        if place >= 0:
            return cell[place : place + len(text)]
    return text


_SCALES = (
    (re.compile(r"\d\s*(?:k|thousand)\b", re.IGNORECASE), 1e3),
    (re.compile(r"\d\s*(?:m|million)\b", re.IGNORECASE), 1e6),
    (re.compile(r"\d\s*lakhs?\b", re.IGNORECASE), 1e5),
    (re.compile(r"\d\s*crores?\b", re.IGNORECASE), 1e7),
)


def _comparison(task: Examples, column: Column, comparator: Comparator, said: str) -> Condition | None:
    """A comparison with a number, read in the column's own format; the amount may have a sign, grouping or a scale."""
    found = re.search(r"-?\d[\d,]*(?:\.\d+)?", said)
    texts = [(r[column.index] if column.index < len(r) else None) or "" for r in task.records]
    readable = styles([t for t in texts if t.strip()])
    if found is None or not readable or _GRAMMAR.search(said):
        return None
    scale = next((factor for pattern, factor in _SCALES if pattern.search(said)), 1.0)
    return Comparison(ReadNumber(column, readable[0]), comparator, float(found.group().replace(",", "")) * scale)
