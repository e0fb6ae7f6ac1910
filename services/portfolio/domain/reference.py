"""Reference data that figures and the reading of payloads rest on: classes, ratings, currencies, markets and words.

Operators edit it as files (``reference/*.yaml``, each with its sources); ``adapters.reference_files`` reads and checks
them when the service starts.
"""

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from services.portfolio.domain.lexicon import Lexicon
from services.portfolio.domain.numbers import MINUS_SIGNS, SPACES
from services.portfolio.domain.periods import read_period, split_words
from services.portfolio.domain.terms import Terms
from services.portfolio.domain.vocabulary import Vocabulary

_WORD = re.compile(r"[\w&+]+")
_PARTS = re.compile(r"[-–—/:(),>|]+")
_TRAILERS = frozenset({"fund", "funds", "scheme", "schemes", "etf", "etfs", "category", "plan", "mutual"})
_LONGEST_PHRASE = 5
_JOINED_FUND = re.compile(r"(?<=\w)fond(?:s|sen|e|er|en|et)?$")
_SHORT = 200
"""Characters of what is a name, and no text."""
_SHORT_WORD = 3
"""Words up to so many letters (in, dr, buy) say something alone or first: elsewhere they are parts of phrases."""
_COUPON = re.compile(r"\s*\d{1,2}(?:[.,]\d+)?\s*%?\s+(\S+)")
_EQUITY_PART = re.compile(r"\b(\d{1,3})\s?%\s?(?:equity|equities|shares|stocks|aktien|actions)\b", re.IGNORECASE)
_WHOLE = Decimal(100)
_PAYMENTS = frozenset({0, 1, 2, 4, 6, 12, 26, 52})
INVESTMENT, BELOW, UNRATED = "investment", "below", "unrated"
EQUITY = "equity"
DEBT, REAL_ESTATE, MIXED = "debt", "real_estate", "mixed"
_TOP_RATING = "aaa"
CASH = "cash"
BULLION = frozenset({"gold", "commodity"})
"""Classes of things that are no claim on anybody, so that none of them fails as a company does."""
_COMPANIES = (
    "bank",
    "inc",
    "corp",
    "corporation",
    "company",
    "co",
    "plc",
    "ltd",
    "limited",
    "group",
    "holding",
    "holdings",
    "ag",
    "sa",
)
_CLASSES_OF_MANY = frozenset({"equity", "debt", "real_estate", "alternative", "mixed"})
_UNIT_OR_COMPANY = "inc"
"""A unit class that pays its income out, or the form of a company."""
_INDEX = "index"


def says_word(text: str, word: str) -> bool:
    """Whether a text, as words, is or begins with a word, or has a longer one anywhere."""
    return text == word or text.startswith(f"{word} ") or (len(word) > _SHORT_WORD and f" {word} " in f" {text} ")


def match_words(text: str) -> str:
    """Text as words for matching: lower case, no accents, one space between, no punctuation but ``&`` and ``+``."""
    return _match_short(text) if len(text) <= _SHORT else _match(text)


@lru_cache(maxsize=2048)
def _match_short(text: str) -> str:
    """A name is matched against dozens of lists, one after another."""
    return _match(text)


def _match(text: str) -> str:
    plain = text.translate(MINUS_SIGNS).translate(SPACES).casefold()
    if not plain.isascii():
        plain = "".join(char for char in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(char))
    return " ".join(_WORD.findall(plain))


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """What a column or field holds; ``ranges`` is its plausible size in percent by currency, ``any`` where none is
    known."""

    kind: str
    family: str | None = None
    ranges: Mapping[str, tuple[Decimal, Decimal]] | None = None
    yearly: str | None = None
    """What a figure a year is made of where one of a shorter period is sent: ``sums`` of amounts and fees, ``paid``
    where a word such as quarterly may mean how often a year's rate is paid, ``compounds`` where there is more than one
    way; None for figures that are of no period."""

    def find_range(self, currency: str | None) -> tuple[Decimal, Decimal] | None:
        """The plausible range in a currency."""
        if self.ranges is None:
            return None
        return self.ranges.get(currency or "any", self.ranges["any"])


