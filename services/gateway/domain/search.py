"""Finding tasks and jobs by words. Pure.

A list is looked through as it is read, newest first: no index holds words, which would be a write more for every job.
What a call costs is therefore what reading its page costs, and a page may be short while there is a next one.
"""

from collections.abc import Iterable

MAX_CHARS = 200


def find_words(text: str) -> tuple[str, ...]:
    """What is looked for: words apart by blanks, whatever their case."""
    return tuple(text.casefold().split())


def fits(words: Iterable[str], texts: Iterable[str]) -> bool:
    """Whether each word stands in one of the texts, or in a part of one."""
    whole = "\n".join(texts).casefold()
    return all(word in whole for word in words)
