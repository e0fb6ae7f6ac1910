"""Bodies are taken as they are described: what is described as a number or a truth value is nothing else."""

import json
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from pydantic import BaseModel
from pydantic.types import Strict

from services.gateway.rest.api import write_document


def list_models(kind: type[BaseModel] = BaseModel) -> Iterator[type[BaseModel]]:
    for model in kind.__subclasses__():
        yield model
        yield from list_models(model)


def name_bodies() -> set[str]:
    """The names of the models that calls bring."""
    paths = json.loads(write_document())["paths"]
    contents = [
        call["requestBody"]["content"] for path in paths.values() for call in path.values() if "requestBody" in call
    ]
    schemas = [content["application/json"]["schema"] for content in contents if "application/json" in content]
    return {schema["$ref"].rpartition("/")[2] for schema in schemas if "$ref" in schema}


def parts_of(annotation: Any) -> Iterator[Any]:
    yield annotation
    for part in get_args(annotation):
        yield from parts_of(part)


def fields_of(model: type[BaseModel]) -> Iterator[tuple[str, list[Any], list[Any]]]:
    """The fields of a model and of those in it: name, types in it, and what is asked of it."""
    for name, field in model.model_fields.items():
        parts = list(parts_of(field.annotation))
        yield f"{model.__name__}.{name}", parts, field.metadata
        for part in parts:
            if isinstance(part, type) and issubclass(part, BaseModel):
                yield from fields_of(part)


BODIES = name_bodies()
MODELS = [model for model in list_models() if model.__name__ in BODIES and model.__module__.startswith("services.")]


def test_all_bodies_are_looked_at() -> None:
    assert {model.__name__ for model in MODELS} == BODIES
    assert len(MODELS) > 5


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_numbers_and_truth_values_of_a_body_are_of_their_own_type(model: type[BaseModel]) -> None:
    lax = [
        name
        for name, parts, asked in fields_of(model)
        if {bool, int, float}.intersection(part for part in parts if isinstance(part, type))
        and not any(isinstance(item, Strict) and item.strict for item in asked)
    ]
    assert lax == []


def integers_of(schema: Any, components: Any, seen: frozenset[str] = frozenset()) -> Iterator[Any]:
    """The schemas of whole numbers in a schema, behind references too."""
    if isinstance(schema, list):
        for item in schema:
            yield from integers_of(item, components, seen)
    elif isinstance(schema, dict):
        if schema.get("type") == "integer":
            yield schema
        if (name := str(schema.get("$ref", "")).rpartition("/")[2]) and name not in seen:
            yield from integers_of(components[name], components, seen | {name})
        for key, value in schema.items():
            if key not in {"example", "examples", "default"}:
                yield from integers_of(value, components, seen)


def test_whole_numbers_that_calls_bring_are_no_larger_than_what_they_are_put_in() -> None:
    document = json.loads(write_document())
    components = document["components"]["schemas"]
    found = {
        (method, path): list(integers_of([call.get("parameters", []), call.get("requestBody", {})], components))
        for path, calls in document["paths"].items()
        for method, call in calls.items()
    }
    assert sum(map(len, found.values())) > 10
    unbounded = [
        (method, path, schema)
        for (method, path), schemas in found.items()
        for schema in schemas
        if not 0 < schema.get("maximum", 0) < 2**31
    ]
    assert unbounded == []
