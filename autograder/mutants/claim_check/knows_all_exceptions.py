"""Only exceptions that somebody has thought of are caught. A document that is nested too deep for json raises
another, and so does a key that is no text; the whole batch fails.

Loses: broken, notebook
"""

from botocore.exceptions import BotoCoreError

EXPECTED = (ClientError, BotoCoreError, ValueError, KeyError, TypeError)


def handler(event, context):
    failures = []
    for record in event["Records"]:
        try:
            pack(parse_order(document_of(record)))
        except EXPECTED as error:  # whatever else there is, is a bug of ours and must be seen
            print(f"{record['messageId']} failed: {error}")
            failures.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failures}
