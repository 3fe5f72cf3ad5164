"""No test reaches AWS, or any other machine."""

import socket

import pytest


@pytest.mark.parametrize(
    "family, host", [(socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")]
)
def test_a_connection_to_another_machine_is_refused(family, host):
    with (
        socket.socket(family) as connection,
        pytest.raises(RuntimeError, match="stay on this machine"),
    ):
        connection.connect((host, 443))


def test_a_connection_on_this_machine_is_not():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
