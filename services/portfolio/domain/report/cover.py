"""The head of the first page: whose report, of whom, as of when, over what time."""

from collections.abc import Iterable, Mapping
from datetime import date

from services.portfolio.domain.formats import Style
from services.portfolio.domain.report.brand import Brand
from services.portfolio.domain.report.markup import Json, escape_text, write_day

_SAID = (("client", "Client"), ("profile", "Risk profile"), ("model", "Model"), ("benchmark", "Benchmark"))


def write_cover(title: str, sections: Mapping[str, Json], brand: Brand, style: Style, prepared: date | None) -> str:
    """The head. What two sections say differently is said as they say it, side by side."""
    abouts = [section.get("about") or {} for section in sections.values()]
    facts = []
    for name, label in _SAID:
        words = _unite(about.get(name) for about in abouts)
        if words:
            facts.append((label, words))
    if days := _unite(write_day(about.get("as_of"), style) for about in abouts):
        facts.append(("As of", days))
    if periods := _unite(_write_period(about, style) for about in abouts):
        facts.append(("Period", periods))
    if prepared is not None:
        facts.append(("Prepared", style.day(prepared)))
    listed = "".join(f"<div><dt>{label}</dt><dd>{escape_text(words)}</dd></div>" for label, words in facts)
    logo = f'<img class="logo" alt="{escape_text(brand.name)}" src="{brand.logo.address}">' if brand.logo else ""
    name = f'<p class="brand">{escape_text(brand.name)}</p>' if brand.name and not brand.logo else ""
    return (
        f'<header class="cover"><div class="band">{logo}{name}<h1>{escape_text(title)}</h1></div>'
        f"{f'<dl>{listed}</dl>' if listed else ''}</header>"
    )


def _unite(words: Iterable[object]) -> str:
    return "; ".join(dict.fromkeys(str(word) for word in words if word))


def _write_period(about: Json, style: Style) -> str:
    start, end = write_day(about.get("start"), style), write_day(about.get("end"), style)
    if start and end:
        return f"{start} to {end}"
    return str(about.get("period") or "")
