"""A local end for traces: takes OTLP over HTTP on 127.0.0.1 and keeps the spans.

``pizza up`` runs one beside the engine. It writes the spans into a file for ``pizza trace``, and ends
with the engine.
"""

from __future__ import annotations

import contextlib
import gzip
import json
import os
import subprocess
import sys
import threading
import zlib
from collections import deque
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import IO

import psutil

from localcloud.process import EngineError, state_file
from operations.traces import Span, from_json, read, to_json

MOST = 20_000
"""So many spans are kept; then the oldest go."""
_LARGEST = 32_000_000  # bytes of one request: the SDK sends 512 spans at a time
_PATH = "/v1/traces"
_PORT = 4318  # that of OTLP over HTTP; where it is taken, any other will do


class Receiver:
    """Takes spans as long as it is open; a context manager. With a ``file``, they are kept there too.

    Raises OSError when a ``port`` is asked for and taken.
    """

    def __init__(self, file: Path | None = None, port: int = 0) -> None:
        self.spans: deque[Span] = deque(maxlen=MOST)
        self._file = file
        self._lines = 0
        self._lock = threading.Lock()
        if file:
            _open(file, "w").close()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                code, said = receiver._answer(self)
                self.send_response(code)
                self.send_header(
                    "content-type", "application/x-protobuf" if code == 200 else "text/plain"
                )
                self.send_header("content-length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_port
        self.url = f"http://127.0.0.1:{self.port}"
        """What ``OTEL_EXPORTER_OTLP_ENDPOINT`` has to be."""

    def take(self, body: bytes) -> None:
        """Keep the spans of a request; raises ValueError if it is not one."""
        spans = read(body)
        with self._lock:
            self.spans.extend(spans)
            if self._file:
                self._write(self._file, spans)

    def _write(self, file: Path, spans: list[Span]) -> None:
        self._lines += len(spans)
        whole = self._lines > 2 * MOST
        if whole:
            spans, self._lines = list(self.spans), len(self.spans)
        with _open(file, "w" if whole else "a") as kept:
            kept.write("".join(to_json(span) + "\n" for span in spans))

    def _answer(self, request: BaseHTTPRequestHandler) -> tuple[int, bytes]:
        length = request.headers.get("content-length", "")
        if not length.isdigit() or int(length) > _LARGEST:
            return 413, b"Say how long the request is; up to 32 MB are taken."
        body = request.rfile.read(int(length))
        if request.path != _PATH:
            return 404, b"Only traces are taken here: POST /v1/traces"
        if request.headers.get_content_type() != "application/x-protobuf":
            return 415, b"Send protobuf: OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf"
        try:
            if request.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            self.take(body)
        except (ValueError, OSError, EOFError, zlib.error) as error:
            return 400, str(error).encode()
        return 200, b""  # an ExportTraceServiceResponse in which nothing was refused

    def serve_beside(self, process: psutil.Process) -> None:
        """Serve until a process has ended."""
        self._server.timeout = 1
        with contextlib.suppress(psutil.NoSuchProcess):
            while process.is_running() and process.status() != psutil.STATUS_ZOMBIE:
                self._server.handle_request()

    def __enter__(self) -> Receiver:
        # The argument is how soon it sees that it is to end.
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


# --- the one of `pizza up` ---


def launch(engine_pid: int) -> str:
    """Start a receiver that lives as long as the engine; return its URL. Raises EngineError."""
    process = subprocess.Popen(
        [sys.executable, "-m", "operations.receiver", str(engine_pid), str(_kept())],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[1],
        start_new_session=True,  # Ctrl-C in the terminal is not for it
    )
    assert process.stdout
    line = process.stdout.readline()
    process.stdout.close()
    if not line.strip().isdigit():
        raise EngineError("The receiver of traces did not come up; `pizza doctor` may say why.")
    with _open(_written_down(), "w") as file:
        json.dump({"pid": process.pid, "port": int(line)}, file)
    return f"http://127.0.0.1:{int(line)}"


def endpoint() -> str | None:
    """Return the URL of the receiver beside the shared engine, for ``OTEL_EXPORTER_OTLP_ENDPOINT``."""
    found = _running()
    return f"http://127.0.0.1:{found[1]}" if found else None


def stop() -> None:
    """Stop the receiver that `launch` started, if it still runs; what it kept stays."""
    if found := _running():
        with contextlib.suppress(psutil.NoSuchProcess):
            found[0].terminate()
            found[0].wait(3)
    _written_down().unlink(missing_ok=True)


def kept() -> Iterator[Span]:
    """Yield the spans that the last receiver beside a shared engine wrote down."""
    with contextlib.suppress(FileNotFoundError), _kept().open(encoding="utf-8") as lines:
        for line in lines:
            if line.endswith("\n"):  # otherwise it is being written just now
                yield from_json(line)


def _written_down() -> Path:
    return state_file().with_name("receiver.json")


def _kept() -> Path:
    return state_file().with_name("traces.jsonl")


def _running() -> tuple[psutil.Process, int] | None:
    try:
        record = json.loads(_written_down().read_text())
        process = psutil.Process(record["pid"])
        if "operations.receiver" in process.cmdline():
            return process, record["port"]
    except (OSError, ValueError, KeyError, psutil.Error):
        pass
    return None


def _open(file: Path, mode: str) -> IO[str]:
    """Open a file that is for its owner's eyes only."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    flags = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if mode == "w" else os.O_APPEND)
    return os.fdopen(os.open(file, flags, 0o600), mode, encoding="utf-8")


if __name__ == "__main__":
    engine, file = psutil.Process(int(sys.argv[1])), Path(sys.argv[2])
    try:
        beside = Receiver(file, _PORT)
    except OSError:
        beside = Receiver(file)
    print(beside.port, flush=True)
    beside.serve_beside(engine)
