"""The secrets of an installation on Kubernetes: ``python -m services.launcher.cluster_secrets print|create|identity``.

``print`` writes Secret manifests with new keys, to be put into a secret store or piped into ``kubectl create -f -``.
``create`` runs in a pod of the cluster and makes the Secrets that are missing; it starts from one Secret called
``installation``, so that running it again, or at the same time twice, gives the same keys.
``identity`` writes a new identity key of a service, as JSON: ``seed`` for it alone, ``public_key`` for those it calls.
"""

import argparse
import base64
import json
import secrets
import ssl
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.common import identity
from services.common.core_files import leave_no_core_files
from services.gateway.keys import create_key, save_keys
from services.launcher.certificates import make_certificates
from services.launcher.cluster_settings import ClusterSettings
from services.launcher.secrets import KEY_USERS, Secrets

NATS_USERS = ("bootstrap", "portfolio", "portfolio-worker", "converter", "converter-worker", "events")
# By which clients and the servers themselves dial NATS inside of the cluster.
NATS_NAMES = ("nats", "nats-headless", *(f"nats-{index}.nats-headless" for index in range(3)))
INSTALLATION = "installation"
_TIMEOUT_S = 10
_CONFLICT = 409


def _make_password() -> str:
    # NATS reads settings by their looks: one that begins with a letter is never a number.
    return "p" + secrets.token_hex(24)


@dataclass(frozen=True, slots=True)
class ClusterSecrets:
    """What an installation on a cluster has beside the ``Secrets`` of every installation.

    ``gateway_keys`` is the gateway's keys file, which holds hashes alone; ``suite.api_key`` is the key.
    """

    suite: Secrets
    gateway_keys: str
    nats_passwords: dict[str, str] = field(default_factory=lambda: {user: _make_password() for user in NATS_USERS})
    nats_route_password: str = field(default_factory=_make_password)
    nats_certificates: dict[str, str] = field(default_factory=lambda: make_certificates("wealth NATS", NATS_NAMES))

    @classmethod
    def make(cls) -> "ClusterSecrets":
        """Makes all of them anew."""
        suite = Secrets()
        key = create_key(
            suite.gateway_key_secret, tenant=identity.DEFAULT_TENANT, users=KEY_USERS, subject="installation"
        )
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "keys.json"
            save_keys(path, [key.record])
            return cls(Secrets(**{**asdict(suite), "api_key": key.text}), path.read_text())

    @classmethod
    def decode(cls, text: str) -> "ClusterSecrets":
        """Reads what ``encode`` wrote. Raises ValueError or TypeError on anything else."""
        fields = json.loads(text)
        suite = Secrets(**fields["suite"])
        # An installation that is older than one of the users has no password of its.
        derived = {user: "p" + suite.nats_password_of(user) for user in NATS_USERS}
        return cls(**{**fields, "suite": suite, "nats_passwords": {**derived, **fields["nats_passwords"]}})

    def encode(self) -> str:
        """Writes them as JSON."""
        return json.dumps(asdict(self))

    def by_name(self, *, nats_address: str, s3_keys: bool) -> dict[str, dict[str, str]]:
        """The Secrets that the manifests name, each with its keys. ``s3_keys``: also the S3 server's in the cluster."""
        suite = self.suite
        found = {
            "trusted-callers": {"TRUSTED_CALLERS": json.dumps(suite.public_keys())},
            "gateway": {
                "GATEWAY_IDENTITY_KEY": suite.identity_keys["gateway"],
                "GATEWAY_KEY_SECRET": suite.gateway_key_secret,
            },
            "gateway-keys": {"keys.json": self.gateway_keys},
            # Nobody mounts it: whoever may read Secrets finds the first key here.
            "gateway-first-key": {"X-API-KEY": suite.api_key},
            "portfolio": {
                "PORTFOLIO_IDENTITY_KEY": suite.identity_keys["portfolio"],
                "PORTFOLIO_SEALING_KEYS": json.dumps(suite.sealing_keys),
            },
            "converter": {"CONVERTER_IDENTITY_KEY": suite.identity_keys["converter"]},
            "events": {
                "EVENTS_IDENTITY_KEY": suite.identity_keys["events"],
                "EVENTS_SEALING_KEYS": json.dumps(suite.sealing_keys),
            },
            "nats": {
                "ROUTE_PASSWORD": self.nats_route_password,
                **{f"{_variable(user)}_PASSWORD": password for user, password in self.nats_passwords.items()},
            },
            "nats-tls": self.nats_certificates,
            # Apart from it: clients need no key.
            "nats-ca": {"ca.crt": self.nats_certificates["ca.crt"]},
            **{
                f"{user}-nats": {"NATS_URL": f"nats://{user}:{password}@{nats_address}"}
                for user, password in self.nats_passwords.items()
            },
        }
        if s3_keys:
            found["storage"] = {
                "AWS_ACCESS_KEY_ID": suite.s3_access_key,
                "AWS_SECRET_ACCESS_KEY": suite.s3_secret_key,
            }
            server_identity = {
                "name": "suite",
                "credentials": [{"accessKey": suite.s3_access_key, "secretKey": suite.s3_secret_key}],
                "actions": ["Admin", "Read", "Write", "List", "Tagging"],
            }
            found["s3"] = {"identities.json": json.dumps({"identities": [server_identity]})}
        return found


