"""Where a text speaks of which asset: names of the facts, and the short forms that people use for them.

A short form is any run of words that are all of one name and of no other (``large caps`` of a US Large Cap Fund, ``the
bond ETF``), and every name that means the same (``stocks`` of Equity, ``dollars`` of USD).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from services.portfolio.domain.claims.around import Stretches
from services.portfolio.domain.vocabulary import Vocabulary

_WORD = re.compile(r"[^\W_][\w&'’+./]*[\w+]|[^\W_]")
_STOP = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "and",
        "or",
        "for",
        "in",
        "on",
        "at",
        "to",
        "by",
        "with",
        "from",
        "is",
        "are",
        "was",
        "were",
        "it",
        "its",
        "this",
        "that",
        "our",
        "your",
        "their",
        "his",
        "her",
        "as",
        "be",
        "has",
        "have",
        "had",
        "not",
        "no",
        "all",
        "any",
        "each",
        "both",
        "one",
        "two",
        "three",
        "de",
        "du",
        "le",
        "la",
        "und",
        "der",
        "die",
        "das",
        "ag",
        "sa",
        "se",
        "nv",
        "plc",
        "ltd",
        "inc",
    ]
)
_COMMON = frozenset(
    [
        "india",
        "indian",
        "bank",
        "global",
        "first",
        "general",
        "international",
        "new",
        "national",
        "united",
        "american",
        "asian",
        "world",
        "income",
        "equity",
        "debt",
        "fund",
        "funds",
        "bond",
        "bonds",
        "large",
        "small",
        "mid",
        "cap",
        "short",
        "long",
        "term",
        "money",
        "market",
        "high",
        "low",
        "core",
        "top",
        "other",
        "others",
        "total",
        "cash",
        "risk",
        "portfolio",
        "model",
        "target",
        "share",
        "shares",
        "asset",
        "assets",
        "value",
        "cost",
        "return",
        "weight",
        "growth",
        "balanced",
        "north",
        "south",
        "east",
        "west",
        "state",
        "stock",
        "stocks",
        "limited",
        "corporation",
        "company",
        "group",
        "holding",
        "holdings",
        "trust",
        "etf",
        "index",
        "plan",
        "direct",
        "regular",
        "class",
        "year",
        "years",
        "government",
        "corporate",
        "credit",
        "rating",
        "private",
        "investment",
        "investments",
        "account",
        "under",
        "over",
        "within",
        "months",
        "interest",
        "dividend",
        "yield",
        "gain",
        "loss",
        "price",
        "ratio",
        "period",
        "month",
        "quarter",
        "date",
        "days",
        "limit",
        "rule",
        "range",
        "band",
        "trade",
        "sale",
        "buy",
        "sell",
        "coupon",
        "duration",
        "maturity",
        "tax",
        "fee",
        "liquid",
        "energy",
        "consumer",
        "power",
        "time",
        "house",
        "industries",
        "services",
        "capital",
        "finance",
        "financial",
        "selection",
        "european",
        "europe",
        "asia",
        "german",
        "swiss",
        "british",
        "french",
        "japanese",
        "average",
        "full",
        "real",
        "main",
        "single",
        "whole",
        "quality",
        "sector",
        "region",
        "currency",
        "position",
    ]
)
_ADDRESS = "Mr|Mrs|Ms|Miss|Dr|Herr|Frau|Familie|Monsieur|Madame|Mme|Signor|Signora"
_IN_ACCOUNT = re.compile(r"(.+) \(([^()]+)\)")
_YEAR = re.compile(r"20\d\d")
_OF_YEAR = re.compile(r"\s+(?:notes?|bonds?|gilts?|issue|paper|ncd|maturity)\b", re.IGNORECASE)
_JOINT = re.compile(r"-(?=[\w\s])")
_CLASSES = ("cash", "gold", "silver", "property", "infrastructure", "commodities")
_OTHER_KINDS = {"tracker": ("etf", "index"), "etf": ("index",), "gilt": ("treasury",), "deposit": ("deposits",)}
"""What else a thing of a kind may be called in its name."""
_FUNDS = ("etf", "fund", "trust", "tracker", "index")
_KIND_BEHIND = re.compile(r"[\s-]+(?:etf|funds?|trust|tracker)(?!\w)", re.IGNORECASE)
_THE_KIND = re.compile(
    r"(?<!\w)(?:the|this|that|der|die|das|dem|den|des|le|la|du|cet|cette|l['’])\s?"
    r"(?P<kind>etf|reit|trust|tracker|deposit|debenture|gilt|ncd)(?![\w-])",
    re.IGNORECASE,
)
_ELIDED = re.compile(r"(?<!\w)(?:[ldnscj]|qu)['’](?=\w\w)", re.IGNORECASE)
"""Articles that are written together with a name in French (``l'OAT``)."""
_LONGEST_RUN = 6
_SHORTEST_WORD = 3
_CASED = 3


@dataclass(frozen=True, slots=True)
class Mention:
    """One subject, by its key, standing at ``start:end``."""

    subject: str
    start: int
    end: int


class SubjectIndex:
    """Finds the subjects of facts in texts. Names match without case; the longest name wins."""

    def __init__(self, subjects: Iterable[str], vocabulary: Vocabulary, people: Iterable[str] = ()) -> None:
        """``people`` are names of clients: an asset may share a word with them (``Okafor Robotics``) and is not meant
        where the person is."""
        names = list(dict.fromkeys(subjects))
        self._people = _match_people([name for name in people if name not in names])
        self._vocabulary = vocabulary
        self._keys = {_form(name): vocabulary.key(name) for name in names}
        present = set(self._keys.values())
        self._keys |= {_form(alias): key for alias, key in vocabulary.same.items() if key in present}
        aliases = [alias for alias, key in vocabulary.same.items() if key in present]
        patterns = [_make_pattern(name) for name in sorted({*names, *aliases}, key=len, reverse=True)]
        self._pattern = re.compile("|".join(patterns), re.IGNORECASE) if patterns else None
        self._owners: dict[str, set[str]] = defaultdict(set)
        for name in names:
            whole = _IN_ACCOUNT.fullmatch(name)
            if whole is not None and whole[1] in names:
                continue  # ``Acme (ISA)`` is a part of Acme: short forms name the whole
            for token in _tokens(name):
                self._owners[token].add(vocabulary.key(name))

    def find(self, text: str) -> list[Mention]:
        """The mentions in a text, in order and not overlapping."""
        if self._pattern is None:
            return []
        if self._people is not None:
            text = self._people.sub(lambda match: " " * len(match[0]), text)
        text = _ELIDED.sub(lambda match: " " * len(match[0]), text)
        whole = [
            Mention(key, match.start(), match.end())
            for match in self._pattern.finditer(text)
            if (key := self._keys.get(_form(match[0])) or self._keys.get(_form(match[0]).removesuffix("s"))) is not None
        ]
        whole = [self._widen(item, text) for item in whole]
        runs = [*self._find_runs(text), *self._find_kinds(text), *self._find_classes(text)]
        kept: list[Mention] = []
        taken = Stretches()
        for mention in sorted([*whole, *runs], key=lambda item: (item.start - item.end, item.start)):
            if not taken.touch(mention.start, mention.end):
                kept.append(mention)
                taken.add(mention.start, mention.end)
        return sorted(kept, key=lambda item: item.start)

    def _widen(self, mention: Mention, text: str) -> Mention:
        """The one asset that is meant by a group's name with the kind of an asset behind it (``the international
        fund`` where a region and a fund are called so)."""
        match = _KIND_BEHIND.match(text, mention.end)
        if match is None:
            return mention
        tokens = [stem_word(word[0]) for word in _WORD.finditer(text[mention.start : mention.end])]
        owners = [self._owners.get(token, set()) for token in tokens]
        found = set.intersection(*owners) & self._funds if owners else set()
        if len(found) != 1 or mention.subject in self._funds:
            return mention
        return Mention(next(iter(found)), mention.start, match.end())

    def _find_kinds(self, text: str) -> Iterator[Mention]:
        """``the ETF``, ``dem ETF``: the only one of its kind."""
        for match in _THE_KIND.finditer(text):
            kind = stem_word(match["kind"])
            kinds = _OTHER_KINDS.get(kind, ()) if kind not in self._owners else (kind,)
            owners = {owner for name in kinds or (kind,) for owner in self._owners.get(name, set())}
            if len(owners) == 1:
                yield Mention(next(iter(owners)), match.start("kind"), match.end("kind"))

    def _find_classes(self, text: str) -> Iterator[Mention]:
        """``Cash`` of a Cash Sweep: the word of a class that only one asset has in its name."""
        if self._classes is not None:
            for match in self._classes[0].finditer(text):
                yield Mention(self._classes[1][stem_word(match[0])], match.start(), match.end())

    @cached_property
    def _classes(self) -> tuple[re.Pattern[str], dict[str, str]] | None:
        """The words of classes that stand for one asset alone, as a pattern and with the asset of each."""
        present = set(self._keys.values())
        found: dict[str, str] = {}
        for word in _CLASSES:
            key = self._vocabulary.key(word)
            owners = self._owners.get(stem_word(word), set())
            if key not in present and len(owners) == 1:
                found[stem_word(word)] = next(iter(owners))
        if not found:
            return None
        return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, found))})s?(?![\w-])", re.IGNORECASE), found

    @cached_property
    def _funds(self) -> set[str]:
        """The assets with the kind of an asset in their names."""
        return {key for kind in _FUNDS for key in self._owners.get(kind, set())}

    def _find_runs(self, text: str) -> Iterator[Mention]:
        """Runs of words that are all of one name alone."""
        words = list(_WORD.finditer(text))
        index = 0
        while index < len(words):
            mention, taken = self._read_run(text, words, index)
            if mention is not None:
                yield mention
            index += max(taken, 1)

    def _read_run(self, text: str, words: list[re.Match[str]], index: int) -> tuple[Mention | None, int]:
        owners: set[str] | None = None
        best: tuple[Mention, int] | None = None
        used: list[str] = []
        for place in range(index, min(index + _LONGEST_RUN, len(words))):
            if used and not re.fullmatch(r"[ -]|, ", text[words[place - 1].end() : words[place].start()]):
                break
            token = stem_word(words[place][0])
            found = self._owners.get(token)
            if found is None:
                break
            narrowed = found if owners is None else owners & found
            if not narrowed:
                break
            owners = narrowed
            if used and "," in text[words[place - 1].end() : words[place].start()] and token in map(stem_word, used):
                break  # "Treasury 2028, Treasury 2054" are two
            used.append(words[place][0])
            if len(owners) == 1 and self._may_stand(used):
                best = Mention(next(iter(owners)), words[index].start(), words[place].end()), place - index + 1
        if best is None and (own := self._owners.get(words[index][0])) and len(own) == 1:
            year = _YEAR.fullmatch(words[index][0]) and _OF_YEAR.match(text[words[index].end() :])
            if year:  # "the 2028 note"
                return Mention(next(iter(own)), words[index].start(), words[index].end() + year.end()), 2
        return best if best is not None else (None, 1)

    def _may_stand(self, used: list[str]) -> bool:
        """Whether a run of a name's words names it: one word must be its own and no word of figures."""
        tokens = [stem_word(word) for word in used]
        own = [
            word
            for word, token in zip(used, tokens, strict=True)
            if token not in _COMMON and word.casefold() not in _COMMON
        ]
        if len(used) > 1:
            return bool(own) or len(set(tokens)) > 1
        if not own or len(own[0]) < _SHORTEST_WORD or not own[0][0].isalpha():
            return False
        if own[0][0].isupper():
            return True
        return (
            len(own[0]) > _CASED
            and own[0].casefold() not in self._vocabulary.words
            and tokens[0] not in self._vocabulary.words
        )


