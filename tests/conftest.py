"""What holds for every test: nothing leaves this machine, and the quick ones come first."""

import ipaddress
import signal
import socket
import sys

import pytest


def _refuse_to_leave(event: str, args: tuple) -> None:
    if event != "socket.connect":
        return
    connection, address = args
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return
    if connection.type != socket.SOCK_STREAM:
        return
    host = address[0]
    try:
        local = ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = host == "localhost"
    if not local:
        raise RuntimeError(f"A test tried to connect to {host}: tests stay on this machine.")


sys.addaudithook(_refuse_to_leave)

# A shell that starts the tests in the background has them ignore Ctrl-C, and so all that they start.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: item.get_closest_marker("slow") is not None)
