"""Programs with some of their nodes put in the place of others."""

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, TypeVar

from services.converter.domain.synthesis.language.nodes import Node

N = TypeVar("N", bound=Node)


def remade(node: N, change: Callable[[Node], Node | None]) -> N:
    """The node with every node in it, itself included, for which there is a change put in the place of that one."""
    other = change(node)
    if other is not None:
        return other  # type: ignore[return-value]
    held = {one.name: getattr(node, one.name) for one in fields(node)}  # type: ignore[arg-type] # every node is one
    others = {name: _remade(value, change) for name, value in held.items()}
    changed = {name: value for name, value in others.items() if value is not held[name]}
    return replace(node, **changed) if changed else node  # type: ignore[type-var]


def _remade(value: Any, change: Callable[[Node], Node | None]) -> Any:
    if isinstance(value, Node):
        return remade(value, change)
    if isinstance(value, tuple) and any(isinstance(part, Node) for part in value):
        parts = tuple(_remade(part, change) for part in value)
        return parts if any(a is not b for a, b in zip(value, parts, strict=True)) else value
    return value
