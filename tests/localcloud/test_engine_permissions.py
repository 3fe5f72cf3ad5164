"""With IAM enforced, a caller may do what its policy says and nothing else."""

from __future__ import annotations

import json
from datetime import timedelta

import boto3
import httpx
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

import localcloud


@pytest.fixture(scope="module", params=[False, True], ids=["open", "guarded"])
def guarded(request):
    return request.param


@pytest.fixture(scope="module")
def cloud(guarded):
    with localcloud.start(iam=True, guarded=guarded) as cloud:
        yield cloud


@pytest.fixture
def account(cloud):
    return cloud.account()


@pytest.fixture
def bucket(account):
    """A bucket of the account's owner, who may do everything."""
    name = f"cloakroom-{account.id}"
    s3 = account.client("s3", caller="owner")
    s3.create_bucket(Bucket=name)
    for key in ("coats/17", "menu/card"):
        s3.put_object(Bucket=name, Key=key, Body=b"hello")
    return name


def allow(*actions: str, on: str, condition: dict | None = None) -> dict:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": on}
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def reader(account, bucket):
    """A caller who may read what is below coats/."""
    policy = allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/coats/*")
    return account.caller("reader", policy=policy)


def code(call, **parameters) -> str:
    """The error that a call is refused with."""
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]["Code"]


def test_what_the_policy_allows_is_done(account, bucket):
    found = reader(account, bucket).client("s3").get_object(Bucket=bucket, Key="coats/17")

    assert found["Body"].read() == b"hello"
    call = account.calls[-1]
    assert (call.caller, call.operation, call.outcome) == ("reader", "GetObject", "ok")


def test_what_it_does_not_allow_is_refused_and_recorded(account, bucket):
    s3 = reader(account, bucket).client("s3")

    assert code(s3.get_object, Bucket=bucket, Key="menu/card") == "AccessDenied"
    assert code(s3.put_object, Bucket=bucket, Key="coats/17", Body=b"mine") == "AccessDenied"
    assert code(s3.delete_object, Bucket=bucket, Key="coats/17") == "AccessDenied"
    assert code(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert code(s3.head_object, Bucket=bucket, Key="menu/card") == "403"
    assert {call.outcome for call in account.calls if call.caller == "reader"} == {
        "AccessDenied",
        "403",
    }


def test_a_missing_object_looks_forbidden_to_who_may_not_list(account, bucket):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, "Permissions"."""
    s3 = reader(account, bucket).client("s3")

    assert code(s3.get_object, Bucket=bucket, Key="coats/18") == "AccessDenied"
    assert code(s3.head_object, Bucket=bucket, Key="coats/18") == "403"


@pytest.mark.parametrize(
    "more, action",
    [
        ({"Tagging": "kind=coat"}, "s3:PutObjectTagging"),
        ({"ACL": "bucket-owner-full-control"}, "s3:PutObjectAcl"),
        ({"GrantRead": 'uri="http://acs.amazonaws.com/groups/s3/LogDelivery"'}, "s3:PutObjectAcl"),
    ],
)
def test_tags_and_acls_need_permissions_of_their_own(account, bucket, more, action):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html, "Permissions"."""
    account.client("s3", caller="owner").put_bucket_ownership_controls(
        Bucket=bucket, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
    )
    coats = f"arn:aws:s3:::{bucket}/coats/*"
    new = {"Bucket": bucket, "Key": "coats/18"}
    s3 = account.caller("writer", policy=allow("s3:PutObject", on=coats)).client("s3")

    s3.put_object(**new, Body=b"a coat", Metadata={"kind": "coat"})
    assert code(s3.put_object, **new, Body=b"a coat", **more) == "AccessDenied"
    assert code(s3.create_multipart_upload, **new, **more) == "AccessDenied"

    account.caller("writer", policy=allow("s3:PutObject", action, on=coats))
    s3.put_object(**new, Body=b"a coat", **more)
    s3.create_multipart_upload(**new, **more)


def test_a_listing_can_be_bound_to_a_prefix(account, bucket):
    policy = allow(
        "s3:ListBucket",
        on=f"arn:aws:s3:::{bucket}",
        condition={"StringLike": {"s3:prefix": "coats/*"}},
    )
    s3 = account.caller("lister", policy=policy).client("s3")

    listed = s3.list_objects_v2(Bucket=bucket, Prefix="coats/")["Contents"]
    assert [entry["Key"] for entry in listed] == ["coats/17"]
    assert code(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
    assert code(s3.list_objects_v2, Bucket=bucket, Prefix="menu/") == "AccessDenied"


def test_queues_and_tables_are_kept_too(account):
    owner = account.client("sqs", caller="owner")
    urls = [owner.create_queue(QueueName=name)["QueueUrl"] for name in ("orders", "payments")]
    account.client("dynamodb", caller="owner").create_table(
        TableName="packed",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "order_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "order_id", "AttributeType": "S"}],
    )
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sqs:SendMessage",
                "Resource": f"arn:aws:sqs:us-east-1:{account.id}:orders",
            },
            {
                "Effect": "Allow",
                "Action": "dynamodb:PutItem",
                "Resource": f"arn:aws:dynamodb:us-east-1:{account.id}:table/packed",
            },
        ],
    }
    caller = account.caller("orders", policy=policy)
    sqs, dynamodb = caller.client("sqs"), caller.client("dynamodb")

    sqs.send_message(QueueUrl=urls[0], MessageBody="17")
    entries = [{"Id": "1", "MessageBody": "18"}]
    sqs.send_message_batch(QueueUrl=urls[0], Entries=entries)  # the same permission on AWS
    assert code(sqs.send_message, QueueUrl=urls[1], MessageBody="17") == "AccessDenied"
    assert code(sqs.receive_message, QueueUrl=urls[0]) == "AccessDenied"
    put = {"TableName": "packed", "Item": {"order_id": {"S": "17"}}}
    dynamodb.put_item(**put)
    dynamodb.transact_write_items(TransactItems=[{"Put": put}])
    assert code(dynamodb.scan, TableName="packed") == "AccessDeniedException"


def test_a_schedule_belongs_to_its_group(account):
    everything = account.client("scheduler")
    for name in ("deliveries", "others"):
        everything.create_schedule_group(Name=name)
    mine = f"arn:aws:scheduler:us-east-1:{account.id}:schedule/deliveries/*"
    actions = [f"scheduler:{verb}Schedule" for verb in ("Create", "Get", "Delete")]
    scheduler = account.caller("planner", policy=allow(*actions, on=mine)).client("scheduler")
    target = {"Arn": f"arn:aws:sqs:us-east-1:{account.id}:q", "RoleArn": "arn:aws:iam::1:role/r"}
    alarm = {
        "Name": "alarm",
        "ScheduleExpression": "at(2999-01-01T00:00:00)",
        "FlexibleTimeWindow": {"Mode": "OFF"},
        "Target": target,
    }

    scheduler.create_schedule(GroupName="deliveries", **alarm)
    assert code(scheduler.create_schedule, GroupName="others", **alarm) == "AccessDeniedException"
    assert code(scheduler.create_schedule, **alarm) == "AccessDeniedException"
    for call in (scheduler.get_schedule, scheduler.delete_schedule):
        assert code(call, GroupName="others", Name="alarm") == "AccessDeniedException"
        call(GroupName="deliveries", Name="alarm")


def test_a_redrive_is_refused_too(account):
    sqs = account.client("sqs", caller="owner")
    arns = {}
    for name in ("orders-dlq", "orders"):
        url = sqs.create_queue(QueueName=name)["QueueUrl"]
        reply = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        arns[name] = reply["Attributes"]["QueueArn"]
    policy = json.dumps({"deadLetterTargetArn": arns["orders-dlq"], "maxReceiveCount": 3})
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": policy})
    caller = account.caller("orders", policy=allow("sqs:SendMessage", on="*"))

    start = caller.client("sqs").start_message_move_task
    assert code(start, SourceArn=arns["orders-dlq"]) == "AccessDenied"
    sqs.start_message_move_task(SourceArn=arns["orders-dlq"])


def test_a_long_poll_of_a_restricted_caller_waits(account, cloud):
    url = account.client("sqs", caller="owner").create_queue(QueueName="orders")["QueueUrl"]
    caller = account.caller("kitchen", policy=allow("sqs:ReceiveMessage", on="*"))
    before = cloud.clock.now()

    caller.client("sqs").receive_message(QueueUrl=url, WaitTimeSeconds=20)

    assert cloud.clock.now() - before >= timedelta(seconds=20)


def test_a_week_later_the_caller_still_has_its_permissions(account, bucket, cloud):
    s3 = reader(account, bucket).client("s3")

    cloud.clock.advance(timedelta(days=7))

    assert s3.get_object(Bucket=bucket, Key="coats/17")["ContentLength"] == 5
    assert code(s3.get_object, Bucket=bucket, Key="menu/card") == "AccessDenied"


def test_faults_meet_a_restricted_caller(account, bucket):
    caller = reader(account, bucket)
    caller.plan(localcloud.refuse(times=None))
    s3 = caller.client("s3", config=Config(retries={"total_max_attempts": 1}))

    assert code(s3.get_object, Bucket=bucket, Key="coats/17") == "SlowDown"


def test_another_policy_takes_the_place_of_the_first(account, bucket):
    first = reader(account, bucket)
    policy = allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/menu/*")

    second = account.caller("reader", policy=policy)

    assert account.caller("reader") is second
    for caller in (first, second):  # it is the policy of the role that both are
        s3 = caller.client("s3")
        assert s3.get_object(Bucket=bucket, Key="menu/card")["ContentLength"] == 5
        assert code(s3.get_object, Bucket=bucket, Key="coats/17") == "AccessDenied"


def test_the_role_is_there_to_be_looked_at(account, bucket):
    reader(account, bucket)

    iam = account.client("iam", caller="owner")

    assert iam.get_role(RoleName="reader")["Role"]["Arn"].endswith(f"{account.id}:role/reader")
    policy = iam.get_role_policy(RoleName="reader", PolicyName="reader")["PolicyDocument"]
    assert policy["Statement"][0]["Action"] == ["s3:GetObject"]


def test_a_policy_that_is_none_is_refused_in_words(account):
    with pytest.raises(localcloud.EngineError, match="IAM does not take this policy"):
        account.caller("reader", policy={"Statement": [{"Effect": "Perhaps"}]})


def client(cloud, service: str, key: str, token: str | None):
    return boto3.client(
        service,
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key="test",
        aws_session_token=token,
        config=Config(s3={"addressing_style": "path"}),
    )


def test_a_restricted_callers_token_is_good_for_its_own_key_alone(cloud, account, bucket):
    caller = reader(account, bucket)
    parameters = {"Bucket": bucket, "Key": "menu/card"}

    with_owners_key = client(cloud, "s3", account.id, caller.token)
    assert code(with_owners_key.get_object, **parameters) == "InvalidClientTokenId"
    for token in (None, "guessed"):
        with_another_token = client(cloud, "s3", caller.key, token)
        assert code(with_another_token.get_object, **parameters) in (
            "InvalidClientTokenId",  # guarded
            "InvalidAccessKeyId",
            "InvalidToken",
        )


def test_a_request_that_is_not_signed_is_refused(cloud, account, bucket):
    caller = reader(account, bucket)
    credential = f"AWS4-HMAC-SHA256 Credential={caller.key}/20260101/us-east-1/s3/aws4_request"
    headers = {"authorization": credential, "x-amz-security-token": caller.token}

    reply = httpx.get(f"{cloud.endpoint_url}/{bucket}/coats/17", headers=headers)

    assert reply.status_code in (400, 403)


def test_nobody_may_assume_the_role_of_a_caller(account, bucket):
    caller = reader(account, bucket)
    role = f"arn:aws:iam::{account.id}:role/reader"

    for sts in (caller.client("sts"), account.client("sts", caller="owner")):
        assert code(sts.assume_role, RoleArn=role, RoleSessionName="me") == "AccessDenied"


def test_the_sessions_of_an_accounts_own_roles(cloud, account, bucket, guarded):
    """Enforced in an open engine, as a page makes them; in a guarded one their tokens are unknown."""
    iam, sts = (account.client(service, caller="owner") for service in ("iam", "sts"))
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": account.id}, "Action": "sts:AssumeRole"}
        ],
    }
    role = iam.create_role(RoleName="curious", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    policy = allow("s3:GetObject", on=f"arn:aws:s3:::{bucket}/menu/*")
    iam.put_role_policy(RoleName="curious", PolicyName="menu", PolicyDocument=json.dumps(policy))
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="page")["Credentials"]
    s3 = boto3.client(
        "s3",
        endpoint_url=cloud.endpoint_url,
        region_name="us-east-1",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
        config=Config(s3={"addressing_style": "path"}),
    )

    if guarded:
        assert code(s3.get_object, Bucket=bucket, Key="menu/card") == "InvalidClientTokenId"
        return
    assert s3.get_object(Bucket=bucket, Key="menu/card")["ContentLength"] == 5
    assert code(s3.get_object, Bucket=bucket, Key="coats/17") == "AccessDenied"
    last = account.calls[-1]
    assert (last.caller, last.operation, last.outcome) == ("you", "GetObject", "AccessDenied")


def test_who_has_no_policy_may_do_everything(account, bucket):
    s3 = account.client("s3", caller="somebody else")

    assert s3.get_object(Bucket=bucket, Key="menu/card")["ContentLength"] == 5
    s3.delete_object(Bucket=bucket, Key="menu/card")


def test_an_engine_without_iam_says_so():
    with localcloud.start() as cloud:
        assert not cloud.enforces_iam
        with pytest.raises(localcloud.EngineError, match="iam=True"):
            cloud.account().caller("reader", policy=allow("s3:GetObject", on="*"))
