"""What JSON may have is seen before it is parsed, and told by its field."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.common.json_limits import JsonLimits, check_json

NAMES = st.text(max_size=6)
VALUES = st.recursive(
    st.none() | st.integers() | st.text(alphabet='a,[{"\\:é', max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


def count(value: Any) -> int:
    """The values within a value: members, elements, and objects and arrays themselves."""
    if isinstance(value, dict | list):
        items = value.values() if isinstance(value, dict) else value
        return (
            1
            + sum(count(item) - isinstance(item, dict | list) for item in items)
            + sum(isinstance(item, dict | list) for item in items)
        )
    return 1


def longest_name(value: Any) -> int:
    if isinstance(value, dict):
        return max((max(len(json.dumps(name)) - 2, longest_name(item)) for name, item in value.items()), default=0)
    return max(map(longest_name, value), default=0) if isinstance(value, list) else 0


@given(VALUES)
def test_texts_in_strings_are_no_values(value: Any) -> None:
    """Never more than one for each object or array above what is there, however many signs the strings hold."""
    check_json(json.dumps(value).encode(), JsonLimits(values=2 * count(value) + 1), field="x")


@given(VALUES, st.integers(0, 20))
def test_a_name_over_the_bound_is_refused_and_no_other(value: Any, name_bytes: int) -> None:
    limits = JsonLimits(values=1000, name_bytes=name_bytes)
    if longest_name(value) <= name_bytes:
        check_json(json.dumps(value).encode(), limits, field="x")
        return
    with pytest.raises(InvalidInput) as caught:
        check_json(json.dumps(value).encode(), limits, field="x")
    assert (caught.value.reason, caught.value.field.startswith("x.")) == ("FIELD_NAME_TOO_LONG", True)


@pytest.mark.parametrize(
    "text", ["[" + "1," * 20 + "1]", "[" * 21, "{" + ",".join(f'"{n}":1' for n in range(21)) + "}", "[[],[],[]," * 7]
)
def test_more_values_than_the_bound_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_json(text.encode(), JsonLimits(values=20), field="data.3")
    assert (caught.value.reason, caught.value.field) == ("TOO_MANY_VALUES", "data.3")


@pytest.mark.parametrize("text", ['"', '{"a', "\\", '"\\', "]]]]", '{"a":"\\"'])
def test_what_is_no_json_is_left_to_the_parser(text: str) -> None:
    check_json(text.encode(), JsonLimits(values=3, name_bytes=1), field="x")
