"""What the search asks of the operators: functions that propose programs, each with the roles that it states."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeVar, get_args

from services.converter.domain.synthesis.language import Column, Condition, Examples, Expression
from services.converter.domain.synthesis.tokens import LONGEST_KEPT

if TYPE_CHECKING:
    from functools import _lru_cache_wrapper


class Candidate(NamedTuple):
    """An expression with its values on the example's rows."""

    expression: Expression
    values: tuple[str, ...]


Witness = Callable[[Examples, Iterable[Candidate]], Iterator[Candidate]]
"""From the wanted outputs back to expressions over the given sources that could be a piece of them."""


Joining = Callable[[Examples, Expression], Expression]
"""From a program whose pieces were found one by one to what they are together, where that explains as much."""


class Shown(NamedTuple):
    """A column with its texts and what is wanted of each row, to find conditions that tell the rows apart."""

    column: Column
    texts: list[str]
    labels: list[bool]
    is_lent: bool
    """Whether it holds what other rows say: its texts are no reasons."""


Telling = Callable[[Shown], Iterator[Condition]]
"""From one column to conditions that may tell the rows apart."""
Relating = Callable[[Sequence[Shown]], Iterator[Condition]]
"""From all columns to conditions on several of them."""

Role = Literal[
    "source", "pick", "piece", "form", "typed", "rewritten", "whole",
    "joined", "told", "related",
]  # fmt: skip
"""What the search asks a function for. Witnesses: cheap clean-ups of columns that every other unit may read (source);
pieces that others may be taken from (pick); everything that makes a new text from a source (piece); other forms of a
text that was found (form); readings of texts as numbers, dates and names, computed with and written anew (typed);
readings that are written anew with nothing computed (rewritten); what gives the whole outputs from whole columns
(whole). Joinings (joined); tellings (told) and relatings (related) of rows."""
Places = Mapping[Role, int]
"""The roles of a function with its place among those of the same role: the lower is tried first."""
Function = TypeVar("Function", Witness, Joining, Telling, Relating)


def proposes(**given: int) -> Callable[[Function], Function]:
    """State the roles in which the search asks a function, each with its place from 1 on."""
    stated: dict[Role, int] = {role: given.pop(role) for role in get_args(Role) if role in given}
    if given:
        raise TypeError(f"no such roles: {', '.join(given)}")

    def state(function: Function) -> Function:
        _PLACES[function] = stated
        return function

    return state


_PLACES: dict[object, Places] = {}


def places(function: object) -> Places:
    """What a function states of itself; nothing for any that states nothing."""
    return _PLACES.get(function, {})


MOST_KEPT, MOST_ROWS_KEPT = 512, 50
"""Sources of which is kept what a witness makes of them, and rows of one."""


def kept_for(
    made: "_lru_cache_wrapper[Sequence[Candidate]]", source: Expression, values: tuple[str, ...]
) -> Sequence[Candidate]:
    """What a witness makes of a source whatever is wanted: each column that is learned asks again. Many and long texts
    are not kept."""
    is_small = len(values) <= MOST_ROWS_KEPT and max(map(len, values)) <= LONGEST_KEPT
    return made(source, values) if is_small else made.__wrapped__(source, values)


def occurs(task: Examples, values: tuple[str, ...]) -> bool:
    """Whether every value stands somewhere in its wanted output, and not all are empty."""
    some = False
    for value, output in zip(values, task.outputs, strict=True):
        if value:
            if value not in output:
                return False
            some = True
    return some
