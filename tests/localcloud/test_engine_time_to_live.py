"""Switching a time to live on twice is refused, as on AWS; a plan for an idempotent set-up needs it so."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def switch(account) -> Any:
    dynamodb = account.client("dynamodb")
    dynamodb.create_table(
        TableName="inbox",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "event_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "event_id", "AttributeType": "S"}],
    )

    def switch(on: bool, attribute: str = "expires_at") -> str:
        """Switch it on or off; return the state it is in, or what DynamoDB says against it."""
        specification = {"Enabled": on, "AttributeName": attribute}
        try:
            dynamodb.update_time_to_live(TableName="inbox", TimeToLiveSpecification=specification)
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ValidationException"
            return str(error.response["Error"]["Message"])
        reply = dynamodb.describe_time_to_live(TableName="inbox")
        return str(reply["TimeToLiveDescription"]["TimeToLiveStatus"])

    return switch


def test_a_time_to_live_is_switched_once(switch):
    assert switch(True) == "ENABLED"
    assert switch(True) == "TimeToLive is already enabled"
    assert switch(False) == "DISABLED"
    assert switch(False) == "TimeToLive is already disabled"
    assert switch(True) == "ENABLED"


def test_one_attribute_at_a_time_decides_on_the_time_to_live(switch):
    switch(True)
    assert "active on a different AttributeName" in switch(True, "forget_after")


def test_a_table_that_is_not_there_has_no_time_to_live(account):
    with pytest.raises(ClientError) as refused:
        account.client("dynamodb").update_time_to_live(
            TableName="nowhere",
            TimeToLiveSpecification={"Enabled": False, "AttributeName": "expires_at"},
        )
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
