"""The way out to a customer's server."""

from __future__ import annotations

import socket

import urllib3

from pizzeria.notifications.outward import Target

_TIMEOUT = urllib3.Timeout(connect=3, read=5)


class NotTaken(Exception):
    """The customer's server did not take the call; it may later."""


def resolve(host: str) -> list[str]:
    """Return a host's IP addresses; raises OSError."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]


def post(target: Target, body: str, headers: dict[str, str]) -> None:
    """Post to exactly this address, following no redirect; raises NotTaken."""
    if target.scheme == "https":
        # Connected by address, but the certificate must be the host's.
        pool: urllib3.HTTPConnectionPool = urllib3.HTTPSConnectionPool(
            target.address,
            target.port,
            server_hostname=target.host,
            assert_hostname=target.host,
            timeout=_TIMEOUT,
        )
    else:
        pool = urllib3.HTTPConnectionPool(target.address, target.port, timeout=_TIMEOUT)
    default_port = {"https": 443, "http": 80}[target.scheme]
    host = target.host if target.port == default_port else f"{target.host}:{target.port}"
    with pool:
        try:
            reply = pool.urlopen(
                "POST",
                target.path,
                body=body.encode(),
                headers={**headers, "host": host},
                redirect=False,
                retries=False,
                preload_content=False,  # the answer's length is theirs to choose, not ours to hold
            )
        except urllib3.exceptions.HTTPError as error:
            raise NotTaken(f"{target.host}: {type(error).__name__}") from None
    if not 200 <= reply.status < 300:
        raise NotTaken(f"{target.host} answered {reply.status}")
