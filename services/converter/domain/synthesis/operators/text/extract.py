"""Parts of texts that everybody knows: of web addresses, paths, e-mail, fields with a key, names of several words."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis import sampling
from services.converter.domain.synthesis.edges import MOST_CHECKED, Check
from services.converter.domain.synthesis.language import CELL, Examples, Expression, Record
from services.converter.domain.synthesis.operators.text.split import texts_of
from services.converter.domain.synthesis.operators.witness import Candidate, occurs, proposes
from services.converter.domain.synthesis.sqltext import literal, quoted
from services.converter.domain.synthesis.tokens import Pattern, charset, encloses, exactly, raw

LONGEST = 1000
"""Texts longer than this many characters are not taken apart."""
LONGEST_NAME = 80
"""Characters of the longest text that may be a name of several words."""
MOST_KEYS, KEY_PRICE = 12, 1.4
"""Keys of the first texts that are tried, and the price of a key's value: a little below a split."""


@dataclass(frozen=True, slots=True)
class Extract(Expression):
    """The first group of a pattern where it is first found; empty where it is not."""

    source: Expression
    pattern: Pattern
    what: str
    price: float
    marks: tuple[Pattern, ...] = ()
    """What it goes by and could do without, so that a text that lacks it may mean something else."""
    of_line: bool = False
    """Whether the parts beside it, which are columns too, are the rest of the text."""
    enclosed: bool = False
    """Whether marks stand on both sides of it that enclose a field."""

    @property
    def is_whole(self) -> bool:
        """It is where marks enclose it, and where all of the text comes out in one column or another: nothing is left
        that could be meant."""
        return self.of_line or self.enclosed

    @property
    def is_confirmed(self) -> bool:
        """It is where the pattern of the whole text makes the columns beside it."""
        return self.of_line

    @property
    def surcharge(self) -> float:
        """What is so well known has a small price."""
        return self.price

    def edges(self, rows: Sequence[Record]) -> Iterator[Check]:
        """Texts without the marks that all had; or with a mark by which some had a part, but without such a part."""
        shown = sampling.some(rows, MOST_CHECKED)
        texts = texts_of(self.source, shown)
        needed = [mark for mark in self.marks if texts and all(map(mark.search, texts))]
        yield from self.lacking(f"NOT regexp_matches({self.source.sql()}, {literal(mark.sql)})" for mark in needed)
        pairs = [(text, bool(self.run(row))) for row in shown if (text := self.source.run(row))]
        for mark in self.marks:
            if mark not in needed and pairs and all(bool(mark.search(t)) == found for t, found in pairs):
                there = f"regexp_matches({self.source.sql()}, {literal(mark.sql)})"
                words = f"a mark is there, but not what stood by it in the example: {self.words()}"
                yield self.check("missing", "note", words, f"{there} AND coalesce({self.sql()}, '') = ''")

    def run(self, record: Record) -> str | None:
        text = self.source.run(record)
        if text is None:
            return None
        found = self.pattern.search(text)
        return (found.group(1) or "") if found else ""

    def sql(self) -> str:
        """`regexp_extract` of one group."""
        return f"regexp_extract({self.source.sql()}, {literal(self.pattern.sql)}, 1)"

    def words(self) -> str:
        return f"{self.what} of {self.source.words()}"


