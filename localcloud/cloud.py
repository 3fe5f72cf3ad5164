"""What a user of an engine holds: the cloud, its accounts, its clock, its callers and their faults."""

from __future__ import annotations

import json
import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta, timezone
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from localcloud.calls import Call
from localcloud.connections import Connections
from localcloud.process import Engine, EngineError

if TYPE_CHECKING:
    import boto3

REGION = "us-east-1"
_CREATING_CLIENTS = (
    threading.Lock()
)  # boto3 sessions are not safe to create clients from in parallel


@dataclass(frozen=True)
class Fault:
    """What the next calls of a caller meet. Make one with the functions below."""

    kind: Literal[
        "refuse", "refuse entries", "few", "delay", "cut", "stale", "lose reply", "kill", "hold"
    ]
    at: int | None = None
    """The caller's n-th call from now (1, 2, …), from there on if `times` is None; None: any."""
    operation: str | None = None
    """Only this operation, for example ``PutItem``; None: any."""
    times: int | None = 1
    """How many calls it meets; None: all."""
    when: Literal["before", "after"] = "before"
    """Before the call takes effect, or after it did and before the reply."""
    code: str | None = None
    reason: str | None = None
    """Why a transaction is cancelled."""
    seconds: float = 0.0
    entries: tuple[int, ...] | None = None
    """Which entries of a batch are not taken, counted from 1; None: all."""
    most: int = 10
    """How many messages a receive returns."""


def refuse(code: str = "throttled", **which: Any) -> Fault:
    """Refuse a call without doing it: ``throttled``, ``unavailable`` (500) or any AWS error code."""
    return Fault("refuse", code=code, **which)


def refuse_entries(*entries: int, **which: Any) -> Fault:
    """Of a PutEvents, SendMessageBatch, DeleteMessageBatch or BatchWriteItem, take all but these
    entries (1, 2, …; none named: take none)."""
    return Fault("refuse entries", entries=entries or None, **which)


def cancel(reason: str, **which: Any) -> Fault:
    """Cancel a DynamoDB transaction for a reason: ``ThrottlingError``, ``TransactionConflict`` …

    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
    """
    return Fault("refuse", code="TransactionCanceledException", reason=reason, **which)


def receive_few(most: int, **which: Any) -> Fault:
    """Answer a ReceiveMessage with so many messages at most, however many are asked for and there; 0: a
    short poll, which does not say how long to wait, with none.

    SQS does so with short polling, where it asks only some of its servers.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
    """
    return Fault("few", operation="ReceiveMessage", most=most, **which)


def delay(seconds: float, **which: Any) -> Fault:
    """Answer `seconds` (real) late."""
    return Fault("delay", seconds=seconds, **which)


def cut(**which: Any) -> Fault:
    """Cut the connection instead of doing the work."""
    return Fault("cut", **which)


def stale(**which: Any) -> Fault:
    """Answer an eventually consistent read of DynamoDB without each item's latest change, unless that
    is more than ten seconds old. The embedded engine does it; planning it on another raises EngineError."""
    return Fault("stale", **which)


def lose_reply(**which: Any) -> Fault:
    """Do the work, then cut the connection instead of answering."""
    return Fault("lose reply", **which)


def kill(when: Literal["before", "after"], **which: Any) -> Fault:
    """Kill the caller's process (`Caller.runs_as`; SIGKILL) before or after the call takes effect."""
    return Fault("kill", when=when, **which)


def hold(when: Literal["before", "after"] = "before", **which: Any) -> Fault:
    """Stop the call until `Caller.release`."""
    return Fault("hold", when=when, **which)


@dataclass(frozen=True)
class Failure:
    """What some invocations of a played function end in; see `Account.function`."""

    error: str
    """Lambda's `errorType`: an exception's name, or ``Sandbox.Timedout``."""
    message: str = ""
    when: Literal["before", "after"] = "before"
    """Before the function has done anything, or after it has done everything."""
    where: dict[str, Any] = field(default_factory=dict)
    """Members that the event must have."""
    times: int = 1


