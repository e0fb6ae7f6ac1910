"""Dashboard sessions and where their forms come from."""

import pytest

from services.gateway.dashboard.sessions import Session, Sessions, accepts_token, comes_from_here

SECRET = "a server secret that is long enough"


def make(now_s: float = 1000.0, secret: str | None = SECRET) -> Sessions:
    return Sessions(secret, lifetime_s=60, now_s=lambda: now_s)


def test_a_session_is_read_back() -> None:
    session = make().read(make().open("k_1234"))
    assert session is not None
    assert session.key_id == "k_1234"


def test_a_session_ends_after_its_lifetime() -> None:
    assert make(1060).read(make(1000).open("k_1234")) is None


@pytest.mark.parametrize("cookie", [None, "", "a.b.c.d", "k_1234.9999999999." + "0" * 32 + "." + "0" * 64])
def test_a_forged_cookie_is_no_session(cookie: str | None) -> None:
    assert make().read(cookie) is None


def test_a_longer_life_cannot_be_written_into_a_cookie() -> None:
    cookie = make().open("k_1234")
    assert make().read(cookie.replace(".1060.", ".9999.")) is None


def test_a_cookie_of_another_secret_is_no_session() -> None:
    assert make().read(make(secret="another secret, long enough too").open("k_1234")) is None


def test_a_form_needs_its_own_sessions_token() -> None:
    first, second = (make().read(make().open("k_1234")) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (accepts_token(first, first.csrf_token), accepts_token(first, second.csrf_token)) == (True, False)


@pytest.mark.parametrize(
    ("origin", "fetch_site", "expected"),
    [
        ("http://suite:8000", None, True),
        (None, None, True),
        ("http://evil", None, False),
        ("http://suite:8000.evil", None, False),
        (None, "same-origin", True),
        ("http://suite:8000", "cross-site", False),
        (None, "same-site", False),
    ],
)
def test_where_a_form_comes_from(origin: str | None, fetch_site: str | None, expected: bool) -> None:
    assert comes_from_here("suite:8000", origin, fetch_site) is expected


def read(sessions: Sessions, cookie: str) -> Session:
    session = sessions.read(cookie)
    assert session is not None
    return session


def test_an_ended_session_is_over_for_every_copy_of_its_cookie_and_for_no_other() -> None:
    sessions = make()
    ended, other = sessions.open("k_1234"), sessions.open("k_1234")
    session = read(sessions, ended)
    sessions.end(session)
    assert (sessions.read(ended), sessions.is_open(session)) == (None, False)
    assert read(sessions, other).key_id == "k_1234"


def test_what_is_forgotten_of_ended_sessions_brings_none_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("services.gateway.dashboard.sessions.MAX_ENDED", 4)
    now_s = [1000.0]
    sessions = Sessions(SECRET, lifetime_s=60, now_s=lambda: now_s[0])
    cookies = []
    for second in range(20):
        now_s[0] = 1000.0 + second
        cookies.append(sessions.open("k_1234"))
        sessions.end(read(sessions, cookies[-1]))
    now_s[0] += 1
    assert [sessions.read(cookie) for cookie in cookies] == [None] * 20
    assert len(sessions._ended) <= 4
    assert read(sessions, sessions.open("k_1234")).key_id == "k_1234"
