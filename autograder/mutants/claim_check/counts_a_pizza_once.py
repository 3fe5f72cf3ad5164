"""Adds up by pizza, in a dict. Of two lines with the same pizza only one counts.

Loses: redeem, broken, duplicates, refused, crash, permissions, notebook
"""


def parse_order(document):
    order = json.loads(document)
    pizzas = {line["pizza"]: line["quantity"] for line in order["lines"]}
    return {
        "order_id": order["order_id"],
        "pizzas": sum(pizzas.values()),
        "deliver_to": order["customer"]["address"] if "customer" in order else "counter",
        "status": "PACKED",
    }
