"""Remembers what it places before that is stored. Called again after an error, it takes the order for placed.

Loses: refused
"""

placed = set()
store = place_order


def place_order(order):
    if order["order_id"] not in placed:
        placed.add(order["order_id"])
        store(order)
