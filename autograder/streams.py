"""Lambda's event source mapping for a DynamoDB stream, as the grader plays it.

What AWS says of it:

* Every change of an item is in the stream once, those of one item in the order they were made; of
  different items, also of one transaction, nothing is promised.
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html
  https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
* Lambda invokes the function with a batch, waits for it, and only then goes on in that shard; each
  record is processed at least once.
  https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
* A failed batch is tried again until it succeeds or its records expire.
  https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html
* With ReportBatchItemFailures it goes on at the lowest sequence number reported; an answer that is
  empty is a success, one that names no record is a failure of the whole batch.
  https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from autograder.history import Note
from autograder.lambda_rules import failed_records
from autograder.sandbox import Outcome
from autograder.world import Violated, World
from localcloud.calls import item_label, shorten

BATCH_SIZE = 100  # Lambda's default
MOST_FAILURES = 6  # of one record in a row; more than any schedule's faults can cause
LONGEST_WAIT_S = 60.0  # before a batch is tried again; in between, a short lease is over
MOST_BATCHES = 60  # until quiet; a record leads to one more at most, and no situation has thirty
_CHANGES = {"INSERT": "inserted", "MODIFY": "changed", "REMOVE": "removed"}
Record = dict[str, Any]


@dataclass
class Shard:
    """A part of the stream, read in order."""

    id: str
    iterator: str | None = None
    last: str | None = None
    """Sequence number of the last record read."""
    waiting: list[Record] = field(default_factory=list)
    """Read and not processed yet."""
    retry: int = 0
    """How many of the waiting are what a failed batch has left: they are tried again alone."""
    failures: int = 0
    """How often in a row the first record waiting has failed."""


@dataclass
class Batch:
    """Records on their way to the function."""

    shard: Shard
    records: list[Record]

    @property
    def event(self) -> dict[str, Any]:
        """What the function is invoked with."""
        return {"Records": self.records}


class StreamMapping:
    """Reads a table's stream from its beginning and delivers it to the learner's `handler`."""

    def __init__(self, world: World, stream_arn: str):
        self._world = world
        self._name = world.bench.name
        self._arn = stream_arn
        self._shards: list[Shard] = []
        self._before_a_failure: dict[str, bool] = {}
        self.most_failures = MOST_FAILURES

    def take(self, batch_size: int = BATCH_SIZE) -> Batch | None:
        """Return the next batch, or None when nothing waits; `settle` must follow."""
        if not any(shard.waiting for shard in self._shards):
            self._read()
        for shard in self._shards:
            if shard.waiting:
                batch = Batch(shard, shard.waiting[: shard.retry or batch_size])
                again = " again" if shard.retry else ""
                changes = shorten([_told(record) for record in batch.records])
                self._note(f"the stream delivers to the {self._name}{again}: {changes}")
                return batch
        return None

    def _note(self, text: str) -> None:
        # Not `World.note`, which asks for the calls since: there was none that is told.
        passed = self._world.cloud.clock.passed()
        self._world.notes.append(Note(len(self._world.calls), text, passed))

    def settle(self, batch: Batch, outcome: Outcome) -> None:
        """Go on behind what was processed; raises Violated when that is nothing again and again."""
        shard, done = batch.shard, self._done(batch, outcome)
        shard.failures = 0 if done else shard.failures + 1
        shard.waiting = shard.waiting[done:]
        for record in batch.records[:done]:
            self._before_a_failure[str(record["dynamodb"]["Keys"])] = done < len(batch.records)
        shard.retry = len(batch.records) - done
        if shard.failures >= self.most_failures:
            raise Violated(
                f"The stream is stuck: the same record ({_told(batch.records[0])}) fails again and "
                "again, and everything behind it waits."
            )
        if shard.retry and self._world.cloud.engine == "embedded":
            self._world.pass_time(min(LONGEST_WAIT_S, 2.0**shard.failures))

    def before_a_failure(self, keys: dict[str, Any]) -> bool:
        """Whether an item's last record that is done came before one of its batch that failed."""
        return self._before_a_failure.get(str(keys), False)

    def deliver(self, batch_size: int = BATCH_SIZE) -> int:
        """Deliver one batch; return its size, 0 when nothing waits."""
        batch = self.take(batch_size)
        if batch is None:
            return 0
        self.settle(batch, self._world.invoke("handler", batch.event, context=True))
        return len(batch.records)

    def deliver_until_quiet(self, batch_size: int = BATCH_SIZE) -> None:
        """Deliver until nothing waits; raises Violated when that never comes."""
        for _ in range(MOST_BATCHES):
            if not self.deliver(batch_size):
                return
        raise Violated(
            "The stream never becomes quiet: each time it is invoked, the handler writes something "
            "that the stream delivers to it again."
        )

    def _done(self, batch: Batch, outcome: Outcome) -> int:
        """How many records of a batch need not be delivered again."""
        if outcome.kind != "returned":
            return 0
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch.records]
        failed = failed_records(outcome.value, set(numbers))
        if failed is None:
            self._note(
                "the answer names no record of the batch as AWS expects it, by its SequenceNumber, "
                f"so Lambda counts the whole batch as failed: {self._world.quoted(outcome.value)}"
            )
            return 0
        first = next((i for i, number in enumerate(numbers) if number in failed), len(numbers))
        if failed:
            told = _told(batch.records[first])
            self._note(f"the {self._name} reports a failure from “{told}” on")
        return first

    def _read(self) -> None:
        """Fetch what is new in every shard."""
        if not self._shards or any(shard.iterator is None for shard in self._shards):
            self._find_shards()
        for shard in self._shards:
            if shard.iterator is None:
                continue
            try:
                page = self._world.aws("dynamodbstreams").get_records(ShardIterator=shard.iterator)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ExpiredIteratorException":
                    raise
                shard.iterator = self._iterator(shard)  # it is good for 15 minutes
                page = self._world.aws("dynamodbstreams").get_records(ShardIterator=shard.iterator)
            shard.iterator = page.get("NextShardIterator")
            for record in page["Records"]:
                shard.last = record["dynamodb"]["SequenceNumber"]
                shard.waiting.append(as_lambda_hands_it_over(record, self._arn))

    def _find_shards(self) -> None:
        streams = self._world.look("dynamodbstreams")
        found = streams.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        known = {shard.id for shard in self._shards}
        for described in found:  # parents come before their children
            if described["ShardId"] not in known:
                shard = Shard(described["ShardId"])
                shard.iterator = self._iterator(shard)
                self._shards.append(shard)

    def _iterator(self, shard: Shard) -> str:
        where = {"ShardIteratorType": "TRIM_HORIZON"}
        if shard.last is not None:
            where = {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "SequenceNumber": shard.last}
        reply = self._world.look("dynamodbstreams").get_shard_iterator(
            StreamArn=self._arn, ShardId=shard.id, **where
        )
        return str(reply["ShardIterator"])


def as_lambda_hands_it_over(record: Record, stream_arn: str) -> Record:
    """A record of GetRecords in the form that Lambda gives it: JSON, with the stream's ARN.

    Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html
    """
    handed = {name: value for name, value in record.items() if name != "userIdentity"}
    handed["dynamodb"] = _jsonable(record["dynamodb"])
    identity = record.get("userIdentity")
    if identity:
        handed["userIdentity"] = {"principalId": identity["PrincipalId"], "type": identity["Type"]}
    return {**handed, "eventSourceARN": stream_arn}


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_jsonable(part) for part in value]
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.timestamp() if isinstance(value, datetime) else value


def _told(record: Record) -> str:
    return f"{item_label(record['dynamodb']['Keys'])} {_CHANGES[record['eventName']]}"
