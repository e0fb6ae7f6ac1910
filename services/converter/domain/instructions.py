"""What the user says about a conversion in words: hints that rank candidates, never commands that are executed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})
_SENTENCE = re.compile(r"(?<=[.;!])\s+|\n+")

_SHEET = re.compile(
    r"\b(?:sheet|worksheet|tabellenblatt|blatt|feuille|onglet)\b\s*(?:named|called|mit dem namen|nommée?)?\s*:?\s*"
    r"[\"'“„«]\s*(?P<name>[^\"'”“»]{1,31}?)\s*[\"'”“»]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Instructions:
    """General words on the file, and words on single output columns by name."""

    general: str = ""
    columns: Mapping[str, str] = field(default_factory=lambda: _NONE)

    @property
    def sheet(self) -> str:
        """The sheet of a workbook that the general words name (``sheet "Trades"``), empty where they name none."""
        match = _SHEET.search(self.general)
        return match["name"].strip() if match else ""

    def words_for(self, column: str, others: Sequence[str] = ()) -> str:
        """Everything said that bears on one output column: its own words, then the general sentences that may mean it.

        A general sentence that names ``others`` of the output's columns and not this one is about those.
        """
        own = next((text for name, text in self.columns.items() if name.strip().lower() == column.strip().lower()), "")
        sentences = [
            sentence
            for sentence in _SENTENCE.split(self.general)
            if _names(sentence, column) or not any(_names(sentence, other) for other in others)
        ]
        return ". ".join(part.strip().rstrip(".") for part in (own, *sentences) if part.strip())


def _names(sentence: str, column: str) -> bool:
    """Whether a sentence names a column, with blanks or underscores between its words."""
    words = [re.escape(word) for word in re.split(r"[\W_]+", column.lower()) if word]
    spelled = r"[\W_]*".join(words)
    return bool(words) and re.search(rf"(?<![a-z0-9]){spelled}(?![a-z0-9])", sentence.lower()) is not None
