"""A client of the restaurant: it places an order over HTTP and asks how it stands."""

from __future__ import annotations

import difflib
import secrets
from typing import Any

import httpx

from operations import stacks
from operations.engines import Place, Problem
from pizzeria.menu import MENU

FINAL = ("DELIVERED", "FAILED")
_COLD_START_S = 60.0


class Client:
    """Somebody with the address of the API; raises Problem when it cannot be used."""

    def __init__(self, place: Place):
        api_id = stacks.outputs(place, "pizzeria-core").get("ApiId")
        if not api_id:
            raise Problem("The restaurant is not deployed here. Deploy it with: pizza deploy")
        self.url = place.api_url(api_id)
        # An emulator is on this machine: no proxy is to be asked for it.
        local = place.endpoint_url is not None
        self._http = httpx.Client(timeout=_COLD_START_S, trust_env=not local)

    def place(self, order: dict[str, Any]) -> str:
        """Place an order; return the path at which its status is told."""
        reply = self._ask("POST", "/orders", order)
        if reply.status_code == 202:
            return str(reply.json()["status_url"])
        if reply.status_code == 404:
            raise Problem("Nobody takes orders here. Deploy the module with: pizza deploy orders")
        said = _error(reply)
        if said.startswith("pizza:"):
            close = difflib.get_close_matches(order["pizza"], MENU, n=1, cutoff=0.5)
            said += f"; did you mean “{close[0]}”?" if close else f": {', '.join(MENU)}."
        raise Problem(f"The order was not taken ({reply.status_code}): {said}")

    def status(self, order_id: str) -> dict[str, Any] | None:
        """Return an order's status and, where there is one, its reason; None while it is not known."""
        reply = self._ask("GET", f"/orders/{order_id}/status")
        if reply.status_code == 200:
            return dict(reply.json())
        if reply.status_code == 404:
            return None
        raise Problem(f"The status cannot be had ({reply.status_code}): {_error(reply)}")

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            return self._http.request(method, self.url + path, json=body)
        except httpx.HTTPError as error:
            raise Problem(f"The restaurant does not answer at {self.url}: {error}") from None


def new_number() -> str:
    """Return a number for an order: the client gives it, so that one sent twice is the same order."""
    return secrets.token_hex(4)


def _error(reply: httpx.Response) -> str:
    try:
        body = reply.json()
        return str(body.get("error") or body.get("message") or body)
    except ValueError:
        return reply.text[:200] or "no reason given"
