"""What may have been meant by fields that no section knows."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from services.portfolio.domain.lexicon import match_form

if TYPE_CHECKING:
    from services.portfolio.domain.sections import Detected, Section

_MAX_UNKNOWN_NAMED = 20


def explain_no_match(names: Mapping[str, str], present: set[str], sections: "Sequence[Section]") -> str:
    shown = ", ".join(list(names)[:_MAX_UNKNOWN_NAMED])
    nearest = max(sections, key=lambda section: _share_present(section, present), default=None)
    if nearest is None or not _share_present(nearest, present):
        return f"no section has these fields: {shown}{_suggest(names, sections)}"
    have = nearest.find_present(present)
    missing = [" or ".join(alternatives) for alternatives in nearest.required if not set(alternatives) & have]
    return f"nearest section is {nearest.name}, which also needs {', '.join(missing)}; fields sent: {shown}"


def _share_present(section: "Section", present: set[str]) -> float:
    have = section.find_present(present)
    return sum(bool(set(alternatives) & have) for alternatives in section.required) / len(section.required)


def _suggest(names: Mapping[str, str], sections: "Iterable[Section]") -> str:
    forms = {form: names[0] for section in sections for form, names in section.names.exact.items()}
    for name, form in list(names.items())[:_MAX_UNKNOWN_NAMED]:
        if near := difflib.get_close_matches(form, forms, n=1, cutoff=0.8):
            return f" (did {name!r} mean {forms[near[0]]!r}?)"
    return ""


def suggest_fields(detected: "Detected") -> dict[str, str]:
    """For each unknown field that looks like a misspelt one of its section: the field that may have been meant."""
    suggestions = {}
    for name in list(detected.unknown)[:_MAX_UNKNOWN_NAMED]:
        known = detected.section.names.exact
        near = difflib.get_close_matches(match_form(name), known, n=1, cutoff=0.8)
        if near and known[near[0]][0] not in detected.fields:
            suggestions[name] = known[near[0]][0]
    return suggestions
