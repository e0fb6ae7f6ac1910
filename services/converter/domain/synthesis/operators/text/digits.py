"""Digits laid out anew, whatever stands between them: phone numbers, account and card numbers, sort codes."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import shape

LEAST_DIGITS, MOST_DIGITS, LONGEST = 4, 30, 40
"""Digits of a text that is laid out anew, and its characters."""
MOST_GROUPS = 9
"""Runs of digits in a template: RE2 names no more groups."""
MOST_PREFIX = 6
"""Digits of a country's code with all that is dialled before it."""
DEAREST = 3.5
"""Sources dearer than this are no numbers of their own."""
_EXTENSION = r" *(?:[,;] *)?(?:#|[xX]|[eE][xX][tT])\.? *[0-9]+ *$"


def digits_of(text: str) -> str:
    """The digits of a text."""
    return re.sub(r"[^0-9]+", "", text)


@dataclass(frozen=True, slots=True)
class WithoutExtension(Expression):
    """A phone number's text without the extension at its end: `x12`, `ext. 4`, `#7`."""

    source: Expression

    def run(self, record: Record) -> str | None:
        """What is left."""
        text = self.source.run(record)
        return None if text is None else self.rest(text)

    @staticmethod
    def rest(text: str) -> str:
        """One text without its extension."""
        return re.sub(_EXTENSION.replace("$", r"\Z"), "", text)

    def sql(self) -> str:
        """`regexp_replace`."""
        return f"regexp_replace({self.source.sql()}, {literal(_EXTENSION)}, '')"

    def words(self) -> str:
        """What is taken off."""
        return f"{self.source.words()} without its extension"


@dataclass(frozen=True, slots=True)
class Regrouped(Expression):
    """The last digits of a text in a template, each `#` one of them, less ``tail`` digits at the end.

    What stands before them must be one of ``dropped``: prefixes that may be left out, such as a country's code. NULL
    for other texts.
    """

    source: Expression
    template: str
    tail: int
    dropped: tuple[str, ...]

    @property
    def surcharge(self) -> float:
        """Above a pick; a tail that is cut off is less likely, constant digits are dear."""
        fixed = sum(0.5 if ch.isalnum() else 0.1 for ch in self.template if ch != "#")
        return fixed + (0.8 if self.tail else 0.0)

    @property
    def _total(self) -> int:
        return self.template.count("#") + self.tail

    def run(self, record: Record) -> str | None:
        """The digits in their template."""
        text = self.source.run(record)
        return None if text is None else self.write(text)

    def write(self, text: str) -> str | None:
        """One text's digits in the template."""
        digits = digits_of(text)
        before = len(digits) - self._total
        if before < 0 or digits[:before] not in self.dropped:
            return None
        left = iter(digits[before:])
        return "".join(next(left) if ch == "#" else ch for ch in self.template)

    def sql(self) -> str:
        """`regexp_replace` of the last digits."""
        digits = f"regexp_replace({self.source.sql()}, '[^0-9]+', '', 'g')"
        runs = re.findall("#+", self.template)
        pattern = "^" + "".join(f"([0-9]{{{len(run)}}})" for run in runs) + f"[0-9]{{{self.tail}}}$"
        number = iter(range(1, len(runs) + 1))
        new = re.sub("#+", lambda _: f"\\{next(number)}", self.template.replace("\\", "\\\\"))
        prefixes = ", ".join(literal(prefix) for prefix in self.dropped)
        before = f"left({digits}, length({digits}) - {self._total})"
        written = f"regexp_replace(right({digits}, {self._total}), {literal(pattern)}, {literal(new)})"
        return f"CASE WHEN length({digits}) >= {self._total} AND {before} IN ({prefixes}) THEN {written} END"

    def words(self) -> str:
        """The template."""
        rest = f", less {self.tail} at the end" if self.tail else ""
        return f"last digits of {self.source.words()}{rest} as {quoted(self.template)}"


@dataclass(frozen=True, slots=True)
class NationalNumber(Expression):
    """A phone number's digits without the country's code (after `+` or `00`) and without the trunk's 0.

    NULL where another country's code is given.
    """

    source: Expression
    code: str

    def run(self, record: Record) -> str | None:
        """The national number."""
        text = self.source.run(record)
        return None if text is None else self.read(text)

    def read(self, text: str) -> str | None:
        """The national number of one text."""
        dialled = re.sub(r"[^0-9+]+", "", text.replace("(0)", ""))
        national = re.sub(rf"^(?:(?:\+|00){self.code})?0?", "", dialled)
        return national if re.fullmatch("[1-9][0-9]*", national) else None

    def sql(self) -> str:
        """`regexp_replace`, twice."""
        dialled = f"regexp_replace(replace({self.source.sql()}, '(0)', ''), '[^0-9+]+', '', 'g')"
        national = f"regexp_replace({dialled}, '^(?:(?:\\+|00){self.code})?0?', '')"
        return f"nullif(regexp_extract({national}, '^[1-9][0-9]*$'), '')"

    def words(self) -> str:
        """Which digits."""
        return f"national number in {self.source.words()} (country code {self.code})"


@dataclass(frozen=True, slots=True)
class InGroups(Expression):
    """The characters in groups of one size from the left: `DE89 3704 0044 ...`."""

    source: Expression
    size: int
    separator: str

    def run(self, record: Record) -> str | None:
        """The groups."""
        text = self.source.run(record)
        return None if text is None else self.write(text)

    def write(self, text: str) -> str:
        """One text's groups."""
        return re.sub(f"(.{{{self.size}}})", rf"\1{self.separator}", text).rstrip(self.separator)

    def sql(self) -> str:
        """`regexp_replace` of every group."""
        grouped = f"regexp_replace({self.source.sql()}, '(.{{{self.size}}})', '\\1{self.separator}', 'g')"
        return f"rtrim({grouped}, {literal(self.separator)})"

    def words(self) -> str:
        """The size."""
        return f"{self.source.words()} in groups of {self.size} with {quoted(self.separator)} between"


