"""What instructions in plain words ask of one output column: verbs, closed sets of values, cases with conditions.

Nothing here is executed or believed unproved: words make programs cheaper that do what they say, and cases that are
spelled out are offered as candidates, which must explain the example like any other.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from services.converter.domain.formats.datereader import order_of
from services.converter.domain.synthesis.asking import DONE, HINTED, Ask
from services.converter.domain.synthesis.language import Condition, Constant, Examples, Expression, Node, Record
from services.converter.domain.synthesis.operators import catalogue
from services.converter.domain.synthesis.operators.phrased import decimals_asked, pairs_kept, phrased
from services.converter.domain.synthesis.operators.spoken import by_cases, spoken
from services.converter.domain.wording.sentences import named

WHOLE, SPELLED, CLOSED, QUOTED = 12.0, 5.0, 2.5, 0.4
"""How much cheaper a program is that is spelled out as a whole, for a condition that is, for keeping to a closed set,
and for each letter that was said."""
MAX_CASES = 8
"""Cases that are read from one sentence."""

_VALUE = r"\"[^\"]*\"|'[^']*'|“[^”]*”|[^\s,;\"'“]+(?: [^\s,;\"'“]+){0,4}?"
_WORDS = r"(?:(?!\b(?:if|when|otherwise|else)\b)[^;])"
_STOP = r"(?=\s*(?:[,;.]?\s*(?:\b(?:otherwise|else|if|when|and|or|then)\b|$)|[,;.](?:\s|$)))"
_IF_THEN = re.compile(
    rf"\b(?:if|when|where)\s+(?P<test>{_WORDS}{{1,200}}?)\s*(?:,\s*then\b|,(?!\d)|:|\bthen\b)\s*"
    r"(?:use|write|put|set(?: it)? to|it is|is)?\s*(?!otherwise\b|else\b)"
    rf"(?P<value>{_VALUE})(?!\s+(?:if|when|where)\b){_STOP}",
    re.IGNORECASE,
)
_VALUE_IF = re.compile(
    rf"(?P<value>{_VALUE})\s*,?\s+(?:if|when|where|for)\s+(?P<test>{_WORDS}{{1,200}}?)(?=\s*(?:,(?!\d)|;|\.(?:\s|$)|\botherwise\b|\belse\b|$))",
    re.IGNORECASE,
)
_ELSE = re.compile(
    rf"\b(?:otherwise|else)\b[,:]?\s*(?:use|write|put|it is|is)?\s*(?P<value>{_VALUE}){_STOP}", re.IGNORECASE
)
_MEANS = re.compile(
    r"\b(?P<test>(?:negative|positive)\s+[\w ]+?|[\w ]+?\s+(?:negative|positive))\s+(?:means|is|becomes|stands for)\s+"
    rf"(?:a |an )?(?P<value>{_VALUE}){_STOP}",
    re.IGNORECASE,
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

    verbs: tuple[Ask, ...] = ()
    closed: frozenset[str] = frozenset()
    cases: tuple[tuple[Condition, str], ...] = ()
    otherwise: str | None = None
    said: str = ""
    programs: tuple[Expression, ...] = ()
    """Programs that are spelled out as a whole, and explain the example."""
    decimals: int | None = None
    """How many decimals numbers are written with."""

    def __bool__(self) -> bool:
        """Whether anything was said that the learner understands."""
        whole = self.programs or self.decimals is not None or self.otherwise is not None
        return bool(self.verbs or self.closed or self.cases or whole)

    @property
    def is_plain(self) -> bool:
        """Whether more was said than words that may hint at something."""
        return any(verb.bonus > HINTED for verb in self.verbs) or bool(replace(self, verbs=()))

    def asks_for(self, expression: Expression) -> bool:
        """Whether the words spell a program out as a whole."""
        return expression in self.programs

    @property
    def conditions(self) -> tuple[Condition, ...]:
        """The conditions of the cases that are spelled out."""
        return tuple(condition for condition, _ in self.cases)

    def bonus(self, expression: Expression) -> float:
        """How much cheaper a program is that does what the words say."""
        if not self.said:
            return 0.0
        nodes = list(expression.walk())
        gained = sum([verb.bonus for verb in self._met(nodes)]) + WHOLE * self.asks_for(expression)
        gained += DONE * self._shows_decimals(nodes)
        if self.cases:
            gained += SPELLED * sum(condition in nodes for condition in dict.fromkeys(self.conditions))
        if self.closed and "case" in expression.tied:
            gained += CLOSED * self.closed.issuperset(expression.answers())
        for node in nodes:
            if type(node) is Constant and node.text and node.text.lower() in self.said:
                gained += QUOTED * sum(map(str.isalnum, node.text))
        return gained

    def is_met_by(self, expression: Expression) -> bool:
        """Whether all that is said plainly is done, so that nothing better need be sought."""
        nodes = list(expression.walk())
        if self.programs:
            return self.asks_for(expression)
        unmet = set(self.verbs).difference(self._met(nodes))
        return all(verb.bonus < DONE for verb in unmet) and all(condition in nodes for condition in self.conditions)

    def use_of(self, expression: Expression, task: Examples) -> str:
        """What of the words a program does, for people; empty where it does nothing of them."""
        nodes = list(expression.walk())
        spelled = any(condition in nodes for condition in self.conditions)
        listed = self.closed and "case" in expression.tied and self.closed.issuperset(expression.answers())
        decimals = decimals_asked(task.hint)
        shown = any(
            f"with {decimals} decimals" in node.format_written for node in nodes if isinstance(node, Expression)
        )
        ordered = bool(order_of((), task.hint)) and any(node.format_read for node in nodes)
        listed = listed or pairs_kept(task, task.hint, expression)
        done = any(verb.bonus > HINTED for verb in self._met(nodes))
        plainly = self.asks_for(expression) or done or spelled or listed or shown or ordered
        return expression.words() if plainly else ""

    def _shows_decimals(self, nodes: Sequence[Node]) -> bool:
        """Whether a number is written with as many decimals as were asked for."""
        if self.decimals is None:
            return False
        wanted = f"with {self.decimals} decimals" if self.decimals else "as a whole number"
        return any(wanted in node.format_written for node in nodes if isinstance(node, Expression))

    def reads_of(self, expression: Expression, task: Examples) -> str:
        """The columns that the words name and a program reads, for people; empty where more was said, or none is."""
        said = named(task.hint, task.names)
        read = [name for index, name in enumerate(task.names) if index in expression.columns and name in said]
        return f"reads {', '.join(read)}" if read else ""

    def _met(self, nodes: Sequence[Node]) -> list[Ask]:
        """The verbs that one of the nodes does."""
        if not self.verbs:
            return []
        met: tuple[Ask, ...] = ()
        for node in nodes:
            met += node.met
        return [verb for verb in self.verbs if verb in met]

    def candidates(self, task: Examples) -> Iterator[Expression]:
        """What was spelled out: programs, and cases with the rest as it was said or as the example shows."""
        yield from self.programs
        if not self.cases:
            return
        rest = self.otherwise
        if rest is None:
            left = {o for r, o in zip(task.records, task.outputs, strict=True) if not self._falls(r)}
            if len(left) > 1:
                return
            rest = next(iter(left), "")
        yield by_cases(self.cases, rest)

    def _falls(self, record: Record) -> bool:
        return any(condition.holds(record) for condition, _ in self.cases)


NOTHING = Guidance()


def spelled_out(task: Examples) -> list[Expression]:
    """The programs that the task's hint spells out, whether they explain the example or not."""
    known = guidance_of(task)
    return [*phrased(task, task.hint), *known.candidates(task)]


