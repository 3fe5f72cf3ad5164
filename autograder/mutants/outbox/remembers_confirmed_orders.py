"""What this process has confirmed needs no second call; meanwhile the order may be gone.

Loses: confirm, notebook
"""

confirmed = set()
write_confirmation = confirm_order


def confirm_order(order_id):
    if order_id not in confirmed:
        write_confirmation(order_id)
        confirmed.add(order_id)