@dataclass(frozen=True, slots=True)
class Currency:
    """Digits of a currency's minor unit; ``per_usd`` is an order of magnitude, None where none is held."""

    minor: int
    per_usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Classified:
    """An asset class and what it was told by: ``class``, ``type`` or ``name``."""

    name: str
    by: str


@dataclass(frozen=True, slots=True)
class Reference:
    """All reference data; phrases are in the form of ``match_words``."""

    classes: Mapping[str, str]
    endings: Mapping[str, str]
    debt_words: tuple[str, ...]
    """Classes by what a compound word ends in."""
    names: Mapping[str, Mapping[str, str]]
    indexes: Mapping[str, str]
    illiquid_classes: frozenset[str]
    liquid_names: tuple[str, ...]
    illiquid_names: tuple[str, ...]
    broad_names: tuple[str, ...]
    unit_classes: tuple[str, ...]
    class_parts: frozenset[str]
    fund_houses: tuple[str, ...]
    blends: tuple[str, ...]
    sovereign_names: tuple[str, ...]
    sovereign_bonds: tuple[str, ...]
    lifelong_names: tuple[str, ...]
    deposit_names: tuple[str, ...]
    covered_names: tuple[str, ...]
    locked_names: tuple[str, ...]
    unvested_names: tuple[str, ...]
    linked_names: tuple[str, ...]
    whole_classes: tuple[str, ...]
    whole_property: tuple[str, ...]
    whole_stakes: tuple[str, ...]
    sovereign_ratings: frozenset[str]
    narrow_names: tuple[str, ...]
    sheltered_names: tuple[str, ...]
    taxed_names: tuple[str, ...]
    private_names: tuple[str, ...]
    price_ages: Mapping[str, int]
    """How many days old a price may be, by asset class; ``fund``, ``whole`` and ``other`` beside these."""
    grades: Mapping[str, str]
    rating_ranks: tuple[Mapping[str, int], ...]
    """The place of each symbol on its agency's scale, the best first."""
    rating_meanings: Mapping[str, str]
    defaulted: frozenset[str]
    rating_prefixes: tuple[str, ...]
    rating_suffixes: tuple[str, ...]
    currencies: Mapping[str, Currency]
    minor_units: Mapping[str, str]
    long_term_months: Mapping[str, int]
    lot_orders: Mapping[str, str]
    """From more than how many months on a gain counts as long-term, by the currency of the country with that law."""
    shared_signs: Mapping[str, tuple[str, ...]]
    suffixes: Mapping[str, str]
    day_counts: Mapping[str, str]
    totals: frozenset[str]
    total_edges: frozenset[str]
    perpetual: frozenset[str]
    floating: frozenset[str]
    frequencies: Mapping[str, int]
    paid_in: frozenset[str]
    taken_out: frozenset[str]
    booked: frozenset[str]
    settled: frozenset[str]
    periodicities: Mapping[str, int]
    columns: Mapping[str, FieldSpec]
    fields: Mapping[str, FieldSpec]
    least_total_usd: Decimal
    vocabulary: Vocabulary
    terms: Terms
    lexicon: Lexicon
    """The words that names of columns and fields are made of."""

    def classify(self, asset_class: str | None, kind: str | None, name: str) -> Classified | None:
        """The asset class of a position: by the class sent, else the type of the instrument, else its name."""
        for text, by in ((asset_class, "class"), (kind, "type")):
            if text and (found := self._find_class(text)) is not None:
                return Classified(found, by)
        if asset_class and match_words(asset_class) not in {"other", "others", "unclassified", "na", "unknown"}:
            # A class was sent that the table does not know: a guess from the name would overrule it, no word of debt.
            return Classified(DEBT, "name") if self._says_debt(name) else None
        found = self._find_name(name) or (DEBT if self._says_debt(name) else None)
        return Classified(found, "name") if found is not None else None

    def _find_class(self, text: str) -> str | None:
        if (whole := self._look_up(match_words(text))) is not None:
            return whole
        found = None
        for part in _PARTS.split(text):
            found = self._find_phrase(match_words(part)) or found
        return found or (DEBT if self._says_debt(text) else None)

    def _says_debt(self, text: str) -> bool:
        """Whether a text says debt wherever its word stands, and no word of another class that could be equity."""
        plain = match_words(text[:_SHORT])
        said = {self._find_ending(word) for word in plain.split()}
        if DEBT not in said and not _holds(plain, self.debt_words):
            return False
        return not {EQUITY, MIXED} & {self._look_up(span) for span in _list_spans(plain)}

    def _look_up(self, phrase: str) -> str | None:
        """The class of a phrase, or of the one thing that it is the plural of."""
        return self.classes.get(phrase) or self.classes.get(phrase.removesuffix("s")) or self._find_ending(phrase)

    def _find_ending(self, word: str) -> str | None:
        """The class of what a compound of one word ends in, by the longest ending: as it stands, or without the word
        for a fund that German, Dutch and Scandinavian join to it (``Obligationenfonds``, ``Obligationsfond``)."""
        if " " in word:
            return None
        bare = _JOINED_FUND.sub("", word)
        for part in dict.fromkeys((word, bare, bare.removesuffix("s"))):
            found = max((ending for ending in self.endings if part.endswith(ending)), key=len, default=None)
            if found is not None:
                return self.endings[found]
            if part != word and part in self.classes:
                return self.classes[part]
        return None

    def _find_phrase(self, phrase: str) -> str | None:
        words = phrase.split()
        while words and words[-1] in _TRAILERS:
            if (found := self.classes.get(" ".join(words))) is not None:
                return found
            words.pop()
        for size in range(min(len(words), _LONGEST_PHRASE), 0, -1):
            for span in (words[-size:], words[:size]):
                if (found := self._look_up(" ".join(span))) is not None:
                    return found
        return None

    def _find_name(self, name: str) -> str | None:
        padded = f" {match_words(name)} "
        for kind, phrases in self.names.items():
            if kind != EQUITY and any(f" {phrase} " in padded for phrase in phrases):
                return kind
        held = [phrase for phrase in self.indexes if f" {phrase} " in padded]
        if held:
            return self.indexes[max(held, key=len)]
        return EQUITY if any(f" {phrase} " in padded for phrase in self.names.get(EQUITY, ())) else None

    def find_index(self, text: str) -> str | None:
        """The index that a text names, as it is written there; None where it names none of several words."""
        plain = match_words(text)
        held = [phrase for phrase in self.indexes if " " in phrase and f" {phrase} " in f" {plain} "]
        if not held:
            return None
        longest = max(held, key=len)
        found = re.search(r"\W+".join(map(re.escape, longest.split())), text, re.IGNORECASE)
        return found[0] if found is not None else None

    def is_illiquid(self, asset_class: str | None, text: str) -> bool:
        """Whether a position cannot be sold within days: by its class, or by words of its name and class as sent."""
        if _holds(text, self.illiquid_names):
            return True
        return asset_class in self.illiquid_classes and not _holds(text, self.liquid_names)

    def is_broad(self, name: str, *kinds: str | None) -> bool:
        """Whether a name, or one of the classes and types that a payload gives it, is that of a fund that holds many,
        so that its size is no risk of a single name. ``index`` behind a name says that it tracks one, a unit class that
        it has units, and German joins ``fonds`` to the word before it."""
        if any(_holds(text, self.broad_names) for text in (name, *kinds) if text):
            return True
        plain = match_words(name)
        if any(f"{plain} ".startswith(f"{house} ") for house in self.fund_houses):
            return True
        words, padded = plain.split(), f" {plain} "
        sent = [word for kind in kinds if kind for word in match_words(kind).split()]
        if self._has_units(words) or self._is_class(words) or any(word.endswith("fonds") for word in (*words, *sent)):
            return True
        named = [phrase for phrase in self.indexes if f" {phrase} " in padded]
        if not named:
            return False
        # Several words are an index, unless a company is called so (Hang Seng Bank); one may be any word.
        several = any(" " in phrase for phrase in named) and not _holds(name, _COMPANIES)
        return several or _holds(name, ("fund", "index", "trust"))

    def _is_class(self, words: Sequence[str]) -> bool:
        """Whether a name is that of a class alone, such as ``Core bonds``: behind words that say which part of it."""
        for start in range(len(words)):
            rest = " ".join(words[start:])
            kind = self.classes.get(rest) or self.classes.get(rest.removesuffix("s"))
            if kind in _CLASSES_OF_MANY and (start > 0 or " " in rest):
                return True
            if words[start] not in self.class_parts:
                return False
        return False

    def _has_units(self, words: Sequence[str]) -> bool:
        """Whether the words behind the first one of a name say that it tracks an index, or of which class its units
        are. Companies are called so too, and say that they are ones; what may be either is a class only behind a
        letter, a currency or ``index``."""
        rest = words[1:]
        if any(word in _COMPANIES and word != _UNIT_OR_COMPANY for word in words):
            return False
        if _UNIT_OR_COMPANY in rest:
            before = words[words.index(_UNIT_OR_COMPANY, 1) - 1]
            return before == _INDEX or len(before) == 1 or before.upper() in self.currencies
        padded = f" {' '.join(rest)} "
        return _INDEX in rest or any(f" {phrase} " in padded for phrase in self.unit_classes)

    def is_private(self, *texts: str | None) -> bool:
        """Whether a name or one of the classes sent says that something is held in private markets."""
        return any(_holds(text, self.private_names) for text in texts if text)

    def is_listed(self, name: str) -> bool:
        """Whether a name says that it is traded on an exchange, as a real estate trust is."""
        return _holds(name, self.liquid_names)

    def is_single_name(
        self,
        name: str,
        asset_class: str | None,
        sent_class: str | None = None,
        rating: str | None = None,
        kind: str | None = None,
    ) -> bool:
        """Whether a position stands or falls with one company: no fund of many, no money at hand, no debt of a state.

        Each of these has limits of its own: cash, classes, currencies. ``sent_class`` is the class in the payload's own
        words, which may say that it is debt of a state; ``kind`` is the type in its words.
        """
        if (
            self.is_broad(name, sent_class, kind)
            or asset_class in {CASH, *BULLION}
            or self.is_deposit(name, asset_class, sent_class)
        ):
            return False
        return not self.is_state_debt(name, asset_class, sent_class, rating)

    def is_deposit(self, name: str, asset_class: str | None, sent_class: str | None) -> bool:
        """Whether a position is a deposit, which is paid back at par and not sold."""
        return asset_class != EQUITY and (
            _holds(name, self.deposit_names) or _holds(sent_class or "", self.deposit_names)
        )

    def is_whole(self, name: str, asset_class: str | None, *sent: str | None) -> bool:
        """Whether a position can be sold only whole, as a house or a private stake: by the words ``sent`` as its class
        and type, or by those of its name."""
        texts = [text for text in (name, *sent) if text]
        if self.is_broad(name, *sent) or any(_holds(text, self.liquid_names) for text in texts):
            return False
        if any(_holds(text, self.whole_classes) for text in texts[1:]) or _holds(name, self.whole_stakes):
            return True
        return asset_class == REAL_ESTATE and _holds(name, self.whole_property)

    def is_locked(self, name: str, asset_class: str | None, *sent: str | None) -> bool:
        """Whether a position is paid out by terms of its own and cannot be sold at will: an annuity, a pension right,
        shares that have not vested. A fund with such a word in its name can be sold, and so can an insurer's papers."""
        if self.is_broad(name):
            return False
        texts = [text for text in (name, *sent) if text]
        if any(_holds(text, self.unvested_names) for text in texts):
            return True
        if asset_class == EQUITY or _holds(name, _COMPANIES):
            return False
        return any(_holds(text, self.locked_names) for text in texts)

    def is_linked(self, name: str, *sent: str | None) -> bool:
        """Whether a bond's payments rise with prices, so that its yield is one after inflation."""
        return any(_holds(text, self.linked_names) for text in (name, *sent) if text)

    def is_callable(self, name: str, *sent: str | None) -> bool:
        """Whether a bond's debtor may repay it before its day."""
        return any(_holds(text, ("callable",)) for text in (name, *sent) if text)

    def is_real_estate(self, name: str) -> bool:
        """Whether a name speaks of real estate as such, as that of a class does, and not of a company."""
        return any(self.classes.get(word) == REAL_ESTATE for word in _list_spans(match_words(name)))

    def is_abroad(self, name: str, currency: str | None, base: str) -> bool:
        """Whether a bond's main risk is its currency: it is in another one than ``base``, is not hedged by its name,
        and no fund, which may be no more than quoted in it."""
        return currency not in {None, base} and not _holds(name, ("hedged",)) and not self.is_broad(name)

    def is_safest(self, name: str, rating: str | None, *sent: str | None) -> bool:
        """Whether a bond is of the least risk among single debtors: of the best rating, or covered by assets and not
        rated below investment grade."""
        if rating is not None and self._find_symbol(_rating_form(rating)) == _TOP_RATING:
            return True
        covered = any(_holds(text, self.covered_names) for text in (name, *sent) if text)
        return covered and self.grade(rating) != BELOW

    def is_state_debt(self, name: str, asset_class: str | None, sent_class: str | None, rating: str | None) -> bool:
        """Whether a position is what a state owes: by its name, its class or its rating, and never a share."""
        if asset_class == EQUITY:
            return False  # a company may be called Treasury
        return self.is_sovereign(name, rating) or _holds(sent_class or "", self.sovereign_names)

    def is_sovereign(self, name: str, rating: str | None) -> bool:
        """Whether a bond is what a state owes, by its name or because it is rated as such."""
        if _holds(name, self.sovereign_names) or _rating_form(rating or "") in self.sovereign_ratings:
            return True
        after_coupon = _COUPON.match(name)
        return rating is None and after_coupon is not None and _holds(after_coupon[1], self.sovereign_bonds)

    def is_lifelong(self, source: str) -> bool:
        """Whether income is paid for life by a state, an insurer or a pension scheme."""
        return _holds(source, self.lifelong_names)

    def read_equity_part(self, name: str) -> Decimal | None:
        """The share of equity in percent that the name of a mixed fund states (``LifeStrategy 60% Equity``)."""
        stated = _EQUITY_PART.search(name)
        part = Decimal(stated[1]) if stated is not None else None
        return part if part is not None and part <= _WHOLE else None

    def is_narrow(self, name: str) -> bool:
        """Whether a class of shares is a part of the market that falls further than the whole of it."""
        return _holds(name, self.narrow_names) or _holds(match_words(name).removesuffix("s"), self.narrow_names)

    def is_sheltered(self, account: str) -> bool:
        """Whether gains in an account are normally not taxed, by the kind that its name says."""
        return _holds(account, self.sheltered_names)

    def is_taxed(self, account: str) -> bool:
        """Whether gains that are realised in an account are normally taxed, by the kind that its name says."""
        return not self.is_sheltered(account) and _holds(account, self.taxed_names)

    def grade(self, rating: str | None) -> str | None:
        """``investment``, ``below`` or ``unrated``; None where no agency's scale has the symbol.

        Names of agencies before a symbol and outlooks after it are left out. No rating at all is unrated.
        """
        if rating is None or not (text := _rating_form(rating)):
            return UNRATED
        if text.startswith(("unrated", "not rated", "nr ")):
            return UNRATED
        symbol = self._find_symbol(text)
        return self.grades[symbol] if symbol is not None else None

    def is_better(self, rating: str | None, than: str | None) -> bool:
        """Whether a rating is of a better grade: of investment grade beside one that is not, or the best one, or that
        of a state in its own currency, beside any other; symbols of several agencies are told apart no finer."""
        best, other = (self._is_best(item) for item in (rating, than))
        if best or self.grade(rating) == INVESTMENT:
            return not other and (best or self.grade(than) != INVESTMENT)
        return False

    def is_rated_below(self, rating: str, floor: str) -> bool:
        """Whether a rating is below another on a scale that has both; of symbols of two scales nothing is said."""
        own, least = (self._find_symbol(_rating_form(text)) for text in (rating, floor))
        scale = next((ranks for ranks in self.rating_ranks if own in ranks and least in ranks), None)
        return scale is not None and scale[own or ""] > scale[least or ""]

    def _is_best(self, rating: str | None) -> bool:
        text = _rating_form(rating or "")
        return text in self.sovereign_ratings or self._find_symbol(text) == _TOP_RATING

    def explain_rating(self, rating: str) -> str | None:
        """What a rating below investment grade says of the debtor, as the agencies define it; None for the others."""
        symbol = self._find_symbol(_rating_form(rating))
        return self.rating_meanings.get(symbol) if symbol is not None else None

    def is_defaulted(self, rating: str | None) -> bool:
        """Whether a rating says that the debtor has failed to pay."""
        return rating is not None and self._find_symbol(_rating_form(rating)) in self.defaulted

    def _find_symbol(self, text: str) -> str | None:
        """The symbol of a scale in a rating, without the agency before it and the outlook after it."""
        for _ in range(6):
            if text in self.grades:
                return text
            shorter = self._strip_rating(text)
            if shorter == text:
                return None
            text = shorter
        return None

    def _strip_rating(self, text: str) -> str:
        for prefix in self.rating_prefixes:
            if text.startswith(f"{prefix} "):
                return text[len(prefix) + 1 :].strip()
        for suffix in self.rating_suffixes:
            if text.endswith(f" {suffix}"):
                return text[: -len(suffix) - 1].strip()
        return text

    def is_total(self, name: str) -> bool:
        """Whether a name says that its row is a sum, by itself."""
        return match_words(name) in self.totals

    def may_be_total(self, name: str) -> bool:
        """Whether a name begins or ends with a word for a sum."""
        words = match_words(name)
        return any(words.startswith(f"{edge} ") or words.endswith(f" {edge}") for edge in self.total_edges)

    def names_sum(self, text: str) -> bool:
        """Whether a text has a word for a sum where such words stand."""
        return self.is_total(text) or self.may_be_total(text)

    def find_frequency(self, text: str) -> int | None:
        """Payments a year, zero for all at maturity; None where a text says nothing of them (``Irregular``)."""
        word = match_words(text).replace(" ", "")
        if (known := self.frequencies.get(word)) is not None:
            return known
        number = word.removesuffix("x").removesuffix("0").removesuffix(".") if word.endswith(".0") else word
        if number.isdigit() and int(number) in _PAYMENTS:
            return int(number)
        return read_period(text)

    def names_any(self, name: str, phrases: Container[str]) -> bool:
        """Whether one of the phrases stands in the name of a field."""
        return any(span in phrases for span in _spans_of_short(split_words(name)[:_SHORT]))

    def says_any(self, text: str, phrases: Container[str]) -> bool:
        """Whether one of the phrases stands in a text."""
        words = match_words(text).split()
        return any(
            " ".join(words[start : start + size]) in phrases
            for start in range(len(words))
            for size in range(1, _LONGEST_PHRASE + 1)
        )

    def find_market_currency(self, symbol: str | None) -> str | None:
        """The currency, or minor unit, that a ticker's market suffix stands for."""
        if not symbol or "." not in symbol:
            return None
        return self.suffixes.get(symbol.rsplit(".", 1)[1].upper())


