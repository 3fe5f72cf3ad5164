"""Records of one order are worked off as one, by the first of them. If that is a claim for a coat that is
gone, the good ones fail with it.

Loses: broken, permissions, notebook
"""


def handler(event, context):
    groups = {}
    for record in event["Records"]:
        groups.setdefault(order_id_of(record), []).append(record)
    failures = []
    for records in groups.values():
        try:
            pack(parse_order(document_of(records[0])))
        except Exception as error:
            print(f"{len(records)} records failed: {error}")
            failures += [{"itemIdentifier": record["messageId"]} for record in records]
    return {"batchItemFailures": failures}


def order_id_of(record):
    """The order that a record is about: a document and a claim both say so."""
    try:
        return json.loads(record["body"])["order_id"]
    except Exception:
        return record["messageId"]
