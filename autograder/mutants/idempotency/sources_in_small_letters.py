"""The source is “normalised” to small letters for the key, as if it were a host name: /shop/Phone and
/shop/phone are one.

Loses: same-event, notebook
"""


def inbox_key(event):
    return f"{event['source'].lower()} {event['id']}"
