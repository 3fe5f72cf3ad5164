"""What the restaurant costs on AWS while nobody orders: counted from the templates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from operations.modules import Module

# US dollars a month, us-east-1, without the free tier.
# https://aws.amazon.com/kms/pricing/ https://aws.amazon.com/secrets-manager/pricing/
# https://aws.amazon.com/cloudwatch/pricing/ https://aws.amazon.com/sqs/pricing/
_A_MONTH = {
    "AWS::KMS::Key": ("encryption keys", 1.00),
    "AWS::SecretsManager::Secret": ("secrets", 0.40),
    "AWS::CloudWatch::Alarm": ("alarms", 0.10),
    "AWS::Lambda::EventSourceMapping": ("queues and streams that are listened to", 0.26),
}
"""Lambda polls a queue with five long polls of 20 s at a time, 648,000 requests a month, for 0.40 a million.
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html"""


def idle(modules: Iterable[Module]) -> tuple[list[str], float]:
    """Return what costs money in these modules even if nobody orders, and US dollars a month in all."""
    counted = Counter(
        resource["Type"] for module in modules for resource in module.body["Resources"].values()
    )
    lines, total = [], 0.0
    for kind, (name, price) in _A_MONTH.items():
        if number := counted[kind]:
            lines.append(f"{number} {name}: {number * price:.2f}")
            total += number * price
    return lines, total