def _make_pattern(name: str) -> str:
    """Whole words; of short names the case counts too, since ``IT`` is a sector and ``it`` is not."""
    name = name.replace("’", "'")  # as texts are read
    escaped = r"[\s-]+".join(re.escape(part) for part in re.split(r"[\s-]+(?=[^\s-])", name.strip()) if part)
    plural = "s?" if len(name) > _CASED and name[-1].isalpha() else ""
    if len(name) <= _CASED:
        escaped = f"(?-i:{escaped})"
    return rf"(?<![\w.])(?:{escaped}){plural}(?!\w)"


def _match_people(people: Sequence[str]) -> re.Pattern[str] | None:
    """Whole names, and one of their words after a form of address (``Ms Okafor``)."""
    parts = [rf"(?<!\w){re.escape(name)}(?!\w)" for name in sorted(people, key=len, reverse=True)]
    words = sorted({re.escape(word) for name in people for word in name.split() if len(word) >= _SHORTEST_WORD})
    if not parts:
        return None
    if words:
        parts.append(rf"\b(?:{_ADDRESS})\.?\s(?:{'|'.join(words)})(?!\w)")
    return re.compile("|".join(parts))


def _form(text: str) -> str:
    """A name by which its spellings are equal; a hyphen at its end (``AA-``) is part of it."""
    return " ".join(_JOINT.sub(" ", text.casefold().replace("’", "'")).split())


def _tokens(name: str) -> set[str]:
    return {stem_word(word[0]) for word in _WORD.finditer(name.replace("-", " ")) if word[0].casefold() not in _STOP}


@lru_cache(maxsize=8192)
def stem_word(word: str) -> str:
    """A word without case, possessive and plural."""
    folded = re.sub(r"['’]s?$", "", word.casefold()).rstrip(".")
    if folded.endswith("ies") and len(folded) > 4:
        return f"{folded[:-3]}y"
    return folded[:-1] if folded.endswith("s") and not folded.endswith("ss") and len(folded) > _CASED else folded
