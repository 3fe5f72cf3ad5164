"""Looks first, at any replica, whether there is something to confirm; the replica has not heard that the order
was removed.

Loses: confirm, notebook
"""

write_confirmation = confirm_order


def confirm_order(order_id):
    item = table.get_item(Key={"order_id": order_id}).get("Item")
    if item is not None and item["status"] != "PLACED":
        return  # it was confirmed before, or has moved on
    write_confirmation(order_id)
