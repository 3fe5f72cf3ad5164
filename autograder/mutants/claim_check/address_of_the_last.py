"""The default of the address stands before the loop instead of in it: an order at the counter is delivered to
the customer before it.

Loses: redeem, broken, notebook
"""


def handler(event, context):
    failures = []
    deliver_to = "counter"
    for record in event["Records"]:
        try:
            document = document_of(record)
            customer = json.loads(document).get("customer")
            if customer:
                deliver_to = customer["address"]
            pack({**parse_order(document), "deliver_to": deliver_to})
        except Exception as error:
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
