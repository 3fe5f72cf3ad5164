"""After three failures in a row the table must be down, and the rest is reported without being tried.

Loses: refused
"""


def handler(event, context):
    failures, in_a_row = [], 0
    for record in event["Records"]:
        try:
            order = parse_order(record["body"])
        except Exception as error:
            print(f"{record['messageId']} is no order: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
            continue
        try:
            if in_a_row >= 3:
                raise RuntimeError("the table is down: no need to ask it again and again")
            cook(order)
            in_a_row = 0
        except Exception as error:
            in_a_row += 1
            print(f"{record['messageId']} is not stored: {type(error).__name__}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
