"""How alike two column names are: the same words spelled otherwise, words that mean the same, or other words.

What is known of words is small and general: how people write columns of financial and other tables in English, German
and French. A word that is not known is compared by its letters.
"""

import re
import unicodedata
from difflib import SequenceMatcher
from enum import IntEnum
from functools import lru_cache


class NameMatch(IntEnum):
    """Kinds of likeness, the surer the higher."""

    OPPOSED = 0
    """Each has a word that the other lacks, which tells them apart: trade date, settlement date."""
    OTHER = 1
    """No word in common."""
    NARROWER = 2
    """One says more than the other: amount, amount EUR."""
    SAME = 3
    """Word for word the same, abbreviated or translated."""
    EQUAL = 4
    """The same letters, whatever their case and what stands between them."""


_MEANINGS = (
    "fee commission charge cost gebuhr gebuehr spesen provision courtage frais",
    "quantity qty unit share stuck stueck anzahl menge nominal quantite piece volume",
    "price px kurs preis cours prix",
    "date day datum tag dt jour",
    "amount amt betrag summe montant sum",
    "currency ccy cur wahrung waehrung devise",
    "type kind art typ side action direction transaktionsart geschaftsart geschaeftsart",
    "security instrument isin wertpapier titel titre",
    "symbol ticker kurzel kuerzel",
    "account acct acc konto compte",
    "customer client kunde kundin",
    "name bezeichnung nom",
    "description desc beschreibung text memo libelle details narrative buchungstext",
    "number no nr num nummer numero id identifier",
    "settlement settle valuta wertstellung erfullung erfuellung",
    "trade trd handel handels transaction txn trans transaktion geschaft",
    "order auftrag ordre",
    "tax steuer impot",
    "interest zins zinsen interet",
    "balance saldo solde",
    "country land pays",
    "city ort stadt ville town",
    "street strasse rue",
    "zip postcode plz postal",
    "category cat kategorie categorie",
    "status zustand",
    "total gesamt",
    "exchange market borse boerse bourse",
)
_COMPOUNDS = ("datum", "tag", "betrag", "preis", "kurs", "gebuhr", "gebuehr", "nummer", "art", "wahrung", "waehrung")
"""Second halves of German words, which are words of their own."""
_FILLERS = frozenset({"of", "the", "in", "per", "a", "an", "der", "die", "das", "des", "de", "du", "code", "s"})
"""Words that say nothing by themselves beside others."""
_OF_A_DATE = {"settlement": "settlement date", "valuta": "settlement date", "wertstellung": "settlement date"}
"""Words that name a date without saying so."""
_LEAST_LIKE = 0.84
"""Likeness of letters from which on two long words are one, spelled otherwise."""
_LEAST_LETTERS = 5
"""Shorter names are alike by chance."""


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name, in small letters without accents: `TradeDate_2` has trade, date, 2."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(w.casefold() for w in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_a-zA-Z]+", plain))


def seen_form(name: str) -> str:
    """A name as people see it: any blank is one, marks without width are none, and capitals are small letters."""
    composed = unicodedata.normalize("NFC", name)
    shown = "".join(
        letter for letter in composed if unicodedata.category(letter) not in ("Cf", "Cc") or letter.isspace()
    )
    return " ".join(shown.split()).casefold()


@lru_cache(maxsize=4096)
def compare_names(one: str, other: str) -> NameMatch:
    """How alike two names are."""
    a, b = words_of(one), words_of(other)
    if not a or not b:
        return NameMatch.EQUAL if one.strip() == other.strip() else NameMatch.OTHER
    if "".join(a) == "".join(b):
        return NameMatch.EQUAL
    mine, theirs = _meaning(a), _meaning(b)
    left = [word for word in mine if not any(_are_one(word, found) for found in theirs)]
    right = [word for word in theirs if not any(_are_one(word, found) for found in mine)]
    if not left and not right:
        return NameMatch.SAME
    if len(left) == len(mine):
        return NameMatch.OTHER
    return NameMatch.OPPOSED if left and right else NameMatch.NARROWER


def _meaning(words: tuple[str, ...]) -> list[str]:
    """The words that carry a name: German compounds in two, without fillers where others are left."""
    found: list[str] = []
    for word in words:
        half = next((h for h in _COMPOUNDS if word.endswith(h) and len(word) > len(h) + 2), "")
        found += [word[: -len(half)], half] if half and not _group(word) else [word]
    kept = [word for word in found if word not in _FILLERS] or found
    if len(kept) == 1 and kept[0] in _OF_A_DATE:
        return _OF_A_DATE[kept[0]].split()
    return kept


@lru_cache(maxsize=4096)
def _are_one(one: str, other: str) -> bool:
    """Whether two words are the same: a plural, an abbreviation, a translation, or a slip of the pen."""
    if one == other or _stem(one) == _stem(other):
        return True
    if _group(one) or _group(other):
        return bool(_group(one) & _group(other))
    if one.isdigit() or other.isdigit():
        return False
    short, long = sorted((one, other), key=len)
    if len(short) >= 3 and long.startswith(short):
        return True
    return len(short) >= _LEAST_LETTERS and SequenceMatcher(None, one, other).ratio() >= _LEAST_LIKE


def _stem(word: str) -> str:
    for ending in ("ies", "es", "en", "s", "e", "n"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


@lru_cache(maxsize=4096)
def _group(word: str) -> frozenset[int]:
    """The meanings that a word, or its stem, or what it abbreviates, has."""
    stem = _stem(word)
    known = {number for number, group in _GROUPS.items() if word in group or stem in group}
    if not known and len(word) >= 3:
        known = {n for n, group in _GROUPS.items() if any(w.startswith(word) and len(w) > 4 for w in group)}
    return frozenset(known)


_GROUPS = {n: frozenset(w for word in group.split() for w in (word, _stem(word))) for n, group in enumerate(_MEANINGS)}
