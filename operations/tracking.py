"""A page that follows one order: it polls, and it stays on the line by WebSocket.

It is served on 127.0.0.1 alone. The browser asks this server for the status, and this server asks the
API; the WebSocket goes from the browser to the restaurant directly.
"""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

from operations import stacks
from operations.engines import Place, Problem
from operations.ordering import Client

_PAGE = Path(__file__).with_name("tracking.html")


class Page:
    """A server for one order's page. Use as a context manager."""

    def __init__(self, place: Place, order_id: str, port: int = 0):
        self._client = Client(place)
        self._order_id = order_id
        sockets = stacks.outputs(place, "pizzeria-websocket").get("SocketsApiId")
        line = f"{place.sockets_url(sockets)}?order_id={quote(order_id)}" if sockets else ""
        # "<" would end the script that it is written into.
        settings = json.dumps({"order": order_id, "line": line}).replace("<", "\\u003c")
        self._html = _PAGE.read_text(encoding="utf-8").replace("SETTINGS", settings).encode()
        page = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                code, kind, body = page.answer(self.path)
                self.send_response(code)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(body)))
                self.send_header("cache-control", "no-store")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        except OSError:
            raise Problem(f"Port {port} is taken; choose another, or 0 for any.") from None
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Return status code, content type and body for a path."""
        if path == "/":
            return 200, "text/html; charset=utf-8", self._html
        if path != "/status":
            return 404, "text/plain", b"not here"
        try:
            known = self._client.status(self._order_id)
        except Problem as problem:
            return 502, "application/json", json.dumps({"error": str(problem)}).encode()
        if known is None:
            return 404, "application/json", b"{}"
        return 200, "application/json", json.dumps(known).encode()

    def serve(self) -> None:
        """Serve until `close` or KeyboardInterrupt."""
        self._server.serve_forever(poll_interval=0.1)

    def __enter__(self) -> Page:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.server_close()

    def close(self) -> None:
        """Let `serve` return."""
        self._server.shutdown()
