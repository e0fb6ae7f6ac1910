"""What the user says about a conversion in words: hints that rank candidates, never commands that are executed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Instructions:
    """General words on the file, and words on single output columns by name."""

    general: str = ""
    columns: Mapping[str, str] = field(default_factory=lambda: _NONE)

    def words_for(self, column: str) -> str:
        """Everything said that bears on one output column, in lower case."""
        own = next((text for name, text in self.columns.items() if name.strip().lower() == column.strip().lower()), "")
        return f"{own} {self.general}".strip().lower()
