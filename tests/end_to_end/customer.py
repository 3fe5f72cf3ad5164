"""A customer's own server: takes webhooks, checks their signature, and can be out of order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import localcloud


class Customer:
    """Listens on 127.0.0.1. `calls` has the events that were taken, `refused` the ids it turned away."""

    def __init__(self) -> None:
        customer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                self.send_response(customer.take(self.path, dict(self.headers), body))
                self.send_header("location", "http://127.0.0.1:1/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self.calls: list[dict[str, Any]] = []
        self.refused: list[str] = []
        self.answers: list[int] = []
        """The status codes of the next answers; 204 when there is none."""
        self._key = b""

    def agree_on_a_key(self, account: localcloud.Account) -> None:
        """Get from the restaurant in an account the key with which it signs calls to this host."""
        secrets = account.client("secretsmanager")
        secret = secrets.get_secret_value(SecretId="webhook-signing")["SecretString"]
        self._key = hmac.new(secret.encode(), b"127.0.0.1", hashlib.sha256).digest()

    def take(self, path: str, headers: dict[str, str], body: bytes) -> int:
        named = {name.lower(): value for name, value in headers.items()}
        id = named["webhook-id"]
        signed = f"{id}.{named['webhook-timestamp']}.".encode() + body
        digest = hmac.new(self._key, signed, hashlib.sha256).digest()
        expected = f"v1,{base64.b64encode(digest).decode()}"
        if not hmac.compare_digest(expected, named["webhook-signature"]):
            self.refused.append(f"{id}: forged")
            return 401
        code = self.answers.pop(0) if self.answers else 204
        if code >= 300:
            self.refused.append(id)
        else:
            self.calls.append({"path": path, "id": id, **json.loads(body)})
        return code

    def told_about(self, order_id: str) -> list[str]:
        """Return the statuses that were told of an order, in order."""
        return [c["data"]["status"] for c in self.calls if c["subject"] == order_id]

    def __enter__(self) -> Customer:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
