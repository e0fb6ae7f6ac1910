"""The secrets of one installation: made at the first start, kept readable by their owner only."""

import base64
import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from services.common import identity
from services.gateway.keys import PUBLIC_SCOPES, create_key, save_keys

CALLERS = ("gateway", "portfolio", "converter", "events")
KEY_USERS = ("*",)


def _make_key_bytes() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()


@dataclass(frozen=True, slots=True)
class Secrets:
    """Everything that must stay the same from one start to the next.

    ``identity_keys`` and ``sealing_keys`` hold base64 of 32 bytes, by service and by key id.
    """

    gateway_key_secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    identity_keys: dict[str, str] = field(default_factory=lambda: {caller: _make_key_bytes() for caller in CALLERS})
    sealing_keys: dict[str, str] = field(default_factory=lambda: {"k1": _make_key_bytes()})
    nats_secret: str = field(default_factory=lambda: secrets.token_hex(24))
    s3_access_key: str = field(default_factory=lambda: secrets.token_hex(10))
    s3_secret_key: str = field(default_factory=lambda: secrets.token_hex(20))
    api_key: str = ""

    def __post_init__(self) -> None:
        # An installation that is older than one of the callers has no key of its: made of a secret that it has, the
        # key is the same at every start.
        made = {caller: self._derive_key(caller) for caller in CALLERS if caller not in self.identity_keys}
        object.__setattr__(self, "identity_keys", {**self.identity_keys, **made})

    def _derive_key(self, caller: str) -> str:
        digest = hmac.new(self.nats_secret.encode(), f"identity key of {caller}".encode(), hashlib.sha256).digest()
        return base64.b64encode(digest).decode()

    def public_keys(self) -> dict[str, str]:
        """The callers' public keys, as TRUSTED_CALLERS takes them."""
        return {
            caller: identity.encode_public_key(identity.load_private_key(seed))
            for caller, seed in self.identity_keys.items()
        }

    def nats_password_of(self, user: str) -> str:
        """The password of a NATS user, derived from the installation's secret."""
        return hmac.new(self.nats_secret.encode(), user.encode(), hashlib.sha256).hexdigest()


def load_secrets(folder: Path) -> Secrets:
    """Reads the installation's secrets, or makes them together with the gateway's keys file and a ready key.

    Raises ValueError where the file is damaged: making new ones would lock out what was sealed with the old.
    """
    path = folder / "secrets.json"
    if path.exists():
        try:
            return Secrets(**json.loads(path.read_text()))
        except (TypeError, ValueError) as error:
            raise ValueError(f"{path} is damaged; restore it, or remove {folder} to begin anew") from error
    made = Secrets()
    # Whoever runs the suite on a machine of their own is its operator, too.
    key = create_key(
        made.gateway_key_secret,
        tenant=identity.DEFAULT_TENANT,
        users=KEY_USERS,
        scopes=PUBLIC_SCOPES,
        subject="installation",
    )
    made = Secrets(**{**asdict(made), "api_key": key.text})
    save_keys(keys_file(folder), [key.record])
    write_private_file(path, json.dumps(asdict(made), indent=1))
    return made


def keys_file(folder: Path) -> Path:
    """Where the gateway's keys stand."""
    return folder / "gateway-keys.json"


def write_private_file(path: Path, text: str) -> None:
    """Replaces a file at once, readable by its owner only."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600, exist_ok=False)
    try:
        draft.write_text(text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
