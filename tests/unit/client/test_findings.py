"""What an inference's report says of rows is told in every way that shows one, a line each."""

from typing import Any

from services.client.outcomes import list_findings

FLAG: dict[str, Any] = {
    "column": "Kind",
    "severity": "unseen",
    "words": "not B or S",
    "rows": 5,
    "first": [{"row": row, "value": f"X{row}\x1b", "output_row": None} for row in (2, 4, 6, 8)],
}


def test_notes_and_flags_are_told_with_their_first_rows() -> None:
    report = {"rows_in": 9, "notes": ["cut off"], "flags": [FLAG, FLAG | {"column": "", "severity": "note", "rows": 1}]}
    cut, unseen, note = list_findings(report)
    assert cut == "cut off"
    assert unseen.startswith('unseen: column "Kind": not B or S: row 2 \'X2')
    assert unseen.endswith(" and 2 more")
    assert note.startswith("note: not B or S: row 2")
    assert "\x1b" not in unseen


def test_a_trainings_report_says_none_of_it() -> None:
    assert list_findings({"status": "completed", "questions": []}) == []
