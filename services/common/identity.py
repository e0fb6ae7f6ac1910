"""Who is calling, signed by the service that let them in.

Each service that calls another signs a short-lived token (an EdDSA JWT) with its own Ed25519 key: which service is
speaking, to whom, which method, and for which principal. The receiver holds public keys only, so no service can speak
for another. Tenant, users and scopes of a call come from here and from nowhere else.
"""

import base64
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.common.errors import Denied, Unauthenticated, Unavailable

TOKEN_LIFETIME_S = 60
CLOCK_LEEWAY_S = 5
# How long a clock that was seen to be off counts: longer than callers whose calls are refused take to call again.
_CLOCK_REMEMBERED_S = 60.0
ALL_USERS = "*"
SHARED_FILES = "_shared"
"""Whose files those are that belong to no user of a tenant."""
DEFAULT_TENANT = "default"


# The first words of paths below /api/v1: ``/api/v1/files/{job}`` is no job of a user called "files".
ROUTE_WORDS = frozenset(
    {
        "check-claims",
        "dead-letters",
        "delete",
        "events",
        "files",
        "import",
        "inference",
        "queue",
        "train",
        "users",
        "webhooks",
    }
)


def find_user_fault(user_id: str) -> str:
    """Why nobody can be called so; empty where somebody can.

    An id is a segment of addresses (``/api/v1/{user}/{job}``). What HTTP clients and proxies take for more than one,
    or for a step to another, would name what nobody can reach.
    """
    if user_id in {".", "..", ALL_USERS, SHARED_FILES} or user_id in ROUTE_WORDS:
        return "is a reserved name"
    if "/" in user_id or "\\" in user_id:
        return "has a slash"
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in user_id):
        return "has control characters"
    return ""


@dataclass(frozen=True, slots=True)
class Principal:
    """On whose behalf a call is made: a tenant, the users that it may act for, and its scopes.

    ``subject`` names the key or service behind it, for logs and idempotency.
    """

    tenant: str
    subject: str
    users: frozenset[str] = frozenset()
    scopes: frozenset[str] = frozenset()

    @property
    def acts_for_all_users(self) -> bool:
        """Whether it may act for every user of its tenant."""
        return ALL_USERS in self.users

    def may_act_for(self, user_id: str) -> bool:
        """Whether it may act for this user."""
        return self.acts_for_all_users or user_id in self.users

    def require_scope(self, scope: str) -> None:
        """Raises Denied where the principal lacks ``scope``."""
        if scope not in self.scopes:
            raise Denied(f"the key lacks the scope {scope!r}", reason="SCOPE_MISSING", metadata={"scope": scope})


def service_principal(tenant: str, service: str) -> Principal:
    """The principal of a service's own work in a tenant: all users, no public scopes."""
    return Principal(tenant, f"service:{service}", frozenset({ALL_USERS}), frozenset({"service"}))


@dataclass(frozen=True, slots=True)
class Caller:
    """A verified call: the service that made it and the principal that it speaks for."""

    service: str
    principal: Principal


class TokenSigner:
    """Signs a service's outgoing calls."""

    def __init__(self, service: str, key: Ed25519PrivateKey, *, clock: Callable[[], float] | None = None) -> None:
        self._service = service
        self._key = key
        self._clock = clock or time.time
        self._cache: dict[tuple[str, str, Principal], tuple[float, str]] = {}

    def sign(self, audience: str, method: str, principal: Principal) -> str:
        """Returns a token for one method of one service, reusing a fresh one: signing costs more than the look-up."""
        now = self._clock()
        key = (audience, method, principal)
        cached = self._cache.get(key)
        # One of a later time is from before somebody put this clock back.
        if cached and 0 <= now - cached[0] < TOKEN_LIFETIME_S / 2:
            return cached[1]
        token = jwt.encode(
            {
                "iss": self._service,
                "aud": audience,
                "method": method,
                "sub": principal.subject,
                "tenant": principal.tenant,
                "users": sorted(principal.users),
                "scopes": sorted(principal.scopes),
                "iat": int(now),
                "exp": int(now) + TOKEN_LIFETIME_S,
            },
            self._key,
            algorithm="EdDSA",
        )
        if len(self._cache) > 4096:
            self._cache.clear()
        self._cache[key] = (now, token)
        return token


