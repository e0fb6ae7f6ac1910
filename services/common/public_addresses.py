"""Which network addresses may be connected to where somebody else names the host: public ones only."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

IPAddress = IPv4Address | IPv6Address

# Beyond what the standard library calls not global.
_REFUSED_V4 = (
    ip_network("168.63.129.16/32"),  # a cloud's host services, on a public address
    ip_network("192.0.0.0/24"),  # protocol assignments
    ip_network("192.88.99.0/24"),  # 6to4 relays
)
# Prefixes that carry an IPv4 address inside, which would be reached instead; nothing that we want lives there.
_REFUSED_V6 = (
    IPv6Network("::/96"),  # IPv4-compatible
    IPv6Network("64:ff9b::/96"),  # NAT64
    IPv6Network("64:ff9b:1::/48"),  # NAT64, local use
    IPv6Network("2001::/23"),  # protocol assignments, Teredo among them
    IPv6Network("2002::/16"),  # 6to4
    IPv6Network("fec0::/10"),  # site-local
)


def is_public(address: IPAddress) -> bool:
    """Whether an address is public: not private, loopback, link-local, shared (100.64/10), multicast, reserved, nor a
    wrapping of an IPv4 address (a mapped one is judged by what it wraps)."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address.scope_id is not None or any(address in network for network in _REFUSED_V6):
            return False
    elif any(address in network for network in _REFUSED_V4):
        return False
    return address.is_global and not (
        address.is_private
        or address.is_loopback
        or address.is_link_local
        or address.is_multicast
        or address.is_reserved
        or address.is_unspecified
    )
