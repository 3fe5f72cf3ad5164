"""Where the restaurant is: on the shared embedded engine, on LocalStack, or on AWS."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

import localcloud
from localcloud.process import shared, wait_for_health

_ENGINES = ("embedded", "localstack", "aws")
_REGION = "us-east-1"
# A bucket's name in front of 127.0.0.1 would lead nowhere; the engine logs callers by the other.
_LOCAL: dict[str, Any] = {"s3": {"addressing_style": "path"}, "user_agent_appid": "operations"}
# `pizza up` takes the first account of its engine, and tells the reader's shell of it.
FIRST_ACCOUNT = "100000000001"


class Problem(localcloud.EngineError):
    """Something the user can do something about; the text says what."""


@dataclass(frozen=True)
class Place:
    """An account on an engine."""

    engine: str
    account: str
    endpoint_url: str | None = None
    region: str = _REGION

    def client(self, service: str) -> Any:
        """Return a boto3 client, the same one each time."""
        return _client(self, service)

    @property
    def gateway(self) -> str:
        """Where an emulator answers for APIs; empty on AWS, where each has a name of its own."""
        return f"{self.endpoint_url}/_aws/execute-api" if self.endpoint_url else ""

    def api_url(self, api_id: str) -> str:
        """Return the address of an HTTP API, without a slash at its end."""
        if self.gateway:
            return f"{self.gateway}/{api_id}"
        return f"https://{api_id}.execute-api.{self.region}.amazonaws.com"

    def sockets_url(self, api_id: str) -> str:
        """Return the address of a WebSocket API's stage ``live``."""
        return self.api_url(api_id).replace("http", "ws", 1) + "/live"


@cache
def _client(place: Place, service: str) -> Any:
    if place.endpoint_url is None:
        return boto3.client(service, region_name=place.region)  # type: ignore[call-overload]
    return boto3.client(  # type: ignore[call-overload]
        service,
        endpoint_url=place.endpoint_url,
        region_name=place.region,
        aws_access_key_id=place.account,
        aws_secret_access_key="test",
        aws_session_token=None,
        config=Config(**_LOCAL),
    )


def place() -> Place:
    """Return the place that COURSE_ENGINE and AWS_ENDPOINT_URL name; raises Problem, EngineError.

    On an emulator the account is AWS_ACCESS_KEY_ID where that is one (12 digits).
    """
    engine = os.environ.get("COURSE_ENGINE", "embedded")
    if engine not in _ENGINES:
        raise Problem(f"COURSE_ENGINE is “{engine}”; it must be one of {', '.join(_ENGINES)}.")
    if engine == "aws":
        return _aws()
    key = os.environ.get("AWS_ACCESS_KEY_ID", "")
    account = key if re.fullmatch(r"\d{12}", key) else ""
    if engine == "localstack":
        url = os.environ.get("AWS_ENDPOINT_URL", f"http://127.0.0.1:{localcloud.DEFAULT_PORT}")
        if not wait_for_health(url):
            raise Problem(
                f"LocalStack does not answer at {url}. Start it with `docker compose up -d`, or "
                "unset COURSE_ENGINE to use the embedded engine."
            )
        return Place("localstack", account or "000000000000", url.rstrip("/"))
    running = shared()
    if running is None:
        raise Problem("No engine is up. Start one with: pizza up")
    return Place("embedded", account or FIRST_ACCOUNT, f"http://127.0.0.1:{running.port}")


def _aws() -> Place:
    if url := os.environ.get("AWS_ENDPOINT_URL"):
        raise Problem(f"COURSE_ENGINE is aws, but AWS_ENDPOINT_URL is {url}: unset one of the two.")
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.Session()
    if not session.region_name:
        raise Problem("Which AWS region? Set AWS_REGION, for example to eu-central-1.")
    try:
        account = session.client("sts").get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        raise Problem(f"AWS does not know you: {error} Set your credentials up first.") from None
    return Place("aws", account, region=session.region_name)


def traffic(place: Place) -> localcloud.Account | None:
    """Return the account with its log of calls, where the engine keeps one."""
    running = shared()
    if place.engine != "embedded" or running is None:
        return None
    return localcloud.Account(localcloud.attach(running), place.account)
