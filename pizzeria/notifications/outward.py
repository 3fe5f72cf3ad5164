"""Where a customer's URL may point: out, to a public server, and nowhere into our own network.

A server that calls any URL it is given can be used to reach what only it can reach: server-side request
forgery (https://cheatsheetseries.owasp.org/cheatsheets/Server_Side_Request_Forgery_Prevention_Cheat_Sheet.html).
The name is resolved once, all its addresses are looked at, and the call goes to one of exactly these:
looked up again, the name could point elsewhere by then.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection
from dataclasses import dataclass
from urllib.parse import urlsplit


class PointsInward(ValueError):
    """A URL that is not called, now or later."""


@dataclass(frozen=True)
class Target:
    """Where to connect, and what to ask for there."""

    scheme: str
    host: str
    port: int
    address: str
    path: str


def target(url: str, resolve: Callable[[str], list[str]], trusted: Collection[str] = ()) -> Target:
    """Return where a URL leads; raises PointsInward.

    `resolve`: host name → IP addresses. `trusted`: hosts (``name:port``) of our own that may be called.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise PointsInward("it is not a URL") from None
    port = port or (443 if parts.scheme == "https" else 80)
    if f"{host}:{port}" not in trusted:
        if parts.scheme != "https" or port != 443:
            raise PointsInward("only https on its own port is called")
        if parts.username is not None or parts.password is not None:
            raise PointsInward("a URL must not carry a password")
    addresses = resolve(host) if host else []
    if not addresses:
        raise PointsInward("it leads to no host")
    if f"{host}:{port}" not in trusted and not all(map(is_public, addresses)):
        raise PointsInward(f"{host} is not a public server")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port, addresses[0], path)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public Internet, and does not wrap one that is not."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        wrapped = (ip.ipv4_mapped, ip.sixtofour, ip.teredo)
        if any(wrapped) or ip in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return ip.is_global and not ip.is_multicast
