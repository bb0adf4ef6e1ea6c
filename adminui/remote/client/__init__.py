"""The client of one connection. The only place that knows requests and urllib3."""

from adminui.remote.client.exchange import Exchange, Observer
from adminui.remote.client.peers import PRIVATE, BlockedPeer
from adminui.remote.client.session import Client

__all__ = ["PRIVATE", "BlockedPeer", "Client", "Exchange", "Observer"]
