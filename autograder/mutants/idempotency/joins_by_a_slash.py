"""Source and id are joined by a slash, as paths are: event website/1 of /shop and event 1 of /shop/website
become one.

Loses: same-event, notebook
"""


def inbox_key(event):
    return f"{event['source']}/{event['id']}"