class TokenVerifier:
    """Verifies a service's incoming calls against the public keys of the services that it trusts."""

    def __init__(
        self,
        audience: str,
        trusted: Mapping[str, Sequence[Ed25519PublicKey]],
        *,
        clock: Callable[[], float] | None = None,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        """``trusted`` has each caller's keys: more than one while its key is being replaced. ``clock`` is the time that
        tokens are held to, ``elapsed`` how long ago something was, in seconds."""
        self._audience = audience
        self._trusted = {caller: tuple(keys) for caller, keys in trusted.items()}
        self._cache: dict[tuple[str, str], tuple[float, Caller]] = {}
        self._clock = clock or time.time
        self._elapsed = elapsed
        self._disagreement: tuple[float, Unavailable] | None = None

    async def check(self) -> None:
        """Raises Unavailable while a caller's clock was seen to be off within the last minute: the health of
        "clocks"."""
        if self._disagreement and self._elapsed() - self._disagreement[0] < _CLOCK_REMEMBERED_S:
            raise self._disagreement[1]

    def verify(self, token: str, method: str) -> Caller:
        """Returns the caller. Raises Unauthenticated where the token is missing, forged or for another call,
        Unavailable with reason CLOCKS_DIFFER where it is the caller's own and of another time: no fault of whoever
        called the caller, whose key is as good as before.
        """
        cached = self._cache.get((token, method))
        if cached and cached[0] > self._clock():
            return cached[1]
        try:
            issuer = jwt.decode(token, options={"verify_signature": False}).get("iss", "")
            claims = self._decode(token, self._trusted[issuer])
            if claims["method"] != method or claims["exp"] - claims["iat"] > TOKEN_LIFETIME_S:
                raise Unauthenticated("the service token is for another call", reason="SERVICE_TOKEN_INVALID")
            self._require_same_time(issuer, int(claims["iat"]), int(claims["exp"]))
            principal = Principal(
                claims["tenant"], claims["sub"], frozenset(claims["users"]), frozenset(claims["scopes"])
            )
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError) as error:
            raise Unauthenticated("no valid service token", reason="SERVICE_TOKEN_INVALID") from error
        caller = Caller(issuer, principal)
        if len(self._cache) > 4096:
            self._cache.clear()
        self._cache[token, method] = (float(claims["exp"]), caller)
        return caller

    def _require_same_time(self, issuer: str, issued_at: int, expires_at: int) -> None:
        """Raises Unavailable where a token is too old, or of a time more than a token's life ahead of ours.

        Ahead by less it is taken: that makes it no older than it may get, and clocks that are synchronised now and then
        do differ by seconds.
        """
        now = self._clock()
        if issued_at - TOKEN_LIFETIME_S <= now <= expires_at + CLOCK_LEEWAY_S:
            return
        failure = Unavailable(
            f"the clocks of {issuer} and {self._audience} differ by about {abs(now - issued_at):.0f} s, "
            "or a call was held up as long",
            reason="CLOCKS_DIFFER",
            retry_after_s=5,
        )
        self._disagreement = self._elapsed(), failure
        raise failure

    def _decode(self, token: str, keys: Sequence[Ed25519PublicKey]) -> dict[str, Any]:
        """The claims of a token that one of the keys signed, of whatever time. Raises InvalidTokenError."""
        for key in keys:
            try:
                claims: dict[str, Any] = jwt.decode(
                    token,
                    key,
                    algorithms=["EdDSA"],
                    audience=self._audience,
                    options={
                        "require": ["exp", "iat", "iss", "aud", "sub"],
                        "verify_exp": False,
                        "verify_iat": False,
                    },
                )
            except jwt.InvalidSignatureError:
                continue  # perhaps the caller's other key's
            return claims
        raise jwt.InvalidSignatureError("none of the caller's keys")


def load_private_key(seed_base64: str) -> Ed25519PrivateKey:
    """Reads a private key from the base64 of its 32-byte seed. Raises ValueError."""
    return Ed25519PrivateKey.from_private_bytes(base64.b64decode(seed_base64, validate=True))


def load_public_key(key_base64: str) -> Ed25519PublicKey:
    """Reads a public key from the base64 of its 32 bytes. Raises ValueError."""
    return Ed25519PublicKey.from_public_bytes(base64.b64decode(key_base64, validate=True))


def encode_public_key(key: Ed25519PrivateKey) -> str:
    """Writes the public half of a key as base64, as TRUSTED_CALLERS takes it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def encode_seed(key: Ed25519PrivateKey) -> str:
    """Writes a private key as the base64 of its seed, as ``load_private_key`` takes it."""
    return base64.b64encode(key.private_bytes_raw()).decode()
