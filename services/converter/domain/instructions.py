"""What the user says about a conversion in words: hints that rank candidates, never commands that are executed."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from services.converter.domain.faults import ConverterFault
from services.converter.domain.wording.sentences import named, sentences_of

_NONE: Mapping[str, str] = MappingProxyType({})

_SHEET = re.compile(
    r"\b(?:sheet|worksheet|tabellenblatt|blatt|feuille|onglet)\b\s*(?:named|called|mit dem namen|nommée?)?\s*:?\s*"
    r"[\"'“„«]\s*(?P<name>[^\"'”“»]{1,31}?)\s*[\"'”“»]",
    re.IGNORECASE,
)

MOST_LISTED = 50
"""Columns that a refusal lists."""


class InstructionRefused(ConverterFault):
    """Words on a column that neither file has; the text names the field."""

    default_reason = "INSTRUCTIONS_UNKNOWN_COLUMN"


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

    @property
    def all_words(self) -> str:
        """Everything said, a sentence a line at least."""
        return "\n".join((self.general, *self.columns.values()))

    def check_columns(self, source: Sequence[str], target: Sequence[str]) -> None:
        """Raises `InstructionRefused` where something was said of a column that neither input nor output has."""
        known = {name.strip().lower() for name in (*source, *target)}
        for name in self.columns:
            if name.strip().lower() not in known:
                listed = ", ".join(f'"{n}"' for n in list(dict.fromkeys((*target, *source)))[:MOST_LISTED])
                words = f"neither the input nor the expected file has such a column; there are {listed}"
                raise InstructionRefused(f'column_instructions["{name}"]: {words}')

    def words_for(self, column: str, others: Sequence[str] = ()) -> str:
        """Everything said that bears on one output column: its own words, then the general sentences that may mean it.

        What was said of a column of the input is general. A general sentence that names
        ``others`` of the output's columns and not this one is about those.
        """
        own = next((text for name, text in self.columns.items() if name.strip().lower() == column.strip().lower()), "")
        sentences = [
            sentence
            for sentence in sentences_of(self.general)
            if named(sentence, (column,)) or not named(sentence, others)
        ]
        known = {name.strip().lower() for name in (column, *others)}
        sentences += [words for name, words in self.columns.items() if name.strip().lower() not in known]
        return ". ".join(part.strip().rstrip(".") for part in (own, *sentences) if part.strip())
