"""Addresses that no request of ours may go to: where clouds answer their own machines with credentials.

Plain Python. A form asks before a URL is stored, and whoever connects has to ask again for each address that a name
leads to, because names can change.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

LINK_LOCAL = tuple(ip_network(text) for text in ("169.254.0.0/16", "fe80::/10"))
# Amazon, Google, Oracle and Alibaba answer there, too.
METADATA = tuple(ip_address(text) for text in ("fd00:ec2::254", "fd20:ce::254", "192.0.0.192", "100.100.100.200"))
METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})


def is_forbidden_host(host: str) -> bool:
    """Return whether a name or an address, in any notation that a system takes, is one of them. Asks no name server."""
    name = host.strip("[]").rstrip(".").lower()
    if name in METADATA_NAMES or name.startswith("instance-data."):
        return True
    try:
        return is_forbidden_address(name)
    except ValueError:
        pass
    try:  # 2852039166, 0xa9fea9fe and 169.254.43518 are the same to a system
        return is_forbidden_address(str(IPv4Address(socket.inet_aton(name))))
    except (OSError, UnicodeError):
        return False


def is_forbidden_address(text: str) -> bool:
    """Return whether an IP address is one of them. Raises ValueError for what is none."""
    address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour
        if carried is None and address in ip_network("64:ff9b::/96"):
            carried = IPv4Address(int(address) & 0xFFFF_FFFF)
        address = carried or address
    return address in METADATA or any(address in network for network in LINK_LOCAL)
