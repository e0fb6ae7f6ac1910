"""A name that stands twice in an object has one value or is refused; nothing is dropped without a word."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.json_names import RepeatedName, keep_names
from services.common.near import find_near

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(VALUES)
def test_objects_with_every_name_once_are_read_as_ever(value: Any) -> None:
    assert json.loads(json.dumps(value), object_pairs_hook=keep_names) == value


@pytest.mark.parametrize(
    "text",
    ['{"a": 1, "a": 2}', '{"a": 1, "b": 0, "a": "1"}', '[{"x": {"a": null, "a": []}}]', '{"a": 1, "\\u0061": 2}'],
)
def test_a_name_with_two_values_is_refused_at_any_depth(text: str) -> None:
    with pytest.raises(RepeatedName) as refused:
        json.loads(text, object_pairs_hook=keep_names)
    assert refused.value.name == "a"


def test_the_same_value_twice_loses_nothing() -> None:
    assert json.loads('{"a": [1], "a": [1]}', object_pairs_hook=keep_names) == {"a": [1]}


@pytest.mark.parametrize("name", ["Data", "DATA", "data ", "_data", "datas"])
def test_names_spelled_with_other_capitals_or_marks_are_near(name: str) -> None:
    assert find_near(name, ["data", "username"]) == "data"


@pytest.mark.parametrize("name", ["", "_", "date", "dat", "x"])
def test_other_short_names_are_not(name: str) -> None:
    assert find_near(name, ["data"]) == ""
