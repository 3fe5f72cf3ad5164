"""Webhooks: each change of status is queued for the customer's URL and called from there.

The queue keeps slow and broken servers of others away from everything else here.
Environment: ``WEBHOOKS_QUEUE_URL``; to dispatch also ``WEBHOOK_SECRET_NAME`` (Secrets Manager) and, where our
own servers are to be called, ``WEBHOOK_TRUSTED_HOSTS`` (``name:port``, with commas).
"""

from __future__ import annotations

import os
import time
from typing import Any

from aws_lambda_powertools.utilities.parameters import get_secret
from cloudevents.core.v1.event import CloudEvent

from pizzeria.common import telemetry
from pizzeria.common.aws import client
from pizzeria.common.consuming import consume, logger
from pizzeria.common.envelope import Incoming, to_json, translate, wrap
from pizzeria.notifications import calls, core, outward
from pizzeria.notifications.events import SOURCE, CallCustomer, StatusChanged
from pizzeria.notifications.statuses import changes


class _Call(Incoming):
    url: str
    told: StatusChanged


def enqueue(event: dict[str, Any], context: object) -> None:
    """Queue a call for each change of status of an order that came with a URL."""
    for changed, url in changes(event):
        if url:
            call = CallCustomer(url=url, told=changed)
            # The same change has the same id, however often it is told: so the customer can know it again.
            id = f"{changed.order_id}-{changed.status}"
            message = wrap(call, source=SOURCE, subject=changed.order_id, id=id)
            client("sqs").send_message(
                QueueUrl=os.environ["WEBHOOKS_QUEUE_URL"], MessageBody=to_json(message)
            )
    telemetry.flush()


def dispatch(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Make the calls of a batch from SQS; one that fails comes again, later each time."""
    return consume(event, make_call, relation="child", retry_after_s=core.retry_after_s)


def make_call(message: CloudEvent) -> None:
    """Call a customer's URL; raises calls.NotTaken, or OSError when the host is not to be found."""
    call = translate(message, {CallCustomer.TYPE: _Call.model_validate})
    trusted = os.environ.get("WEBHOOK_TRUSTED_HOSTS", "").split(",")
    try:
        target = outward.target(call.url, calls.resolve, trusted)
    except outward.PointsInward as error:
        logger.warning("webhook refused", reason=str(error))
        return  # for good: it would not point elsewhere the next time
    told = wrap(call.told, source=SOURCE, subject=call.told.order_id, id=message.get_id())
    body, now = to_json(told), int(time.time())
    secret = str(get_secret(os.environ["WEBHOOK_SECRET_NAME"], max_age=300)).encode()
    headers = {
        "content-type": "application/cloudevents+json",
        "webhook-id": message.get_id(),
        "webhook-timestamp": str(now),
        "webhook-signature": core.sign(secret, target.host, message.get_id(), now, body),
    }
    calls.post(target, body, headers)
