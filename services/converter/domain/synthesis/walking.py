"""What stands in a package: found by walking it, so that a new file needs no list."""

import pkgutil
from importlib import import_module
from inspect import isabstract
from types import ModuleType
from typing import TypeVar

Kind = TypeVar("Kind")


def modules_of(package: ModuleType) -> list[ModuleType]:
    """The modules of a package and of those inside it, by name."""
    found = pkgutil.walk_packages(package.__path__, package.__name__ + ".")
    return [import_module(name) for name in sorted(each.name for each in found if not each.ispkg)]


def kinds_in(module: ModuleType, base: type[Kind]) -> list[type[Kind]]:
    """The classes below ``base`` that a module defines and that can be made, in their order."""
    classes = [each for each in vars(module).values() if isinstance(each, type) and issubclass(each, base)]
    return [each for each in classes if each.__module__ == module.__name__ and not isabstract(each)]
