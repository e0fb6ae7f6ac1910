"""Replace or remove every piece of a kind."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from services.converter.domain.formats.letters import BLANKS
from services.converter.domain.synthesis.asking import HINTED, ask
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.text.trim import Trim
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import (
    DIGITS,
    LETTERS,
    LONGEST_KEPT,
    LOWERS,
    SPACES,
    UPPERS,
    Pattern,
    charset,
    raw,
)

_INSTEAD = ("", " ", "-", "_", ",", ", ", ".", "/", ":", ";", "|", "*", "x", "X", "#")


@dataclass(frozen=True, slots=True)
class Replace(Expression):
    """The text with every occurrence of a literal replaced."""

    source: Expression
    old: str
    new: str
    asks = (ask("replac", HINTED),)

    @property
    def surcharge(self) -> float:
        """Short literals are simpler."""
        return 0.1 * len(self.old) + 0.15 * len(self.new) + (0.4 if self.old.isalnum() else 0.0)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else text.replace(self.old, self.new)

    def sql(self) -> str:
        return f"replace({self.source.sql()}, {literal(self.old)}, {literal(self.new)})"

    def words(self) -> str:
        return f"{self.source.words()} " + (
            f"without {quoted(self.old)}" if not self.new else f"with {quoted(self.new)} for {quoted(self.old)}"
        )


@dataclass(frozen=True, slots=True)
class ReplacePattern(Expression):
    """The text with every match of a pattern replaced by a literal."""

    source: Expression
    pattern: Pattern
    new: str
    what: str

    @property
    def surcharge(self) -> float:
        """Dearer than a literal; a mark for a run of letters is likelier put after what precedes it."""
        return 0.15 * len(self.new) + (2.0 if self.new and self.what in _RUNS else 0.0)

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        return None if text is None else self.pattern.sub(self.new.replace("\\", "\\\\"), text)

    def sql(self) -> str:
        """`regexp_replace` everywhere."""
        new = self.new.replace("\\", "\\\\")
        return f"regexp_replace({self.source.sql()}, {literal(self.pattern.sql)}, {literal(new)}, 'g')"

    def words(self) -> str:
        return f"{self.source.words()} " + (
            f"without {self.what}" if not self.new else f"with {quoted(self.new)} for {self.what}"
        )


_RUNS = ("letters", "capitals", "small letters")
_PATTERNS = (
    (charset("D", negated=True) + raw("+"), "all but digits"),
    (charset("L", negated=True) + raw("+"), "all but letters"),
    (charset("LD", negated=True) + raw("+"), "all but letters and digits"),
    (DIGITS.pattern, "digits"),
    (charset("D"), "each digit"),
    (LETTERS.pattern, "letters"),
    (charset("L"), "each letter"),
    (SPACES.pattern, "blanks"),
    (UPPERS.pattern, "capitals"),
    (LOWERS.pattern, "small letters"),
    (charset("D'.", negated=True) + raw("+"), "all but digits and points"),
    (charset("D'.-", negated=True) + raw("+"), "all but digits, points and minus"),
    (charset("LDS", negated=True) + raw("+"), "punctuation"),
    (raw(r"\([^)]*\)"), "text in brackets"),
    (raw(r" *\([^)]*\)"), "text in brackets"),
    (raw(r" *\[[^\]]*\]"), "text in square brackets"),
    (raw("<[^>]*>"), "markup"),
    (raw("(?:<[^>]*> *)+"), "runs of markup"),
    (raw("^0+"), "leading zeros"),
)


@proposes(piece=60)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Single characters that the outputs lack, and patterns whose removal or replacement stands in the outputs."""
    instead = [new for new in _INSTEAD if not new or all(new in output or not output for output in task.outputs)]
    for source, values in sources:
        yield from _literals(task, source, values, instead)
        yield from _patterns(task, source, values, instead[:8])


def _literals(task: Examples, source: Expression, values: tuple[str, ...], instead: list[str]) -> Iterator[Candidate]:
    wanted = set("".join(task.outputs))
    characters = {ch for value in values for ch in value if not ch.isalnum()} if len(values[0]) < 200 else set()
    olds = sorted(characters) + _common_words(values, task.outputs)
    for old in olds:
        for new in instead if len(old) == 1 else ("",):
            if new == old or (not new and old in wanted and len(set(task.outputs)) < 2):
                continue
            replaced = tuple(v.replace(old, new) for v in values)
            if replaced != values and occurs(task, replaced):
                yield Candidate(Replace(source, old, new), replaced)


def _patterns(task: Examples, source: Expression, values: tuple[str, ...], instead: list[str]) -> Iterator[Candidate]:
    for pattern, what in _PATTERNS:
        for new in instead:
            replaced = _replaced(pattern, new, values)
            if replaced == values or (new and {*replaced} <= {new, ""}):
                continue
            if occurs(task, replaced):
                yield Candidate(ReplacePattern(source, pattern, new, what), replaced)
            elif new == " " and occurs(task, bare := tuple(v.strip(BLANKS) for v in replaced)):
                yield Candidate(Trim(ReplacePattern(source, pattern, new, what)), bare)


def _replaced(pattern: Pattern, new: str, values: tuple[str, ...]) -> tuple[str, ...]:
    """Texts with another for a pattern: each column that is learned asks again."""
    short = max(map(len, values)) <= LONGEST_KEPT
    return _kept_replaced(pattern, new, values) if short else _kept_replaced.__wrapped__(pattern, new, values)


@lru_cache(maxsize=4096)
def _kept_replaced(pattern: Pattern, new: str, values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple([pattern.sub(new, value) for value in values])


_BRACKETED = raw(r" *(?:\([^()]*\)|\[[^\[\]]*\])")


@proposes(source=30)
def unbracketed(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """Columns without what stands in brackets, where no output has any."""
    if any(mark in output for output in task.outputs for mark in "()[]"):
        return
    for source, values in sources:
        bare = tuple(_BRACKETED.sub("", v) for v in values)
        if bare != values and any(bare):
            yield Candidate(ReplacePattern(source, _BRACKETED, "", "text in brackets"), bare)


def _common_words(values: tuple[str, ...], outputs: list[str]) -> list[str]:
    """Words that stand in some source and in no output, and are not all that a row holds."""
    found: dict[str, int] = {}
    for value in values:
        for word in value.split(" ")[:30]:
            if 1 < len(word) < 20:
                for form in (word, word + " ", " " + word):
                    if form in value:
                        found[form] = found.get(form, 0) + 1
    least = 2 if len(values) > 2 else 1
    return [
        w
        for w, n in sorted(found.items(), key=lambda item: -item[1])
        if n >= least and w not in values and not any(w in o for o in outputs)
    ][:12]


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`: literals, and every pattern that is known."""
    patterns = (ReplacePattern(CELL, pattern, "\\1", what) for pattern, what in _PATTERNS)
    brackets = ReplacePattern(CELL, _BRACKETED, "", "text in brackets")
    return Replace(CELL, ".", "\\1"), Replace(CELL, "e\u0301", "é"), *patterns, brackets
