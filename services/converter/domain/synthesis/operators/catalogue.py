"""The units there are, with what they state of themselves: found by walking the package."""

from collections.abc import Iterator
from functools import cache
from inspect import isfunction
from types import ModuleType
from typing import Any

from services.converter.domain.synthesis import language, operators
from services.converter.domain.synthesis.asking import Ask
from services.converter.domain.synthesis.language import Node
from services.converter.domain.synthesis.operators.witness import Joining, Relating, Role, Telling, Witness, places
from services.converter.domain.synthesis.walking import kinds_in, modules_of


@cache
def modules() -> tuple[ModuleType, ...]:
    """The modules that may hold units: the language itself, then those of the package by name."""
    return (*modules_of(language), *(module for module in modules_of(operators) if module.__name__ != __name__))


@cache
def units() -> tuple[type[Node], ...]:
    """Every kind of node that can be made."""
    return tuple(kind for module in modules() for kind in kinds_in(module, Node))  # type: ignore[type-abstract]


def law_examples() -> Iterator[Node]:
    """The instances on which units state that their meaning equals their SQL."""
    for module in modules():
        yield from getattr(module, "law", tuple)()


@cache
def asks() -> tuple[Ask, ...]:
    """The words in instructions that ask for one of the units."""
    return tuple(dict.fromkeys(each for unit in units() for each in unit.asks))


def witnesses(role: Role) -> tuple[Witness, ...]:
    """The witnesses that the search asks in a role, by the places that they state."""
    return having(role)


def joinings() -> tuple[Joining, ...]:
    """What makes pieces one where they are parts of one thing."""
    return having("joined")


def tellings() -> tuple[Telling, ...]:
    """What finds conditions on one column."""
    return having("told")


def relatings() -> tuple[Relating, ...]:
    """What finds conditions on several columns."""
    return having("related")


@cache
def having(role: Role) -> tuple[Any, ...]:
    """The functions that state a role, by their places in it."""
    functions = {each: None for module in modules() for each in vars(module).values() if isfunction(each)}
    found = [each for each in functions if role in places(each)]
    return tuple(sorted(found, key=lambda each: (places(each)[role], each.__module__, each.__name__)))
