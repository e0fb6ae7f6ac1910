"""The steps there are: found by walking the package."""

from functools import cache

from services.converter.domain.synthesis import rows
from services.converter.domain.synthesis.rows.algebra import Step
from services.converter.domain.synthesis.walking import kinds_in, modules_of


@cache
def steps() -> tuple[type[Step], ...]:
    """Every kind of step that can be made, by name."""
    # ABC is no type to mypy, but what stands below it is.
    found: list[type[Step]] = [
        kind
        for module in modules_of(rows)
        if module.__name__ != __name__
        for kind in kinds_in(module, Step)  # type: ignore[type-abstract]
    ]
    return tuple(sorted(found, key=lambda kind: kind.__name__))
