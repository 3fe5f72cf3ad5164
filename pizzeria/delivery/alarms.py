"""One-time schedules of EventBridge Scheduler; each deletes itself when it has gone off.

Environment: ``SCHEDULE_GROUP``, ``ALERTS_QUEUE_ARN``, ``SCHEDULER_ROLE_ARN``.
"""

from __future__ import annotations

import os
from datetime import datetime, timezone

from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_with
from pizzeria.common.envelope import to_json, wrap
from pizzeria.delivery.events import SOURCE, DeliveryAlarm


def set_alarm(order_id: str, at: datetime) -> None:
    """Have the alarm for an order put into the alerts queue at a time; set once however often asked."""
    alarm = wrap(DeliveryAlarm(order_id=order_id), source=SOURCE, subject=order_id)
    try:
        client("scheduler").create_schedule(
            GroupName=os.environ["SCHEDULE_GROUP"],
            Name=f"delivery-{order_id}",
            ScheduleExpression=f"at({at.astimezone(timezone.utc):%Y-%m-%dT%H:%M:%S})",
            ScheduleExpressionTimezone="UTC",
            FlexibleTimeWindow={"Mode": "OFF"},
            ActionAfterCompletion="DELETE",
            Target={
                "Arn": os.environ["ALERTS_QUEUE_ARN"],
                "RoleArn": os.environ["SCHEDULER_ROLE_ARN"],
                "Input": to_json(alarm),
            },
        )
    except ClientError as error:
        if not failed_with(error, "ConflictException"):
            raise
