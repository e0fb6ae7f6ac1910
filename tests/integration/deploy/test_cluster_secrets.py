"""Making Secrets from inside of a cluster, against a server that speaks as the API server does."""

import base64
import datetime as dt
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from services.launcher.cluster_secrets import SecretStore, create_missing
from services.launcher.cluster_settings import ClusterSettings

TOKEN = "the-pod's-token"
PATH = "/api/v1/namespaces/wealth/secrets"


@dataclass
class ApiServer:
    """The Secrets of a namespace, over TLS, to whoever brings the token."""

    settings: ClusterSettings
    held: dict[str, dict[str, str]] = field(default_factory=dict)


@pytest.fixture
def api_server(tmp_path: Path) -> Iterator[ApiServer]:
    """A running server, and a pod's service account that knows it."""
    held: dict[str, dict[str, str]] = {}

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

        def answer(self, status: int, document: object) -> None:
            """Answers JSON."""
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def is_known(self) -> bool:
            """Whether the token is the pod's; answers otherwise."""
            known = self.headers["Authorization"] == f"Bearer {TOKEN}"
            if not known:
                self.answer(401, {"reason": "Unauthorized"})
            return known

        def do_POST(self) -> None:
            """Creates a Secret, or says that there is one."""
            manifest = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if not self.is_known() or self.path != PATH:
                return
            name = manifest["metadata"]["name"]
            if name in held:
                self.answer(409, {"reason": "AlreadyExists"})
                return
            held[name] = manifest["stringData"]
            self.answer(201, {})

        def do_GET(self) -> None:
            """Reads a Secret, whose values the API server writes in base64."""
            if self.is_known():
                keys = held[self.path.removeprefix(f"{PATH}/")]
                self.answer(200, {"data": {k: base64.b64encode(v.encode()).decode() for k, v in keys.items()}})

    certificate = make_certificate(tmp_path)
    (tmp_path / "token").write_text(TOKEN)
    (tmp_path / "namespace").write_text("wealth")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield ApiServer(
            ClusterSettings(
                kubernetes_service_host="127.0.0.1",
                kubernetes_service_port=server.server_port,
                service_account_folder=tmp_path,
            ),
            held,
        )
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def make_certificate(folder: Path) -> Path:
    """Writes ``ca.crt``, and a file with the same certificate and its key; returns the latter."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "kubernetes")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public = certificate.public_bytes(serialization.Encoding.PEM)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "ca.crt").write_bytes(public)
    (folder / "server.pem").write_bytes(private + public)
    return folder / "server.pem"


def test_all_secrets_are_made_once(api_server: ApiServer) -> None:
    made = create_missing(SecretStore(api_server.settings), nats_address="nats:4222")
    standing = dict(api_server.held)
    assert set(made) == set(standing) > {"installation", "gateway", "nats", "s3", "storage", "trusted-callers"}

    assert create_missing(SecretStore(api_server.settings), nats_address="nats:4222") == []
    assert api_server.held == standing


def test_a_server_of_another_authority_gets_no_token(api_server: ApiServer, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    make_certificate(other)
    (tmp_path / "ca.crt").write_bytes((other / "ca.crt").read_bytes())
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        SecretStore(api_server.settings).create("any", {})
    assert api_server.held == {}


def test_a_refused_token_is_an_error(api_server: ApiServer, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("another")
    with pytest.raises(OSError, match="401"):
        SecretStore(api_server.settings).create("any", {})
