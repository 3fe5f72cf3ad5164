"""In a guarded engine a process reaches its own account with its own token, and nothing else."""

from __future__ import annotations

import http.client
import json

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

import localcloud


@pytest.fixture(scope="module")
def cloud():
    with localcloud.start(guarded=True) as cloud:
        yield cloud


@pytest.fixture
def learner(account):
    """Whoever the learner's process is, and the account it has."""
    return account.caller("learner")


def _client(cloud, key: str, token: str | None, service: str = "sqs"):
    return boto3.client(
        service,
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="test",
        aws_session_token=token,
    )


def _refusal(call, **parameters) -> str:
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]["Code"]


def test_the_right_token_in_its_own_account_is_answered(cloud, account, learner):
    sqs = _client(cloud, account.id, learner.token)
    sqs.create_queue(QueueName="orders")

    assert [(call.caller, call.operation) for call in account.calls] == [("learner", "CreateQueue")]


@pytest.mark.parametrize("token", [None, "", "guessed"])
def test_an_unknown_token_is_refused(cloud, account, token):
    assert _refusal(_client(cloud, account.id, token).list_queues) == "InvalidClientTokenId"
    assert account.calls == []


def test_a_valid_token_is_refused_in_another_account(cloud, account, learner):
    other = cloud.account()

    assert _refusal(_client(cloud, other.id, learner.token).list_queues) == "InvalidClientTokenId"
    assert _refusal(_client(cloud, "test", learner.token).list_queues) == "InvalidClientTokenId"
    assert other.calls == account.calls == []


def test_a_revoked_token_is_refused_from_then_on(learner):
    sqs = learner.client("sqs")
    sqs.list_queues()
    learner.revoke()

    assert _refusal(sqs.list_queues) == "InvalidClientTokenId"


@pytest.mark.parametrize("service", ["sqs", "dynamodb", "s3", "sns", "lambda", "events"])
def test_a_refusal_is_in_the_language_of_each_service(cloud, account, service):
    list_something = {
        "sqs": "list_queues",
        "dynamodb": "list_tables",
        "s3": "list_buckets",
        "sns": "list_topics",
        "lambda": "list_functions",
        "events": "list_rules",
    }[service]

    call = getattr(_client(cloud, account.id, "guessed", service), list_something)

    assert _refusal(call) == "InvalidClientTokenId"


ADMIN = [
    "/_ministack/reset",
    "/_ministack/config",
    "/_aws/sqs/messages",
    "/_localstack/state/reset",
]


@pytest.mark.parametrize("path", ADMIN)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_engines_own_paths_are_hidden(cloud, account, learner, path, method):
    learner.client("sqs").create_queue(QueueName="orders")
    credential = f"AWS4-HMAC-SHA256 Credential={account.id}/20260101/us-east-1/sqs/aws4_request"
    headers = {"authorization": credential, "x-amz-security-token": learner.token}

    for sent in (headers, {}):
        reply = httpx.request(method, cloud.endpoint_url + path, headers=sent, json={})
        assert (reply.status_code, reply.content) == (404, b"")

    assert account.observer.client("sqs").list_queues()["QueueUrls"]


def test_a_request_without_credentials_is_refused(cloud):
    assert httpx.get(cloud.endpoint_url + "/").status_code == 403
    assert httpx.get(cloud.endpoint_url + "/some-bucket/some-key").status_code == 403


def test_the_health_check_is_open_to_all(cloud):
    assert httpx.get(cloud.endpoint_url + "/_localstack/health").status_code == 200


def test_two_credentials_in_one_request_do_not_reach_another_account(cloud, account, learner):
    other = cloud.account()
    other.client("sqs").create_queue(QueueName="secret")
    other.forget_calls()
    scope = "20260101/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=x"

    def answer(*authorizations: str, query: str = "") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=10)
        connection.putrequest("POST", "/" + query)
        for authorization in authorizations:
            connection.putheader("Authorization", authorization)
        connection.putheader("X-Amz-Security-Token", learner.token)
        connection.putheader("X-Amz-Target", "AmazonSQS.ListQueues")
        connection.putheader("Content-Type", "application/x-amz-json-1.0")
        connection.putheader("Content-Length", "2")
        connection.endheaders(b"{}")
        reply = connection.getresponse()
        assert b"secret" not in reply.read()
        connection.close()
        return reply.status

    mine = f"AWS4-HMAC-SHA256 Credential={account.id}/{scope}"
    theirs = f"AWS4-HMAC-SHA256 Credential={other.id}/{scope}"
    assert answer(mine) == 200
    assert answer(theirs, mine) == 403
    in_query = f"?X-Amz-Credential={other.id}%2F20260101%2Fus-east-1%2Fsqs%2Faws4_request"
    assert answer(mine.replace("AWS4-HMAC-SHA256", "Custom"), query=in_query) == 403
    assert other.calls == []


def test_names_of_things_in_another_account_are_refused(cloud, learner):
    other = cloud.account()
    queue = other.client("sqs").create_queue(QueueName="secret")["QueueUrl"]
    other.client("sqs").send_message(QueueUrl=queue, MessageBody="a secret")
    topic = other.client("sns").create_topic(Name="secret")["TopicArn"]
    sqs, sns = learner.client("sqs"), learner.client("sns")
    escaped = {"QueueUrl": queue, "MessageBody": json.dumps({"owner": other.id})}

    assert _refusal(sqs.receive_message, QueueUrl=queue) == "AccessDenied"
    assert _refusal(sqs.send_message, **escaped) == "AccessDenied"
    assert (
        _refusal(sqs.get_queue_url, QueueName="secret", QueueOwnerAWSAccountId=other.id)
        == "AccessDenied"
    )
    assert _refusal(sns.publish, TopicArn=topic, Message="x") == "AccessDenied"


def test_an_account_sees_nothing_of_another(cloud, account):
    other = cloud.account()
    other.client("sqs").create_queue(QueueName="orders")
    other.client("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    other.client("sns").create_topic(Name="orders")
    other.client("s3").create_bucket(Bucket="orders-of-another")

    assert not account.client("sqs").list_queues().get("QueueUrls")
    assert account.client("dynamodb").list_tables()["TableNames"] == []
    assert account.client("sns").list_topics()["Topics"] == []
    assert account.client("s3").list_buckets()["Buckets"] == []


def test_the_control_interface_answers_to_its_token_only(cloud, account):
    control = f"http://127.0.0.1:{cloud._process.control_port}"

    for headers in ({}, {"authorization": "Bearer guessed"}):
        for action in ("account", "calls", "advance", "stop"):
            reply = httpx.post(f"{control}/{action}", json={}, headers=headers)
            assert (reply.status_code, reply.content) == (403, b"")
    assert httpx.post(cloud.endpoint_url + "/account", json={}).status_code == 403
    assert account.calls == []
