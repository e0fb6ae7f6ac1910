"""What a payload sends beside the fields of its section: the client's wishes in words, and what no figure counts.

Wishes are not judged: what keeps to one is known of no name. Said are the wish itself, and which holdings it speaks of
by words of their names or sectors.
"""

import re
from collections.abc import Iterator, Mapping

from services.portfolio.domain.facts import NO_FEE, UNREAD, WISH, WISHED, Draft, join_names
from services.portfolio.domain.periods import split_words
from services.portfolio.domain.reading import Reading

_WISH = re.compile(
    r"\b(?:esg|exclu(?:de|des|ded|sion|sions)|restrictions?|wish(?:es)?|ethic(?:s|al)?|sustainab(?:le|ility)|screen(?:s|ing)?|"
    r"values|preferences?|avoid)\b",
    re.IGNORECASE,
)
"""Names of fields for what a client wants held or not held: the sustainability preferences of MiFID II (delegated
regulation 2021/1253) and what investment policy statements call exclusions, restrictions and screens."""
_RULES_OUT = re.compile(r"\b(?:exclu\w*|restrict\w*|avoid|screens?|screening)\b", re.IGNORECASE)
"""Names of fields all of whose words are of what a client does not want."""
_NOT = re.compile(
    r"\b(?:no|not|non|none|never|without|avoid\w*|exclud\w*|exclusion\w*|free of|ohne|kein\w*|sans|pas de)\b",
    re.IGNORECASE,
)
_YES = re.compile(r"[;.\n]|\b(?:but|prefer\w*|likes?|wants?|favou?rs?|focus\w*|more|overweight)\b", re.IGNORECASE)
"""Where what is ruled out ends: with the clause, or with what is wished for."""
_IDENTIFIER = re.compile(
    r"\b(?:id|ids|ref|reference|code|key|uuid|version|type|source|url|email|phone)\b", re.IGNORECASE
)
"""Names of fields that say who or what a payload is, and nothing of the portfolio."""
_PART = re.compile(r"\d+|[^\W\d_]+")
_WORD = re.compile(r"[^\W\d_]{4,}")
_COMMON = frozenset(
    {"with", "none", "only", "from", "more", "than", "less", "should", "must", "avoid", "exclude", "excluded", "other",
     "company", "companie", "share", "fund", "bond", "stock", "equity", "invest", "investment", "portfolio", "sector",
     "client", "prefer", "holding", "group", "international", "global", "world"}
)  # fmt: skip
"""Words of wishes and names that say nothing of what a company does, without a plural's s."""
_LONGEST = 120
_NAMED = 3


def add_unread(reading: Reading, draft: Draft) -> None:
    """Gloss the wish that was sent, what is held that it speaks of, and what else was sent and counts in no figure."""
    unknown = {
        name: value for name, value in reading.detected.unknown.items() if value not in (None, "", [], {}, False)
    }
    wishes = {name: text for name, value in unknown.items() if _WISH.search(split_words(name))
              and (text := " ".join(_spell(value).split()))}  # fmt: skip
    told = draft.glosses.get(NO_FEE, "")
    rest = [name for name, value in unknown.items() if name not in wishes and name not in told
            and not _is_repeated(name, value, reading) and not _IDENTIFIER.search(split_words(name))]  # fmt: skip
    if rest:
        more = len(rest) - _NAMED
        draft.glosses[UNREAD] = join_names([*rest[:_NAMED], f"{more} more"] if more > 0 else rest)
        draft.name(draft.glosses[UNREAD], *rest)
    if not wishes:
        return
    words = "; ".join(f"{name}: {text}" for name, text in wishes.items())
    draft.glosses[WISH] = words if len(words) <= _LONGEST else f"{words[:_LONGEST].rpartition(' ')[0]} ..."
    draft.name(draft.glosses[WISH], *wishes)
    meant = {word for name, text in wishes.items() for word in _list_words(_find_ruled_out(name, text))}
    touched = dict.fromkeys(name for name, text in _list_rows(reading) if meant & set(_list_words(text)))
    if touched:
        draft.glosses[WISHED] = join_names(list(touched)[:_NAMED])


def _is_repeated(name: str, value: object, reading: Reading) -> bool:
    """Whether a field says again what is read under another of its names (a day as 30.06.2026 and as 2026-06-30)."""
    canonical, _ = reading.detected.section.find_field(name)
    read = reading.detected.get(canonical) if canonical is not None else None
    return read is not None and sorted(_PART.findall(_spell(value).casefold())) == sorted(
        _PART.findall(_spell(read).casefold())
    )


def _spell(value: object) -> str:
    """A wish as words."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_spell(item)}" for name, item in value.items())
    if isinstance(value, list):
        return ", ".join(_spell(item) for item in value)
    return str(value)


def _find_ruled_out(name: str, text: str) -> str:
    """The words of a wish that say what is not wanted: those after a no, or all of a field of exclusions."""
    if _RULES_OUT.search(split_words(name)) and not _YES.search(text):
        return text
    return " ".join(_YES.split(text[match.end() :], maxsplit=1)[0] for match in _NOT.finditer(text))


def _list_words(text: str) -> Iterator[str]:
    for word in _WORD.findall(text.casefold()):
        stem = word.removesuffix("s")
        if stem not in _COMMON and word not in _COMMON:
            yield stem


def _list_rows(reading: Reading) -> Iterator[tuple[str, str]]:
    """The names of what is held, each with the words that its row says of it."""
    for table in reading.tables.values():
        for row in table.rows:
            if name := row.text("name"):
                yield name, " ".join(filter(None, (name, row.text("sector"), row.text("kind"))))
