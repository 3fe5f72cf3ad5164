"""Getting hold of an engine: a private one, the shared one, LocalStack, or AWS."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlparse

from localcloud.aws import AwsAccount, AwsCloud
from localcloud.cloud import Account, Cloud
from localcloud.process import Engine, EngineError, launch, shared, wait_for_health

DEFAULT_PORT = 4566
ENGINES = ("embedded", "localstack", "aws")


def start(
    port: int = 0, *, skip_waits: bool = True, guarded: bool = False, iam: bool = False
) -> Cloud:
    """Start a private embedded engine on 127.0.0.1 that dies with this process.

    `port` 0 takes any free one. `skip_waits`: a long poll that finds nothing moves the clock instead
    of waiting. `guarded`: only callers made through an `Account` get an answer. `iam`: policies are
    enforced, on callers that have one and on the roles and users of an account.
    Raises EngineError when the port is taken or the engine does not come up.
    """
    return Cloud(launch(port, skip_waits=skip_waits, guarded=guarded, iam=iam))


def attach(engine: Engine) -> Cloud:
    """Return the cloud of an engine that is already running."""
    return Cloud(engine)


def connect(*, guarded: bool = False, iam: bool = False) -> Cloud | AwsCloud:
    """Return the cloud that the environment names.

    ``COURSE_ENGINE`` is ``embedded`` (the default), ``localstack`` or ``aws``; ``AWS_ENDPOINT_URL``
    says where it answers. Embedded without an address: a private engine is started, which enforces
    policies if `iam` says so.
    Raises EngineError with what to do when it cannot be reached.
    """
    name = os.environ.get("COURSE_ENGINE", "embedded")
    url = os.environ.get("AWS_ENDPOINT_URL", "").rstrip("/")
    if name not in ENGINES:
        raise EngineError(f"COURSE_ENGINE is “{name}”; it must be one of {', '.join(ENGINES)}.")
    if name == "aws":
        return AwsCloud()
    if name == "localstack":
        url = url or f"http://127.0.0.1:{DEFAULT_PORT}"
        if not wait_for_health(url):
            raise EngineError(
                f"LocalStack does not answer at {url}. Start it with `docker compose up -d`, or "
                "unset COURSE_ENGINE to use the embedded engine."
            )
        return Cloud(launch(upstream=url, guarded=guarded))
    if not url:
        return start(guarded=guarded, iam=iam)
    engine = shared()
    if engine is None or _port(url) != engine.port:
        raise EngineError(
            f"AWS_ENDPOINT_URL is {url}, but no engine started by `pizza up` answers there. "
            "Run `pizza up`, or unset AWS_ENDPOINT_URL to use a private engine."
        )
    return attach(engine)


def _port(url: str) -> int | None:
    try:
        return urlparse(url).port
    except ValueError:
        return None


# The open page's cloud, and the AWS_ENDPOINT_URL that there was before it was opened.
_PAGES: list[tuple[Any, str | None]] = []


def open_page() -> Account | AwsAccount:
    """Set up a notebook: connect, take a fresh account, and make it the default of every session.

    Afterwards both ``localstack_client.session`` and plain ``boto3`` reach this page's account,
    in this process. Opening a page again in the same process closes the page before.
    """
    while _PAGES:
        before, url = _PAGES.pop()
        before.close()
        os.environ.pop("AWS_ENDPOINT_URL", None)
        if url is not None:
            os.environ["AWS_ENDPOINT_URL"] = url
    given = os.environ.get("AWS_ENDPOINT_URL")
    cloud = connect()
    _PAGES.append((cloud, given))
    account = cloud.account()

    import boto3
    import localstack_client.session

    if isinstance(account, AwsAccount):
        localstack_client.session.DEFAULT_SESSION = boto3.Session()
        return account
    # A profile or a token of the reader's own must not come in between.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(account.environment)
    boto3.DEFAULT_SESSION = None
    localstack_client.session.DEFAULT_SESSION = localstack_client.session.Session(
        aws_access_key_id=account.id, aws_secret_access_key="test"
    )
    return account