def _list_spans(phrase: str) -> list[str]:
    words = phrase.split()
    return [" ".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)]


def _holds(text: str, phrases: Iterable[str]) -> bool:
    """Whether one of the phrases stands in a text as whole words."""
    if len(text) <= _SHORT:
        return not _spans_of_short(text).isdisjoint(phrases)
    padded = f" {match_words(text)} "
    return any(f" {phrase} " in padded for phrase in phrases)


@lru_cache(maxsize=1024)
def _spans_of_short(text: str) -> frozenset[str]:
    """A name is asked for dozens of lists of phrases: which it has is looked up, not searched for."""
    return frozenset(_list_spans(match_words(text)))


def _rating_form(rating: str) -> str:
    text = rating.translate(MINUS_SIGNS).translate(SPACES).casefold().strip()
    text = re.sub(r"\[([^\]]*)\]", r"\1 ", text)
    text = re.sub(
        r"\((high|middle|low|h|m|l)\)",
        lambda match: f" <{ {'h': 'high', 'm': 'middle', 'l': 'low'}.get(match[1], match[1]) }>",
        text,
    )
    text = re.sub(r"[(),;:/]", " ", text).replace("<", "(").replace(">", ")")
    return " ".join(text.split())


def rating_symbol(symbol: str) -> str:
    """A symbol of a scale in the form in which ratings are looked up."""
    return _rating_form(symbol)


def list_phrases(words: Iterable[str]) -> list[str]:
    """Phrases in the form of ``match_words``; an entry may hold several, separated by commas."""
    return [match_words(part) for entry in words for part in str(entry).split(",") if part.strip()]
