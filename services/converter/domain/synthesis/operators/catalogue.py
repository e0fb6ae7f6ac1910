"""The units there are, with what they state of themselves: found by walking the package."""

from collections.abc import Iterator
from functools import cache
from inspect import isfunction
from types import FunctionType, ModuleType

from services.converter.domain.synthesis import language, operators
from services.converter.domain.synthesis.asking import Ask
from services.converter.domain.synthesis.language import Node
from services.converter.domain.synthesis.operators.witness import Joining, Role, Witness, is_joining, places
from services.converter.domain.synthesis.walking import kinds_in, modules_of


@cache
def modules() -> tuple[ModuleType, ...]:
    """The modules that may hold units: the language itself, then those of the package by name."""
    return (language, *(module for module in modules_of(operators) if module.__name__ != __name__))


@cache
def units() -> tuple[type[Node], ...]:
    """Every kind of node that can be made."""
    return tuple(kind for module in modules() for kind in kinds_in(module, Node))  # type: ignore[type-abstract]


def law_examples() -> Iterator[Node]:
    """The instances on which units state that their meaning equals their SQL."""
    for module in modules():
        yield from getattr(module, "law", tuple)()


@cache
def joinings() -> tuple[Joining, ...]:
    """What makes pieces one where they are parts of one thing, by name."""
    having = filter(is_joining, _functions())
    return tuple(sorted(having, key=lambda each: (each.__module__, each.__name__)))


@cache
def _functions() -> tuple[FunctionType, ...]:
    found = {each: None for module in modules() for each in vars(module).values() if isfunction(each)}
    return tuple(found)


@cache
def asks() -> tuple[Ask, ...]:
    """The words in instructions that ask for one of the units."""
    return tuple(dict.fromkeys(each for unit in units() for each in unit.asks))


@cache
def witnesses(role: Role) -> tuple[Witness, ...]:
    """The witnesses that the search asks in a role, by the places that they state."""
    having = [each for each in _functions() if role in places(each)]
    return tuple(sorted(having, key=lambda each: (places(each)[role], each.__module__, each.__name__)))
