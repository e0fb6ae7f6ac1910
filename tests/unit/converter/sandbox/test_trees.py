"""Parse trees whose equal parts are one object: what is found in them is what stands in them, wherever it stands."""

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.converter.adapters.sandbox import letters, trees
from services.converter.adapters.sandbox.trees import Tree
from tests.unit.converter.sandbox.test_settled_rows import ANSWERS, CONNECTION, TESTS

SELECTS = st.lists(
    st.builds("SELECT _row, {} AS value FROM input WHERE {}".format, ANSWERS, TESTS), min_size=1, max_size=4
)


def everywhere(item: Any) -> list[Tree]:
    """All dictionaries that hold anything, as often as they stand there."""
    if isinstance(item, list):
        return [one for inner in item for one in everywhere(inner)]
    return [item, *everywhere([*item.values()])] if isinstance(item, dict) and item else []


@given(selects=SELECTS)
def test_each_part_of_a_tree_is_one_object_and_counts_as_often_as_it_stands_there(selects: list[str]) -> None:
    tree = trees.parse(CONNECTION, ";".join(selects))
    places = everywhere(tree)
    assert len({id(one) for one in places}) == len({repr(one) for one in places})
    assert sorted(map(id, trees.walk(tree))) == sorted({id(one) for one in places})
    assert {id(one): times for one, times in trees.occurrences(tree)} == Counter(map(id, places))


@given(selects=SELECTS)
def test_what_is_inside_of_a_part_may_be_left_out(selects: list[str]) -> None:
    tree = trees.parse(CONNECTION, ";".join(selects))

    def ends(node: Tree) -> bool:
        return node.get("class") == "FUNCTION"

    def outside(item: Any) -> list[Tree]:
        if isinstance(item, list):
            return [one for inner in item for one in outside(inner)]
        if not isinstance(item, dict) or not item:
            return []
        return [item] if ends(item) else [item, *outside([*item.values()])]

    assert {id(one): times for one, times in trees.occurrences(tree, ends)} == Counter(map(id, outside(tree)))


@given(selects=SELECTS)
def test_selects_parsed_together_are_written_as_each_by_itself(selects: list[str]) -> None:
    together = trees.parse(CONNECTION, ";".join(selects))["statements"]
    made: letters.Made = {}
    for select, statement in zip(selects, together, strict=True):
        alone = trees.parse(CONNECTION, select)["statements"][0]["node"]
        assert trees.write(CONNECTION, statement["node"]) == trees.write(CONNECTION, alone)
        narrowed = trees.write(CONNECTION, letters.narrow(statement["node"], made))
        assert narrowed == trees.write(CONNECTION, letters.narrow(alone))
        assert trees.write(CONNECTION, statement["node"]) == trees.write(CONNECTION, alone)
