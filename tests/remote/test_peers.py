"""Whom a connection may lead to is judged by the address it really reached."""

import socket

import pytest

from adminui.dialects.errors import NotSent, RemoteError
from adminui.remote.client import PRIVATE, BlockedPeer
from adminui.remote.client.peers import Peers
from tests.remote.tiny import READ, WRITE

PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"]
INTERNAL = [
    "127.0.0.1",
    "::1",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "fd12::1",
    "::ffff:10.0.0.1",
    "64:ff9b::a01:203",
]
NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "0.0.0.0",
    "::",
    "224.0.0.1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_allowed(address):
    Peers(None).check(address)


@pytest.mark.parametrize("address", INTERNAL)
def test_internal_addresses_are_allowed_only_when_their_network_is_named(address):
    Peers(PRIVATE).check(address)
    for networks in (None, (), ("10.99.0.0/16",)):
        with pytest.raises(BlockedPeer):
            Peers(networks).check(address)


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_metadata_addresses_are_never_allowed(address):
    with pytest.raises(BlockedPeer):
        Peers(("0.0.0.0/0", "::/0")).check(address)


def test_a_blocked_connection_carries_no_byte(server, connect):
    with pytest.raises(NotSent, match=r"127\.0\.0\.1 is not allowed"):
        connect(allow_networks=None).send(WRITE)
    with pytest.raises(RemoteError, match=r"127\.0\.0\.1 is not allowed"):
        connect(allow_networks=("10.0.0.0/8",)).send(READ)
    assert server.requests == []


def test_a_name_that_turns_into_the_metadata_service_is_refused_whatever_is_allowed(server, connect, monkeypatch):
    """As after DNS rebinding: the connection is there, and only its peer's address tells."""
    monkeypatch.setattr(socket.socket, "getpeername", lambda sock: ("169.254.169.254", 80))
    client = connect(allow_networks=("0.0.0.0/0",))
    with pytest.raises(NotSent, match=r"169\.254\.169\.254 is not allowed"):
        client.send(WRITE)
    assert server.requests == []
