"""A correct solution in another style: Powertools' batch processor and Pydantic."""

import os
from typing import Annotated

import boto3
from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)
from botocore.exceptions import ClientError
from pydantic import BaseModel, Field, StrictStr

Name = Annotated[StrictStr, Field(min_length=1)]
processor = BatchProcessor(event_type=EventType.SQS, raise_on_entire_batch_failure=False)


class Visit(BaseModel):
    visit_id: Name
    guest: Name


def store(record):
    visit = Visit.model_validate_json(record.body)
    table = boto3.resource("dynamodb").Table(os.environ["GUEST_BOOK_TABLE"])
    try:
        table.put_item(
            Item=visit.model_dump(), ConditionExpression="attribute_not_exists(visit_id)"
        )
    except ClientError as error:
        if error.response["Error"]["Code"] != "ConditionalCheckFailedException":
            raise


def handler(event, context):
    return process_partial_response(
        event=event, record_handler=store, processor=processor, context=context
    )