class Cloud:
    """A running engine. Use as a context manager, or `close` it; a private engine dies with its starter."""

    def __init__(self, process: Engine):
        self._process = process
        self._control = Connections(process.control_port)
        self._headers = {"authorization": f"Bearer {process.token}"}
        self.port: int = process.port
        self.endpoint_url = f"http://127.0.0.1:{process.port}"
        self.clock = Clock(self)

    @cached_property
    def engine(self) -> str:
        """``embedded`` or ``localstack``."""
        return str(self.ask("about")["engine"])

    @cached_property
    def enforces_iam(self) -> bool:
        """Whether calls are refused that no IAM policy allows."""
        return bool(self.ask("about")["iam"])

    @property
    def faults(self) -> Faults:
        return Faults(self)

    @property
    def pid(self) -> int:
        return self._process.pid

    def account(self) -> Account:
        """Return a fresh world that shares nothing with any other."""
        return Account(self, self.ask("account")["account"])

    def ask(self, action: str, **parameters: Any) -> dict[str, Any]:
        """Ask the engine's control interface; raises EngineError when the engine is gone."""
        try:
            body = json.dumps(parameters).encode()
            reply = self._control.request("POST", f"/{action}", self._headers, body)
        except OSError as error:
            raise EngineError(
                f"The engine on {self.endpoint_url} does not answer any more "
                f"({type(error).__name__}). Start it again and repeat the command."
            ) from error
        if reply.status != 200:
            raise EngineError(
                json.loads(reply.body)["error"] if reply.body else "The engine refused."
            )
        return dict(json.loads(reply.body))

    def close(self) -> None:
        """Stop a private engine and wait until its process is gone; leave a shared one running."""
        self._control.close()
        self._process.close()

    def __enter__(self) -> Cloud:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Clock:
    """Emulated time of an engine."""

    def __init__(self, cloud: Cloud):
        self._cloud = cloud

    def now(self) -> datetime:
        return datetime.fromtimestamp(self._cloud.ask("now")["now"], tz=timezone.utc)

    def passed(self) -> float:
        """Seconds that were let pass so far, by whomever; the real time that went by is not in it."""
        return float(self._cloud.ask("now")["passed"])

    def set(self, now: datetime) -> None:
        """Set the clock, back or forward, for an account that is made next.

        What is in the older ones keeps its times and is not to be used any more. Nothing falls due, and
        `passed` stays as it is. Raises EngineError on an engine without a clock.
        """
        self._cloud.ask("set", now=now.timestamp())

    def advance(self, by: timedelta | float) -> datetime:
        """Move time forward (a timedelta, or seconds), wake what fell due, and return the new time.

        An engine without a clock waits for real when it is short; raises EngineError when it is long.
        """
        seconds = by.total_seconds() if isinstance(by, timedelta) else float(by)
        return datetime.fromtimestamp(
            self._cloud.ask("advance", seconds=seconds)["now"], tz=timezone.utc
        )


class Faults:
    """Plans what a caller's next calls meet."""

    def __init__(self, cloud: Cloud):
        self._cloud = cloud

    def plan(self, caller: Caller, faults: Sequence[Fault]) -> None:
        """Replace the caller's plan and count its calls from 1 again; an empty plan clears it."""
        self._cloud.ask("plan", token=caller.token, faults=[asdict(fault) for fault in faults])


class Caller:
    """Somebody who makes calls in an account, known to the engine by a session token of its own."""

    def __init__(
        self,
        account: Account,
        name: str,
        recorded: bool = True,
        policy: dict[str, Any] | None = None,
    ):
        self.name = name
        self.token = secrets.token_hex(16)
        self._account = account
        self._cloud = account.cloud
        answer = self._cloud.ask(
            "caller",
            account=account.id,
            name=name,
            token=self.token,
            recorded=recorded,
            policy=policy,
        )
        self.key: str = answer["key"]

    @property
    def environment(self) -> dict[str, str]:
        """The AWS_* variables of a process that is this caller."""
        return {
            **self._account.environment,
            "AWS_ACCESS_KEY_ID": self.key,
            "AWS_SESSION_TOKEN": self.token,
        }

    def client(self, service: str, **options: Any) -> Any:
        """Return a boto3 client whose calls are this caller's."""
        return _client(self._cloud, self.key, service, self.token, **options)

    def runs_as(self, pid: int) -> None:
        """Say which process this caller is, for `kill`."""
        self._cloud.ask("process", token=self.token, pid=pid)

    def plan(self, *faults: Fault) -> None:
        """What this caller's next calls meet; see `Faults.plan`."""
        self._cloud.faults.plan(self, faults)

    def wait_until_held(self, timeout: float = 5.0) -> bool:
        """Return True as soon as a call of this caller is being held, False after `timeout` seconds."""
        return bool(self._cloud.ask("held", token=self.token, timeout=timeout)["held"])

    def release(self) -> None:
        """Let the held call go on; raises EngineError when none is held."""
        self._cloud.ask("release", token=self.token)

    def revoke(self) -> None:
        """Refuse all further calls with this caller's token."""
        self._cloud.ask("revoke", token=self.token)


