"""Page tokens, time, settings and the identity of callers."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from services.common.clock import format_time, parse_time
from services.common.context import accept_request_id, acting_as, current_principal
from services.common.errors import Denied, InvalidInput, Unauthenticated, Unavailable
from services.common.identity import (
    ALL_USERS,
    TOKEN_LIFETIME_S,
    Principal,
    TokenSigner,
    TokenVerifier,
    encode_public_key,
    find_user_fault,
    load_public_key,
    service_principal,
)
from services.common.paging import PageSeal, clamp_page_size, decode_page_token, encode_page_token
from services.common.settings import ServiceSettings, read_identity_key
from services.portfolio.settings import PortfolioSettings

METHOD = "/wealth.storage.v1.StorageService/GetRecord"
KEY = Ed25519PrivateKey.from_private_bytes(b"g" * 32)
ALICE = Principal("acme", "key:1", frozenset({"alice"}), frozenset({"portfolio"}))

# Page tokens


@given(st.text(min_size=1), st.lists(st.text(), max_size=4))
def test_page_token_gives_its_position_back(position: str, query: list[str]) -> None:
    assert decode_page_token(encode_page_token(position, query), query) == position


@given(st.text(min_size=1), st.text(), st.text())
def test_page_token_serves_its_own_query_only(position: str, one: str, other: str) -> None:
    if one == other:
        return
    with pytest.raises(InvalidInput) as refusal:
        decode_page_token(encode_page_token(position, ("list", one)), ("list", other))
    assert refusal.value.field == "page_token"


@given(st.text(min_size=1))
def test_rubbish_is_no_page_token(token: str) -> None:
    with pytest.raises(InvalidInput):
        decode_page_token(token, ())


@pytest.mark.parametrize("content", ['{"a": 1, "b": 2}', "5", "[1, 2, 3]", "null", "[" * 100_000, '["x"]', '"ab"'])
def test_forged_page_token_is_refused(content: str) -> None:
    with pytest.raises(InvalidInput):
        decode_page_token(base64.urlsafe_b64encode(content.encode()).decode(), ())


# Users


@pytest.mark.parametrize("user_id", ["a/b", "../x", "a\\b", ".", "..", "*", "_shared", "nul\0", "line\nend", "\u2028"])
def test_what_no_address_can_name_is_nobodys_id(user_id: str) -> None:
    assert find_user_fault(user_id)


def test_first_words_of_paths_are_nobodys_id() -> None:
    description = json.loads((Path(__file__).parents[3] / "docs" / "openapi.json").read_text())
    words = {path.split("/")[3] for path in description["paths"] if path.startswith("/api/v1/")}
    words = {word for word in words if not word.startswith("{")}
    assert words
    assert {word for word in words if not find_user_fault(word)} == set()


@pytest.mark.parametrize("user_id", ["a.meier", "ananya@example.com", "Zoë", "李雷", "a b", "50%", "a?b#c", "..."])
def test_what_an_address_can_name_is_an_id(user_id: str) -> None:
    assert find_user_fault(user_id) == ""


SEAL = PageSeal(b"s" * 32)


@given(st.text(min_size=1), st.lists(st.text(), max_size=4))
def test_a_sealed_page_token_is_opened_by_whom_it_was_made_for(token: str, holder: list[str]) -> None:
    assert SEAL.open(SEAL.seal(token, holder), holder) == token


def test_a_sealed_page_token_tells_nothing_of_its_position() -> None:
    sealed = SEAL.seal("bobs-job-4b1d7c", ("acme", "alice"))
    content = base64.urlsafe_b64decode(sealed + "=" * (-len(sealed) % 4))
    assert b"bobs-job" not in content
    assert SEAL.seal("bobs-job-4b1d7c", ("acme", "alice")) != sealed


@pytest.mark.parametrize("other", [PageSeal(b"t" * 32), SEAL], ids=["another secret", "another holder"])
def test_a_sealed_page_token_of_others_is_refused(other: PageSeal) -> None:
    with pytest.raises(InvalidInput) as refusal:
        other.open(SEAL.seal("place", ("acme", "alice")), ("acme", "alice" if other is not SEAL else "bob"))
    assert refusal.value.field == "page_token"


@given(st.text(min_size=1))
def test_rubbish_is_no_sealed_page_token(token: str) -> None:
    with pytest.raises(InvalidInput):
        SEAL.open(token, ())


@given(st.text(min_size=1), st.data())
def test_a_changed_page_token_is_refused(token: str, data: st.DataObject) -> None:
    sealed = bytearray(base64.urlsafe_b64decode(SEAL.seal(token, ()) + "=="))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(InvalidInput):
        SEAL.open(base64.urlsafe_b64encode(sealed).decode(), ())


def test_page_size_is_bounded() -> None:
    assert [clamp_page_size(size, default=20, maximum=200) for size in (0, 1, 200, 10**9)] == [20, 1, 200, 200]


# Time


@given(st.datetimes(timezones=st.timezones()))
def test_times_keep_their_milliseconds(moment: Any) -> None:
    written = format_time(moment)
    assert format_time(parse_time(written)) == written


def test_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        parse_time("2026-01-02T03:04:05")


# Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORTFOLIO_SEALING_KEYS", '{"k1": "hunter2'),
        ("JOBS_CONCURRENCY", "hunter2"),
        ("PORTFOLIO_PROVIDER", "hunter2"),
        ("METRICS_LISTEN", "hunter2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "hunter2"),
        ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
        ("TRUSTED_CALLERS", "hunter2"),
    ],
)
def test_wrong_setting_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as exit_:
        PortfolioSettings.load()
    said = str(exit_.value)
    assert name.lower() in said.lower()
    assert "hunter2" not in said
    assert exit_.value.__cause__ is None


def test_malformed_keys_are_named_without_their_value() -> None:
    with pytest.raises(ValueError, match="PORTFOLIO_SEALING_KEYS: 'k1'") as sealing:
        PortfolioSettings(portfolio_sealing_keys={"k1": SecretStr("hunter2")}).sealing_keys()
    with pytest.raises(ValueError, match="THE_KEY") as identity:
        read_identity_key(SecretStr("hunter2"), "THE_KEY")
    with pytest.raises(ValueError, match="gateway"):
        ServiceSettings(trusted_callers={"gateway": "hunter2"}).public_keys()
    assert "hunter2" not in f"{sealing.value}{identity.value}"


# Identity: rule 17


def verifier(audience: str = "storage") -> TokenVerifier:
    """Trusts the gateway's key."""
    return TokenVerifier(audience, {"gateway": [KEY.public_key()]})


