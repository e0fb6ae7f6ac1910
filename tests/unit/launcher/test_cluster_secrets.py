"""The secrets of an installation on a cluster: whole, valid for who reads them, the same however often made."""

import base64
import contextlib
import json
import ssl
from pathlib import Path

import pytest

from services.common import identity
from services.gateway.keys import hash_key
from services.launcher.cluster_secrets import INSTALLATION, ClusterSecrets, create_missing, main
from services.launcher.secrets import CALLERS


class MemoryStore:
    """Secrets in memory, as the API server keeps them: the first to create one wins."""

    def __init__(self) -> None:
        self.held: dict[str, dict[str, str]] = {}

    def create(self, name: str, keys: dict[str, str]) -> bool:
        """Keeps a Secret unless there is one."""
        return self.held.setdefault(name, keys) is keys

    def read(self, name: str, key: str) -> str:
        """Reads one key."""
        return self.held[name][key]


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> bool:
    """Lets a client that dials ``name`` meet a server, in memory. Raises what the client makes of its certificate."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for side in sides:
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return all(side.version() for side in sides)


@pytest.fixture(scope="module")
def by_name() -> dict[str, dict[str, str]]:
    """A fresh installation's Secrets."""
    return ClusterSecrets.make().by_name(nats_address="nats:4222", s3_keys=True)


@pytest.mark.parametrize("caller", CALLERS)
def test_services_trust_the_public_half_of_each_callers_key(by_name: dict[str, dict[str, str]], caller: str) -> None:
    private = identity.load_private_key(by_name[caller][f"{caller.upper()}_IDENTITY_KEY"])
    trusted = json.loads(by_name["trusted-callers"]["TRUSTED_CALLERS"])
    assert trusted[caller] == identity.encode_public_key(private)


def test_the_first_key_opens_the_door(by_name: dict[str, dict[str, str]]) -> None:
    (record,) = json.loads(by_name["gateway-keys"]["keys.json"])["keys"]
    key = by_name["gateway-first-key"]["X-API-KEY"]
    assert record["hash"] == hash_key(by_name["gateway"]["GATEWAY_KEY_SECRET"], key)
    assert key not in by_name["gateway-keys"]["keys.json"]


def test_nats_knows_the_passwords_that_its_users_bring(by_name: dict[str, dict[str, str]]) -> None:
    password = by_name["nats"]["CONVERTER_WORKER_PASSWORD"]
    assert by_name["converter-worker-nats"]["NATS_URL"] == f"nats://converter-worker:{password}@nats:4222"
    assert all(value[0].isalpha() for value in by_name["nats"].values()), "NATS would read digits as a number"


@pytest.mark.parametrize("name", ["nats", "nats-headless", "nats-2.nats-headless", "localhost"])
def test_clients_that_trust_the_authority_accept_nats_under_each_of_its_names(
    by_name: dict[str, dict[str, str]], tmp_path: Path, name: str
) -> None:
    for key, text in by_name["nats-tls"].items():
        (tmp_path / key).write_text(text)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(tmp_path / "tls.crt", tmp_path / "tls.key")
    client = ssl.create_default_context(cadata=by_name["nats-ca"]["ca.crt"])
    assert shake_hands(server, client, name)
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(server, client, "another")


def test_nobody_but_nats_is_given_its_private_key(by_name: dict[str, dict[str, str]]) -> None:
    assert [name for name, keys in by_name.items() if "PRIVATE KEY" in json.dumps(keys)] == ["nats-tls"]


def test_sealing_keys_are_of_the_right_size(by_name: dict[str, dict[str, str]]) -> None:
    keys = json.loads(by_name["portfolio"]["PORTFOLIO_SEALING_KEYS"])
    assert [len(base64.b64decode(key)) for key in keys.values()] == [32]


def test_without_an_s3_server_of_ones_own_no_s3_keys_are_made() -> None:
    assert {"s3", "storage"}.isdisjoint(ClusterSecrets.make().by_name(nats_address="", s3_keys=False))


def test_a_run_that_was_cut_short_is_finished_with_the_same_keys() -> None:
    store = MemoryStore()
    assert INSTALLATION in create_missing(store, nats_address="nats:4222")
    whole = dict(store.held)
    for name in ("gateway", "nats", "trusted-callers"):
        del store.held[name]
    assert sorted(create_missing(store, nats_address="nats:4222")) == ["gateway", "nats", "trusted-callers"]
    assert store.held == whole


def test_a_new_identity_key_fits_its_public_half(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["identity"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert identity.encode_public_key(identity.load_private_key(made["seed"])) == made["public_key"]
