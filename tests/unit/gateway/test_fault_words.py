"""What REST says of a field that is not as it should be: words, never an expression."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from services.gateway.domain.fault_words import PATTERN_WORDS, tell_fault

DESCRIPTION = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())


def find_patterns(document: Any) -> Iterator[str]:
    """All expressions that the description of REST holds texts to."""
    for item in document.values() if isinstance(document, dict) else document:
        if isinstance(item, dict | list):
            yield from find_patterns(item)
    if isinstance(document, dict) and isinstance(document.get("pattern"), str):
        yield document["pattern"]


def refuse(field: Any, value: Any) -> str:
    """What is told of a value that a field refuses."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(field).validate_python(value)
    (fault,) = caught.value.errors()
    return tell_fault(fault)


@pytest.mark.parametrize("pattern", sorted(set(find_patterns(DESCRIPTION))))
def test_every_expression_that_a_field_is_held_to_has_words(pattern: str) -> None:
    told = refuse(Annotated[str, Field(pattern=pattern)], "¿ ?")
    assert told == PATTERN_WORDS[pattern]
    assert re.search(r"[\\^$\[\]{}]", told) is None


def test_an_example_in_the_words_fits_its_expression() -> None:
    for pattern, words in PATTERN_WORDS.items():
        for example in [*re.findall(r'"([^"]+)"', words), *re.findall(r"looks like (\S+)", words)]:
            assert re.search(pattern, example), example


def test_an_empty_text_is_told_as_empty() -> None:
    assert refuse(Annotated[str, Field(min_length=1)], "") == "must not be empty"
