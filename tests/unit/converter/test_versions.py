"""The programs that a training has learned: newest first, bounded, the one in service always among them."""

from typing import Any

from services.converter.domain.versions import (
    MOST_VERSIONS,
    find_version,
    serving_generation,
    versions_of,
    with_version,
)


def version(generation: int) -> dict[str, Any]:
    return {"generation": generation, "sha256": f"{generation:064}"}


def body(serving: int, *generations: int) -> dict[str, Any]:
    return {"program": version(serving), "versions": [version(generation) for generation in generations]}


def test_a_program_that_was_learned_before_there_was_a_list_is_listed() -> None:
    assert versions_of({"program": version(3)}) == [version(3)]


def test_a_new_program_stands_first_whether_it_serves_or_not() -> None:
    found = with_version(body(1, 2, 1), version(3))
    assert [item["generation"] for item in found] == [3, 2, 1]


def test_a_program_that_is_learned_twice_is_listed_once() -> None:
    assert [item["generation"] for item in with_version(body(1, 2, 1), version(2))] == [2, 1]


def test_the_oldest_goes_but_the_one_in_service_stays() -> None:
    full = body(1, *range(MOST_VERSIONS, 0, -1))
    generations = [item["generation"] for item in with_version(full, version(MOST_VERSIONS + 1))]
    assert (len(generations), generations[-1], 2 in generations) == (MOST_VERSIONS, 1, False)


def test_nothing_serves_before_there_is_a_program() -> None:
    assert (serving_generation({"program": None}), versions_of({})) == (0, [])
    assert find_version([], 1) is None
