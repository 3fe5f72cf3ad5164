"""The engine behind `pizza lab`: the shared embedded one, LocalStack, or AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

import localcloud
from localcloud.process import launch, share, shared, stop_shared


@contextmanager
def environment_for_labs() -> Iterator[dict[str, str]]:
    """Yield a process's environment in which plain boto3 reaches the engine that COURSE_ENGINE names.

    An embedded engine is started if none is shared yet, and stopped afterwards if it was started
    here. Raises EngineError when the engine cannot be had.
    """
    name = os.environ.get("COURSE_ENGINE", "embedded")
    if name == "aws":
        yield dict(os.environ)
    elif name == "embedded":
        engine, ours = shared(), False
        if engine is None:
            engine, ours = launch(localcloud.DEFAULT_PORT, skip_waits=False, detached=True), True
            share(engine)
        try:
            yield {**os.environ, **localcloud.attach(engine).account().environment}
        finally:
            if ours:
                stop_shared()
    else:
        with localcloud.connect() as cloud:  # says what to do when it does not answer
            account = cloud.account()
        default = f"http://127.0.0.1:{localcloud.DEFAULT_PORT}"
        url = os.environ.get("AWS_ENDPOINT_URL", default)
        yield {**os.environ, **account.environment, "AWS_ENDPOINT_URL": url}
