"""The whole restaurant as `pizza deploy` makes it, used over HTTP as a customer would, and looked at."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import httpx
import psutil

import localcloud
from operations import deploying, modules, stacks, traces
from operations.engines import Place
from operations.ordering import Client
from operations.packaging import PIZZERIA
from operations.receiver import Receiver
from operations.traces import Span
from pizzeria.common.aws import from_item, to_item
from pizzeria.menu import sample_orders
from tests.operations.deployment import logged, wait_until

QUIET_S = 3.0
"""When no function has been at work for so long, everything that is left waits for time to pass."""
POLL_S = 0.2
"""Each look is a function at work too: asked without a pause, it would keep the others from theirs."""
SERVICES = {folder.name for folder in PIZZERIA.iterdir()}
ORDER = {**sample_orders(1)[0], "card": "tok_visa"}


class KeptTraces(Receiver):
    """Takes spans, and keeps the requests in which they came."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[bytes] = []

    def take(self, body: bytes) -> None:
        self.requests.append(body)
        super().take(body)

    def of_order(self, order_id: str) -> list[Span]:
        """Return the traces, whole and by time, that have something to do with an order."""
        return traces.of_order(list(self.spans), order_id)


class Restaurant:
    """All modules, deployed into one account; of the three sagas, the one that `use_saga` says.

    `traces`: where the functions send their spans. `settings`: parameters of the templates.
    """

    def __init__(self, account: localcloud.Account, traces: KeptTraces, **settings: str):
        self.account = account
        self.cloud = account.cloud
        self.traces = traces
        self.deployed = Place("embedded", account.id, self.cloud.endpoint_url)
        self._settings = {"OtlpEndpoint": traces.url, **settings}
        self._deploy(deploying.planned(self.deployed, None))
        self.api_url = Client(self.deployed).url
        sockets = stacks.outputs(self.deployed, "pizzeria-websocket")["SocketsApiId"]
        self.sockets_url = self.deployed.sockets_url(sockets)
        # What a test does in the account, and what it only looks at: that is not logged as a call.
        self.client = cache(account.client)
        self._see = cache(account.observer.client)

    def _deploy(self, plan: list[list[modules.Module]]) -> None:
        deploying.deploy(self.deployed, plan, lambda *_: None, self._settings)

    def use_saga(self, module: str) -> None:
        """Let orders be handled by this module, one of the three of the family ``saga``."""
        if deploying.standing(self.deployed)["saga"].name != module:
            self._deploy([[modules.find(module)]])

    # --- as a customer, over HTTP ---

    def place(self, **changes: Any) -> httpx.Response:
        """Place an order: `ORDER` with these changes."""
        return httpx.post(f"{self.api_url}/orders", json={**ORDER, **changes}, timeout=60)

    def status(self, order_id: str) -> httpx.Response:
        return httpx.get(f"{self.api_url}/orders/{order_id}/status", timeout=60)

    def poll(self, order_id: str, until: tuple[str, ...] = ("CONFIRMED", "FAILED")) -> str:
        """Ask for an order's status as a customer would, until it is one of these."""

        def reached() -> str:
            found = self.status(order_id)
            told = found.json().get("status", "") if found.status_code == 200 else ""
            return told if told in until else ""

        return str(wait_until(reached, pause=POLL_S))

    # --- as a director, who sees everything ---

    @property
    def tables(self) -> list[str]:
        return list(self._see("dynamodb").list_tables()["TableNames"])

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """Return a table's items by their key."""
        dynamodb = self._see("dynamodb")
        (key,) = dynamodb.describe_table(TableName=name)["Table"]["KeySchema"]
        pages = dynamodb.get_paginator("scan").paginate(TableName=name)
        items = [from_item(item) for page in pages for item in page["Items"]]
        return {item[key["AttributeName"]]: item for item in items}

    def put(self, table: str, item: dict[str, Any]) -> None:
        self.client("dynamodb").put_item(TableName=table, Item=to_item(item))

    @property
    def claims_bucket(self) -> str:
        """The cloakroom's name."""
        found = self._see("ssm").get_parameter(Name="/pizzeria/core/claims-bucket")
        return str(found["Parameter"]["Value"])

    def queue_url(self, queue: str) -> str:
        return str(self._see("sqs").get_queue_url(QueueName=queue)["QueueUrl"])

    def _queue(self, queue: str, *names: str) -> list[int]:
        """Return attributes of a queue that are numbers."""
        url = self.queue_url(queue)
        found = self._see("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(names))
        return [int(found["Attributes"][name]) for name in names]

    def waiting(self, queue: str) -> int:
        """Return how many messages a queue holds, in flight or delayed ones too."""
        names = [f"ApproximateNumberOfMessages{name}" for name in ("", "NotVisible", "Delayed")]
        return sum(self._queue(queue, *names))

    def in_flight(self, queue: str) -> int:
        """Return how many messages of a queue are being handled."""
        return self._queue(queue, "ApproximateNumberOfMessagesNotVisible")[0]

    def let_come_again(self, queue: str) -> None:
        """Let so much time pass that a queue's messages in flight can be received again."""
        (timeout,) = self._queue(queue, "VisibilityTimeout")
        self.cloud.clock.advance(timeout + 1)

    def listen(self) -> Callable[[], list[dict[str, Any]]]:
        """Listen to the bus from now on; return a function that gives all that was heard."""
        events, sqs = self.client("events"), self.client("sqs")
        name = f"listener-{len(sqs.list_queues()['QueueUrls'])}"
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        pattern = {"source": [{"prefix": "pizzeria."}]}
        bus = {"Rule": name, "EventBusName": "restaurant"}
        events.put_rule(Name=name, EventBusName="restaurant", EventPattern=json.dumps(pattern))
        target = {"Id": name, "Arn": found["Attributes"]["QueueArn"], "InputPath": "$.detail"}
        events.put_targets(**bus, Targets=[target])
        heard: list[dict[str, Any]] = []

        def all_heard() -> list[dict[str, Any]]:
            found = self._see("sqs").receive_message(
                QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0
            )
            heard.extend(json.loads(message["Body"]) for message in found.get("Messages", []))
            return heard

        return all_heard

    def send(self, queue: str, body: str) -> None:
        self.client("sqs").send_message(QueueUrl=self.queue_url(queue), MessageBody=body)

    def stop(self, function: str) -> None:
        """Switch off what hands a function the messages of its queue or stream."""
        self._hand_over(function, False)

    def start(self, function: str) -> None:
        """Hand a function messages again, from where it was stopped."""
        self._hand_over(function, True)

    def _hand_over(self, function: str, enabled: bool) -> None:
        functions = self.client("lambda")
        found = functions.list_event_source_mappings(FunctionName=function)
        for mapping in found["EventSourceMappings"]:
            functions.update_event_source_mapping(UUID=mapping["UUID"], Enabled=enabled)

    def settle(self, orders: list[str], most_moves: int) -> None:
        """Wait until these orders have ended; where nothing moves any more, let time pass."""
        moves, seen, quiet_since = 0, self._work(), time.monotonic()

        def ended() -> bool:
            table = self.table("orders")
            return all(table[order]["status"] != "PLACED" for order in orders)

        while not ended():
            if seen != (now := self._work()):
                seen, quiet_since = now, time.monotonic()
            elif time.monotonic() - quiet_since > QUIET_S:
                moves += 1
                assert moves <= most_moves, "orders got lost"
                self.let_come_again("saga")
                quiet_since = time.monotonic()
            time.sleep(0.2)

    def _work(self) -> tuple[int, float]:
        """Return what changes as long as any function is at work: calls made, processor time used."""
        used = 0.0
        for process in psutil.Process(self.cloud.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                used += sum(process.cpu_times()[:2])
        return len(self.account.calls_since(0)), round(used, 1)

    def workers(self, function: str) -> list[psutil.Process]:
        """Return the processes that run a function just now."""
        found = []
        for process in psutil.Process(self.cloud.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                if process.environ().get("AWS_LAMBDA_FUNCTION_NAME") == function:
                    found.append(process)
        return found

    def refused(self) -> set[tuple[str, str]]:
        """Return which services were refused which operation because their role does not allow it."""
        calls = [call for call in self.account.calls if call.outcome.startswith("AccessDenied")]
        return {(call.caller, call.operation) for call in calls if call.caller in SERVICES}

    def logged(self) -> str:
        """Return all that the functions have logged."""
        return logged(self._see("logs"))
