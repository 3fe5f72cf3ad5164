"""First all coats are fetched, then all orders are stored, and an error of the table is let out: the
whole batch comes back, with the records that were done.

Loses: broken, refused, notebook
"""


def handler(event, context):
    failures, orders = [], []
    for record in event["Records"]:
        try:
            orders.append(parse_order(document_of(record)))
        except Exception:
            failures.append({"itemIdentifier": record["messageId"]})
    for order in orders:
        pack(order)
    return {"batchItemFailures": failures}
