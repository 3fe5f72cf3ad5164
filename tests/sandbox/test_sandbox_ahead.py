"""Clients are made ahead, and nobody can tell: not by what they do, and not by who has changed one."""

from __future__ import annotations

import pytest

SUBMISSION = """
import os

import boto3
from botocore.config import Config

seen = []


def look(client):
    credentials = client._request_signer._credentials
    config = client.meta.config
    return [
        client.meta.service_model.service_name,
        client.meta.endpoint_url,
        client.meta.region_name,
        credentials.access_key,
        credentials.token,
        config.retries["mode"],
        config.user_agent_extra or "",
    ]


def described():
    return [look(boto3.client("sqs")), look(boto3.resource("dynamodb").meta.client)]


def described_by_a_session_of_its_own():
    session = boto3.session.Session()
    return [look(session.client("sqs")), look(session.resource("dynamodb").meta.client)]


def kinds():
    table = boto3.resource("dynamodb").Table("cooked")
    return [type(boto3.client("sqs")).__name__, type(table).__name__, table.name, callable(table.scan)]


def with_arguments():
    client = boto3.client(
        "sqs", region_name="eu-south-1", endpoint_url="http://127.0.0.1:1", config=Config(
            user_agent_appid="kitchen", retries={"mode": "adaptive"}
        )
    )
    meta = client.meta
    return [meta.region_name, meta.endpoint_url, meta.config.user_agent_appid, meta.config.retries["mode"]]


def after_changing_the_environment():
    os.environ["AWS_ACCESS_KEY_ID"] = "222222222222"
    os.environ["AWS_RETRY_MODE"] = "legacy"
    return look(boto3.client("sqs"))[3:6:2]


def after_registering_a_handler():
    boto3.DEFAULT_SESSION.events.register("before-call.sqs", lambda **kwargs: seen.append(1))
    boto3.client("sqs").list_queues()
    return len(seen)


def after_a_default_config():
    boto3.DEFAULT_SESSION._session.set_default_client_config(Config(user_agent_extra="mine"))
    return look(boto3.client("sqs"))[6]


def many():
    clients = [boto3.client("sqs") for _ in range(5)]
    resources = [boto3.resource("dynamodb").Table("cooked") for _ in range(5)]
    return [len({id(client) for client in clients}), len({id(type(table)) for table in resources})]


def tamper():
    boto3.client("sqs")._endpoint.host = "http://elsewhere"
    boto3.DEFAULT_SESSION._session._credentials.access_key = "stolen"
    boto3.client = None
    type(boto3.resource("dynamodb").Table("cooked")).put_item = None
"""

OWN = {"AWS_SESSION_TOKEN": "first", "AWS_RETRY_MODE": "standard"}


@pytest.fixture(scope="module")
def sandbox(sandbox_of):
    return sandbox_of(SUBMISSION)


@pytest.fixture
def ask(sandbox, endpoint):
    """Ask a cold environment, of this account and with these variables, one thing."""

    def answer(function, **variables):
        environment = sandbox.environment({**endpoint.environ, **OWN, **variables})
        outcome = environment.invoke(function)
        environment.kill()
        assert outcome.kind == "returned", outcome.message
        return outcome.value

    return answer


def test_a_client_made_ahead_is_what_boto3_makes(ask):
    assert ask("described") == ask("described_by_a_session_of_its_own")
    assert ask("kinds") == ["SQS", "dynamodb.Table", "cooked", True]


def test_each_environment_has_its_own_credentials(ask, endpoint):
    for account, token in (("333333333333", "one"), ("444444444444", "two")):
        for found in ask("described", AWS_ACCESS_KEY_ID=account, AWS_SESSION_TOKEN=token):
            assert found[1:5] == [endpoint.environ["AWS_ENDPOINT_URL"], "us-east-1", account, token]


def test_environment_variables_that_differ_are_heeded(ask):
    found = ask("described", AWS_DEFAULT_REGION="eu-south-1", AWS_RETRY_MODE="legacy")
    assert [(client[2], client[5]) for client in found] == [("eu-south-1", "legacy")] * 2


def test_arguments_are_heeded(ask):
    expected = ["eu-south-1", "http://127.0.0.1:1", "kitchen", "adaptive"]
    assert ask("with_arguments") == expected


def test_changes_of_the_environment_before_the_first_client_are_heeded(ask):
    assert ask("after_changing_the_environment") == ["222222222222", "legacy"]


def test_handlers_and_settings_of_the_default_session_are_heeded(ask):
    assert ask("after_registering_a_handler") == 1
    assert ask("after_a_default_config") == "mine"


def test_no_client_is_handed_out_twice(ask):
    assert ask("many") == [5, 5]


def test_what_one_environment_changes_no_other_one_sees(ask):
    before = ask("described")
    ask("tamper")
    assert ask("described") == before
    assert ask("kinds") == ["SQS", "dynamodb.Table", "cooked", True]
