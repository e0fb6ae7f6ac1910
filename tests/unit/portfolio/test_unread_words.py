"""What is sent and read by nothing: it is quoted or named in full, at its place, and alarms nobody."""

from typing import Any

import pytest

from services.portfolio.domain.figures import compute
from services.portfolio.domain.formats import make_style
from services.portfolio.domain.narrative import write_narrative
from services.portfolio.domain.narrative.text import Narrative, Role
from services.portfolio.domain.sections import Catalogue, Detected, detect
from tests.unit.portfolio.test_parts import DOCUMENTED

STYLE = make_style("en_IN")
NOTES = {
    "Advisor Note": "The family is well. Next annual review in October 2031.",
    "adviserComment": "Pension phase, earnings are untaxed. The mandate may be renewed next spring.",
    "Bemerkung": "Die Familie ist mit allem einverstanden, nächstes Gespräch im Herbst.",
    "Remarques": "Le client est satisfait de la gestion. Prochain entretien en automne.",
    "備考": "お客様は現在の運用に満足しています。次回の面談は秋です。",
    "Story": "They met the team in May and liked what they saw.",
    "File note": " ".join(f"Sentence number {number} of a long note says little." for number in range(40)),
}
FIGURES: dict[str, Any] = {
    "Relationship Score": 8, "Peer Rank": "2nd quartile", "House View": {"Equity": "neutral", "Bonds": "cautious"},
    "Segments": ["Wealth", "Retail"], "Turnover last year": "12%", "Meetings": [{"Topic": "Review", "Held": "yes"}],
}  # fmt: skip


def write(payload: dict[str, Any], catalogue: Catalogue) -> Narrative:
    (found,) = detect([payload], catalogue.sections)
    assert isinstance(found, Detected)
    return write_narrative(compute(found, catalogue), STYLE)


def list_lines(narrative: Narrative, *roles: Role) -> list[str]:
    return [line.text for line in narrative.lines if line.role in roles]


@pytest.mark.parametrize("section", DOCUMENTED)
@pytest.mark.parametrize("name", [*NOTES, *FIGURES])
def test_what_nothing_reads_is_told_and_asks_for_nothing(section: str, name: str, catalogue: Catalogue) -> None:
    value = (NOTES | FIGURES)[name]
    plain, told = (write(DOCUMENTED[section] | more, catalogue) for more in ({}, {name: value}))
    roles = (Role.RISK, Role.ACTION, Role.STEP, Role.HEADLINE)

    assert list_lines(told, *roles) == list_lines(plain, *roles)
    new = set(list_lines(told, Role.OBSERVATION)) - set(list_lines(plain, Role.OBSERVATION))
    assert len(new) == 1
    if name in NOTES:
        first = str(value).split(". ")[0].rstrip(".")
        assert f"\u201c{first}" in new.pop()


@pytest.mark.parametrize("name", NOTES)
def test_a_note_is_quoted_up_to_the_end_of_a_sentence(name: str, catalogue: Catalogue) -> None:
    text = write(DOCUMENTED["income"] | {name: NOTES[name]}, catalogue).render()
    quoted = text.partition("\u201c")[2].partition("\u201d")[0]

    assert quoted == NOTES[name] or quoted.endswith(". ...")
