"""AWS itself, behind the same names as an engine, with what it has not said clearly."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

from localcloud.calls import Call
from localcloud.process import EngineError

_LONGEST_WAIT_S = 60.0


class AwsCloud:
    """The reader's own AWS account, as their AWS configuration names it. Nothing is started."""

    engine = "aws"
    endpoint_url = None

    def __init__(self) -> None:
        self.clock = AwsClock()

    def account(self) -> AwsAccount:
        return AwsAccount(self)

    def close(self) -> None:
        pass

    def __enter__(self) -> AwsCloud:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class AwsClock:
    """Real time."""

    def now(self) -> datetime:
        return datetime.now(timezone.utc)

    def advance(self, by: timedelta | float) -> datetime:
        """Wait for real; raises EngineError for more than a minute."""
        seconds = by.total_seconds() if isinstance(by, timedelta) else float(by)
        if seconds > _LONGEST_WAIT_S:
            raise EngineError(
                f"AWS has no clock to move: {seconds:g} s would have to be waited for. "
                "Use the embedded engine (COURSE_ENGINE=embedded) for this step."
            )
        time.sleep(seconds)
        return self.now()


class AwsAccount:
    """The one account there is."""

    def __init__(self, cloud: AwsCloud):
        self.cloud = cloud
        self.environment: dict[str, str] = {}

    @property
    def id(self) -> str:
        import boto3

        return str(boto3.client("sts").get_caller_identity()["Account"])

    def client(self, service: str, caller: str | None = None, **options: Any) -> Any:
        import boto3

        return boto3.client(service, **options)  # type: ignore[call-overload]

    @property
    def calls(self) -> list[Call]:
        """AWS keeps no log that a page could show at once: always empty."""
        return []
