"""Clients with which the grader looks at a world, and plays AWS's own part in it."""

from __future__ import annotations

import functools
import threading
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import boto3
import botocore
import botocore.config
from botocore.awsrequest import AWSResponse

from localcloud import Caller, Cloud, EngineError
from localcloud.connections import Connections, as_botocore_has_it, whole_body

_MAKING = (
    threading.Lock()
)  # a session's clients may be used by several threads, but not made by them


@functools.cache
def _session() -> boto3.Session:
    """One for all: a session reads each service's model, which takes longer than making the client."""
    return boto3.Session(region_name="us-east-1")


class Role:
    """AWS clients that every world uses in turn: making one takes as long as ten calls with it.

    A call that is signed, and sent as botocore sends it, costs the grader more than twice the time of a
    plain one, and the engine looks at who calls, not at the signature.
    """

    def __init__(self, cloud: Cloud):
        self._endpoint_url = cloud.endpoint_url
        self._connections = Connections(cloud.port)
        self._config = botocore.config.Config(
            signature_version=botocore.UNSIGNED,
            user_agent="pizza",
            s3={"addressing_style": "path"},
            inject_host_prefix=False,
        )
        self._clients: dict[str, Any] = {}
        self._key = self._token = ""

    def become(self, caller: Caller) -> None:
        """Make all further calls as `caller`."""
        self._key = caller.environment["AWS_ACCESS_KEY_ID"]
        self._token = caller.token

    def client(self, service: str) -> Any:
        if service not in self._clients:
            with _MAKING:
                client = _session().client(  # type: ignore[call-overload]
                    service, endpoint_url=self._endpoint_url, config=self._config
                )
            scope = f"20260101/us-east-1/{client.meta.service_model.signing_name}/aws4_request"

            client.meta.events.register("before-send", partial(self._send, scope))
            self._clients[service] = client
        return self._clients[service]

    def close(self) -> None:
        """Close its connections."""
        self._connections.close()

    def _send(self, scope: str, request: Any, **_: Any) -> AWSResponse:
        headers = {
            **request.headers,
            "Authorization": (
                f"AWS4-HMAC-SHA256 Credential={self._key}/{scope}, SignedHeaders=, Signature="
            ),
            "X-Amz-Security-Token": self._token,
        }
        url = urlsplit(request.url)
        target = f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
        try:
            reply = self._connections.request(
                request.method, target, headers, whole_body(request.body)
            )
        except OSError as error:
            raise EngineError(f"the engine does not answer any more ({error}).") from error
        return as_botocore_has_it(request.url, reply.status, reply.headers, reply.body)
