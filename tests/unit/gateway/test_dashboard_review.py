"""A converted file laid out to be looked over: flagged cells in place, and nothing placed by guess."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.dashboard import review_grid
from services.gateway.dashboard.decisions import Decisions, read_decisions
from services.gateway.dashboard.review_grid import Grid, Row, lay_out_grid, read_material

FLAGS = [
    {
        "column": "type",
        "severity": "unseen",
        "words": "not seen",
        "rows": 1,
        "output_columns": ["action"],
        "first": [{"row": 3, "value": "Sparplan", "output_row": 2}],
    }
]
ROWS = [
    {"row": 1, "cells": ["1", "Kauf"], "output_rows": [1]},
    {"row": 2, "cells": ["2", "Steuer"], "output_rows": []},
    {"row": 3, "cells": ["3", "Sparplan"], "output_rows": [2]},
]
OUTPUT = "when;action\n1;BUY\n3;\n"


def lay_out(
    output: str = OUTPUT,
    *,
    flags: Any = FLAGS,
    rows: Any = ROWS,
    rows_out: int = 2,
    decisions: Decisions | None = None,
    everything: bool = False,
    page: int = 1,
    truncated: bool = False,
    **review: Any,
) -> Grid:
    noted = {
        "columns": ["when", "action"],
        "input_columns": ["day", "type"],
        "dialect": {"delimiter": ";", "has_header": True},
        "traceable": True,
        "rows": rows,
        **review,
    }
    material = read_material({"rows_out": rows_out, "flags": flags}, noted, output.encode(), truncated=truncated)
    return lay_out_grid(material, decisions or Decisions(), everything=everything, page=page)


def row_of(grid: Grid, number: int) -> Row:
    return next(row for row in grid.rows if row.number == number)


def test_a_flagged_cell_is_in_its_place_with_the_inputs_row_beside() -> None:
    row = row_of(lay_out(), 2)
    assert [cell.severity for cell in row.cells] == ["", "wrong"]
    assert row.source is not None
    assert (row.source.number, row.source.told, row.source.rest) == (3, [("type", "Sparplan")], [("day", "3")])
    assert [reason.words for reason in row.reasons] == ["not seen"]


def test_only_flagged_cells_can_be_written_until_a_row_is_opened() -> None:
    opened = read_decisions({"opened-1": "yes"})
    assert [cell.form is not None for cell in row_of(lay_out(), 1).cells] == [False, False]
    assert [cell.form is not None for cell in row_of(lay_out(), 2).cells] == [False, True]
    assert [cell.form is not None for cell in row_of(lay_out(decisions=opened), 1).cells] == [True, True]


def test_rows_around_a_flagged_one_are_shown_and_no_others() -> None:
    output = "when;action\n" + "".join(f"{n};BUY\n" for n in range(1, 21))
    flags = [{**FLAGS[0], "first": [{"row": n, "value": "", "output_row": n} for n in (5, 15)]}]
    grid = lay_out(output, flags=flags, rows_out=20)
    assert [(row.number, row.apart) for row in grid.rows] == [
        *((n, False) for n in range(3, 8)),
        (13, True),
        *((n, False) for n in range(14, 18)),
    ]


def test_the_worst_rows_come_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_grid, "FLAGGED_A_PAGE", 1)
    output = "when;action\n" + "".join(f"{n};BUY\n" for n in range(1, 21))
    look = {**FLAGS[0], "severity": "note", "first": [{"row": 1, "value": "", "output_row": 1}]}
    wrong = {**FLAGS[0], "first": [{"row": 20, "value": "", "output_row": 20}]}
    pages = [lay_out(output, flags=[look, wrong], rows_out=20, page=page) for page in (1, 2)]
    assert [(row.number, row.severity) for grid in pages for row in grid.rows if row.severity] == [
        (20, "wrong"),
        (1, "look"),
    ]


def test_the_whole_file_comes_in_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_grid, "ROWS_A_PAGE", 2)
    output = "when;action\n" + "".join(f"{n};BUY\n" for n in range(1, 6))
    grid = lay_out(output, rows_out=5, everything=True, page=3)
    assert ([row.number for row in grid.rows], grid.page, grid.pages) == ([5], 3, 3)
    assert lay_out(output, rows_out=5, everything=True, page=99).page == 3


def test_a_file_that_does_not_read_back_as_it_was_counted_shows_no_cell() -> None:
    grid = lay_out(rows_out=3)
    assert (list(grid.rows), "does not read back" in grid.trouble) == ([], True)


def test_a_large_file_shows_its_first_rows_and_names_flagged_ones_further_on() -> None:
    flags = [{**FLAGS[0], "first": [{"row": 900, "value": "", "output_row": 800}]}]
    grid = lay_out(OUTPUT + "9;cut", flags=flags, rows_out=1000, truncated=True)
    assert (grid.far, grid.cut, list(grid.rows)) == ([800], True, [])


def test_a_flagged_row_that_was_left_out_is_listed() -> None:
    flags = [{**FLAGS[0], "output_columns": [], "first": [{"row": 2, "value": "Steuer", "output_row": None}]}]
    (item,) = lay_out(flags=flags).left_out
    assert (item.source.number, item.source.told, item.severity) == (2, [("type", "Steuer")], "wrong")


def test_rows_that_the_program_leaves_out_are_listed_among_all_rows_only() -> None:
    assert list(lay_out().left_out) == []
    grid = lay_out(everything=True)
    (item,) = grid.left_out
    assert (item.source.number, item.severity, list(item.reasons)) == (2, "", [])
    assert grid.flagged == 1


def test_a_row_of_which_several_come_cannot_be_corrected() -> None:
    rows = [{"row": 3, "cells": ["3", "Sparplan"], "output_rows": [1, 2]}]
    row = row_of(lay_out(rows=rows), 2)
    assert ([cell.form for cell in row.cells], "gives several rows" in row.note) == ([None, None], True)


def test_a_row_whose_origin_is_not_known_cannot_be_taught() -> None:
    flags = [{**FLAGS[0], "first": [{"row": None, "value": "x", "output_row": 2}]}]
    row = row_of(lay_out(flags=flags, rows=[]), 2)
    assert ([cell.form for cell in row.cells], row.source, "not known" in row.note) == ([None, None], None, True)


def test_rows_that_cannot_be_traced_cannot_be_taught() -> None:
    grid = lay_out(traceable=False)
    assert [cell.form for row in grid.rows for cell in row.cells if cell.form] == []


@pytest.mark.parametrize("text", ["a\tb", "x" * 3000, "a\x0bb"])
def test_a_cell_that_a_browser_would_change_cannot_be_written(text: str) -> None:
    assert row_of(lay_out(f"when;action\n1;BUY\n3;{text}\n"), 2).cells[1].form is None


def test_a_cell_of_two_lines_cannot_be_written() -> None:
    assert row_of(lay_out('when;action\n1;BUY\n3;"a\nb"\n'), 2).cells[1].form is None


def test_decisions_stay_in_their_cells() -> None:
    decisions = read_decisions({"value-3-1": "PLAN", "row-3": "keep"})
    row = row_of(lay_out(decisions=decisions), 2)
    assert row.cells[1].form is not None
    assert (row.cells[1].form.value, row.choice) == ("PLAN", "keep")


def test_a_row_of_which_something_was_decided_is_open_wherever_it_is_shown() -> None:
    decisions = read_decisions({"value-1-0": "9", "was-1-0": "1"})
    row = row_of(lay_out(decisions=decisions), 1)
    assert row.cells[0].form is not None
    assert (row.opened, row.cells[0].form.value) == (True, "9")


def test_what_becomes_of_a_row_is_asked_once_where_several_come_of_it() -> None:
    rows = [{"row": 3, "cells": ["3", "Sparplan"], "output_rows": [1, 2]}]
    flags = [{**FLAGS[0], "first": [{"row": 3, "value": "", "output_row": place} for place in (1, 2)]}]
    assert [row.may_choose for row in lay_out(rows=rows, flags=flags).rows] == [True, False]


@given(
    st.dictionaries(st.tuples(st.sampled_from([1, 3]), st.sampled_from([0, 1])), st.text("ab", max_size=2)),
    st.dictionaries(st.sampled_from([1, 2, 3]), st.sampled_from(["drop", "keep"])),
    st.booleans(),
)
def test_no_decision_is_lost_whatever_part_of_the_file_is_shown(
    values: dict[tuple[int, int], str], choices: dict[int, str], everything: bool
) -> None:
    form = {f"value-{row}-{column}": text for (row, column), text in values.items()}
    decisions = read_decisions(form | {f"row-{row}": choice for row, choice in choices.items()})
    grid = lay_out(decisions=decisions, everything=everything)
    shown = {(row.source.number, cell.column): cell.form for row in grid.rows if row.source for cell in row.cells}
    cells = {place: cell.value for place, cell in (shown | dict(grid.pending.cells)).items() if cell and cell.decided}
    rows = {row.source.number: row.choice for row in grid.rows if row.source and row.may_choose}
    rows |= {item.source.number: item.choice for item in grid.left_out} | dict(grid.pending.rows)
    assert cells == {place: cell.value for place, cell in decisions.cells.items() if cell.decided}
    assert {row: choice for row, choice in rows.items() if choice} == choices


def test_decisions_on_rows_of_other_pages_are_carried_along() -> None:
    decisions = read_decisions({"value-77-1": "PLAN", "value-78-1": "x", "was-78-1": "x", "row-79": "drop"})
    pending = lay_out(decisions=decisions).pending
    assert (list(pending.cells), pending.rows) == ([(77, 1)], {79: "drop"})


def test_what_is_flagged_of_the_header_is_said() -> None:
    flags = [{**FLAGS[0], "first": [{"row": None, "value": "x", "output_row": 0}]}]
    assert [reason.words for reason in lay_out(flags=flags).header] == ["not seen"]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 10**6) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@given(flags=_JSON, rows=_JSON, first=_JSON)
def test_no_report_breaks_its_page(flags: Any, rows: Any, first: Any) -> None:
    lay_out(flags=flags, rows=rows)
    lay_out(flags=[{"first": first, "output_columns": first}], rows=[{"row": 1, "cells": rows, "output_rows": first}])
