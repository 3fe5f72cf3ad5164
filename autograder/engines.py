"""The engines that labs are worked on, and graded on: embedded ones, LocalStack, or AWS."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager

import localcloud
from autograder.labs import BadInput, Lab
from autograder.sandbox import Zygote
from localcloud.process import launch, share, shared, stop_shared

# Lanes share the interpreter, which each needs for a third of its time.
_MOST_LANES = 3
_LANES_OF_REAL_TIME = 4


def open_engine(lab: Lab) -> localcloud.Cloud:
    """Return an engine for grading alone, guarded; raises BadInput on AWS, EngineError if none comes up."""
    name = os.environ.get("COURSE_ENGINE", "embedded")
    if name == "aws":
        raise BadInput(
            "Labs are not graded on AWS: unset COURSE_ENGINE to use the embedded engine."
        )
    if name == "embedded":
        return localcloud.start(guarded=True, iam=lab.iam)
    cloud = localcloud.connect(guarded=True)
    assert isinstance(cloud, localcloud.Cloud)
    return cloud


class Engines:
    """One engine for each lane of a grading, since a lane moves its engine's clock; a context manager.

    They are started when they are made, all at the same time; the notebook's when it is asked for.
    With them comes a zygote for each lane of the first grading.
    """

    def __init__(self, lab: Lab, lanes: int | None = None):
        self._lab = lab
        self._notebook: localcloud.Cloud | None = None
        if lanes is None:
            lanes = _LANES_OF_REAL_TIME if os.environ.get("COURSE_ENGINE") == "localstack" else 0
        self.zygotes: list[Zygote] = []
        self.clouds: list[localcloud.Cloud] = []
        try:
            with ThreadPoolExecutor() as pool:
                count = lanes or min(_MOST_LANES, os.cpu_count() or 1)
                starting = [pool.submit(open_engine, lab) for _ in range(count)]
            errors = [each.exception() for each in starting]
            self.clouds += [each.result() for each in starting if each.exception() is None]
            for error in errors:
                if error is not None:
                    raise error
            for _ in self.clouds:
                self.zygotes.append(Zygote())
        except BaseException:
            self.close()
            raise

    def of_notebook(self) -> localcloud.Cloud:
        """The engine that the notebook runs on, beside the lanes."""
        if self._notebook is None:
            self._notebook = open_engine(self._lab)
        return self._notebook

    def close(self) -> None:
        with ExitStack() as closing:  # all of them, whatever happens to one
            for each in [*self.zygotes, *self.clouds, self._notebook]:
                if each is not None:
                    closing.callback(each.close)

    def __enter__(self) -> Engines:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


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
