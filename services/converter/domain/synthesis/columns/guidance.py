"""What instructions in plain words ask of one output column: verbs, closed sets of values, cases with conditions.

Nothing here is executed or believed unproved: words make programs cheaper that do what they say, and cases that are
spelled out are offered as candidates, which must explain the example like any other.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.number import styles
from services.converter.domain.synthesis.language import Column, Condition, Constant, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators.date.moment import ReadMoment
from services.converter.domain.synthesis.operators.logic.branch import Branch, Dictionary
from services.converter.domain.synthesis.operators.logic.condition import (
    Blank,
    Both,
    Comparator,
    Comparison,
    Contains,
    Equals,
    Not,
)
from services.converter.domain.synthesis.operators.number.values import (
    Absolute,
    Arithmetic,
    ReadNumber,
    Step,
    WriteNumber,
)
from services.converter.domain.synthesis.operators.text.case import Case
from services.converter.domain.synthesis.operators.text.cut import Cut
from services.converter.domain.synthesis.operators.text.match import Match
from services.converter.domain.synthesis.operators.text.replace import Replace
from services.converter.domain.synthesis.operators.text.split import Split
from services.converter.domain.synthesis.operators.text.trim import Squeeze, Trim

DONE, LIKELY, HINTED = 3.0, 1.5, 0.6
"""How much cheaper a program is that does what a verb says: plainly, probably, or perhaps."""
SPELLED, CLOSED, QUOTED = 5.0, 2.5, 0.4
"""The same for a condition that is spelled out, for keeping to a closed set, and for each letter that was said."""
MAX_CASES = 8

_Test = Callable[[Node], bool]


def _computes(operation: str) -> _Test:
    return lambda node: isinstance(node, Arithmetic) and node.operation == operation


def _cased(kind: str) -> _Test:
    return lambda node: isinstance(node, Case) and node.kind == kind


def _rounds(node: Node) -> bool:
    return (isinstance(node, WriteNumber) and node.style.decimals is not None) or (
        isinstance(node, Step) and node.way == "round"
    )


def _cuts(node: Node) -> bool:
    return (isinstance(node, Step) and node.way == "floor") or isinstance(node, Split | Cut | Match)


def _steps(way: str) -> _Test:
    return lambda node: isinstance(node, Step) and node.way == way


def _picks(number: int) -> _Test:
    return lambda node: isinstance(node, Split | Match) and node.pick == number


@dataclass(frozen=True, slots=True)
class _Verb:
    """Words that ask for something, the test that a part of a program does it, and how much that is worth."""

    pattern: re.Pattern[str]
    test: _Test
    bonus: float


def _verb(pattern: str, test: _Test, bonus: float = DONE) -> _Verb:
    return _Verb(re.compile(rf"\b(?:{pattern})", re.IGNORECASE), test, bonus)


_VERBS: tuple[_Verb, ...] = (
    _verb(r"upper[- ]?case|uppercased?\b|all caps|(?:in|to) capitals|capital letters", _cased("upper")),
    _verb(r"lower[- ]?case|lowercased?\b|small letters", _cased("lower")),
    _verb(r"title[- ]?case|proper[- ]?case|capitali[sz]e (?:each|every|the words)", _cased("title")),
    _verb(r"sentence[- ]?case|capitali[sz]e (?:the )?first", _cased("sentence")),
    _verb(r"multipl(?:y|ied|ies)|times\b|product of", _computes("*")),
    _verb(r"divid(?:e|ed|es)\b|ratio of|quotient", _computes("/")),
    _verb(r"sum\b|sums\b|add(?:ed|s|ing)?\b|plus\b|total of", _computes("+")),
    _verb(r"subtract|minus\b|less the\b|difference (?:of|between)|deduct", _computes("-")),
    _verb(r"round(?:ed|ing|s)?\b(?! (?:down|up))", _rounds),
    _verb(r"round(?:ed|ing)? down|floor\b", _steps("floor")),
    _verb(r"round(?:ed|ing)? up|ceil", _steps("ceil")),
    _verb(r"truncat|cut off|(?:drop|without|remove)(?: the)? (?:decimals|cents)", _cuts),
    _verb(r"absolute|without (?:the |its )?sign", lambda node: isinstance(node, Absolute)),
    _verb(r"first (?:word|part|name|token|number)", _picks(1), LIKELY),
    _verb(r"second (?:word|part|name|token|number)", _picks(2), LIKELY),
    _verb(r"(?:last|final) (?:word|part|name|token|number)", _picks(-1), LIKELY),
    _verb(r"trim(?:med|s)?\b|strip", lambda node: isinstance(node, Trim | Squeeze), HINTED),
    _verb(r"replac", lambda node: isinstance(node, Replace), HINTED),
    _verb(r"as (?:a )?number|numeric|amount", lambda node: isinstance(node, ReadNumber), HINTED),
    _verb(r"dates?\b|day\b|month\b|year\b", lambda node: isinstance(node, ReadMoment), HINTED),
)

_VALUE = r"\"[^\"]*\"|'[^']*'|“[^”]*”|[^\s,;\"'“]+(?: [^\s,;\"'“]+){0,4}?"
_WORDS = r"(?:(?!\b(?:if|when|otherwise|else)\b)[^;])"
_STOP = r"(?=\s*(?:[,;.]?\s*(?:\b(?:otherwise|else|if|when|and|or|then)\b|$)|[,;.](?:\s|$)))"
_RELATIONS: tuple[tuple[str, str], ...] = (
    (r"is (?:at least|no less than|greater than or equal to)|is not (?:below|under|less than)|>=|≥|reaches", ">="),
    (r"is (?:at most|no more than|less than or equal to)|is not (?:above|over|more than)|<=|≤", "<="),
    (r"is (?:greater|more|larger|higher|bigger) than|is (?:above|over)|exceeds|>", ">"),
    (r"is (?:less|smaller|lower|fewer) than|is (?:below|under)|<", "<"),
    (r"is (?:blank|empty|missing)", "blank"),
    (r"is not (?:blank|empty|missing)", "not blank"),
    (r"does not contain", "not contains"),
    (r"contains|includes|has", "contains"),
    (r"starts with|begins with", "starts_with"),
    (r"ends with", "ends_with"),
    (r"is not(?: equal to)?|is different from|!=|<>|≠", "!="),
    (r"is(?: equal to)?|equals|are|was|==?", "="),
)
_COMPARATORS: dict[str, Comparator] = {">=": ">=", "<=": "<=", ">": ">", "<": "<"}
_RELATION = "|".join(f"(?P<r{i}>{pattern})" for i, (pattern, _) in enumerate(_RELATIONS))
_TEST = re.compile(
    rf"^\s*(?:the |its )?(?P<name>.+?)\s*(?:(?<=\s)|(?=[<>=!≠≤≥]))(?:{_RELATION})(?![\w=])\s*(?P<value>.*?)\s*$",
    re.IGNORECASE | re.DOTALL,
)
_IF_THEN = re.compile(
    rf"\b(?:if|when|where)\s+(?P<test>{_WORDS}{{1,200}}?)\s*(?:,\s*then\b|,(?!\d)|:|\bthen\b)\s*"
    r"(?:use|write|put|set(?: it)? to|it is|is)?\s*(?!otherwise\b|else\b)"
    rf"(?P<value>{_VALUE})(?!\s+(?:if|when|where)\b){_STOP}",
    re.IGNORECASE,
)
_VALUE_IF = re.compile(
    rf"(?P<value>{_VALUE})\s+(?:if|when|where|for)\s+(?P<test>{_WORDS}{{1,200}}?)(?=\s*(?:,(?!\d)|;|\.(?:\s|$)|\botherwise\b|\belse\b|$))",
    re.IGNORECASE,
)
_ELSE = re.compile(
    rf"\b(?:otherwise|else)\b[,:]?\s*(?:use|write|put|it is|is)?\s*(?P<value>{_VALUE}){_STOP}", re.IGNORECASE
)
_CLOSED = re.compile(
    r"\b(?:only|two|three|four|valid|allowed|possible|permitted)\b[^.;:]{0,40}?\b(?:values?|options?|categories|classes)\b"
    r"\s*(?:are|is|of|:|-|being)?\s*:?\s*(?P<list>[^.;\n]+)",
    re.IGNORECASE,
)
_EITHER = re.compile(r"\b(?:either|one of)\s+(?P<list>[^.;\n]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Guidance:
    """What the words on one column ask for: tests on nodes, values that are allowed, cases, words that were said."""

    verbs: tuple[_Verb, ...] = ()
    closed: frozenset[str] = frozenset()
    cases: tuple[tuple[Condition, str], ...] = ()
    otherwise: str | None = None
    said: str = ""

    def __bool__(self) -> bool:
        """Whether anything was said that the learner understands."""
        return bool(self.verbs or self.closed or self.cases or self.otherwise is not None)

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the cases that are spelled out."""
        return tuple(condition for condition, _ in self.cases)

    def bonus(self, expression: Expression) -> float:
        """How much cheaper a program is that does what the words say."""
        if not self.said:
            return 0.0
        nodes = list(expression.walk())
        gained = sum(verb.bonus for verb in self.verbs if any(verb.test(node) for node in nodes))
        gained += SPELLED * sum(condition in nodes for condition in dict.fromkeys(self.conditions))
        if self.closed and isinstance(expression, Branch):
            gained += CLOSED * all(text in self.closed for text in _results(expression))
        for node in nodes:
            if isinstance(node, Constant) and node.text and node.text.lower() in self.said:
                gained += QUOTED * sum(ch.isalnum() for ch in node.text)
        return gained

    def is_met_by(self, expression: Expression) -> bool:
        """Whether all that is said plainly is done, so that nothing better need be sought."""
        nodes = list(expression.walk())
        return all(any(v.test(node) for node in nodes) for v in self.verbs if v.bonus >= DONE) and (
            all(condition in nodes for condition in self.conditions)
        )

    def candidates(self, task: Examples) -> Iterator[Expression]:
        """The cases as they were spelled out, with the rest as it was said or as the example shows."""
        if not self.cases:
            return
        rest = self.otherwise
        if rest is None:
            left = {o for r, o in zip(task.records, task.outputs, strict=True) if not self._falls(r)}
            if len(left) > 1:
                return
            rest = next(iter(left), "")
        result: Expression = Constant(rest)
        for condition, value in reversed(self.cases):
            result = Branch(condition, Constant(value), result)
        yield result

    def _falls(self, record: Record) -> bool:
        return any(condition.holds(record) for condition, _ in self.cases)


