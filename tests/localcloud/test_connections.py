"""What the grader and `Cloud.ask` send over their own connections, and what they make of the replies."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import pytest

from localcloud.connections import Connections, _hung_up, whole_body


class Server:
    """Answers each request with the next of some texts, and keeps what was sent; "" hangs up."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.answers: list[bytes] = []
        self.requests: list[bytes] = []
        self.accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client may have had enough
            while self.answers and (request := connection.recv(1 << 16)):
                self.requests.append(request)
                answer = self.answers.pop(0)
                for number in range(len(answer)):  # in the smallest of pieces
                    connection.sendall(answer[number : number + 1])
                if not answer.endswith((b"!", b"\r\n\r\n")):
                    return

    def close(self) -> None:
        self._listener.close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.close()


@pytest.fixture
def connections(server: Server) -> Iterator[Connections]:
    connections = Connections(server.port)
    yield connections
    connections.close()


def test_replies_are_read_whole_and_the_connection_is_kept(server, connections):
    server.answers = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-a: 1\r\nx-b: 2\r\n\r\none!",
        b"HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n3\r\ntwo\r\n1\r\n!\r\n0\r\n\r\n",
    ]
    first = connections.request("GET", "/a?b=c", {"x-name": b"Ada"}, b"")
    second = connections.request("POST", "/", {"Content-Length": "99"}, b"five!")
    assert (first.status, first.body, second.status, second.body) == (200, b"one!", 404, b"two!")
    assert ("x-b", "2") in first.headers
    assert server.accepted == 1
    assert server.requests[0].startswith(b"GET /a?b=c HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"\r\nx-name: Ada\r\n" in server.requests[0]
    assert server.requests[1].count(b"ontent-length") == 1 and b": 5\r\n" in server.requests[1]


def test_the_answer_to_head_has_no_body_whatever_length_it_tells(server, connections):
    server.answers = [b"HTTP/1.1 200 OK\r\ncontent-length: 4096\r\n\r\n"]
    assert connections.request("HEAD", "/", {}, b"").body == b""


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", b"SSH-2.0-OpenSSH\r\n"]
)
def test_half_an_answer_is_none_and_the_next_request_goes_out_anew(server, connections, answer):
    server.answers = [answer, b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!"]
    with pytest.raises(OSError, match=r"closed before|no HTTP"):
        connections.request("GET", "/", {}, b"")
    assert connections.request("GET", "/", {}, b"").body == b"!"
    assert server.accepted == 2


def test_a_connection_that_the_server_has_closed_meanwhile_is_replaced(server, connections):
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n!"
    server.answers = [answer]  # after the last of them it hangs up
    connections.request("GET", "/", {}, b"")
    deadline = time.monotonic() + 10
    while not _hung_up(connections._idle[0]):
        assert time.monotonic() < deadline, "the server still holds the connection"
    server.answers = [answer]
    assert connections.request("GET", "/", {}, b"").body == b"!"
    assert server.accepted == 2


def test_nobody_there_is_an_os_error():
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        port = somebody.getsockname()[1]
    with pytest.raises(ConnectionRefusedError):
        Connections(port).request("GET", "/", {}, b"")


def test_bodies_of_every_kind_that_botocore_makes(tmp_path):
    (tmp_path / "coat").write_bytes(b"wool")
    with (tmp_path / "coat").open("rb") as file:
        bodies = [None, b"", b"bytes", bytearray(b"array"), "tëxt", file]
        assert [whole_body(body) for body in bodies] == [
            b"", b"", b"bytes", b"array", "tëxt".encode(), b"wool",
        ]  # fmt: skip