def make_token(**claims: Any) -> str:
    """A token of the gateway with some claims changed; None leaves one out."""
    now = int(time.time())
    standard = {
        "iss": "gateway",
        "aud": "storage",
        "method": METHOD,
        "sub": "key:1",
        "tenant": "acme",
        "users": ["alice"],
        "scopes": ["portfolio"],
        "iat": now,
        "exp": now + TOKEN_LIFETIME_S,
    }
    return jwt.encode(
        {key: value for key, value in (standard | claims).items() if value is not None}, KEY, algorithm="EdDSA"
    )


def test_rule_17_signed_call_names_caller_and_principal() -> None:
    caller = verifier().verify(TokenSigner("gateway", KEY).sign("storage", METHOD, ALICE), METHOD)
    assert (caller.service, caller.principal) == ("gateway", ALICE)


NOW = int(time.time())
WRONG: dict[str, dict[str, Any]] = {
    "too long": {"exp": NOW + 3600},
    "for ever": {"exp": None},
    "other audience": {"aud": "portfolio"},
    "other method": {"method": "/wealth.storage.v1.StorageService/DeleteRecord"},
    "unknown issuer": {"iss": "stranger"},
    "issuer of another kind": {"iss": None},
    "no tenant": {"tenant": None},
    "no users": {"users": None},
    "no method": {"method": None},
}


@pytest.mark.parametrize("name", WRONG)
def test_rule_17_token_for_anything_else_is_refused(name: str) -> None:
    checks = verifier()
    for _ in range(2):  # the cache changes nothing
        with pytest.raises(Unauthenticated):
            checks.verify(make_token(**WRONG[name]), METHOD)


OFF_S = (TOKEN_LIFETIME_S * 1.5, 300, 3600, 10 * 24 * 3600)


@pytest.mark.parametrize("off_s", [*OFF_S, *(-off_s for off_s in OFF_S)])
async def test_rule_25_a_callers_clock_that_is_off_is_nobodys_bad_key_and_degrades_health(off_s: float) -> None:
    elapsed = 0.0
    checks = TokenVerifier(
        "storage",
        {"gateway": [KEY.public_key()]},
        clock=lambda: time.time() + off_s,
        elapsed=lambda: elapsed,
    )
    await checks.check()
    with pytest.raises(Unavailable, match="clocks of gateway and storage differ") as refusal:
        checks.verify(make_token(iat=int(time.time()), exp=int(time.time()) + TOKEN_LIFETIME_S), METHOD)
    assert refusal.value.reason == "CLOCKS_DIFFER"
    with pytest.raises(Unavailable):
        await checks.check()
    elapsed = 61
    await checks.check()


@pytest.mark.parametrize("off_s", [-TOKEN_LIFETIME_S / 2, -3, 0, 3, TOKEN_LIFETIME_S / 2])
async def test_rule_25_clocks_that_differ_by_less_than_a_tokens_life_do_no_harm(off_s: float) -> None:
    checks = TokenVerifier("storage", {"gateway": [KEY.public_key()]}, clock=lambda: time.time() + off_s)
    assert checks.verify(make_token(), METHOD).service == "gateway"
    await checks.check()


