"""A text without what is no word of it: emphasis, links, tags, runs of spaces, and ends of lines that end nothing.

People and models mark figures (``**16.4%**``), wrap lines and indent them. None of that changes what is claimed, so
that it is taken out before anything is read; claims are told where they stand in the text as it was sent.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, replace

from services.portfolio.domain.claims.model import Verdict

_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
_SPACE = r"[ \t\u00a0\u2007\u2009\u202f]"
_MARKUP = re.compile(
    rf"(?P<unseen>[{_UNSEEN}]+)|(?P<tag></?(?:b|i|u|em|strong|span|mark|code|small|font)\b[^<>]*>)|"
    r"(?P<link>\[(?=[^\[\]\n]+\]\((?:https?:|/|#)[^()\s]*\)))|(?P<target>(?<=\w|[%)])\]\((?:https?:|/|#)[^()\s]*\))|"
    r"(?P<stars>\*{1,3}(?=\S)|(?<=\S)\*{1,3})|(?P<lines>(?<![\w/])_{1,3}(?=\S)|(?<=\S)_{1,3}(?![\w/]))|(?P<ticks>`+)|(?P<struck>~~)|"
    rf"(?P<indent>^{_SPACE}+(?=\S))|(?P<spaces>(?<={_SPACE}){_SPACE}+)",
    re.MULTILINE,
)
_WRAPPED = re.compile(rf"(?<=[^\s.!?:;|]){_SPACE}*\n{_SPACE}*(?=[^\s\-*•·>|#+–—])(?!\d+[.)]\s)")
_HYPHENED = re.compile(r"\w-$")
_SHORTEST_WRAPPED = 50
"""A line is wrapped where it is full: lists, headings and tables have shorter ones."""


@dataclass(frozen=True, slots=True)
class Unmarked:
    """A text without markup, and where its parts stood: from ``starts[n]`` on, by ``shifts[n]`` further on."""

    text: str
    source: str
    starts: tuple[int, ...]
    shifts: tuple[int, ...]

    def place(self, verdict: Verdict) -> Verdict:
        """The verdict on a claim of this text, as one of the text that was sent."""
        if not self.shifts:
            return verdict
        start, last = self._find(verdict.claim.start), self._find(max(verdict.claim.end - 1, verdict.claim.start))
        claim = replace(verdict.claim, start=start, end=last + 1, text=self.source[start : last + 1])
        return replace(verdict, claim=claim)

    def _find(self, position: int) -> int:
        index = bisect_right(self.starts, position) - 1
        return position + self.shifts[index] if index >= 0 else position


def take_out(text: str) -> Unmarked:
    """The text without markup.

    >>> take_out("It  returned **16.4%**.").text
    'It returned 16.4%.'
    """
    cuts = sorted([*((match.start(), match.end(), "") for match in _MARKUP.finditer(text)), *_find_wrapped(text)])
    parts: list[str] = []
    starts: list[int] = []
    shifts: list[int] = []
    position = length = shift = 0
    for start, end, by in cuts:
        if start < position:
            continue
        parts += [text[position:start], by]
        length += start - position + len(by)
        shift += end - start - len(by)
        starts.append(length)
        shifts.append(shift)
        position = end
    return Unmarked("".join([*parts, text[position:]]), text, tuple(starts), tuple(shifts))


def _find_wrapped(text: str) -> Iterator[tuple[int, int, str]]:
    """The ends of full lines in the middle of a sentence."""
    for match in _WRAPPED.finditer(text):
        line = text.rfind("\n", 0, match.start()) + 1
        if match.start() - line >= _SHORTEST_WRAPPED and "|" not in text[line : match.start()]:
            yield match.start(), match.end(), "" if _HYPHENED.search(text[line : match.start()]) else " "
