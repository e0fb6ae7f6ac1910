"""Sentences that ask for something of rows: which stay, what one stands for, in what order they come."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_END = re.compile(r"(?<=[.!;])\s+|\n+")
_ROWS = r"(?:rows?|records?|lines?|entries|entry|everything|anything|those|ones)"
_DROPS = (
    r"ignor(?:e|ed|ing)|exclud(?:e|ed|ing)|drop(?:ped|ping)?|skip(?:ped|ping)?|remov(?:e|ed|ing)|delet(?:e|ed)"
    r"|omit(?:ted)?|discard(?:ed)?|filter(?:ed)? out|le(?:ave|ft) out|without"
    r"|(?:do not|don't|not|never) (?:be )?(?:keep|kept|included?|taken?|need(?:ed)?|want(?:ed)?|appear|shown?)"
)
_KEEPS = r"keep|kept|only|includ(?:e|ed)|retain(?:ed)?|take|taken"
_SUCH = r"where|with|whose|if|when|having|that have|for which|in which"
_ARE = r"are|is|becomes|(?:should|must|shall)(?: be)?|to be|(?:is|are) to(?: be)?|ha(?:s|ve) to be"
_VERB = re.compile(rf"\b(?:(?P<drop>{_DROPS})|(?P<keep>{_KEEPS}))\b", re.IGNORECASE)
_FILTER = re.compile(
    rf"\b{_ROWS}\b[,\s]*(?:(?:{_KEEPS}|{_DROPS})[,\s]+)?(?:{_SUCH})\b\s*(?P<test>.+?)"
    rf"(?:\s*,?\s*(?:(?:{_ARE})\s+)?\b(?:{_DROPS}|{_KEEPS})\b(?:\s+(?:{_ARE}))?)?[\s.!;]*\Z",
    re.IGNORECASE | re.DOTALL,
)
_WHERE_FROM = re.compile(
    r"(?:a|also|always|and|as|be|by|called|can|cells?|columns?|comes?|copied|copy|each|every|fields?|file|find|found|from"
    r"|gets?|given|goes|here|holds|in|input|into|is|its?|just|like|made|named?|of|on|out|output|please|reads?|rows?|same"
    r"|see|shown|stands?|taken?|text|than|that|the|their|them|there|these|this|to|under|used?|values?|what|where|which"
    r"|with|written)",
    re.IGNORECASE,
)
"""Words that say no more than where a column comes from."""
_ONLY = re.compile(
    r"^\s*(?:please )?(?:(?:keep |take |show )?only|filter(?: by| on| for)?|keep)\s+"
    r"(?P<test>[^,;:]*?[<>=≤≥][^,;:]*?)[\s.!;]*\Z",
    re.IGNORECASE,
)
_SUMS = r"sum(?:med)?(?: up)?|add(?: up)?|aggregate|combine|merge|collapse|summari[sz]e"
_KEY = re.compile(
    rf"\b(?:one|a|single|1)\s+(?:single )?{_ROWS}\s+(?:per|by|for each|for every|each)\s+(?P<one>.+?)[\s.!;]*\Z"
    r"|\bgroup(?:ed)?\b(?: \w+)?? by\s+(?P<group>.+?)[\s.!;]*\Z"
    r"|\b(?:by|per) (?P<last>.+?) (?:group(?:ed)?|summed|aggregated)[\s.!;]*\Z"
    rf"|\bper (?P<per>.+?) (?:one|a|a single|single|1) {_ROWS}[\s.!;]*\Z"
    rf"|^\s*(?:please )?(?:{_SUMS})\b(?: \w+){{0,3}}? (?:per|by|for each|for every)\s+(?P<sum>.+?)[\s.!;]*\Z"
    rf"|^\s*(?:please )?(?:{_SUMS})\b(?: all)?(?: the)? {_ROWS} (?:of|for|with) (?:each|every|the same) (?P<each>.+?)"
    rf"(?: into (?:one|a)(?: {_ROWS})?)?[\s.!;]*\Z",
    re.IGNORECASE,
)
_LARGE = r"(?:newest|latest|largest|highest|biggest|most recent|last)"
_SMALL = r"(?:oldest|earliest|smallest|lowest|least|first)"
_FIRST = r"(?: \w+)? (?:first|on top|at the top)"
_ORDER = re.compile(
    r"\b(?:sort(?:ed)?|order(?:ed)?|arranged?)\b(?=.*\bby\b)|\bby\b.*\bsorted\b|\b(?:de|a)sc(?:ending)?\b"
    rf"|\b(?:{_LARGE}|{_SMALL}){_FIRST}\b",
    re.IGNORECASE,
)
_FALLING = re.compile(rf"\bdesc(?:ending)?\b|\b{_LARGE}{_FIRST}\b|\breverse", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class RowsAsked:
    """What a sentence asks of rows: to keep or leave out those where ``text`` holds, one row for each ``text``, or the
    order of the column that ``text`` names."""

    what: Literal["keep", "drop", "key", "order"]
    text: str
    falling: bool = False


def sentences_of(text: str) -> list[str]:
    """The sentences of a text."""
    return [part.strip() for part in _END.split(text) if part.strip()]


def rows_asked(sentence: str) -> RowsAsked | None:
    """What a sentence in English grammar asks of rows; None where it is about something else."""
    kept = _FILTER.search(sentence)
    if kept is not None and (filtered := _filtered(sentence, kept)) is not None:
        return filtered
    only = _ONLY.match(sentence)
    if only is not None:
        return RowsAsked("keep", only["test"])
    key = _KEY.search(sentence)
    if key is not None:
        return RowsAsked("key", next(filter(None, key.groups())))
    if _ORDER.search(sentence):
        return RowsAsked("order", sentence, _FALLING.search(sentence) is not None)
    return None


def _filtered(sentence: str, kept: re.Match[str]) -> RowsAsked | None:
    """What a sentence asks that has a verb before its rows, or behind the test; a verb within the test is a value."""
    start, end = kept.span("test")
    leading = list(_VERB.finditer(sentence[:start]))
    if any(verb.group().lower() != "only" for verb in leading):
        drops, test = any(verb["drop"] for verb in leading), sentence[start:].strip(" \t\n.!;")
    else:
        verbs = [*leading, *_VERB.finditer(sentence[end:])]
        drops, test = any(verb["drop"] for verb in verbs), kept["test"].strip()
        if not verbs:
            return None
    return RowsAsked("drop" if drops else "keep", test)


def named(text: str, names: Sequence[str]) -> list[str]:
    """The names that a text holds as words, in the order in which they stand there, the longest first at one place."""
    found: list[tuple[int, int, str]] = []
    for name in names:
        words = [re.escape(word) for word in re.split(r"[\W_]+", name.lower()) if word]
        spelled = r"[\W_]*".join(words)
        places = re.finditer(rf"(?<!\w){spelled}(?!\w)", text.lower()) if words else ()
        found += [(place.start(), -len(name), name) for place in places]
    out: list[str] = []
    reached = -1
    for start, length, name in sorted(found):
        if start >= reached:
            out.append(name)
            reached = start - length
    return list(dict.fromkeys(out))


def says_only_where(text: str, names: Sequence[str]) -> bool:
    """Whether a text in English grammar says no more than which column another comes from."""
    rest = text.lower()
    for name in sorted(named(text, names), key=len, reverse=True):
        spelled = r"[\W_]*".join(re.escape(word) for word in re.split(r"[\W_]+", name.lower()) if word)
        rest = re.sub(rf"(?<!\w){spelled}(?!\w)", " ", rest)
    said = re.findall(r"[^\W\d_]+", rest)
    return not re.search(r"[=<>+*/0-9]", rest) and all(map(_WHERE_FROM.fullmatch, said))
