"""Amounts that stand with words of their basis (``£42,000 after tax``, ``netto 3.000 € im Monat``): the amount, and
whether it is meant after tax."""

import re
from collections.abc import Set

from services.portfolio.domain.reference import Reference, match_words

_TOKENS = re.compile(r"\S+")
_EDGES = "()[],;:."


def strip_basis(raw: object, reference: Reference) -> object:
    """An amount without the words of its basis; as it was sent where other words stand beside it, which are not
    understood, or none of these does."""
    if not isinstance(raw, str) or not any(character.isalpha() for character in raw):
        return raw
    kept, said = [], set[str]()
    for token in _TOKENS.findall(raw):
        words = match_words(token).split()
        if (
            words
            and token.strip(_EDGES).replace("'", "").replace("’", "").isalpha()
            and _are_of_basis(words, reference)
        ):
            said.update(words)
        else:
            kept.append(token)
    return " ".join(kept).strip(" ,;()") if said & reference.terms.basis_words else raw


def _are_of_basis(words: list[str], reference: Reference) -> bool:
    terms: Set[str] = reference.terms.basis_words | reference.terms.basis_fillers
    return all(word in terms for word in words)


def read_basis(text: str, reference: Reference) -> bool | None:
    """Whether an amount is meant after tax, or before it; None where nothing says so: net of fees alone says nothing of
    tax."""
    parts, terms = set(match_words(text).split()), reference.terms
    taxes, fees = parts & terms.basis_taxes, parts & terms.basis_fees
    if fees and not taxes:
        return None
    read = reference.lexicon.read(text)
    if "net" in read or parts & terms.basis_net or ("after" in read and taxes):
        return True
    return False if "gross" in read or ("before" in read and taxes) else None
