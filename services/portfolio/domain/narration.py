"""What a provider is asked and what it answers: the types of the ``Provider`` port."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from services.portfolio.domain.claims import Unsupported
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import Style
from services.portfolio.domain.sections import Section


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What has been paid for and must not be paid for again: the ids of a message that a provider is working on."""

    conv_id: str
    message_id: str = ""


@dataclass(frozen=True, slots=True)
class Earlier:
    """An answer that did not do: its text (empty where none could be had), why, and which of its claims are faults.

    ``is_result`` where it is a commentary all the same, with faults that can be named.
    """

    text: str
    why: str
    faults: tuple[Unsupported, ...] = ()
    is_result: bool = False


SaveCheckpoint = Callable[[Checkpoint], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class NarrationRequest:
    """One section to narrate.

    ``earlier`` is the answer that did not do, where this is asked for the second time. ``deadline_s`` bounds the whole
    call, ``max_cost`` what the section may cost (None: no bound).
    ``forecasts_are_faults`` where a text must not say what nobody can know.
    ``resume`` continues a message that an earlier attempt sent; ``save`` is awaited before waiting for an answer.
    """

    section: Section
    table: FactTable
    payload: Mapping[str, object]
    style: Style
    deadline_s: float
    earlier: Earlier | None = None
    max_cost: Decimal | None = None
    forecasts_are_faults: bool = True
    resume: Checkpoint | None = None
    save: SaveCheckpoint | None = None

    def affords_another(self, spent: Decimal) -> bool:
        """Whether asking again, for what was spent once already, stays within ``max_cost``."""
        return self.max_cost is None or spent * 2 <= self.max_cost


@dataclass(frozen=True, slots=True)
class Narration:
    """What a provider answered: text, the ids and cost that its platform gave, and the tokens used.

    ``malformed`` says why no text could be had of an answer; ``text`` is empty then.
    """

    text: str
    conv_id: str = ""
    message_id: str = ""
    cost: Decimal = Decimal(0)
    tokens: int = 0
    malformed: str = ""


Narrate = Callable[[NarrationRequest], Awaitable[Narration]]
"""The one call of a provider."""
