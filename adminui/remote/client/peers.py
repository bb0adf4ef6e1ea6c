"""Which addresses a connection may lead to, judged by the address really connected to: names can change their mind."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

PRIVATE: Final = ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
_NAT64: Final = ip_network("64:ff9b::/96")
# Where clouds hand out credentials to whoever asks: link-local is refused as a whole, these lie elsewhere.
_METADATA: Final = frozenset(map(ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16")))


class BlockedPeer(OSError):
    """The address is not one this connection may lead to."""


class Peers:
    """Public addresses, and those private networks that are named; never link-local, multicast or metadata ones."""

    def __init__(self, networks: Iterable[str] | None) -> None:
        self._networks = tuple(ip_network(network) for network in networks or ())

    def check(self, peer: str) -> None:
        """Raises BlockedPeer."""
        address = _innermost(ip_address(peer.partition("%")[0]))
        if _never(address) or not (address.is_global or any(address in network for network in self._networks)):
            raise BlockedPeer(f"its address {address} is not allowed for this connection")


def _never(address: IPv4Address | IPv6Address) -> bool:
    return address.is_link_local or address.is_multicast or address.is_unspecified or address in _METADATA


def _innermost(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 one stands for, if any."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
