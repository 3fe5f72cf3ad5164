"""Sandboxes around small submissions, and a local HTTP server in the place of AWS."""

from __future__ import annotations

import textwrap
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from autograder.sandbox import Sandbox

AWS = {
    "AWS_ACCESS_KEY_ID": "111111111111",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
}


# For submissions: what became of an attempt, `done` or the name of the error it met.
TOLD = """
import errno
import os


def told(action):
    try:
        action()
    except OSError as error:
        return errno.errorcode.get(error.errno, str(error))
    return "done"


def read(path):
    return told(lambda: os.listdir(path) if os.path.isdir(path) else open(path, "rb").read(1))
"""


class Endpoint(ThreadingHTTPServer):
    """Answers every request with `status`, says that it is `time` if that is set, and counts them."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status = 200
        self.time = None
        self.count = 0
        self.port = self.server_address[1]
        self.environ = {**AWS, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}"}


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # head and body in one packet, or the second waits for the first's receipt

    def do_POST(self):
        self.server.count += 1
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "2")
        if self.server.time:
            self.send_header("x-emulated-time", self.server.time)
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


def serve(server):
    """Run a server in a thread; yields it and shuts it down."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def endpoint():
    yield from serve(Endpoint())


@pytest.fixture(scope="session")
def other_server():
    """A second server of this machine, which a submission has no business with."""
    yield from serve(Endpoint())


@pytest.fixture(scope="module")
def sandbox_of(endpoint):
    """Make a running sandbox around a source text; all are closed when the test module is done."""
    sandboxes = []

    def make(source, name="kitchen", **options):
        code = source if isinstance(source, bytes) else textwrap.dedent(source).encode()
        sandbox = Sandbox(code, module_name=name, endpoint_port=endpoint.port, **options)
        sandboxes.append(sandbox)
        return sandbox.__enter__()

    yield make
    for sandbox in sandboxes:
        sandbox.close()
