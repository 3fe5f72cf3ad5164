"""Envelope and data are read into classes with the example's fields, as an editor makes them of it. An event
without time or total, or with one field more, is reported.

Loses: award, notebook
"""

ENVELOPE = {"specversion", "id", "source", "type", "time", "datacontenttype", "data"}
ORDER = {"order_id", "customer", "pizzas", "total"}
check_values = check


def check(event):
    check_values(event)
    if event.keys() != ENVELOPE or event["data"].keys() != ORDER:
        raise ValueError("the fields are not those of an event about a confirmed order")
