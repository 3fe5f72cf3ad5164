"""The whole restaurant on an engine: made, used over HTTP as a customer would, and looked at."""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import time
import zipfile
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import psutil
from boto3.dynamodb.types import TypeDeserializer

import localcloud
import pizzeria
from operations import traces
from operations.receiver import Receiver
from operations.traces import Span

DEADLINE_S = 120
QUIET_S = 3.0
"""When no function has been at work for so long, everything that is left waits for time to pass."""
STREAMS = {"orders": "NEW_IMAGE", "deliveries": "NEW_IMAGE", "status": "NEW_AND_OLD_IMAGES"}
TABLES = {
    "orders": "order_id",
    "sagas": "order_id",
    "inventory": "pk",
    "payments": "order_id",
    "kitchen": "order_id",
    "loyalty": "pk",
    "deliveries": "order_id",
    "status": "order_id",
    "connections": "connection_id",
    "analytics": "pk",
}
RECEIVES = {
    "saga": 10,
    "kitchen-replies": 10,
    "saga-timeouts": 10,
    "kitchen": 3,
    "loyalty": 3,
    "delivery": 3,
    "delivery-alerts": 3,
    "notifications": 3,
    "webhooks": 6,
    "analytics": 3,
}
RULES = {
    "saga": ["order.placed."],
    "loyalty": ["order.confirmed."],
    "delivery": ["order.confirmed."],
    "notifications": ["order.", "delivery."],
    "analytics": ["order.", "delivery."],
}
SAGAS = {
    "by_hand": ["saga-by-hand-start", "saga-by-hand-resume"],
    "step_functions": ["saga-step-functions-start", "saga-step-functions-resume"],
    "durable": ["saga-durable-doors-start", "saga-durable-doors-resume"],
}
# AWS's SDK for durable functions asks for Python 3.11.
DURABLE = importlib.util.find_spec("aws_durable_execution_sdk_python") is not None
STOCK = 1000
PIZZAS = ("margherita", "marinara", "funghi", "diavola", "quattro stagioni")
ORDER = {
    "order_id": "1001",
    "customer": "Ada",
    "pizza": "margherita",
    "quantity": 2,
    "card": "tok_visa",
}


@cache
def package() -> bytes:
    """Return the deployment package."""
    root = Path(pizzeria.__file__).parent
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for source in sorted(root.rglob("*.py")):
            archive.write(source, source.relative_to(root.parent))
    return buffer.getvalue()


def wait_until(condition: Callable[[], Any], seconds: float = DEADLINE_S) -> Any:
    """Wait in real time, in which functions run, for a condition to hold; return what it returned."""
    end = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {condition}")
        time.sleep(0.02)
    return found


