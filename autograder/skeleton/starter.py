"""The guest book: it takes visits from an SQS queue and writes each of them down once.

You complete the function below. `pizza check LAB` runs it as production would. Use plain boto3. The
environment names what you need:

    GUEST_BOOK_TABLE   the DynamoDB table of visits; its key is visit_id (a string)
"""


def handler(event, context):
    """Write down a batch of visits: the Lambda function behind the queue.

    The body of each record should be a JSON object with the texts visit_id and guest, neither empty.

    * A valid visit is stored in the table GUEST_BOOK_TABLE with visit_id and guest.
    * A visit that is in the table already stays as it is there, and the record counts as done.
    * A record that is not a valid visit, or could not be stored, is reported as failed. The other
      records of the batch are not.

    Returns {"batchItemFailures": [{"itemIdentifier": <messageId>}, ...]} with the failed records.
    """
    raise NotImplementedError
