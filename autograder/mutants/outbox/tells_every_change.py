"""Makes the event from the item's status, whenever the item changes, and looks at no entry at all. Every
note that somebody adds to an order places it once more.

Loses: publish, silence, meanwhile, refused, crash, notebook
"""


def process(record):
    image = record["dynamodb"].get("NewImage")
    if not image or image["status"]["S"] not in ("PLACED", "CONFIRMED"):
        return
    order_id = image["order_id"]["S"]
    data = {"order_id": order_id}
    if image["status"]["S"] == "PLACED":
        data = {
            "order_id": order_id,
            "customer": image["customer"]["S"],
            "pizza": image["pizza"]["S"],
            "quantity": int(image["quantity"]["N"]),
        }
    event_type = f"order.{image['status']['S'].lower()}.v1"
    entry = json.loads(new_entry(event_type, data)["event"])
    publish(json.dumps({**entry, "id": f"{order_id}/{event_type}"}))
    if "outbox" in image:
        clear(order_id, image["outbox"]["M"]["id"]["S"])
