"""The cloakroom: order documents that are too large or too private for a queue wait in S3.

The order service calls `send`; the packing station is `handler`, the Lambda function behind the
queue. You complete the three functions below. `pizza check claim_check` runs them as production
would: it kills the process, refuses calls, delivers twice, takes coats away, takes permissions
away, and then looks at the bucket, the queue and the table. What each function must do is said in
its docstring and in lab.ipynb.

Use boto3, and Powertools and Pydantic beside it if you like. The environment names everything you
need, from the import of this module on:

    CLAIMS_BUCKET         the bucket; the cloakroom is what is below coats/ in it
    CLAIMS_QUEUE_URL      the SQS queue between the order service and the packing station
    PACKING_TABLE         the DynamoDB table of packed orders; its key is order_id (a string)
    MESSAGE_LIMIT_BYTES   the largest message the queue takes, in bytes (SQS: 1048576)

Temporary files belong where Python's `tempfile` puts them: /tmp itself is closed while you are
graded. And IAM allows nothing that you do not need:

    send      s3:PutObject below coats/, sqs:SendMessage to the queue
    handler   s3:GetObject below coats/, dynamodb:GetItem, PutItem and UpdateItem on the table
"""


def create_cloakroom(bucket):
    """Create the bucket (in us-east-1), if need be, and see to it that coats do not stay for ever.

    * Objects below coats/ expire 15 days after they were put there: SQS keeps a message for at most
      14. A lifecycle rule does that.
    * The bucket may be there already and have other objects and rules of any kind (all with a Filter,
      some may be disabled) in it, which stay as they are, and so does its versioning. Nothing outside
      coats/ expires because of this, not in coats-archive/ either.
    * Versioning is not needed. If you switch it on in a new bucket, old versions of coats expire, too.
    * Calling this again, also after a call that was killed or refused half-way, is harmless.
    """
    raise NotImplementedError


def send(document, trace_id):
    """Send one order document to the packing station: itself, or a claim for it.

    `document` is a JSON text such as
        {"order_id": "4711", "lines": [{"pizza": "funghi", "quantity": 2}, ...],
         "customer": {"name": ..., "phone": ..., "address": ...}}
    Orders eaten at the counter are without a customer: there is no field `customer`. An order_id is a
    text, not always one of digits ("A-17", "0042"). There may be more fields, of any type, also in the
    lines and in the customer. It may be written in any way that is JSON, but quantities are whole
    numbers, written without a point. `trace_id` is a string.

    Every message has two message attributes, both of type String, and no others:
        kind       "document" or "claim"
        trace_id   the trace id

    * A document without a customer whose message is not larger than MESSAGE_LIMIT_BYTES travels
      itself: the message body is the document, unchanged. The size of a message is that of its body
      plus, for each attribute, those of its name, its type and its value, all in UTF-8 bytes.
    * Any other document is put into the bucket, unchanged, as UTF-8, with a key that begins with
      coats/, and the message body is a claim: a JSON object with exactly the fields
          order_id   as in the document
          key        the object's key
          sha256     the SHA-256 checksum of the object's bytes, as 64 hexadecimal digits
    * No message, and so no key, says anything about the customer, not even three letters of the name,
      nor which orders have the same one. That goes for what SQS itself takes with a message, too: its
      message group and its trace header.
    * At no moment is there a claim whose object is not there. An object without a claim is fine.
    * A claim stays good for 14 days, whatever is sent before or later, also for the same order and by
      another process: its object is not changed and does not expire. So what is sent again is put
      there again.

    When this returns, the message is in the queue. When AWS refuses a call, it raises, and whoever
    called it tries again: a message that arrives twice is fine.
    """
    raise NotImplementedError


def handler(event, context):
    """Pack a batch of orders: the Lambda function behind the queue. Messages are as `send` makes them.

    For each record, get the document, and store in the table PACKING_TABLE an item with at least
        order_id     as in the document
        pizzas       the number of pizzas: the sum of the quantities
        deliver_to   the customer's address, or "counter" if there is no customer
        status       "PACKED"

    * An order that is in the table already stays as it is there, whatever its status is by now,
      whatever somebody has taken out of its item, whatever the document says, and also when two
      workers have the order at once. The record counts as done. If its coat is gone by then, it may be
      reported instead.
    * A record is reported as failed, and nothing stored for it, if
        - the object of its claim is not there, or its bytes do not have the checksum that the claim
          says, whatever its metadata say,
        - its claim is none (no JSON object, key or sha256 missing or no text), or its key does not
          begin with coats/,
        - its kind is missing or unknown,
        - its document is none (no JSON object with order_id and lines; a list, for one, however deeply
          nested),
        - AWS refuses a call or cannot be reached.
      A claim whose order_id is missing, or is another than its document's, may be reported, too, or
      the order of its document is packed. The other records of the batch are not reported, also when
      they are of the same order. SQS delivers a reported record again, and after three receives it is
      in the dead-letter queue: a coat that is gone stays gone, a refused call works the next time, or
      never. No record counts as done that is not.
    * Objects stay in the bucket: the message may be delivered again.

    Returns {"batchItemFailures": [{"itemIdentifier": <messageId>}, ...]} with the failed records.
    """
    raise NotImplementedError
