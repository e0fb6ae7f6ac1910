"""A webhook: whose it is, where it goes, and what it gets."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from urllib.parse import urlsplit

from services.common.identity import ALL_USERS, Principal
from services.common.public_addresses import is_public

ENABLED, DISABLED = "enabled", "disabled"
STATES = (ENABLED, DISABLED)
SERVICES = ("portfolio", "converter")
"""Whose news there are; a key's scope of the same name opens them."""
MAX_WEBHOOKS = 20
# The one port that leaves a cluster (deploy/components/network-policies).
PORT = 443
# What may stand in an address: nothing that ends a header or means something to one reader and nothing to another.
_URL = re.compile(r"[!-~]+")
_NUMBER = re.compile(r"[0-9]*|0x[0-9a-f]*")
_HOST = re.compile(r"[a-z0-9_.-]+|\[[0-9a-f:.]+\]")


@dataclass(frozen=True, slots=True)
class Webhook:
    """An address that is told how tasks and conversions end. Its secrets are kept beside it, sealed.

    ``users`` and ``services`` are those whose news it gets. ``request`` tells a repeated registration from another.
    """

    tenant: str
    webhook_id: str
    url: str
    description: str
    users: frozenset[str]
    services: frozenset[str]
    created_at: datetime
    state: str = ENABLED
    state_reason: str = ""
    old_secret_until: datetime | None = None
    request: str = ""

    def takes(self, service: str, user_id: str) -> bool:
        """Whether news of a user's task or job are this webhook's."""
        return service in self.services and (ALL_USERS in self.users or user_id in self.users)

    def is_open_to(self, principal: Principal) -> bool:
        """Whether a key may see and change it: one that may see all that it is told."""
        may_act = principal.acts_for_all_users or (ALL_USERS not in self.users and self.users <= principal.users)
        return self.tenant == principal.tenant and may_act and self.services <= principal.scopes


@dataclass(frozen=True, slots=True)
class Target:
    """Where a delivery goes to. ``is_trusted`` is said by the operator: no address of it is refused, nor plain http."""

    url: str
    host: str
    port: int
    is_trusted: bool = False


def find_url_fault(url: str, trusted: Collection[str]) -> str:
    """Why an address can be no webhook's; empty where it can."""
    found = read_target(url, trusted)
    return found if isinstance(found, str) else ""


def read_target(url: str, trusted: Collection[str]) -> Target | str:
    """Reads an address; words where it can be no webhook's. ``trusted`` are the operator's own: ``host:port``."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "is no address"
    if not _URL.fullmatch(url) or not _HOST.fullmatch(f"[{host}]" if ":" in host else host) or "\\" in url:
        return "is no address"
    if parts.username is not None or parts.password is not None:
        return "names a user: a webhook is recognised by its signature"
    if parts.fragment or url.endswith("#"):
        return "has a fragment"
    scheme = parts.scheme.lower()
    port = port or (80 if scheme == "http" else PORT)
    if f"{host}:{port}" in trusted and scheme in {"http", "https"}:
        return Target(url, host, port, is_trusted=True)
    if scheme != "https":
        return "is not https"
    if port != PORT:
        return f"has another port than {PORT}"
    try:
        address = ip_address(host)
    except ValueError:
        # 2130706433, 127.1 and 0x7f.1 are 127.0.0.1 to those who connect.
        return "is no address" if _NUMBER.fullmatch(host.rstrip(".").rpartition(".")[2]) else Target(url, host, port)
    return Target(url, host, port) if is_public(address) else "has an address that is not public"
