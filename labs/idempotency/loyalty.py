"""Loyalty: a customer earns one point for each pizza of a confirmed order, once.

You complete the two functions below. `pizza check idempotency` runs them as production would: it
delivers events twice, in batches and to two workers at the same moment, kills the process, refuses
calls, moves the clock, and then looks at the tables. What each function must do is said in its
docstring and in lab.ipynb.

Use boto3; you may use Powertools for AWS Lambda and Pydantic, too. The environment names everything
you need:

    INBOX_TABLE    the events that were seen in the last seven days; your create_inbox makes it
    AWARDS_TABLE   what each order earned; its key is order_id (a string)
    POINTS_TABLE   how many points each customer has; its key is customer (a string)

The handler may take 30 seconds. What it reports as failed, or did not finish, is hidden for 30
seconds and then delivered again; what was received five times without success goes to the
dead-letter queue, and its points are lost.
"""


def create_inbox():
    """Create the inbox, the table INBOX_TABLE; harmless when it is there already.

    * Its key is event_id (a string).
    * DynamoDB's time to live (TTL) is on for the attribute expires_at.

    Calling this again, also after a call that was killed half-way or refused, leaves the table so,
    with every entry still in it. When this returns, the table can be used.
    """
    raise NotImplementedError


def handler(event, context):
    """Award the points of a batch of events: the Lambda function behind loyalty's queue.

    The body of each record should be a CloudEvent in JSON, an object with
        specversion   "1.0"
        id, source    strings, not empty; only both together name an event. A source is / and then
                      any row of letters, digits, / and -, such as /shop/website; an id is any text
        type          a string
        data          for the type order.confirmed.v1, an object with
            order_id      a string, not empty: any text
            customer      a string, not empty: any text
            pizzas        a whole number of at least 1 (2, not "2", 2.0 or true)
    Each of these texts has at most 1,000 bytes in UTF-8 (longer ones do not come) and is taken as it
    is: "Zoë", "ZOË" and "Zoë " are three customers. The event and its data may have more fields, of
    any name and size, with values of any kind: time, total, or a customer outside data. Whether they
    are there makes no difference.

    * An order.confirmed.v1 earns its customer as many points as it has pizzas. AWARDS_TABLE gets an
      item with order_id, customer and points (a number). In POINTS_TABLE the number points of the
      customer's item grows by as many, and its other attributes stay; a customer without an item has
      no points yet. The two change together: at no moment is there one without the other.
    * Layer 1, the inbox. An event that earned points leaves exactly one item there: event_id, a string
      made from its source and its id, never the same for two events (the ids e1, E1 and "e1 " are
      three), and expires_at, the time seven days after it earned them (a number: whole seconds
      since 1970), however long the message had waited. For seven days an event with that source and
      that id earns nothing, whatever it carries; once DynamoDB has removed the item, it is an event
      like any other. After a crash this holds once the message was delivered again. (Events that
      earned nothing may have an item too. Nothing else is kept there.)
    * Layer 2, the business rule. An order earns points once, whatever the id, source, age or
      contents of further events about it.
    * An event that earns nothing by one of the two layers counts as done.
    * An event whose type does not begin with "order.confirmed." counts as done and leaves nothing
      behind. (If it is otherwise no such event, it may be reported as well.)
    * A record is reported as failed when it is no such event, when it is another version of
      order.confirmed (such as order.confirmed.v2 or order.confirmed.v1.1), or when its points could
      not be awarded now: AWS refused a call or cancelled a transaction, for whatever reason and
      however often, or another worker has it in hand. The other records of the batch are not: they
      are dealt with all the same. An event that could not be read was not seen: when it comes again,
      mended, it earns its points.

    Returns {"batchItemFailures": [{"itemIdentifier": <messageId>}, ...]} with the failed records.
    """
    raise NotImplementedError
