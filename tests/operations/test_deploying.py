"""`pizza deploy`, `pizza order` and `pizza destroy` against an engine that enforces IAM."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import httpx
import pytest
import websocket

import localcloud
from operations import deploying, engines, modules, packaging, stacks
from operations.engines import Place, Problem
from operations.ordering import Client
from tests.operations.deployment import logged, pizza, wait_until


def test_without_an_engine_it_says_how_to_start_one(environment, monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    for command in (["deploy"], ["destroy"], ["order", "margherita"], ["track", "1001"]):
        done = pizza(*command)
        assert done.exit_code == 2
        assert "No engine is up. Start one with: pizza up" in done.stderr


def test_an_engine_that_there_is_none_of_is_refused(monkeypatch):
    monkeypatch.setenv("COURSE_ENGINE", "azure")
    with pytest.raises(Problem, match="must be one of embedded, localstack, aws"):
        engines.place()


def test_on_aws_it_shows_account_and_price_and_does_nothing_without_a_yes(monkeypatch):
    monkeypatch.setattr(engines, "place", lambda: Place("aws", "123456789012", None, "eu-west-1"))
    monkeypatch.setattr(deploying, "standing", lambda place: {})
    touched: list[object] = []
    monkeypatch.setattr(deploying, "deploy", lambda *asked: touched.append(asked))
    done = pizza("deploy")
    assert done.exit_code == 2
    assert "account 123456789012, region eu-west-1" in done.stdout
    assert "2 encryption keys: 2.00" in done.stdout
    assert "Nothing was done." in done.stderr
    assert not touched


def test_the_package_is_the_same_for_the_same_files():
    place = Place("embedded", engines.FIRST_ACCOUNT, "http://127.0.0.1:1")
    assert packaging.package(place) == packaging.package(place)


def test_the_account_without_settings_is_the_one_that_pizza_up_shows(cloud):
    assert cloud.account().id == engines.FIRST_ACCOUNT
    assert engines.place().account == engines.FIRST_ACCOUNT


def test_a_stack_that_fails_says_why_and_can_be_deployed_afterwards(cloud: localcloud.Cloud):
    account = cloud.account()
    place = Place("embedded", account.id, cloud.endpoint_url)
    account.client("events").create_event_bus(Name="restaurant")
    told: list[str] = []

    def deploy() -> None:
        plan = deploying.planned(place, "core")
        deploying.deploy(place, plan, lambda module, what, _: told.append(f"{module.name} {what}"))

    with pytest.raises(Problem, match=r"pizzeria-core is ROLLBACK.*: EventBus: .*already exists"):
        deploy()
    account.client("events").delete_event_bus(Name="restaurant")
    deploy()
    assert told == ["core created"]


@pytest.mark.slow
def test_an_order_is_confirmed_and_delivered_with_no_more_rights_than_the_roles_give(
    deployed: Place, client: Client
):
    done = pizza("order", "margherita", "--number", "1001", "--address", "Via Roma 1", "--watch")
    assert done.exit_code == 0, done.output
    for said in ("● DUE", "asks payments to charge", "says order.confirmed.v2 to everybody"):
        assert said in done.stdout
    line = websocket.create_connection(
        f"{deployed.sockets_url(sockets(deployed))}?order_id=1001", timeout=60
    )
    assert httpx.post(f"{client.url}/deliveries/1001/done", timeout=60).status_code == 202
    assert '"DELIVERED"' in line.recv()
    line.close()
    wait_until(lambda: (client.status("1001") or {})["status"] == "DELIVERED")
    assert "AccessDenied" not in logged(deployed.client("logs"))
    assert "Via Roma 1" not in logged(deployed.client("logs"))


@pytest.mark.slow
def test_what_is_deployed_says_what_it_belongs_to(deployed: Place):
    tags = deployed.client("lambda").get_function(FunctionName="kitchen")["Tags"]
    assert (tags["application"], tags["module"]) == ("pizzeria", "kitchen")


@pytest.mark.slow
def test_a_declined_order_ends_with_exit_code_1_and_its_reason(deployed: Place):
    done = pizza("order", "funghi", "--card", "tok_declined", "--watch")
    assert done.exit_code == 1
    assert "FAILED  the card was declined" in done.stdout


@pytest.mark.slow
def test_what_is_not_on_the_menu_is_refused_with_the_nearest(deployed: Place):
    done = pizza("order", "margarita")
    assert done.exit_code == 2
    assert "did you mean" in done.stderr and "“margherita”" in done.stderr


@pytest.mark.slow
def test_ctrl_c_ends_watching_cleanly(deployed: Place, client: Client):
    command = [sys.executable, "-m", "autograder.cli", "order", "diavola", "--number", "1002"]
    watching = subprocess.Popen(
        [*command, "--watch"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=os.environ
    )
    wait_until(lambda: client.status("1002"))
    watching.send_signal(signal.SIGINT)
    said = watching.communicate(timeout=30)[0].decode()
    assert (watching.returncode, said.strip().splitlines()[-1]) == (2, "Stopped.")


@pytest.mark.slow
def test_deployed_again_nothing_changes(deployed: Place):
    pizza("deploy")
    again = pizza("deploy")
    assert again.exit_code == 0
    assert "· kitchen" in again.stdout and "✓" not in again.stdout


@pytest.mark.slow
@pytest.mark.parametrize("saga", ["saga-step-functions", "saga-durable"])
def test_another_saga_takes_over(deployed: Place, client: Client, saga: str):
    if saga == "saga-durable":
        pytest.importorskip("aws_durable_execution_sdk_python", reason="needs Python 3.11")
    try:
        done = pizza("deploy", saga)
        assert done.exit_code == 0, done.output
        assert pizza("order", "marinara", "--number", saga, "--watch").exit_code == 0
        assert "unchanged" in pizza("deploy").stdout
        assert deploying.standing(deployed)["saga"].name == saga
    finally:
        pizza("deploy", "saga-by-hand")


@pytest.mark.slow
def test_every_module_is_removed_and_deployed_alone():
    with localcloud.start() as cloud:
        account = cloud.account()
        place = Place("embedded", account.id, cloud.endpoint_url)
        told: list[str] = []

        def tell(module: modules.Module, what: str, _: float) -> None:
            told.append(f"{module.name} {what}")

        deploying.deploy(place, deploying.planned(place, None), tell)
        with pytest.raises(Problem, match="The others stand on core"):
            deploying.destroy(place, "core", tell)
        everything = deploying.standing(place)
        del everything["core"]
        for module in everything.values():
            told.clear()
            deploying.destroy(place, module.name, tell)
            assert stacks.describe(place, module.stack) is None
            deploying.deploy(place, deploying.planned(place, module.name), tell)
            assert told == [f"{module.name} removed", f"{module.name} created"]
        deploying.destroy(place, None, tell)
        assert deploying.standing(place) == {}
        assert leftovers(account) == []


def leftovers(account: localcloud.Account) -> list[str]:
    """Return what is still there of all that the templates make."""
    found: list[str] = []
    for service, operation, key in (
        ("lambda", "list_functions", "Functions"),
        ("lambda", "list_event_source_mappings", "EventSourceMappings"),
        ("sqs", "list_queues", "QueueUrls"),
        ("dynamodb", "list_tables", "TableNames"),
        ("iam", "list_roles", "Roles"),
        ("logs", "describe_log_groups", "logGroups"),
        ("s3", "list_buckets", "Buckets"),
        ("ssm", "describe_parameters", "Parameters"),
        ("apigatewayv2", "get_apis", "Items"),
        ("cloudwatch", "describe_alarms", "MetricAlarms"),
        ("secretsmanager", "list_secrets", "SecretList"),
        ("stepfunctions", "list_state_machines", "stateMachines"),
    ):
        found += map(str, getattr(account.client(service), operation)().get(key, []))
    return found


def sockets(place: Place) -> str:
    return stacks.outputs(place, "pizzeria-websocket")["SocketsApiId"]
