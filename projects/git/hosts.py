"""Which hosts a repository may be fetched from, and their addresses, looked up once so that they cannot change later.

Plain Python. Public addresses always; private networks only where they are listed; link-local addresses (where clouds
answer with credentials), multicast and reserved ones never. A name must lead to allowed addresses only.
"""

import socket
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from projects.errors import SourceRefused
from projects.git.location import FIELD, GitLocation

Network = IPv4Network | IPv6Network
# What one person on his own machine reaches anyway.
PRIVATE_NETWORKS: tuple[Network, ...] = tuple(
    ip_network(text)
    for text in ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
)
# Protocol assignments, and forms that carry another address inside them.
_NEVER = tuple(
    ip_network(text) for text in ("192.0.0.0/24", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)
MOST_ADDRESSES = 4


def addresses_of(location: GitLocation, allowed: Sequence[Network]) -> list[str]:
    """Return at most four addresses of the host. Raises SourceRefused on "location"."""
    try:
        found = socket.getaddrinfo(location.host, location.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        text = f"The host {location.host} has no address."
        raise SourceRefused(FIELD, text, "Check the spelling, and that the server reaches your name server.") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for address in addresses:
        if not is_allowed(address, allowed):
            text = f"The host {location.host} is on a network that repositories are not fetched from."
            raise SourceRefused(FIELD, text, "Use a public address, or ask an administrator to allow its network.")
    return addresses[:MOST_ADDRESSES]


def is_allowed(text: str, allowed: Sequence[Network]) -> bool:
    """True when a repository may be fetched from an address."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    if address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    if any(address in network for network in _NEVER):
        return False
    return address.is_global or any(address in network for network in allowed)