_HOST = r"^(?:[A-Za-z][A-Za-z0-9+.-]*://)?(?:[^/@ ]*@)?"
_END = r"(?:[/:?# ]|$)"
# The second-level names under which registries of countries sell domains.
_SHARED = r"(?:co|com|org|net|gov|ac|edu|or|ne|go|gob|gen|firm|nic|mil|ltd|plc|sch|nhs|res)\.[A-Za-z]{2}"
_WEB: tuple[tuple[str, str, float], ...] = (
    (r"^([A-Za-z][A-Za-z0-9+.-]*)://", "scheme", 1.6),
    (_HOST + r"([^/:?# ]+)", "host", 1.4),
    (_HOST + r"(?:www\.)?([^/:?# ]+)", "host without www", 1.5),
    (rf"([^./@ :]+\.(?:{_SHARED}|[A-Za-z]{{2,}})){_END}", "registered domain", 1.7),
    (rf"([^./@ :]+)\.(?:{_SHARED}|[A-Za-z]{{2,}}){_END}", "name of the registered domain", 1.8),
    (rf"\.({_SHARED}|[A-Za-z]{{2,}}){_END}", "suffix of the domain", 1.8),
    (rf"\.([A-Za-z]{{2,}}){_END}", "top-level domain", 1.8),
    (r"//[^/ ]+(/[^?# ]*)", "path", 1.6),
    (r"\?([^# ]*)", "query", 1.6),
    (r"#([^ ]*)$", "fragment", 1.7),
    (r"//[^/: ]+:([0-9]+)", "port", 1.7),
)
_PATH: tuple[tuple[str, str, float], ...] = (
    (r"^(.*)[/\\]", "folder", 1.5),
    (r"([^/\\]+)[/\\]*$", "last part of the path", 1.5),
    (r"([^/\\]+?)(?:\.[^./\\]*)?$", "file name without its ending", 1.6),
    (r"\.([^./\\]+)$", "ending of the file name", 1.25),
    (r"(\.[^./\\]+)$", "ending of the file name with its point", 1.3),
)
_MAIL: tuple[tuple[str, str, float], ...] = (
    (r"([^@\s<>(]+)@", "name before the @", 1.5),
    (r"@([^\s<>),;]+)", "domain after the @", 1.5),
)
_CALL = r"^(?:(?:\+|00)?1[-. ]?)?\(?([2-9][0-9]{2})\)?[-. ]{0,2}[0-9]{3}[-. ]?[0-9]{4}(?:[^0-9]|$)"
_PHONE: tuple[tuple[str, str, float], ...] = ((_CALL, "area code", 1.4),)
_NAME: tuple[tuple[str, str, float], ...] = (
    (r"^[^ ]+ +(.*[^ ]) +[^ ]+$", "words between the first and the last", 1.7),
    (r"^[^ ]+ +(.+)$", "all words but the first", 1.7),
    (r"^(.*[^ ]) +[^ ]+$", "all words but the last", 1.7),
)
_KEY = re.compile(r"(?:^|[;&?,|\s{])\"?([A-Za-z_][\w.-]{0,30}|\d{1,4})\"?(=|:)")


@proposes(piece=40)
def witness(task: Examples, sources: Iterable[Candidate]) -> Iterator[Candidate]:
    """The known parts that stand in the outputs."""
    for source, values in sources:
        if max(map(len, values)) > LONGEST or not any(values):
            continue
        for pattern, what, price, enclosed in _likely(values):
            yield from _offered(task, Extract(source, pattern, what, price, enclosed=enclosed), values)


def _likely(values: tuple[str, ...]) -> Iterator[tuple[Pattern, str, float, bool]]:
    """Patterns for the kinds of text that the values may be, and whether marks enclose what they find."""
    some = [v for v in values if v]
    kinds = (
        (_WEB, _are_addresses(some)),
        (_PATH, all("/" in v or "\\" in v for v in some)),
        (_MAIL, all("@" in v for v in some)),
        (_PHONE, bool(some) and all(re.match(_CALL, v) for v in some)),
        (_NAME, any(" " in v.strip() for v in some) and all(len(v) < LONGEST_NAME for v in some)),
    )
    for pattern, what, price in (entry for kind, are_such in kinds if are_such for entry in kind):
        yield raw(pattern), what, price, False
    yield from _keyed(some)


def _are_addresses(texts: list[str]) -> bool:
    """Whether texts may be web addresses: one word each with a point in it, and not all of them numbers."""
    dotted = all("." in text and len(text.split()) == 1 for text in texts)
    return dotted and not all(text.replace(".", "").isdigit() for text in texts)


def _keyed(texts: list[str]) -> Iterator[tuple[Pattern, str, float, bool]]:
    """Patterns for the values of keys, up to each of the marks that may end one."""
    keys = dict.fromkeys(m.groups() for text in texts[:6] for m in _KEY.finditer(text))
    stops = [stop for stop in (";", "&", ",", "|", " ", "\n") if any(stop in text for text in texts)]
    for key, mark in list(keys)[:MOST_KEYS]:
        start = raw(r"(?:^|[;&?,| {\n\"])") + exactly(key) + raw('"?' + mark + r" *\"?(")
        for stop in stops:
            yield (
                start + charset(f"'{stop}\"", negated=True) + raw("*)"),
                f"value of {quoted(key)}",
                KEY_PRICE,
                encloses(stop),
            )


def _offered(task: Examples, node: Extract, values: tuple[str, ...]) -> Iterator[Candidate]:
    found = tuple((m.group(1) or "") if (m := node.pattern.search(v)) else "" for v in values)
    if found != values and occurs(task, found):
        yield Candidate(node, found)


def law() -> tuple[Expression, ...]:
    """Instances on which `run` equals `sql`: every pattern that is known."""
    known = (
        Extract(CELL, raw(pattern), what, price)
        for kind in (_WEB, _PATH, _MAIL, _PHONE, _NAME)
        for pattern, what, price in kind
    )
    key = raw(r"(?:^|[;&?,| {\n\"])") + exactly("id") + raw('"?= *"?(') + charset("';\"", negated=True) + raw("*)")
    return (*known, Extract(CELL, key, "value of id", KEY_PRICE))
