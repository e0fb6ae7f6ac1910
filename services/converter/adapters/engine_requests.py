"""What the requests to an engine have in common."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from services.converter.adapters.duckdb_sandbox import DuckDBSandbox
from services.converter.domain.instructions import Instructions
from services.converter.taught import Teaching

Work = Callable[[dict[str, Any], DuckDBSandbox], dict[str, Any]]
"""What answers one kind of request."""


def instructions_of(request: dict[str, Any]) -> Instructions:
    """What the user said."""
    return Instructions(request["general_instructions"], request["column_instructions"])


def teaching_of(request: dict[str, Any]) -> Teaching:
    """What a training knows besides its pair."""
    return Teaching(
        request.get("lessons", ()),
        {name: Path(path).read_bytes() for name, path in request.get("samples", {}).items()},
        request.get("on_ambiguity", "keep"),
    )


def write_json(path: str, content: dict[str, Any]) -> None:
    """A document as it is stored."""
    Path(path).write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