_SPAN = re.compile(r"[+(]?[0-9][0-9 ().+/\-]*[0-9]")


@proposes(piece=110)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Outputs that hold a source's digits, or its characters, in another layout."""
    wanted = list(_targets(task))
    separators = [s for s in (" ", "-", ":", ".") if all(s in o for o in task.outputs)]
    for source, values in sources:
        if source.cost > DEAREST or any(len(v) > LONGEST for v in values):
            continue
        digits = tuple(digits_of(v) for v in values)
        if all(LEAST_DIGITS <= len(d) <= MOST_DIGITS for d in digits):
            for texts in wanted:
                yield from _regrouped(source, values, texts)
            yield from _national(task, source, values)
        for separator in separators:
            yield from _in_groups(task, source, values, separator)


def _targets(task: Examples) -> Iterator[tuple[str, ...]]:
    """Whole outputs, and the first run of digits and punctuation in each."""
    spans = [_SPAN.search(o) for o in task.outputs]
    inside = tuple(m.group() for m in spans if m)
    for texts in dict.fromkeys([tuple(task.outputs), inside]):
        alike = len({re.sub("[0-9]", "#", t) for t in texts}) == 1
        if alike and len(texts) == len(task.outputs) and sum(ch.isdigit() for ch in texts[0]) >= 3:
            yield texts


def _regrouped(source: Expression, values: tuple[str, ...], texts: tuple[str, ...]) -> Iterator[Candidate]:
    without = tuple(WithoutExtension.rest(v) for v in values)
    for node, given in ((source, values), (WithoutExtension(source), without)):
        if node is not source and without == values:
            continue
        for constant in range(5):
            found = _template(node, given, texts, constant)
            if found is not None:
                yield Candidate(found, texts)
                return


def _template(node: Expression, given: tuple[str, ...], texts: tuple[str, ...], constant: int) -> Regrouped | None:
    """The template in which the first ``constant`` digits stand still and the others are the source's last ones."""
    wanted = [digits_of(t) for t in texts]
    heads, rests = {w[:constant] for w in wanted}, [w[constant:] for w in wanted]
    if len(heads) > 1 or len(rests[0]) < 3:
        return None
    digits = [digits_of(v) for v in given]
    tails = [0] if len(rests[0]) >= LEAST_DIGITS else []
    if not constant and len({shape(v) for v in given}) > 1 and len(rests[0]) < len(min(digits, key=len)):
        tails += [tail for tail in range(1, 12) if tail + len(rests[0]) <= len(min(digits, key=len))]
    for tail in tails:
        size = len(rests[0]) + tail
        if all(len(d) >= size and d[len(d) - size : len(d) - tail] == r for d, r in zip(digits, rests, strict=True)):
            before, template = {d[: len(d) - size] for d in digits}, _marked(texts[0], constant)
            # One country's code may be left out, in several spellings; digits that vary say something.
            is_code = len({prefix.lstrip("0") for prefix in before} - {""}) < 2 and max(map(len, before)) <= MOST_PREFIX
            if is_code and len(re.findall("#+", template)) <= MOST_GROUPS:
                return Regrouped(node, template, tail, _prefixes(before, next(iter(heads))))
    return None


def _marked(text: str, constant: int) -> str:
    """The text with `#` for each digit but the first ``constant`` ones."""
    out = []
    for ch in text:
        is_digit = ch in "0123456789"
        out.append("#" if is_digit and not constant else ch)
        constant -= is_digit and constant > 0
    return "".join(out)


def _prefixes(seen: set[str], head: str) -> tuple[str, ...]:
    """What may stand before the digits that are kept: what was seen, and a country's code in its usual spellings."""
    codes = {prefix.lstrip("0") for prefix in (*seen, head)} - {""}
    usual = {spelled + code for code in codes if len(code) <= 3 for spelled in ("", "00", "011")}
    return tuple(sorted(seen | usual))


_CODE = re.compile(r"(?:^|\D)(?:\+|00)([1-9][0-9]{0,2})")


def _national(task: Examples, source: Expression, values: tuple[str, ...]) -> Iterator[Candidate]:
    """National numbers, where the outputs or some of the sources show the country's code."""
    if len({shape(v) for v in values}) < 2:
        return
    codes: dict[str, None] = {}
    for text in (*values, *task.outputs):
        for code in _CODE.findall(text):
            codes |= dict.fromkeys(code[:size] for size in (2, 1, 3) if size <= len(code))
    for code in codes:
        node = NationalNumber(source, code)
        texts = tuple(node.read(v) or "" for v in values)
        if all(len(t) >= LEAST_DIGITS for t in texts) and occurs(task, texts):
            yield Candidate(node, texts)
            return


def _in_groups(task: Examples, source: Expression, values: tuple[str, ...], separator: str) -> Iterator[Candidate]:
    if any(separator in v or len(v) < 3 for v in values):
        return
    for size in (4, 3, 2, 5):
        node = InGroups(source, size, separator)
        texts = tuple(node.write(v) for v in values)
        if texts != values and occurs(task, texts):
            yield Candidate(node, texts)
            return


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`."""
    return (
        Regrouped(CELL, "(##) #-\\#", 0, ("", "1", "00")),
        Regrouped(CELL, "+4 ###", 2, ("", "0")),
        NationalNumber(CELL, "44"),
        WithoutExtension(CELL),
        InGroups(CELL, 4, " "),
    )
