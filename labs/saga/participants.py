"""The three services that take part in the saga: inventory, payments and kitchen.

They are given: read them, but do not change them. Each is a Lambda function of its own with a table
of its own, which nobody else may touch. A request is a JSON object with an action, an order_id and a
key; the same action with the same key is done once, however often it is asked for.
"""

import os

import boto3

dynamodb = boto3.resource("dynamodb").meta.client


class OutOfStock(Exception):
    """Fewer pizzas are left than the order wants."""


class CardDeclined(Exception):
    """The customer's bank says no."""


class KitchenRefused(Exception):
    """The kitchen will not bake this order."""


class AlreadyUndone(Exception):
    """This key was undone; nothing can be done under it any more."""


def inventory(request, context):
    """Reserve pizzas, or release them again."""
    table, entry = os.environ["INVENTORY_TABLE"], entry_of("reservation", request)
    if request["action"] == "reserve":
        details = {"pizza": request["pizza"], "quantity": request["quantity"]}
        taken = change_stock(table, request["pizza"], -request["quantity"])
        if not do(table, entry, request, "RESERVED", details, taken):
            raise OutOfStock(f"not enough {request['pizza']} left")
        return {"status": "RESERVED"}
    if request["action"] == "release":
        undo(table, entry, request, "RESERVED", "RELEASED")
        return {"status": "RELEASED"}
    raise ValueError("inventory can reserve and release")


def payments(request, context):
    """Charge a customer's card, or give the money back."""
    table, entry = os.environ["PAYMENTS_TABLE"], entry_of("charge", request)
    if request["action"] == "charge":
        dear = request["amount"] > int(os.environ["CARD_LIMIT"])
        if dear and not is_done(table, entry, request, "CHARGED"):
            raise CardDeclined(f"the card of {request['customer']} is declined")
        details = {"customer": request["customer"], "amount": request["amount"]}
        do(table, entry, request, "CHARGED", details)
        return {"status": "CHARGED"}
    if request["action"] == "refund":
        undo(table, entry, request, "CHARGED", "REFUNDED")
        return {"status": "REFUNDED"}
    raise ValueError("payments can charge and refund")


def kitchen(request, context):
    """Accept an order for baking, or cancel it."""
    table, entry = os.environ["KITCHEN_TABLE"], entry_of("ticket", request)
    if request["action"] == "accept":
        large = request["quantity"] > int(os.environ["OVEN_SIZE"])
        if large and not is_done(table, entry, request, "ACCEPTED"):
            raise KitchenRefused(f"{request['quantity']} pizzas do not fit into the oven")
        details = {"pizza": request["pizza"], "quantity": request["quantity"]}
        do(table, entry, request, "ACCEPTED", details)
        return {"status": "ACCEPTED"}
    if request["action"] == "cancel":
        undo(table, entry, request, "ACCEPTED", "CANCELLED")
        return {"status": "CANCELLED"}
    raise ValueError("kitchen can accept and cancel")


def entry_of(kind, request):
    """Where it is entered what was done under a key, and undone."""
    if not 1 <= len(request["key"]) <= 200:
        raise ValueError("a key has 1 to 200 characters")
    return f"{kind}/{request['key']}"


def do(table, entry, request, status, details, *changes):
    """Enter what is done, together with its changes; return whether it is entered now."""
    item = {"entry": entry, "order_id": request["order_id"], "status": status, **details}
    put = {"TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(entry)"}
    try:
        dynamodb.transact_write_items(TransactItems=[{"Put": put}, *changes])
        return True
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if "ConditionalCheckFailed" not in reasons:
            raise
    return is_done(table, entry, request, status)


def is_done(table, entry, request, status):
    """Whether this was done under this key before; raises AlreadyUndone if it was undone."""
    found = find(table, entry, request)
    if found and found["status"] != status:
        raise AlreadyUndone(f"{entry} is {found['status']}")
    return found is not None


def undo(table, entry, request, done, undone):
    """Undo what is entered. Where nothing is, enter that nothing may be done any more."""
    found = find(table, entry, request)
    if found and found["status"] == undone:
        return
    update = {
        "TableName": table,
        "Key": {"entry": entry},
        "UpdateExpression": "SET #status = :undone, order_id = :order_id",
        "ConditionExpression": "#status = :done" if found else "attribute_not_exists(entry)",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":undone": undone, ":order_id": request["order_id"]},
    }
    changes = []
    if found:
        update["ExpressionAttributeValues"][":done"] = done
        if done == "RESERVED":
            changes = [change_stock(table, found["pizza"], found["quantity"])]
    dynamodb.transact_write_items(TransactItems=[{"Update": update}, *changes])


def find(table, entry, request):
    """Return the entry, or None; a key belongs to one order."""
    reply = dynamodb.get_item(TableName=table, Key={"entry": entry}, ConsistentRead=True)
    found = reply.get("Item")
    if found and found["order_id"] != request["order_id"]:
        raise ValueError(f"this key belongs to order {found['order_id']}")
    return found


def change_stock(table, pizza, by):
    """A change of the stock that fails when it would fall below zero."""
    update = {
        "TableName": table,
        "Key": {"entry": f"stock/{pizza}"},
        "UpdateExpression": "SET #left = #left + :by",
        "ConditionExpression": "#left >= :needed",
        "ExpressionAttributeNames": {"#left": "left"},
        "ExpressionAttributeValues": {":by": by, ":needed": max(0, -by)},
    }
    return {"Update": update}
