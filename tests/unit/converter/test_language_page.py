"""The page of the language is what the code says."""

from pathlib import Path

from services.converter.domain.synthesis.operators.catalogue import units
from services.converter.domain.synthesis.rows.catalogue import steps
from services.converter.language_page import page

WRITTEN = Path("docs/converter-language.md")


def test_page_is_fresh() -> None:
    assert WRITTEN.read_text(encoding="utf-8") == page(), "run `make language-page`"


def test_page_has_every_unit_and_step_with_a_sentence_and_its_sql() -> None:
    sections = {text.partition("\n")[0]: text for text in WRITTEN.read_text(encoding="utf-8").split("\n### ")[1:]}
    assert {kind.__name__ for kind in (*units(), *steps())} <= set(sections)
    for title, text in sections.items():
        assert text.splitlines()[1].endswith("."), f"{title} says no sentence of itself"
        assert "```sql\n" in text
