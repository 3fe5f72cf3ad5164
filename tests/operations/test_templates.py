"""What holds for every template, before anything is deployed."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from typing import Any

import pytest

from operations import costs, modules
from operations.engines import Problem
from operations.modules import Module

ALL = list(modules.all_modules().values())
LARGEST_BODY = 51_200  # bytes, https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
ACTIONS_WITHOUT_RESOURCE = {"states:SendTaskSuccess"}


def of_type(module: Module, kind: str) -> dict[str, dict[str, Any]]:
    resources = module.body["Resources"].items()
    return {name: r["Properties"] for name, r in resources if r["Type"] == f"AWS::{kind}"}


@pytest.mark.parametrize("module", ALL, ids=lambda module: module.name)
class TestEveryTemplate:
    def test_is_small_enough_to_be_sent_as_it_is(self, module: Module):
        assert len(module.template.read_bytes()) < LARGEST_BODY

    def test_names_handlers_that_exist(self, module: Module):
        for function in of_type(module, "Lambda::Function").values():
            if "durable" in function["Handler"] and sys.version_info < (3, 11):
                continue
            place, _, name = function["Handler"].rpartition(".")
            assert callable(getattr(importlib.import_module(place), name))

    def test_gives_each_function_a_role_of_its_own_with_named_resources_only(self, module: Module):
        functions = of_type(module, "Lambda::Function")
        roles = of_type(module, "IAM::Role")
        used = [function["Role"].removesuffix(".Arn") for function in functions.values()]
        assert len(set(used)) == len(used)
        for role in roles.values():
            assert "ManagedPolicyArns" not in role
            for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                actions = [actions] if isinstance(actions, str) else actions
                assert not [action for action in actions if "*" in action]
                if statement["Resource"] == "*":
                    assert set(actions) <= ACTIONS_WITHOUT_RESOURCE

    def test_keeps_logs_for_a_time_and_says_who_traces_go_to(self, module: Module):
        for function in of_type(module, "Lambda::Function").values():
            logs = of_type(module, "Logs::LogGroup")[function["LoggingConfig"]["LogGroup"]]
            assert logs["RetentionInDays"] <= 30
            variables = function["Environment"]["Variables"]
            assert "OtlpEndpoint" in variables["OTEL_EXPORTER_OTLP_ENDPOINT"]

    def test_gives_each_queue_dead_letters_and_two_alarms(self, module: Module):
        queues = of_type(module, "SQS::Queue")
        alarms = of_type(module, "CloudWatch::Alarm").values()
        watched = {(a["MetricName"], str(a["Dimensions"][0]["Value"])) for a in alarms}
        for name, queue in queues.items():
            if name.endswith("Dlq"):
                continue
            dead = queue["RedrivePolicy"]["deadLetterTargetArn"].removesuffix(".Arn")
            assert dead in queues
            assert queue["VisibilityTimeout"] == 6 * longest_timeout(module, name)
            assert ("ApproximateNumberOfMessagesVisible", f"{dead}.QueueName") in watched
            assert ("ApproximateAgeOfOldestMessage", f"{name}.QueueName") in watched

    def test_alarms_when_a_stream_is_not_read_on(self, module: Module):
        alarms = of_type(module, "CloudWatch::Alarm").values()
        ages = {a["Dimensions"][0]["Value"] for a in alarms if a["MetricName"] == "IteratorAge"}
        for mapping in of_type(module, "Lambda::EventSourceMapping").values():
            if "StartingPosition" in mapping:
                assert mapping["FunctionName"] in ages


def longest_timeout(module: Module, queue: str) -> int:
    """Return the timeout of the function that reads a queue."""
    functions = of_type(module, "Lambda::Function")
    mappings = of_type(module, "Lambda::EventSourceMapping").values()
    readers = [m["FunctionName"] for m in mappings if m["EventSourceArn"] == f"{queue}.Arn"]
    return max(functions[reader]["Timeout"] for reader in readers)


@pytest.mark.slow
def test_they_pass_cfn_lint():
    pytest.importorskip("cfnlint", reason="cfn-lint is an author's tool: make lint installs it")
    paths = [str(module.template) for module in ALL]
    lint = "from cfnlint.runner import main; main()"
    command = [sys.executable, "-c", lint, "--format", "parseable", *paths]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_a_module_comes_after_what_it_needs():
    one_saga = [m for m in ALL if m.family != "saga"] + [modules.find("saga")]
    there: set[str] = set()
    for wave in modules.waves(one_saga):
        for module in wave:
            assert module.needs <= there
        there |= {module.family for module in wave}
    assert there == {module.family for module in ALL}


def test_every_parameter_that_is_read_is_published_by_the_module_it_names():
    published = {p["Name"] for m in ALL for p in of_type(m, "SSM::Parameter").values()}
    read = {
        parameter["Default"]
        for module in ALL
        for parameter in module.parameters.values()
        if parameter["Type"].startswith("AWS::SSM")
    }
    assert read and read <= published


def test_a_module_alone_brings_what_it_lacks_and_nothing_else():
    courier = modules.find("courier")
    assert {m.name for m in modules.with_needs(courier, set())} == {"courier", "delivery", "core"}
    assert {m.name for m in modules.with_needs(courier, {"core"})} == {"courier", "delivery"}


def test_a_module_that_there_is_none_of_is_answered_with_the_nearest():
    with pytest.raises(Problem, match="“kichen”: did you mean “kitchen”"):
        modules.find("kichen")


def test_all_sagas_share_a_stack_and_its_queues():
    sagas = [module for module in ALL if module.family == "saga"]
    assert len(sagas) == 3
    assert {module.stack for module in sagas} == {"pizzeria-saga"}
    for logical in ("Placed", "Replies"):
        assert len({json.dumps(of_type(m, "SQS::Queue")[logical]) for m in sagas}) == 1


def test_the_price_is_counted_from_the_templates():
    lines, total = costs.idle([modules.find("core")])
    assert lines == ["2 encryption keys: 2.00"]
    assert total == 2.0
