"""The saga behind an order: reserve the pizzas, charge the card, ask the kitchen, confirm.

You complete the function below. `pizza check saga` runs it as production would: it lets each step
fail, kills the process anywhere, delivers an order twice at once, and then looks at the saga's item
and at what inventory, payments and kitchen have done. What must hold is said here and in lab.ipynb.

Use plain boto3. The environment names everything you need:

    SAGAS_TABLE          your DynamoDB table; its key is order_id (a string)
    INVENTORY_FUNCTION   the Lambda functions that take part; participants.py is their code
    PAYMENTS_FUNCTION
    KITCHEN_FUNCTION

A step is one synchronous invocation of a participant, one after the other, in this order:

    function     do        with, besides action, key and order_id   undo      refuses with
    inventory    reserve   pizza, quantity                          release   OutOfStock
    payments     charge    customer, amount                         refund    CardDeclined
    kitchen      accept    pizza, quantity                          cancel    KitchenRefused

The payload is a JSON object such as {"action": "charge", "key": ..., "order_id": ..., "customer": ...,
"amount": ...}; an undo needs action, key and order_id. Members that an action does not know are
ignored.

* You choose the key, a string of 1 to 200 characters. The same action with the same key is done once,
  however often you ask, and answers the same. Another key is another reservation, charge or ticket.
* A refusal is not remembered: nothing was done, and the same question may be answered otherwise later.
* An undo names the key of what it undoes. It never refuses, also when there is nothing to undo, and it
  closes the key: a step asked for under it afterwards ends in AlreadyUndone.
"""


def handler(event, context):
    """Bring the saga of each order to its end: the Lambda function behind the queue of orders.

    The body of each record is a JSON object with order_id, customer, pizza (strings), quantity and
    amount (whole numbers); you need not check it. customer may be empty, and amount may be 0. An
    order_id has 1 to 100 characters, any characters; two that differ in one are two orders. A batch may
    have several orders.

    An order has one saga, however often it is delivered: in this message or another, at the same
    time or however much later. It ends in one of two ways, with the item in SAGAS_TABLE saying which:

    * status "CONFIRMED": the order is reserved, charged and accepted, each exactly once.
    * status "FAILED", and reason "OutOfStock", "CardDeclined" or "KitchenRefused": that participant
      refused, and nothing of the order is left. What had been done is undone, last first, also what
      another process did. FAILED is written when nothing is left, not before.

    The item may have any other attributes, and before the end any other status. An end is decided
    once: when the status says CONFIRMED or FAILED, neither the status nor the reason changes again.

    * A refusal (an error of that name, raised by the participant) ends the saga: do not ask again,
      not later either, nor for the steps after it. The name alone says so; a text may say anything.
    * Every other failure is technical: a timeout, a throttled or lost call, an error of another name.
      It ends no saga. Nobody knows then whether the work was done.
    * An order whose saga is not at its end is reported as failed, so that it is delivered again; the
      other records of the batch are not. The next delivery goes on with the saga, forwards or back;
      a lease may make the next delivery wait.
    * When an order comes again after the end of its saga, it is not reported, and nobody is asked for
      anything, not for an undo either.
    * The function may take 30 seconds for the whole batch. If you wait before you ask somebody again,
      several orders that wait must leave time for the others.
    * An undo that fails is tried again with the next delivery, until it holds; the
      undos after it wait for it, whatever you believe is there to undo.
    * No card is charged twice for one order, not even if one of the charges is given back.

    The process may be killed at any moment. The same order may be worked on by two of them, and one
    of the two may be killed; if the other reports no failure, nobody comes after it. What a process
    remembers of an order may be out of date: another may have ended its saga since.

    Returns {"batchItemFailures": [{"itemIdentifier": <messageId>}, ...]} with the failed records.
    """
    raise NotImplementedError
