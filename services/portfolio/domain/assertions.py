"""What a text asserts: that one of some phrases stands in it, and that no word before it denies it."""

from collections.abc import Container

from services.portfolio.domain.reference import Reference, match_words
from services.portfolio.domain.terms import list_sentences

_LONGEST_PHRASE = 5


def asserts_any(text: str, phrases: Container[str], reference: Reference) -> bool:
    """Whether one of the phrases stands in a sentence of a text in which no word before it denies it."""
    for sentence in list_sentences(text):
        words = match_words(sentence).split()
        for start in range(len(words)):
            ends = range(start + 1, min(len(words), start + _LONGEST_PHRASE) + 1)
            if any(" ".join(words[start:end]) in phrases for end in ends):
                if reference.terms.denied.isdisjoint(words[:start]):
                    return True
                break
    return False
