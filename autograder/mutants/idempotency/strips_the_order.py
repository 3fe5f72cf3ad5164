"""Blanks around an order_id and a customer’s name are taken for typing errors. They may belong to another
order, and another customer.

Loses: award, notebook
"""

award_as_it_came = award


def award(event_id, order):
    stripped = {name: order[name].strip() for name in ("order_id", "customer")}
    award_as_it_came(event_id, {**order, **stripped})
