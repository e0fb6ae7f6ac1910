"""Where the suite's processes listen, what they are told, and the secrets that stay from start to start."""

import json
import stat
from pathlib import Path

import pytest
from pydantic import ValidationError

from services.gateway.keys import KeyRing, load_keys
from services.launcher.free_ports import BLOCK_SIZE, reserve_ports
from services.launcher.plan import SERVICES, STOP_ORDER, Ports, Servers, plan_services
from services.launcher.secrets import keys_file, load_secrets
from services.launcher.settings import HIGHEST_PORT_BASE, LauncherSettings


def test_rest_and_grpc_stand_at_the_base_and_behind_it() -> None:
    ports = Ports(8000)
    assert (ports.rest, ports.grpc) == (8000, 8001)


def test_no_two_uses_share_a_port() -> None:
    ports = Ports(8000).all()
    assert len(set(ports.values())) == len(ports)


@pytest.mark.parametrize("base", [8000, HIGHEST_PORT_BASE])
def test_all_ports_stay_below_the_ephemeral_ones(base: int) -> None:
    assert max(Ports(base).all().values()) < 32_768


def test_the_ports_fit_into_the_span_that_is_kept_free() -> None:
    assert {port % 10_000 for port in Ports(0).all().values()} <= set(range(BLOCK_SIZE))


def test_a_base_whose_s3_ports_would_be_ephemeral_is_refused() -> None:
    with pytest.raises(ValidationError, match="wealth_port_base"):
        LauncherSettings(_env_file=None, wealth_port_base=HIGHEST_PORT_BASE + 1)


def test_a_found_base_is_one_that_the_settings_take() -> None:
    assert LauncherSettings(_env_file=None, wealth_port_base=reserve_ports().start)


def test_ports_given_out_once_are_not_given_out_again_while_their_taker_lives() -> None:
    blocks = [reserve_ports() for _ in range(5)]
    assert len({port for block in blocks for port in block}) == 5 * BLOCK_SIZE


def test_every_process_is_stopped_once() -> None:
    assert sorted(name for group in STOP_ORDER for name in group) == sorted([*SERVICES, "nats", "s3"])


def test_only_storage_is_told_the_s3_credentials(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    plans = plan_services(Ports(8000), secrets, tmp_path, {})
    assert [name for name, plan in plans.items() if secrets.s3_secret_key in json.dumps(plan.environment)] == [
        "storage"
    ]


def test_each_identity_key_is_told_to_its_own_service_alone(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    plans = plan_services(Ports(8000), secrets, tmp_path, {})
    for owner, key in secrets.identity_keys.items():
        assert {name.partition("-")[0] for name, plan in plans.items() if key in plan.environment.values()} == {owner}


def test_secrets_stay_the_same_from_start_to_start(tmp_path: Path) -> None:
    assert load_secrets(tmp_path) == load_secrets(tmp_path)


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    one, other = load_secrets(tmp_path / "a"), load_secrets(tmp_path / "b")
    assert one.api_key != other.api_key
    assert not set(one.identity_keys.values()) & set(other.identity_keys.values())


def test_the_ready_key_opens_the_gateway(tmp_path: Path) -> None:
    secrets = load_secrets(tmp_path)
    ring = KeyRing(secrets.gateway_key_secret)
    ring.replace(load_keys(keys_file(tmp_path)))
    assert ring.authenticate(secrets.api_key).tenant == "default"


def test_secrets_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    load_secrets(tmp_path)
    assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()} == {0o600}


def test_damaged_secrets_are_not_replaced_by_new_ones(tmp_path: Path) -> None:
    load_secrets(tmp_path)
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(ValueError, match="damaged"):
        load_secrets(tmp_path)


def test_jobs_keep_their_files_with_the_data_unless_told_otherwise(tmp_path: Path) -> None:
    secrets, name = load_secrets(tmp_path), "CONVERTER_WORK_DIR"
    usual = plan_services(Ports(8000), secrets, tmp_path, {})["converter-worker"].environment[name]
    told = plan_services(Ports(8000), secrets, tmp_path, {name: "/fast"})["converter-worker"].environment[name]
    assert (usual, told) == (str(tmp_path / "work"), "/fast")


OUTSIDE = {
    "NATS_URL": "nats://broker.example:4222", "S3_ENDPOINT_URL": "https://s3.example", "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "outside-secret", "S3_BUCKET_NAME": "theirs",
}  # fmt: skip


def test_servers_outside_are_told_as_production_tells_them(tmp_path: Path) -> None:
    plans = plan_services(Ports(8000), load_secrets(tmp_path), tmp_path, OUTSIDE, servers=Servers.outside(OUTSIDE))
    storage = plans["storage"].environment
    assert {name: storage[name] for name in OUTSIDE} == OUTSIDE
    assert plans["converter-worker"].environment["NATS_URL"] == OUTSIDE["NATS_URL"]
    assert [name for name, plan in plans.items() if "outside-secret" in json.dumps(plan.environment)] == ["storage"]


def test_servers_outside_need_their_address() -> None:
    with pytest.raises(ValueError, match="NATS_URL"):
        Servers.outside({})


EVERYWHERE = "0.0.0.0"  # noqa: S104 - looked for, not bound


def test_only_the_two_doors_are_opened_to_other_machines(tmp_path: Path) -> None:
    plans = plan_services(Ports(8000), load_secrets(tmp_path), tmp_path, {}, listen=EVERYWHERE)
    opened = {
        (name, setting)
        for name, plan in plans.items()
        for setting, value in plan.environment.items()
        if value.startswith(EVERYWHERE)
    }
    assert opened == {("gateway", "GATEWAY_LISTEN"), ("gateway", "GATEWAY_GRPC_LISTEN")}
