"""Query parameters that a route does not read: refused where one of its own is nearly so called, told otherwise."""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.types import Scope

from services.common.errors import InvalidInput
from services.common.near import find_near

WARNING_HEADER = "x-warning"
_MOST_NAMES = 5
_NAME_CHARS = 40


def refuse_slips(request: Request) -> None:
    """Raises InvalidInput for a query parameter that stands by a slip of the pen for one that the route takes."""
    given = request.query_params
    if not given:
        return
    taken = _list_taken(request.scope)
    for name in _find_unread(given, taken):
        if near := find_near(name, set(taken) - set(given)):
            raise InvalidInput(f"no such parameter: is {near} meant?", reason="UNKNOWN_PARAMETER", field=name)


def tell_unread(scope: Scope) -> str:
    """Words on the query parameters that nobody read, and what the route takes; empty where there are none.

    They are no error: the older services passed them over, and clients of theirs may send some.
    """
    if not scope.get("query_string"):
        return ""
    given = [name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)]
    taken = _list_taken(scope)
    unread = _find_unread(given, taken)
    if not unread or not isinstance(scope.get("route"), APIRoute):
        return ""
    takes = f"this call takes {', '.join(sorted(taken))}" if taken else "this call takes none"
    return f"query parameters that nobody reads: {list_names(unread)}; {takes}"


def list_names(names: Iterable[str]) -> str:
    """Names that a client sent, as a header can say them."""
    shown = [ascii(name)[1:-1][:_NAME_CHARS] for name in names]
    return ", ".join([*shown[:_MOST_NAMES], *(["..."] if len(shown) > _MOST_NAMES else [])])


def _list_taken(scope: Scope) -> list[str]:
    route = scope.get("route")
    if not isinstance(route, APIRoute):
        return []
    taken: list[str] = []
    for field in _fields_of(route.dependant):
        model = field.field_info.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            taken += [one.alias or name for name, one in model.model_fields.items()]
        else:
            taken.append(field.alias)
    return taken


def _fields_of(dependant: Dependant) -> Iterator[Any]:
    yield from dependant.query_params
    for inner in dependant.dependencies:
        yield from _fields_of(inner)


def _find_unread(given: Iterable[str], taken: Iterable[str]) -> list[str]:
    known = set(taken)
    return [name for name in dict.fromkeys(given) if name not in known]
