"""One run of a situation: a fresh account, the learner's code in its own process, and AWS's part in it.

A check builds a world, lets things happen in it and then looks at what is left. It judges by the
state of the cloud alone; what the learner's process returns is treated as AWS would treat it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from functools import cached_property
from typing import Any

from autograder.bench import Bench
from autograder.history import Note
from autograder.lambda_rules import failed_records, record
from autograder.sandbox import Environment, Outcome
from autograder.schedule import Schedule
from localcloud import Call, Caller, Fault, receive_few

HANDLER_TIMEOUT_S = 30  # emulated: the Lambda function's timeout
_LONG = 6
# The function's configuration, as the labs state it.
CONFIGURATION = {"AWS_RETRY_MODE": "standard"}
# Every history begins at this time, so that what depends on the date is the same whenever it is run.
BEGINNING = datetime(2026, 11, 20, 19, 40, tzinfo=timezone.utc)
_MOST_ROUNDS = 100
_LONGEST_QUOTE = 120
_LONG_WAIT_S = 600
_LONGEST_OUTAGE_S = 120  # emulated, for whoever tries again and again within one invocation
_RANDOM_ID = re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b")  # new in each run


class Violated(Exception):
    """Something that must hold did not; the text says what."""


class NotWritten(Exception):
    """A function of the lab still raises NotImplementedError."""


class NotHere(Exception):
    """This engine cannot do what a situation needs; the text says what."""


class CannotRun(Exception):
    """The submission cannot be loaded, or lacks a function; the text says why."""


class World:
    """A fresh account in which the learner's code runs under one schedule."""

    def __init__(self, bench: Bench, schedule: Schedule, seed: str):
        self.bench = bench
        self.cloud = bench.cloud
        if bench.cloud.engine == "embedded":
            bench.cloud.clock.set(BEGINNING)
        self.account = bench.cloud.account()
        self.seed = f"{bench.seed}/{seed}"
        self.random = random.Random(self.seed)
        self.calls: list[Call] = []
        self._told_before = 0
        self.notes: list[Note] = []
        self.output: list[str] = []
        self.outcome: Outcome | None = None
        self.variables = dict(bench.variables)
        """Environment variables of the learner's process."""
        self._policy: dict[str, Any] | None = None
        self._schedule = schedule
        self._alone = _Worker(self, bench.name, schedule.faults)
        self._pair: list[_Worker] = []
        self._lasting = schedule.lasting
        self._source = ""
        """The queue whose messages the handler is invoked with."""
        bench.observer.become(self.account.observer)
        bench.service.become(self.account.caller("Lambda"))

    def close(self) -> None:
        for worker in (self._alone, *self._pair):
            worker.close()

    def restrict(self, policy: dict[str, Any]) -> None:
        """Let the learner's code do what an IAM policy document allows, and nothing else.

        To be called before its first call. Raises NotHere on an engine that does not enforce IAM.
        """
        if not self.cloud.enforces_iam:
            raise NotHere("it does not enforce IAM policies")
        self._policy = policy

    def look(self, service: str) -> Any:
        """A client for looking at the state and preparing it: not logged, never broken."""
        return self.bench.observer.client(service)

    def aws(self, service: str) -> Any:
        """A client that plays AWS's own part, logged as ``Lambda``."""
        return self.bench.service.client(service)

    def learner_calls(self) -> list[Call]:
        """The learner's AWS calls so far, of all its processes."""
        names = (self.bench.name, f"{self.bench.name} A", f"{self.bench.name} B")
        return [call for call in self.calls if call.caller in names]

    def note(self, text: str) -> None:
        self.read_calls()
        self.notes.append(Note(len(self.calls), text, self.cloud.clock.passed()))

    def tell_from_here(self) -> None:
        """What comes now has nothing to do with what has been: the history to be told begins here."""
        self.read_calls()
        self._told_before = len(self.calls)
        self.notes.clear()
        self.output.clear()

    @property
    def told_calls(self) -> list[Call]:
        """The calls that belong to the history to be told."""
        return self.calls[self._told_before :]

    def unnumbered(self, text: str) -> str:
        """`text` without the numbers of this account and of the engine's port, which do not last."""
        return text.replace(self.account.id, "…").replace(self.cloud.endpoint_url, "http://…")

    def pass_time(self, seconds: float) -> datetime:
        """Let emulated time pass; return what it is then."""
        return self.cloud.clock.advance(seconds)

    def receive_few(self, most: int) -> None:
        """From now on SQS gives the learner's code so many messages at a time, though there are more;
        at first, if it does not wait for them, none.

        To be called before its first call, in a situation that nothing else disturbs.
        """
        self.note(
            f"SQS returns {most} messages at a time, although there are more, and none to the first "
            "receive if it is a short poll"
        )
        self._alone.caller.plan(receive_few(0), receive_few(most, times=None))

    def cold_start(self) -> None:
        """Throw the execution environment away: the next invocation starts a process anew."""
        self._alone.cold_start()

    def invoke(
        self, function: str, *args: Any, limit_s: float = HANDLER_TIMEOUT_S, context: bool = False
    ) -> Outcome:
        """Run one of the learner's functions, in the warm environment if there is one.

        `limit_s` is emulated time. Raises NotWritten, CannotRun, or Violated when it does not end.
        """
        outcome = self._alone.invoke(function, args, limit_s, context)
        self.bench.spent_s += outcome.seconds  # of two at once, one waits for the other
        self._take_note(self._alone, function, outcome)
        return outcome

    def at_once(
        self, first: tuple[Any, ...], second: tuple[Any, ...], context: bool = False
    ) -> list[Outcome]:
        """Run two of the learner's functions, each (name, *arguments), in two environments at once.

        Where the schedule says nothing of their order, the second waits until the first has finished.
        `context` is for those of the two that are `handler`. Raises as `invoke` does.
        """
        if not self._pair:
            self._pair = [
                _Worker(self, f"{self.bench.name} A", self._schedule.faults),
                _Worker(self, f"{self.bench.name} B", self._schedule.second),
            ]
        turns = self._schedule.turns or (("A", None), ("B", None))
        in_turn = [(f"{self.bench.name} {who}", calls) for who, calls in turns]
        pause_s = self._schedule.pause_s
        if pause_s:
            if self.cloud.engine != "embedded":
                raise NotHere("its clock cannot be moved")
            in_turn.insert(1, ("Lambda", 1))
        self.account.take_turns(*in_turn)

        def run(worker: _Worker, invocation: tuple[Any, ...]) -> Outcome:
            function, *args = invocation
            try:
                with_it = context and function == "handler"
                return worker.invoke(function, args, HANDLER_TIMEOUT_S, with_it)
            finally:
                self.account.finished(worker.name)

        with ThreadPoolExecutor(2) as pool:
            running = [pool.submit(run, self._pair[0], first)]
            if pause_s:
                self._wait_for_turn()
                self.pass_time(pause_s)
            running.append(pool.submit(run, self._pair[1], second))
        outcomes = [each.result() for each in running]
        for worker, invocation, outcome in zip(self._pair, (first, second), outcomes, strict=True):
            self._take_note(worker, invocation[0], outcome)
        return outcomes

    def interrupt(
        self,
        after: int,
        change: Callable[[], None],
        function: str,
        *args: Any,
        limit_s: float = HANDLER_TIMEOUT_S,
        context: bool = False,
    ) -> Outcome:
        """Run one of the learner's functions; after so many of its calls somebody makes a change.

        A function that makes fewer calls has ended by then. Raises as `invoke` does.
        """
        name = self._alone.name
        self.account.take_turns((name, after), ("Lambda", None), (name, None))

        def run() -> Outcome:
            try:
                return self._alone.invoke(function, args, limit_s, context)
            finally:
                self.account.finished(name)

        with ThreadPoolExecutor(1) as pool:
            running = pool.submit(run)
            try:
                self._wait_for_turn()
                change()
            finally:
                self.account.finished("Lambda")
            outcome = running.result()
        self.bench.spent_s += outcome.seconds
        # Not before: the change has been noted, and what is noted keeps its order.
        self._take_note(self._alone, function, outcome)
        return outcome

    def _wait_for_turn(self) -> None:
        """Stand still until the calls that come before those of ``Lambda`` have been made."""
        self.aws("dynamodbstreams").list_streams()  # answered when its turn has come

    def quoted(self, value: Any) -> str:
        """Quote what a function returned, without the ids in it that are new in each run."""
        text = self.unnumbered(_RANDOM_ID.sub("…", str(value)))
        return text if len(text) <= _LONGEST_QUOTE else f"{text[: _LONGEST_QUOTE - 1]}…"

    def _take_note(self, worker: _Worker, function: str, outcome: Outcome) -> None:
        """Learn what an invocation has done, and judge how it ended."""
        self.outcome = outcome
        if outcome.output:
            self.output.append(outcome.output)
        self.read_calls()
        if self._lasting and self._broken():  # a refusal “for good” ends with its invocation
            worker.caller.plan()
            self.ends_outage()
        self._judge_ending(function, outcome, worker.patience_s)

    def _judge_ending(self, function: str, outcome: Outcome, patience_s: float) -> None:
        kind, error = outcome.kind, outcome.error
        unloadable = kind in ("not loaded", "not found") or (
            outcome.importing and kind != "returned"
        )
        if unloadable and not self._broken():
            raise CannotRun(outcome.message)
        if kind == "raised" and error is not None and error.type == "NotImplementedError":
            raise NotWritten(function)
        if outcome.signal == "SIGXCPU" or outcome.seconds >= patience_s:
            raise Violated(f"{function} does not come to an end. {outcome.message}")
        if kind == "protocol":
            raise Violated(outcome.message)
        if kind != "returned" and not (outcome.signal == "SIGKILL" and self._broken()):
            self.note(outcome.message)

    def ends_outage(self) -> bool:
        """Whether something was refused for good, which is over from now on."""
        self._lasting, lasting = False, self._lasting
        return lasting

    def _broken(self) -> bool:
        """Whether one of our faults has met a call of this run."""
        return any(call.outcome != "ok" for call in self.learner_calls())

    def read_calls(self) -> None:
        """Bring `calls` up to date."""
        self.calls += self.account.calls_since(len(self.calls))

    # --- SQS and Lambda's event source mapping ---

    def send(self, queue_url: str, body: str, **options: Any) -> None:
        """Put a message into a queue."""
        self.look("sqs").send_message(QueueUrl=queue_url, MessageBody=body, **options)

    def receive(self, queue_url: str, batch_size: int = 10) -> list[dict[str, Any]]:
        """Take the next messages of a queue, as Lambda's event source mapping does."""
        self._source = f"arn:aws:sqs:us-east-1:{self.account.id}:{queue_url.rsplit('/', 1)[-1]}"
        return (
            self.aws("sqs")
            .receive_message(
                QueueUrl=queue_url,
                MaxNumberOfMessages=batch_size,
                MessageSystemAttributeNames=["All"],
                MessageAttributeNames=["All"],
                WaitTimeSeconds=0,
            )
            .get("Messages", [])
        )

    def delete(self, queue_url: str, messages: Sequence[dict[str, Any]]) -> None:
        """Take what is done out of the queue, as Lambda does."""
        if messages:
            _delete(self.aws("sqs"), queue_url, messages)

    def deliver(self, queue_url: str, batch_size: int = 10) -> int:
        """Do what Lambda's event source mapping does with one batch; return its size.

        Source: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
        """
        messages = self.receive(queue_url, batch_size)
        if not messages:
            return 0
        failed = self.invoke_with(messages)
        self.delete(queue_url, [m for m in messages if m["MessageId"] not in failed])
        return len(messages)

    def deliver_at_once(self, queue_url: str) -> None:
        """Deliver the next two messages at the same time, one to each of two workers.

        When there is only one, both get it: its visibility timeout is over while the first works on it.
        """
        batches = [self.receive(queue_url, 1)]
        second = self.receive(queue_url, 1)
        if not second:
            self.pass_time(self.bench.visibility_timeout_s + 1)
            second = self.receive(queue_url, 1)
        batches.append(second)
        events = [{"Records": self._records(messages)} for messages in batches]
        outcomes = self.at_once(("handler", events[0]), ("handler", events[1]), context=True)
        for messages, outcome in zip(batches, outcomes, strict=True):
            failed = self._failed(messages, outcome)
            self.delete(queue_url, [m for m in messages if m["MessageId"] not in failed])

    def invoke_with(self, messages: Sequence[dict[str, Any]]) -> set[str]:
        """Invoke the handler with SQS messages; return the ids that AWS would count as failed."""
        outcome = self.invoke("handler", {"Records": self._records(messages)}, context=True)
        return self._failed(messages, outcome)

    def _records(self, messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [record(message, self._source) for message in messages]

    def _failed(self, messages: Sequence[dict[str, Any]], outcome: Outcome) -> set[str]:
        """The ids of the messages that AWS counts as failed."""
        ids = {message["MessageId"] for message in messages}
        if outcome.kind != "returned":
            return ids
        failed = failed_records(outcome.value, ids)
        if failed is None:
            self.note(
                "the answer names no record of the batch as AWS expects it, so Lambda counts the "
                f"whole batch as failed: {self.quoted(outcome.value)}"
            )
            return ids
        if failed:
            count = "1 record" if len(failed) == 1 else f"{len(failed)} records"
            self.note(f"the {self.bench.name} reports {count} as failed")
        return failed

    def deliver_until_quiet(self, queue_url: str, batch_size: int = 10) -> None:
        """Deliver, letting visibility timeouts pass, until the queue is empty."""
        timeout = self.bench.visibility_timeout_s + 1
        for round_ in range(_MOST_ROUNDS):
            if self.deliver(queue_url, batch_size):
                continue
            if self.left_in(queue_url) == 0:
                return
            # A lease may be longer than any timeout: in the end, hours have passed.
            hurry = self.cloud.engine == "embedded" and round_ >= _MOST_ROUNDS // 2
            self.pass_time(_LONG_WAIT_S if hurry else timeout)
        batches = (c for c in reversed(self.calls) if c.operation == "ReceiveMessage")
        last = next(c.summary for c in batches if c.caller == "Lambda" and c.messages)
        raise Violated(f"The queue never becomes empty: SQS delivers {last} again and again.")

    def left_in(self, queue_url: str) -> int:
        """Messages in a queue: waiting, in flight or delayed."""
        names = ["", "NotVisible", "Delayed"]
        attributes = self.look("sqs").get_queue_attributes(
            QueueUrl=queue_url, AttributeNames=[f"ApproximateNumberOfMessages{n}" for n in names]
        )["Attributes"]
        return sum(int(attributes[f"ApproximateNumberOfMessages{n}"]) for n in names)

    def take(self, queue_url: str) -> list[dict[str, Any]]:
        """Take up to ten messages out of a queue, to look at them."""
        sqs = self.look("sqs")
        messages: list[dict[str, Any]] = sqs.receive_message(
            QueueUrl=queue_url,
            MaxNumberOfMessages=10,
            MessageSystemAttributeNames=["All"],
            MessageAttributeNames=["All"],
            WaitTimeSeconds=0,
        ).get("Messages", [])
        if messages:
            _delete(sqs, queue_url, messages)
        return messages

    def take_all(self, queue_url: str) -> list[dict[str, Any]]:
        """Take everything out of a queue, waiting for what is in flight; for the end of a check."""
        taken: list[dict[str, Any]] = []
        waited = False
        while True:
            if messages := self.take(queue_url):
                taken += messages
            elif waited or not self.left_in(queue_url):
                return taken
            else:
                self.pass_time(self.bench.visibility_timeout_s + 1)
                waited = True


class _Worker:
    """One of the learner's functions as AWS runs it: a role, and an environment while it is warm."""

    def __init__(self, world: World, name: str, faults: tuple[Fault, ...]):
        self.name = name
        self._world = world
        self._faults = faults
        self._environment: Environment | None = None
        self.patience_s = world.bench.patience_s
        """Real seconds that its latest invocation was given."""
        self._slept = 0.0
        # Another seed for each environment, the same ones whenever the same code is graded.
        self._seeds = random.Random(f"{world.seed}/{name}")

    @cached_property
    def caller(self) -> Caller:
        if self._world.cloud.engine != "embedded" and any(f.kind == "stale" for f in self._faults):
            raise NotHere("its reads are never stale")
        caller = self._world.account.caller(self.name, policy=self._world._policy)
        if self._faults:
            caller.plan(*self._faults)
        return caller

    def invoke(self, function: str, args: Sequence[Any], limit_s: float, context: bool) -> Outcome:
        clock, bench = self._world.cloud.clock, self._world.bench
        if self._environment is None:
            variables = {**CONFIGURATION, **self.caller.environment, **self._world.variables}
            self._environment = bench.sandbox.environment(
                variables, now=clock.now(), seed=self._seeds.getrandbits(32)
            )
            self.caller.runs_as(self._environment.pid)
        share = _LONG if limit_s > HANDLER_TIMEOUT_S else 1
        self.patience_s = share * bench.patience_s
        outcome = self._environment.invoke(
            function,
            *args,
            context=context,
            timeout=self.patience_s,
            cpu=share * bench.cpu_s,
            max_sleep=limit_s,
            now=clock.now(),
            on_sleep=self._let_pass,
        )
        if not self._environment.alive:
            self.cold_start()
        if outcome.error is not None:
            message = self._world.unnumbered(outcome.error.message)
            outcome = replace(outcome, error=replace(outcome.error, message=message))
        return outcome

    def _let_pass(self, seconds: float) -> datetime:
        self._slept += seconds
        if self._slept > _LONGEST_OUTAGE_S and self._world.ends_outage():
            self.caller.plan()
        return self._world.cloud.clock.advance(seconds)

    def cold_start(self) -> None:
        if self._environment is not None:
            self._environment.kill()
            self._environment = None

    def close(self) -> None:
        self.cold_start()
        if "caller" in self.__dict__:
            self.caller.revoke()


def _delete(sqs: Any, queue_url: str, messages: Sequence[dict[str, Any]]) -> None:
    entries = [
        {"Id": str(number), "ReceiptHandle": message["ReceiptHandle"]}
        for number, message in enumerate(messages)
    ]
    sqs.delete_message_batch(QueueUrl=queue_url, Entries=entries)


Check = Callable[[World], None]
