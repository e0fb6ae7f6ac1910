"""What a witness function is given and what it answers."""

from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NamedTuple

from services.converter.domain.synthesis.language import Examples, Expression


class Candidate(NamedTuple):
    """An expression with its values on the example's rows."""

    expression: Expression
    values: tuple[str, ...]


Witness = Callable[[Examples, Iterable[Candidate]], Iterator[Candidate]]
"""From the wanted outputs back to expressions over the given sources that could be a piece of them."""


Role = Literal["source", "pick", "piece", "form", "typed", "rewritten", "whole"]
"""What a witness is asked for: cheap clean-ups of columns that every other unit may read (source); pieces that others
may be taken from (pick); everything that makes a new text from a source (piece); other forms of a text that was found
(form); readings of texts as numbers, dates and names, computed with and written anew (typed); readings that are
written anew with nothing computed (rewritten); what gives the whole outputs from whole columns (whole)."""
Places = dict[Role, int]
"""The roles of a witness with its place among those of the same role: the lower is tried first."""


def proposes(
    *,
    source: int = 0,
    pick: int = 0,
    piece: int = 0,
    form: int = 0,
    typed: int = 0,
    rewritten: int = 0,
    whole: int = 0,
) -> Callable[[Witness], Witness]:
    """State the roles in which the search asks a witness, each with its place."""
    given: Places = {
        "source": source, "pick": pick, "piece": piece, "form": form, "typed": typed, "rewritten": rewritten,
        "whole": whole,
    }  # fmt: skip

    def state(witness: Witness) -> Witness:
        _PLACES[witness] = {role: place for role, place in given.items() if place}
        return witness

    return state


_PLACES: dict[Witness, Places] = {}

Joining = Callable[[Examples, Expression], Expression]
"""From a program whose pieces were found one by one to what they are together, where that explains as much."""


def joins(joining: Joining) -> Joining:
    """State that a function makes pieces one where they are parts of one thing."""
    _JOININGS.add(joining)
    return joining


_JOININGS: set[Joining] = set()


def is_joining(function: object) -> bool:
    """Whether a function states that it joins pieces."""
    return function in _JOININGS


def places(witness: Witness) -> Places:
    """What a witness states of itself; nothing for any other function."""
    return _PLACES.get(witness, {})


def occurs(task: Examples, values: tuple[str, ...]) -> bool:
    """Whether every value stands somewhere in its wanted output, and not all are empty."""
    some = False
    for value, output in zip(values, task.outputs, strict=True):
        if value:
            if value not in output:
                return False
            some = True
    return some