def guidance_of(task: Examples) -> Guidance:
    """What the task's hint asks for; nothing where there is no hint."""
    if not task.hint.strip():
        return NOTHING
    outputs = frozenset(o for o in task.outputs if o)
    known = _understood(task.hint, outputs if len(outputs) <= 50 else frozenset())
    cases: list[tuple[Condition, str]] = []
    for test, value in known.tests:
        condition = spoken(task, test)
        if condition is not None:
            cases.append((condition, value))
    programs = tuple(program for program in phrased(task, task.hint) if task.explains(program))
    decimals = decimals_asked(task.hint)
    return Guidance(known.verbs, known.closed, tuple(cases), known.otherwise, task.hint.lower(), programs, decimals)


@dataclass(frozen=True, slots=True)
class _Understood:
    """The words taken apart, before conditions are tied to the columns' formats."""

    verbs: tuple[Ask, ...]
    closed: frozenset[str]
    tests: tuple[tuple[str, str], ...]
    otherwise: str | None


@lru_cache(maxsize=256)
def _understood(hint: str, outputs: frozenset[str]) -> _Understood:
    verbs = tuple(verb for verb in catalogue.asks() if verb.pattern.search(hint))
    closed = {
        spelled
        for pattern in (_CLOSED, _EITHER)
        for found in pattern.finditer(hint)
        for part in re.split(r"\s*(?:,|&|/|\band\b|\bor\b)\s*", found["list"])
        if (spelled := _as_written(part, outputs)) is not None
    }
    tests: list[tuple[str, str]] = []
    for pattern in (_IF_THEN, _VALUE_IF, _MEANS):
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
