"""The appendix: where each figure comes from, how the input was read, what could not be had, what to bear in mind."""

from collections.abc import Mapping, Sequence

from services.common.reading_words import describe_alternatives, describe_reading, describe_reason
from services.portfolio.domain.formats import Style
from services.portfolio.domain.report.brand import Brand
from services.portfolio.domain.report.markup import (
    Json,
    escape_text,
    spell_section,
    write_day,
    write_fact,
    write_list,
    write_table,
)

_MOST_FACTS = 400
_FEW_ROWS = 16
_DISCLAIMER = (
    "This report describes the figures that were sent, on the dates that it names; they were checked against one "
    "another, not against a custodian's records. It is a basis for a conversation between adviser and client and does "
    "not replace advice. Past returns do not tell what future ones will be. Values can fall as well as rise."
)


def write_appendix(sections: Mapping[str, Json], brand: Brand, style: Style) -> str:
    """Everything behind the report, from a new page on."""
    parts = [
        '<section class="appendix"><h2>Appendix: where the figures come from</h2>',
        *(_write_sources(key, section, style) for key, section in sections.items()),
        _write_readings(sections),
        f'<section class="keep"><h2>Please note</h2><p>{escape_text(brand.disclaimer or _DISCLAIMER)}</p></section>',
        "</section>",
    ]
    return "".join(parts)


def _write_sources(key: str, section: Json, style: Style) -> str:
    facts = (section.get("facts") or [])[:_MOST_FACTS]
    more = len(section.get("facts") or []) - len(facts)
    rows = [_list_source(key, fact, style) for fact in facts if not fact.get("subject")]
    tables = [
        write_table(("Figure", "Value", "How it was had", "From"), rows, (1,), _keep(rows)),
        *(_write_matrix(key, name, list(found), style) for name, found in _group(facts).items()),
        f'<p class="soft">{more} more are in the result itself.</p>' if more > 0 else "",
        _write_absent(section),
        write_list(
            (escape_text(note.get("message")) for note in section.get("notes") or []
             if note.get("severity") != "warning"), "soft",
        ),
        _write_grounding(section),
    ]  # fmt: skip
    body = "".join(tables)
    return f"<h3>{spell_section(key)}</h3>{body}" if body else ""


def _group(facts: Sequence[Json]) -> Mapping[str, list[Json]]:
    """The facts that have a subject, by what kind of thing it is: ``sector`` of ``weight.sector.banks``.

    Those whose id does not say go where their subject is.
    """
    groups: dict[str, list[Json]] = {}
    homes: dict[str, str] = {}
    own = [fact for fact in facts if fact.get("subject")]
    for fact in own:
        parts = str(fact["id"]).split(".")
        if len(parts) > 2:
            homes.setdefault(str(fact["subject"]), parts[1])
    for fact in own:
        parts = str(fact["id"]).split(".")
        name = parts[1] if len(parts) > 2 else homes.get(str(fact["subject"]), "")
        groups.setdefault(name, []).append(fact)
    return groups


def _write_matrix(key: str, name: str, facts: Sequence[Json], style: Style) -> str:
    """Facts as one row a subject and one column a kind of figure, with how each kind was had below."""
    rows: dict[tuple[str, int], dict[str, Json]] = {}
    methods: dict[str, dict[str, None]] = {}
    for fact in facts:
        kind, subject, place = str(fact["id"]).split(".")[0], str(fact["subject"]), 0
        while kind in rows.get((subject, place), {}):
            place += 1
        rows.setdefault((subject, place), {})[kind] = fact
        how = f"{fact.get('method')} (from {', '.join(map(str, fact.get('inputs') or ['settings']))})"
        methods.setdefault(kind, {})[how] = None
    kinds = list(methods)
    cells = [
        (escape_text(subject),
         *(f"{write_fact(key, row[kind], style, in_full=True)}{_write_dates(row[kind], style)}" if kind in row else ""
           for kind in kinds))
        for (subject, _), row in rows.items()
    ]  # fmt: skip
    heads = (escape_text(name.replace("_", " ").capitalize() or "Name"), *(escape_text(_spell(kind)) for kind in kinds))
    table = write_table(heads, cells, tuple(range(1, len(heads))), _keep(cells))
    said = "; ".join(f"{_spell(kind)}: {' or '.join(hows)}" for kind, hows in methods.items())
    return f'{table}<p class="soft">{escape_text(said)}</p>'


def _write_absent(section: Json) -> str:
    """What could not be had, together where the reason is one."""
    by_reason: dict[str, list[str]] = {}
    for item in section.get("absent") or []:
        by_reason.setdefault(str(item.get("reason")), []).append(_spell(str(item.get("id") or "")))
    rows = [(escape_text(", ".join(names)), escape_text(reason)) for reason, names in by_reason.items()]
    return write_table(("Not to be had", "Why"), rows, (), _keep(rows))


def _list_source(key: str, fact: Json, style: Style) -> tuple[str, ...]:
    inputs = ", ".join(map(str, fact.get("inputs") or []))
    return (
        escape_text(fact.get("label")), write_fact(key, fact, style, in_full=True),
        f"{escape_text(fact.get('method'))}{_write_dates(fact, style)}", escape_text(inputs),
    )  # fmt: skip


def _write_dates(fact: Json, style: Style) -> str:
    days = filter(None, (write_day(day, style) for day in fact.get("dates") or []))
    return f" ({escape_text(', '.join(days))})" if fact.get("dates") else ""


def _spell(fact_id: str) -> str:
    return fact_id.replace("_", " ").replace(".", " by ")


def _keep(rows: Sequence[object]) -> str:
    """A table of few rows stays on one page."""
    return "keep" if len(rows) <= _FEW_ROWS else ""


def _write_grounding(section: Json) -> str:
    grounding = section.get("grounding")
    if not grounding:
        return ""
    faults = grounding.get("unsupported") or []
    author = section.get("provider") or "builtin"
    written = "Written from the figures alone" if author == "builtin" else f"Written by a model ({author})"
    total = grounding.get("claims", 0)
    text = f"{written}. Of {total} statements with figures, {grounding.get('grounded', 0)} are traced to a figure"
    text += f", {grounding.get('derived', 0)} are worked out from several" if grounding.get("derived") else ""
    text += f", {len(faults)} are supported by none." if faults else "."
    return f'<p class="soft">{escape_text(text)}</p>'


def _write_readings(sections: Mapping[str, Json]) -> str:
    """How each column and field was read, so that a person can check it; what was read alike stands together."""
    parts = []
    for key, section in sections.items():
        fields: dict[tuple[str, str, str], list[str]] = {}
        for entry in section.get("reading") or []:
            read = (describe_reading(entry), describe_reason(str(entry["why"])), describe_alternatives(entry))
            fields.setdefault(read, []).append(", ".join([str(entry["field"]), *map(str, entry.get("rows") or [])]))
        rows: list[tuple[str, ...]] = [
            tuple(map(escape_text, ("; ".join(names), *read))) for read, names in fields.items()
        ]
        heads: tuple[str, ...] = ("Field", "Read as", "Because of", "Alternatives")
        if not any(row[-1] for row in rows):
            rows, heads = [row[:-1] for row in rows], heads[:-1]
        if rows:
            parts.append(f"<h3>{spell_section(key)}</h3>{write_table(heads, rows, (), _keep(rows))}")
    return f"<section id='reading'><h2>Appendix: how the input was read</h2>{''.join(parts)}</section>" if parts else ""
