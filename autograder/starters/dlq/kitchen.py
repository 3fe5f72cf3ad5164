"""The kitchen: it takes orders from an SQS queue and cooks each of them once.

You complete the three functions below. `pizza check dlq` runs them as production would: it
delivers batches, kills the process, refuses calls, moves the clock, and then looks at the queues
and the table. What each function must do is said in its docstring and in lab.ipynb.

Use plain boto3; Powertools and Pydantic are there, too. The environment names everything you need:

    KITCHEN_TABLE   the DynamoDB table of cooked orders; its key is order_id (a string)
"""


def create_queues(prefix):
    """Create the order queue and its dead-letter queue; harmless when they are there already.

    The queues are called "<prefix>-orders" and "<prefix>-orders-dlq".
    * A message that was received three times and never deleted goes to the dead-letter queue.
    * The dead-letter queue keeps messages for 14 days.
    * Receiving from the order queue is a long poll of 20 seconds.

    Calling this again, also after a call that was killed half-way or refused, leaves the queues
    so, with every message still in them. Other queues stay as they are.

    Returns {"queue_url": ..., "dlq_url": ...}.
    """
    raise NotImplementedError


def handler(event, context):
    """Cook a batch of orders: the Lambda function behind the order queue.

    The body of each record should be a JSON object with
        order_id   a string, not empty
        pizza      a string, not empty (both are stored as they came)
        quantity   a whole number of at least 1 (2, not "2", 2.0 or true)
    It may have more fields of any kind, such as customer or a price of 8.5, or none.

    * A valid order is stored in the table KITCHEN_TABLE with its order_id, pizza, quantity (a
      number) and status "COOKED", whatever its other fields say.
    * A valid order whose order_id is in the table already is not cooked again, also when two
      workers have it at the same moment: its item stays as it is, whatever its status is by now
      and whatever else the record says, and the record counts as done.
    * A record that is not a valid order, or could not be stored, is reported as failed. The other
      records of the batch are not.

    Returns {"batchItemFailures": [{"itemIdentifier": <messageId>}, ...]} with the failed records.
    Raising is, to Lambda, a batch of which all records failed.
    """
    raise NotImplementedError


def redrive(dlq_url, queue_url, per_second):
    """Move all messages of the dead-letter queue back to the order queue.

    * At most `per_second` messages (a whole number, 1 to 500) arrive in the order queue in any
      one second, whenever it begins, by the time at which they are sent.
    * Bodies and message attributes arrive unchanged. A body may be any text that SQS takes, also
      a large one; a message may have attributes of any type, or none.
    * No message is ever lost, wherever this is killed, whatever AWS refuses, and also if somebody
      else is looking at it; called again, it moves what is left.
      (A message that arrives twice is no harm: the kitchen cooks an order once.)
    * A receive may return fewer messages than it asks for, although there are more; a short poll
      (with no WaitTimeSeconds) none at all.
    * The moving may go on for a while after this function has returned.
    """
    raise NotImplementedError
