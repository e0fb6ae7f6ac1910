"""Nothing but one endpoint: what a process may reach, decided by an audit hook that it cannot take out again.

No code from outside runs in the process, so the hook guards against what libraries do of themselves (telemetry, looking
for updates, redirects that an endpoint answers with), not against an attacker in it.
"""

import socket
import sys
from typing import Any
from urllib.parse import urlsplit

_STARTS = ("subprocess.", "os.exec", "os.fork", "os.posix_spawn", "os.spawn", "os.system", "pty.")
_SENDS = frozenset({"socket.sendto", "socket.sendmsg", "socket.bind"})
_LOOK_UPS = frozenset({"socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo"})


class EgressRefused(PermissionError):
    """The process tried to reach something else than its endpoint, or to start another process."""


def allow_only(base_url: str) -> None:
    """From now on this process connects to the endpoint of ``base_url`` only, by the addresses that it has now.

    Raises OSError where its name cannot be resolved, ValueError for an address that is not http(s).
    """
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("the endpoint's address is not http(s)")
    host, port = parts.hostname, parts.port or (443 if parts.scheme == "https" else 80)
    resolved = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = {entry[4][0] for entry in resolved}

    def look_up(name: Any, *_args: Any, **_options: Any) -> Any:
        asked = name.decode() if isinstance(name, bytes) else name
        if asked != host and asked not in addresses:
            raise EgressRefused("only the model's endpoint may be looked up")
        return resolved

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect":
            address = arguments[1]
            if not isinstance(address, tuple) or address[0] not in addresses or address[1] != port:
                raise EgressRefused("only the model's endpoint may be connected to")
        elif event in _SENDS or event in _LOOK_UPS or event.startswith(_STARTS):
            raise EgressRefused(f"{event} is not for this process")

    # The addresses stay as they were found, so that a name that changes its mind leads nowhere new.
    socket.getaddrinfo = look_up  # type: ignore[assignment]
    sys.addaudithook(watch)
