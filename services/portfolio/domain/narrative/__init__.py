"""The builtin narrative: what an adviser would say of a section, written from its facts alone.

``write_narrative(table, style)`` holds what its lines claim against the facts; ``grounding.tell_sources(narrative)``
says which words state which fact. No text is read back: that is for texts of others, and for tests of this one.
"""

from decimal import Decimal

from services.portfolio.domain.claims.holding import hold
from services.portfolio.domain.facts import BINDING, NOTED, UNREAD, UNUSED, WISH, WISH_BROKEN, WISHED, FactTable
from services.portfolio.domain.figures.esg import ESG_FLOOR
from services.portfolio.domain.formats import Style
from services.portfolio.domain.narrative import (
    afterwards,
    binding,
    capacity,
    commitments,
    contradictions,
    credit,
    entries,
    lots,
    mandates,
    nearness,
    repaying,
    sent_risk,
    taxes,
)
from services.portfolio.domain.narrative.text import Line, Narrative, Role, Script

_COMPARED, _TOLERANCE = ("market_value", "cost", "cash"), Decimal("0.005")
"""What is compared between the parts of a payload, and the part of it from which on two figures differ, as between the
sections of a task."""


def draft_lines(table: FactTable, style: Style) -> tuple[Line, ...]:
    """The lines as written, before the check."""
    from services.portfolio.domain.section_kinds import KINDS  # noqa: PLC0415  # kinds are made of writers

    script = Script(style)
    own, *parts = table.parts or (table,)
    KINDS[table.section].write(own, script)
    for part in parts:
        with script.within(part):
            KINDS[part.section].write(part, script)
        if not KINDS[part.section].is_part and not KINDS[table.section].is_part:
            _tell_differences(own, part, table, script)
    codes = {note.code for note in table.warnings}
    if codes & contradictions.CODES.keys():
        contradictions.write(table, codes, script)
    elif (unused := table.glosses.get(UNUSED)) is not None:
        script.warn(f"Some of what was sent could not be used: {unused}.", 30)
    _tell_unread(table, script)
    script.close()
    return tuple(script.lines)


def _tell_differences(own: FactTable, part: FactTable, table: FactTable, script: Script) -> None:
    """What a payload states of the whole in its fields, and otherwise in its rows."""
    for fact_id in _COMPARED:
        ours, theirs = own.find(fact_id), table.find(part.aliases.get(fact_id, fact_id))
        if ours is None or theirs is None or ours.currency != theirs.currency:
            continue
        if abs(ours.value - theirs.value) > max(abs(ours.value), abs(theirs.value)) * _TOLERANCE:
            title = part.section.replace("_", " ")
            script.warn(
                f"The payload says two things of the {ours.label}: {script.money(ours)} in one place, and "
                f"{script.money(theirs)} in its {title}. Settle which is right.",
                82,
            )


def _tell_unread(table: FactTable, script: Script) -> None:
    """What the client wishes, which no figure judges, what is spoken for, and what else was sent and counts in none."""
    _tell_wishes(table, script)
    binding.warn_locks(table, script)
    binding.tell_limits(table, script)
    binding.tell_needs(table, script)
    entries.write(table, script)
    afterwards.write(table, script)
    credit.write(table, script)
    repaying.write(table, script)
    commitments.write(table, script)
    mandates.write(table, script)
    nearness.write(table, script)
    taxes.write(table, script)
    lots.write(table, script)
    sent_risk.write(table, script)
    capacity.write(table, script)
    if (bound := table.glosses.get(BINDING)) is not None:
        script.warn(f"By its day this is past, so look at it before acting: {bound}.", 81)
    script.paragraph()
    if (noted := table.glosses.get(NOTED)) is not None:
        script.observe(f"The file notes: {noted}.", 45)
    if (unread := table.glosses.get(UNREAD)) is not None:
        script.observe(f"Sent as well, and in no figure here: {unread}.", 25)


def _tell_wishes(table: FactTable, script: Script) -> None:
    wish, touched, broken = (table.glosses.get(name) for name in (WISH, WISHED, WISH_BROKEN))
    if wish is not None and broken is not None:
        script.warn(f"By its plain business {broken} is what the client's wishes rule out ({wish}).", 91)
        script.suggest(
            f"Sell {broken}, or have it agreed in writing why it may stay, and look through the funds for the same.", 73
        )
        script.prepare(f"ask the client whether {broken} may stay", 73)
    elif wish is not None and touched is not None:
        script.warn(
            f"The client's wishes ({wish}) speak of {touched}, by name or sector: whether that may be held comes "
            "before any figure of it.",
            86,
        )
        script.suggest(
            f"Settle with the client whether {touched} may stay. Names and sectors alone were compared: look through "
            "the rest, funds too.",
            72,
        )
        script.prepare(f"ask the client about {touched}, with the list of all that is held", 72)
    elif wish is not None:
        beside = "Beside ESG ratings, whether" if ESG_FLOOR in table.glosses else "Whether"
        script.observe(f"{beside} what is held keeps to the client's wishes ({wish}) is in no figure.", 48)
        script.suggest("Look through what is held, funds too, for what the client's wishes rule out.", 60)
        script.prepare("have the list of what the funds hold sent", 60)


def write_narrative(table: FactTable, style: Style) -> Narrative:
    """What there is to say of the section. A line whose claims its facts deny, which is a fault of the writer, is left
    out."""
    lines = tuple(line for line in draft_lines(table, style) if not any(hold(x, table).fault for x in line.claims))
    if not any(line.role is Role.HEADLINE for line in lines):
        lines = (Line(Role.HEADLINE, "The figures of this section are listed beside this text.", 10), *lines)
    return Narrative(lines)
