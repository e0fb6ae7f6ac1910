"""Examples on models, for OpenAPI."""

from typing import Any

from pydantic import ConfigDict


def shown_as(example: Any) -> ConfigDict:
    """A model's configuration with its example."""
    return ConfigDict(extra="ignore", json_schema_extra={"examples": [example]})
