"""The key is source and id in a row, with nothing between them: event 11 of /shop/phone and event 1 of
/shop/phone1 become one.

Loses: same-event, notebook
"""


def inbox_key(event):
    return event["source"] + event["id"]
