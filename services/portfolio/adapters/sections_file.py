"""``sections.yaml``: read, checked, and turned into a ``Catalogue``. Every error names the line."""

import re
from collections.abc import Iterator
from dataclasses import fields as dataclass_fields
from decimal import Decimal, InvalidOperation
from importlib import resources
from pathlib import Path

import yaml

from services.portfolio.adapters.reference_files import load_reference
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.figures import ANALYTICS
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.sections import Catalogue, Limits, RiskProfile, Section, match_form

PROVIDERS = ("builtin", "openai", "platform")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PLACEHOLDERS = {"facts", "payload", "locale", "section"}
_MAX_BYTES = 1_000_000
_SECTION_KEYS = {"name", "title", "required", "optional", "synonyms", "analytics", "asset_id", "prompt", "provider"}


def load_catalogue(path: Path | None = None, reference: Path | None = None) -> Catalogue:
    """The catalogue in the file and the reference data of a folder, by default the shipped ones.

    Raises ``CatalogueError`` naming file and line of a fault.
    """
    data = load_reference(reference)
    if path is None:
        return parse_catalogue(resources.files("services.portfolio").joinpath("sections.yaml").read_text("utf-8"), data)
    if path.stat().st_size > _MAX_BYTES:
        raise CatalogueError(1, f"larger than {_MAX_BYTES} bytes")
    return parse_catalogue(path.read_text("utf-8"), data)


def parse_catalogue(text: str, reference: Reference | None = None) -> Catalogue:
    """The catalogue in YAML text. Raises ``CatalogueError`` naming the line of a fault."""
    reference = reference or load_reference()
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise CatalogueError(mark.line + 1 if mark else 1, error.problem or "not YAML") from None
    top = _read_mapping(root, "the file") if root is not None else {}
    for key, (node, _) in top.items():
        if key not in {"limits", "risk_profiles", "columns", "sections"}:
            raise CatalogueError(_line(node), f"unknown key {key!r}")
    if "sections" not in top:
        raise CatalogueError(1, "no sections")
    sections = tuple(_read_section(node) for node in _read_sequence(top["sections"][1], "sections"))
    _check_unique(sections, top["sections"][1])
    return Catalogue(
        sections=sections,
        columns=_read_columns(top["columns"][1]) if "columns" in top else {},
        limits=_read_limits(top["limits"][1]) if "limits" in top else Limits(),
        profiles=tuple(_read_profiles(top["risk_profiles"][1])) if "risk_profiles" in top else (),
        reference=reference,
    )


def _read_section(node: yaml.Node) -> Section:
    found = _read_mapping(node, "a section")
    for key, (key_node, _) in found.items():
        if key not in _SECTION_KEYS:
            raise CatalogueError(_line(key_node), f"unknown key {key!r} in a section")
    name = _read_text(found, "name", node)
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
        raise CatalogueError(_line(node), f"section name {name!r} is not lower_snake_case")
    required = tuple(
        tuple(part.strip() for part in entry.split("|") if part.strip())
        for entry in _read_texts(found, "required", node)
    )
    if not required or not all(required):
        raise CatalogueError(_line(node), f"section {name} requires no field, so that every payload would fit it")
    optional = tuple(_read_texts(found, "optional", node, default=()))
    known = [field for alternatives in required for field in alternatives] + list(optional)
    return Section(
        name=name,
        title=_read_text(found, "title", node, default=name.replace("_", " ").capitalize()),
        required=required,
        optional=optional,
        synonyms=_read_synonyms(found, known),
        analytics=_read_analytics(found, name, node),
        prompt=_read_prompt(found, node),
        asset_id=_read_text(found, "asset_id", node, default=""),
        provider=_read_provider(found, node),
    )


def _read_synonyms(found: dict[str, tuple[yaml.Node, yaml.Node]], known: list[str]) -> dict[str, tuple[str, ...]]:
    taken = {match_form(name): name for name in known}
    if len(taken) != len(known):
        raise CatalogueError(_line(next(iter(found.values()))[0]), "two fields of the section match the same names")
    synonyms: dict[str, tuple[str, ...]] = {}
    if "synonyms" not in found:
        return synonyms
    for name, (key_node, value_node) in _read_mapping(found["synonyms"][1], "synonyms").items():
        if name not in known:
            raise CatalogueError(_line(key_node), f"synonyms of {name!r}, which is no field of the section")
        words = tuple(_scalar(item, "a synonym") for item in _read_sequence(value_node, f"synonyms of {name}"))
        for word in words:
            owner = taken.setdefault(match_form(word), name)
            if owner != name:
                raise CatalogueError(_line(value_node), f"synonym {word!r} of {name!r} already stands for {owner!r}")
        synonyms[name] = words
    return synonyms


def _read_analytics(found: dict[str, tuple[yaml.Node, yaml.Node]], name: str, node: yaml.Node) -> tuple[str, ...]:
    available = ANALYTICS.get(name)
    if available is None:
        raise CatalogueError(_line(node), f"no figures are known for section {name!r}; known: {', '.join(ANALYTICS)}")
    chosen = tuple(_read_texts(found, "analytics", node, default=available))
    for analytic in chosen:
        if analytic not in available:
            line = _line(found["analytics"][1])
            raise CatalogueError(line, f"unknown analytics {analytic!r} of {name}; known: {', '.join(available)}")
    return chosen


