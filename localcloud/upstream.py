"""What answers the calls where the course does not: LocalStack, or another emulator, over HTTP."""

from __future__ import annotations

import asyncio

import httpx

from localcloud.layer import Receive, Send, read_body, reply


class Upstream:
    """Another engine, answering at `url`: LocalStack, or anything that speaks its protocol."""

    name = "localstack"
    enforces_iam = False

    # A few seconds can be waited for; what needs an hour is not run on an engine without a clock.
    longest_advance_s = 15.0

    def __init__(self, url: str):
        self._client = httpx.AsyncClient(base_url=url, timeout=90, trust_env=False)
        self._waited = 0.0

    def keep_replicas(self, account: str) -> None:
        """Raises ValueError: what this engine answers is the latest there is."""
        raise ValueError("this engine's reads are never stale; use the embedded engine for that.")

    async def __call__(self, scope: dict, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["raw_path"].decode() if scope.get("raw_path") else scope["path"]
        query = scope.get("query_string", b"").decode()
        request = self._client.build_request(
            scope["method"],
            path + ("?" + query if query else ""),
            headers=[(k, v) for k, v in scope["headers"] if k not in (b"transfer-encoding",)],
            content=await read_body(receive),
        )
        try:
            response = await self._client.send(request)
        except httpx.TransportError as error:
            detail = f"LocalStack did not answer: {error or type(error).__name__}"
            return await reply(send, 502, detail.encode())
        # httpx has decoded the body, so what described its encoding no longer holds.
        dropped = ("content-encoding", "transfer-encoding", "content-length", "connection")
        headers = [(k, v) for k, v in response.headers.raw if k.decode().lower() not in dropped]
        headers.append((b"content-length", b"%d" % len(response.content)))
        if scope["method"] == "HEAD":
            headers[-1] = (b"content-length", response.headers.get("content-length", "0").encode())
        await send(
            {"type": "http.response.start", "status": response.status_code, "headers": headers}
        )
        await send({"type": "http.response.body", "body": response.content})

    def passed(self) -> float:
        """Seconds that were let pass so far."""
        return self._waited

    def set(self, now: float) -> None:
        """Raises ValueError: its time is the real one."""
        raise ValueError("this engine has no clock to set; use the embedded engine for that.")

    async def advance(self, seconds: float) -> None:
        """Let real time pass; raises ValueError for more than `longest_advance_s`."""
        if seconds > self.longest_advance_s:
            raise ValueError(
                f"this engine has no clock to move: {seconds:g} s would have to be waited for. "
                "Use the embedded engine (COURSE_ENGINE=embedded) for what takes longer than "
                f"{self.longest_advance_s:g} s."
            )
        await asyncio.sleep(seconds)
        self._waited += seconds
