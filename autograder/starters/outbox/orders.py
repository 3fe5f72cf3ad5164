"""The order service: what it stores it tells, and it tells nothing that it has not stored.

You complete the three functions below. `pizza check outbox` runs them as production would: it
kills the process, refuses calls, lets two things happen at once, plays the table's stream to your
handler, and then looks at the table and at what came out of the event bus. What each function must
do is said in its docstring and in lab.ipynb.

Use boto3; Powertools and Pydantic may be used beside it. The environment names everything you need:

    ORDERS_TABLE   the DynamoDB table of orders; its key is order_id (a string), and it has a
                   stream with new and old images that feeds `handler`
    EVENT_BUS      the EventBridge event bus on which the events are published

The two events, as entries of PutEvents: Source is "pizzeria.orders", DetailType is the type, and
Detail is a CloudEvent:

    specversion  "1.0"
    id           a string; another one for every event, the same one when an event is sent again
    source       "pizzeria.orders"
    type         "order.placed.v1" or "order.confirmed.v1"
    subject      the order_id
    time         when the order was placed or confirmed, not when that is published (RFC 3339)
    data         for placed: order_id, customer, pizza and quantity (a number), as they were
                 ordered; for confirmed: order_id

An event is published as it came to be, whatever has become of the order since. For others write to
the table, too, at any moment: they add and change attributes of any type, those of place_order and
the status among them, and remove orders. They may set any status, but nobody sets an order back to
PLACED. The table may hold more than one page of a scan. Your functions may add attributes of their
own to an order that they place, confirm or publish, such as placed_at or a version.
"""


def place_order(order):
    """Store a new order together with the event that tells of it.

    `order` is a dict with order_id, customer, pizza (strings) and quantity (a whole number); it is
    always valid.

    * The order becomes an item of the table ORDERS_TABLE: those four attributes and status
      "PLACED". The same item holds the event "order.placed.v1" in an attribute named outbox. How
      it is laid out in there is up to you: a map, a list, a JSON text.
    * When this returns, both are stored. When they could not be stored, it raises.
    * An order_id that is in the table already stays as it is, whatever its status is by now, and
      no event comes of it: a caller who got no answer calls again, and then it returns. (The number
      of an order that was removed is not used again.)

    It publishes nothing itself. The table holds nothing but orders.
    """
    raise NotImplementedError


def confirm_order(order_id):
    """Change an order from PLACED to CONFIRMED together with the event that tells of it.

    * The item's status becomes "CONFIRMED", and its attribute outbox holds the event
      "order.confirmed.v1". An entry in there that is not published yet must not be lost by that:
      it is still published. Every other attribute of the item stays as it is, also one that
      somebody else writes at the same moment.
    * When this returns, both are stored. When they could not be stored, it raises.
    * An order with any other status than PLACED stays as it is, and no event comes of it, whether
      this returns then or raises.
    * For an order_id that is not in the table, or not any more, it raises an exception and stores
      nothing: also when the order was confirmed before, or is removed while this runs and before it
      is confirmed. (It may also raise because an eventually consistent read missed the order.)
    """
    raise NotImplementedError


def handler(event, context):
    """Publish the events of the outboxes: the Lambda function behind the table's stream.

    Each record of event["Records"] tells of one change of one item, in DynamoDB's JSON, with
    eventName INSERT, MODIFY or REMOVE. A batch has at most 100 records. `context` is Lambda's and
    always given.

    * Every event that was stored is published on EVENT_BUS, and those of one order in the order in
      which they came to be. When nothing fails, and nothing else happens to the order meanwhile, it
      is published once; otherwise it may be published again, with the same id.
    * Once it is published, its entry goes from the outbox: in the end the attribute is absent or
      empty. A newer entry stays, every other attribute stays as it is by then, and an order that
      was removed meanwhile stays removed. (Whether the event of a removed order is still published
      is up to you.)
    * A record without an entry, a removal or a change of something else, causes nothing. One that
      brings no new entry need cause nothing; if an entry still waits in it, that may be published
      again, with the same id.
    * When something of a record could not be done, because a call or an entry was refused, Lambda
      has to deliver it again, with all that come after it, as often as it takes. What comes before
      it in the batch is not published a second time, neither then nor by an attempt of your own.
      What holds for records holds for the entries of one call of put_events, too: one refused entry
      is not the whole call.

    Returns {"batchItemFailures": [{"itemIdentifier": <SequenceNumber>}]} with the first record
    that failed, or {"batchItemFailures": []}.
    """
    raise NotImplementedError