def _read_prompt(found: dict[str, tuple[yaml.Node, yaml.Node]], node: yaml.Node) -> str:
    prompt = _read_text(found, "prompt", node, default="")
    for placeholder in _PLACEHOLDER.findall(prompt):
        if placeholder not in _PLACEHOLDERS:
            raise CatalogueError(_line(found["prompt"][1]), f"unknown placeholder {{{placeholder}}} in the prompt")
    return prompt


def _read_provider(found: dict[str, tuple[yaml.Node, yaml.Node]], node: yaml.Node) -> str | None:
    provider = _read_text(found, "provider", node, default="")
    if provider and provider not in PROVIDERS:
        raise CatalogueError(
            _line(found["provider"][1]), f"unknown provider {provider!r}; known: {', '.join(PROVIDERS)}"
        )
    return provider or None


def _read_columns(node: yaml.Node) -> dict[str, str]:
    columns: dict[str, str] = {}
    for name, (key_node, value_node) in _read_mapping(node, "columns").items():
        for word in (name, *(_scalar(item, "a synonym") for item in _read_sequence(value_node, name))):
            owner = columns.setdefault(match_form(word), name)
            if owner != name:
                raise CatalogueError(_line(key_node), f"{word!r} stands for both {owner!r} and {name!r}")
    return columns


def _read_limits(node: yaml.Node) -> Limits:
    known = {entry.name: entry.type for entry in dataclass_fields(Limits)}
    values: dict[str, Decimal | int] = {}
    for name, (key_node, value_node) in _read_mapping(node, "limits").items():
        if name not in known:
            raise CatalogueError(_line(key_node), f"unknown limit {name!r}; known: {', '.join(known)}")
        number = _read_number(value_node, name)
        if number <= 0:
            raise CatalogueError(_line(value_node), f"limit {name} must be above zero")
        if known[name] is int and number != int(number):
            raise CatalogueError(_line(value_node), f"limit {name} must be a whole number")
        values[name] = int(number) if known[name] is int else number
    return Limits(**values)  # type: ignore[arg-type]  # each value was made in its field's type just above


def _read_profiles(node: yaml.Node) -> Iterator[RiskProfile]:
    taken: dict[str, str] = {}
    for item in _read_sequence(node, "risk_profiles"):
        found = _read_mapping(item, "a risk profile")
        name = _read_text(found, "name", item)
        bounds = (
            [_read_number(bound, "equity") for bound in _read_sequence(found["equity"][1], "equity")]
            if ("equity" in found)
            else []
        )
        if len(bounds) != 2 or not 0 <= bounds[0] <= bounds[1] <= 100:
            raise CatalogueError(_line(item), f"risk profile {name!r} needs equity: [min, max] in percent")
        names = tuple(_read_texts(found, "names", item, default=(name,)))
        for word in names:
            if taken.setdefault(match_form(word), name) != name:
                raise CatalogueError(_line(item), f"{word!r} stands for two risk profiles")
        yield RiskProfile(name, names, bounds[0], bounds[1])


def _check_unique(sections: tuple[Section, ...], node: yaml.Node) -> None:
    names: set[str] = set()
    for section, item in zip(sections, _read_sequence(node, "sections"), strict=True):
        if section.name in names:
            raise CatalogueError(_line(item), f"section {section.name!r} stands twice")
        names.add(section.name)


def _read_mapping(node: yaml.Node, what: str) -> dict[str, tuple[yaml.Node, yaml.Node]]:
    if not isinstance(node, yaml.MappingNode):
        raise CatalogueError(_line(node), f"{what} must be a mapping")
    found: dict[str, tuple[yaml.Node, yaml.Node]] = {}
    for key_node, value_node in node.value:
        key = _scalar(key_node, "a key")
        if key in found:
            raise CatalogueError(_line(key_node), f"{key!r} stands twice")
        found[key] = (key_node, value_node)
    return found


def _read_sequence(node: yaml.Node, what: str) -> list[yaml.Node]:
    if not isinstance(node, yaml.SequenceNode):
        raise CatalogueError(_line(node), f"{what} must be a list")
    return list(node.value)


def _read_text(
    found: dict[str, tuple[yaml.Node, yaml.Node]], key: str, node: yaml.Node, default: str | None = None
) -> str:
    if key not in found:
        if default is None:
            raise CatalogueError(_line(node), f"{key} is missing")
        return default
    return _scalar(found[key][1], key)


def _read_texts(
    found: dict[str, tuple[yaml.Node, yaml.Node]],
    key: str,
    node: yaml.Node,
    default: tuple[str, ...] | None = None,
) -> list[str]:
    if key not in found:
        if default is None:
            raise CatalogueError(_line(node), f"{key} is missing")
        return list(default)
    return [_scalar(item, key) for item in _read_sequence(found[key][1], key)]


def _read_number(node: yaml.Node, what: str) -> Decimal:
    try:
        number = Decimal(_scalar(node, what))
    except InvalidOperation:
        raise CatalogueError(_line(node), f"{what} must be a number") from None
    if not number.is_finite():
        raise CatalogueError(_line(node), f"{what} must be a finite number")
    return number


def _scalar(node: yaml.Node, what: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise CatalogueError(_line(node), f"{what} must be text or a number")
    return str(node.value)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
