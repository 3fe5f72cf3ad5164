"""The model says that order ids are numbers, as those of all orders so far have been. Order A-17 is reported
and order 0042 becomes order 42.

Loses: redeem, notebook
"""

from pydantic import BaseModel


class Line(BaseModel):
    quantity: int


class Customer(BaseModel):
    address: str


class Order(BaseModel):
    order_id: int
    lines: list[Line]
    customer: Customer | None = None


def parse_order(document):
    order = Order.model_validate_json(document)
    return {
        "order_id": str(order.order_id),
        "pizzas": sum(line.quantity for line in order.lines),
        "deliver_to": order.customer.address if order.customer else "counter",
        "status": "PACKED",
    }