class Account:
    """An isolated world on an engine: its own queues, tables, buckets and call log."""

    def __init__(self, cloud: Cloud, account_id: str):
        self.cloud = cloud
        self.id = account_id
        self._callers: dict[str, Caller] = {}

    @property
    def environment(self) -> dict[str, str]:
        """The AWS_* variables for a process in this account."""
        return {
            "AWS_ENDPOINT_URL": self.cloud.endpoint_url,
            "AWS_ACCESS_KEY_ID": self.id,
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            # As for our own clients, see `_client`.
            "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
        }

    def caller(self, name: str, policy: dict[str, Any] | None = None) -> Caller:
        """Return the caller of that name, always the same one.

        With an IAM `policy` (a document, as IAM takes it) a new one takes its place, who may do what
        the policy allows and nothing else: behind it is the account's IAM role of that name.
        Raises EngineError where the engine does not enforce policies (`Cloud.enforces_iam`).
        """
        if policy is not None or name not in self._callers:
            self._callers[name] = Caller(self, name, policy=policy)
        return self._callers[name]

    def client(self, service: str, caller: str | None = None, **options: Any) -> Any:
        """Return a boto3 client in this account; its calls are logged under `caller`, else ``you``."""
        return self.caller(caller or "you").client(service, **options)

    def function(
        self,
        name: str,
        source: Path,
        handler: str = "handler",
        environment: Mapping[str, str] | None = None,
        failures: Sequence[Failure] = (),
    ) -> None:
        """Put a Lambda function there, or replace it: trusted code that the engine itself plays.

        `source` is a Python file, loaded once for all accounts, `handler` the name of a function in
        it. Its environment variables are set while it runs. Its own AWS calls are not logged.
        """
        self.cloud.ask(
            "function",
            account=self.id,
            name=name,
            source=str(source.resolve()),
            handler=handler,
            environment=dict(environment or {}),
            failures=[asdict(failure) for failure in failures],
        )

    def take_turns(self, *turns: tuple[str, int | None]) -> None:
        """Lay down in which order the calls of some callers take effect.

        Each turn is a caller's name and how many calls it may make; None: until it has `finished`.
        """
        self.cloud.ask("turns", account=self.id, turns=turns)

    def finished(self, name: str) -> None:
        """Say that a caller makes no more calls, so that the next one's turn comes."""
        self.cloud.ask("finished", account=self.id, name=name)

    @cached_property
    def observer(self) -> Caller:
        """A caller whose calls are neither logged nor broken: for looking at the state."""
        return Caller(self, "observer", recorded=False)

    @property
    def calls(self) -> list[Call]:
        """Every logged call in order."""
        return self.calls_since(0)

    def calls_since(self, number: int) -> list[Call]:
        """The logged calls after the `number`-th."""
        answer = self.cloud.ask("calls", account=self.id, since=number)
        return [Call.from_json(record) for record in answer["calls"]]

    def forget_calls(self) -> None:
        """Start the call log anew."""
        self.cloud.ask("forget", account=self.id)


def _client(cloud: Cloud, key: str, service: str, token: str | None, **options: Any) -> Any:
    import botocore.config

    # Both would name a bucket or an API in the host name, for which 127.0.0.1 has no room.
    config = botocore.config.Config(s3={"addressing_style": "path"}, inject_host_prefix=False)
    if "config" in options:
        config = config.merge(options.pop("config"))
    with _CREATING_CLIENTS:
        return _session().client(  # type: ignore[call-overload]
            service,
            endpoint_url=cloud.endpoint_url,
            region_name=REGION,
            aws_access_key_id=key,
            aws_secret_access_key="test",
            aws_session_token=token,
            config=config,
            **options,
        )


_SESSION: list[boto3.Session] = []


def _session() -> boto3.Session:
    """One session for all clients: it keeps the service models loaded, and reads no AWS profile."""
    import boto3
    import botocore.session

    if not _SESSION:
        no_profile = {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
        }
        _SESSION.append(boto3.Session(botocore_session=botocore.session.Session(no_profile)))
    return _SESSION[0]
