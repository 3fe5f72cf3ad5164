"""Tells everybody who is on the line, from the status table's stream.

Environment: ``CONNECTIONS_TABLE``, ``WEBSOCKET_URL``.
"""

from __future__ import annotations

import os
from typing import Any

from aws_lambda_powertools import Logger
from botocore.exceptions import ClientError

from pizzeria.common.aws import client, failed_with
from pizzeria.notifications import connections
from pizzeria.notifications.statuses import changes

logger = Logger()


def handler(event: dict[str, Any], context: object) -> None:
    """Send each change of status to the connections that want to hear of it."""
    for changed, _ in changes(event):
        for connection in connections.of(changed.order_id):
            _send(connection, changed.model_dump_json(exclude_none=True))


def _send(connection: str, text: str) -> None:
    """Send once. A change that does not arrive is not worth holding up the others: the status is there."""
    line = client("apigatewaymanagementapi", os.environ["WEBSOCKET_URL"])
    try:
        line.post_to_connection(ConnectionId=connection, Data=text.encode())
    except ClientError as error:
        if failed_with(error, "GoneException"):
            connections.remove(connection)
        else:
            logger.warning("not told", error=error.response["Error"]["Code"])
