"""Movers in prose, by a small grammar: clauses of a name and its figures, each figure with the words beside it.

::

    text     = clause { ("," | ";" | "." | newline | "and") clause }
    clause   = name { figure }
    figure   = [label] [verb] [arrow] percent [label]

A label beside a figure says that it is a weight, a return or a contribution; a verb or an arrow gives its direction. A
word that is neither and begins a new fragment in upper case begins the next mover. What does not fit is named in
``Prose.lost``, never dropped in silence.
"""

import itertools
import re
from dataclasses import dataclass, field

from services.portfolio.domain.numbers import MINUS_SIGNS, SPACES
from services.portfolio.domain.reading.tables import RawRow, RawTable

_FIGURE = re.compile(
    r"(?P<open>\()?\s*(?P<sign>[-+])?\s*(?P<inner>\()?\s*(?P<digits>\d[\d.,' ]*\d|\d)\s*\)?"
    r"\s*(?P<unit>%|percent\b|per cent\b|pct\b|bps\b)\s*(?P<close>\))?",
    re.IGNORECASE,
)
_WEIGHT = frozenset(
    {
        "weight",
        "weights",
        "weighting",
        "wt",
        "allocation",
        "share",
        "weighted",
        "portfolio",
        "assets",
        "aum",
        "gewicht",
        "gewichtung",
        "anteil",
        "poids",
        "pondération",
        "nav",
    }
)
_RETURN = frozenset(
    {"return", "returns", "returned", "performance", "rendite", "rendement", "change", "move", "ytd", "mtd"}
)
_CONTRIBUTION = frozenset({"contribution", "contributed", "contributing", "attribution", "added to return"})
_FALL = frozenset(
    {"fell", "fall", "falls", "falling", "fallen", "lost", "lose", "loses", "losing", "loss", "down", "decline",
     "declined", "declines", "declining", "drop", "dropped", "drops", "dropping", "slipped", "slips", "slid",
     "shed", "sheds", "underperformed", "plunged", "decreased", "tumbled", "negative", "lower", "off", "sank",
     "sold", "corrected", "crashed", "eased", "weakened", "retreated", "fiel", "fielen", "gefallen", "verlor",
     "verloren", "gesunken", "minus", "perd", "perdu", "baisse", "baissé", "recule", "reculé", "cède"}
)  # fmt: skip
_RISE = frozenset(
    {"rose", "rise", "rises", "rising", "gained", "gain", "gains", "gaining", "up", "added", "adds", "climbed",
     "climbs", "advanced", "increased", "jumped", "rallied", "delivered", "surged", "higher", "soared", "positive",
     "outperformed", "moved", "stieg", "stiegen", "gestiegen", "gewann", "gewonnen", "plus", "gagne", "gagné",
     "hausse", "progresse", "progressé"}
)  # fmt: skip
_FILLERS = frozenset(
    {"was", "is", "has", "have", "been", "were", "are", "on", "at", "a", "an", "of", "with", "its", "the", "to",
     "by", "in", "for", "and", "this", "that", "which", "week", "month", "quarter", "year", "day", "today", "it",
     "over", "total", "our", "from", "while", "but", "about", "around", "nearly", "roughly", "respectively",
     "carries", "holds", "having", "makes", "last", "past", "date", "also", "as", "um", "mit", "bei", "auf",
     "einem", "einer", "de", "du", "un", "une"}
)  # fmt: skip
_UP, _DOWN = "▲△↑⬆🔺🟢", "▼▽↓⬇🔻🔴"
_WORDS = re.compile(r"[^\s,;|()]+")
_NAME_END = re.compile(rf"\s*(?:[:|;,]|\s[-–—]\s|\(|[{_UP}{_DOWN}])")
_BULLET = re.compile(r"^\s*(?:[-*•]\s+|\d{1,3}[.)]\s+)")
_SEPARATORS = re.compile(r"[,;|()]|\s-\s|:")
_LEAD = re.compile(
    r"^.*?\b(?:gainers?|winners?|leaders?|losers?|laggards?|detractors?|decliners?|movers?)\b[\s:]*"
    r"(?:(?:were|was|are|is|include[ds]?|including|today|this week|of the (?:day|week|month)|being)\b[\s:]*)*",
    re.IGNORECASE,
)
_MONEY = re.compile(
    r"(?:[₹$€£¥]|\b(?:INR|USD|EUR|GBP|Rs\.?))\s?\d[\d.,]*(?:\s?(?:cr|crore|lakh|mn|bn|k|m)\b)?", re.IGNORECASE
)
"""Amounts of money are neither weights nor returns, nor part of a name."""
_CONNECTORS = frozenset(
    {"of", "and", "the", "de", "von", "van", "der", "du", "des", "la", "le", "for", "in", "on", "y", "e"}
)
"""Words in lower case that names have; any other may be a verb of a direction that is not known."""
_SENTENCES = re.compile(r"(?<=[.;])\s+(?=[A-Z0-9])|;\s*")
_HEADINGS = ((re.compile(r"\b(?:losers?|laggards?|detractors?|decliners?|worst)\b", re.IGNORECASE), "losers"),
             (re.compile(r"\b(?:gainers?|winners?|leaders?|best|advancers?)\b", re.IGNORECASE), "gainers"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Prose:
    """What was read of a text: rows of ``name``, ``return`` and ``weight``; ``lost`` are the parts with a figure that
    could not be understood; ``side`` the heading, gainers or losers, that each row stood under."""

    table: RawTable
    lost: tuple[str, ...]
    side: tuple[str, ...]


@dataclass(slots=True)
class _Figure:
    text: str
    start: int
    end: int
    bracketed: bool
    signed: bool
    before: list[str] = field(default_factory=list)
    after: list[str] = field(default_factory=list)
    lead: str = ""
    trail: str = ""


def find_side(heading: str) -> str:
    """``gainers`` or ``losers`` for a heading that says so, else empty."""
    return next((side for pattern, side in _HEADINGS if pattern.search(heading)), "")


def read_prose(text: str, field_name: str) -> Prose:
    """The movers of a text."""
    plain = text.translate(MINUS_SIGNS).translate(SPACES)
    rows: list[RawRow] = []
    sides: list[str] = []
    lost: list[str] = []
    side = ""
    for line in (part for whole in plain.splitlines() for part in _SENTENCES.split(whole)):
        stripped = _BULLET.sub("", line).strip().rstrip(".;")
        heading, _, rest = stripped.partition(":")
        if rest and (named := find_side(heading)) and not any(map(str.isdigit, heading)):
            side, stripped = named, rest.strip()
        elif (lead := _LEAD.match(stripped)) and not any(map(str.isdigit, lead[0])) and (named := find_side(lead[0])):
            side, stripped = named, stripped[lead.end() :]
        elif not any(map(str.isdigit, stripped)) and (named := find_side(stripped)):
            side = named
        if not _FIGURE.search(stripped):
            continue  # a heading, or a sentence without a figure
        for cells in _read_clauses(stripped, lost):
            rows.append(RawRow(f"{field_name}[{len(rows)}]", cells))
            sides.append(side)
    return Prose(RawTable(field_name, tuple(rows)), tuple(lost), tuple(sides))


def _read_clauses(line: str, lost: list[str]) -> list[dict[str, object]]:
    arrow = line[:1] if line[:1] in _UP + _DOWN else ""
    line = _MONEY.sub(" ", line.lstrip(_UP + _DOWN + "\ufe0f "))
    figures = _find_figures(line)
    clauses: list[tuple[str, list[_Figure]]] = []
    position = 0
    for index, figure in enumerate(figures):
        gap = line[position : figure.start]
        following = figures[index + 1] if index + 1 < len(figures) else None
        name, lead = _split_name(gap, first=not clauses)
        if name:
            clauses.append((name, []))
        elif not clauses:
            clauses.append(("", []))
        _share_gap(lead if name else gap, clauses[-1][1][-1] if clauses[-1][1] and not name else None, figure)
        if name and len(clauses) > 1 and clauses[-2][1]:
            _share_gap(gap[: gap.find(name)], clauses[-2][1][-1], None)
        clauses[-1][1].append(figure)
        rest = line[figure.end : following.start if following is not None else len(line)]
        figure.trail = _find_trail(rest, is_last=following is None)
        position = figure.end + len(figure.trail)
        if following is None:
            figure.after.extend(_list_words(rest.split(",", maxsplit=1)[0]))
    if arrow and clauses and clauses[0][1]:
        clauses[0][1][0].lead = arrow + clauses[0][1][0].lead
    found = []
    for name, parts in clauses:
        cells = _read_clause(name, parts)
        if cells is None:
            lost.append(line if len(clauses) == 1 else f"{name} {' '.join(part.text for part in parts)}".strip())
        else:
            found.append(cells)
    return found


def _find_trail(rest: str, *, is_last: bool) -> str:
    """The arrow that follows a figure and is not that of the next one."""
    bare = rest.lstrip(" ")
    arrows = bare[: len(bare) - len(bare.lstrip(_UP + _DOWN + "\ufe0f"))]
    if not arrows or (not is_last and not bare[len(arrows) :].strip()):
        return ""
    return rest[: len(rest) - len(bare)] + arrows


def _find_figures(line: str) -> list[_Figure]:
    found = []
    for match in _FIGURE.finditer(line):
        if match.start() == 0 and match["sign"] is None and _starts_name(line[match.end() :]):
            continue  # "7.26% GS 2033" is a name
        bracketed = bool(match["open"] or match["inner"])
        text = f"{match['sign'] or ''}{match['digits'].strip()}{match['unit']}"
        start = (
            match.start()
            if match["open"] and match["close"]
            else match.start("sign")
            if match["sign"]
            else match.start("digits")
        )
        found.append(
            _Figure(
                text,
                start,
                match.end(),
                bracketed and bool(match["close"] or match["inner"]),
                match["sign"] is not None,
            )
        )
    return found


def _starts_name(rest: str) -> bool:
    word = rest.split(maxsplit=1)[0] if rest.strip() else ""
    return word[:1].isupper() and not _is_known(word)


def _split_name(gap: str, *, first: bool) -> tuple[str, str]:
    """The name that a gap before a figure holds, and what follows it; no name where the gap has only known words."""
    if first:
        return _cut_name(gap)
    for part in reversed(re.split(r"[,;|]|\)|\band\b", gap)):
        stripped = part.strip(" -–—:.")
        words = _list_words(stripped)
        while words and _is_known(words[0]) and words[0][:1].islower():
            stripped = stripped[len(words[0]) :].lstrip()
            words = words[1:]
        if (
            words
            and not _is_known(words[0])
            and (stripped[:1].isupper() or stripped[:1].isdigit() or ord(stripped[:1]) > 0x2E80)
        ):
            return _cut_name(stripped)
    return "", gap


def _cut_name(text: str) -> tuple[str, str]:
    end = len(text)
    if match := _NAME_END.search(text):
        end = match.start()
    for match in _WORDS.finditer(text):
        word = match[0].lower().strip(".:")
        if (
            match.start()
            and match.start() < end
            and (
                word in _RISE
                or word in _FALL
                or word in _RETURN
                or word in _WEIGHT | _CONTRIBUTION
                or word in {"was", "is", "has", "have"}
            )
            and match[0].islower()
        ):
            end = match.start()
            break
    name = text[:end].strip(" -–—:,(")
    if name and all(_is_known(word) for word in _list_words(name)):
        return "", text
    return name, text[end:]


def _share_gap(gap: str, earlier: _Figure | None, later: _Figure | None) -> None:
    """Give the words between two figures to the one that they belong to: across a separator each has its own side."""
    parts = _SEPARATORS.split(gap)
    if later is not None:
        later.lead = gap
    if len(parts) > 1:
        if earlier is not None:
            earlier.after.extend(_list_words(parts[0]))
        if later is not None:
            later.before.extend(word for part in parts[1 if earlier is not None else 0 :] for word in _list_words(part))
    elif later is not None:
        later.before.extend(_list_words(gap))
    elif earlier is not None:
        earlier.after.extend(_list_words(gap))


def _read_clause(name: str, figures: list[_Figure]) -> dict[str, object] | None:
    """The cells of one mover; None where its figures leave open which of them is the return."""
    if not name:
        return None
    # "5% weight 3.2% return": labels stand after their figures where the last one has one.
    if len(figures) > 1 and _label(figures[-1].after) and not _label(figures[0].before):
        for earlier, later in itertools.pairwise(figures):
            if not _label(earlier.after) and _label(later.before) and not _SEPARATORS.search(later.lead):
                earlier.after, later.before = later.before, []
    cells: dict[str, object] = {"name": name}
    doubtful = any(word.islower() and word.isalpha() and word not in _CONNECTORS for word in name.split())
    for index, figure in enumerate(figures):
        label = _label(figure.after) or _label(figure.before)
        bare_share = figure.bracketed and not figure.signed and index == 0 and not label and not _direction(figure)
        if bare_share:
            label = "weight" if len(figures) > 1 else "open"
        if label in {"open", "contribution"}:
            if label == "open":
                return None
            continue
        if label == "weight":
            if "weight" in cells:
                return None
            cells["weight"] = figure.text
        elif "return" in cells or (doubtful and not figure.signed and not _direction(figure)):
            return None
        else:
            cells["return"] = _sign(figure)
    return cells if "return" in cells else None


def _label(words: list[str]) -> str:
    """What the words beside a figure call it."""
    for word in words:
        if word in _CONTRIBUTION:
            return "contribution"
        if word in _WEIGHT:
            return "weight"
        if word in _RETURN or word in _FALL or word in _RISE:
            return "return"
    return ""


def _direction(figure: _Figure) -> int:
    """Which way the words and arrows beside a figure point: 1, -1, or 0 where they say nothing."""
    for mark in (*reversed(figure.trail), *reversed(figure.lead)):
        if mark in _DOWN:
            return -1
        if mark in _UP:
            return 1
    for word in (*reversed(figure.before), *figure.after):
        if word in _FALL:
            return -1
        if word in _RISE or word in _RETURN:
            return 1
    return 0


def _sign(figure: _Figure) -> str:
    direction = _direction(figure)
    digits = figure.text.lstrip("+-")
    if figure.signed and figure.text[0] == "-":
        return f"-{digits}"
    if direction < 0 or (figure.bracketed and direction > 0 and not figure.signed):
        return f"-{digits}"
    return digits


def _list_words(text: str) -> list[str]:
    return [word.lower().strip(".:'’-–—") for word in _WORDS.findall(text) if any(map(str.isalnum, word))]


def _is_known(word: str) -> bool:
    lowered = word.lower()
    return (
        lowered in _WEIGHT
        or lowered in _RETURN
        or lowered in _CONTRIBUTION
        or lowered in _FALL
        or lowered in _RISE
        or lowered in _FILLERS
    )
