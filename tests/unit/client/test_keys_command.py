"""`wealth keys` on a file: what it prints, keeps and refuses."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.client.cli import main
from services.client.commands.keys import _read_expiry
from services.common.errors import InvalidInput
from services.gateway.keys import KeyRing, hash_key, load_keys

SECRET = "a server secret of the tests, long enough"
NOW = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A keys' file that the environment names, not made yet."""
    monkeypatch.setenv("GATEWAY_KEY_SECRET", SECRET)
    monkeypatch.setenv("GATEWAY_KEYS_FILE", str(tmp_path / "keys.json"))
    monkeypatch.setenv("WEALTH_DATA_DIR", str(tmp_path))
    return tmp_path / "keys.json"


def create(*options: str) -> int:
    return main(["keys", "create", *options])


def test_a_key_is_printed_once_and_kept_as_a_hash(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert create("--tenant", "acme", "--user", "a", "--user", "b", "--scope", "files", "--subject", "crm") == 0
    key = capsys.readouterr().out.strip()
    [record] = load_keys(file)
    assert (record.tenant, record.users, record.scopes, record.subject) == (
        "acme",
        frozenset({"a", "b"}),
        frozenset({"files"}),
        "crm",
    )
    assert record.hash == hash_key(SECRET, key)
    assert key.partition(".")[2] not in file.read_text()


def test_a_new_key_opens_the_gateways_ring(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create("--all-users", "--expires", "1d")
    ring = KeyRing(SECRET)
    ring.replace(load_keys(file))
    assert ring.authenticate(capsys.readouterr().out.strip()).scopes == {"portfolio", "converter", "files"}


def test_the_list_shows_keys_without_what_opens_anything(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create("--all-users")
    key = capsys.readouterr().out.strip()
    assert main(["keys", "list"]) == 0
    assert main(["keys", "list", "--json"]) == 0
    shown = capsys.readouterr().out
    [record] = load_keys(file)
    assert record.id in shown
    assert record.hash not in shown
    assert key.partition(".")[2] not in shown


def test_an_expired_key_is_shown_as_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create("--all-users")
    document = json.loads(file.read_text())
    document["keys"][0]["expires_at"] = "2020-01-01T00:00:00Z"
    file.write_text(json.dumps(document))
    main(["keys", "list"])
    assert "expired" in capsys.readouterr().out.splitlines()[-1]


def test_a_key_is_revoked_by_its_id(file: Path) -> None:
    create("--all-users")
    [record] = load_keys(file)
    assert main(["keys", "revoke", record.id]) == 0
    assert load_keys(file) == []


def test_a_whole_key_is_revoked_without_being_shown(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create("--all-users")
    key = capsys.readouterr().out.strip()
    assert main(["keys", "revoke", key]) == 0
    assert key.partition(".")[2] not in capsys.readouterr().err
    assert load_keys(file) == []


def test_revoking_what_is_not_there_exits_2(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create("--all-users")
    assert main(["keys", "revoke", "k_none"]) == 2
    assert capsys.readouterr().err.startswith("KEY_NOT_FOUND: ")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--all-users", "--tenant", "No Tenant"), "tenant"),
        (("--all-users", "--expires", "soon"), "expires"),
        (("--all-users", "--expires", "2020-01-01"), "over already"),
        (("--all-users", "--rate-per-s", "0"), "rate_per_s"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(
    file: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], words: str
) -> None:
    assert create(*options) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert (captured.out, file.exists()) == ("", False)


@pytest.mark.parametrize("options", [(), ("--all-users", "--user", "a"), ("--all-users", "--scope", "root")])
def test_a_key_for_nobody_or_for_everything_is_a_usage_error(file: Path, options: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as ended:
        create(*options)
    assert ended.value.code == 64


def test_a_short_server_secret_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GATEWAY_KEY_SECRET", "short")
    assert create("--all-users") == 2


def test_a_damaged_file_is_left_as_it_is(file: Path) -> None:
    file.write_text("{")
    assert create("--all-users") == 2
    assert file.read_text() == "{"


def test_a_running_suites_file_names_the_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gateway = {"GATEWAY_KEYS_FILE": str(tmp_path / "k.json"), "GATEWAY_KEY_SECRET": SECRET}
    (tmp_path / "suite.json").write_text(json.dumps({"env": {"gateway": gateway}}))
    monkeypatch.setenv("WEALTH_DATA_DIR", str(tmp_path))
    assert create("--all-users") == 0
    assert [record.id for record in load_keys(tmp_path / "k.json")] == [capsys.readouterr().out.partition(".")[0]]


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("90d", NOW + timedelta(days=90)),
        ("12h", NOW + timedelta(hours=12)),
        ("2027-01-31", datetime(2027, 1, 31, tzinfo=UTC)),
        ("2027-01-31T12:00:00Z", datetime(2027, 1, 31, 12, tzinfo=UTC)),
    ],
)
def test_expiry_is_a_span_a_date_or_a_time(text: str, moment: datetime) -> None:
    assert _read_expiry(text, NOW) == moment


@pytest.mark.parametrize("text", ["", "d", "0d", "99999d9", "2027-13-01", "2027-01-31T12:00:00", "99999d"])
def test_an_expiry_that_is_none_is_refused(text: Any) -> None:
    with pytest.raises(InvalidInput):
        _read_expiry(text, datetime(9998, 1, 1, tzinfo=UTC) if text == "99999d" else NOW)