@pytest.mark.parametrize("jump_s", [*OFF_S, *(-off_s for off_s in OFF_S)])
def test_rule_25_a_caller_whose_clock_was_off_is_let_in_as_soon_as_it_is_right(jump_s: float) -> None:
    offset_s = jump_s
    signer = TokenSigner("gateway", KEY, clock=lambda: time.time() + offset_s)
    checks = verifier()
    with pytest.raises(Unavailable):
        checks.verify(signer.sign("storage", METHOD, ALICE), METHOD)
    offset_s = 0
    assert checks.verify(signer.sign("storage", METHOD, ALICE), METHOD).service == "gateway"


def test_rule_25_a_forged_token_of_another_time_says_nothing_of_clocks() -> None:
    stranger = TokenVerifier("storage", {"gateway": [Ed25519PrivateKey.generate().public_key()]}, clock=lambda: 0.0)
    with pytest.raises(Unauthenticated):
        stranger.verify(make_token(), METHOD)


def test_a_key_is_replaced_without_a_refused_call_and_then_is_void() -> None:
    old, new = KEY, Ed25519PrivateKey.generate()
    public_old, public_new = encode_public_key(old), encode_public_key(new)
    # What receivers are told and what callers sign with, step by step. While one step is rolled out, pods of it and of
    # the step before are there: each pair of neighbours meets.
    told: list[str | tuple[str, ...]] = [public_old, (public_old, public_new), (public_old, public_new), public_new]
    signs = [old, old, new, new]
    receivers = [
        TokenVerifier("storage", ServiceSettings(trusted_callers={"gateway": each}).public_keys()) for each in told
    ]
    meetings = [(a, b) for a in range(len(told)) for b in range(len(told)) if abs(a - b) <= 1]
    for receiver, caller in meetings:
        token = TokenSigner("gateway", signs[caller]).sign("storage", METHOD, ALICE)
        assert receivers[receiver].verify(token, METHOD).service == "gateway"
    with pytest.raises(Unauthenticated):
        receivers[-1].verify(TokenSigner("gateway", old).sign("storage", METHOD, ALICE), METHOD)


def test_another_callers_key_does_not_count() -> None:
    stranger = Ed25519PrivateKey.generate()
    checks = TokenVerifier("storage", {"gateway": [KEY.public_key()], "portfolio": [stranger.public_key()]})
    with pytest.raises(Unauthenticated):
        checks.verify(TokenSigner("gateway", stranger).sign("storage", METHOD, ALICE), METHOD)
    with pytest.raises(Unauthenticated):
        TokenVerifier("storage", {"gateway": []}).verify(make_token(), METHOD)


def test_rule_17_forged_tokens_are_refused() -> None:
    claims = jwt.decode(make_token(), options={"verify_signature": False})
    public = encode_public_key(KEY)
    head, _, signature = make_token().split(".")
    changed = base64.urlsafe_b64encode(json.dumps(claims | {"tenant": "other"}).encode()).decode().rstrip("=")
    forged = [
        "",
        "rubbish",
        jwt.encode(claims, Ed25519PrivateKey.generate(), algorithm="EdDSA"),
        jwt.encode(claims, public, algorithm="HS256"),
        jwt.encode(claims, None, algorithm="none"),
        f"{head}.{changed}.{signature}",
    ]
    for token in forged:
        with pytest.raises(Unauthenticated):
            verifier().verify(token, METHOD)


def test_rule_17_verified_token_serves_no_other_method() -> None:
    checks, token = verifier(), make_token()
    checks.verify(token, METHOD)
    with pytest.raises(Unauthenticated):
        checks.verify(token, METHOD + "s")


def test_rule_16_principal_acts_for_its_users_only() -> None:
    assert ALICE.may_act_for("alice")
    assert not ALICE.may_act_for("al")
    assert not ALICE.may_act_for(ALL_USERS)
    assert service_principal("acme", "portfolio").may_act_for("anybody")
    with pytest.raises(Denied):
        ALICE.require_scope("admin")


def test_public_key_reads_back() -> None:
    assert load_public_key(encode_public_key(KEY)).public_bytes_raw() == KEY.public_key().public_bytes_raw()


# Context


def test_principal_is_current_inside_of_the_block_only() -> None:
    with acting_as(ALICE):
        assert current_principal() == ALICE
    with pytest.raises(LookupError):
        current_principal()


@given(st.text())
def test_request_id_is_a_plain_token_whatever_was_sent(candidate: str) -> None:
    accepted = accept_request_id(candidate)
    assert 0 < len(accepted) <= 64
    assert accepted.isprintable()
    assert not set(accepted) & set(" \n\r\"'<>")
