"""The units there are: found by walking the package, so that a new one needs no list."""

import pkgutil
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from inspect import isabstract, isfunction
from types import ModuleType

from services.converter.domain.synthesis import language, operators
from services.converter.domain.synthesis.language import Node
from services.converter.domain.synthesis.operators.witness import Role, Witness, places


@cache
def modules() -> tuple[ModuleType, ...]:
    """The modules that may hold units: the language itself, then those of the package by name."""
    found = pkgutil.walk_packages(operators.__path__, operators.__name__ + ".")
    names = sorted(each.name for each in found if not each.ispkg and each.name != __name__)
    return (language, *map(import_module, names))


@cache
def units() -> tuple[type[Node], ...]:
    """Every kind of node that can be made."""
    return tuple(
        kind
        for module in modules()
        for kind in vars(module).values()
        if isinstance(kind, type)
        and issubclass(kind, Node)
        and kind.__module__ == module.__name__
        and not isabstract(kind)
    )


def law_examples() -> Iterator[Node]:
    """The instances on which units state that their meaning equals their SQL."""
    for module in modules():
        yield from getattr(module, "law", tuple)()


@cache
def witnesses(role: Role) -> tuple[Witness, ...]:
    """The witnesses that the search asks in a role, by the places that they state."""
    found = {each: None for module in modules() for each in vars(module).values() if isfunction(each)}
    having = [each for each in found if role in places(each)]
    return tuple(sorted(having, key=lambda each: (places(each)[role], each.__module__, each.__name__)))
