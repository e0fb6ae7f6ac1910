"""What stands around an answer in the text that it was taken from, as far as an example shows it."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import charset, exactly

MOST_READ = 500
"""Characters of a text up to which answers are looked for in it."""
MOST_PLACES = 12
"""Places of an answer in one text that are looked at."""
_NEAR = 2
"""Characters on each side that show how a place is marked: a mark and what it follows."""
_START = "^" * _NEAR
"""What stands before a text."""
_WITHIN = frozenset("-.'’_&+%")
"""Marks that stand inside of words, names and numbers."""
_MARKS = "!-/:-@\\[-`{-~\u00a1-\u00bf\u2010-\u205e\u3001-\u303f"
"""Punctuation: of ASCII, of Latin letters, of all scripts, of ideographs. Ranges cost DuckDB less than classes do."""
_MARK = re.compile(f"[{_MARKS}]")
_PARTING = rf"(?:^|\D)[{_MARKS}]|[{_MARKS}](?:\D|$)"
_SPACED = re.compile(r" [-.'’_+%]+(?: |$)")
"""Marks of words with blanks on both sides."""
LETTER, DIGIT = charset("L"), charset("D")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Patterns of what stands just before and just behind the example's answers: two characters, or the text's end.

    A letter stands for all letters, a digit for all digits. An answer that ends inside of a word, or at another mark,
    where the example's never did, is hardly what is meant.
    """

    before: tuple[str, ...]
    behind: tuple[str, ...]

    @staticmethod
    def of(texts: Sequence[str], answers: Sequence[str]) -> "Surroundings | None":
        """Those of answers in their texts; None where an answer does not stand in its text."""
        before: set[str] = set()
        behind: set[str] = set()
        for text, answer in zip(texts, answers, strict=True):
            if not answer:
                continue
            places = _places(text, answer) if len(text) <= MOST_READ else []
            if not places:
                return None
            for place in places:
                end = place + len(answer)
                before.add(("^" if place < _NEAR else "") + _classes(text[max(0, place - _NEAR) : place]))
                behind.add(_classes(text[end : end + _NEAR]) + ("$" if end + _NEAR > len(text) else ""))
        return Surroundings(tuple(sorted(before)), tuple(sorted(behind))) if before else None

    def sql(self, text: str, answer: str) -> str:
        """SQL that holds where an answer stands in a text, both given in SQL, as the example's answers did."""
        before, behind = (literal(f"(?:{'|'.join(found)})") for found in (self.before, self.behind))
        return f"regexp_matches({text}, '(?s)' || {before} || regexp_escape({answer}) || {behind})"


@dataclass(frozen=True, slots=True)
class Stands:
    """Where an answer stands in a text: every place of it."""

    text: str
    answer: str
    places: frozenset[int]

    @staticmethod
    def of(text: str, answer: str) -> "Stands | None":
        """None where the answer does not stand in the text, or the text is too long to look."""
        places = _places(text, answer) if answer and len(text) <= MOST_READ else []
        return Stands(text, answer, frozenset(places)) if places else None


def around_sql(shown: Iterable[tuple[str, int]], text: str, place: str) -> str:
    """SQL that holds at a place of a text, both given in SQL, where what stands on both sides of it is as at one of the
    places that are shown of texts: two characters before, and the first behind, all letters alike and all digits."""
    known = {f"{_START}{_in_classes(one)}"[at : at + _NEAR + 1] for one, at in shown}
    classes = f"regexp_replace({text}, {literal(LETTER.sql)}, 'a', 'g')"
    classes = f"regexp_replace({classes}, {literal(DIGIT.sql)}, '9', 'g')"
    beside = f"substr({literal(_START)} || {classes}, {place} + 1, {_NEAR + 1})"
    return f"{beside} IN ({', '.join(map(literal, sorted(known)))})"


def _in_classes(text: str) -> str:
    return DIGIT.sub("9", LETTER.sub("a", text))


def parting_marks(texts: Iterable[str]) -> frozenset[str]:
    """The marks in texts that part fields rather than words (see `tokens.encloses`); a blank stands for marks of words
    with blanks on both sides."""
    found: set[str] = set()
    for text in texts:
        found |= {mark for mark in _MARK.findall(text) if mark not in _WITHIN}
        found |= {" "} if _SPACED.search(text) else set()
    return frozenset(found)


def parting_sql(text: str, known: frozenset[str]) -> str:
    """SQL that holds where a text, given in SQL, has a mark that parts fields, other than those that are known; between
    digits they are a part of a number, a day or a time."""
    usual = charset("'" + "".join(sorted((known | _WITHIN) - {" "})))
    rest = f"regexp_replace({text}, {literal(usual.sql)}, 'a', 'g')"
    tests = [f"regexp_matches({rest}, {literal(_PARTING)})"]
    if " " not in known:
        tests.append(f"regexp_matches({text}, {literal(_SPACED.pattern)})")
    # Any of the tests needs what letters, digits and usual marks, with single blanks between words, have not: that is
    # asked first, in one look at the text.
    inner = usual.sql[1:-1]
    unusual = rf"[^0-9A-Za-z {inner}]| [^0-9A-Za-z]"
    return f"(regexp_matches({text}, {literal(unusual)}) AND ({' OR '.join(tests)}))"


def words_beside(texts: Sequence[str], answers: Sequence[str]) -> tuple[bool, bool] | None:
    """Whether, anywhere in an example, a word stands just before an answer and just behind it, with a blank between;
    None where an answer does not stand in its text."""
    before = behind = False
    for text, answer in zip(texts, answers, strict=True):
        places = _places(text, answer) if answer and len(text) <= MOST_READ else []
        if not places:
            return None
        for place in places:
            end = place + len(answer)
            before |= _ends_word(text[max(0, place - _NEAR) : place])
            behind |= _ends_word(text[end : end + _NEAR][::-1])
    return before, behind


def _ends_word(text: str) -> bool:
    return text[1:] == " " and LETTER.fullmatch(text[0]) is not None


def word_beside_sql(text: str, answer: str, *, before: bool, behind: bool) -> str:
    """SQL that holds where a word stands just before (``before``) or just behind an answer that begins, or ends, with a
    letter, both texts given in SQL."""
    letter, spelled = LETTER.sql, f"regexp_escape({answer})"
    tests = []
    if before:
        pattern = f"{literal(letter + ' ')} || {spelled} || {literal(f'(?:[^{chr(92)}p{{L}}{chr(92)}d]|$)')}"
        tests.append(f"(regexp_matches({answer}, {literal('^' + letter)}) AND regexp_matches({text}, {pattern}))")
    if behind:
        pattern = f"{literal(f'(?:^|[^{chr(92)}p{{L}}{chr(92)}d])')} || {spelled} || {literal(' ' + letter)}"
        tests.append(f"(regexp_matches({answer}, {literal(letter + '$')}) AND regexp_matches({text}, {pattern}))")
    return " OR ".join(tests)


def _places(text: str, answer: str) -> list[int]:
    places: list[int] = []
    place = text.find(answer)
    while place >= 0 and len(places) < MOST_PLACES:
        places.append(place)
        place = text.find(answer, place + 1)
    return places


def _classes(text: str) -> str:
    return "".join(_class_of(character) for character in text)


def _class_of(character: str) -> str:
    for one in (LETTER, DIGIT):
        if one.fullmatch(character):
            return one.sql
    return exactly(character).sql
