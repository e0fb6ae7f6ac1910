"""What strangers may take up, and whose a call is."""

import ipaddress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.domain.pace import GRACE_S, MIN_BYTES_PER_S, Pace
from services.gateway.domain.strangers import Peers, StrangerLimits, Strangers, Waiting

PROXIES = Peers([ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("fd00::/8")])


@pytest.mark.parametrize(
    ("address", "forwarded", "peer"),
    [
        ("192.0.2.1", "", "192.0.2.1"),
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # a stranger's own word
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7"),  # what stands before it the stranger wrote
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "10.0.0.3, 10.0.0.2", "10.0.0.3"),
        ("10.0.0.1", "203.0.113.9, nobody, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("::ffff:10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("fd00::1", "2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "", "2001:db8:1:2::/64"),
        ("", "", ""),
    ],
)
def test_a_peer_is_the_last_address_that_a_trusted_proxy_vouches_for(address: str, forwarded: str, peer: str) -> None:
    assert PROXIES.find(address, forwarded) == peer


def make(**limits: int) -> Strangers:
    return Strangers(StrangerLimits(**{"connections": 2, "all_connections": 3, **limits}))


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=40))
def test_there_are_never_more_connections_than_allowed_and_the_newest_is_among_them(
    events: list[tuple[str, bool]],
) -> None:
    strangers = make()
    open_ones: dict[int, Waiting] = {}
    for number, (peer, leaves) in enumerate(events):
        if leaves and open_ones:
            strangers.leave(open_ones.pop(min(open_ones)))
            continue
        open_ones[number] = strangers.enter(peer, partial(open_ones.__delitem__, number), 10.0 * number)
        assert number in open_ones
        of_peer = [waiting for waiting in open_ones.values() if waiting.peer == peer]
        assert len(of_peer) <= 2
        assert len(open_ones) == strangers.connections <= 3


def test_the_oldest_of_a_crowded_peer_goes_first() -> None:
    strangers, gone = make(), []
    for number in range(3):
        strangers.enter("a", lambda number=number: gone.append(number), 10.0 * number)  # type: ignore[misc]
    assert gone == [0]


def test_many_that_come_at_once_have_a_second_to_show_a_key() -> None:
    strangers, gone = make(), []
    for number in range(9):
        strangers.enter("a", partial(gone.append, number), 0.0)
    assert gone == [0]
    strangers.enter("a", partial(gone.append, 9), 1.0)
    assert (gone, strangers.connections) == ([0, 1, 2, 3, 4, 5, 6, 7], 2)


def test_leaving_twice_counts_once() -> None:
    strangers = make()
    first = strangers.enter("a", lambda: None, 0.0)
    strangers.enter("a", lambda: None, 0.0)
    strangers.leave(first)
    strangers.leave(first)
    strangers.leave(Waiting("b", lambda: None, 0.0))
    assert strangers.connections == 1


def test_refusals_of_one_peer_take_nothing_from_another() -> None:
    strangers = Strangers(StrangerLimits(1, 1, refusals_per_s=1, refusals_burst=2))
    assert [strangers.refuse("a", 0.0) for _ in range(3)] == [0.0, 0.0, 1.0]
    assert strangers.refuse("b", 0.0) == 0.0


def test_many_peers_together_may_send_no_more_than_the_process_bears() -> None:
    strangers = Strangers(StrangerLimits(1, 1, bytes_burst=10, all_bytes_burst=25, bytes_per_s=1, all_bytes_per_s=1))
    assert [strangers.take_bytes(peer, 10, 0.0) for peer in "abc"] == [True, True, False]
    assert not strangers.take_bytes("a", 10, 0.0)


def test_calls_wait_for_the_turn_of_their_peer_and_of_all() -> None:
    limits = StrangerLimits(
        1, 1, calls_per_s=10, calls_burst=1, all_calls_per_s=20, all_calls_burst=2, calls_wait_s=0.15
    )
    strangers = Strangers(limits)
    assert [strangers.take_call("a", 0.0) for _ in range(3)] == [0.0, pytest.approx(0.1), None]
    assert [strangers.take_call("b", 0.0), strangers.take_call("c", 0.0)] == [
        pytest.approx(0.05),
        pytest.approx(0.1),
    ]  # those of "a" stand before them


def test_a_probe_has_its_peers_budget_alone_and_does_not_wait() -> None:
    strangers = Strangers(StrangerLimits(1, 1, calls_per_s=1, calls_burst=2, all_calls_per_s=1, all_calls_burst=0))
    assert [strangers.take_call("a", 0.0, is_probe=True) for _ in range(3)] == [0.0, 0.0, None]


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.floats(0, 0.05)), max_size=1500))
def test_strangers_are_never_served_more_than_their_share(calls: list[tuple[str, float]]) -> None:
    """At any time no more than rate and burst allow, and those that waited for their peer's turn."""
    limits = StrangerLimits(1, 1)
    strangers = Strangers(limits)
    now, served, waiting = 0.0, [], 0
    for peer, gap in calls:
        now += gap
        delay = strangers.take_call(peer, now)
        if delay is not None:
            assert delay <= limits.calls_wait_s
            served.append(now + delay)
        waiting = max(waiting, sum(moment > now for moment in served))
    most = limits.all_calls_burst + limits.all_calls_per_s * limits.calls_wait_s
    assert waiting <= most
    for begin in served[::50]:
        assert sum(begin <= moment <= begin + 1 for moment in served) <= limits.all_calls_per_s + most


@given(st.lists(st.tuples(st.integers(0, 1 << 20), st.floats(0, 60)), max_size=30))
def test_a_body_is_waited_for_thirty_seconds_or_while_it_keeps_its_rate(pieces: list[tuple[int, float]]) -> None:
    pace = Pace()
    for received, waited_s in pieces:
        pace.note(received, waited_s)
    received, waited_s = sum(size for size, _ in pieces), sum(wait for _, wait in pieces)
    assert pace.remaining_s == pytest.approx(GRACE_S + received / MIN_BYTES_PER_S - waited_s)
