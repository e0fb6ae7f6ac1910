"""Forms of texts: what is left of a text when its content is left out, alike in Python and in DuckDB."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from services.converter.domain.synthesis.sqltext import literal
from services.converter.domain.synthesis.tokens import Pattern, charset, raw

MAX_FORMS = 12
"""Forms above which a column has no form to speak of."""
_ONLY_DIGITS = re.compile(r"9(?:[-/:+*#@=; ]9)*")
_LONGEST_FORM = 80
"""Characters of a form; texts with longer ones are prose."""


@dataclass(frozen=True, slots=True)
class Form:
    """Patterns, each with the text that stands for its matches, put in one after the other."""

    rules: tuple[tuple[Pattern, str], ...]
    usual: tuple[tuple[str, Pattern], ...] = ()
    """Forms, each with a pattern of texts that have it for certain: nearly all texts that do."""
    digits: bool = False
    """Whether each run of digits becomes `9` where no letter, comma or point stands in the text."""
    smaller: tuple[str, str] | None = None
    """A part of a form, and what stands for it in smaller texts of the kind: below a thousand nothing is grouped."""

    def of(self, text: str) -> str:
        """The form of a text."""
        for pattern, mark in self.rules:
            text = pattern.sub(mark, text)
        return text

    def sql(self, text: str) -> str:
        """SQL that does as `of`."""
        for pattern, mark in self.rules:
            text = f"regexp_replace({text}, {literal(pattern.sql)}, {literal(mark)}, 'g')"
        return text

    def shown(self, texts: Iterable[str], rows: int) -> tuple[str, ...]:
        """The forms of an example's texts, where they are regular: every fifth row, or one, repeats a form."""
        forms = sorted({self.of(text) for text in texts if text})
        few = len(forms) <= min(MAX_FORMS, max(1, rows - max(1, rows // 5)))
        if not few or any(len(form) > _LONGEST_FORM for form in forms):
            return ()
        return tuple(sorted({*forms, *(form.replace(*self.smaller) for form in forms if self.smaller)}))

    def is_new(self, text: str, shown: Iterable[str]) -> str:
        """SQL that holds where a text, given in SQL, is of none of the forms.

        What nearly every text looks like is asked first: finding out a form takes several times as long.
        """
        forms = tuple(shown)
        new = f"{self.sql(text)} NOT IN ({', '.join(map(literal, forms))})"
        plain = [pattern.sql for form in forms if (pattern := self.certain(form)) is not None]
        return f"NOT regexp_full_match({text}, {literal('|'.join(plain))}) AND {new}" if plain else new

    def certain(self, form: str) -> Pattern | None:
        """A pattern of whole texts that have a form for certain; None where no plain one is known."""
        usual = dict(self.usual).get(form)
        if usual is None and self.digits and "9" in form and _ONLY_DIGITS.fullmatch(form):
            return raw("".join("[0-9]+" if mark == "9" else re.escape(mark) for mark in form))
        return usual


def _run(one: Pattern) -> Pattern:
    return one + raw("+(?: ") + one + raw("+)*")


# Setting up a pattern costs DuckDB a millisecond for each class of all letters in it, which on small files is most of
# what a guard takes. So letters are found by one class, in a step of its own; later ones see an `a` for each run.
_LETTERS = (charset("L") + raw("+"), "a")
_DIGITS = (charset("D") + raw("+"), "9")
_WORD = charset("D") + raw(r"*a[a\d'’\-]*")
_LIST_MARKS = ("/", ".", "_", ",", ";", ":", "|", ">", "+")
"""What stands before each item of a list but the first, of paths, hosts and lists, whatever blanks are around it."""
_CLOSE = (raw(r" *([/,;:|>+]) *"), "\\1")
_ITEMS = raw("|".join(f"({re.escape(mark)}a)(?:{re.escape(mark)}a)+" for mark in _LIST_MARKS))
_FIRST_ITEM = "".join(f"\\{group}" for group in range(1, len(_LIST_MARKS) + 1))
_GROUPED = raw(r"[0-9]{1,3}(?:,[0-9]{3})+(?:[.][0-9]+)?")
_NUMBER = raw(r"[0-9]+(?:[.][0-9]+)?")

_ENDS = (raw(r"^[ \t]+|[ \t]+$"), "")
_NEGATIVE = (raw(r"^-([^\w ]?[0-9])"), "\\1")
_APOSTROPHE = (raw("a['’]a"), "a")
"""A name has an apostrophe within as it has a letter."""

OUTLINE = Form((_LETTERS, _APOSTROPHE, _DIGITS))
"""Runs of letters as `a`, of digits as `9`, the rest as it stands."""
SKELETON = Form((_LETTERS, _APOSTROPHE, (_run(raw(r"[a\d]")), "w")))
"""Words with single blanks between them as `w`, the punctuation around them as it stands."""
FIGURE = Form((_LETTERS, (raw("a(?: a)*"), "a"), _DIGITS))
"""Runs of words as `a`, of digits as `9`, the rest as it stands."""
KIND = Form(
    (
        _ENDS,
        _LETTERS,
        (_WORD + raw("(?: (?:& )?") + _WORD + raw(")*"), "a"),
        _CLOSE,
        (_ITEMS, _FIRST_ITEM),
        _NEGATIVE,
        (_GROUPED, "9,9"),
        (_NUMBER, "9"),
    ),
    usual=(("a", charset("L") + raw("+(?: ") + charset("L") + raw("+)*")), ("9,9", _GROUPED), ("9", _NUMBER)),
    digits=True,
    smaller=("9,9", "9"),
)
"""What sort of answer a text is: names of any number of words as `a`, lists of any number of names as of two, numbers
of any size and sign as `9`, and as `9,9` where they are grouped. Blanks at the ends and around marks say nothing."""