def _variable(user: str) -> str:
    return user.replace("-", "_").upper()


def make_manifest(name: str, keys: Mapping[str, str], namespace: str) -> dict[str, Any]:
    """A Secret as Kubernetes takes it."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": namespace, "labels": {"app.kubernetes.io/part-of": "wealth"}},
        "stringData": dict(keys),
    }


class SecretStore:
    """The cluster's Secrets in one namespace, as a pod's service account sees them."""

    def __init__(self, settings: ClusterSettings) -> None:
        """Raises OSError where the service account's files are not there."""
        folder, host = settings.service_account_folder, settings.kubernetes_service_host
        self.namespace = (folder / "namespace").read_text()
        self._url = (
            f"https://{f'[{host}]' if ':' in host else host}:{settings.kubernetes_service_port}"
            f"/api/v1/namespaces/{self.namespace}/secrets"
        )
        self._token = (folder / "token").read_text()
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def create(self, name: str, keys: Mapping[str, str]) -> bool:
        """Makes a Secret; returns whether it was not there already. Raises OSError."""
        try:
            self._call("", json.dumps(make_manifest(name, keys, self.namespace)).encode())
        except urllib.error.HTTPError as error:
            if error.code == _CONFLICT:
                return False
            raise
        return True

    def read(self, name: str, key: str) -> str:
        """Reads one key of a Secret. Raises OSError, KeyError."""
        document = self._call(f"/{name}", None)
        return base64.b64decode(document["data"][key]).decode()

    def _call(self, path: str, body: bytes | None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}
        request = urllib.request.Request(self._url + path, body, headers)  # noqa: S310 - https, to the API server
        with self._opener.open(request, timeout=_TIMEOUT_S) as answer:
            document: dict[str, Any] = json.loads(answer.read())
        return document


def create_missing(store: SecretStore, *, nats_address: str) -> list[str]:
    """Makes every Secret that is missing; returns their names. Raises OSError."""
    made = [INSTALLATION] if store.create(INSTALLATION, {"secrets.json": ClusterSecrets.make().encode()}) else []
    standing = ClusterSecrets.decode(store.read(INSTALLATION, "secrets.json"))
    for name, keys in standing.by_name(nats_address=nats_address, s3_keys=True).items():
        if store.create(name, keys):
            made.append(name)
    return made


def main(arguments: list[str]) -> int:
    """Runs the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m services.launcher.cluster_secrets", description=__doc__)
    parser.add_argument("command", choices=("print", "create", "identity"))
    parser.add_argument("--namespace", default="wealth", help="of the printed manifests (%(default)s)")
    parser.add_argument("--nats", default="nats:4222", help="host:port of NATS for clients (%(default)s)")
    options = parser.parse_args(arguments)
    if options.command == "identity":
        key = Ed25519PrivateKey.generate()
        made_key = {"seed": identity.encode_seed(key), "public_key": identity.encode_public_key(key)}
        sys.stdout.write(json.dumps(made_key) + "\n")
        return 0
    if options.command == "print":
        found = ClusterSecrets.make().by_name(nats_address=options.nats, s3_keys=False)
        items = [make_manifest(name, keys, options.namespace) for name, keys in found.items()]
        sys.stdout.write(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}, indent=1) + "\n")
        return 0
    try:
        made = create_missing(SecretStore(ClusterSettings()), nats_address=options.nats)
    except (OSError, KeyError, TypeError, ValueError) as error:
        # The Job tries again. An HTTPError names status and reason, never a Secret.
        sys.stderr.write(f"{type(error).__name__}: {error}\n" if isinstance(error, OSError) else "damaged Secret\n")
        return 1
    sys.stdout.write(f"made: {', '.join(made) or 'nothing, all are there'}\n")
    return 0


if __name__ == "__main__":
    leave_no_core_files()
    sys.exit(main(sys.argv[1:]))
