"""API keys: made, kept, read and refused."""

import json
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.common.errors import NotFound, Unauthenticated
from services.common.logging import redact
from services.gateway.keys import CreatedKey, KeyRing, add_key, create_key, load_keys, revoke_key, save_keys

SECRET = "a server secret that is long enough"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def ring_with(*keys: CreatedKey, now: datetime = NOW) -> KeyRing:
    ring = KeyRing(SECRET, clock=lambda: now)
    ring.replace(key.record for key in keys)
    return ring


def test_a_key_opens_its_own_record() -> None:
    first, second = create_key(SECRET, tenant="acme"), create_key(SECRET, tenant="other")
    assert ring_with(first, second).authenticate(first.text) == first.record


def test_a_record_gives_the_principal() -> None:
    key = create_key(SECRET, tenant="acme", users=["alice"], scopes=["files"], subject="crm")
    principal = key.record.principal
    assert (principal.tenant, principal.subject, principal.users, principal.scopes) == (
        "acme",
        "crm",
        frozenset({"alice"}),
        frozenset({"files"}),
    )


@pytest.mark.parametrize("change", [lambda t: t + "x", lambda t: t[:-1], lambda t: t.upper(), lambda t: "x" + t])
def test_a_changed_key_is_refused(change: Any) -> None:
    key = create_key(SECRET, tenant="acme")
    with pytest.raises(Unauthenticated):
        ring_with(key).authenticate(change(key.text))


def test_a_key_under_another_server_secret_is_refused() -> None:
    key = create_key("another server secret", tenant="acme")
    with pytest.raises(Unauthenticated):
        ring_with(key).authenticate(key.text)


def test_a_key_is_refused_from_the_moment_of_its_expiry() -> None:
    key = create_key(SECRET, tenant="acme", expires_at=NOW)
    with pytest.raises(Unauthenticated):
        ring_with(key).authenticate(key.text)


def test_a_key_is_accepted_before_its_expiry() -> None:
    key = create_key(SECRET, tenant="acme", expires_at=NOW + timedelta(seconds=1))
    assert ring_with(key).authenticate(key.text) is key.record


def test_refusals_do_not_tell_an_unknown_id_from_a_wrong_secret() -> None:
    key = create_key(SECRET, tenant="acme")
    words = set()
    for text in (f"{key.record.id}.wrong", "k_000000000000.wrong", "nonsense"):
        with pytest.raises(Unauthenticated) as caught:
            ring_with(key).authenticate(text)
        words.add((caught.value.message, caught.value.reason))
    assert len(words) == 1


def test_the_legacy_key_has_every_scope_but_admin() -> None:
    ring = KeyRing(SECRET)
    ring.add_legacy("one.old key with a dot and thirty-two characters", "default")
    record = ring.authenticate("one.old key with a dot and thirty-two characters")
    assert record.scopes == {"portfolio", "converter", "files"}


def test_a_file_returns_what_was_saved(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key = create_key(SECRET, tenant="acme", users=["b", "a"], expires_at=NOW, rate_per_s=2.5, concurrency=3)
    save_keys(path, [key.record])
    assert load_keys(path) == [key.record]


def test_a_file_is_readable_by_its_owner_alone_and_holds_no_key(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key = create_key(SECRET, tenant="acme")
    add_key(path, key)
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.text.partition(".")[2] not in path.read_text()


def test_keys_that_are_added_at_once_are_all_kept(tmp_path: Path) -> None:
    path, created = tmp_path / "keys.json", [create_key(SECRET, tenant="acme") for _ in range(24)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: add_key(path, key), created))
    assert {record.id for record in load_keys(path)} == {key.record.id for key in created}


def test_revoking_takes_one_key_out_and_keeps_the_others(tmp_path: Path) -> None:
    path, first, second = tmp_path / "keys.json", create_key(SECRET, tenant="a"), create_key(SECRET, tenant="b")
    save_keys(path, [first.record, second.record])
    assert revoke_key(path, first.record.id) == first.record
    assert load_keys(path) == [second.record]


def test_revoking_a_key_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    path, key = tmp_path / "keys.json", create_key(SECRET, tenant="a")
    save_keys(path, [key.record])
    with pytest.raises(NotFound):
        revoke_key(path, "k_other")
    assert load_keys(path) == [key.record]


def test_a_changed_file_and_its_lock_stay_the_owners_alone(tmp_path: Path) -> None:
    add_key(tmp_path / "keys.json", create_key(SECRET, tenant="a"))
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_adding_keeps_the_keys_before(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    keys = [create_key(SECRET, tenant="acme") for _ in range(2)]
    for key in keys:
        add_key(path, key)
    assert load_keys(path) == [key.record for key in keys]


GOOD = {"id": "k_1234", "hash": "0" * 64, "tenant": "acme", "users": ["*"], "scopes": ["files"]}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"id": "legacy"}, "id"),
        ({"id": "a b"}, "id"),
        ({"hash": "short"}, "hash"),
        ({"tenant": "A/B"}, "tenant"),
        ({"users": []}, "users"),
        ({"users": "alice"}, "wrong type"),
        ({"scopes": ["root"]}, "scopes"),
        ({"scopes": None}, "wrong type"),
        ({"rate_per_s": 0}, "rate_per_s"),
        ({"concurrency": 0}, "concurrency"),
        ({"expires_at": "2026-01-01T00:00:00"}, "zone"),
    ],
)
def test_a_damaged_record_is_refused_naming_the_fault(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [{**GOOD, **change}]}))
    with pytest.raises(ValueError, match=words):
        load_keys(path)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"keys": 1}', '{"keys": [1]}'])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="key"):
        load_keys(path)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    path.write_text(json.dumps({"keys": [GOOD, GOOD]}))
    with pytest.raises(ValueError, match="twice"):
        load_keys(path)


def test_logs_redact_a_key() -> None:
    key = create_key(SECRET, tenant="acme")
    assert key.text not in redact(f"it sent {key.text} along")
