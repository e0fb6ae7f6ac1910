"""Index keys: names that sort newest first and can be read back."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.storage.domain.index import MAX_MILLISECONDS, IndexEntry, partition, read_entry
from services.storage.domain.keys import MAX_SEGMENT_BYTES

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=150)
ENTRIES = st.builds(IndexEntry, NAMES, st.just("") | NAMES, st.integers(0, MAX_MILLISECONDS), st.integers(0, 99))


@given(ENTRIES)
def test_8_an_entry_reads_back_from_the_listing_of_all_users(entry: IndexEntry) -> None:
    assert read_entry(entry.name, "") == entry


@given(ENTRIES.filter(lambda entry: entry.user_id))
def test_8_an_entry_reads_back_from_its_users_listing(entry: IndexEntry) -> None:
    assert read_entry(entry.user_name, entry.user_id) == entry


@given(ENTRIES, ENTRIES)
def test_8_newer_entries_come_first(one: IndexEntry, other: IndexEntry) -> None:
    if one.created_ms > other.created_ms:
        assert one.name < other.name
        assert one.user_name < other.user_name


@given(ENTRIES)
def test_no_segment_of_a_name_is_longer_than_servers_take(entry: IndexEntry) -> None:
    assert all(len(segment) <= MAX_SEGMENT_BYTES for segment in entry.name.split("/"))


@given(ENTRIES, st.sampled_from(["open", "completed"]))
def test_8_a_record_has_a_key_for_all_users_and_one_for_its_own(entry: IndexEntry, state: str) -> None:
    prefixes = [partition("k", state, "")] + ([partition("k", state, entry.user_id)] if entry.user_id else [])
    keys = entry.keys("k", state)
    assert [key.startswith(prefix) for key, prefix in zip(keys, prefixes, strict=True)] == [True] * len(prefixes)


@given(ENTRIES, st.integers(0, 99))
def test_24_no_key_of_one_run_is_anothers(entry: IndexEntry, run: int) -> None:
    other = replace(entry, run=run)
    if other != entry:
        assert not set(entry.keys("k", "open")) & set(other.keys("k", "open"))


@given(ENTRIES.map(lambda entry: replace(entry, run=0)))
def test_28_keys_of_a_first_run_are_those_of_the_release_before(entry: IndexEntry) -> None:
    parts = entry.name.replace("/", "").split("~")
    assert len(parts) == 3
    assert len(entry.user_name.replace("/", "").split("~")) == 2


def test_a_record_without_a_state_is_in_no_index() -> None:
    assert IndexEntry("a", "alice", 0).keys("k", "") == ()


@given(NAMES, NAMES)
def test_no_users_partition_begins_anothers(one: str, other: str) -> None:
    if one != other:
        assert not partition("k", "open", one).startswith(partition("k", "open", other))


@pytest.mark.parametrize("created_ms", [-1, MAX_MILLISECONDS + 1])
def test_times_that_do_not_fit_are_refused(created_ms: int) -> None:
    with pytest.raises(InvalidInput):
        IndexEntry("a", "", created_ms).keys("k", "open")


@pytest.mark.parametrize("name", ["", "x", "123", "1~a~b~c", "1~a~b~2~3", "zz~a~b"])
def test_foreign_names_are_no_entries(name: str) -> None:
    with pytest.raises(ValueError, match=r"index name|segment|literal"):
        read_entry(name, "")
