"""A refusal at the third receive is only logged, so that the dead-letter queue holds nothing but bad
orders. The order was valid; it is neither cooked nor kept.

Loses: refused
"""


def handler(event, context):
    failures = []
    for record in event["Records"]:
        failure = {"itemIdentifier": record["messageId"]}
        try:
            cook(parse_order(record["body"]))
        except ClientError as error:
            too_large = error.response["Error"]["Code"] == "ValidationException"
            if too_large or int(record["attributes"]["ApproximateReceiveCount"]) < 3:
                failures.append(failure)
        except Exception:
            failures.append(failure)
    return {"batchItemFailures": failures}
