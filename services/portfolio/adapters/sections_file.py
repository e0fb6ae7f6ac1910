"""``sections.yaml``: read, checked, and turned into a ``Catalogue``. Every error names the line."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields as dataclass_fields
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import Any

from pydantic import Field, create_model, field_validator, model_validator

from services.portfolio.adapters.reference_files import load_reference
from services.portfolio.adapters.yaml_lines import Document, Strict, check_document, read_document
from services.portfolio.domain.errors import CatalogueError
from services.portfolio.domain.evidence import Evidence
from services.portfolio.domain.lexicon import Names, is_exact, match_form
from services.portfolio.domain.reference import Reference
from services.portfolio.domain.section_kinds import KINDS
from services.portfolio.domain.sections import BOUNDED, Catalogue, Limits, RiskProfile, Section
from services.portfolio.domain.table_fields import TABLES
from services.portfolio.domain.task import BUILTIN, OPENAI, PLATFORM

FILE = "sections.yaml"
PROVIDERS = (BUILTIN, OPENAI, PLATFORM)
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_PLACEHOLDERS = {"facts", "payload", "locale", "section"}
_MAX_BYTES = 1_000_000


class _Profile(Strict):
    name: str
    names: tuple[str, ...] = ()
    equity: tuple[Decimal, ...] = ()
    most: dict[str, Decimal] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _check(self) -> "_Profile":
        if len(self.equity) != 2 or not 0 <= self.equity[0] <= self.equity[1] <= 100:
            raise ValueError(f"risk profile {self.name!r} needs equity: [min, max] in percent")
        for share, limit in self.most.items():
            if not 0 <= limit <= 1000:
                raise ValueError(f"the most {share} of risk profile {self.name!r} is not from 0 to 1000 percent")
        return self


class _Section(Strict):
    name: str
    title: str = ""
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    synonyms: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    known_by: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    beside: tuple[str, ...] = ()
    analytics: tuple[str, ...] | None = None
    asset_id: str = ""
    prompt: str = ""
    provider: str = ""

    @field_validator("name")
    @classmethod
    def _check_name(cls, name: str) -> str:
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", name):
            raise ValueError(f"section name {name!r} is not lower_snake_case")
        return name

    @field_validator("prompt")
    @classmethod
    def _check_prompt(cls, prompt: str) -> str:
        for placeholder in _PLACEHOLDER.findall(prompt):
            if placeholder not in _PLACEHOLDERS:
                raise ValueError(f"unknown placeholder {{{placeholder}}} in the prompt")
        return prompt

    @field_validator("provider")
    @classmethod
    def _check_provider(cls, provider: str) -> str:
        if provider and provider not in PROVIDERS:
            raise ValueError(f"unknown provider {provider!r}; known: {', '.join(PROVIDERS)}")
        return provider


# One field for each of Limits, whose type says whether it counts or measures.
_Limits: Any = create_model(
    "_Limits",
    __base__=Strict,
    **{
        entry.name: (int | None if entry.type is int else Decimal | None, None)  # type: ignore[call-overload]
        for entry in dataclass_fields(Limits)
    },
)


class _File(Strict):
    limits: _Limits = Field(default_factory=_Limits)
    risk_profiles: tuple[_Profile, ...] = ()
    columns: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    fields: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    sections: tuple[_Section, ...]


def load_catalogue(path: Path | None = None, reference: Path | None = None) -> Catalogue:
    """The catalogue in the file and the reference data of a folder, by default the shipped ones.

    Raises ``CatalogueError`` naming file and line of a fault.
    """
    data = load_reference(reference)
    if path is None:
        return parse_catalogue(resources.files("services.portfolio").joinpath(FILE).read_text("utf-8"), data)
    if path.stat().st_size > _MAX_BYTES:
        raise CatalogueError(1, f"larger than {_MAX_BYTES} bytes")
    return parse_catalogue(path.read_text("utf-8"), data)


def parse_catalogue(text: str, reference: Reference | None = None) -> Catalogue:
    """The catalogue in YAML text. Raises ``CatalogueError`` naming the line of a fault."""
    document = read_document(text, FILE)
    if (
        isinstance(document.values, dict)
        and "sections" not in document.values
        and not set(document.values) - {*_File.model_fields}
    ):
        raise CatalogueError(1, "no sections")
    _check_limits(document)
    found = check_document(document, _File, FILE)
    limits = {name: value for name, value in found.limits.model_dump().items() if value is not None}
    for name, value in limits.items():
        if value <= 0:
            raise CatalogueError(document.find_line(("limits", name)), f"limit {name} must be above zero")
    data = reference or load_reference()
    columns = Names(_check_columns(found.columns, document, ("columns",)), data.lexicon)
    return Catalogue(
        sections=tuple(_make_sections(found, document, columns)),
        columns=columns,
        limits=Limits(**limits),
        profiles=tuple(_make_profiles(found.risk_profiles, document, data)),
        reference=data,
    )


def _check_limits(document: Document) -> None:
    stated = document.values.get("limits") if isinstance(document.values, dict) else None
    for name in stated if isinstance(stated, dict) else ():
        if name not in _Limits.model_fields:
            explanation = f"unknown limit {name!r}; known: {', '.join(_Limits.model_fields)}"
            raise CatalogueError(document.find_line(("limits", name)), explanation)


def _make_sections(found: _File, document: Document, columns: Names) -> Iterable[Section]:
    names: set[str] = set()
    for index, section in enumerate(found.sections):
        path = ("sections", index)
        if section.name in names:
            raise CatalogueError(document.find_line(path), f"section {section.name!r} stands twice")
        names.add(section.name)
        required = tuple(tuple(part.strip() for part in entry.split("|") if part.strip()) for entry in section.required)
        if not required or not all(required):
            explanation = f"section {section.name} requires no field, so that every payload would fit it"
            raise CatalogueError(document.find_line(path), explanation)
        known = [name for alternatives in required for name in alternatives] + list(section.optional)
        synonyms = {name: (*section.synonyms.get(name, ()), *found.fields.get(name, ())) for name in known}
        _check_synonyms(section, synonyms, document, path)
        beside = tuple(tuple(part.strip() for part in entry.split("+") if part.strip()) for entry in section.beside)
        if stray := [name for names in beside for name in names if name not in known]:
            raise CatalogueError(document.find_line((*path, "beside")), f"beside names {stray[0]!r}, which is no field")
        if stray := [name for name in section.known_by if name not in known or name not in TABLES]:
            explanation = f"known_by names {stray[0]!r}, which is no table of the section"
            raise CatalogueError(document.find_line((*path, "known_by", stray[0])), explanation)
        evidence = {name: tuple(Evidence.parse(line) for line in lines) for name, lines in section.known_by.items()}
        if stray := [
            name for items in evidence.values() for item in items for name in item.beside if name not in known
        ]:
            explanation = f"known_by names {stray[0]!r} beside a table, which is no field of the section"
            raise CatalogueError(document.find_line((*path, "known_by")), explanation)
        yield Section(
            name=section.name,
            title=section.title or section.name.replace("_", " ").capitalize(),
            required=required,
            optional=section.optional,
            synonyms=synonyms,
            analytics=_choose_analytics(section, document, path),
            prompt=section.prompt,
            asset_id=section.asset_id,
            provider=section.provider or None,
            columns=Names(_check_columns(section.columns, document, (*path, "columns")), columns.lexicon, columns),
            beside=beside,
            known_by=evidence,
        )


def _check_synonyms(
    section: _Section, synonyms: Mapping[str, tuple[str, ...]], document: Document, path: tuple[str | int, ...]
) -> None:
    taken = {match_form(name): name for name in synonyms}
    if len(taken) != len(synonyms):
        raise CatalogueError(document.find_line(path), "two fields of the section match the same names")
    for name in section.synonyms:
        if name not in synonyms:
            explanation = f"synonyms of {name!r}, which is no field of the section"
            raise CatalogueError(document.find_line((*path, "synonyms", name)), explanation)
    for name, words in synonyms.items():
        for word in words:
            owner = taken.setdefault(match_form(word), name)
            if owner != name and not is_exact(word):
                line = document.find_line((*path, "synonyms", name))
                raise CatalogueError(line, f"synonym {word!r} of {name!r} already stands for {owner!r}")


def _choose_analytics(section: _Section, document: Document, path: tuple[str | int, ...]) -> tuple[str, ...]:
    kind = KINDS.get(section.name)
    if kind is None:
        explanation = f"no figures are known for section {section.name!r}; known: {', '.join(KINDS)}"
        raise CatalogueError(document.find_line(path), explanation)
    available = kind.analytics
    for analytic in section.analytics or ():
        if analytic not in available:
            explanation = f"unknown analytics {analytic!r} of {section.name}; known: {', '.join(available)}"
            raise CatalogueError(document.find_line((*path, "analytics")), explanation)
    return available if section.analytics is None else section.analytics


def _check_columns(
    found: dict[str, tuple[str, ...]], document: Document, path: tuple[str | int, ...]
) -> dict[str, tuple[str, ...]]:
    """The columns as they stand. Raises for a spelling of two of them that is not marked as one (``=nav``)."""
    owners: dict[str, str] = {}
    for name, words in found.items():
        for word in (name, *words):
            owner = owners.setdefault(match_form(word), name)
            if owner != name and not is_exact(word):
                raise CatalogueError(
                    document.find_line((*path, name)), f"{word!r} stands for both {owner!r} and {name!r}"
                )
    return found


def _make_profiles(found: Iterable[_Profile], document: Document, data: Reference) -> Iterable[RiskProfile]:
    known = {*data.classes.values(), *BOUNDED}
    taken: dict[str, str] = {}
    for index, profile in enumerate(found):
        names = profile.names or (profile.name,)
        for word in names:
            if taken.setdefault(match_form(word), profile.name) != profile.name:
                line = document.find_line(("risk_profiles", index))
                raise CatalogueError(line, f"{word!r} stands for two risk profiles")
        if unknown := [share for share in profile.most if share not in known]:
            line = document.find_line(("risk_profiles", index, "most", unknown[0]))
            raise CatalogueError(line, f"{unknown[0]!r} is neither a class nor one of {', '.join(sorted(BOUNDED))}")
        yield RiskProfile(profile.name, names, profile.equity[0], profile.equity[1], profile.most)
