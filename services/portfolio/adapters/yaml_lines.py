"""YAML files that operators edit, checked by pydantic models; every error names the file and the line."""

from typing import Any, NamedTuple, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from services.portfolio.domain.errors import CatalogueError

# The loader in C is some ten times faster; wheels have it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class Strict(BaseModel):
    """A part of such a file: no key that is not known."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Document(NamedTuple):
    """A file's plain values (all scalars as text), and the line of everything in it by path."""

    values: Any
    lines: dict[Path, int]

    def find_line(self, path: Path) -> int:
        """The line of a path, or of the nearest thing around it."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_document(text: str, file: str) -> Document:
    """The document in YAML text. Raises ``CatalogueError`` for what is no YAML and for keys that stand twice."""
    try:
        try:
            root = yaml.compose(text, Loader=_LOADER)
        except yaml.MarkedYAMLError:
            root = yaml.compose(text, Loader=yaml.SafeLoader)  # which names the line at fault more nearly
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise CatalogueError(mark.line + 1 if mark else 1, error.problem or "not YAML", file) from None
    lines: dict[Path, int] = {}
    return Document({} if root is None else _read_node(root, (), lines, file), lines)


def check_document(document: Document, model: type[Model], file: str) -> Model:
    """The document as a model. Raises ``CatalogueError`` naming the line of the first fault."""
    try:
        return model.model_validate(document.values)
    except ValidationError as error:
        # A key that is not known is named before one that is missing for it.
        fault = min(error.errors(), key=lambda item: item["type"] != "extra_forbidden")
        path = tuple(part for part in fault["loc"] if not (isinstance(part, str) and part.endswith("]")))
        raise CatalogueError(document.find_line(path), _explain(fault, path), file) from None


def _read_node(node: yaml.Node, path: Path, lines: dict[Path, int], file: str) -> Any:
    lines.setdefault(path, int(node.start_mark.line) + 1)
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise CatalogueError(int(key_node.start_mark.line) + 1, "a key must be text or a number", file)
            key = str(key_node.value)
            line = int(key_node.start_mark.line) + 1
            if key in found:
                raise CatalogueError(line, f"{key!r} stands twice", file)
            lines[(*path, key)] = line
            found[key] = _read_node(value_node, (*path, key), lines, file)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_read_node(item, (*path, index), lines, file) for index, item in enumerate(node.value)]
    return str(node.value)


def _explain(fault: Any, path: Path) -> str:
    name = path[-1] if path else "the file"
    kind = fault["type"]
    if kind == "extra_forbidden":
        return f"unknown key {name!r}"
    if kind == "missing":
        return f"{name} is missing"
    if kind == "value_error":
        return str(fault["ctx"]["error"])
    if kind in {"decimal_parsing", "finite_number", "decimal_type"}:
        return f"{name} must be a number"
    if kind in {"int_parsing", "int_from_float", "int_type"}:
        return f"{name} must be a whole number"
    return f"{name}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
