"""Lines and customers become dataclasses, which refuse a field that they do not know. The shop writes more
fields into both of them.

Loses: redeem, notebook
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    pizza: str
    quantity: int


@dataclass(frozen=True)
class Customer:
    name: str
    phone: str
    address: str


def parse_order(document):
    order = json.loads(document)
    lines = [Line(**line) for line in order["lines"]]
    customer = Customer(**order["customer"]) if "customer" in order else None
    return {
        "order_id": order["order_id"],
        "pizzas": sum(line.quantity for line in lines),
        "deliver_to": customer.address if customer else "counter",
        "status": "PACKED",
    }
