"""Kinds that the first words of a text tell: `YOU BOUGHT ...` is a purchase, `DIVIDEND RECEIVED ...` a dividend.

Whichever words these are stands in a list of those that were seen: a text that begins otherwise has no answer.
"""

import re
from collections.abc import Iterator

from services.converter.domain.synthesis.evidence import chosen, repeated_bits
from services.converter.domain.synthesis.language import Column, Examples, Expression
from services.converter.domain.synthesis.operators.logic.branch import Dictionary
from services.converter.domain.synthesis.operators.text.extract import Extract
from services.converter.domain.synthesis.tokens import LETTERS, Pattern, raw

MOST_COLUMNS, LEAST_ROWS = 30, 4
"""Columns whose words are looked at, and rows from which on some kinds recur."""
LONGEST = 400
"""Characters of a text from which on it is prose."""
PRICE = 1.2
"""What words at a place cost: as much as a split."""
_WORD, _FIGURES = "[^ 0-9]+", "(?:[^ ]*[0-9][^ ]* +)*"
_PLACES: tuple[tuple[Pattern, str], ...] = (
    (raw("^(") + LETTERS.pattern + raw(")"), "letters at the start"),
    (raw(f"^({_WORD} +{_WORD})(?: |$)"), "first two words"),
    (raw(f"^{_FIGURES}{_WORD} +{_FIGURES}({_WORD})(?: |$)"), "second word without figures"),
    (raw(f"^({_WORD} +{_WORD} +{_WORD})(?: |$)"), "first three words"),
)
"""Where words stand that tell kinds, the likelier first."""
_IS_WORD = re.compile(r"[^\W\d_]")


def learn_by_words(task: Examples) -> list[Expression]:
    """Lists from the words at one place in a text to the wanted kinds, the likeliest place of each column.

    Some kinds have to recur, be words of their own and not be what stands in the text; and the rows that repeat the
    words have to say more than the places and columns that they were chosen from.
    """
    kinds = set(task.outputs) - {""}
    if not 1 < len(kinds) < len(task.outputs) or len(task.outputs) < LEAST_ROWS:
        return []
    if not all(map(_IS_WORD.search, kinds)) or not all(task.outputs):
        return []
    return [found for column in _texts(task) for found in _by_place(task, column)]


def _texts(task: Examples) -> Iterator[Column]:
    """Columns of texts that hardly recur as a whole, each on every row."""
    for column in map(task.column, range(min(len(task.names), MOST_COLUMNS))):
        texts = [text or "" for text in task.values(column)]
        several = 2 * len(set(texts)) > len(texts)
        if several and column.index not in task.lent and all(0 < len(text) <= LONGEST for text in texts):
            yield column


def _by_place(task: Examples, column: Column) -> Iterator[Expression]:
    """The list by the first place at which the same words always say the same."""
    for number, (pattern, what) in enumerate(_PLACES, 1):
        source = Extract(column, pattern, what, PRICE)
        keys = [source.run(record) or "" for record in task.records]
        pairs = dict(zip(keys, task.outputs, strict=True))
        same = all(pairs[key] == output for key, output in zip(keys, task.outputs, strict=True))
        if not all(keys) or not same or len(pairs) == len(keys):
            continue
        texts = len({other.index for other in _texts(task)})
        if repeated_bits(keys, task.outputs) >= chosen(number, texts):
            yield Dictionary(source, tuple(sorted(pairs.items())))
        return