NOTHING = Guidance()


def _results(expression: Expression) -> Iterator[str]:
    """The texts that a program by cases may give; the empty text for what is no constant."""
    if isinstance(expression, Branch):
        yield from _results(expression.then)
        yield from _results(expression.otherwise)
    elif isinstance(expression, Dictionary):
        yield from (value for _, value in expression.pairs)
    else:
        yield expression.text if isinstance(expression, Constant) else "\0"


def guidance_of(task: Examples) -> Guidance:
    """What the task's hint asks for; nothing where there is no hint."""
    if not task.hint.strip():
        return NOTHING
    outputs = frozenset(o for o in task.outputs if o)
    known = _understood(task.hint, outputs if len(outputs) <= 50 else frozenset())
    cases: list[tuple[Condition, str]] = []
    for test, value in known.tests:
        condition = _condition(task, test)
        if condition is not None:
            cases.append((condition, value))
    return Guidance(known.verbs, known.closed, tuple(cases), known.otherwise, task.hint.lower())


@dataclass(frozen=True, slots=True)
class _Understood:
    """The words taken apart, before conditions are tied to the columns' formats."""

    verbs: tuple[_Verb, ...]
    closed: frozenset[str]
    tests: tuple[tuple[str, str], ...]
    otherwise: str | None


