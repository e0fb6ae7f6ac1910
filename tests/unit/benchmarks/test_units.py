"""What units win and what a fit of their prices gains, by groups: nothing is credited where it was made."""

from benchmarks.ablation import Change, Outcome, describe
from benchmarks.census import count
from benchmarks.fit_prices import Candidate, Column, fit, held_out
from benchmarks.without import kinds, taken_out
from services.converter.domain.learning import learn
from services.converter.domain.table import Table

RIGHT, WRONG = Outcome(True, False, frozenset()), Outcome(False, False, frozenset())
SILENT = Outcome(False, True, frozenset())


def _table(*changes: tuple[str, str, Outcome, Outcome]) -> dict[str, list[str]]:
    rows = [line.strip("| ").split(" | ") for line in describe(Change(*each) for each in changes).splitlines()[2:]]
    return {row[0]: row[1:] for row in rows}


def test_what_a_unit_wins_in_one_group_alone_is_nothing_held_out() -> None:
    changes = [("Split", group, RIGHT, WRONG) for group in ("a", "a", "b")] + [("Pad", "c", RIGHT, WRONG)] * 4
    assert _table(*changes) == {"Split": ["3", "3", "0", "0", "2", "1"], "Pad": ["4", "4", "0", "0", "1", "0"]}


def test_cases_that_are_right_or_no_longer_silent_without_a_unit_count_against_it() -> None:
    assert _table(("Head", "a", SILENT, WRONG), ("Head", "b", WRONG, RIGHT))["Head"] == ["2", "0", "1", "1", "0", "0"]


def test_a_unit_that_is_taken_out_is_used_only_where_nothing_else_explains_the_example() -> None:
    names = Table(("name",), (("Ann Lee",), ("Bob Ray",), ("Cy Fox",), ("Dee Orr",)))
    firsts = Table(("first",), tuple((row[0].split()[0],) for row in names.rows))
    usual = learn(names, firsts)
    (chosen,) = usual.units & kinds().keys()
    with taken_out(chosen):
        other = learn(names, firsts)
    assert other.status == "completed"
    assert chosen not in other.units
    assert learn(names, firsts).sql == usual.sql


def _column(group: str, good: str, bad: str) -> Column:
    return Column("suite", group, (Candidate(1.0, {good: 1.0}, True), Candidate(1.0, {bad: 1.0}, False)))


def test_a_price_that_is_wrong_in_all_groups_is_mended_and_gains_where_it_was_held_out() -> None:
    columns = [_column(str(group), "Match", "Split") for group in range(30)]
    start = {"Match": 1.5, "Split": 1.2}
    fitted = fit(columns, start)
    assert fitted["Match"] < fitted["Split"]
    gain = held_out(columns, start)
    assert gain.right == (0, 30)
    assert gain.is_one


def test_groups_that_contradict_one_another_give_no_gain_held_out() -> None:
    units = ("Match", "Split")
    columns = [_column(str(group), *(units if group % 2 else units[::-1])) for group in range(30)]
    assert not held_out(columns, {"Match": 1.5, "Split": 1.2}).is_one


def test_a_census_begins_with_what_stands_in_no_right_program() -> None:
    split, pad = frozenset({"Split"}), frozenset({"Split", "Pad"})
    outcomes = [Outcome(right=True, silent=False, units=split), Outcome(right=False, silent=True, units=pad)]
    assert count(outcomes, [pad], ["Pad", "Reverse", "Split"]) == [
        ("Pad", 0, 1, 1),
        ("Reverse", 0, 0, 0),
        ("Split", 1, 1, 1),
    ]
