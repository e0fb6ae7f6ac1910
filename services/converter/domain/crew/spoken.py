"""Which values stand in the user's words, and which of them a sentence gives for others."""

import re
from collections.abc import Collection


def says(sentence: str, key: str, value: str, values: Collection[str]) -> bool:
    """Whether a sentence gives ``value`` for ``key``: of all ``values`` that stand in it, it is the next to the key."""
    at_key, at_value = _places(sentence, key), _places(sentence, value)
    if not at_key or not at_value or not value:
        return False
    others = sorted({place for other in values for place in _places(sentence, other)} | set(at_value))
    for place in at_key:
        after = [other for other in others if other > place]
        before = [other for other in others if other < place]
        if (after and after[0] in at_value) or (before and before[-1] in at_value):
            return True
    return False


def stands_in(words: str, text: str) -> bool:
    """Whether a text stands in words as a word of its own."""
    return bool(_places(words, text))


def _places(sentence: str, text: str) -> list[int]:
    pattern = rf"(?<!\w){re.escape(text.strip())}(?!\w)"
    return [found.start() for found in re.finditer(pattern, sentence, re.IGNORECASE)] if text.strip() else []
