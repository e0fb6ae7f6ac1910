"""What can be wrong with a portfolio payload, as typed errors that name the field.

::

    InvalidInput (services.common.errors)
    └── InputError                a value cannot be used: field, value, explanation
        ├── NumberError           not a number as the field writes them
        ├── DetectionError        a payload fits no section, or more than one
        └── BoundError            more rows, points or text than the limits allow
    CatalogueError                a file that operators edit is wrong (names the line)
    MissingInputError             a figure's input is not there or ambiguous: that figure is absent
    NarrationError                a provider could not narrate (reason, safe detail)

Errors of one section never spoil the others: ``domain.task.analyse_section`` turns them into that section's ``error``.
"""

import json
from decimal import Decimal

from services.common.errors import InvalidInput, WealthError
from services.portfolio.domain.readings import Alternative

_SHOWN_CHARACTERS = 80


class InputError(InvalidInput):
    """A value of the payload that cannot be used.

    ``field`` is the path as the caller wrote it (``assets[2].market_value``), ``value`` what stood there (cut to 80
    characters in the message).
    """

    default_reason = "INVALID_PAYLOAD"

    def __init__(self, field: str, value: object, explanation: str) -> None:
        self.value = value
        self.explanation = explanation
        shown = "" if value is None else f" (got {shorten(value)})"
        super().__init__(f"{field}: {explanation}{shown}", field=field)


class NumberError(InputError):
    """Text that is not a number, or one whose grouping or unit is malformed."""

    default_reason = "INVALID_NUMBER"


class DetectionError(InputError):
    """A payload that belongs to no section, or to more than one."""

    default_reason = "SECTION_NOT_DETECTED"


class BoundError(InputError):
    """More of something than the limits allow."""

    default_reason = "PAYLOAD_TOO_LARGE"


class CatalogueError(ValueError):
    """A file that operators edit is wrong; ``line`` counts from 1."""

    def __init__(self, line: int, explanation: str, file: str = "sections.yaml") -> None:
        self.line = line
        self.explanation = explanation
        super().__init__(f"{file}, line {line}: {explanation}")


class MissingInputError(Exception):
    """What a figure needs is not there, or not settled: the figure is absent, the section goes on.

    ``code`` is ``AMBIGUOUS_INPUT`` with ``alternatives`` where two readings fit, else empty.
    """

    def __init__(self, reason: str, code: str = "", alternatives: tuple[Alternative, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.alternatives = alternatives


class NarrationError(WealthError):
    """A provider could not narrate a section.

    The message is safe to show to the caller: it never holds credentials, tokens or the provider's raw answer.
    ``retryable`` says whether the same request could succeed later.
    """

    default_reason = "NARRATION_FAILED"

    def __init__(self, message: str, *, reason: str | None = None, retryable: bool = False) -> None:
        super().__init__(message, reason=reason)
        self.retryable = retryable


def shorten(value: object) -> str:
    """The value as shown in messages: as JSON has it, which is how its sender wrote it, cut to 80 characters."""
    shown = str(value) if isinstance(value, Decimal) else json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= _SHOWN_CHARACTERS else shown[: _SHOWN_CHARACTERS - 3] + "..."
