"""The builtin narrative: what an adviser would say of a section, written from its facts alone.

``write_narrative(table, style)`` holds what its lines claim against the facts; ``grounding.tell_sources(narrative)``
says which words state which fact. No text is read back: that is for texts of others, and for tests of this one.
"""

from services.portfolio.domain.claims.holding import hold
from services.portfolio.domain.facts import FactTable
from services.portfolio.domain.formats import Style
from services.portfolio.domain.narrative.text import Line, Narrative, Role, Script

_CONTRADICTIONS = frozenset(
    {
        "parts_do_not_sum", "gain_mismatch", "top_asset_mismatch", "weights_do_not_sum", "contributions_do_not_sum",
        "weights_over_hundred", "cash_out_of_range", "mixed_periods",
    }
)  # fmt: skip
"""Notes that say that the payload's figures deny each other; other warnings say that some could not be used."""
_TOLD = frozenset({"unknown_fields", "negative_values", "matured", "large_flows"})
"""Warnings on what the text says itself, or what harms no figure."""
_CONTRADICTED = (
    "The figures sent contradict each other in places; the notes of this section name where. "
    "Settle that before acting on them."
)
_UNUSED = "Some of what was sent could not be used; the notes of this section name what."


def draft_lines(table: FactTable, style: Style) -> tuple[Line, ...]:
    """The lines as written, before the check."""
    from services.portfolio.domain.section_kinds import KINDS  # noqa: PLC0415  # kinds are made of writers

    script = Script(style)
    KINDS[table.section].write(table, script)
    codes = {note.code for note in table.warnings}
    if codes & _CONTRADICTIONS:
        _write_contradictions(table, script)
    elif codes - _TOLD:
        script.warn(_UNUSED, 30)
    return tuple(script.lines)


def _write_contradictions(table: FactTable, script: Script) -> None:
    """What the payload says that cannot all be so, as far as figures tell it; else where that is written."""
    told = [
        f"the shares of {fact.subject} add up to {script.percent(fact)}, not to the whole"
        for fact in table.list_measure("parts_sum")
    ]
    stated, gain = table.find("stated_gain"), table.find("gain")
    if stated is not None and gain is not None:
        told.append(
            f"the gain is stated as {script.money(stated)}, while market value less cost is {script.money(gain)}"
        )
    if told:
        text = f"The figures sent contradict each other: {'; '.join(told)}. Settle that before acting on them."
        script.warn(text, 95 if len(told) > 1 or table.list_measure("parts_sum") else 68)
    else:
        script.warn(_CONTRADICTED, 68)


def write_narrative(table: FactTable, style: Style) -> Narrative:
    """What there is to say of the section. A line whose claims its facts deny, which is a fault of the writer, is left
    out."""
    lines = tuple(line for line in draft_lines(table, style) if not any(hold(x, table).fault for x in line.claims))
    if not any(line.role is Role.HEADLINE for line in lines):
        lines = (Line(Role.HEADLINE, "The figures of this section are listed beside this text.", 10), *lines)
    return Narrative(lines)
