"""What the figures of a section are made of: how its payload is taken, and the groups of figures that it has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from services.portfolio.domain.errors import MissingInputError
from services.portfolio.domain.facts import Draft
from services.portfolio.domain.reading import Reading
from services.portfolio.domain.sections import Catalogue

State = TypeVar("State")


@dataclass(frozen=True, slots=True)
class Group(Generic[State]):
    """Figures that are computed together. ``facts`` are the ids that are absent where their input is missing."""

    name: str
    add: Callable[[State, Draft], None]
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Figures(Generic[State]):
    """The figures of one section: ``take`` makes what its groups need out of a reading."""

    take: Callable[[Reading, Catalogue, Draft], State]
    groups: tuple[Group[State], ...]

    def add_to(self, draft: Draft, reading: Reading, catalogue: Catalogue, chosen: tuple[str, ...]) -> State | None:
        """Compute the chosen groups in order. What one of them lacks costs its figures alone. Gives what they were made
        of, where that could be had."""
        groups = {group.name: group for group in self.groups}
        wanted = [groups[name] for name in chosen]
        try:
            state = self.take(reading, catalogue, draft)
        except MissingInputError as missing:
            for group in wanted:
                _miss_all(group.facts, draft, missing)
            return None
        for group in wanted:
            try:
                group.add(state, draft)
            except MissingInputError as missing:
                _miss_all(group.facts, draft, missing)
        return state


def _miss_all(fact_ids: tuple[str, ...], draft: Draft, missing: MissingInputError) -> None:
    for fact_id in fact_ids:
        if draft.find(fact_id) is None:
            draft.miss(fact_id, missing)
