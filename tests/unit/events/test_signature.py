"""Signatures against vectors that `openssl dgst -sha256 -mac HMAC` gives, the first of them the standard's own."""

import base64

import pytest

from services.events.domain.signature import make_secret, sign

STANDARD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU="


@pytest.mark.parametrize(
    ("secret", "message_id", "timestamp", "body", "signature"),
    [
        (
            STANDARD,
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1614265330,
            b'{"test": 2432232314}',
            "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
        ),
        (OTHER, "task_1:1:5", 1767323045, b'{"specversion":"1.0"}', "OnFY/JErma/yEU/+tYTGWA1JxoF6ZvBo5intHHdDzfc="),
    ],
)
def test_a_signature_is_what_openssl_gives(
    secret: str, message_id: str, timestamp: int, body: bytes, signature: str
) -> None:
    assert sign([secret], message_id, timestamp, body) == f"v1,{signature}"


def test_while_a_secret_is_replaced_both_sign() -> None:
    one, two = (sign([secret], "i", 1, b"x") for secret in (STANDARD, OTHER))
    assert sign([STANDARD, OTHER], "i", 1, b"x") == f"{one} {two}"


@pytest.mark.parametrize("change", [("j", 1, b"x"), ("i", 2, b"x"), ("i", 1, b"y"), ("i.1", 1, b"x")])
def test_whatever_is_changed_has_another_signature(change: tuple[str, int, bytes]) -> None:
    assert sign([STANDARD], *change) != sign([STANDARD], "i", 1, b"x")


def test_secrets_are_256_bits_and_no_two_alike() -> None:
    made = {make_secret() for _ in range(100)}
    assert len(made) == 100
    assert {len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) for secret in made} == {32}