@lru_cache(maxsize=256)
def _understood(hint: str, outputs: frozenset[str]) -> _Understood:
    verbs = tuple(verb for verb in _VERBS if verb.pattern.search(hint))
    closed = {
        spelled
        for pattern in (_CLOSED, _EITHER)
        for found in pattern.finditer(hint)
        for part in re.split(r"\s*(?:,|&|/|\band\b|\bor\b)\s*", found["list"])
        if (spelled := _as_written(part, outputs)) is not None
    }
    tests: list[tuple[str, str]] = []
    for pattern in (_IF_THEN, _VALUE_IF):
        for found in pattern.finditer(hint):
            value = _as_written(found["value"], outputs)
            if value is not None and len(tests) < MAX_CASES:
                tests.append((found["test"], value))
        if tests:
            break
    rest = [_as_written(found["value"], outputs) for found in _ELSE.finditer(hint)]
    return _Understood(verbs, frozenset(closed), tuple(tests), next((r for r in rest if r is not None), None))


def _as_written(said: str, outputs: frozenset[str]) -> str | None:
    """The output that was meant: as said, or but for quotation marks, case and leading small words; None where none."""
    text = said.strip().strip("\"'“”‘’`").strip().rstrip(".")
    folded = {o.lower(): o for o in outputs}
    words = text.split(" ")
    for start in range(len(words)):
        rest = " ".join(words[start:]).lower()
        if rest in folded:
            return folded[rest]
    return None


def _condition(task: Examples, text: str) -> Condition | None:
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


def _simple(task: Examples, text: str) -> Condition | None:
    found = _TEST.match(text)
    if found is None:
        return None
    relation = next(name for i, (_, name) in enumerate(_RELATIONS) if found[f"r{i}"] is not None)
    column = _column(task, found["name"])
    if column is None:
        return None
    if relation in ("blank", "not blank"):
        return Blank(column) if relation == "blank" else Not(Blank(column))
    said = found["value"].strip().rstrip(".,")
    if relation in _COMPARATORS:
        return _comparison(task, column, _COMPARATORS[relation], said)
    cells = frozenset((r[column.index] if column.index < len(r) else None) or "" for r in task.records)
    if relation in ("=", "!="):
        values = [_cell(part, cells) for part in re.split(r"\s*,\s*|\s+or\s+", said)]
        whole = _cell(said, cells)
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
    if found is None or not readable:
        return None
    scale = next((factor for pattern, factor in _SCALES if pattern.search(said)), 1.0)
    return Comparison(ReadNumber(column, readable[0]), comparator, float(found.group().replace(",", "")) * scale)
