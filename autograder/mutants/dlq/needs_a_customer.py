"""A dataclass looks like a tidy check of the fields. Made with **, it takes these fields and no others:
an order without a customer, or with one field more, is reported.

Loses: cook, notebook
"""

from dataclasses import dataclass


@dataclass
class Order:
    order_id: str
    customer: str
    pizza: str
    quantity: int

    def __post_init__(self):
        if not all(isinstance(text, str) and text for text in (self.order_id, self.pizza)):
            raise ValueError("order_id and pizza must be strings and not empty")
        if type(self.quantity) is not int or self.quantity < 1:
            raise ValueError("quantity must be a whole number of at least 1")


def parse_order(body):
    return vars(Order(**json.loads(body)))