def _enable_durable(params: dict[str, Any], **_: object) -> None:
    """Say what MiniStack wants to hear: its durable functions have a switch that AWS's do not have."""
    settings = json.loads(params["body"])
    if "DurableConfig" in settings:
        settings["DurableConfig"]["Enabled"] = True
        params["body"] = json.dumps(settings).encode()


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
    """All services in one account; of the three sagas, the one that `use_saga` says is at work.

    `trusted_hosts`: servers that webhooks may call although they are on this machine. `traces`: where the
    functions send their spans.
    """

    def __init__(self, account: localcloud.Account, trusted_hosts: str, traces: KeptTraces):
        self.account = account
        self.traces = traces
        self.cloud = account.cloud
        self._trusted_hosts = trusted_hosts
        self._sources: dict[str, list[dict[str, Any]]] = {}
        self._mappings: dict[str, list[str]] = {}
        self._functions = account.client("lambda")
        self._functions.meta.events.register("before-call.lambda.CreateFunction", _enable_durable)
        self._sqs = account.client("sqs")
        self._see = {s: account.observer.client(s) for s in ("dynamodb", "sqs")}
        self.role = f"arn:aws:iam::{account.id}:role/service"
        self._make_stores()
        self._make_services()
        self._make_sagas()
        self._make_apis()
        for function in self._sources.keys() - set().union(*SAGAS.values()):
            self.start(function)
        self.saga = "by_hand"
        self.use_saga("by_hand")

    # --- as a customer, over HTTP ---

    def place(self, **changes: Any) -> httpx.Response:
        """Place an order: `ORDER` with these changes."""
        return httpx.post(f"{self.api_url}/orders", json={**ORDER, **changes}, timeout=60)

    def status(self, order_id: str = "1001") -> httpx.Response:
        return httpx.get(f"{self.api_url}/orders/{order_id}/status", timeout=60)

    def poll(self, order_id: str = "1001", until: tuple[str, ...] = ("CONFIRMED", "FAILED")) -> str:
        """Ask for an order's status as a customer would, until it is one of these."""

        def reached() -> str:
            found = self.status(order_id)
            told = found.json().get("status", "") if found.status_code == 200 else ""
            return told if told in until else ""

        return str(wait_until(reached))

    # --- as a director, who sees everything ---

    def table(self, name: str) -> dict[str, dict[str, Any]]:
        """Return a table's items by their key."""
        pages = self._see["dynamodb"].get_paginator("scan").paginate(TableName=name)
        read = TypeDeserializer().deserialize
        items = [{k: read(v) for k, v in i.items()} for page in pages for i in page["Items"]]
        return {item[TABLES[name]]: item for item in items}

    def waiting(self, queue: str) -> int:
        """Return how many messages a queue holds, in flight or delayed ones too."""
        names = ["", "NotVisible", "Delayed"]
        found = self._see["sqs"].get_queue_attributes(
            QueueUrl=self.queues[queue],
            AttributeNames=[f"ApproximateNumberOfMessages{name}" for name in names],
        )["Attributes"]
        return sum(map(int, found.values()))

    def in_flight(self, queue: str) -> int:
        """Return how many messages of a queue are being handled."""
        name = "ApproximateNumberOfMessagesNotVisible"
        found = self._see["sqs"].get_queue_attributes(
            QueueUrl=self.queues[queue], AttributeNames=[name]
        )
        return int(found["Attributes"][name])

    def listen(self) -> Callable[[], list[dict[str, Any]]]:
        """Listen to the bus from now on; return a function that gives all that was heard."""
        name = f"listener-{len(self.queues)}"
        events = self.account.client("events")
        events.put_rule(
            Name=name,
            EventBusName="restaurant",
            EventPattern=json.dumps({"source": [{"prefix": "pizzeria."}]}),
        )
        target = {"Id": name, "Arn": self._queue(name), "InputPath": "$.detail"}
        events.put_targets(Rule=name, EventBusName="restaurant", Targets=[target])
        heard: list[dict[str, Any]] = []

        def all_heard() -> list[dict[str, Any]]:
            found = self._see["sqs"].receive_message(
                QueueUrl=self.queues[name], MaxNumberOfMessages=10, WaitTimeSeconds=0
            )
            heard.extend(json.loads(message["Body"]) for message in found.get("Messages", []))
            return heard

        return all_heard

    def send(self, queue: str, body: str) -> None:
        self._sqs.send_message(QueueUrl=self.queues[queue], MessageBody=body)

    def stop(self, function: str) -> None:
        """Take a service's function away from its queue or stream."""
        for mapping in self._mappings.pop(function):
            self._functions.delete_event_source_mapping(UUID=mapping)

    def start(self, function: str) -> None:
        """Give a service's function its queue or stream."""
        create = self._functions.create_event_source_mapping
        made = [create(FunctionName=function, **source) for source in self._sources[function]]
        self._mappings[function] = [mapping["UUID"] for mapping in made]

    def use_saga(self, kind: str) -> None:
        """Let orders be handled ``by_hand``, by ``step_functions`` or by a ``durable`` function."""
        for function in self._mappings.keys() & set().union(*SAGAS.values()):
            self.stop(function)
        for function in SAGAS[kind]:
            self.start(function)
        self.saga = kind

    def settle(self, orders: list[str], most_moves: int) -> None:
        """Wait until these orders have ended; where nothing moves any more, let a minute pass."""
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
                self.cloud.clock.advance(timedelta(seconds=61))
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
        """Return the processes that run a function for this account just now."""
        found = []
        for process in psutil.Process(self.cloud.pid).children(recursive=True):
            with contextlib.suppress(psutil.Error):
                environment = process.environ()
                if (
                    environment.get("AWS_LAMBDA_FUNCTION_NAME") == function
                    and environment.get("AWS_ACCESS_KEY_ID") == self.account.id
                ):
                    found.append(process)
        return found

    def logged(self) -> str:
        """Return all that the functions have logged."""
        logs = self.account.observer.client("logs")
        groups = [g["logGroupName"] for g in logs.describe_log_groups()["logGroups"]]
        pages = (
            page
            for group in groups
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        )
        return "\n".join(event["message"] for page in pages for event in page["events"])

    def close(self) -> None:
        for function in list(self._mappings):
            self.stop(function)

    # --- making it ---

    def _make_stores(self) -> None:
        dynamodb = self.account.client("dynamodb")
        self.streams = {}
        for name, key in TABLES.items():
            more: dict[str, Any] = {}
            if name in STREAMS:
                view = {"StreamEnabled": True, "StreamViewType": STREAMS[name]}
                more["StreamSpecification"] = view
            attributes = [{"AttributeName": key, "AttributeType": "S"}]
            if name == "connections":
                by_order = [{"AttributeName": "order_id", "KeyType": "HASH"}]
                attributes.append({"AttributeName": "order_id", "AttributeType": "S"})
                more["GlobalSecondaryIndexes"] = [
                    {
                        "IndexName": "by-order",
                        "KeySchema": by_order,
                        "Projection": {"ProjectionType": "ALL"},
                    }
                ]
            made = dynamodb.create_table(
                TableName=name,
                KeySchema=[{"AttributeName": key, "KeyType": "HASH"}],
                AttributeDefinitions=attributes,
                BillingMode="PAY_PER_REQUEST",
                **more,
            )
            self.streams[name] = made["TableDescription"].get("LatestStreamArn", "")
        for pizza in PIZZAS:
            item = {"pk": {"S": f"stock#{pizza}"}, "available": {"N": str(STOCK)}}
            dynamodb.put_item(TableName="inventory", Item=item)
        for table in ("loyalty", "analytics", "connections"):
            ttl = {"Enabled": True, "AttributeName": "expires_at"}
            dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=ttl)
        self.queues: dict[str, str] = {}
        self._arns: dict[str, str] = {}
        for name, receives in RECEIVES.items():
            dead = self._queue(f"{name}-dlq")
            policy = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": receives})
            self._queue(name, RedrivePolicy=policy, VisibilityTimeout="60")
        self.account.client("s3").create_bucket(Bucket=self.bucket)
        kms = self.account.client("kms")
        self.keys = {k: kms.create_key()["KeyMetadata"]["KeyId"] for k in ("address", "card")}
        secrets = self.account.client("secretsmanager")
        secrets.create_secret(Name="webhook-signing", SecretString="only for tests")
        self.account.client("scheduler").create_schedule_group(Name="deliveries")
        events = self.account.client("events")
        events.create_event_bus(Name="restaurant")
        for name, prefixes in RULES.items():
            pattern = {"detail-type": [{"prefix": prefix} for prefix in prefixes]}
            events.put_rule(Name=name, EventBusName="restaurant", EventPattern=json.dumps(pattern))
            target = {"Id": name, "Arn": self._arns[name], "InputPath": "$.detail"}
            events.put_targets(Rule=name, EventBusName="restaurant", Targets=[target])

    @property
    def tables(self) -> list[str]:
        return list(TABLES)

    @property
    def bucket(self) -> str:
        return f"claims-{self.account.id}"

    def _queue(self, name: str, **attributes: str) -> str:
        url = self._sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        self.queues[name] = url
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        self._arns[name] = found["Attributes"]["QueueArn"]
        return self._arns[name]

    def _make_services(self) -> None:
        bus = {"EVENT_BUS": "restaurant"}
        self._function("orders.api.handler", ORDERS_TABLE="orders", **self._sealing())
        self._function("orders.publisher.handler", stream="orders", TABLE="orders", **bus)
        self._function("orders.decisions.handler", ORDERS_TABLE="orders")
        self._function("inventory.handler.handler", INVENTORY_TABLE="inventory")
        card = {"CARD_KEY_ID": self.keys["card"]}
        self._function("payments.handler.handler", PAYMENTS_TABLE="payments", **card)
        claims = {"CLAIMS_BUCKET": self.bucket}
        self._function(
            "kitchen.handler.handler", queue="kitchen", KITCHEN_TABLE="kitchen", **claims
        )
        self._function("loyalty.handler.handler", queue="loyalty", LOYALTY_TABLE="loyalty")
        deliveries = {"DELIVERIES_TABLE": "deliveries"}
        alarms = {
            "SCHEDULE_GROUP": "deliveries",
            "ALERTS_QUEUE_ARN": self._arns["delivery-alerts"],
            "SCHEDULER_ROLE_ARN": self.role,
        }
        self._function("delivery.handler.handler", queue="delivery", **deliveries, **alarms)
        self._function("delivery.alerts.handler", queue="delivery-alerts", **deliveries)
        address = {"ADDRESS_KEY_ID": self.keys["address"]}
        self._function("delivery.courier.handler", **deliveries, **address)
        self._function("delivery.publisher.handler", stream="deliveries", TABLE="deliveries", **bus)
        status = {"STATUS_TABLE": "status"}
        self._function("notifications.handler.handler", queue="notifications", **status)
        self._function("notifications.status.handler", **status)
        webhooks = {
            "WEBHOOKS_QUEUE_URL": self.queues["webhooks"],
            "WEBHOOK_SECRET_NAME": "webhook-signing",
            "WEBHOOK_TRUSTED_HOSTS": self._trusted_hosts,
        }
        self._function("notifications.webhooks.enqueue", stream="status", **webhooks)
        self._function("notifications.webhooks.dispatch", queue="webhooks", **webhooks)
        connections = {"CONNECTIONS_TABLE": "connections"}
        self._function("notifications.sockets.handler", **connections)
        self._function("analytics.handler.handler", queue="analytics", ANALYTICS_TABLE="analytics")

    def _sealing(self) -> dict[str, str]:
        return {
            "ADDRESS_KEY_ID": self.keys["address"],
            "CARD_KEY_ID": self.keys["card"],
            "CLAIMS_BUCKET": self.bucket,
        }

    def _make_sagas(self) -> None:
        asked = {
            "KITCHEN_QUEUE_URL": self.queues["kitchen"],
            "REPLIES_QUEUE_URL": self.queues["kitchen-replies"],
            "INVENTORY_FUNCTION": "inventory",
            "PAYMENTS_FUNCTION": "payments",
            "ORDERS_FUNCTION": "orders-decisions",
        }
        timeouts = {"TIMEOUTS_QUEUE_URL": self.queues["saga-timeouts"], "SAGAS_TABLE": "sagas"}
        self._function("saga.by_hand.start", queue="saga", **asked, **timeouts)
        resume = self._function("saga.by_hand.resume", "kitchen-replies", **asked, **timeouts)
        self._source(resume, "saga-timeouts")
        machine = self.account.client("stepfunctions").create_state_machine(
            name="order-saga", definition=self._definition(), roleArn=self.role
        )["stateMachineArn"]
        self._function("saga.step_functions.start", queue="saga", STATE_MACHINE_ARN=machine)
        self._function("saga.step_functions.resume", queue="kitchen-replies")
        if DURABLE:
            durable = {"ExecutionTimeout": 3600, "RetentionPeriodInDays": 1}
            saga = self._function("saga.durable.handler", durable=durable, **asked)
            version = self._functions.publish_version(FunctionName=saga)["Version"]
            alias = self._functions.create_alias(
                FunctionName=saga, Name="live", FunctionVersion=version
            )["AliasArn"]
            self._function("saga.durable_doors.start", queue="saga", SAGA_FUNCTION=alias)
            self._function("saga.durable_doors.resume", queue="kitchen-replies")

    def _definition(self) -> str:
        definition = (Path(pizzeria.__file__).parent / "saga" / "order_saga.asl.json").read_text()
        for name, value in {
            "InventoryFunction": "inventory",
            "PaymentsFunction": "payments",
            "OrdersFunction": "orders-decisions",
            "KitchenQueueUrl": self.queues["kitchen"],
            "RepliesQueueUrl": self.queues["kitchen-replies"],
        }.items():
            definition = definition.replace(f"${{{name}}}", value)
        return definition

    def _function(
        self,
        handler: str,
        queue: str | None = None,
        stream: str | None = None,
        durable: dict[str, int] | None = None,
        **own: str,
    ) -> str:
        service = handler.partition(".")[0]
        name = handler.removesuffix(".handler").removesuffix(".handler")
        name = name.replace(".", "-").replace("_", "-")
        variables = {
            "AWS_SDK_UA_APP_ID": service,
            "POWERTOOLS_SERVICE_NAME": service,
            "POWERTOOLS_LOG_LEVEL": "INFO",
            "OTEL_EXPORTER_OTLP_ENDPOINT": self.traces.url,
            **own,
        }
        self._functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=self.role,
            Handler=f"pizzeria.{handler}",
            Code={"ZipFile": package()},
            Environment={"Variables": variables},
            Timeout=60,
            **({"DurableConfig": durable} if durable else {}),
        )
        if queue:
            self._source(name, queue)
        if stream:
            self._stream(name, stream)
        return name

    def _source(self, function: str, queue: str) -> None:
        source = {
            "EventSourceArn": self._arns[queue],
            "BatchSize": 10,
            "FunctionResponseTypes": ["ReportBatchItemFailures"],
        }
        self._sources.setdefault(function, []).append(source)

    def _stream(self, function: str, table: str) -> None:
        source = {
            "EventSourceArn": self.streams[table],
            "BatchSize": 100,
            "StartingPosition": "TRIM_HORIZON",
        }
        if table != "status":
            full = {"dynamodb": {"NewImage": {"outbox": {"S": [{"exists": True}]}}}}
            source["FilterCriteria"] = {"Filters": [{"Pattern": json.dumps(full)}]}
        self._sources.setdefault(function, []).append(source)

    def _make_apis(self) -> None:
        gateway = self.account.client("apigatewayv2")
        api = gateway.create_api(Name="restaurant", ProtocolType="HTTP")["ApiId"]
        for route, function in {
            "POST /orders": "orders-api",
            "GET /orders/{order_id}/status": "notifications-status",
            "GET /deliveries/{order_id}": "delivery-courier",
            "POST /deliveries/{order_id}/done": "delivery-courier",
        }.items():
            self._route(gateway, api, route, function, PayloadFormatVersion="2.0")
        gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True)
        self.api_url = f"{self.cloud.endpoint_url}/_aws/execute-api/{api}/live"
        sockets = gateway.create_api(
            Name="status",
            ProtocolType="WEBSOCKET",
            RouteSelectionExpression="$request.body.action",
        )["ApiId"]
        for route in ("$connect", "$disconnect", "$default"):
            self._route(gateway, sockets, route, "notifications-sockets")
        gateway.create_stage(ApiId=sockets, StageName="live", AutoDeploy=True)
        self.sockets_url = f"{self.cloud.endpoint_url}/_aws/execute-api/{sockets}/live"
        self._function(
            "notifications.broadcaster.handler",
            stream="status",
            CONNECTIONS_TABLE="connections",
            WEBSOCKET_URL=self.sockets_url,
        )

    def _route(self, gateway: Any, api: str, route: str, function: str, **more: str) -> None:
        arn = self._functions.get_function(FunctionName=function)["Configuration"]["FunctionArn"]
        if "PayloadFormatVersion" not in more:
            path = f"2015-03-31/functions/{arn}/invocations"
            arn = f"arn:aws:apigateway:us-east-1:lambda:path/{path}"
        integration = gateway.create_integration(
            ApiId=api,
            IntegrationType="AWS_PROXY",
            IntegrationMethod="POST",
            IntegrationUri=arn,
            **more,
        )["IntegrationId"]
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
